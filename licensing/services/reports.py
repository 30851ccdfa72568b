"""Reports: an evidence bundle of a decided clearance, whose log entry is the hash of its manifest."""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.text import slugify

from ingest import blobs
from licensing.evidence import bundle, wording
from licensing.models import Clearance, Report
from licensing.services import job_faults
from registry import jobs
from registry.actors import Actor, system
from registry.errors import ColophonError, Conflict, InvalidInput
from registry.models import Checkpoint, Entry, Job
from registry.services import log

LANGUAGES = wording.LANGUAGES
SEQUENCER_PATIENCE_SECONDS = 30.0
SEQUENCER_POLL_SECONDS = 0.05


class LogBusy(Exception):
    """The log's sequencer did not number the report's entry in time. Trying again helps, so it is no refusal."""


@transaction.atomic
def request(*, clearance: Clearance, actor: Actor, language: str = "en") -> Report:
    """Ask for a bundle; a job makes it. Raises NotAllowed, InvalidInput (language) or Conflict (not decided yet)."""
    report = _open(clearance, actor, language)
    report.job = jobs.enqueue("report", organisation=report.organisation, report_id=report.pk)
    report.save(update_fields=["job"])
    return report


def issue(*, clearance: Clearance, actor: Actor, language: str = "en") -> Report:
    """Make the bundle now, in this process. Raises what `request` raises, and ColophonError where it cannot be made."""
    report = _open(clearance, actor, language)
    return make(report.pk)


def _open(clearance: Clearance, actor: Actor, language: str) -> Report:
    organisation = actor.require_writer()
    if organisation != clearance.organisation:
        raise Conflict("Only the organisation that asked the question can have its report.")
    if language not in LANGUAGES:
        cause = f"{language!r} is not one of {', '.join(LANGUAGES)}."
        raise InvalidInput(cause, errors=[{"pointer": "/language", "cause": cause}])
    if clearance.state != Clearance.State.DECIDED:
        raise Conflict(f"Clearance {clearance.public_id} is not decided: {clearance.get_state_display()}.")
    report = Report.objects.create(clearance=clearance, organisation=organisation, language=language)
    report.refresh_from_db()  # recorded_at is the database's clock, and the report's date
    return report


def make(report_id: int, claim: jobs.Claim | None = None) -> Report:
    """Write, log, seal and store the bundle of a waiting report; one that is ready is left as it is.

    Interrupted and run again it makes the same files and finds its log entry there; only where the facts changed in
    between the log holds a second entry, and the bundle proves the one of its own manifest.
    """
    report = Report.objects.select_related(
        "organisation", "clearance__organisation", "clearance__licensee", "clearance__scan__release__dataset"
    ).get(pk=report_id)
    if report.state == Report.State.READY:
        return report
    try:
        with tempfile.TemporaryDirectory(prefix="report-") as folder:
            _make(report, Path(folder), claim)
    except jobs.LeaseLost:
        raise
    except jobs.Cancelled:
        _fail(report, "Stopped on request.")
        raise
    except ColophonError as error:
        _fail(report, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            _fail(report, job_faults.unforeseen(report, claim))
        raise
    report.refresh_from_db()
    return report


def _make(report: Report, folder: Path, claim: jobs.Claim | None) -> None:
    works = report.clearance.totals.get("works")
    _progress(claim, "collecting", 0, works)
    log.sequence_all()
    files = folder / "files"
    files.mkdir()
    content = bundle.gather(report, files, beat=lambda done: _progress(claim, "collecting", done, works))
    manifest_sha256 = hashlib.sha256(content.manifest).hexdigest()
    _progress(claim, "recording", 0)
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        entry = _entry(report, manifest_sha256, content)
        Report.objects.filter(pk=report.pk).update(manifest_sha256=manifest_sha256)
    checkpoint = _numbered(entry)
    _progress(claim, "sealing", 0)
    path = folder / "bundle.zip"
    assert entry.position is not None
    bundle.seal(content, entry.position, bytes(entry.leaf), checkpoint, path)
    _progress(claim, "storing", 0)
    blob = blobs.put(path, f"reports/{report.public_id}")
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        Report.objects.filter(pk=report.pk).update(
            state=Report.State.READY,
            blob=blob.key,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            reason="",
            ready_at=Now(),
        )


def _progress(claim: jobs.Claim | None, stage: str, done: int, total: int | None = None) -> None:
    if claim is not None:
        claim.progress(stage, done, total)


def _entry(report: Report, manifest_sha256: str, content: bundle.Content) -> Entry:
    """The log entry of this manifest: staged now, or by an attempt that was interrupted after it."""
    subject = f"report:{report.public_id}"
    earlier = Entry.objects.filter(kind="report.issued", subject=subject).order_by("-id").first()
    if earlier is not None and json.loads(bytes(earlier.leaf))["manifest_sha256"] == manifest_sha256:
        return earlier
    return log.stage(
        "report.issued",
        subject=subject,
        facts={
            "clearance": report.clearance.public_id,
            "language": report.language,
            "files": len(content.members),
            "log_entries": len(content.entries),
        },
        actor=system("reports", report.organisation),
        manifest_sha256=manifest_sha256,
    )


def _numbered(entry: Entry, *, sleep: Callable[[float], None] = time.sleep) -> Checkpoint:
    """Wait until the entry has its number, sequencing it here unless somebody else is at it; → a checkpoint over it."""
    waited = 0.0
    while waited < SEQUENCER_PATIENCE_SECONDS:
        checkpoint = log.sequence_all()
        entry.refresh_from_db(fields=["position"])
        if checkpoint is not None and entry.position is not None and checkpoint.size > entry.position:
            return checkpoint
        sleep(SEQUENCER_POLL_SECONDS)
        waited += SEQUENCER_POLL_SECONDS
    raise LogBusy(f"entry {entry.public_id} was not numbered within {SEQUENCER_PATIENCE_SECONDS:.0f} seconds")


def close_broken() -> int:
    """Fail the reports whose job ended without a bundle: quarantined or cancelled while it waited. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    waiting = Report.objects.filter(state=Report.State.WAITING, job__state__in=broken).select_related("job")
    for report in waiting:
        assert report.job is not None
        _fail(report, report.job.reason)
    return len(waiting)


def _fail(report: Report, reason: str) -> None:
    Report.objects.filter(pk=report.pk).exclude(state=Report.State.READY).update(
        state=Report.State.FAILED, reason=reason[:2000]
    )


def open_bundle(report: Report) -> IO[bytes]:
    """The stored bundle, open for reading. Raises Conflict when the report is not ready."""
    if report.state != Report.State.READY:
        raise Conflict(f"Report {report.public_id} is not ready: {report.get_state_display()}.")
    with blobs.local_folder([(report.blob, "bundle.zip")]) as folder:
        # the name goes with the folder, the content stays as long as the file is open
        return next(folder.iterdir()).open("rb")


def file_name(report: Report) -> str:
    """What to call the bundle when somebody saves it."""
    dataset = slugify(report.clearance.scan.release.dataset.name)[:40].strip("-") or "dataset"
    return f"colophon-evidence-{dataset}-{report.public_id}.zip"
