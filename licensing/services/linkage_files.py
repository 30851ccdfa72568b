"""Lists of titles as files: reading the rows of what somebody hands in, writing what became of them."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ingest import catalogues
from ingest.catalogues import CatalogueError
from licensing.services.import_files import Download
from registry.errors import InvalidInput
from registry.importers import columns as importer_columns
from registry.importers.cells import MAX_CELL_CHARS as MAX_READ_CHARS
from registry.importers.cells import read_line, spreadsheet_safe, write_line
from registry.importers.rows import TABLES, CatalogueRow, FileHead
from registry.linkage.facts import COLUMNS, RowFacts
from registry.models import LinkageRow, Work

MAX_CELL_CHARS = 2_000
FIELD_OF = {"first_published": "year", "year": "year"} | {
    name: name for name in ("title", "author", "publisher", "isbn")
}
EXPORTED = ("row", "title", "author", "year", "publisher", "isbn", "decision", "work", "reference", "probability", "by")

Numbered = tuple[int, RowFacts]


def read_head(
    path: Path, *, name: str, columns: Mapping[str, str] | None, encoding: str
) -> tuple[FileHead, dict[str, str]]:
    """What the table says of itself, and which of its columns are which of ours; read in a limited child process.

    columns: column → one of COLUMNS; without it they are recognised by their headings. Raises InvalidInput.
    """
    try:
        head = catalogues.read_head(path, name=name, encoding=encoding or None)
    except CatalogueError as error:
        pointer = "/encoding" if error.code == "ENCODING_UNKNOWN" else "/file"
        raise _refused(f"{name} cannot be read: {error.cause}", pointer) from None
    if head.file_format not in TABLES:
        raise _refused(f"{name} is {head.file_format.upper()}; a list is a table: CSV, TSV or XLSX.", "/file")
    if columns:
        missing = [column for column in columns if column not in head.columns]
        unknown = [field for field in columns.values() if field not in COLUMNS]
        if missing or unknown:
            wrong = ", ".join(repr(each) for each in [*missing, *unknown][:5])
            raise _refused(f"There is no {wrong}; columns: {', '.join(head.columns[:20])}.", "/columns")
        return head, dict(columns)
    found = {column: FIELD_OF[field] for column, field in head.proposed.items() if field in FIELD_OF}
    if not {"title", "isbn"} & set(found.values()):
        raise _refused(f"No column of {name} is called title or isbn: {', '.join(head.columns[:20])}.", "/columns")
    return head, found


def _refused(sentence: str, pointer: str) -> InvalidInput:
    return InvalidInput(sentence, errors=[{"pointer": pointer, "cause": sentence}])


def rows_of(path: Path, *, name: str, head: FileHead, columns: Mapping[str, str]) -> Iterator[Numbered]:
    """The rows in order, counted from 1 without the heading; empty lines are counted by nobody.

    Text is only divided into cells here, which interprets nothing; workbooks are opened in a limited child process.
    """
    places = importer_columns.positions(head.columns, columns)
    cells = _workbook(path, name, head.separator) if head.file_format == "xlsx" else _text(path, head)
    for number, values in enumerate(cells, 1):
        yield number, _facts(values, places)


def _facts(values: Sequence[str], places: Mapping[str, Sequence[int]]) -> RowFacts:
    said: dict[str, str] = {}
    for field, columns in places.items():
        given = (values[place].strip()[:MAX_CELL_CHARS].replace("\0", "") for place in columns if place < len(values))
        said[field] = "; ".join(value for value in given if value)
    return RowFacts(**said)


def _text(path: Path, head: FileHead) -> Iterator[list[str]]:
    csv.field_size_limit(MAX_READ_CHARS)
    encoding = head.encoding or "utf-8"
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, errors="replace", newline="") as file:
        lines = csv.reader((line.replace("\0", "") for line in file), delimiter=head.separator)
        for place, values in enumerate(lines):
            if place > head.heading and any(value.strip() for value in values):
                yield values


def _workbook(path: Path, name: str, separator: str) -> Iterator[list[str]]:
    with closing(catalogues.Reading(path, name=name)) as reading:
        for row in reading:
            if isinstance(row, CatalogueRow):
                yield read_line(row.raw, separator)


def as_json(row: LinkageRow) -> dict[str, Any]:
    """One row as `manage.py link` writes it; a person's decision stands for what was computed."""
    work = work_of(row)
    return {
        "row": row.number,
        "decision": row.decided or row.decision,
        "work": work.public_id if work else None,
        "reference": work.record_reference if work else None,
        "probability": row.probability,
        "by": "decision" if row.decided else row.by,
        "candidates": [
            {name: one.get(name) for name in ("work", "reference", "probability")} for one in row.candidates
        ],
    }


def work_of(row: LinkageRow) -> Work | None:
    """The work that stands for a row, or what it was merged into since; None for one that may no longer be named."""
    work = row.decided_work if row.decided else row.work
    survivor = work.survivor if work is not None else None
    return survivor if survivor is not None and may_be_named(survivor, row.linkage.organisation_id) else None


def may_be_named(work: Work, organisation_id: int) -> bool:
    """Whether the organisation may still see a work that its list was linked to."""
    stands = work.withdrawn_at is None and work.merged_into_id is None
    return work.registered_by_id == organisation_id or (stands and work.visibility == Work.Visibility.PUBLIC)


MEDIA_TYPES = {"jsonl": "application/jsonl", "csv": "text/csv; charset=utf-8"}


def results(rows: Iterable[LinkageRow], file_name: str, form: str) -> Download:
    """The results of a list as a file; form is one of MEDIA_TYPES."""
    stem = file_name.rpartition(".")[0] or file_name
    return Download(f"{stem}-linked.{form}", MEDIA_TYPES[form], json_lines(rows) if form == "jsonl" else as_csv(rows))


def json_lines(rows: Iterable[LinkageRow]) -> Iterator[bytes]:
    """JSON Lines of every row, in the form of the `link` command."""
    for row in rows:
        yield (json.dumps(as_json(row), ensure_ascii=False) + "\n").encode()


def as_csv(rows: Iterable[LinkageRow]) -> Iterator[bytes]:
    """The list with what became of each row; cells that a spreadsheet would calculate begin with an apostrophe."""
    yield ("\ufeff" + write_line(EXPORTED, end="\r\n")).encode()
    for row in rows:
        told = as_json(row)
        facts = {name: row.facts.get(name, "") for name in COLUMNS}
        values = facts | {name: told[name] for name in ("row", "decision", "work", "reference", "probability", "by")}
        yield write_line([_cell(values[name]) for name in EXPORTED], end="\r\n").encode()


def _cell(value: object) -> str:
    return "" if value is None else spreadsheet_safe(str(value))
