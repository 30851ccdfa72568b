"""Scans: a dataset's files are handed in, read, matched shard by shard, and the result is closed with one log entry."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from ingest import blobs
from ingest.models import Match, Scan, Shard
from ingest.selectors import matches
from ingest.selectors import scans as selectors
from ingest.services import parts, quota, stragglers
from registry import jobs
from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput
from registry.merkle import tree
from registry.models import Dataset, Job, Release
from registry.models.base import new_public_id
from registry.services import datasets, log

OPEN = [Scan.State.READING, Scan.State.MATCHING]
BROKEN = [Job.State.FAILED, Job.State.QUARANTINED]
UNFINISHED = [Job.State.QUEUED, Job.State.RUNNING]
FAILED_KEPT_FOR = datetime.timedelta(days=7)  # a failed scan's files stay this long, so that it can be resumed


@dataclass(frozen=True)
class Upload:
    """One file of a dataset: the name its documents are called by, and a local path or an open stream."""

    name: str
    stream: IO[bytes] | Path


def request(
    *,
    files: Sequence[Upload],
    actor: Actor,
    dataset_name: str = "",
    release: Release | None = None,
    acquisition: str = Scan.Acquisition.UNKNOWN,
    copied_on: datetime.date | None = None,
    copied_in: str = "",
    min_words: int = 50,
    text_field: str = "",
    published_in: Dataset | None = None,
) -> Scan:
    """Take the files and enqueue reading them; `scan.job` stands for the whole scan until it is closed.

    The files belong to `release`, or to the organisation's dataset called `dataset_name`: the release of the same files
    if there is one, else a new one. With `published_in`, a public dataset, they are a release of that, and everybody is
    told which works are found in it, how much of each and in which documents. `text_field`: which field of a record or
    table is its text; empty: `text`, or the first of `readers.document.USUAL_TEXTS` that it has. Raises
    InvalidInput, NotAllowed or QuotaExceeded; then nothing is left behind.
    """
    organisation = actor.require_writer()
    _check(dataset_name, release or published_in, acquisition, min_words)
    if published_in is not None and published_in.visibility != Dataset.Visibility.PUBLIC:
        raise InvalidInput("Only what is found in a public dataset can be published.")
    public_id = new_public_id()
    folder = f"scans/{public_id}"
    try:
        inputs = [_take(upload, f"{folder}/inputs") for upload in files]
        with transaction.atomic():
            quota.require(actor, sum(row["size_bytes"] for row in inputs))
            scan = Scan(
                public_id=public_id,
                release=release or _release_of(dataset_name, inputs, actor, published_in),
                is_public=published_in is not None,
                organisation=organisation,
                acquisition=acquisition,
                copied_on=copied_on,
                copied_in=copied_in,
                min_words=min_words,
                text_field=text_field,
                inputs=inputs,
                job=jobs.open_parent("scan", organisation=organisation, scan=public_id),
            )
            scan.save()
            jobs.enqueue("scan_read", organisation=organisation, parent=scan.job, scan_id=scan.pk)
            facts: dict[str, object] = {"published": True} if scan.is_public else {}
            if text_field:
                facts["text_field"] = text_field
            _log("scan.requested", scan, actor, acquisition=acquisition, copied_on=str(copied_on or ""), **facts)
        return scan
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _check(dataset_name: str, release: Release | Dataset | None, acquisition: str, min_words: int) -> None:
    errors = []
    if release is None and not dataset_name.strip():
        errors.append({"pointer": "/dataset", "cause": "A scan needs the name of a dataset."})
    if acquisition not in Scan.Acquisition.values:
        known = ", ".join(Scan.Acquisition.values)
        errors.append({"pointer": "/acquisition", "cause": f"{acquisition!r} is not one of {known}."})
    if min_words < 1:
        errors.append({"pointer": "/min_words", "cause": "At least one word has to match."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


def _take(upload: Upload, folder: str) -> dict[str, Any]:
    blob = blobs.put(upload.stream, folder)
    name = upload.name.replace("\0", "\ufffd") or "unnamed"
    return {"name": name, "blob": blob.key, "size_bytes": blob.size_bytes, "sha256": blob.sha256}


def inputs_root(inputs: Sequence[dict[str, Any]]) -> str:
    """Merkle root, as hex, over name, size and SHA-256 of each input in reading order."""
    facts = [{name: row[name] for name in ("name", "sha256", "size_bytes")} for row in inputs]
    return tree.root(tree.leaf_hash(log.canonical(row)) for row in facts).hex()


def _release_of(
    dataset_name: str, inputs: Sequence[dict[str, Any]], actor: Actor, published_in: Dataset | None
) -> Release:
    """The release that consists of exactly these files: of the organisation's own dataset, or of a public one."""
    dataset = published_in or datasets.create_private(name=dataset_name, actor=actor)
    dataset = Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)  # one new release at a time
    content = inputs_root(inputs)[:12]
    known = Release.objects.filter(dataset=dataset, version__endswith=f" {content}").first()
    if known:
        return known
    today = timezone.now().date().isoformat()
    if published_in is not None:
        return datasets.add_checked_release(dataset=dataset, version=f"as checked on {today} {content}", actor=actor)
    return datasets.add_release(dataset=dataset, version=f"{today} {content}", released_on=today, actor=actor)


