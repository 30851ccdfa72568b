"""From what was read at places, day by day, to dated statements about the work that stands at an address; pure.

Each day on which something was read, the rules that count for the address are found (`precedence`), and what counts
becomes a statement that runs from the day it was first read until it is read no more. Only rules for everybody become
statements: one that names a crawler binds that crawler. A sentence for people, and what was not understood, never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from licensing.formats import rsl_audience
from licensing.formats.labels import REFUSING, USES
from licensing.formats.path_patterns import path_of, weight
from licensing.formats.policy import Effect, Rule
from licensing.formats.precedence import Asked, Stated, Why, covers_place, decide

RESERVATION, PREFERENCE, OFFER = "reservation", "preference", "offer"
KINDS = {
    Effect.RESERVE: (RESERVATION, ""),
    Effect.PROHIBIT: (RESERVATION, ""),
    Effect.PREFER_ALLOW: (PREFERENCE, "allow"),
    Effect.PREFER_DISALLOW: (PREFERENCE, "disallow"),
    Effect.OFFER: (OFFER, ""),
    Effect.PERMIT: (OFFER, ""),  # terms that anybody may take up; nobody has yet
}
MAX_STATEMENTS = 500
NARROWED = (Why.OTHER_PURPOSE, Why.OTHER_TERRITORY)


@dataclass(frozen=True)
class Heard:
    """One reading of one place on one day: the statements that were in it, none where it said nothing."""

    day: date
    place: str
    sha256: str
    statements: tuple[Stated, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a statement says, whenever it is said."""

    kind: str
    signal: str
    uses: tuple[str, ...]  # empty: all
    rule: Rule
    format: str
    place: str


@dataclass(frozen=True)
class Derived:
    """A dated statement: said from `since` on, as the bytes `sha256` show, until `until` (none: still)."""

    said: Said
    since: date
    until: date | None
    sha256: str


def timeline(address: str, heard: Sequence[Heard]) -> list[Derived]:
    """The statements about what stands at `address`, from all readings that are about it, in whatever order."""
    standing: dict[str, Heard] = {}
    running: dict[Said, Derived] = {}
    ended: list[Derived] = []
    days = sorted({one.day for one in heard})
    by_day = {day: [one for one in heard if one.day == day] for day in days}
    for day in days:
        standing.update({one.place: one for one in by_day[day]})  # the last reading of a day is what counts of it
        now = counting(address, [one for reading in standing.values() for one in reading.statements])
        for said in [one for one in running if one not in now]:
            ended.append(replace(running.pop(said), until=day - timedelta(days=1)))
        for said in now:
            if said not in running:
                running[said] = Derived(said, day, None, standing[said.place].sha256)
    return [*ended, *running.values()]


def bounded(statements: Sequence[Stated], limit: int = MAX_STATEMENTS) -> list[Stated]:
    """Of statements about one place at most `limit`, and never one refusal less: nobody who means it says more.

    Repetitions go first. Then refusals of the same scope, which differ only in their pattern, are represented by the
    first and the most specific one; where that is not enough, all refusals of one format by one without uses, purposes,
    territory or days, and no permission beside it: refused is then more than was said, and nothing less. Permissions
    have the room that is left.
    """
    found: dict[tuple[object, ...], Stated] = {}
    for one in statements:
        key = (one.format, one.carrier, one.source, one.host, one.target, replace(one.rule, words=""))
        found.setdefault(key, one)
    distinct = list(found.values())
    if len(distinct) <= limit:
        return distinct
    refusals = [one for one in distinct if one.rule.effect in REFUSING]
    if len(refusals) > limit:
        refusals = _represented(refusals)
    if len(refusals) > limit:
        return _widened(refusals)
    kept = {one.key: one for one in refusals}
    for one in [one for one in distinct if one.rule.effect not in REFUSING][: limit - len(kept)]:
        kept[one.key] = one
    return [kept[one.key] for one in distinct if one.key in kept]


def _represented(refusals: Sequence[Stated]) -> list[Stated]:
    """Of refusals with the same scope the first, which decides where order does, and the most specific one."""
    first: dict[tuple[object, ...], Stated] = {}
    narrowest: dict[tuple[object, ...], Stated] = {}
    for one in refusals:
        key = (one.format, one.carrier, one.source, one.host, replace(one.rule, words="", path=""))
        first.setdefault(key, one)
        if key not in narrowest or _weight(one) > _weight(narrowest[key]):
            narrowest[key] = one
    return list({one.key: one for one in (*first.values(), *narrowest.values())}.values())


def _weight(stated: Stated) -> int:
    return weight(stated.rule.path or stated.target)


def _widened(refusals: Sequence[Stated]) -> list[Stated]:
    """Of each format, carrier and effect one refusal of everything that is refused there."""
    found: dict[tuple[object, ...], Stated] = {}
    for one in sorted(refusals, key=_weight, reverse=True):
        everything = replace(one.rule, uses=(), purposes=(), territory=(), valid_from="", valid_to="")
        found.setdefault((one.format, one.carrier, one.rule.effect), replace(one, rule=everything))
    return list(found.values())


def counting(address: str, statements: Sequence[Stated]) -> list[Said]:
    """What counts for everybody at an address, with the uses for which it does."""
    path = path_of(address)
    of_all = [one for one in rsl_audience.of_statements(statements) if not one.rule.agents]
    here = [one for one in of_all if covers_place(one, address, path)]
    for_everybody = bounded(here)
    by_key = {one.key: one for one in for_everybody}
    uses: dict[str, list[str]] = {}
    for use in USES:
        answer = decide(Asked(address, use=use), for_everybody)
        keys = [key for outcome in answer.outcomes if outcome.why != Why.NOT_LISTED for key in outcome.keys]
        keys += [one.key for one in answer.rulings if one.why in NARROWED and _speaks_of(by_key[one.key].rule, use)]
        for key in dict.fromkeys(keys):
            uses.setdefault(key, []).append(use)
    found = [_said(by_key[key], of) for key, of in uses.items()]
    return list(dict.fromkeys(one for one in found if one is not None))


def _speaks_of(rule: Rule, use: str) -> bool:
    return not rule.uses or use in rule.uses


def _said(stated: Stated, uses: Sequence[str]) -> Said | None:
    if stated.rule.effect not in KINDS:
        return None
    kind, signal = KINDS[stated.rule.effect]
    all_uses = len(uses) == len(USES)
    return Said(kind, signal, () if all_uses else tuple(uses), stated.rule, stated.format, stated.source)
