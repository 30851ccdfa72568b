"""A row of a table as it stood, whichever file it came from, and how its cells are written into another."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.importers.rows import Message
from registry.importers.values import MAX_FIELD_CHARS

# A quotation mark that is never closed swallows the rest of the file: no cell is as long as this.
MAX_CELL_CHARS = 32 * 1024 * 1024
# What a spreadsheet reads as the beginning of a formula, or drops before reading one (OWASP, CSV injection)
RISKY_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass
class Cells:
    """One row as it stood: the text of each cell, and what its file knows about some of them."""

    values: list[str]
    messages: dict[int, list[Message]] = field(default_factory=dict)  # place → remarks; `column` is filled in here
    raw: str = ""


def drop_long_cells(cells: Cells) -> Cells:
    """Cells too long for any field are emptied, with a remark, before anything looks at them."""
    for place, value in enumerate(cells.values):
        if len(value) > MAX_FIELD_CHARS:
            cause = f"the cell has {len(value)} characters; at most {MAX_FIELD_CHARS} are read"
            fix = "texts of works do not belong here"
            cells.messages[place] = [Message("", value, "E", "VALUE_TOO_LONG", cause, fix)]
            cells.values[place] = ""
    return cells


def read_line(raw: str, separator: str) -> list[str]:
    """The cells of a row as it stood (`Cells.raw`)."""
    csv.field_size_limit(MAX_CELL_CHARS)
    return next(csv.reader(io.StringIO(raw, newline=""), delimiter=separator), [])


def write_line(cells: Sequence[str], separator: str = ",", end: str = "") -> str:
    """A row as `read_line` reads it."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=separator, lineterminator=end).writerow(cells)
    return buffer.getvalue()


def spreadsheet_safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe goes before what could begin one."""
    return f"'{cell}" if cell.lstrip(" ").startswith(RISKY_FIRST) else cell
