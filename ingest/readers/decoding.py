"""Bytes to text: BOM dropped, newlines kept, UTF-8, else the encoding given, else a detected one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from charset_normalizer import from_bytes

from ingest.readers.document import BadInput, ReadOptions
from ingest.readers.streams import Stream

SAMPLE_BYTES = 64 * 1024
# Below this many bytes outside ASCII, statistics say nothing and only the two sure patterns are accepted.
MIN_EVIDENCE_BYTES = 32
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CANDIDATES = [
    *("gb18030", "big5", "big5hkscs", "cp932", "shift_jis", "euc_jp", "cp949", "euc_kr"),
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "iso8859_2", "cp866"),
]
# Letters and book punctuation of Western European text in Windows-1252, less ÿ and þ, which junk bytes look like.
WESTERN = re.compile(
    rb"[\x80\x85\x8c\x91-\x97\x9c\xa0\xa1\xa3\xa7\xa9\xab\xb0\xb7\xba\xbb\xbf-\xd6\xd8-\xdd\xdf-\xf6\xf8-\xfd]+"
)
NOT_ASCII = re.compile(rb"[\x80-\xff]+")
UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
GB2312_TEXT = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xa9\xb0-\xf7][\xa1-\xfe])*")
GB2312_COMMON = re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")
BINARY_BYTES = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
SURROGATE = re.compile("[\ud800-\udfff]")


def decode_text(data: bytes, options: ReadOptions) -> tuple[str, str | None]:
    """The text of `data` and, only if the encoding was guessed, its name.

    Raises BadInput: `invalid_utf8` (UTF-8 with damage, at which byte), `undecodable`."""
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _decode_strictly(data[len(bom) :], encoding), None
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        if options.encoding is not None:
            return _decode_strictly(data, options.encoding), None
        encoding = detect_encoding(data, error.start)
    return _decode_strictly(data, encoding), encoding


def _decode_strictly(data: bytes, encoding: str) -> str:
    try:
        # utf-8-sig and its like drop a BOM themselves; others may still decode to one.
        return SURROGATE.sub("\ufffd", data.decode(encoding)).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        code = "invalid_utf8" if encoding == "utf-8" else "undecodable"
        raise BadInput(code, f"not valid {encoding} at byte {error.start}: {error.reason}") from error
    except (LookupError, UnicodeError) as error:
        raise BadInput("undecodable", f"cannot be decoded as {encoding}: {error}") from error


def detect_encoding(data: bytes, first_fault: int) -> str:
    """The encoding of bytes that are not UTF-8, which failed at `first_fault`. Raises BadInput when nothing is sure."""
    sample = _cut_sample(data, first_fault)
    foreign_bytes = sum(len(run) for run in NOT_ASCII.findall(sample))
    sequences = UTF8_SEQUENCE.findall(sample)
    if sequences and sum(map(len, sequences)) > 0.9 * foreign_bytes:
        raise BadInput("invalid_utf8", f"UTF-8 text with a byte that is not UTF-8 at {first_fault}")
    if _is_western(sample, foreign_bytes):
        return "cp1252"
    if _is_short_chinese(sample, foreign_bytes):
        return "gb18030"
    if foreign_bytes >= MIN_EVIDENCE_BYTES:
        best = from_bytes(sample, cp_isolation=CANDIDATES, preemptive_behaviour=False, enable_fallback=False).best()
        if best is not None and best.encoding in CANDIDATES:
            return best.encoding
    raise BadInput("invalid_utf8", f"not UTF-8 (first at byte {first_fault}) and no other encoding fits")


def _cut_sample(data: bytes, first_fault: int) -> bytes:
    """At most SAMPLE_BYTES around the first fault, cut at line ends so that no character is split."""
    if len(data) <= SAMPLE_BYTES:
        return data
    start = data.rfind(b"\n", 0, first_fault) + 1
    if first_fault - start > SAMPLE_BYTES // 2:
        start = first_fault
    end = data.rfind(b"\n", start, start + SAMPLE_BYTES)
    return data[start : end if end > first_fault else start + SAMPLE_BYTES]


def _is_western(sample: bytes, foreign_bytes: int) -> bool:
    """ASCII text with single accented letters or typographic marks in it, as Windows-1252 has them."""
    runs = NOT_ASCII.findall(sample)
    if not foreign_bytes or foreign_bytes > 0.25 * len(sample) or max(map(len, runs)) > 4:
        return False
    return all(WESTERN.fullmatch(run) for run in runs)


def _is_short_chinese(sample: bytes, foreign_bytes: int) -> bool:
    """Few bytes, all of them GB 2312 pairs and most of those of its first level, the 3,755 common characters."""
    if foreign_bytes < 6 or foreign_bytes >= 4 * MIN_EVIDENCE_BYTES or not GB2312_TEXT.fullmatch(sample):
        return False
    return 2 * len(GB2312_COMMON.findall(sample)) >= 0.6 * foreign_bytes


def looks_binary(head: bytes) -> bool:
    """True for a head that no text has: more than a twentieth control characters, and no BOM that explains them."""
    if not head or any(head.startswith(bom) for bom, _ in BOMS):
        return False
    return len(BINARY_BYTES.findall(head)) > len(head) // 20


class RecordDecoder:
    """Decodes the lines of one file: the encoding is settled on its head, so that one bad line stays one bad line."""

    def __init__(self, stream: Stream, options: ReadOptions) -> None:
        self.detected: str | None = None
        self._encoding = "utf-8"
        head = stream.peek(SAMPLE_BYTES)
        for bom, encoding in BOMS:
            if head.startswith(bom):
                stream.skip(len(bom))
                self.stream = stream if encoding == "utf-8" else transcode(stream, encoding)
                return
        self.stream = stream
        if options.encoding is not None and _is_wide(options.encoding):
            self.stream = transcode(stream, options.encoding)
            return
        self._fallback = options.encoding
        if options.encoding is None:
            self._settle(head)

    _fallback: str | None = None

    def _settle(self, head: bytes) -> None:
        try:
            codecs.getincrementaldecoder("utf-8")().decode(head)
        except UnicodeDecodeError as error:
            try:
                self.detected = self._fallback = detect_encoding(head, error.start)
            except BadInput:
                return  # the lines that are not UTF-8 will say so one by one

    def decode(self, line: bytes) -> str:
        """The text of one line; BadInput `invalid_utf8` or `undecodable`."""
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            return _decode_strictly(line, self._fallback or "utf-8")


def _is_wide(encoding: str) -> bool:
    """True for encodings in which a newline is not the single byte 0A."""
    try:
        return "\n".encode(encoding) != b"\n"
    except (LookupError, UnicodeError) as error:
        raise BadInput("undecodable", f"unknown encoding {encoding}") from error


def transcode(stream: Stream, encoding: str) -> Stream:
    """The same text as a UTF-8 stream; BadInput `undecodable` where it cannot be decoded."""

    def convert() -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            while piece := stream.read():
                yield decoder.decode(piece).encode("utf-8")
            yield decoder.decode(b"", final=True).encode("utf-8")
        except UnicodeError as error:
            raise BadInput("undecodable", f"not valid {encoding}: {error}") from error

    pieces = convert()

    def read_bytes(size: int) -> bytes:
        piece = next((piece for piece in pieces if piece), b"")
        if len(piece) > size:
            converted.unread(piece[size:])
        return piece[:size]

    converted = Stream(read_bytes)
    return converted
