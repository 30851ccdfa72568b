"""Fingerprints: a text goes in, only its sketch is stored. Made with the registry's one frozen parameter set."""

import hashlib
from pathlib import Path

from django.db import transaction

from ingest import blobs, sandbox
from ingest.engine import fingerprint as fp
from ingest.engine.errors import EngineError
from ingest.engine.params import REGISTRY_1, Params
from ingest.engine.records import FingerprintRecord
from ingest.engine.sketch import sketch_text
from ingest.models import Deposit, Fingerprint
from ingest.readers import BadRecord, ReadError
from registry.actors import Actor, system
from registry.errors import ColophonError, InvalidInput
from registry.jobs import Claim
from registry.models import Edition, Work
from registry.services import log

# The sets that the registry's own segments are made with. A new one is added beside the old, both are queried.
PARAMETER_SETS: dict[str, Params] = {REGISTRY_1.name: REGISTRY_1}


class TextUnreadable(ColophonError):
    """No text could be read from what was handed in; names the file and the cause."""

    code = "TEXT_UNREADABLE"


def read_text(path: Path, name: str) -> str:
    """The one text of a file, parsed in the sandbox. Raises TextUnreadable, also for a file of several documents."""
    text: str | None = None
    try:
        for found in sandbox.read_documents(path, name=name):
            if isinstance(found, BadRecord):
                raise TextUnreadable(f"{found.name}: {found.cause}", file=found.name, cause=found.cause_code)
            if text is not None:
                raise TextUnreadable(
                    f"{name}: holds several documents; a deposit is the text of one work.", file=name, cause="several"
                )
            text = found.text
    except ReadError as error:
        raise TextUnreadable(f"{name}: {error.cause}", file=name, cause=error.code) from None
    if text is None or not text.strip():
        raise TextUnreadable(f"{name}: there is no text in it.", file=name, cause="no_text")
    return text


def read_blob(key: str, name: str) -> str:
    """As `read_text`, of a stored file. Raises TextUnreadable when it is gone."""
    try:
        with blobs.local_folder([(key, name)]) as folder:
            return read_text(next(folder.iterdir()), name)
    except FileNotFoundError:
        raise TextUnreadable(f"{name}: the file is no longer stored.", file=name, cause="blob_missing") from None


def sketch(text: str, name: str, *, work: Work, edition: Edition | None) -> FingerprintRecord:
    """The fingerprint of a text as the registry stores it. Raises TextUnreadable when it has too few letters."""
    made = sketch_text(text, REGISTRY_1)
    if not len(made.hashes):
        raise TextUnreadable(
            f"{name}: {made.letters} letters are too few for a fingerprint.", file=name, cause="too_short"
        )
    isbn = work.identifiers.filter(scheme="isbn", **({"edition": edition} if edition else {})).first()
    return FingerprintRecord(
        work=work.public_id,
        edition=edition.public_id if edition else None,
        title=work.title,
        author=work.author_names,
        isbn=isbn.value if isbn else "",
        sketch=made,
    )


def of_file(path: Path, name: str, *, work: Work, edition: Edition | None) -> bytes:
    """A `.fp` file of a local text, which is read and not kept."""
    return fp.dump([sketch(read_text(path, name), name, work=work, edition=edition)])


def of_blob(key: str, name: str, *, work: Work, edition: Edition | None) -> bytes:
    """A `.fp` file of a stored text."""
    return fp.dump([sketch(read_blob(key, name), name, work=work, edition=edition)])


def parse(data: bytes, name: str) -> FingerprintRecord:
    """The one record of a `.fp` file. Raises InvalidInput: damaged, several records, or an unknown parameter set."""
    try:
        records = fp.load(data)
    except EngineError as error:
        raise InvalidInput(f"{name}: {error}", file=name, cause=error.code) from None
    if len(records) != 1:
        raise InvalidInput(f"{name}: holds {len(records)} fingerprints; one deposit has one.", file=name)
    if records[0].parameters not in PARAMETER_SETS:
        raise InvalidInput(
            f"{name}: made with the parameter set {records[0].parameters!r}; the registry takes "
            f"{', '.join(PARAMETER_SETS)}.",
            file=name,
            parameters=records[0].parameters,
        )
    if not len(records[0].sketch.hashes):
        raise InvalidInput(f"{name}: the fingerprint is empty.", file=name)
    return records[0]


def store(deposit: Deposit, record: FingerprintRecord, actor: Actor) -> Fingerprint:
    """Write the fingerprint's row and log entry, in the caller's transaction.

    The record is written under the deposit's own work and edition, whatever its file said.
    """
    own = FingerprintRecord(
        work=deposit.work.public_id,
        edition=deposit.edition.public_id if deposit.edition else None,
        title=deposit.work.title,
        author=deposit.work.author_names,
        isbn=record.isbn,
        sketch=record.sketch,
    )
    data = fp.dump([own])
    made = Fingerprint.objects.create(
        deposit=deposit,
        parameter_set=own.parameters,
        parameters_digest=PARAMETER_SETS[own.parameters].digest,
        data=data,
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
        letters=own.sketch.letters,
        words=own.sketch.words,
        chars=own.sketch.chars,
    )
    log.stage(
        "fingerprint.made",
        subject=f"fingerprint:{made.public_id}",
        facts={
            "deposit": deposit.public_id,
            "work": own.work,
            "digest": made.digest,
            "parameters": made.parameters_digest,
            "words": made.words,
        },
        actor=actor,
        organisation=deposit.organisation,
    )
    return made


def make(claim: Claim, deposit: Deposit) -> Fingerprint:
    """Read a deposit's text, store its fingerprint and, unless it is to be kept, delete the text.

    Doing it twice changes nothing. Raises TextUnreadable; an unreadable text is deleted as well.
    """
    done = Fingerprint.objects.filter(deposit=deposit).first()
    if done is None:
        claim.progress("reading", 0, 1)
        try:
            text = read_blob(deposit.blob, deposit.file_name)
            record = sketch(text, deposit.file_name, work=deposit.work, edition=deposit.edition)
        except TextUnreadable:
            _drop_text(claim, deposit)
            raise
        with transaction.atomic():
            claim.guard()
            done = store(deposit, record, system("fingerprints"))
    if deposit.mode == Deposit.Mode.TRANSIENT:
        _drop_text(claim, deposit)
    return done


def _drop_text(claim: Claim, deposit: Deposit) -> None:
    blobs.delete_folder(f"deposits/{deposit.public_id}")
    with transaction.atomic():
        claim.guard()
        Deposit.objects.filter(pk=deposit.pk).update(blob="")
