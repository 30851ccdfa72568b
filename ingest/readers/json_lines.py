"""JSON Lines: one object a line, read as a stream; a bad line is one bad record."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.decoding import RecordDecoder
from ingest.readers.document import BadInput, BadRecord, Document
from ingest.readers.lines import read_lines
from ingest.readers.record import RecordFile, make_document, parse_json_bytes
from ingest.readers.source import Context, Source

MEDIA_TYPE = "application/jsonl"


def read_json_lines(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """One document a line; empty lines count as lines but give nothing."""
    options = context.options
    decoder = RecordDecoder(source.stream, options)
    file = RecordFile(source.name, MEDIA_TYPE, options, decoder.detected)
    found = False
    for number, line in enumerate(read_lines(decoder.stream, options.max_document_bytes), start=1):
        if line is None:
            found = True
            yield file.bad(number, "record_too_large", f"a line longer than {options.max_document_bytes} bytes")
        elif line and not line.isspace():
            found = True
            yield _read_line(line, number, file, decoder)
    if not found:
        raise BadInput("no_records", "the file holds no records")


def _read_line(line: bytes, number: int, file: RecordFile, decoder: RecordDecoder) -> Document | BadRecord:
    try:
        return make_document(parse_json_bytes(line, decoder), number, file)
    except BadInput as fault:
        return file.bad(number, fault.code, fault.cause)