@transaction.atomic
def withhold(*, scan: Scan, actor: Actor) -> None:
    """Publish a scan no longer: nobody else is shown what it found, and its release is the organisation's own again."""
    if actor.require_writer() != scan.organisation:
        raise Conflict("Only the organisation that asked for a scan can withhold it.")
    scan = Scan.objects.select_for_update().select_related("release__dataset").get(pk=scan.pk)
    if not scan.is_public:
        raise Conflict("This scan is not published.")
    Scan.objects.filter(pk=scan.pk).update(is_public=False)
    if not Scan.objects.filter(release=scan.release, is_public=True).exists():
        datasets.take_home(release=scan.release, actor=actor)
    _log("scan.withheld", scan, actor)


def close_ready() -> int:
    """Close every scan that is done, broken or cancelled; returns how many. Run by beat."""
    closed = sum(close(scan) for scan in Scan.objects.filter(state__in=OPEN).select_related("job"))
    overdue = Scan.objects.filter(state=Scan.State.FAILED, closed_at__lt=Now() - FAILED_KEPT_FOR)
    for scan in overdue.exclude(inputs__0__blob="").exclude(inputs=[]):
        _forget_files(scan)
    return closed


def close(scan: Scan) -> bool:
    """End the scan if its jobs have ended; True when it was this call that did."""
    scan.refresh_from_db()
    if scan.state not in OPEN or scan.job is None:
        return False
    family = Job.objects.filter(parent=scan.job)
    broken = next((job for job in family.filter(state__in=BROKEN).order_by("ended_at") if _matters(job)), None)
    if broken:
        jobs.cancel(scan.job)
        return _end(scan, Scan.State.FAILED, broken.reason or "A part of the scan failed.")
    if scan.job.cancel_requested or any(_matters(job) for job in family.filter(state=Job.State.CANCELLED)):
        jobs.cancel(scan.job)
        if family.filter(state__in=UNFINISHED).exists():
            return False
        return _end(scan, Scan.State.CANCELLED, "Stopped on request.")
    if scan.state == Scan.State.MATCHING and not scan.shards.filter(state=Shard.State.PENDING).exists():
        return _end(scan, Scan.State.DONE, "")
    return False


def _matters(job: Job) -> bool:
    """Whether the scan cannot do without what this job did not do."""
    return not stragglers.excuses(job)


