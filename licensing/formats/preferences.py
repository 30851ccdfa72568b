"""What the formats of preferences share (robots.txt, aipref, Content-Signal, ai.txt), read and written; pure.

A preference licenses nothing: permissions and offers are left out. Everything else that does not fit is `fitting`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from licensing.formats import sentences
from licensing.formats.crawlers import find
from licensing.formats.fitting import fit, fit_frame
from licensing.formats.labels import REFUSING, USES, lost
from licensing.formats.path_patterns import canonical
from licensing.formats.plain_text import CONTROL
from licensing.formats.policy import Effect, Fault, Policy, Rule
from licensing.formats.robots_file import EVERYBODY, RobotsFile

CONTENT_TYPE = "text/plain; charset=utf-8"
PATH = re.compile(r"[/*$][^\s#\x00-\x1f\x7f-\x9f]*")
NAME = re.compile(r"[A-Za-z0-9_.-]+")
AGAIN = "/rules: what is said of a wider place, or to everybody, stands again in each narrower place and named group"
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


class Spoken(NamedTuple):
    """A value in a group of a robots.txt: where it counts, what it says, where it stands, for which crawlers."""

    path: str
    value: str
    place: str
    meant: Sequence[Agents]


def spoken(file: RobotsFile, field: str, faults: list[Fault]) -> Iterator[Spoken]:
    """The lines of this field, group by group; one that stands outside of any group is for no crawler, a fault."""
    for line in file.outside:
        if line.field == field:
            faults.append(Fault("no_group", f"line {line.number}", f"{line.words[:200]!r} is for no crawler"))
    for group in file.groups:
        meant = [agents for agents, _uses in audiences(group.agents)]
        for line in group.lines:
            if line.field == field:
                path, value = split_path(line.value)
                yield Spoken(canonical(path), value, f"line {line.number}", meant)


def split_path(value: str) -> tuple[str, str]:
    """The path before a value, where the value begins with one; else everywhere."""
    if not value.startswith("/"):
        return "", value
    path, _space, rest = value.replace("\t", " ").partition(" ")
    return path, rest.strip(" ")


def silent(file: RobotsFile, found: Sequence[Rule]) -> tuple[Rule, ...]:
    """A rule that says nothing, for crawlers with a group of their own in which nothing of this format stands.

    Such a crawler reads no other group: the rule hides from it what is said to everybody.
    """
    groups = {id(rule.agents): rule.agents for rule in found}  # thousands of rules share the names of their group
    spoken_to = {agent for agents in groups.values() for agent in agents}
    named = dict.fromkeys(agent for group in file.groups for agent in group.agents if agent)
    others = tuple(agent for agent in named if agent not in spoken_to)
    has_general = any(not rule.agents and rule.effect != Effect.WORDS for rule in found)
    return (Rule(Effect.UNKNOWN, agents=others, words="User-agent"),) if others and has_general else ()


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


Place = tuple[Agents, str]  # crawlers (none: everybody) and path
Placed = tuple[int, Rule]  # number in the policy


def places(rules: Iterable[Placed], also: Iterable[Agents], loss: list[str]) -> dict[Place, list[Placed]]:
    """Rules by the place they are for. A reader takes the longest path of its own group and nothing else: so what is
    said of a wider place stands again in each narrower one, for the uses that are not spoken of there.
    """
    own: dict[Place, list[Placed]] = {}
    for number, rule in rules:
        own.setdefault((tuple(rule.agents), rule.path), []).append((number, rule))
    spoken_to = {agent for agents, _path in own for agent in agents}
    others = (tuple(agent for agent in agents if agent not in spoken_to) for agents in also)
    named = dict.fromkeys([*(agents for agents, _path in own if agents), *(agents for agents in others if agents)])
    wider = [path for agents, path in own if not agents]
    found = {
        place: list(own.get(place, ())) for place in [*own, *((agents, path) for agents in named for path in wider)]
    }
    for place, said in found.items():
        spoken = {use for _number, rule in said for use in rule.uses or USES}
        above = [(other, own[other]) for other in own if other != place and _contains(other, place)]
        for _other, inherited in sorted(above, key=lambda one: (bool(one[0][0]), len(one[0][1])), reverse=True):
            adds = [(number, rule, _left(rule, spoken)) for number, rule in inherited if _left(rule, spoken)]
            said += [(number, replace(rule, uses=uses)) for number, rule, uses in adds]
            spoken |= {use for _number, _rule, uses in adds for use in uses}
            if adds and AGAIN not in loss:
                loss.append(AGAIN)
    return found


def _contains(wider: Place, place: Place) -> bool:
    """Whether a rule for `wider` is meant for `place` too."""
    agents_within = not wider[0] or wider[0] == place[0]
    is_prefix = not wider[1] or (not set(wider[1]) & set("*$") and place[1].startswith(wider[1]))
    return agents_within and is_prefix


def _left(rule: Rule, spoken: set[str]) -> tuple[str, ...]:
    return tuple(use for use in rule.uses or USES if use not in spoken)


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
