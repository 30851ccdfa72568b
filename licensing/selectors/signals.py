"""What machines said for a work on a date: one query, then precedence in Python."""

import datetime
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from licensing.formats import rsl_audience
from licensing.formats.derivation import bounded
from licensing.formats.path_patterns import host_of
from licensing.formats.places import concerned, covers
from licensing.formats.policy import Effect, Rule
from licensing.formats.policy_json import parse_rule
from licensing.formats.precedence import Answer, Asked, Stated, decide
from licensing.formats.recognition import WELL_KNOWN
from licensing.models import Signal, WorkAddress
from licensing.rules import terms
from registry.models import Organisation, Work

OF_SITE = ("robots", "file")  # carriers that speak for a host, pattern by pattern; the others speak of one page
OTHER_PLACE = "it speaks of other places"
READ = "(o.status IS NULL OR o.status BETWEEN 200 AND 299 OR o.status IN (404, 410))"
SAID = f"""
WITH places AS (
  SELECT DISTINCT address, host, stated_by_id FROM licensing_workaddress
  WHERE work_id = %(work)s AND (withdrawn_at IS NULL OR (withdrawn_at AT TIME ZONE 'UTC')::date > %(on)s)
    AND (since IS NULL OR since <= %(on)s)
), latest AS (
  SELECT DISTINCT ON (o.address, o.file_name, o.work_id) o.*
  FROM licensing_observation o
  WHERE o.observed_at <= %(end)s AND {READ} AND (o.work_id IS NULL OR o.work_id = %(work)s)
    AND (o.origin = 'fetch' OR o.organisation_id = %(asking)s OR o.work_id = %(work)s
      OR o.organisation_id IN (SELECT stated_by_id FROM places WHERE places.host = o.host))
    AND (o.work_id = %(work)s OR EXISTS (
      SELECT 1 FROM places WHERE places.host = o.host AND (
        split_part(places.address, '://', 2) = split_part(o.address, '://', 2) OR (right(places.address, 1) = '*'
          AND starts_with(split_part(o.address, '://', 2), split_part(left(places.address, -1), '://', 2)))
        OR substring(o.address FROM '^https?://[^/]+(/.*)$') = ANY(%(well_known)s)
        OR EXISTS (SELECT 1 FROM licensing_observation other JOIN licensing_signal said
          ON said.observation_id = other.id WHERE other.host = o.host AND other.address = o.address
          AND said.carrier = ANY(%(of_site)s)))))
  ORDER BY o.address, o.file_name, o.work_id, o.observed_at DESC, o.id DESC
)
SELECT (SELECT array_agg(DISTINCT address) FROM places), o.public_id, o.address, o.file_name, o.observed_at,
  o.content_sha256, o.origin, s.id, s.format, s.format_version, s.carrier, s.host, s.says, s.words,
  s.machine_readable, s.policy_address, s.rule
FROM (VALUES (1)) AS one (row) LEFT JOIN (latest o LEFT JOIN licensing_signal s ON s.observation_id = o.id) ON true
ORDER BY o.address, s.id
"""  # noqa: S608 (nothing in it comes from outside)


@dataclass(frozen=True)
class SaidRow:
    """One rule as it stood on the day, with the reading that shows it."""

    key: str
    observation: str
    address: str
    file_name: str
    observed_at: datetime.datetime
    sha256: str
    origin: str
    format: str
    format_version: str
    carrier: str
    says: str
    words: str
    machine_readable: bool
    policy_address: str
    stated: Stated
    counts: bool = False
    why: str = ""


@dataclass(frozen=True)
class SaidThen:
    """What was said for a work on a day: where it stands, each rule, and the answer for each of its addresses."""

    on: datetime.date
    places: tuple[str, ...]
    rows: tuple[SaidRow, ...]
    readings: int  # of places that said something or nothing, on that day or before
    answers: dict[str, Answer] = field(default_factory=dict)


