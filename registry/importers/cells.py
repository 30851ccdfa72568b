"""A row of a table as it stood, whichever file it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.importers.rows import Message
from registry.importers.values import MAX_FIELD_CHARS


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
