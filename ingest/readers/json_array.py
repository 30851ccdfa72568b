"""JSON: an array of objects, cut into its elements while it streams, or a single object."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.readers.decoding import RecordDecoder
from ingest.readers.document import MEBIBYTE, BadInput, BadRecord, Document
from ingest.readers.record import RecordFile, make_document, parse_json_bytes
from ingest.readers.source import Context, Source
from ingest.readers.streams import Stream

MEDIA_TYPE = "application/json"
WHITE_SPACE = b" \t\r\n"
STRUCTURE = re.compile(rb'["\[\]{},]')


def read_json(source: Source, context: Context) -> Iterator[Document | BadRecord]:
    """One document an element of the top-level array, or one for a top-level object."""
    options = context.options
    decoder = RecordDecoder(source.stream, options)
    file = RecordFile(source.name, MEDIA_TYPE, options, decoder.detected)
    stream = decoder.stream
    while (blank := stream.peek(MEBIBYTE)) and not blank.lstrip(WHITE_SPACE):
        stream.skip(len(blank))
    stream.skip(len(blank) - len(blank.lstrip(WHITE_SPACE)))
    if not stream.peek(1):
        raise BadInput("no_records", "the file holds no records")
    if stream.peek(1) != b"[":
        data = stream.read_all(options.max_document_bytes, "record_too_large", "the object")
        yield make_document(parse_json_bytes(data, decoder), 1, file)
        return
    stream.skip(1)
    number = 0
    for number, element in enumerate(ElementCutter(stream, options.max_document_bytes).elements(), start=1):
        if element is None:
            yield file.bad(number, "record_too_large", f"an element longer than {options.max_document_bytes} bytes")
            continue
        try:
            yield make_document(parse_json_bytes(element, decoder), number, file)
        except BadInput as fault:
            yield file.bad(number, fault.code, fault.cause)
    if not number:
        raise BadInput("no_records", "the array is empty")


class ElementCutter:
    """Finds the commas and the bracket that end the elements of an array whose `[` has been read."""

    def __init__(self, stream: Stream, limit_bytes: int) -> None:
        self._stream = stream
        self._limit_bytes = limit_bytes
        self._element: list[bytes] = []
        self._element_bytes = 0
        self._depth = 0
        self._in_string = False
        self._escaped = False  # the chunk before ended in an unpaired backslash inside a string

    def elements(self) -> Iterator[bytes | None]:
        """Each element's bytes; None for one over the limit. BadInput `truncated` or `trailing_data` at the end."""
        count = 0
        while chunk := self._stream.read(MEBIBYTE):
            start = 0
            for position, closes in self._ends(chunk):
                self._keep(chunk[start:position])
                element = self._take()
                start = position + 1
                if not closes or element is None or element.strip(WHITE_SPACE) or count:
                    count += 1
                    yield element
                if closes:
                    self._check_rest(chunk[start:])
                    return
            self._keep(chunk[start:])
        raise BadInput("truncated", "the JSON array is not closed")

    def _keep(self, piece: bytes) -> None:
        self._element_bytes += len(piece)
        if self._element_bytes <= self._limit_bytes:
            self._element.append(piece)
        else:
            self._element.clear()

    def _take(self) -> bytes | None:
        element = b"".join(self._element) if self._element_bytes <= self._limit_bytes else None
        self._element, self._element_bytes = [], 0
        return element

    def _check_rest(self, rest: bytes) -> None:
        while not rest.strip(WHITE_SPACE):
            rest = self._stream.read()
            if not rest:
                return
        raise BadInput("trailing_data", "bytes follow the end of the JSON array")

    def _ends(self, chunk: bytes) -> Iterator[tuple[int, bool]]:
        """Where in `chunk` elements end, and whether the array does."""
        position = 0
        while position < len(chunk):
            if self._in_string:
                position = self._skip_string(chunk, position)
                continue
            match = STRUCTURE.search(chunk, position)
            if match is None:
                return
            position = match.end()
            mark = match.group()
            if mark == b'"':
                self._in_string = True
            elif mark in b"[{":
                self._depth += 1
            elif mark == b",":
                if self._depth == 0:
                    yield match.start(), False
            elif self._depth == 0:
                yield match.start(), True
                return
            else:
                self._depth -= 1

    def _skip_string(self, chunk: bytes, position: int) -> int:
        """The position behind the closing quote, or the chunk's end while the string goes on."""
        begin = position
        if self._escaped:
            self._escaped = False
            position = begin = position + 1
        while (quote := chunk.find(b'"', position)) >= 0:
            if _count_backslashes(chunk, begin, quote) % 2 == 0:
                self._in_string = False
                return quote + 1
            position = quote + 1
        self._escaped = _count_backslashes(chunk, begin, len(chunk)) % 2 == 1
        return len(chunk)


def _count_backslashes(chunk: bytes, begin: int, end: int) -> int:
    """How many backslashes stand directly before `end`."""
    position = end
    while position > begin and chunk[position - 1] == 0x5C:
        position -= 1
    return end - position
