"""A list of wanted works that somebody hands in: ids, ISBNs, or a table of titles."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from colophon.exits import CommandError

ID = re.compile(r"[0-9a-z]{12}")
ISBN = re.compile(r"(?:97[89])?[0-9]{9}[0-9X]", re.IGNORECASE)
ID_COLUMNS = ("work", "work_id", "id")
MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class Wanted:
    """Either works by their ids, or a table (its bytes and name) that the registry links to works."""

    works: tuple[str, ...] = ()
    table: bytes = b""
    name: str = ""


def read_list(path: Path) -> Wanted:
    """What a file asks for. A line an id; a column `work`, `work_id` or `id`; a line an ISBN; else a table to link."""
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise CommandError(f"{path}: is larger than {MAX_BYTES >> 20} MiB; divide it.")
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        return Wanted(table=content, name=path.name)  # a workbook, or another encoding: the registry finds out
    if not lines:
        raise CommandError(f"{path}: is empty.")
    if all(ID.fullmatch(line) for line in lines):
        return Wanted(works=_once(lines))
    if ids := _column(lines, path):
        return Wanted(works=ids)
    bare = [re.sub(r"[\s-]", "", line) for line in lines]
    if all(ISBN.fullmatch(line) for line in bare):
        return Wanted(table="\n".join(["isbn", *bare, ""]).encode(), name=f"{path.stem}.csv")
    return Wanted(table=content, name=path.name)


def _column(lines: list[str], path: Path) -> tuple[str, ...]:
    """The ids of a table that has a column of them; nothing where it has none, or other things in it."""
    separator = max(",;\t", key=lines[0].count)
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    heads = [cell.strip().casefold() for cell in rows[0]]
    place = next((heads.index(name) for name in ID_COLUMNS if name in heads), None)
    if place is None or len(rows) < 2:
        return ()
    cells = [row[place].strip() if place < len(row) else "" for row in rows[1:]]
    wrong = [number for number, cell in enumerate(cells, 2) if not ID.fullmatch(cell)]
    if len(wrong) == len(cells):
        return ()  # another numbering than the registry's
    if wrong:
        raise CommandError(f"{path}: row {wrong[0]} has no id of a work, like 7h2m9c4x0k1z; {len(wrong)} such rows.")
    return _once(cells)


def _once(ids: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))
