"""CSV and TSV (RFC 4180): one row, one document. The first row names the columns."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator

from ingest.readers.decoding import SURROGATE, RecordDecoder
from ingest.readers.document import BadInput, BadRecord, Document, ReadOptions
from ingest.readers.lines import read_lines
from ingest.readers.record import RecordFile, make_document, missing
from ingest.readers.source import Context, Source

MEDIA_TYPES = {"csv": "text/csv", "tsv": "text/tab-separated-values"}
DELIMITERS = {"csv": ",;\t|", "tsv": "\t,;|"}
MAX_HEADER_CHARS = 1 << 20


def read_delimited(source: Source, context: Context, kind: str) -> Iterator[Document | BadRecord]:
    """One document a row, numbered from 1 without the header; blank lines are no rows. `kind`: csv or tsv."""
    options = context.options
    decoder = RecordDecoder(source.stream, options)
    file = RecordFile(source.name, MEDIA_TYPES[kind], options, decoder.detected)
    lines = _decoded_lines(decoder, options.max_document_bytes)
    first = next(lines, "")
    if len(first) > MAX_HEADER_CHARS:
        raise BadInput("header_too_large", "the first line is too long for a header")
    csv.field_size_limit(options.max_document_bytes)
    delimiter = _choose_delimiter(first, kind, options)

    def all_lines() -> Iterator[str]:
        yield first
        yield from lines

    rows = csv.reader(all_lines(), delimiter=delimiter)
    header = _next_row(rows) or []
    if not header:
        raise BadInput("no_records", "the file has no header row")
    if options.field_in(header) not in header:
        columns = ", ".join(header[:20])
        raise BadInput("text_missing", f"{missing('column', options)}; the header has: {columns[:500]}")
    header = _told_apart(header, options)
    number = 0
    while (row := _next_row(rows)) is not None:
        if row:
            number += 1
            yield _read_row(row, header, number, file)
    if not number:
        raise BadInput("no_records", "the file holds no rows")


def _told_apart(header: list[str], options: ReadOptions) -> list[str]:
    """The header, without a name where several columns have the same: it could not be told which is meant.

    Raises BadInput where that is the column of the text or of the id.
    """
    repeated = {name for name, times in Counter(header).items() if times > 1}
    for needed in (options.field_in(header), options.id_field):
        if needed in repeated:
            raise BadInput("repeated_column", f"several columns are called {needed!r}")
    return ["" if name in repeated else name for name in header]


def _decoded_lines(decoder: RecordDecoder, limit_bytes: int) -> Iterator[str]:
    """Lines as text; bytes that cannot be decoded travel as lone surrogates until their row is known."""
    for line in read_lines(decoder.stream, limit_bytes):
        if line is None:
            raise BadInput("record_too_large", f"a line longer than {limit_bytes} bytes")
        try:
            yield decoder.decode(line) + "\n"
        except BadInput:
            yield line.decode("utf-8", "surrogateescape") + "\n"


def _choose_delimiter(header: str, kind: str, options: ReadOptions) -> str:
    """The usual one, unless only another one cuts the header so that the text column appears."""
    for delimiter in DELIMITERS[kind]:
        try:
            columns = next(csv.reader([header], delimiter=delimiter), [])
            if options.field_in(columns) in columns:
                return delimiter
        except csv.Error:
            continue
    return DELIMITERS[kind][0]


def _next_row(rows: Iterator[list[str]]) -> list[str] | None:
    try:
        return next(rows, None)
    except csv.Error as error:
        raise BadInput("not_csv", f"the table cannot be read further: {error}") from error


def _read_row(row: list[str], header: list[str], number: int, file: RecordFile) -> Document | BadRecord:
    if len(row) != len(header):
        return file.bad(number, "column_count", f"{len(row)} columns where the header has {len(header)}")
    # isascii first: it costs nothing, and most rows of most tables have nothing to look for.
    if any(not cell.isascii() and SURROGATE.search(cell) for cell in row):
        return file.bad(number, "invalid_utf8", "the row holds bytes that are not UTF-8")
    return make_document(dict(zip(header, row, strict=True)), number, file)
