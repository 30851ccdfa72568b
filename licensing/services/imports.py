"""Imports: a file of many records is taken, looked at, and then taken over whole, or its valid rows by choice."""

from collections.abc import Mapping
from pathlib import Path
from typing import IO

from django.db import transaction

from ingest import blobs
from ingest.services import uploads
from licensing.services import import_columns, import_heads
from licensing.services.import_states import RUNNING, State, end, locked, require_own
from licensing.services.import_turns import lock, require_alone
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.importers.rows import TABLES
from registry.models import Capacity, Import, Job, RightsClaim, Work
from registry.models.base import new_public_id

OF_DATASETS = frozenset({"dpi", "croissant"})


def take(
    *,
    file: IO[bytes] | Path,
    file_name: str,
    actor: Actor,
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    capacity: str = Capacity.PUBLISHER,
    ai_rights: str = RightsClaim.AiRights.SILENT,
    visibility: str = Work.Visibility.PUBLIC,
) -> Import:
    """Keep the file and read its head; nothing is looked at yet (`request_check`, `import_check.check`).

    Columns of a table: those given; the others as remembered for a table with this head, else as they are recognised.
    Raises NotAllowed, FileTooLarge, StorageFull, InvalidInput (a file that is no catalogue, columns it does not have),
    or Conflict when the same file is being taken over at this moment. Then nothing is left behind.
    """
    organisation = actor.require_writer()
    _check_words(capacity, ai_rights, visibility)
    public_id = new_public_id()
    folder = f"imports/{public_id}"
    name = uploads.clean_name(file_name)
    try:
        blob = uploads.keep(file, folder)
        uploads.make_room(actor, blob.size_bytes)
        opened = import_heads.read(blob.key, name, organisation, columns, encoding)
        with transaction.atomic():
            lock(organisation)
            require_alone(organisation, blob.sha256)
            uploads.make_room(actor, blob.size_bytes)
            batch = Import.objects.create(
                public_id=public_id,
                organisation=organisation,
                user=actor.user,
                content=Import.Content.DATASETS if opened.head.file_format in OF_DATASETS else Import.Content.WORKS,
                file_name=name,
                size_bytes=blob.size_bytes,
                sha256=blob.sha256,
                blob=blob.key,
                capacity=capacity,
                ai_rights=ai_rights,
                visibility=visibility,
                **opened.as_columns(),
            )
            if columns:
                import_columns.remember(batch)
        batch.refresh_from_db()
        return batch
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _check_words(capacity: str, ai_rights: str, visibility: str) -> None:
    vocabularies = (
        ("capacity", capacity, Capacity.values),
        ("ai_rights", ai_rights, RightsClaim.AiRights.values),
        ("visibility", visibility, Work.Visibility.values),
    )
    errors = [
        {"pointer": f"/{name}", "cause": f"{value!r} is not one of {', '.join(known)}."}
        for name, value, known in vocabularies
        if value not in known
    ]
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)


@transaction.atomic
def request_check(*, batch: Import, actor: Actor) -> Job:
    """Have the file looked at by a worker; nothing is written to works. Raises Conflict, InvalidInput (no title)."""
    begin_check(batch=batch, actor=actor)
    job = jobs.enqueue("import_check", organisation=batch.organisation, import_id=batch.pk)
    Import.objects.filter(pk=batch.pk).update(job=job)
    batch.refresh_from_db()
    return job


@transaction.atomic
def begin_check(*, batch: Import, actor: Actor) -> None:
    """Mark the import as being looked at: whoever calls this looks at it (`import_check.check`)."""
    require_own(batch, actor)
    if batch.file_format in TABLES and "title" not in batch.columns.values():
        found = ", ".join(batch.head.get("columns", [])[:20])
        cause = f"No column is known to be the title. The file has: {found}. Say which column is which field."
        raise InvalidInput(cause, errors=[{"pointer": "/columns", "cause": cause}])
    lock(batch.organisation)
    row = locked(batch, State.UPLOADED, State.CHECKED, State.FAILED)
    if not row.blob:
        raise Conflict("The file of this import is gone: it is kept for 30 days, and less where room is needed.")
    require_alone(batch.organisation, batch.sha256)
    row.state, row.reason = State.CHECKING, ""
    row.save(update_fields=["state", "reason"])
    batch.refresh_from_db()


@transaction.atomic
def request_apply(*, batch: Import, actor: Actor, valid_rows_only: bool = False) -> Job:
    """Have the file taken over by a worker: all of it, or the valid rows by choice. Raises Conflict."""
    begin_apply(batch=batch, actor=actor, valid_rows_only=valid_rows_only)
    job = jobs.enqueue("import_apply", organisation=batch.organisation, import_id=batch.pk, actor=actor.name)
    Import.objects.filter(pk=batch.pk).update(job=job)
    batch.refresh_from_db()
    return job


@transaction.atomic
def begin_apply(*, batch: Import, actor: Actor, valid_rows_only: bool = False) -> None:
    """Mark the import as being taken over: whoever calls this does it (`import_apply.apply`)."""
    require_own(batch, actor)
    row = locked(batch, State.CHECKED)
    refused = row.counts.get("refused", 0)
    if refused and not valid_rows_only:
        rows = "1 row is" if refused == 1 else f"{refused:,} rows are"
        sentence = f"{rows} refused. Correct the file and upload it again, or choose to import the valid rows only."
        raise Conflict(sentence, refused=refused)
    if refused and refused == row.counts.get("rows"):
        raise Conflict("Every row is refused: there is nothing to import.", refused=refused)
    row.state, row.reason, row.valid_rows_only = State.APPLYING, "", valid_rows_only
    row.save(update_fields=["state", "reason", "valid_rows_only"])
    batch.refresh_from_db()


@transaction.atomic
def cancel(*, batch: Import, actor: Actor) -> None:
    """Stop an import that is not over; works are as they were. Raises Conflict when it is over."""
    require_own(batch, actor)
    row = locked(batch, State.UPLOADED, State.CHECKED, *RUNNING)
    if row.state in RUNNING and row.job is not None:
        jobs.cancel(row.job)
        row.job.refresh_from_db()
        if not row.job.ended:
            return  # the worker stops at its next chunk and says so
    end(row, State.CANCELLED, "Stopped on request.")
    batch.refresh_from_db()


def forget(batch: Import) -> None:
    """Remove an import that never began, with its file."""
    Import.objects.filter(pk=batch.pk, state=State.UPLOADED).delete()
    blobs.delete_folder(f"imports/{batch.public_id}")
