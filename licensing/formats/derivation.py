"""From what was read at places, day by day, to dated statements about the work that stands at an address; pure.

Each day on which something was read, the rules that count for the address are found (`precedence`), and what counts
becomes a statement that runs from the day it was first read until it is read no more. Only rules for everybody become
statements: one that names a crawler binds that crawler. A sentence for people, and what was not understood, never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from licensing.formats.labels import USES
from licensing.formats.policy import Effect, Rule
from licensing.formats.precedence import Asked, Stated, Why, decide

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


def bounded(statements: Sequence[Stated]) -> list[Stated]:
    """The statements without repetitions, MAX_STATEMENTS at most: nobody who means it says more of one place."""
    found: dict[tuple[object, ...], Stated] = {}
    for one in statements:
        key = (one.format, one.carrier, one.source, one.host, one.target, replace(one.rule, words=""))
        found.setdefault(key, one)
        if len(found) >= MAX_STATEMENTS:
            break
    return list(found.values())


def counting(address: str, statements: Sequence[Stated]) -> list[Said]:
    """What counts for everybody at an address, with the uses for which it does."""
    for_everybody = bounded([one for one in statements if not one.rule.agents])
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
