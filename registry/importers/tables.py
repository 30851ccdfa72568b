"""Tables of any file: the heading is found, its columns are mapped, and the rows are read as they come."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from registry.importers.cells import Cells
from registry.importers.columns import FIELDS, letter, name_columns, propose_fields, recognise
from registry.importers.rows import CatalogueError, CatalogueRow, Message
from registry.importers.table_rows import RowReader

HEAD_ROWS = 10
STYLE_ROWS = 500
MAX_COLUMNS = 1000


@dataclass(frozen=True)
class Table:
    """The head of a table and the rows after it. `heading`: the place of the row that names the columns, or -1."""

    columns: tuple[str, ...]
    heading: int
    proposed: Mapping[str, str]
    messages: tuple[Message, ...]
    rows: Iterator[CatalogueRow]


def read_table(rows: Iterator[Cells], file: str, mapping: Mapping[str, str] | None) -> Table:
    """Find the heading, map its columns, and read the rows as they come.

    Raises CatalogueError: TABLE_EMPTY, COLUMN_MISSING (the mapping names a column that is not there), FIELD_UNKNOWN,
    TABLE_UNRECOGNISED (one column whose heading says nothing), TOO_MANY_COLUMNS.
    """
    first = list(islice(rows, HEAD_ROWS))
    place, columns = _find_heading([row.values for row in first], mapping, file)
    chosen = _check_mapping(columns, mapping, file) if mapping is not None else propose_fields(columns)
    if mapping is None and len(columns) < 2 and not chosen:
        cause = "this is neither ONIX nor MARC, and as a table it has one column whose heading says nothing"
        raise CatalogueError("TABLE_UNRECOGNISED", file, 0, cause)
    body = chain(first[place + 1 :], rows)
    sample = list(islice(body, STYLE_ROWS))
    reader = RowReader(columns, chosen, [row.values for row in sample])
    return Table(columns, place, chosen, tuple(reader.head_messages), reader.read(chain(sample, body)))


def _find_heading(rows: list[list[str]], mapping: Mapping[str, str] | None, file: str) -> tuple[int, tuple[str, ...]]:
    """The place of the row that names the columns, -1 when none does and letters stand for them."""
    filled = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise CatalogueError("TABLE_EMPTY", file, 0, "the table has no rows")
    width = max(len(row) for row in rows)
    if width > MAX_COLUMNS:
        raise CatalogueError("TOO_MANY_COLUMNS", file, 0, f"the table has {width} columns; at most {MAX_COLUMNS}")
    letters = tuple(letter(index) for index in range(width))
    if mapping is not None:
        for place in filled:
            names = name_columns(rows[place])
            if set(mapping) <= set(names):
                return place, names
        if set(mapping) <= set(letters):
            return -1, letters
    scores = {place: _count_recognised(rows[place]) for place in filled}
    best = max(filled, key=lambda place: (scores[place], -place))
    if not scores[best] and _looks_like_data(rows[filled[0]]):
        return -1, letters
    place = best if scores[best] > 1 or len(rows[best]) < 3 else filled[0]
    return place, name_columns(rows[place])


def _count_recognised(cells: Sequence[str]) -> int:
    return len({found[0] for cell in cells if (found := recognise(cell))})


def _looks_like_data(cells: Sequence[str]) -> bool:
    """Years, ISBNs and other numbers stand in rows, not in headings."""
    return any(re.fullmatch(r"[\d\s.,/Xx-]{4,}", cell.strip()) for cell in cells)


def _check_mapping(columns: tuple[str, ...], mapping: Mapping[str, str], file: str) -> dict[str, str]:
    missing = [column for column in mapping if column not in columns]
    if missing:
        cause = f"the table has no column {', '.join(map(repr, missing[:5]))}; it has {', '.join(columns[:20])}"
        raise CatalogueError("COLUMN_MISSING", file, 0, cause)
    unknown = [name for name in mapping.values() if name and name not in FIELDS]
    if unknown:
        cause = f"there is no field {', '.join(map(repr, unknown[:5]))}; there are {', '.join(FIELDS)}"
        raise CatalogueError("FIELD_UNKNOWN", file, 0, cause)
    return {column: name for column, name in mapping.items() if name}
