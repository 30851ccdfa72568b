"""What is missing in a clearance as it is now: the verdicts that a licence would help with, and none has helped yet."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from licensing.models import Clearance, ClearanceOutput, OutputChange, Verdict, VerdictChange
from licensing.rules.terms import Verdict as Answer
from licensing.selectors import licence_requests as reads

HELPED_BY_LICENCE = (Answer.NOT_CLEARED, Answer.CONTESTED, Answer.UNKNOWN)


@dataclass(frozen=True)
class Now:
    """A clearance by what is on record now: verdict → works, how many block, how many a licence would help with.

    `output`: what is said of model output in the dataset, `verdict` (None: nothing on record) and `blocks`.
    """

    verdicts: dict[str, int]
    blocking: int
    missing: int
    output: dict[str, Any] | None = None


def is_missing() -> Q:
    """Of verdicts, and of what became of them: not cleared, contested, unknown, or blocking."""
    return Q(verdict__in=[word.value for word in HELPED_BY_LICENCE]) | Q(blocks=True)


def verdicts(rows: QuerySet[Verdict], *, missing: bool = True) -> QuerySet[Verdict]:
    """Of these verdicts those that are missing now, or (`missing` false) those that are not; by their latest change."""
    changes = VerdictChange.objects.filter(clearance__in=rows.order_by().values("clearance"))
    latest = changes.order_by("of_id", "-pk").distinct("of_id").values("pk")
    changed = VerdictChange.objects.filter(pk__in=latest)
    wanted = Q(pk__in=changed.filter(is_missing()).values("of")) | (is_missing() & ~Q(pk__in=changed.values("of")))
    return rows.filter(wanted) if missing else rows.exclude(wanted)


def now(clearance: Clearance) -> Now:
    """How a decided clearance stands."""
    rows = Verdict.objects.filter(clearance=clearance)
    latest: ClearanceOutput | OutputChange | None = (
        OutputChange.objects.filter(clearance=clearance).order_by("pk").last()
    )
    latest = latest or ClearanceOutput.objects.filter(clearance=clearance).first()
    output = {"verdict": latest.verdict or None, "blocks": latest.blocks} if latest else None
    return Now(reads.totals_now(clearance), reads.blocks_now(clearance), verdicts(rows).count(), output)
