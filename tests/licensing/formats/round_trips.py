"""Random policies, what two policies mean alike, and what one of them may not say that the other does not."""

import re
from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from hypothesis import strategies as st

from licensing.formats.labels import PERMITTING, REFUSING, USES
from licensing.formats.odrl_rules import PURPOSES
from licensing.formats.path_patterns import canonical
from licensing.formats.policy import Effect, Payment, Policy, Rule

ADDRESSES = ("https://press.example/terms.json", "http://press.example/t?a=1&b=%C3%BC", "https://other.example/x#y")
OPEN_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PATHS = ("", "/", "/books/", "/books/*.pdf$", "*.epub", "/b%C3%BCcher/", "/a b/")
SPEAKING = [effect for effect in Effect if effect not in (Effect.WORDS, Effect.UNKNOWN)]


def some(values: Iterable[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(tuple(values)), max_size=3, unique=True).map(tuple)


def mostly(empty: Any, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Empty three times out of four: rules with everything at once are the exception."""
    return st.sampled_from((0, 0, 0, 1)).flatmap(lambda one: strategy if one else st.just(empty))


payments = st.builds(
    Payment,
    model=st.sampled_from(("free", "", "purchase", "subscription", "training", "crawl", "use", "attribution")),
    amount=st.just(""),
    address=st.sampled_from(("", ADDRESSES[0])),
) | st.builds(
    Payment,
    model=st.sampled_from(("crawl", "purchase")),
    amount=st.sampled_from(("12.50", "0", "1000")),
    currency=st.sampled_from(("EUR", "CNY")),
)
rules = st.builds(
    Rule,
    effect=st.sampled_from(SPEAKING),
    uses=st.just(()) | some(USES) | st.sampled_from((USES[:3], USES[:4], USES)),
    purposes=mostly((), some(PURPOSES) | st.just(tuple(one for one in PURPOSES if one != "research"))),
    territory=mostly((), some(("DE", "EU", "US", "WORLD"))),
    valid_from=mostly("", st.sampled_from(("2026-01-01", "2020-02-29"))),
    valid_to=mostly("", st.just("2027-12-31")),
    path=mostly("", st.sampled_from(PATHS)),
    agents=mostly((), some(("GPTBot", "CCBot"))),
    payment=mostly(None, payments),
    duties=mostly((), some(("attribution", "consent", "compensation", "share_alike", "non_commercial", "no_output"))),
    policy_address=st.just("") | st.sampled_from((*ADDRESSES, OPEN_LICENCE)),
    words=mostly("", st.sampled_from(("Ask us first.", "未经许可，不得用于训练。"))),
    machine_readable=st.sampled_from((True, True, True, False)),
)
policies = st.builds(
    Policy,
    rules=st.lists(rules, max_size=4).map(tuple),
    target=mostly("", st.sampled_from(("https://press.example/work/1", "urn:isbn:9780306406157"))),
    holder=mostly("", st.sampled_from(("Example Press", "Verlag: „Ünïcode“ & <Sons>", "作家出版社"))),
    holder_address=mostly("", st.just("https://press.example/")),
    contact=mostly(
        "", st.sampled_from(("rights@press.example", "https://press.example/ask", "tel:+4930123", "By post"))
    ),
)


def meaning(policy: Policy) -> Policy:
    """The policy without the words of its source, in one spelling: order, repetition and completeness mean nothing."""
    merged: dict[Rule, set[str]] = {}
    for rule in policy.rules:
        key = replace(
            rule,
            uses=(),
            purposes=() if set(rule.purposes) == set(PURPOSES) else tuple(sorted(set(rule.purposes))),
            territory=() if "WORLD" in rule.territory else tuple(sorted(set(rule.territory))),
            path=canonical(rule.path),
            agents=tuple(sorted(set(rule.agents))),
            duties=tuple(sorted(set(rule.duties))),
            words="",
        )
        merged.setdefault(key, set()).update(rule.uses or USES)
    said = (replace(key, uses=() if uses == set(USES) else tuple(sorted(uses))) for key, uses in merged.items())
    return replace(
        policy, rules=tuple(said), warranties=tuple(policy.warranties), disclaimers=tuple(policy.disclaimers)
    )


def lost_fields(loss: Iterable[str]) -> dict[int, set[str]]:
    """By rule, the fields that losses point at. Every loss has a pointer; one at a whole rule changes no field."""
    found: dict[int, set[str]] = {}
    for sentence in loss:
        match = re.match(r"/rules(?:/(\d+)(?:/([a-z_]+))?)?: \S|/([a-z_]+): \S", sentence)
        assert match, sentence
        if match.group(2):
            found.setdefault(int(match.group(1)), set()).add(match.group(2))
    return found


def frame_of(policy: Policy) -> dict[str, Any]:
    return {each.name: getattr(policy, each.name) for each in fields(policy) if each.name != "rules"}


def allows(rule: Rule, other: Rule) -> bool:
    """Whether `other` allows at least what `rule` does: no wider in any dimension, and no less asked for."""
    rank = (Effect.OFFER, Effect.PREFER_ALLOW, Effect.PERMIT)

    def within(inner: Iterable[str], outer: Iterable[str], everything: Iterable[str]) -> bool:
        return set(inner or everything) <= set(outer or everything)

    return (
        other.effect in PERMITTING
        and (rule.effect == other.effect or rank.index(rule.effect) < rank.index(other.effect))
        and within(rule.uses, other.uses, USES)
        and (
            rule.effect == Effect.OFFER  # whoever follows it finds the terms
            or (
                within(rule.purposes, other.purposes, PURPOSES)
                and (
                    set(rule.territory) == set(other.territory)
                    or {"WORLD"} & set(other.territory)
                    or not other.territory
                )
                and rule.valid_from == other.valid_from
                and rule.valid_to == other.valid_to
                and canonical(rule.path) == canonical(other.path)
                and set(rule.agents) == set(other.agents)
                and set(other.duties) <= set(rule.duties)
                and (
                    rule.payment == other.payment
                    or other.payment == Payment()
                    or (other.payment == Payment("attribution") and "attribution" in rule.duties)  # said as a duty
                )
            )
        )
    )


def never_looser(written_from: Policy, read_back: Iterable[Policy]) -> bool:
    """Whether everything that the policy read back allows was allowed, and every refusal of it refused something."""
    was = meaning(written_from).rules
    return all(
        any(allows(replace(rule, uses=(use,)), other) for other in was)
        if rule.effect in PERMITTING
        else any(other.effect in REFUSING for other in was)
        for policy in read_back
        for rule in meaning(policy).rules
        for use in rule.uses or USES
    )
