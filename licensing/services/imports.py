"""Imports: a file of many records is taken, looked at, and then taken over whole, or its valid rows by choice."""

import csv
import io
import logging
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import IO

from django.db import connection, transaction
from django.db.models.functions import Now

from ingest import blobs, catalogues
from ingest.catalogues import CatalogueError
from ingest.services import uploads
from licensing.models import Report
from licensing.services.import_rows import as_sentence
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.importers import columns as importer_columns
from registry.importers.rows import FileHead
from registry.models import Capacity, ColumnMapping, Import, Job, Linkage, Organisation, RightsClaim, Work
from registry.models.base import new_public_id

logger = logging.getLogger(__name__)
State = Import.State

TABLES = frozenset({"csv", "tsv", "xlsx"})
OF_DATASETS = frozenset({"dpi", "croissant"})
RUNNING = [State.CHECKING, State.APPLYING]
OVER = [State.DONE, State.FAILED, State.CANCELLED]
DELIMITERS = ",;\t|"
SAMPLE_ROWS = 3
SAMPLE_CHARS = 100
HOLDER_CLASS = 0x696D71  # an import that a command works on, without a job, is held by its process
LOCK_CLASS = 0x696D70  # one import of an organisation at a time is taken in, or over


@dataclass
class _Opened:
    """What a file says of itself, the columns that count, and the first rows of a table."""

    head: FileHead
    columns: dict[str, str]
    samples: list[list[str]]


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

    Columns of a table: those given, else those remembered for a table with this head, else those that are recognised.
    Raises NotAllowed, FileTooLarge, StorageFull, InvalidInput (a file that is no catalogue, columns it does not have),
    or Conflict when the same file is being taken over at this moment. Then nothing is left behind.
    """
    organisation = actor.require_writer()
    _check_words(capacity, ai_rights, visibility)
    public_id = new_public_id()
    folder = f"imports/{public_id}"
    name = _clean_name(file_name)
    try:
        blob = keep(file, folder)
        uploads.make_room(actor, blob.size_bytes)
        opened = _open(blob.key, name, organisation, columns, encoding)
        with transaction.atomic():
            _lock(organisation)
            _require_alone(organisation, blob.sha256)
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
                columns=opened.columns,
                capacity=capacity,
                ai_rights=ai_rights,
                visibility=visibility,
                **_columns_of(opened),
            )
            if columns:
                _remember(batch)
        batch.refresh_from_db()
        return batch
    except BaseException:
        blobs.delete_folder(folder)
        raise


def _columns_of(opened: _Opened) -> dict[str, object]:
    head = opened.head
    messages = [
        {
            "severity": each.severity,
            "code": each.code,
            "value": each.value,
            "cause": as_sentence(each.cause),
            "fix": as_sentence(each.fix),
        }
        for each in head.messages
    ]
    return {
        "file_format": head.file_format[:20],
        "format_version": head.format_version[:40],
        "encoding": head.encoding[:40],
        "sent_on": head.sent_on[:10],
        "sender": head.sender[:300],
        "head": {"columns": list(head.columns), "messages": messages, "sample": opened.samples},
    }


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


def _clean_name(name: str) -> str:
    plain = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(char if char.isprintable() else "\ufffd" for char in plain)
    return plain.encode("utf-8", "replace").decode()[:255] or "unnamed"


def keep(file: IO[bytes] | Path, folder: str) -> blobs.Blob:
    """Store what is handed in; what is too large is refused before all of it is copied.

    Raises FileTooLarge, or InvalidInput for an empty file.
    """
    if isinstance(file, Path):
        uploads.require_size(file.stat().st_size)
    elif isinstance(size := getattr(file, "size", None), int):
        uploads.require_size(size)
    blob = blobs.put(file if isinstance(file, Path) else uploads.Limited(file), folder)  # type: ignore[arg-type]
    if not blob.size_bytes:
        raise InvalidInput("The file is empty.", errors=[{"pointer": "/file", "cause": "The file is empty."}])
    return blob


def _open(key: str, name: str, organisation: Organisation, columns: Mapping[str, str] | None, encoding: str) -> _Opened:
    with blobs.local_folder([(key, name)]) as folder:
        path = next(folder.iterdir())
        samples: list[list[str]] = []
        try:
            head = catalogues.read_head(path, name=name, columns=columns, encoding=encoding or None)
            if head.file_format in TABLES:
                samples = _samples(path, name, head)
        except CatalogueError as error:
            sentence = f"{name} cannot be read: {error.cause}"
            field = {"FIELD_UNKNOWN": "/columns", "COLUMN_MISSING": "/columns", "ENCODING_UNKNOWN": "/encoding"}
            errors = [{"pointer": field.get(error.code, "/file"), "cause": error.cause, "code": error.code}]
            raise InvalidInput(sentence, errors=errors) from None
    if head.file_format not in TABLES:
        return _Opened(head, {}, [])
    if columns:
        return _Opened(head, dict(columns), samples)
    known = ColumnMapping.objects.filter(organisation=organisation, head=_head_digest(head.columns)).first()
    return _Opened(head, dict(known.columns if known else head.proposed), samples)


def _samples(path: Path, name: str, head: FileHead) -> list[list[str]]:
    """The cells of the first rows, for whoever names the columns; a file that cannot be read on gives none."""
    try:
        with closing(catalogues.Reading(path, name=name, encoding=head.encoding or None)) as reading:
            rows = list(islice(reading, SAMPLE_ROWS))
    except CatalogueError:
        return []
    shown = [cells_of(row.raw, len(head.columns)) for row in rows if row.raw]
    return [[cell[:SAMPLE_CHARS].replace("\0", "\ufffd") for cell in cells] for cells in shown]


def cells_of(raw: str, columns: int) -> list[str]:
    """The cells of a line as it stood, whatever divides them there; as many as there are columns, or more."""
    csv.field_size_limit(1 << 24)
    readings = (next(csv.reader(io.StringIO(raw, newline=""), delimiter=mark), []) for mark in DELIMITERS)
    cells = min(readings, key=lambda cells: abs(len(cells) - columns))
    return [*cells, *[""] * (columns - len(cells))]


def _head_digest(columns: tuple[str, ...] | list[str]) -> str:
    return sha256("\0".join(columns).encode()).hexdigest()


def _remember(batch: Import) -> None:
    columns = batch.head.get("columns", [])
    if columns:
        ColumnMapping.objects.update_or_create(
            organisation=batch.organisation, head=_head_digest(columns), defaults={"columns": batch.columns}
        )


def is_remembered(batch: Import) -> bool:
    """Whether the organisation has named the columns of a table with this head before."""
    digest = _head_digest(batch.head.get("columns", []))
    return ColumnMapping.objects.filter(organisation=batch.organisation, head=digest).exists()


def _lock(organisation: Organisation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_CLASS, organisation.pk])


def _require_alone(organisation: Organisation, digest: str) -> None:
    for twin in Import.objects.filter(organisation=organisation, sha256=digest, state__in=RUNNING):
        if twin.job_id is None and _try_to_hold(twin):
            _let_go(twin)
            end(twin, State.FAILED, "The process that worked on it ended without a word.")
            continue
        sentence = f"This very file is being worked on at the moment (import {twin.public_id}); wait until it is done."
        raise Conflict(sentence, **{"import": twin.public_id})


@contextmanager
def working_on(batch: Import) -> Iterator[None]:
    """For whoever checks and applies without a job: a process that dies lets the import go."""
    _try_to_hold(batch)
    try:
        yield
    finally:
        _let_go(batch)


def _try_to_hold(batch: Import) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [HOLDER_CLASS, batch.pk])
        return bool(cursor.fetchone()[0])


def _let_go(batch: Import) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [HOLDER_CLASS, batch.pk])


@transaction.atomic
def name_columns(*, batch: Import, columns: Mapping[str, str], actor: Actor, encoding: str = "") -> None:
    """Say which column of the table is which field; remembered for the next table with this head.

    Raises InvalidInput for fields and columns that are not there, Conflict once the file is being taken over.
    """
    require_own(batch, actor)
    batch = locked(batch, State.UPLOADED, State.CHECKED, State.FAILED)
    chosen = {column: field for column, field in columns.items() if field}
    there = set(batch.head.get("columns", []))
    errors = [
        {"pointer": f"/columns/{column}", "cause": f"The file has no column “{column}”."}
        for column in chosen
        if column not in there
    ] + [
        {"pointer": f"/columns/{column}", "cause": f"{field!r} is not one of {', '.join(importer_columns.FIELDS)}."}
        for column, field in chosen.items()
        if field not in importer_columns.FIELDS
    ]
    errors += _twice(chosen)
    if "title" not in chosen.values():
        errors.append({"pointer": "/columns", "cause": "One column has to be the title."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    batch.columns = chosen
    batch.encoding = encoding or batch.encoding
    batch.state = State.UPLOADED
    batch.head = batch.head | {"messages": _still_true(batch.head.get("messages", []), chosen)}
    batch.save(update_fields=["columns", "encoding", "state", "head"])
    _remember(batch)


def _still_true(messages: list[dict[str, str]], chosen: Mapping[str, str]) -> list[dict[str, str]]:
    """What was said of the file, without the missing columns that have been named since."""
    missing = {"title": "TITLE_COLUMN_MISSING", "record_reference": "REFERENCE_COLUMN_MISSING"}
    named = {missing[field] for field in chosen.values() if field in missing}
    return [message for message in messages if message["code"] not in named]


def _twice(chosen: Mapping[str, str]) -> list[dict[str, str]]:
    """Fields that one column alone can fill."""
    seen: dict[str, str] = {}
    errors = []
    for column, field in chosen.items():
        first = seen.setdefault(field, column)
        if first != column and field not in importer_columns.REPEATABLE:
            cause = f"“{first}” and “{column}” cannot both be the {field.replace('_', ' ')}."
            errors.append({"pointer": f"/columns/{column}", "cause": cause})
    return errors


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
    _lock(batch.organisation)
    row = locked(batch, State.UPLOADED, State.CHECKED, State.FAILED)
    if not row.blob:
        raise Conflict("The file of this import is gone: it is kept for 30 days, and less where room is needed.")
    _require_alone(batch.organisation, batch.sha256)
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


def end(batch: Import, state: str, reason: str) -> None:
    """Close an import that was not taken over."""
    Import.objects.filter(pk=batch.pk).exclude(state=State.DONE).update(
        state=state, reason=reason.replace("\0", "\ufffd")[:2000], ended_at=Now()
    )


def unforeseen(batch: Import | Linkage | Report, claim: jobs.Claim | None = None) -> str:
    """What people are told of an error that nobody foresaw, in the place where it is handled: the log has the rest.

    The error itself may quote rows of others and names of tables, so it is shown to nobody.
    """
    logger.exception("%s stopped at an unforeseen error", batch)
    return said_of_fault(claim.job if claim is not None else None)


def said_of_fault(job: Job | None) -> str:
    """The sentence about an unforeseen error in a job, by which the operator finds it in the log."""
    which = f" (job {job.public_id})" if job is not None else ""
    return f"An unforeseen fault of ours stopped it{which}. Try once more; if it happens again, tell the operator."


def reason_of(job: Job) -> str:
    """Why a job that is over had no result, as people may see it: an attempt's own error is not for them."""
    return said_of_fault(job) if job.state == Job.State.QUARANTINED else job.reason


def close_broken() -> int:
    """Close the imports whose job ended without a result: quarantined, or cancelled while it waited. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    waiting = Import.objects.filter(state__in=RUNNING, job__state__in=broken).select_related("job")
    for batch in waiting:
        assert batch.job is not None
        stopped = batch.job.state == Job.State.CANCELLED
        end(batch, State.CANCELLED if stopped else State.FAILED, reason_of(batch.job))
    return len(waiting)


def require_own(batch: Import, actor: Actor) -> None:
    """Raises NotAllowed for who may not write, Conflict for another organisation's import."""
    if actor.require_writer() != batch.organisation:
        raise Conflict("Only the organisation that handed in a file can act on its import.")


def locked(batch: Import, *states: str) -> Import:
    """The import's row, locked for the rest of the transaction; Conflict unless it is in one of these states."""
    rows = Import.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation", "job")
    row = rows.get(pk=batch.pk)
    if row.state not in states:
        raise Conflict(f"This import is {row.get_state_display()}: that cannot be done now.", state=row.state)
    return row
