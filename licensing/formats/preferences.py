"""What the formats of preferences share (robots.txt, aipref, Content-Signal, ai.txt) when they are written; pure.

A preference licenses nothing: permissions and offers are left out. Everything else that does not fit is `fitting`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from licensing.formats import sentences
from licensing.formats.crawlers import find
from licensing.formats.fitting import fit, fit_frame
from licensing.formats.labels import REFUSING, lost
from licensing.formats.plain_text import CONTROL
from licensing.formats.policy import Effect, Policy, Rule
from licensing.formats.robots_file import EVERYBODY

CONTENT_TYPE = "text/plain; charset=utf-8"
PATH = re.compile(r"[/*$][^\s#\x00-\x1f\x7f-\x9f]*")
NAME = re.compile(r"[A-Za-z0-9_.-]+")
Agents = tuple[str, ...]


def audiences(agents: Iterable[str]) -> Iterator[tuple[Agents, tuple[str, ...]]]:
    """Crawlers of a group by what they collect for, and those uses; the empty name is everybody else: ((), ())."""
    by_use: dict[tuple[str, ...], list[str]] = {}
    for agent in agents:
        known = find(agent) if agent else None
        if not agent:
            yield (), ()
        else:
            by_use.setdefault(known.uses if known else (), []).append(agent)
    for uses, names in by_use.items():
        yield tuple(names), uses


def sayable(rule: Rule, number: int, name: str, loss: list[str], can: Sequence[str] = ("path", "agents")) -> bool:
    """Whether the format `name` says the rule, as a preference; what is lost of it is added to `loss`."""
    if rule.effect in (Effect.PERMIT, Effect.OFFER):
        loss.append(lost(number, "effect", f"{name} states preferences, no licences: {rule.effect} is left out"))
        return False
    is_said, missing = fit(rule, number, name, can)
    loss += missing
    if not is_said or not is_writable(rule, number, loss, can):
        return False
    if rule.effect in REFUSING and rule.effect != Effect.PREFER_DISALLOW:
        loss.append(lost(number, "effect", f"{name} states preferences: {rule.effect} becomes one"))
    if rule.policy_address:
        loss.append(lost(number, "policy_address", f"{name} has no place for an address of terms"))
    return True


def is_writable(rule: Rule, number: int, loss: list[str], can: Sequence[str]) -> bool:
    """Whether path and names can stand in a line: no breaks, no comments, no spaces."""
    path_fits = "path" not in can or not rule.path or bool(PATH.fullmatch(rule.path))
    names_fit = "agents" not in can or all(NAME.fullmatch(name) for name in rule.agents)
    if not path_fits:
        loss.append(lost(number, "path", "the path cannot stand in such a file: the rule is left out"))
    if not names_fit:
        loss.append(lost(number, "agents", "a crawler's name cannot stand in such a file: the rule is left out"))
    return path_fits and names_fit


def comments(policy: Policy, loss: list[str]) -> Iterator[str]:
    """Sentences for people, as comments; they are read back as what they are."""
    for number, rule in enumerate(policy.rules):
        if rule.effect == Effect.WORDS:
            words = " ".join(CONTROL.sub(" ", rule.words).split()).strip("# ")
            if words != rule.words or not sentences.about_rights(words):
                loss.append(lost(number, "words", "the sentence is not read back from a comment as it stands"))
            if words:
                yield f"# {words}\n"


def frame(policy: Policy, name: str) -> list[str]:
    """What is lost around the rules: a file of preferences names neither who speaks nor what about."""
    return fit_frame(policy, name, ())


def groups_text(groups: Mapping[Agents, Sequence[str]], word: str = "User-agent") -> list[str]:
    """Groups of such a file: the crawlers (none: everybody), then their lines."""
    return [
        "".join(f"{word}: {name}\n" for name in agents or (EVERYBODY,)) + "".join(f"{line}\n" for line in lines)
        for agents, lines in groups.items()
        if lines
    ]
