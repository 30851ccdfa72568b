"""MARC 21 records one by one, from ISO 2709 or MARCXML: a damaged record costs itself and no other."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from xml.sax import SAXException, SAXParseException, handler, make_parser

from pymarc import Field, MARC8ToUnicode, Record
from pymarc.marcxml import MARC_XML_NS, XmlHandler

from registry.importers.rows import CatalogueError, Message

END_OF_FIELD, END_OF_RECORD, SUBFIELD = b"\x1e", b"\x1d", b"\x1f"
LEADER_BYTES, ENTRY_BYTES = 24, 12
# The length of a record has five digits
MAX_RECORD_BYTES = 99_999 * 4
CHUNK_BYTES = 256 * 1024
MAX_RECORD_CHARS = 1_000_000

# What pymarc says about indicators is said again, with the record's number, in its row
logging.getLogger("pymarc").addHandler(logging.NullHandler())
logging.getLogger("pymarc").propagate = False


@dataclass
class Parsed:
    """One record as far as it could be read; without `record` the messages say why not."""

    number: int
    record: Record | None
    messages: list[Message]
    raw: str


def read_binary(stream: BinaryIO) -> Iterator[Parsed]:
    """The records of an ISO 2709 file; they end where their terminator stands, whatever their length claims."""
    number = 0
    rest = b""
    while True:
        chunk = stream.read(CHUNK_BYTES)
        *records, rest = (rest + chunk).split(END_OF_RECORD)
        for data in records:
            if data.strip():
                number += 1
                yield _parse(number, data.lstrip(b"\r\n \x1a\x00"))
        if len(rest) > MAX_RECORD_BYTES:
            yield _unreadable(number + 1, rest[:200], "F", "MARC_BROKEN", "no record is as long as what stands here")
            return
        if not chunk:
            break
    if rest.strip(b"\r\n \x1a\x00"):
        cause = "the file ends in the middle of this record"
        yield _unreadable(number + 1, rest, "F", "FEED_TRUNCATED", cause)


def _unreadable(number: int, data: bytes, severity: str, code: str, cause: str) -> Parsed:
    raw = data[:MAX_RECORD_BYTES].decode("utf-8", "backslashreplace").replace("\x00", "\ufffd")
    return Parsed(number, None, [Message("", raw[:80], severity, code, cause, "export the record again")], raw)


def _parse(number: int, data: bytes) -> Parsed:
    messages: list[Message] = []
    try:
        record = _decode(data, messages)
    except (ValueError, IndexError, KeyError, AssertionError) as error:
        return _unreadable(number, data, "E", "MARC_RECORD_BROKEN", f"the record cannot be read: {error}")
    return Parsed(number, record, messages, str(record))


def _decode(data: bytes, messages: list[Message]) -> Record:
    """A record by its directory; where that points beside the fields, by their terminators. ValueError."""
    if len(data) < LEADER_BYTES + ENTRY_BYTES:
        raise ValueError("it is too short")
    base = int(data[12:17])
    directory = data[LEADER_BYTES : base - 1]
    bodies = data[base:].split(END_OF_FIELD)[:-1]
    if not directory.isascii() or len(directory) % ENTRY_BYTES:
        base = data.find(END_OF_FIELD) + 1
        directory, bodies = data[LEADER_BYTES : base - 1], data[base:].split(END_OF_FIELD)[:-1]
        if not base or len(directory) % ENTRY_BYTES:
            raise ValueError("its directory is no list of fields")
        messages.append(_repaired())
    entries = [directory[place : place + ENTRY_BYTES] for place in range(0, len(directory), ENTRY_BYTES)]
    placed = sorted((int(entry[7:12]), int(entry[3:7]), entry[:3].decode("ascii")) for entry in entries)
    if len(placed) != len(bodies):
        raise ValueError(f"its directory names {len(placed)} fields, and {len(bodies)} follow")
    start = 0
    for (offset, length, _), body in zip(placed, bodies, strict=True):
        if offset != start or length != len(body) + 1:
            if not messages:
                messages.append(_repaired())
            break
        start += length
    encoding = _find_encoding(data, base, messages)
    record = Record(leader=data[:LEADER_BYTES].decode("ascii", "replace"))
    record.add_field(*(_decode_field(tag, body, encoding) for (_, _, tag), body in zip(placed, bodies, strict=True)))
    return record


def _repaired() -> Message:
    cause = "the directory points beside the fields; they were read by their terminators"
    return Message("directory", "", "W", "MARC_DIRECTORY_WRONG", cause, "export the record again")


def _find_encoding(data: bytes, base: int, messages: list[Message]) -> str:
    """utf-8 or marc-8: what the leader says, unless the bytes say otherwise beyond doubt."""
    body = data[base:]
    if body.isascii() and b"\x1b" not in body:
        return "utf-8"
    claimed = "utf-8" if data[9:10] == b"a" else "marc-8"
    try:
        body.decode("utf-8")
        found = "utf-8"
    except UnicodeDecodeError:
        found = "marc-8"
    if found != claimed:
        cause = f"the leader says {claimed.upper()}, the bytes are {found.upper()}"
        messages.append(Message("leader/09", data[9:10].decode("latin-1"), "W", "MARC_ENCODING_WRONG", cause))
    return found


def _decode_field(tag: str, body: bytes, encoding: str) -> Field:
    def text(value: bytes) -> str:
        value = value.replace(b"\x00", b"")
        if encoding == "utf-8":
            return value.decode("utf-8", "replace")
        converter = MARC8ToUnicode(quiet=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(converter.translate(value))

    if tag < "010" and tag.isdigit():
        return Field(tag=tag, data=text(body))
    indicators, *subfields = body.split(SUBFIELD)
    marks = (indicators.decode("ascii", "replace") + "  ")[:2]
    field = Field(tag=tag, indicators=[marks[0], marks[1]])  # type: ignore[arg-type]
    for subfield in subfields:
        if subfield:
            field.add_subfield(subfield[:1].decode("ascii", "replace"), text(subfield[1:]))
    return field


class _Stop(SAXException):
    pass


class _Handler(XmlHandler):
    """pymarc's reader of MARCXML, with limits, and with no document type."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Parsed] = []
        self.count = 0
        self.depth = 0
        self._chars = 0

    def startElementNS(self, name: Any, qname: Any, attrs: Any) -> None:  # noqa: N802 - the name SAX calls
        self.depth += 1
        if self.depth > 16:
            raise _Stop("elements are nested deeper than in any record")
        if name[1] == "record":
            self._chars = 0
        if name[1] in ("controlfield", "datafield") and (None, "tag") not in attrs:
            return
        if name[1] == "subfield" and (None, "code") not in attrs:
            return
        super().startElementNS(name, qname, attrs)

    def endElementNS(self, name: Any, qname: Any) -> None:  # noqa: N802
        self.depth -= 1
        super().endElementNS(name, qname)

    def characters(self, content: str) -> None:
        self._chars += len(content)
        if self._chars <= MAX_RECORD_CHARS:
            super().characters(content)

    def process_record(self, record: Record) -> None:
        self.count += 1
        messages = []
        if self._chars > MAX_RECORD_CHARS:
            cause = f"the record has {self._chars} characters; at most {MAX_RECORD_CHARS} are read"
            messages.append(Message("", "", "E", "RECORD_TOO_LARGE", cause, "texts of works do not belong here"))
            record = Record()
        self.done.append(Parsed(self.count, record, messages, str(record)))

    # LexicalHandler: the parser tells of a document type before it reads it
    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: N802
        raise _Stop("DOCTYPE")

    def endDTD(self) -> None: ...  # noqa: N802
    def comment(self, content: str) -> None: ...
    def startCDATA(self) -> None: ...  # noqa: N802
    def endCDATA(self) -> None: ...  # noqa: N802


