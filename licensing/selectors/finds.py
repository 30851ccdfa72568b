"""Where works were found: matches of scans whose owners published them. Nobody's private scan is shown or counted."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q, QuerySet

import registry.access
from ingest.models import Match, Scan
from registry.models import Dataset, Work

RELATIONS = ("copy", "partial", "excerpt")  # a quotation is not told: it says nothing about a work's presence
MAX_FINDS, MAX_WORKS = 200, 1_000


@dataclass(frozen=True)
class Find:
    """A work in a release of a public dataset: how much of it, and in which of its documents."""

    dataset: Dataset
    version: str
    scanned_on: Any
    checked_by: str
    relation: str
    coverage_ratio: float
    matches: list[Match]

    @property
    def coverage_percent(self) -> str:
        """How much of the work was found, in per cent with one decimal."""
        return f"{100 * self.coverage_ratio:.1f}"


def public_scans() -> QuerySet[Scan]:
    """Finished scans of public datasets that their owners published, newest first."""
    return Scan.objects.filter(
        is_public=True, state=Scan.State.DONE, release__dataset__visibility=Dataset.Visibility.PUBLIC
    ).order_by("-id")


def public_matches() -> QuerySet[Match]:
    """The matches of those scans that identify a work."""
    return Match.objects.filter(scan__in=public_scans(), relation__in=RELATIONS)


def of_work(work: Work) -> list[Find]:
    """In which public datasets the work was found, the fullest first; one find a release, from its latest scan."""
    rows = (
        public_matches()
        .filter(Q(work=work) | Q(work__merged_into=work))
        .select_related("scan__release__dataset", "scan__organisation", "item")
    )
    by_release: dict[int, list[Match]] = {}
    latest: dict[int, int] = {}
    for match in rows.order_by("-scan_id", "-coverage_work", "id")[:MAX_FINDS]:
        release = match.scan.release_id
        if latest.setdefault(release, match.scan_id) == match.scan_id:
            by_release.setdefault(release, []).append(match)
    found = [_find(matches) for matches in by_release.values()]
    return sorted(found, key=lambda find: (-find.coverage_ratio, find.dataset.name))


def _find(matches: list[Match]) -> Find:
    scan = matches[0].scan
    relation = min((match.relation for match in matches), key=RELATIONS.index)
    coverage = max(match.coverage_work or 0.0 for match in matches)
    return Find(
        scan.release.dataset,
        scan.release.version,
        scan.recorded_at,
        scan.organisation.name,
        relation,
        coverage,
        matches,
    )


def datasets_of(works: QuerySet[Work]) -> list[Dataset]:
    """The public datasets in which any of these works was found."""
    keys = public_matches().filter(work__in=works.values("pk")).values("scan__release__dataset")
    return list(Dataset.objects.filter(pk__in=keys).order_by("name"))


def works_in(dataset: Dataset, scans: Iterable[int] | None = None) -> QuerySet[Work]:
    """The works found in a dataset by published scans, only those everybody may know of, the fullest first."""
    rows = public_matches().filter(scan__release__dataset=dataset)
    if scans is not None:
        rows = rows.filter(scan__in=list(scans))
    ranked = rows.values("work").annotate(best=Max("coverage_work")).order_by("-best")
    found = Work.objects.filter(pk__in=[row["work"] for row in ranked[:MAX_WORKS]])
    return found.filter(registry.access.standing()).prefetch_related("contributions__party")
