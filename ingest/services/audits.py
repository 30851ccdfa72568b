"""Sampling audits: a file is taken, a sample of each batch drawn and put on record, then looked at.

The sample's digest is in the log before anything is compared, so nobody can say that it was chosen by what was found.
Interrupted and begun again an audit draws the same sample: it follows from the file and the seed alone.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from ingest import blobs
from ingest.models import Audit, OutputCorpus
from ingest.models.audits import MAX_SAMPLED, MAX_SEED
from ingest.readers import BadRecord
from ingest.sampling import audit as heart
from ingest.sampling.draws import Draw, digest_of
from ingest.sampling.intake import Fields, Intake
from ingest.sampling.near_copies import Corpus, Output
from ingest.selectors import audits as selectors
from ingest.services import audit_examples, audit_subjects, output_corpora, uploads
from ingest.services.output_corpora import NAMED, storable
from registry import actors, jobs
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotAllowed
from registry.models import Job, Membership
from registry.services import log

State = Audit.State
JOB = "audit"
PROGRESS_SECONDS = 1.0
MAX_FIELD_CHARS = 100
MAX_TITLE_CHARS = 200
USUAL_FIELDS = Fields()
Say = Callable[[str, int, int | None], None]


def request(
    *,
    file: IO[bytes] | Path,
    file_name: str,
    references: Sequence[OutputCorpus],
    actor: Actor,
    title: str = "",
    fields: Fields = USUAL_FIELDS,
    text_field: str = "",
    seed: int | None = None,
    sampled: int | None = None,
    limit: float = 0.01,
    about: audit_subjects.Subject | None = None,
) -> Audit:
    """Keep a dataset's file and have a sample of each of its batches audited by a worker.

    seed: chosen here where none is given. sampled: of each batch; None: every record. limit: a share; a batch whose
    corrected lower bound exceeds it is flagged. text_field: which field is the text; "": the usual ones. about: the
    dataset that the file is of. Raises NotAllowed, FileTooLarge, StorageFull, InvalidInput.
    """
    organisation = actor.require_writer()
    name = uploads.clean_name(file_name)
    audit = Audit(
        organisation=organisation,
        title=title.replace("\0", "").strip() or name[:MAX_TITLE_CHARS],
        file_name=name,
        fields=asdict(fields) | {"text": text_field},
        seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
        sampled=sampled,
        limit=limit,
    )
    _check(audit, references)
    folder = f"audits/{audit.public_id}"
    try:
        blob = uploads.keep(file, folder)
        audit.size_bytes, audit.sha256, audit.blob = blob.size_bytes, blob.sha256, blob.key
        with transaction.atomic():
            uploads.make_room(actor, blob.size_bytes)
            audit.save()
            audit.references.set(references)
            audit.job = jobs.enqueue(JOB, organisation=organisation, audit_id=audit.pk)
            audit.save(update_fields=["job"])
            if about is not None:
                audit_subjects.say(audit=audit, subject=about, actor=actor)
                audit.refresh_from_db(fields=["dataset", "release"])
        return audit
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _check(audit: Audit, references: Sequence[OutputCorpus]) -> None:
    unread = [corpus.name for corpus in references if corpus.state != OutputCorpus.State.READY]
    faults = {
        "references": "" if references else "Choose at least one corpus of model output to compare with.",
        "title": "" if len(audit.title) <= MAX_TITLE_CHARS else f"A title has at most {MAX_TITLE_CHARS} characters.",
        "seed": "" if 0 <= audit.seed <= MAX_SEED else f"A seed is a whole number from 0 to {MAX_SEED}.",
        "sampled": ""
        if audit.sampled is None or 1 <= audit.sampled <= MAX_SAMPLED
        else f"A sample has 1 to {MAX_SAMPLED} records a batch.",
        "limit": "" if 0 < audit.limit < 1 else "The limit is a share between 0 and 1.",
    }
    if unread:
        faults["references"] = f"{unread[0]} cannot be compared with: it is not read, or was withdrawn."
    for name, value in audit.fields.items():
        if len(value) > MAX_FIELD_CHARS or "\0" in value:
            faults[f"{name}_field"] = f"A field's name has at most {MAX_FIELD_CHARS} characters."
    errors = [{"pointer": f"/{name}", "cause": cause} for name, cause in faults.items() if cause]
    if errors:
        raise InvalidInput("This audit cannot be made.", errors=errors)


def run(audit_id: int, claim: jobs.Claim) -> None:
    """Draw, record, look and store. Run again after it was interrupted it comes to the same result."""
    audit = Audit.objects.select_related("organisation").get(pk=audit_id)
    if audit.state != State.RUNNING:
        return
    try:
        _run(audit, claim)
    except jobs.LeaseLost:
        raise
    except jobs.Cancelled:
        end(audit, State.CANCELLED, "Stopped on request.")
        raise
    except ColophonError as error:
        end(audit, State.FAILED, error.sentence)
        raise
    except Exception:
        if claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            end(audit, State.FAILED, jobs.said_of_fault(claim.job))
        raise


def _run(audit: Audit, claim: jobs.Claim) -> None:
    say = _teller(claim)
    drawn, intake = _draw(audit, say)
    sample = drawn.sample()
    size = sum(map(len, sample.values()))
    digest = digest_of(sample)
    _record_sample(audit, claim, drawn, digest, size)
    with Corpus(_outputs(audit, say)) as corpus:
        say("looking", 0, size)
        result = heart.audit(
            drawn,
            corpus,
            heart.Settings(limit=audit.limit),
            intake=intake.to_json(),
            progress=lambda done: say("looking", done, size),
        )
        shown = audit_examples.shown(result, sample, corpus)
    _store(audit, claim, storable(audit_examples.without_passages(result)), storable(shown))


def _teller(claim: jobs.Claim) -> Say:
    """Says how far it is once a second, and at every stage's beginning; raises when the job is to stop."""
    said: dict[str, Any] = {"stage": "", "at": 0.0}

    def say(stage: str, done: int, total: int | None = None) -> None:
        now = time.monotonic()
        if stage != said["stage"] or now - said["at"] >= PROGRESS_SECONDS:
            said.update(stage=stage, at=now)
            claim.progress(stage, done, total)

    return say


