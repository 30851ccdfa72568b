"""From observations to dated statements: reservations, preferences and offers about the works that stand at a place.

What is derived from a place is a function of its observations, whatever their order: it is worked out anew for the
works that are reached, what is new is recorded, what no longer follows is withdrawn, and what stays is left alone. So
the same bytes seen again change nothing. A withdrawn statement still counts for the days before.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from licensing.formats.derivation import OFFER, PREFERENCE, RESERVATION, Derived, timeline
from licensing.formats.path_patterns import path_of
from licensing.formats.places import covers
from licensing.formats.recognition import WELL_KNOWN
from licensing.models import Observation, Offer, Preference, Reservation, Signal, WorkAddress
from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.selectors.heard import HeardAt
from licensing.selectors.signals import OF_SITE
from licensing.services import assertions, dependents
from licensing.services.assertions import Scope
from licensing.services.statements_bulk import root_of
from registry.actors import Actor
from registry.models import Entry, Organisation, RightsClaim, Work
from registry.models.base import new_public_id
from registry.services import copying, log

ENTRY = "signals.recorded"  # the kind of log entry that marks what was derived
MODELS: dict[str, type[Assertion]] = {RESERVATION: Reservation, PREFERENCE: Preference, OFFER: Offer}
MAX_ADDRESS = 500
Key = tuple[object, ...]


@dataclass
class Followed:
    """What changed: new statements and those that follow no longer."""

    recorded: list[Assertion] = field(default_factory=list)
    withdrawn: list[Assertion] = field(default_factory=list)

    def facts(self) -> dict[str, object]:
        """For the log: counts, and Merkle roots over `statement_leaf` of each."""
        return {
            "recorded": len(self.recorded),
            "root": root_of(self.recorded),
            "withdrawn": len(self.withdrawn),
            "withdrawn_root": root_of(self.withdrawn),
        }


def now() -> datetime.datetime:
    """The moment by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime.datetime = cursor.fetchone()[0]
        return moment


@transaction.atomic
def follow_and_log(works: Collection[int], *, actor: Actor) -> Followed:
    """Bring the statements of these works in line with what is observed, with a log entry of its own if any changed."""
    entry = copying.next_key(Entry)
    followed = follow(works, entry=entry)
    if followed.recorded or followed.withdrawn:
        subject = f"observations:{new_public_id()}"
        facts: dict[str, object] = {"observations": 0} | followed.facts()
        log.stage(ENTRY, subject=subject, facts=facts, actor=actor, key=entry)
    return followed


def reached(rows: Sequence[Observation]) -> set[int]:
    """The works (primary keys) that these observations may say something about: those that stand there."""
    found = {row.work_id for row in rows if row.work_id is not None}
    of_site = Signal.objects.filter(observation__address=OuterRef("address"), carrier__in=OF_SITE)
    keys = [row.pk for row in rows if row.host]
    wide = set(Observation.objects.filter(Exists(of_site), pk__any_of=keys).values_list("host", flat=True))
    wide |= {row.host for row in rows if row.host and path_of(row.address) in WELL_KNOWN}
    standing = WorkAddress.objects.filter(withdrawn_at__isnull=True)
    found |= set(standing.filter(host__in=wide).values_list("work_id", flat=True))
    pages = [row.address for row in rows if row.host and row.host not in wide]
    hosts = {row.host for row in rows if row.host not in wide}
    for work, address in standing.filter(host__in=hosts).values_list("work_id", "address"):
        if any(covers(address, page) for page in pages):
            found.add(work)
    return found


@transaction.atomic
def follow(works: Collection[int], *, entry: int) -> Followed:
    """Work out what follows for these works and record the difference; `entry`: the reserved key of the log entry.

    Queries do not grow with the number of works. Works that were merged or withdrawn are left as they are. Answers that
    depend on works about which something else is said now are looked at again.
    """
    rows = Work.objects.select_for_update(no_key=True, of=("self",)).filter(
        pk__any_of=set(works), merged_into__isnull=True, withdrawn_at__isnull=True
    )
    held = {work.pk: work for work in rows.order_by("pk")}
    if not held:
        return Followed()
    speakers = _Speakers(held)
    wanted: dict[Key, Assertion] = {}
    for work, derived, stated in _derive(held, speakers):
        for row in _statements(work, derived, stated, speakers):
            row.entry_id = entry
            wanted.setdefault(_key(row), row)
    standing: dict[Key, Assertion] = {}
    doubled = []
    for model in MODELS.values():
        known = model._default_manager.filter(
            work__any_of=held, entry__kind=ENTRY, withdrawn_at__isnull=True
        ).select_related("work")
        for row in known.order_by("pk"):
            if standing.setdefault(_key(row), row) is not row:
                doubled.append(row)
    gone = doubled + [row for key, row in standing.items() if key not in wanted]
    new = [row for key, row in wanted.items() if key not in standing]
    for model in MODELS.values():
        keys = [row.pk for row in gone if type(row) is model]
        model._default_manager.filter(pk__any_of=keys).update(withdrawn_at=Now())
        copying.create([row for row in new if type(row) is model])
    dependents.after_statements({row.work_id for row in [*new, *gone]})
    return Followed(new, gone)


