"""The manifest of works: a CSV file that says which file is which work.

Columns `path,work_id,title,author,isbn` and optionally `edition`; paths are relative to the manifest. Several rows may
share a work: each is an edition of it.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from colophon.exits import CommandError
from ingest.readers.formats import strip_compression
from ingest.readers.walk import display_name

REQUIRED = ("path", "work_id")
KNOWN = ("path", "work_id", "title", "author", "isbn", "edition")
MAX_BYTES = 1 << 30
ENDING = re.compile(r"\.(?=[A-Za-z0-9]{0,8}\Z)[0-9]*[A-Za-z][A-Za-z0-9]*\Z")


@dataclass(frozen=True)
class Row:
    """One row: `path` as written, the file it means, and what follows `#` inside that file."""

    number: int
    path: str
    file: str
    inside: str
    work: str
    edition: str | None
    title: str
    author: str
    isbn: str


class Manifest:
    """Rows by the document names they will have."""

    def __init__(self, path: Path, rows: list[Row]) -> None:
        self.path = path
        self.rows = rows
        self._by_name: dict[str, Row] = {}

    def bind(self, paths: list[str]) -> None:
        """Work out the document names of the rows as reached from the PATHs given."""
        for given in paths:
            root, shown = os.path.realpath(given), display_name(given)
            for row in self.rows:
                if row.file == root:
                    name = shown
                elif row.file.startswith(root.rstrip("/") + "/"):
                    name = f"{shown.rstrip('/')}/{display_name(os.path.relpath(row.file, root))}"
                else:
                    continue
                self._by_name[f"{name}#{row.inside}" if row.inside else name] = row

    def find(self, document_name: str) -> Row | None:
        """The row of a document: its own, or that of the archive or file around it."""
        name = document_name
        while name not in self._by_name and "#" in name:
            name = name.rpartition("#")[0]
        return self._by_name.get(name)

    def is_manifest(self, path: Path) -> bool:
        """Whether this is the manifest itself, which is no text."""
        return os.path.realpath(path) == os.path.realpath(self.path)


def load_manifest(path: Path) -> Manifest:
    """Read a manifest. CommandError names file, row (the header is row 1, as in a spreadsheet) and cause."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(f"{path}: a manifest of more than {MAX_BYTES} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 at byte {error.start}") from error
    rows = _name_editions(_read_rows(path, text))
    _refuse_repetitions(path, rows)
    return Manifest(path, rows)


def _read_rows(path: Path, text: str) -> list[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _check_header(path, header)
        for number, cells in enumerate(reader, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise CommandError(f"{path}, row {number}: {len(cells)} columns, the header has {len(header)}")
            rows.append(_read_row(path, number, dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    except csv.Error as error:
        raise CommandError(f"{path}, line {reader.line_num}: not CSV: {error}") from error
    return rows


def _check_header(path: Path, header: list[str]) -> None:
    for name in REQUIRED:
        if name not in header:
            raise CommandError(f"{path}, row 1: the column {name} is missing; columns: {','.join(KNOWN)}")
    repeated = [name for name, count in Counter(header).items() if count > 1 and name]
    if repeated:
        raise CommandError(f"{path}, row 1: the column {repeated[0]} occurs twice")


def _read_row(path: Path, number: int, cells: dict[str, str]) -> Row:
    if not cells["work_id"]:
        raise CommandError(f"{path}, row {number}: work_id is empty")
    if not cells["path"]:
        raise CommandError(f"{path}, row {number}: path is empty")
    file, inside = _find_file(path, number, cells["path"])
    return Row(
        number=number,
        path=cells["path"],
        file=file,
        inside=inside,
        work=cells["work_id"],
        edition=cells.get("edition") or None,
        title=cells.get("title", ""),
        author=cells.get("author", ""),
        isbn=_isbn(path, number, cells.get("isbn", "")),
    )


def _find_file(manifest: Path, number: int, written: str) -> tuple[str, str]:
    """The file of a row, and what stands behind `#`: a member of an archive or a record."""
    head, inside = written, ""
    while True:
        file = manifest.parent / head
        try:
            if file.is_file():
                return os.path.realpath(file), inside
        except (OSError, ValueError):
            pass  # no such name is possible here
        head, separator, tail = head.rpartition("#")
        if not separator:
            raise CommandError(f"{manifest}, row {number}: {written}: there is no such file")
        inside = f"{tail}#{inside}" if inside else tail


def _isbn(path: Path, number: int, written: str) -> str:
    if not written:
        return ""
    from registry.identifiers import IdentifierError, normalise  # noqa: PLC0415  not needed without an ISBN

    try:
        return normalise("isbn", written)
    except IdentifierError as error:
        raise CommandError(f"{path}, row {number}: {error}") from error


def _name_editions(rows: list[Row]) -> list[Row]:
    """Where rows share a work and do not name their edition, the path names it."""
    shared = Counter(row.work for row in rows)
    return [replace(row, edition=row.path) if row.edition is None and shared[row.work] > 1 else row for row in rows]


def _refuse_repetitions(path: Path, rows: list[Row]) -> None:
    places: dict[tuple[str, str], int] = {}
    editions: dict[tuple[str, str | None], int] = {}
    for row in rows:
        earlier = places.setdefault((row.file, row.inside), row.number)
        if earlier != row.number:
            raise CommandError(f"{path}, row {row.number}: {row.path} is already in row {earlier}")
        earlier = editions.setdefault((row.work, row.edition), row.number)
        if earlier != row.number:
            raise CommandError(
                f"{path}, row {row.number}: edition {row.edition} of {row.work} is already in row {earlier}"
            )


def name_work(document_name: str, *, is_record: bool) -> str:
    """The work id of a document without a manifest: its file's name without endings, for a record also its name."""
    place, separator, record = document_name.rpartition("#") if is_record else (document_name, "", "")
    base = strip_compression(place.rpartition("#")[2].rpartition("/")[2])
    stem = ENDING.sub("", base) or base
    return f"{stem}{separator}{record}"
