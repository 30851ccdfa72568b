"""The dry run of an import: every record is read and planned, its faults are stored, nothing is written to works."""

import datetime
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

from django.conf import settings
from django.db import transaction

from ingest import blobs, catalogues
from ingest.catalogues import CatalogueError
from licensing.services import assertions, dataset_imports, import_states, job_faults
from licensing.services.import_leaves import leaf_of
from licensing.services.import_plan import Planned, Planner
from licensing.services.import_rows import Fault, Said, message_fault, read, worst
from registry import jobs
from registry.actors import system
from registry.errors import ColophonError
from registry.importers.rows import CatalogueRow, DatasetRow
from registry.memory import at_rest
from registry.models import Dataset, Import, ImportRow
from registry.services import copying

Action = ImportRow.Action
BATCH_ROWS = 1_000
MAX_RAW_CHARS = 1 << 20  # a record that is larger is not offered again among the refused ones
COLUMNS = (
    *("batch_id", "number", "reference", "action", "severity", "faults", "title", "raw", "work_id", "dataset_id"),
    "leaf",
)
COUNTED = {
    Action.NEW: "new",
    Action.UPDATE: "updated",
    Action.UNCHANGED: "unchanged",
    Action.DELETE: "deleted",
    Action.REFUSED: "refused",
}


def check(import_id: int, claim: jobs.Claim | None = None) -> Import:
    """Look at the file of an import that is being checked. Interrupted and run again it begins anew.

    A file that cannot be read to its end leaves the import failed, with the reason and the rows before it.
    """
    batch = Import.objects.select_related("organisation").get(pk=import_id)
    if batch.state != Import.State.CHECKING:
        return batch
    try:
        _check(batch, claim)
    except jobs.LeaseLost:
        raise
    except jobs.Cancelled:
        import_states.end(batch, Import.State.CANCELLED, "Stopped on request.")
        raise
    except CatalogueError as error:
        import_states.end(batch, Import.State.FAILED, f"{batch.file_name} cannot be read: {error.cause}")
        raise jobs.Refused(error.cause) from None
    except ColophonError as error:
        import_states.end(batch, Import.State.FAILED, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            import_states.end(batch, Import.State.FAILED, job_faults.unforeseen(batch, claim))
        raise
    batch.refresh_from_db()
    return batch


def _check(batch: Import, claim: jobs.Claim | None) -> None:
    ImportRow.objects.filter(batch=batch).delete()
    counts: Counter[str] = Counter()
    with at_rest(), rows_of(batch) as rows:
        if batch.content == Import.Content.DATASETS:
            _check_datasets(batch, rows, counts, claim)
        else:
            _check_works(batch, rows, counts, claim)
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        batch.counts = summed(counts)
        batch.message_status = status_of(batch.counts, batch.head)
        batch.state = Import.State.CHECKED
        batch.save(update_fields=["counts", "message_status", "state"])


class rows_of:  # noqa: N801 (a context manager, used as a function)
    """The records of an import's file, read in a limited child process while the context lasts."""

    def __init__(self, batch: Import) -> None:
        self._batch = batch
        self._folder = blobs.local_folder([(batch.blob, batch.file_name)])

    def __enter__(self) -> Iterator[CatalogueRow | DatasetRow]:
        path = next(self._folder.__enter__().iterdir())
        try:
            self._reading = catalogues.Reading(
                path,
                name=self._batch.file_name,
                columns=self._batch.columns or None,
                encoding=self._batch.encoding if self._batch.columns else None,
            )
        except BaseException:
            self._folder.__exit__(None, None, None)
            raise
        return iter(self._reading)

    def __exit__(self, *details: Any) -> None:
        with closing(self._reading):
            self._folder.__exit__(*details)


def _check_works(
    batch: Import, rows: Iterator[CatalogueRow | DatasetRow], counts: Counter[str], claim: jobs.Claim | None
) -> None:
    planner = Planner(batch, observed_at=message_day(batch))
    source = batch.sender or batch.file_name
    has_references = not batch.columns or "record_reference" in batch.columns.values()
    for given in _batches(rows):
        works = [row for row in given if isinstance(row, CatalogueRow)]
        said = [read(row, visibility=batch.visibility, source=source, has_references=has_references) for row in works]
        with transaction.atomic():
            if claim is not None:
                claim.guard()
            planned = planner.plan(said)
            store(batch, [_row_of(batch, each) for each in planned])
        for each in planned:
            count(counts, each.action, worst(each.said.faults))
        if claim is not None:
            claim.progress("checking", counts["rows"])


def message_day(batch: Import) -> datetime.date:
    """The day that what the file says about rights is dated by: the message's own, never a day to come."""
    today = assertions.today()
    try:
        return min(today, datetime.date.fromisoformat(batch.sent_on))
    except ValueError:
        return today


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, BATCH_ROWS)):
        yield batch


