"""Which works of an organisation a notice may be about: those that were found where it may know of it."""

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet

import registry.access
from ingest.models import Match, Scan
from licensing.models import Clearance, Notice
from licensing.selectors.finds import RELATIONS, public_scans
from registry.models import Dataset, Organisation, Release, RightsClaim, Work

MAX_WORKS = 10_000


@dataclass(frozen=True)
class Basis:
    """What a notice rests on: a dataset, one release of it, or the organisation's own check."""

    dataset: Dataset
    release: Release | None = None
    clearance: Clearance | None = None


@dataclass(frozen=True)
class FoundWork:
    """A work with how much of it was found at most, and in how many documents."""

    work: Work
    coverage_ratio: float
    documents: int


def spoken_for(organisation: Organisation) -> QuerySet[Work]:
    """The works that everybody may know of and for which the organisation speaks."""
    claimed = RightsClaim.objects.filter(asserted_by=organisation, withdrawn_at__isnull=True).values("work")
    own = Q(registered_by=organisation) | Q(pk__in=claimed)
    return Work.objects.filter(registry.access.standing() & own)


def known_matches(organisation: Organisation) -> QuerySet[Match]:
    """Matches of published scans and of the organisation's own. Nobody else's private scan is looked at."""
    own = Scan.objects.filter(organisation=organisation, state=Scan.State.DONE)
    scans = Q(scan__in=own) | Q(scan__in=public_scans())
    return Match.objects.filter(scans, relation__in=RELATIONS)


def matches_for(organisation: Organisation, basis: Basis) -> QuerySet[Match]:
    """The matches that a notice on this basis may rest on."""
    rows = known_matches(organisation).filter(scan__release__dataset=basis.dataset)
    if basis.release is not None:
        rows = rows.filter(scan__release=basis.release)
    if basis.clearance is not None:
        rows = rows.filter(scan=basis.clearance.scan, scan__organisation=organisation)
    return rows


def works_for(organisation: Organisation, basis: Basis) -> list[Work]:
    """The organisation's works that were found there, by their titles."""
    keys = matches_for(organisation, basis).values("work")
    return list(spoken_for(organisation).filter(pk__in=keys).order_by("title", "pk")[:MAX_WORKS])


def has_works(organisation: Organisation, basis: Basis) -> bool:
    """Whether any of the organisation's works was found there: without one there is nothing to write about."""
    return matches_for(organisation, basis).filter(work__in=spoken_for(organisation)).exists()


def datasets_for(organisation: Organisation) -> list[Dataset]:
    """The datasets in which works of the organisation were found."""
    rows = known_matches(organisation).filter(work__in=spoken_for(organisation))
    keys = rows.values("scan__release__dataset")
    return list(Dataset.objects.filter(pk__in=keys).order_by("name"))


def found_works(notice: Notice) -> list[FoundWork]:
    """The works of a notice, each with what was found of it on the notice's basis."""
    basis = Basis(notice.dataset, notice.release, notice.clearance)
    works = list(notice.works.order_by("title", "pk").prefetch_related("contributions__party", "identifiers"))
    rows = matches_for(notice.organisation, basis).filter(work__in=works).values("work")
    found = {
        row["work"]: (row["best"] or 0.0, row["documents"])
        for row in rows.annotate(best=Max("coverage_work"), documents=Count("item", distinct=True)).order_by()
    }
    return [FoundWork(work, *found.get(work.pk, (0.0, 0))) for work in works]