def _draw(audit: Audit, say: Say) -> tuple[Draw, Intake]:
    """Read every record once and keep the sample; what cannot be read is named, the first of it."""
    fields = dict(audit.fields)
    text_field = fields.pop("text", "")
    intake = Intake(Fields(**fields))
    drawn = Draw(audit.seed, audit.sampled)
    bad: list[dict[str, str]] = []
    unread = records = 0
    for found in output_corpora.documents(audit.blob, audit.file_name, text_field):
        if isinstance(found, BadRecord):
            unread += 1
            if len(bad) < NAMED:
                bad.append({"name": found.name, "cause": found.cause})
            continue
        drawn.add(intake.record(found))
        records += 1
        say("drawing", records, None)
    if not records:
        raise jobs.Refused(bad[0]["cause"] if bad else "The file holds no record.")
    if names := intake.in_no_record():
        raise jobs.Refused(f"No record has anything in the field “{names[0]}”.")
    audit.skipped = storable({"count": unread, "first": bad})
    return drawn, intake


def _record_sample(audit: Audit, claim: jobs.Claim, drawn: Draw, digest: str, size: int) -> None:
    """Put the sample on record, once, before anything is looked at. Names of batches and people stay out of the log."""
    if audit.sample:
        if audit.sample != digest:
            raise jobs.Refused("The sample is not the one on record: another version draws otherwise. Audit it anew.")
        return
    facts: dict[str, object] = {
        "sample": digest,
        "seed": audit.seed,
        "file_sha256": audit.sha256,
        "references": sorted(audit.references.values_list("sha256", flat=True)),
        "fields": audit.fields,
        "records": sum(drawn.records.values()),
        "batches": len(drawn.records),
        "sampled_per_batch": audit.sampled,
        "sampled": size,
        "limit": audit.limit,
        "method": heart.VERSION,
    }
    with transaction.atomic():
        claim.guard()
        audit.sample = digest
        audit.sample_entry = log.stage(
            "audit.sampled", subject=audit.public_id, facts=facts, actor=actors.system(JOB, audit.organisation)
        )
        audit.save(update_fields=["sample", "sample_entry", "skipped"])