def said(
    work: Work,
    on: datetime.date,
    *,
    use: str = "",
    agent: str = "",
    purpose: str = "",
    territory: str = "",
    asking: Organisation | None = None,
) -> SaidThen:
    """The answer, in one query. Counted is what the registry fetched, what who speaks for the work handed in, and what
    the asking organisation read itself."""
    end = datetime.datetime.combine(on, datetime.time.max, datetime.UTC)  # no day follows 9999-12-31
    values: dict[str, Any] = {
        "work": work.pk,
        "on": on,
        "end": end,
        "asking": asking.pk if asking else None,
        "well_known": list(WELL_KNOWN),
        "of_site": list(OF_SITE),
    }
    with connection.cursor() as cursor:
        cursor.execute(SAID, values)
        found = cursor.fetchall()
    places = tuple(sorted(found[0][0] or []))
    rows = [_row(each[1:]) for each in found if each[7] is not None]
    readings = len({each[1] for each in found if each[1] is not None})
    answers = {}
    for place in places or ("",):
        asked = Asked(
            place.removesuffix("*"),
            use,
            agent,
            purpose,
            territory,
            within=terms.containing(territory) if territory else (),
            parts=sorted(terms.members(territory)) if territory else (),
            on=on.isoformat(),
        )
        about = [row.stated for row in rows if _is_about(row, place)]
        answers[place] = decide(asked, bounded(rsl_audience.of_statements(about)))
    return SaidThen(on, places, tuple(_ruled(row, answers) for row in rows), readings, answers)


def _is_about(row: SaidRow, place: str) -> bool:
    address = place.removesuffix("*")
    stated = row.stated
    return concerns(stated, row.address, place) and concerned(stated.rule.path, stated.target, address)


def concerns(stated: Stated, read_at: str, place: str) -> bool:
    """Whether what was read at an address may be about the work at `place`; patterns are for precedence to judge.

    What a page says is about what stands there. A policy in a file of its own is about what it names.
    """
    if not read_at:
        return True
    if stated.carrier in OF_SITE:
        speaks_by_pattern = stated.format not in ("odrl", "cawg", "onix", "text")
        return host_of(read_at) == host_of(place) and (speaks_by_pattern or bool(stated.target))
    if not place:
        return False
    return covers(place, read_at)


def stated_of(signal: int, kind: str, place: tuple[str, str, str], rule: dict[str, Any]) -> Stated:
    """A stored signal as precedence reads it; `place`: its carrier, host and source."""
    try:
        read = parse_rule(rule)
    except (ValueError, TypeError, KeyError):
        read = Rule(Effect.UNKNOWN)
    return Stated(str(signal), kind, read, *place, str(rule.get("target", "")))


def _row(row: Sequence[Any]) -> SaidRow:
    observation, address, file_name, observed_at, sha256, origin, key, kind, version, carrier, host, *rest = row
    says, words, machine_readable, policy_address, rule = rest
    rule = rule if isinstance(rule, dict) else _json(rule)
    source = f"{address} {file_name}".strip()
    stated = stated_of(key, kind, (carrier, source, host), rule)
    head = (str(key), observation, address, file_name, observed_at, sha256, origin, kind, version, carrier)
    return SaidRow(*head, says, words, machine_readable, policy_address, stated)


def _json(text: str) -> dict[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}


def _ruled(row: SaidRow, answers: dict[str, Answer]) -> SaidRow:
    """The row with whether it counts for any of the work's addresses, and why."""
    rulings = [each for answer in answers.values() for each in answer.rulings if each.key == row.key]
    best = next((each for each in rulings if each.counts), rulings[0] if rulings else None)
    return replace(row, counts=bool(best and best.counts), why=best.sentence if best else OTHER_PLACE)


def addresses(work: Work) -> QuerySet[WorkAddress]:
    """Where the work stands on the web, as those who speak for it say."""
    return WorkAddress.objects.filter(work=work, withdrawn_at__isnull=True).select_related("stated_by")


def signals_of(observation: Any) -> QuerySet[Signal]:
    """The rules of an observation in the order of its source."""
    return Signal.objects.filter(observation=observation).order_by("id")
