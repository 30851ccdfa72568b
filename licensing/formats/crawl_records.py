"""Crawl records (WARC 1.0 and 1.1, plain or gzipped; ISO 28500): what the machines of publishers said in them; pure.

Taken are the answers at the places where formats are asked for, those with a header that speaks, and pages that speak
in their head. A record that cannot be read is named by its offset, and reading goes on with the next one.
"""

import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO

from warcio.archiveiterator import WARCIterator  # type: ignore[import-untyped]

from licensing.formats.places import parse
from licensing.formats.recognition import RSL_NAMESPACE, RSL_TYPE, WELL_KNOWN, speaking

MAX_CONTENT = 1 << 20  # bytes of one answer that are kept
MAX_PAGE = 256 << 10  # of a page: its head is at its beginning
SEARCH_BYTES = 1 << 20
GZIP, PLAIN = b"\x1f\x8b\x08", b"WARC/1."
TAKEN = frozenset({"response", "resource"})
PAGES = ("text/html", "application/xhtml", "application/rss")  # a feed speaks of pages, and is taken whole like one
HEADERS_ALONE = "message/http"  # what is kept of an answer whose content says nothing
NOT_DIVIDED = "non-chunked gzip"


@dataclass(frozen=True)
class Capture:
    """One answer of a server, as a crawler kept it. `content` is without transfer and content encoding."""

    offset: int  # of the record in the file; of an undivided gzip file in what it unpacks to
    address: str
    moment: str  # ISO, UTC
    status: int | None
    headers: tuple[tuple[str, str], ...]  # those that say something here
    content: bytes
    content_type: str
    is_cut: bool


@dataclass(frozen=True)
class BadRecord:
    """A record that says nothing to anybody, and why."""

    offset: int
    code: str
    cause: str


NO_RECORD = BadRecord(0, "record_missing", "there is no record in this file")


def read(stream: BinaryIO) -> Iterator[Capture | BadRecord | None]:
    """The records of a file in their order; None for one that is of no interest here."""
    is_gzip = stream.read(len(GZIP)) == GZIP
    stream.seek(0)
    mark = GZIP if is_gzip else PLAIN
    start, given = 0, 0
    while True:
        stream.seek(start)
        records = WARCIterator(stream)
        try:
            for record in records:
                taken = _take(record, records.offset)
                records.read_to_end()
                given += 1
                yield taken
            if records.err_count:
                yield BadRecord(records.offset, "length_wrong", "a record is not as long as it says")
            elif not given:
                yield NO_RECORD
            elif records.offset < stream.seek(0, io.SEEK_END):
                yield BadRecord(records.offset, "record_cut", "the file breaks off within the record")
            return
        except Exception as error:  # noqa: BLE001 (whatever the library raises is about this record)
            if is_gzip and NOT_DIVIDED in str(error):
                yield from _undivided(stream, given)
                return
            cause = " ".join(str(error).split())[:200] or type(error).__name__
            yield BadRecord(records.offset, "record_unreadable", cause)
            start = _next(stream, records.offset + 1, mark)
            if start < 0:
                return


def _undivided(stream: BinaryIO, skip: int) -> Iterator[Capture | BadRecord | None]:
    """A file that was gzipped as a whole and not record by record, without the records that were given already."""
    stream.seek(0)
    unpacked = gzip.GzipFile(fileobj=stream, mode="rb")
    records = WARCIterator(unpacked)
    number = 0
    try:
        for record in records:
            taken = _take(record, records.offset)
            records.read_to_end()
            number += 1
            if number > skip:
                yield taken
        if records.err_count:
            yield BadRecord(records.offset, "length_wrong", "a record is not as long as it says")
        unpacked.read(1)  # EOFError where the file breaks off, which the iterator takes for its end
        if not number:
            yield NO_RECORD
    except EOFError:
        yield BadRecord(records.offset, "record_cut", "the file breaks off within the record")
    except Exception as error:  # noqa: BLE001 (whatever the library raises is about this record)
        yield BadRecord(records.offset, "record_unreadable", " ".join(str(error).split())[:200])


def _next(stream: BinaryIO, offset: int, mark: bytes) -> int:
    """Where the next record begins, from `offset` on; -1 for nowhere."""
    stream.seek(offset)
    kept = b""
    while piece := stream.read(SEARCH_BYTES):
        window = kept + piece
        found = window.find(mark)
        while found >= 0:
            if mark == PLAIN or _begins(stream, offset - len(kept) + found):
                return offset - len(kept) + found
            found = window.find(mark, found + 1)
        kept = window[-(len(mark) - 1) :]
        offset += len(piece)
        stream.seek(offset)
    return -1


def _begins(stream: BinaryIO, offset: int) -> bool:
    """Whether a gzip member begins here that holds a record: the same bytes stand by chance in what is compressed."""
    stream.seek(offset)
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(stream.read(512), 16).startswith(PLAIN[:5])
    except zlib.error:
        return False


def _take(record: Any, offset: int) -> Capture | BadRecord | None:
    if not record.rec_type:
        return BadRecord(offset, "record_refused", "it does not say what kind of record it is")
    if record.rec_type not in TAKEN:
        return None
    named = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    if not named.startswith(("http://", "https://")):
        return None
    try:
        place = parse(named)
        moment = _moment(record.rec_headers.get_header("WARC-Date") or "")
    except ValueError as error:
        return BadRecord(offset, "record_refused", str(error))
    lines = record.http_headers.headers if record.http_headers else []
    status = _status(record)
    headers = tuple(speaking(lines))
    kind = _header(lines, "content-type") or (record.rec_headers.get_header("Content-Type") or "")
    is_asked = place.path in WELL_KNOWN or kind.lower().startswith(RSL_TYPE)
    is_page = kind.lower().startswith(PAGES)
    if not (is_asked or is_page or headers):
        return None
    limit = MAX_CONTENT if is_asked else MAX_PAGE
    try:
        content = record.content_stream().read(limit + 1) if is_asked or is_page else b""
    except (OSError, EOFError, ValueError, zlib.error) as error:
        return BadRecord(offset, "content_unreadable", f"the content cannot be unpacked ({type(error).__name__})")
    if getattr(record.raw_stream, "limit", 0) and len(content) <= limit and not _left(record):
        return BadRecord(offset, "record_cut", "the file ends, or breaks off, within the record")
    lower = content.lower()
    speaks = is_asked or b"tdm-reservation" in lower or RSL_TYPE.encode() in lower or RSL_NAMESPACE in lower
    if not speaks and not headers:
        return None
    if not speaks:
        content = "".join(f"{name}: {value}\r\n" for name, value in lines).encode("utf-8", "replace")
        kind = HEADERS_ALONE
    shown = content[:limit]
    return Capture(offset, place.address, moment, status, headers, shown, kind[:100], len(content) > limit)


def _left(record: Any) -> bool:
    """Whether more of the record can be read: it was not taken whole, as it need not be."""
    return bool(record.raw_stream.read(1))


def _status(record: Any) -> int | None:
    code = record.http_headers.get_statuscode() if record.http_headers else ""
    return int(code) if code and code.isdigit() and len(code) == 3 else None


def _header(lines: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in lines if key.lower() == name), "")


def _moment(text: str) -> str:
    """A WARC-Date in UTC. Raises ValueError for one that is none."""
    try:
        moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no date of a record") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).isoformat()
