"""Policies at random, for round trips: what is written is read back the same, but for what `loss` names."""

import re
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st

from licensing.formats.labels import REFUSING, USES
from licensing.formats.policy import Effect, Payment, Policy, Rule

PURPOSES = ("commercial", "research", "internal_experiment", "education", "government", "personal")
PATHS = (
    "",
    "/a",
    "/a/",
    "/a/b.html",
    "/b/*.pdf",
    "/c$",
    "*.txt",
    "/ü",
    "no-slash",
    "/with space",
    "/x#y",
    "/line\nbreak",
)
AGENTS = ("GPTBot", "CCBot", "OAI-SearchBot", "Foo", "bad name", "")
ADDRESSES = ("", "https://example.org/terms", "not an address", "https://example.org/a?b=1&c=<d>")
WORDS = ("No training of AI models here.", "Sitemap below", "", "All rights reserved\nfor text and data mining")


def subsets(values: Sequence[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    chosen = st.lists(st.sampled_from(values), unique=True, max_size=most)
    return chosen.map(lambda some: tuple(one for one in values if one in some))


payments = st.builds(
    Payment,
    model=st.sampled_from(["", "free", "crawl", "training", "attribution", "contribution", "barter"]),
    amount=st.sampled_from(["", "0.015", "12", "-1", "many"]),
    currency=st.sampled_from(["", "USD", "EUR", "usd"]),
    address=st.sampled_from(ADDRESSES),
    custom=st.sampled_from(ADDRESSES),
    accepts=st.sampled_from(["", "application/x402+json", "ü"]),
)
rules = st.builds(
    Rule,
    effect=st.sampled_from(Effect),
    uses=subsets(USES, 8),
    purposes=st.one_of(st.just(()), subsets(PURPOSES, 6)),
    territory=st.one_of(st.just(()), subsets(("DE", "EU", "US", "EEA", "WORLD", "XX"))),
    valid_from=st.sampled_from(["", "2026-01-01"]),
    valid_to=st.sampled_from(["", "2026-12-31"]),
    path=st.sampled_from(PATHS),
    agents=subsets(AGENTS),
    payment=st.one_of(st.none(), payments),
    duties=subsets(("attribution", "consent", "reporting")),
    policy_address=st.sampled_from(ADDRESSES),
    words=st.sampled_from(WORDS),
    machine_readable=st.booleans(),
)
any_policies = st.builds(
    Policy,
    rules=st.lists(rules, max_size=4).map(tuple),
    target=st.sampled_from(ADDRESSES),
    holder=st.sampled_from(["", "Example & Söhne <Verlag>", "two\nlines", "\x00"]),
    holder_address=st.sampled_from(ADDRESSES),
    contact=st.sampled_from(["", "rights@example.org", "https://example.org/contact", "mailto:a@b.org"]),
    warranties=subsets(("ownership", "authority", "eternal youth")),
    disclaimers=subsets(("as-is", "no-warranty")),
    server=st.sampled_from(["", "https://licences.example.org"]),
)


def fields_lost(loss: Sequence[str]) -> set[str]:
    """Names of the fields of rules that a loss speaks of; "rules" and names of a policy's own too."""
    return {
        part
        for sentence in loss
        for part in re.split(r"[/:]", sentence.split(" ", 1)[0])
        if part and not part.isdigit()
    }


def same(rule: Rule) -> Rule:
    """A rule without what every format says in its own way, and with its lists as tuples."""
    return replace(
        rule,
        words="",
        machine_readable=True,
        uses=() if set(rule.uses) == set(USES) else tuple(use for use in USES if use in rule.uses),
        agents=tuple(rule.agents),
        territory=() if "WORLD" in rule.territory else tuple(rule.territory),  # the whole world is no limit
        duties=tuple(rule.duties),
    )


def refused(rules: Sequence[Rule]) -> set[str]:
    """Uses that are refused somewhere, to somebody."""
    return {use for rule in rules if rule.effect in REFUSING for use in rule.uses or USES}


def granted(rules: Sequence[Rule]) -> set[str]:
    """Uses that are permitted, offered or allowed somewhere, to somebody."""
    return {
        use
        for rule in rules
        if rule.effect not in (*REFUSING, Effect.WORDS, Effect.UNKNOWN)
        for use in rule.uses or USES
    }