def read_xml(stream: BinaryIO, name: str) -> Iterator[Parsed]:
    """The records of a MARCXML collection. CatalogueError DOCTYPE_REFUSED, XML_BROKEN before the first."""
    reader = _Handler()
    parser: Any = make_parser()  # noqa: S317 - a document type stops it at its first line
    parser.setContentHandler(reader)
    parser.setFeature(handler.feature_namespaces, True)
    parser.setFeature(handler.feature_external_ges, False)
    parser.setProperty(handler.property_lexical_handler, reader)
    fault = ""
    while True:
        chunk = stream.read(CHUNK_BYTES)
        try:
            parser.feed(chunk) if chunk else parser.close()
        except _Stop as stop:
            fault = stop.getMessage()
        except SAXParseException as error:
            fault = f"not well-formed in line {error.getLineNumber()}: {error.getMessage()}"
        yield from reader.done
        reader.done.clear()
        if fault or not chunk:
            break
    if not fault:
        return
    code, cause = "XML_BROKEN", fault
    if fault == "DOCTYPE":
        code, cause = "DOCTYPE_REFUSED", "the file has a DOCTYPE, which is never read"
    if not reader.count:
        raise CatalogueError(code, name, 0, cause)
    cause = f"{cause}; records from {reader.count + 1} on were not read"
    yield Parsed(reader.count + 1, None, [Message("", "", "F", code, cause, "mend the XML there")], "")


NAMESPACE = MARC_XML_NS
