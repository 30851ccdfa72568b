"""CSV, TSV and their kin (RFC 4180): encoding and separator are found by looking at the whole."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from registry.importers.cells import MAX_CELL_CHARS, Cells, drop_long_cells
from registry.importers.columns import recognise
from registry.importers.encodings import Encoding, find_encoding
from registry.importers.rows import CatalogueError, CatalogueRow, FileHead, Message
from registry.importers.source import Source
from registry.importers.tables import read_table

SEPARATORS = ",;\t|"
SNIFFED_LINES = 50
MAX_RAW_CHARS = 64 * 1024


def open_table(
    source: Source, mapping: Mapping[str, str] | None, encoding: str | None
) -> tuple[FileHead, Iterator[CatalogueRow]]:
    """Head and rows of a text table. Raises CatalogueError as `find_encoding` and `read_table` do."""
    found = find_encoding(source, encoding)
    with source.open() as stream:
        separator = _choose_separator(_first_lines(stream, found))
    fault: list[Message] = []
    table = read_table(_read_cells(source, found, separator, fault), source.name, mapping)
    head = FileHead(
        file_format="tsv" if separator == "\t" else "csv",
        encoding=found.name.removesuffix("-sig"),
        columns=table.columns,
        separator=separator,
        heading=table.heading,
        proposed=table.proposed,
        messages=(*found.messages, *table.messages),
    )
    return head, _end_with(table.rows, fault)


def _end_with(rows: Iterator[CatalogueRow], fault: list[Message]) -> Iterator[CatalogueRow]:
    """The rows, and where the table broke off a last one that says so."""
    number = 0
    for row in rows:
        number = row.number
        yield row
    if fault:
        yield CatalogueRow(number=number + 1, messages=tuple(fault))


def _read_cells(source: Source, encoding: Encoding, separator: str, fault: list[Message]) -> Iterator[Cells]:
    csv.field_size_limit(MAX_CELL_CHARS)
    with source.open() as stream:
        kept: list[str] = []
        lines = _Lines(stream, encoding, kept)
        rows = csv.reader(lines, delimiter=separator)
        while True:
            try:
                values = next(rows)
            except StopIteration:
                return
            except (csv.Error, _LineTooLong) as error:
                cause = f"the table cannot be read further after line {lines.count}: {error}"
                fix = "look for a quotation mark that is never closed"
                fault.append(Message("", "", "F", "TABLE_BROKEN", cause, fix))
                return
            except CatalogueError as error:
                fault.append(Message("", "", "F", error.code, error.cause))
                return
            raw = "".join(kept)[:MAX_RAW_CHARS].rstrip("\r\n")
            kept.clear()
            yield drop_long_cells(Cells(values, raw=raw))


class _LineTooLong(Exception):
    pass


class _Lines:
    """Lines of text for the parser, which are also kept for the record's raw form."""

    def __init__(self, stream: BinaryIO, encoding: Encoding, kept: list[str]) -> None:
        # What cannot be decoded becomes U+FFFD, and the row that holds it is refused for that.
        self._text = io.TextIOWrapper(stream, encoding.name, errors="replace", newline="")
        self._kept = kept
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_CELL_CHARS)
        if not line:
            raise StopIteration
        if len(line) == MAX_CELL_CHARS:
            raise _LineTooLong(f"a line is longer than {MAX_CELL_CHARS} characters")
        self.count += 1
        if "\x00" in line:  # no database keeps it, and no text has it
            line = line.replace("\x00", "\ufffd")
        if sum(map(len, self._kept[-1:])) < MAX_RAW_CHARS and len(self._kept) < 1000:
            self._kept.append(line)
        return line


def _first_lines(stream: BinaryIO, encoding: Encoding) -> list[str]:
    text = io.TextIOWrapper(stream, encoding.name, errors="replace", newline="")
    lines = [line for _ in range(SNIFFED_LINES) if (line := text.readline(1 << 20))]
    text.detach()
    return lines


def _choose_separator(lines: list[str]) -> str:
    """The one by which most headings are recognised, then by which most rows have the same number of cells."""

    def rate(separator: str) -> tuple[int, float, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=separator) if row]
        except csv.Error:
            return (0, 0.0, 0)
        widths = Counter(len(row) for row in rows)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        if width < 2:
            return (0, 0.0, 0)
        recognised = max(
            (len({found[0] for cell in row if (found := recognise(cell))}) for row in rows[:10]), default=0
        )
        return (recognised, count / len(rows), width)

    return max(SEPARATORS, key=rate)