class _Speakers:
    """Who speaks for the works at hand, in which capacity, and how far that is verified."""

    def __init__(self, works: dict[int, Work]) -> None:
        self._works = works
        self._capacity: dict[tuple[int, int], str] = {}
        claims = RightsClaim.objects.filter(work__any_of=works, withdrawn_at__isnull=True, set_aside_by__isnull=True)
        speaking = sorted({*terms.HOLDER_CAPACITIES, terms.Capacity.PLATFORM})
        for work, organisation, capacity in claims.filter(capacity__in=speaking).values_list(
            "work_id", "asserted_by_id", "capacity"
        ):
            self._capacity.setdefault((work, organisation), capacity)
        self._verification: dict[tuple[int, str], str] = {}

    def speaks(self, work: int, organisation: int | None) -> bool:
        if organisation is None:
            return False
        return self._works[work].registered_by_id == organisation or (work, organisation) in self._capacity

    def columns(self, work: int, organisation: Organisation) -> dict[str, Any]:
        """Who asserts it, as columns."""
        capacity = self._capacity.get((work, organisation.pk), terms.Capacity.PUBLISHER.value)
        key = (organisation.pk, capacity)
        if key not in self._verification:
            self._verification[key] = assertions.first_verification(Scope(capacity=capacity), organisation)
        return {"asserted_by": organisation, "capacity": capacity, "verification": self._verification[key]}


@dataclass(frozen=True)
class _Stated:
    """In whose name something is derived, and since when the work stands there."""

    organisation: Organisation
    since: datetime.date | None = None


def _derive(works: dict[int, Work], speakers: _Speakers) -> Iterable[tuple[Work, list[Derived], _Stated]]:
    """What follows for each work at each of its places."""
    places = WorkAddress.objects.filter(work__any_of=works, withdrawn_at__isnull=True).select_related("stated_by")
    by_work: dict[int, list[WorkAddress]] = defaultdict(list)
    for place in places.order_by("id"):
        if speakers.speaks(place.work_id, place.stated_by_id):
            by_work[place.work_id].append(place)
    heard = HeardAt({place.host for each in by_work.values() for place in each}, works)
    known: dict[Key, list[Derived]] = {}
    for pk, work in works.items():
        own = [one for row, one in heard.of_work.get(pk, []) if speakers.speaks(pk, row.organisation_id)]
        staters = {place.stated_by_id for place in by_work[pk]}
        for place in by_work[pk]:
            address = place.address.removesuffix("*")
            said = [*heard.at(place.address, place.host, staters), *own]
            key: Key = tuple((one.day, one.place, one.sha256, tuple(s.key for s in one.statements)) for one in said)
            if key not in known:
                known[key] = timeline(address, said)
            yield work, known[key], _Stated(place.stated_by, place.since)
        if own and not by_work[pk]:
            speaker = next(row.organisation for row, _ in heard.of_work[pk] if row.organisation is not None)
            yield work, timeline("", own), _Stated(speaker)


def _statements(work: Work, derived: Sequence[Derived], by: _Stated, speakers: _Speakers) -> Iterable[Assertion]:
    for one in derived:
        rule, said = one.said.rule, one.said
        first = max(one.since, by.since) if by.since else one.since
        if one.until is not None and one.until < first:
            continue
        begins, ends = _day(rule.valid_from), _day(rule.valid_to)
        until = min(filter(None, (ends, one.until)), default=None)
        if until is not None and begins is not None and until < begins:
            continue
        address = said.place.partition(" ")[0] if said.place.startswith("http") else ""
        common = {
            "work": work,
            "uses": [use for use in said.uses if use in set(terms.Use)],
            "purposes": [each for each in rule.purposes if each in set(terms.Purpose)],
            "territory": [code for each in rule.territory if (code := terms.find_territory(each))],
            "valid_from": begins,
            "valid_to": until,
            "observed_at": first,
            "source_format": said.format,
            "source_address": address if len(address) <= MAX_ADDRESS else "",
            "source_sha256": one.sha256,
            "statement": rule.words,
            "demo": work.demo,
            **speakers.columns(work.pk, by.organisation),
        }
        yield MODELS[said.kind](**common | _specific(one, address))


def _specific(one: Derived, address: str) -> dict[str, Any]:
    if one.said.kind == RESERVATION:
        return {"machine_readable": True}
    if one.said.kind == PREFERENCE:
        return {"signal": one.said.signal}
    named = one.said.rule.policy_address or address
    return {"terms": _terms(one), "address": named if len(named) <= MAX_ADDRESS else ""}


def _terms(one: Derived) -> str:
    """What is asked in return, as far as the rule says it."""
    rule = one.said.rule
    parts = list(rule.duties)
    if rule.payment is not None:
        price = f"{rule.payment.amount} {rule.payment.currency}".strip()
        parts.append(f"{rule.payment.model} {price}".strip())
    return "; ".join(part for part in parts if part)


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _key(row: Assertion) -> Key:
    """What a derived statement says, about which work, as which bytes show it."""
    names = ["work_id", "asserted_by_id", "valid_from", "valid_to", "observed_at", "source_format"]
    names += ["source_address", "source_sha256", "statement"]
    specific = [getattr(row, name, None) for name in ("machine_readable", "signal", "terms", "address")]
    scope = (tuple(sorted(row.uses)), tuple(sorted(row.purposes)), tuple(sorted(row.territory)))
    return (type(row), *(getattr(row, name) for name in names), *specific, *scope)
