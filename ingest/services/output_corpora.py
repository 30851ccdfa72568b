"""Registered corpora of model output: take a file and what is said of it, read it once, withdraw it again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from ingest import blobs, sandbox
from ingest.models import OutputCorpus
from ingest.readers import BadRecord, Document, ReadError
from ingest.readers.document import ReadOptions
from ingest.sampling.intake import TEXTS, output_of
from ingest.sampling.near_copies import Output
from ingest.services import uploads
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotAllowed
from registry.models import Job
from registry.models.base import new_public_id
from registry.services import log

State = OutputCorpus.State
JOB = "outputs_read"
NAMED = 20  # bad records that are named; the others are counted
PROGRESS_RECORDS = 1_000
LONGEST = {"name": 200, "generator": 120, "provider": 120, "terms": 200, "source": 500}  # characters


@dataclass(frozen=True)
class About:
    """What is said of a corpus. `name` and `generator` (the model) must be given."""

    name: str
    generator: str
    provider: str = ""
    terms: str = ""
    source: str = ""
    is_public: bool = False


def take(*, file: IO[bytes] | Path, file_name: str, about: About, actor: Actor) -> OutputCorpus:
    """Keep a file of outputs and have it read by a worker.

    Raises NotAllowed, FileTooLarge, StorageFull, or InvalidInput (a name is missing, too long, the file is empty).
    """
    organisation = actor.require_writer()
    values = {name: value.strip() if isinstance(value, str) else value for name, value in vars(about).items()}
    _check(values)
    public_id = new_public_id()
    folder = f"outputs/{public_id}"
    try:
        blob = uploads.keep(file, folder)
        with transaction.atomic():
            uploads.make_room(actor, blob.size_bytes)
            corpus = OutputCorpus.objects.create(
                public_id=public_id,
                organisation=organisation,
                file_name=uploads.clean_name(file_name),
                size_bytes=blob.size_bytes,
                sha256=blob.sha256,
                blob=blob.key,
                **values,
            )
            log.stage(
                "outputs.registered",
                subject=public_id,
                facts={"sha256": blob.sha256, "size_bytes": blob.size_bytes, "is_public": corpus.is_public},
                actor=actor,
            )
            corpus.job = jobs.enqueue(JOB, organisation=organisation, corpus_id=corpus.pk)
            corpus.save(update_fields=["job"])
        return corpus
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _check(values: dict[str, Any]) -> None:
    errors = []
    for name, longest in LONGEST.items():
        value = values[name]
        if name in ("name", "generator") and not value:
            errors.append({"pointer": f"/{name}", "cause": "This must be given."})
        elif len(value) > longest:
            errors.append({"pointer": f"/{name}", "cause": f"This has more than {longest} characters."})
        elif "\0" in value:
            errors.append({"pointer": f"/{name}", "cause": "This holds a character that no text has."})
    if errors:
        raise InvalidInput("A corpus of model output needs a name and the model's.", errors=errors)


def read(corpus_id: int, claim: jobs.Claim) -> None:
    """Read a corpus once and count its outputs, so that faults are known before it is needed."""
    corpus = OutputCorpus.objects.get(pk=corpus_id)
    if corpus.state != State.READING:
        return
    try:
        _read(corpus, claim)
    except jobs.LeaseLost:
        raise
    except ColophonError as error:
        end(corpus, State.FAILED, error.sentence)
        raise
    except jobs.Cancelled:
        end(corpus, State.FAILED, "Stopped on request.")
        raise
    except Exception:
        if claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            end(corpus, State.FAILED, jobs.said_of_fault(claim.job))
        raise


def _read(corpus: OutputCorpus, claim: jobs.Claim) -> None:
    count, bad = 0, []
    for number, found in enumerate(documents(corpus.blob, corpus.file_name), start=1):
        if isinstance(found, BadRecord):
            bad.append({"name": found.name, "cause": found.cause})
            del bad[NAMED:]
        else:
            count += bool(found.text.strip())
        if number % PROGRESS_RECORDS == 0:
            claim.progress("reading", number)
    if not count:
        raise jobs.Refused(bad[0]["cause"] if bad else "The file holds no record with text.")
    with transaction.atomic():
        claim.guard()
        OutputCorpus.objects.filter(pk=corpus.pk, state=State.READING).update(
            state=State.READY, outputs=count, skipped=storable(bad), ended_at=Now()
        )


def documents(key: str, name: str, text_field: str = "") -> Iterator[Document | BadRecord]:
    """Everything in an uploaded file, parsed in a limited child, under the name it was given by.

    Raises jobs.Refused when the file is gone or cannot be read at all.
    """
    options = ReadOptions(text_field=text_field) if text_field else ReadOptions(text_fallbacks=TEXTS)
    try:
        with blobs.local_folder([(key, name)]) as folder:
            for found in sandbox.read_documents(folder, options, name=""):
                yield replace(found, name=name + found.name[len("/000000") + len(blobs.ending(name)) :])
    except FileNotFoundError:
        raise jobs.Refused("The file is no longer stored.") from None
    except ReadError as error:
        raise jobs.Refused(f"The file could not be read: {error.cause}", cause=error.code) from None


def outputs(corpus: OutputCorpus) -> Iterator[Output]:
    """The outputs of a corpus, named apart from those of others: by its public id, then their own name."""
    for found in documents(corpus.blob, corpus.file_name):
        if isinstance(found, Document):
            one = output_of(found)
            yield one._replace(name=f"{corpus.public_id}/{one.name}", generator=one.generator or corpus.generator)


def withdraw(*, corpus: OutputCorpus, actor: Actor) -> None:
    """Delete the file; audits that were made keep what they showed. Raises NotAllowed, or Conflict when it is gone."""
    organisation = actor.require_writer()
    if corpus.organisation_id != organisation.pk:
        raise NotAllowed("Only the organisation that registered a corpus withdraws it.")
    with transaction.atomic():
        standing = OutputCorpus.objects.filter(pk=corpus.pk).exclude(state=State.WITHDRAWN)
        if not standing.update(state=State.WITHDRAWN, blob="", ended_at=Now()):
            raise Conflict("This corpus is withdrawn already.")
        log.stage("outputs.withdrawn", subject=corpus.public_id, facts={"sha256": corpus.sha256}, actor=actor)
        transaction.on_commit(lambda: blobs.delete_folder(f"outputs/{corpus.public_id}"))


def end(corpus: OutputCorpus, state: str, reason: str) -> None:
    """Close a corpus that could not be read."""
    OutputCorpus.objects.filter(pk=corpus.pk, state=State.READING).update(
        state=state, reason=storable(reason)[:2000], ended_at=Now()
    )


def close_broken() -> int:
    """Close the corpora whose job ended without reading them. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    found = OutputCorpus.objects.filter(state=State.READING, job__state__in=broken).select_related("job")
    for corpus in found:
        end(corpus, State.FAILED, corpus.job.reason if corpus.job else "")
    return len(found)


def storable(value: Any) -> Any:
    """The same JSON value without characters that PostgreSQL takes in no text."""
    if isinstance(value, str):
        return jobs.NOT_STORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value
