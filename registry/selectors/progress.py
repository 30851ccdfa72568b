"""How far a job is, its children counted in: for the job's page, the API and the waiting commands."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone

from registry.models import Job

ETA_FROM_SHARE = 0.05


@dataclass(frozen=True)
class Progress:
    """`rate` in units a second; `eta_seconds` once a twentieth is done."""

    stage: str
    done: int
    total: int | None
    rate: float | None
    eta_seconds: int | None
    ended: bool

    @property
    def percent(self) -> int | None:
        return min(100, 100 * self.done // self.total) if self.total else None


def of(job: Job) -> Progress:
    """The progress of a job; with children, those count."""
    children = job.children.aggregate(total=Count("id"), done=Count("id", filter=Q(state__in=Job.ENDED)))
    stage, done, total = job.stage, job.done, job.total
    if children["total"]:
        stage, done, total = "matching" if job.ended else job.stage, children["done"], children["total"]
    ended = job.ended and done == (total if children["total"] else done)
    rate = eta = None
    if job.started_at and done:
        until = job.ended_at if ended and job.ended_at else timezone.now()
        elapsed = (until - job.started_at).total_seconds()
        rate = round(done / elapsed, 2) if elapsed > 0 else None
    if rate and total and not ended and done >= ETA_FROM_SHARE * total:
        eta = int((total - done) / rate)
    return Progress(stage, done, total, rate, eta, ended)
