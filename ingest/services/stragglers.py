"""Shards that run far longer than others of their scan are given to a second worker; the first to finish stores them.

A worker that is lost gives its shard back when its lease ends (`registry.jobs`). One that is alive and slow, on a
machine that swaps or has a failing disk, would hold up the end of the scan: that is what this is for.
"""

import statistics

from django.conf import settings
from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from ingest.models import Scan, Shard
from registry import jobs
from registry.models import Job

PEERS = 200  # the shards finished last say how long one takes
FACTOR = 4  # how many times as long as its peers, by bytes of text, a shard may take


def hand_out_again() -> int:
    """Enqueue a second job for each straggler while no other work is waiting; returns how many. Run by beat."""
    if Job.objects.filter(queue="engine", state=Job.State.QUEUED, not_before__lte=Now()).exists():
        return 0
    matching = Scan.objects.filter(state=Scan.State.MATCHING).select_related("job", "organisation")
    return sum(_hand_out(scan, shard) for scan in matching for shard in find(scan))


def find(scan: Scan) -> list[Shard]:
    """Shards that are being matched by one worker for too long. None while there is nothing to compare with."""
    pace = _seconds_a_byte(scan)
    if pace is None:
        return []
    pending = scan.shards.filter(state=Shard.State.PENDING, second_job=None, job__state=Job.State.RUNNING)
    running = pending.annotate(took=_since_start(Now()))
    return [shard for shard in running if shard.took.total_seconds() > _patience(shard, pace)]


def _since_start(until: Now | F) -> ExpressionWrapper:
    return ExpressionWrapper(until - F("job__started_at"), output_field=DurationField())


def _seconds_a_byte(scan: Scan) -> float | None:
    done = scan.shards.filter(state=Shard.State.DONE, job__isnull=False).annotate(took=_since_start(F("finished_at")))
    rows = done.order_by("-finished_at").values_list("took", "text_bytes")[:PEERS]
    paces = [took.total_seconds() / max(1, text_bytes) for took, text_bytes in rows if took]
    return statistics.median(paces) if paces else None


def _patience(shard: Shard, pace: float) -> float:
    return max(settings.SCAN_STRAGGLER_SECONDS, FACTOR * pace * shard.text_bytes)


@transaction.atomic
def _hand_out(scan: Scan, shard: Shard) -> bool:
    held = Shard.objects.select_for_update(no_key=True).get(pk=shard.pk)
    if held.state == Shard.State.DONE or held.second_job_id is not None:
        return False
    held.second_job = enqueue(scan, held)
    held.save(update_fields=["second_job"])
    return True


def enqueue(scan: Scan, shard: Shard) -> Job:
    """A job that matches the shard."""
    return jobs.enqueue(
        "scan_shard", organisation=scan.organisation, parent=scan.job, shard_id=shard.pk, text_bytes=shard.text_bytes
    )


def excuses(broken: Job) -> bool:
    """Whether a shard's job that did not end well does not matter: its shard is done, or another job is at it."""
    shards = Shard.objects.filter(job=broken) | Shard.objects.filter(second_job=broken)
    shard = shards.select_related("job", "second_job").first()
    if shard is None:
        return False
    if shard.state == Shard.State.DONE:
        return True
    other = shard.second_job if shard.job_id == broken.pk else shard.job
    return other is not None and other.state in (Job.State.QUEUED, Job.State.RUNNING)
