"""Which works are disputed: exclusive claims of unrelated parties that overlap in right, territory and period."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from django.db.models import Count, Prefetch, QuerySet

from licensing.rules import disputes as rules
from licensing.rules.facts import AiRights, Assertion, Kind
from licensing.rules.terms import Capacity, Scope
from licensing.selectors import settled
from registry.models import ClaimDecision, CounterSignature, RightsClaim, Work


@dataclass(frozen=True)
class Rivals:
    """Two claims that exclude each other. `ended` is the first day on which they no longer do; None: they still do."""

    one: RightsClaim
    other: RightsClaim
    ended: datetime.date | None


@dataclass(frozen=True)
class Dispute:
    """The rival claims to one work, and how they were settled if they were."""

    work: Work
    rivals: list[Rivals]
    decisions: list[ClaimDecision]

    @property
    def is_open(self) -> bool:
        return any(pair.ended is None for pair in self.rivals)

    @property
    def claims(self) -> list[RightsClaim]:
        """Every claim that a rival excludes, in the order in which they were made."""
        found = {claim.pk: claim for pair in self.rivals for claim in (pair.one, pair.other)}
        return sorted(found.values(), key=lambda claim: claim.pk)

    @property
    def open_claims(self) -> list[RightsClaim]:
        """Those that still stand against each other."""
        found = {claim.pk: claim for pair in self.rivals if pair.ended is None for claim in (pair.one, pair.other)}
        return sorted(found.values(), key=lambda claim: claim.pk)


def with_standing(claims: QuerySet[RightsClaim]) -> QuerySet[RightsClaim]:
    """Claims with everything read that tells whether they stand, and whom they are related to."""
    signatures = CounterSignature.objects.filter(withdrawn_at__isnull=True).select_related("organisation")
    return claims.select_related("holder", "asserted_by", "work").prefetch_related(
        "set_aside_by", Prefetch("counter_signatures", signatures)
    )


def of_works(works: Iterable[Work], on: datetime.date) -> dict[int, Dispute]:
    """Work pk → its dispute, open on the day `on` or settled before; works without rival claims are left out."""
    by_pk = {work.pk: work for work in works}
    rows = RightsClaim.objects.filter(work__in=by_pk, exclusive=True).order_by("pk")
    claims: dict[int, list[RightsClaim]] = {}
    for claim in with_standing(rows):
        claims.setdefault(claim.work_id, []).append(claim)
    decisions: dict[int, list[ClaimDecision]] = {}
    decided = ClaimDecision.objects.filter(work__in=by_pk).prefetch_related(
        "upheld__holder", "upheld__asserted_by", "set_aside__holder", "set_aside__asserted_by", "confirmed_by"
    )
    for decision in decided.select_related("proposed_by"):
        decisions.setdefault(decision.work_id, []).append(decision)
    found = {}
    for pk, rows_of_work in claims.items():
        if rivals := find_rivals(rows_of_work, on):
            found[pk] = Dispute(by_pk[pk], rivals, decisions.get(pk, []))
    return found


def of_work(work: Work, on: datetime.date) -> Dispute | None:
    """The dispute about one work, open or settled; None where no claims exclude each other."""
    return of_works([work], on).get(work.pk)


def find_rivals(claims: Sequence[RightsClaim], on: datetime.date) -> list[Rivals]:
    """The pairs that exclude each other by their own words, with the day on which that ended before or on `on`."""
    pairs = []
    for one, other in combinations(claims, 2):
        if not rules.are_rivals(as_stated(one), as_stated(other)):
            continue
        ends = [end for claim in (one, other) if (end := last_day(claim)) is not None and end < on]
        pairs.append(Rivals(one, other, min(ends) + settled.ONE_DAY if ends else None))
    return pairs


def candidates(works: QuerySet[Work]) -> QuerySet[Work]:
    """The works that several organisations claim for themselves alone: those of them that are disputed are here."""
    rival: QuerySet[Any] = (
        RightsClaim.objects.filter(exclusive=True, withdrawn_at__isnull=True)
        .order_by()
        .values("work")
        .annotate(speakers=Count("asserted_by", distinct=True))
        .filter(speakers__gte=2)
        .values("work")
    )
    return works.filter(pk__in=rival)


def as_stated(claim: RightsClaim) -> Assertion:
    """A claim as the rules read it, by its own words: what ended it afterwards is left out."""
    return Assertion(
        id=claim.public_id,
        kind=Kind.OWNERSHIP,
        asserted_by=f"org:{claim.asserted_by.slug}",
        capacity=Capacity(claim.capacity),
        scope=Scope(
            territory=tuple(claim.territory) or None,
            valid_from=claim.valid_from,
            valid_to=claim.valid_to,
        ),
        exclusive=claim.exclusive,
        ai_rights=AiRights(claim.ai_rights),
        related=related(claim),
    )


def related(claim: RightsClaim) -> tuple[str, ...]:
    """Those who counter-signed a claim do not contradict it."""
    standing = [row for row in claim.counter_signatures.all() if row.withdrawn_at is None]
    return tuple(sorted({f"org:{row.organisation.slug}" for row in standing}))


def last_day(claim: RightsClaim) -> datetime.date | None:
    """The last day on which the claim counts: of its own term, before its withdrawal, before a decision."""
    days = [claim.valid_to] if claim.valid_to else []
    if claim.withdrawn_at is not None:
        days.append(claim.withdrawn_at.date() - settled.ONE_DAY)
    if (set_aside := settled.set_aside_on(claim)) is not None:
        days.append(set_aside - settled.ONE_DAY)
    return min(days) if days else None
