"""Which job kinds ingest runs, the periodic tasks, and what every worker's machine does beside them."""

import logging
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_process_init
from django.conf import settings
from django.db import connections

from ingest.engine import compiled
from ingest.models import Deposit, Scan, Shard
from ingest.services import (
    audits,
    fingerprints,
    leftovers,
    matching,
    output_corpora,
    publishing,
    reading,
    scans,
    segments,
    stragglers,
)
from registry import jobs

logger = logging.getLogger(__name__)

READING_SECONDS = 6 * 3600
MERGING_SECONDS = 6 * 3600
AUDIT_SECONDS = 6 * 3600
LARGE_FACTOR = 2  # how many chunks' bytes make a shard large: documents that are cut together never have so many


@jobs.handler("fingerprint", queue="engine")
def fingerprint(claim: jobs.Claim, deposit_id: int) -> None:
    """Fingerprint a deposit's text and publish it in a segment."""
    fingerprints.make(claim, Deposit.objects.select_related("work", "edition", "organisation").get(pk=deposit_id))
    publishing.publish(claim)


@jobs.handler("publish_segment", queue="engine")
def publish_segment(claim: jobs.Claim, deposit_id: int) -> None:
    """Publish the fingerprints that are in no segment yet, among them this deposit's."""
    publishing.publish(claim)


@jobs.handler("merge_segments", queue="engine", time_limit_seconds=MERGING_SECONDS)
def merge_segments(claim: jobs.Claim) -> None:
    """Make one segment of many small ones."""
    publishing.merge(claim)


@jobs.handler("replace_segments", queue="engine", time_limit_seconds=MERGING_SECONDS)
def replace_segments(claim: jobs.Claim, deposit_id: int) -> None:
    """Take a withdrawn text out of the segments that hold it."""
    publishing.replace(claim, Deposit.objects.get(pk=deposit_id))


@jobs.handler("heal_segments", queue="engine", time_limit_seconds=MERGING_SECONDS)
def heal_segments(claim: jobs.Claim) -> None:
    """Write segments anew whose files are damaged or of another version."""
    publishing.heal(claim)


@jobs.handler("scan_read", queue="engine", time_limit_seconds=READING_SECONDS)
def scan_read(claim: jobs.Claim, scan_id: int, part: int | None = None) -> None:
    """Divide a scan's files into parts, or cut one part into shards."""
    scan = Scan.objects.select_related("job", "organisation", "release").get(pk=scan_id)
    reading.read(claim, scan, part)
    scans.close(scan)


def _place(arguments: dict[str, Any]) -> int:
    """Large shards are matched first, so that nobody waits for one at the end; shards come after all other work."""
    return 3 if arguments.get("text_bytes", 0) >= settings.SCAN_CHUNK_BYTES * LARGE_FACTOR else 6


@jobs.handler("scan_shard", queue="engine", place=_place)
def scan_shard(claim: jobs.Claim, shard_id: int, text_bytes: int = 0) -> None:
    """Match one shard; the last one closes the scan."""
    shard = Shard.objects.select_related("scan__job", "scan__organisation", "scan__release").get(pk=shard_id)
    matching.match(claim, shard)
    scans.close(shard.scan)


@jobs.handler(output_corpora.JOB, queue="engine", time_limit_seconds=READING_SECONDS)
def outputs_read(claim: jobs.Claim, corpus_id: int) -> None:
    """Read a registered corpus of model output once."""
    output_corpora.read(corpus_id, claim)


@jobs.handler(audits.JOB, queue="engine", time_limit_seconds=AUDIT_SECONDS)
def audit(claim: jobs.Claim, audit_id: int) -> None:
    """Draw a sample of a dataset, put it on record and look for model output in it."""
    audits.run(audit_id, claim)


@shared_task(name="ingest.close_audits")
def close_audits() -> None:
    """Close the audits and corpora whose jobs have ended without a result."""
    audits.close_broken()
    output_corpora.close_broken()


@shared_task(name="ingest.close_scans")
def close_scans() -> None:
    """Close the scans whose jobs have ended without closing them: failed, cancelled, or killed at the last step.

    Of those that go on, what one worker is too slow with is given to another.
    """
    scans.close_ready()
    stragglers.hand_out_again()


@shared_task(name="ingest.remove_leftovers")
def remove_leftovers() -> None:
    """Delete files that nobody needs: what killed processes left, and retired segments."""
    leftovers.remove()


@celeryd_after_setup.connect
def _load_kernels(instance: Any, **_: object) -> None:
    """Who takes engine jobs loads the kernels before it makes its processes, which then share them."""
    if "engine" in instance.app.amqp.queues.consume_from:
        compiled.warm()


@worker_process_init.connect
def _look_after_machine(**_: object) -> None:
    """Every worker process has a thread that asks now and then whether this machine's index files are in order."""

    def keep() -> None:
        while True:
            time.sleep(settings.INDEX_KEEP_SECONDS)
            try:
                segments.keep_machine_current()
            except Exception:  # (whatever it is, the next round may go better, and jobs go on meanwhile)
                logger.exception("this machine's index files were not looked after")
            finally:
                connections.close_all()

    threading.Thread(target=keep, name="index-files", daemon=True).start()
