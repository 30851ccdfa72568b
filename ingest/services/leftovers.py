"""Files that nobody needs any more: of processes that were killed at the wrong moment, and of retired segments.

A text that was handed in to be dropped must not stay because a worker died between the blob store and the database,
and one that was withdrawn not because an old index segment holds it. Every machine clears its own copies of segments
as well (`segments.keep_machine_current`). Rows are the truth: what they do not name goes.
"""

import datetime
import logging
from collections.abc import Callable
from functools import partial

from django.db.models.functions import Now

from ingest import blobs
from ingest.models import Audit, Deposit, OutputCorpus, Scan
from ingest.services import segments, uploads
from registry.models import Import, Job, Linkage

logger = logging.getLogger(__name__)

MIN_AGE = datetime.timedelta(days=1)  # longer than an upload or a job takes: what is younger may still get its row
UNREAD_KEPT_FOR = datetime.timedelta(days=7)  # a text that could not be fingerprinted, so that the job can be retried
BROKEN = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]


def remove() -> int:
    """Delete what nobody needs and return how many places were cleared. Run by beat; safe at any time, twice."""
    removed = (
        len(segments.clear_stored() | segments.clear_copies())
        + _drop_unread_texts()
        + uploads.remove_old()
        + blobs.remove_reading_folders(MIN_AGE)
    )
    owned: dict[str, Callable[[list[str]], set[str]]] = {
        "deposits": _deposits_in_use,
        "scans": _scans_in_use,
        "imports": partial(uploads.in_use, Import),
        "linkages": partial(uploads.in_use, Linkage),
        "audits": partial(uploads.in_use, Audit),
        "outputs": partial(uploads.in_use, OutputCorpus),
    }
    for owner, in_use in owned.items():
        removed += _remove_unowned(owner, in_use)
    if removed:
        logger.info("%s places with files that nobody needs were cleared", removed)
    return removed


def _remove_unowned(owner: str, in_use: Callable[[list[str]], set[str]]) -> int:
    there = blobs.owners(owner)
    unowned = sorted(set(there) - in_use(there))
    old = [public_id for public_id in unowned if blobs.is_older(f"{owner}/{public_id}", MIN_AGE)]
    for public_id in old:
        blobs.delete_folder(f"{owner}/{public_id}")
    return len(old)


def _deposits_in_use(public_ids: list[str]) -> set[str]:
    rows = Deposit.objects.filter(public_id__in=public_ids).exclude(blob="")
    return set(rows.values_list("public_id", flat=True))


def _scans_in_use(public_ids: list[str]) -> set[str]:
    rows = Scan.objects.filter(public_id__in=public_ids).exclude(inputs__0__blob="")
    return set(rows.values_list("public_id", flat=True))


def _drop_unread_texts() -> int:
    """Delete transient texts whose fingerprint was given up a week ago."""
    unread = Deposit.objects.filter(mode=Deposit.Mode.TRANSIENT, job__state__in=BROKEN).exclude(blob="")
    rows = list(unread.filter(job__ended_at__lt=Now() - UNREAD_KEPT_FOR))
    for deposit in rows:
        blobs.delete_folder(f"deposits/{deposit.public_id}")
        Deposit.objects.filter(pk=deposit.pk).update(blob="")
    return len(rows)