def _row_of(batch: Import, planned: Planned) -> Sequence[Any]:
    said: Said = planned.said
    raw = said.raw if planned.action == Action.REFUSED and len(said.raw) <= MAX_RAW_CHARS else ""
    return (
        batch.pk,
        said.number,
        _storable(said.reference),
        str(planned.action),
        worst(said.faults),
        dumped(said.faults),
        _storable(said.title),
        _storable(raw),
        planned.held.pk if planned.held else None,
        None,
        leaf_of(said, batch.public_id) if planned.writes else None,
    )


def dumped(faults: Sequence[Fault]) -> str:
    """Faults as the column of JSON takes them."""
    return json.dumps(faults, ensure_ascii=False).replace("\\u0000", "\ufffd") if faults else "[]"


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd") if "\0" in text else text


def store(batch: Import, rows: Sequence[Sequence[Any]]) -> None:
    """Write rows of the report."""
    copying.insert(ImportRow, COLUMNS, rows)


def count(counts: Counter[str], action: str, severity: str) -> None:
    """Add one row to the counts of the report."""
    counts["rows"] += 1
    counts[COUNTED[Action(action)]] += 1
    counts["warnings"] += severity == "W"
    counts["cut"] += severity == "F"


def summed(counts: Counter[str]) -> dict[str, int]:
    """The counts of a report, those that are nothing included."""
    return {name: counts[name] for name in ("rows", *COUNTED.values(), "warnings", "cut")}


def status_of(counts: dict[str, int], head: dict[str, Any]) -> str:
    """How the whole message fares, in the terms of the ONIX Acknowledgement."""
    status = Import.MessageStatus
    if counts["refused"] == counts["rows"]:
        return status.REFUSED
    if counts["refused"]:
        return status.PARTLY
    warned = counts["warnings"] or any(message["severity"] in "WEF" for message in head.get("messages", []))
    return status.WITH_WARNINGS if warned else status.ACCEPTED


def _check_datasets(
    batch: Import, rows: Iterator[CatalogueRow | DatasetRow], counts: Counter[str], claim: jobs.Claim | None
) -> None:
    given = [row for row in rows if isinstance(row, DatasetRow)]
    if claim is not None:
        claim.progress("checking", 0, len(given))
    outcomes = apply_datasets(batch, given, dry_run=True).outcomes
    with transaction.atomic():
        if claim is not None:
            claim.guard()
        store(batch, dataset_rows(batch, given, outcomes))
    for row, outcome in zip(given, outcomes, strict=True):
        count(counts, outcome.action, worst([message_fault(each) for each in row.messages]))


def apply_datasets(batch: Import, rows: Sequence[DatasetRow], *, dry_run: bool) -> dataset_imports.Applied:
    """Take over, or try, descriptions of datasets in the name of the import's organisation."""
    is_draft = batch.visibility != Dataset.Visibility.PUBLIC
    return dataset_imports.apply(
        rows,
        actor=system(f"import/{batch.public_id}", batch.organisation),
        visibility=Dataset.Visibility.PRIVATE if is_draft else Dataset.Visibility.PUBLIC,
        dry_run=dry_run,
    )


def dataset_rows(
    batch: Import, rows: Sequence[DatasetRow], outcomes: Sequence[dataset_imports.Outcome]
) -> list[Sequence[Any]]:
    """The report's rows of a file of datasets."""
    stored: list[Sequence[Any]] = []
    for row, outcome in zip(rows, outcomes, strict=True):
        faults = [message_fault(each) for each in row.messages]
        refused = outcome.action == dataset_imports.REFUSED
        known = None if outcome.action == dataset_imports.NEW else outcome.dataset_id
        raw = row.raw if refused and len(row.raw) <= MAX_RAW_CHARS else ""
        text = (
            _storable(row.reference)[:200],
            outcome.action,
            worst(faults),
            dumped(faults),
            _storable(row.name)[:500],
        )
        stored.append((batch.pk, row.number, *text, _storable(raw), None, known, outcome.leaf or None))
    return stored