def _outputs(audit: Audit, say: Say) -> Iterator[Output]:
    done = 0
    for corpus in audit.references.order_by("public_id"):
        if corpus.state != OutputCorpus.State.READY:
            raise jobs.Refused(f"{corpus.name} was withdrawn before this audit compared with it.")
        for output in output_corpora.outputs(corpus):
            done += 1
            say("indexing", done, None)
            yield output


def _store(audit: Audit, claim: jobs.Claim, result: dict[str, Any], shown: dict[str, Any]) -> None:
    audit.result, audit.shown = result, shown
    audit.result_digest = audit_examples.digest(audit)
    facts: dict[str, object] = {
        "result": audit.result_digest,
        "sample": audit.sample,
        "reference": result["reference"],
        "sampled": result["sampled"],
        "positive": sum(row["positive"] for row in result["batches"]),
        "batches_flagged": sum(row["flagged"] for row in result["batches"]),
        "annotators_flagged": sum(row["flagged"] for row in result["annotators"]),
    }
    with transaction.atomic():
        claim.guard()
        audit.result_entry = log.stage(
            "audit.concluded", subject=audit.public_id, facts=facts, actor=actors.system(JOB, audit.organisation)
        )
        audit.state, audit.ended_at = State.DONE, Now()
        audit.save(update_fields=["result", "shown", "result_digest", "result_entry", "state", "ended_at"])
        audit_subjects.concluded(audit)


def show_names(*, audit: Audit, actor: Actor) -> dict[int, str]:
    """Number → name of every annotator. For owners alone, and the log says that they looked.

    Raises NotAllowed, Conflict (there is no result yet).
    """
    organisation = actor.require_writer()
    if audit.organisation_id != organisation.pk or actor.role != Membership.Role.OWNER:
        raise NotAllowed("Only an owner of the organisation may see who the annotators are.")
    if audit.result is None:
        raise Conflict("This audit has no result yet.", state=audit.state)
    names = selectors.numbers(audit)
    facts: dict[str, object] = {"result": audit.result_digest, "annotators": len(names)}
    with transaction.atomic():
        log.stage("audit.names_shown", subject=audit.public_id, facts=facts, actor=actor)
    return {number: name for name, number in names.items()}


def cancel(*, audit: Audit, actor: Actor) -> None:
    """Stop an audit that is under way. Raises NotAllowed, Conflict when it is over."""
    if audit.organisation_id != actor.require_writer().pk:
        raise NotAllowed("Only the organisation that asked for an audit stops it.")
    if audit.state != State.RUNNING:
        raise Conflict("This audit is over.", state=audit.state)
    if audit.job is not None:
        jobs.cancel(audit.job)
        audit.job.refresh_from_db()
        if not audit.job.ended:
            return  # the worker stops at its next step and says so
    end(audit, State.CANCELLED, "Stopped on request.")
    audit.refresh_from_db()


def end(audit: Audit, state: str, reason: str) -> None:
    """Close an audit that has no result."""
    Audit.objects.filter(pk=audit.pk, state=State.RUNNING).update(
        state=state, reason=storable(reason)[:2000], ended_at=Now()
    )


def close_broken() -> int:
    """Close the audits whose job ended without a result: quarantined, or cancelled while it waited. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    found: Iterable[Audit] = Audit.objects.filter(state=State.RUNNING, job__state__in=broken).select_related("job")
    closed = 0
    for audit in found:
        stopped = audit.job is not None and audit.job.state == Job.State.CANCELLED
        end(audit, State.CANCELLED if stopped else State.FAILED, audit.job.reason if audit.job else "")
        closed += 1
    return closed