def _end(scan: Scan, state: str, reason: str) -> bool:
    results = _results(scan) if state == Scan.State.DONE else {}
    with transaction.atomic():
        ended = Scan.objects.filter(pk=scan.pk, state__in=OPEN).update(state=state, reason=reason, closed_at=Now())
        if not ended:
            return False
        scan.refresh_from_db()
        _log("scan.closed", scan, system("scans"), state=state, reason=reason, **results)
        if scan.job:
            settled = {Scan.State.DONE: Job.State.DONE, Scan.State.CANCELLED: Job.State.CANCELLED}
            jobs.settle(scan.job, settled.get(Scan.State(state), Job.State.FAILED), reason)
        if state != Scan.State.FAILED:
            _forget_files(scan)
    return True


def _results(scan: Scan) -> dict[str, object]:
    """What the log records of the findings: totals, and the Merkle root over the match lines in order."""
    rows = Match.objects.filter(scan=scan).select_related("item", "work", "edition", "scan")
    lines = (log.canonical(matches.line(row)) for row in rows.order_by("item__position", "work__public_id").iterator())
    return {
        "documents": scan.documents,
        "words": scan.words,
        "matches": rows.count(),
        "matches_root": tree.root(tree.leaf_hash(line) for line in lines).hex(),
        "skipped": scan.skipped.count(),
        "unpublished": selectors.unpublished(scan),
    }


def _log(kind: str, scan: Scan, actor: Actor, **facts: object) -> None:
    shared: dict[str, object] = {
        "release": scan.release.public_id,
        "inputs": len(scan.inputs),
        "inputs_root": inputs_root(scan.inputs),
        "engine": scan.engine,
        "parameters": scan.parameters_digest,
        "index": scan.index_digest,
    }
    subject = f"scan:{scan.public_id}"
    log.stage(kind, subject=subject, facts=shared | facts, actor=actor, organisation=scan.organisation)


def _forget_files(scan: Scan) -> None:
    """Delete what was handed in and cut up; names, sizes and hashes stay."""
    Scan.objects.filter(pk=scan.pk).update(inputs=[row | {"blob": ""} for row in scan.inputs])
    transaction.on_commit(lambda: blobs.delete_folder(f"scans/{scan.public_id}"))


def cancel(*, scan: Scan, actor: Actor) -> None:
    """Ask a scan to stop: what runs stops at its next document. Raises Conflict when it has ended."""
    if actor.require_writer() != scan.organisation:
        raise Conflict("Only the organisation that asked for a scan can stop it.")
    if scan.state not in OPEN or scan.job is None:
        raise Conflict(f"This scan has ended: it is {scan.state}.", state=scan.state)
    jobs.cancel(scan.job)
    close(scan)


@transaction.atomic
def resume(*, scan: Scan, actor: Actor) -> None:
    """Take a failed scan up again where it broke: what is done stays done. Raises Conflict when it cannot be."""
    if actor.require_writer() != scan.organisation:
        raise Conflict("Only the organisation that asked for a scan can resume it.")
    scan = Scan.objects.select_for_update().get(pk=scan.pk)
    if scan.state != Scan.State.FAILED or scan.job is None or not all(row["blob"] for row in scan.inputs):
        raise Conflict("Only a scan that failed in the last seven days can be resumed.", state=scan.state)
    children = Job.objects.filter(parent=scan.job)
    scan.state = Scan.State.MATCHING if parts.are_read(scan) else Scan.State.READING
    scan.reason, scan.closed_at = "", None
    scan.save(update_fields=["state", "reason", "closed_at"])
    Job.objects.filter(pk=scan.job.pk).update(state=Job.State.RUNNING, reason="", ended_at=None)
    Job.objects.filter(Q(pk=scan.job.pk) | Q(parent=scan.job)).update(cancel_requested=False)
    for child in children.exclude(state=Job.State.DONE):
        jobs.release(child)
    _log("scan.resumed", scan, actor)


def last_activity(scan: Scan) -> datetime.datetime | None:
    """When a worker last held one of the scan's jobs; None when none ever did."""
    return Job.objects.filter(parent=scan.job).aggregate(latest=Max("started_at"))["latest"]
