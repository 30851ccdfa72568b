"""What a file says of itself before anybody looks at its records: its format, its columns, its first rows."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from operator import attrgetter
from pathlib import Path

from ingest import blobs, catalogues
from ingest.catalogues import CatalogueError
from licensing.services import import_columns
from licensing.services.import_rows import as_sentence
from registry.errors import InvalidInput
from registry.importers.cells import read_line
from registry.importers.columns import propose_fields
from registry.importers.rows import TABLES, FileHead
from registry.models import Organisation

SAMPLE_ROWS = 3
SAMPLE_CHARS = 100
POINTERS = {"FIELD_UNKNOWN": "/columns", "COLUMN_MISSING": "/columns", "ENCODING_UNKNOWN": "/encoding"}


@dataclass(frozen=True)
class Opened:
    """What a file says of itself, the columns that count, and the first rows of a table."""

    head: FileHead
    columns: dict[str, str]
    samples: list[list[str]]

    def as_columns(self) -> dict[str, object]:
        """The columns of `Import` that hold it."""
        head = self.head
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
            "columns": self.columns,
            "head": {
                "columns": list(head.columns),
                "separator": head.separator,
                "messages": messages,
                "sample": self.samples,
            },
        }


def read(blob: str, name: str, organisation: Organisation, columns: Mapping[str, str] | None, encoding: str) -> Opened:
    """The head of the file with this key, read in a limited child process. Raises InvalidInput: it is no catalogue."""
    with blobs.local_folder([(blob, name)]) as folder:
        path = next(folder.iterdir())
        samples: list[list[str]] = []
        try:
            head = catalogues.read_head(path, name=name, columns=columns, encoding=encoding or None)
            if head.file_format in TABLES:
                samples = _samples(path, name, head)
        except CatalogueError as error:
            sentence = f"{name} cannot be read: {error.cause}"
            fault = {"pointer": POINTERS.get(error.code, "/file"), "cause": error.cause, "code": error.code}
            raise InvalidInput(sentence, errors=[fault]) from None
    if head.file_format not in TABLES:
        return Opened(head, {}, [])
    known = import_columns.remembered(organisation, head.columns)
    if not columns:
        return Opened(head, dict(head.proposed) if known is None else known, samples)
    chosen = import_columns.joined(propose_fields(head.columns) if known is None else known, columns)
    messages = import_columns.still_true(head.messages, chosen, code=attrgetter("code"))
    return Opened(replace(head, messages=tuple(messages)), chosen, samples)


def _samples(path: Path, name: str, head: FileHead) -> list[list[str]]:
    """The cells of the first rows, for whoever names the columns; a file that cannot be read on gives none."""
    try:
        with closing(catalogues.Reading(path, name=name, encoding=head.encoding or None)) as reading:
            rows = list(islice(reading, SAMPLE_ROWS))
    except CatalogueError:
        return []
    lines = [read_line(row.raw, head.separator) for row in rows if row.raw]
    width = len(head.columns)
    return [[_shown(cell) for cell in [*line, *[""] * (width - len(line))]] for line in lines]


def _shown(cell: str) -> str:
    return cell[:SAMPLE_CHARS].replace("\0", "\ufffd")
