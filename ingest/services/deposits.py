"""Texts handed in for works: kept, dropped once fingerprinted, or never taken at all."""

from pathlib import Path
from typing import IO

from django.db import transaction
from django.db.models.functions import Now

from ingest import blobs
from ingest.engine import fingerprint as fp
from ingest.models import Deposit
from ingest.services import fingerprints
from ingest.services.excerpts import NOT_STORABLE
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Edition, Organisation, Work
from registry.models.base import new_public_id
from registry.services import log

MAX_FINGERPRINT_BYTES = 64 << 20


def take(
    *, work: Work, file: IO[bytes], file_name: str, mode: str, actor: Actor, edition: Edition | None = None
) -> Deposit:
    """Take what somebody hands in: a `.fp` file as the fingerprint it is, anything else as a text in this mode."""
    start = file.read(len(fp.MAGIC))
    file.seek(0)
    if start != fp.MAGIC:
        return keep(work=work, file=file, file_name=file_name, mode=mode, edition=edition, actor=actor)
    data = file.read(MAX_FINGERPRINT_BYTES + 1)
    if len(data) > MAX_FINGERPRINT_BYTES:
        raise InvalidInput(f"{file_name}: a fingerprint has at most {MAX_FINGERPRINT_BYTES >> 20} MiB.", file=file_name)
    return keep_fingerprint(work=work, data=data, file_name=file_name, edition=edition, actor=actor)


def keep(
    *,
    work: Work,
    actor: Actor,
    path: Path | None = None,
    file: IO[bytes] | None = None,
    file_name: str = "",
    edition: Edition | None = None,
    mode: str = Deposit.Mode.TRANSIENT,
) -> Deposit:
    """Take a text, from `path` or the open `file`, and enqueue its fingerprint; `deposit.job` is that job.

    Mode `fingerprint_only` reads a text where it lies and stores nothing but its sketch. Raises NotAllowed (somebody
    else's work), InvalidInput (nothing to read, or an edition of another work), Conflict (a withdrawn work).
    """
    organisation = _check(work, edition, actor)
    if mode not in Deposit.Mode.values:
        raise InvalidInput(f"{mode!r} is not one of {', '.join(Deposit.Mode.values)}.", mode=mode)
    name = (file_name or (path.name if path else "") or getattr(file, "name", "") or "text")[-255:]
    name = NOT_STORABLE.sub("\ufffd", name)
    source = path if path is not None else file
    if source is None or (path is not None and not path.is_file()):
        raise InvalidInput(f"{name}: there is no such file.", file=name)
    if mode == Deposit.Mode.FINGERPRINT_ONLY:
        return _keep_sketch_of(source, name, work, edition, actor)
    public_id = new_public_id()
    folder = f"deposits/{public_id}"
    blob = blobs.put(source, folder)
    try:
        with transaction.atomic():
            deposit = Deposit(
                public_id=public_id,
                work=work,
                edition=edition,
                organisation=organisation,
                mode=mode,
                file_name=name,
                sha256=blob.sha256,
                size_bytes=blob.size_bytes,
                blob=blob.key,
            )
            return _record(deposit, actor, "fingerprint")
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _keep_sketch_of(source: Path | IO[bytes], name: str, work: Work, edition: Edition | None, actor: Actor) -> Deposit:
    """Fingerprint a text on the spot. A stream passes through the blob store only while it is read."""
    if isinstance(source, Path):
        data = fingerprints.of_file(source, name, work=work, edition=edition)
        return keep_fingerprint(work=work, edition=edition, data=data, file_name=name, actor=actor)
    folder = f"deposits/{new_public_id()}"
    try:
        blob = blobs.put(source, folder)
        data = fingerprints.of_blob(blob.key, name, work=work, edition=edition)
    finally:
        blobs.delete_folder(folder)
    return keep_fingerprint(work=work, edition=edition, data=data, file_name=name, actor=actor)


@transaction.atomic
def keep_fingerprint(
    *, work: Work, data: bytes, actor: Actor, edition: Edition | None = None, file_name: str = ""
) -> Deposit:
    """Take a `.fp` file with one record: the text itself never came here. Raises InvalidInput for any other bytes."""
    organisation = _check(work, edition, actor)
    record = fingerprints.parse(data, file_name or "fingerprint.fp")
    deposit = Deposit(
        work=work,
        edition=edition,
        organisation=organisation,
        mode=Deposit.Mode.FINGERPRINT_ONLY,
        file_name=NOT_STORABLE.sub("\ufffd", file_name)[-255:],
        size_bytes=len(data),
    )
    _record(deposit, actor, "publish_segment")
    fingerprints.store(deposit, record, actor)
    return deposit


def _check(work: Work, edition: Edition | None, actor: Actor) -> Organisation:
    organisation = actor.require_writer()
    if organisation != work.registered_by:
        raise NotAllowed("Only the organisation that registered a work can hand in its text.", work=work.public_id)
    if edition is not None and edition.work_id != work.pk:
        raise InvalidInput("The edition belongs to another work.", edition=edition.public_id)
    if work.merged_into_id is not None:
        raise Conflict("This work is one with another now; hand in the text there.", work=work.public_id)
    if work.withdrawn_at is not None:
        raise Conflict("This work was withdrawn; restore it before handing in a text.", work=work.public_id)
    return organisation


def _record(deposit: Deposit, actor: Actor, kind: str) -> Deposit:
    deposit.save()
    log.stage(
        "deposit.received",
        subject=f"deposit:{deposit.public_id}",
        facts={
            "work": deposit.work.public_id,
            "edition": deposit.edition.public_id if deposit.edition else None,
            "mode": deposit.mode,
            "sha256": deposit.sha256 or None,
            "size_bytes": deposit.size_bytes,
        },
        actor=actor,
    )
    deposit.job = jobs.enqueue(kind, organisation=deposit.organisation, deposit_id=deposit.pk)
    deposit.save(update_fields=["job"])
    return deposit


@transaction.atomic
def withdraw(*, deposit: Deposit, actor: Actor) -> None:
    """Take a text out of the index at once and delete it; the record that it was given stays.

    Where the work has other texts the segments that hold this one are written anew first, within the job.
    """
    if actor.require_writer() != deposit.organisation:
        raise Conflict("Only the organisation that handed in a text can withdraw it.")
    if not Deposit.objects.filter(pk=deposit.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now(), blob=""):
        raise Conflict("This text was withdrawn before.")
    log.stage("deposit.withdrawn", subject=f"deposit:{deposit.public_id}", facts={}, actor=actor)
    jobs.enqueue("replace_segments", organisation=deposit.organisation, deposit_id=deposit.pk)
    transaction.on_commit(lambda: blobs.delete_folder(f"deposits/{deposit.public_id}"))
