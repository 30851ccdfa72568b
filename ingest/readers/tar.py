"""tar (POSIX.1-2024 pax, ustar, GNU, v7), strictly forward: member by member, nothing extracted, no name ever a path.

Written out rather than left to `tarfile`, which keeps every member's header in memory and believes the sizes that
long-name and pax headers claim.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ingest.readers.document import MEBIBYTE, BadInput, BadRecord, Document
from ingest.readers.source import Context, Source, check_member_name
from ingest.readers.streams import Stream

BLOCK_BYTES = 512
MAX_EXTENSION_BYTES = MEBIBYTE
ZERO_BLOCK = bytes(BLOCK_BYTES)
FILE_TYPES = b"\0" + b"07"
REFUSED_TYPES = {
    b"1": ("tar_link", "a hard link"),
    b"2": ("tar_link", "a symbolic link"),
    b"3": ("tar_device", "a character device"),
    b"4": ("tar_device", "a block device"),
    b"6": ("tar_device", "a named pipe"),
    b"S": ("tar_sparse", "a sparse file"),
}
ReadInner = Callable[[Source, Context], Iterator[Document | BadRecord]]


@dataclass(frozen=True, slots=True)
class Header:
    """One header block."""

    name: str
    size: int
    kind: bytes


def is_tar_header(block: bytes) -> bool:
    """True when the block's checksum is right (signed or unsigned sums, as old writers differ)."""
    if len(block) < BLOCK_BYTES or block == ZERO_BLOCK:
        return False
    try:
        stored = _parse_number(block[148:156])
    except BadInput:
        return False
    rest = block[:148] + b" " * 8 + block[156:]
    unsigned = sum(rest)
    return stored in (unsigned, unsigned - 256 * sum(byte > 127 for byte in rest))


def read_tar(source: Source, context: Context, read_inner: ReadInner) -> Iterator[Document | BadRecord]:
    """The documents of every member that is a regular file, in the archive's order; other members are bad records."""
    stream = source.stream
    shared: dict[str, str] = {}
    extended: dict[str, str] = {}
    found = False
    while block := stream.read_full(BLOCK_BYTES):
        if block == ZERO_BLOCK:
            _check_end(stream)
            if not found:
                raise BadInput("empty_archive", "the archive holds no files")
            return
        header = _parse_header(block)
        if header.kind in b"LKxg":
            # A header about the next header: its content, not a member.
            content = _read_extension(stream, header)
            if header.kind == b"L":
                extended["path"] = _to_name(content.rstrip(b"\0"))
            elif header.kind in b"xg":
                (extended if header.kind == b"x" else shared).update(_parse_pax(content))
            continue
        fields, extended = shared | extended, {}
        found = found or header.kind != b"5"
        yield from _read_member(source, context, header, fields, read_inner)
    raise BadInput("truncated", "the tar archive ends without its end mark")


def _read_member(
    source: Source, context: Context, header: Header, fields: dict[str, str], read_inner: ReadInner
) -> Iterator[Document | BadRecord]:
    name = fields.get("path", header.name)
    size = _parse_size(fields["size"]) if "size" in fields else header.size
    context.meter.add_member()
    window = Window(source.stream, size)
    member = source.inner(Stream(window.read), member=name, expands=False)
    fault = _refuse(header, name, fields)
    if fault is not None:
        yield fault.to_record(member.name)
    elif header.kind in FILE_TYPES and not name.endswith("/"):
        yield from read_inner(member, context)
    has_content = header.kind in FILE_TYPES or header.kind not in b"123456"
    if has_content:
        window.finish()


def _refuse(header: Header, name: str, fields: dict[str, str]) -> BadInput | None:
    if header.kind in REFUSED_TYPES:
        code, what = REFUSED_TYPES[header.kind]
        return BadInput(code, f"the member is {what}, which is not read")
    if any(key.startswith("GNU.sparse") for key in fields):
        return BadInput("tar_sparse", "the member is a sparse file, which is not read")
    if header.kind not in FILE_TYPES + b"5":
        return BadInput("tar_member_type", f"members of type {header.kind!r} are not read")
    try:
        check_member_name(name)
    except BadInput as fault:
        return fault
    return None


class Window:
    """The bytes of one member, padding excluded from reading and skipped at the end."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self._left = size
        self._padding = -size % BLOCK_BYTES

    def read(self, size: int) -> bytes:
        if not self._left:
            return b""
        piece = self._stream.read(min(size, self._left))
        if not piece:
            raise BadInput("truncated", "the tar archive ends inside this member")
        self._left -= len(piece)
        return piece

    def finish(self) -> None:
        """Skip what is left of the member."""
        if self._stream.skip(self._left + self._padding) < self._left:
            raise BadInput("truncated", "the tar archive ends inside a member")
        self._left = self._padding = 0


def _parse_header(block: bytes) -> Header:
    if len(block) < BLOCK_BYTES:
        raise BadInput("truncated", "the tar archive ends inside a header")
    if not is_tar_header(block):
        raise BadInput("corrupt_tar", "a header's checksum is wrong; the rest of the archive cannot be read")
    name = block[:100].split(b"\0", 1)[0]
    prefix = block[345:500].split(b"\0", 1)[0]
    if prefix and block[257:263] == b"ustar\0":
        name = prefix + b"/" + name
    return Header(_to_name(name), _parse_number(block[124:136]), block[156:157])


def _parse_number(field: bytes) -> int:
    """Octal digits, or GNU's base-256 when the first bit is set. BadInput when neither, or negative."""
    if field[0] & 0x80:
        if field[0] != 0x80:
            raise BadInput("corrupt_tar", "a header holds a negative number")
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if not all(byte in b"01234567" for byte in digits):
        raise BadInput("corrupt_tar", "a header holds a number that is not octal")
    return int(digits or b"0", 8)


def _parse_size(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 20:
        raise BadInput("corrupt_tar", "a pax header holds a size that is not a number")
    return int(value)


def _read_extension(stream: Stream, header: Header) -> bytes:
    if header.size > MAX_EXTENSION_BYTES:
        raise BadInput("corrupt_tar", f"a header claims {header.size} bytes of names")
    content = stream.read_full(header.size)
    stream.skip(-header.size % BLOCK_BYTES)
    if len(content) < header.size:
        raise BadInput("truncated", "the tar archive ends inside a header")
    return content


def _parse_pax(content: bytes) -> dict[str, str]:
    """Records `<length> <key>=<value>\\n` (POSIX pax, "pax Extended Header")."""
    fields: dict[str, str] = {}
    position = 0
    while position < len(content) and content[position] != 0:
        length_text, _, _ = content[position : position + 12].partition(b" ")
        length = int(length_text) if length_text.isdigit() else 0
        record = content[position : position + length]
        key, equals, value = record[len(length_text) + 1 : -1].partition(b"=")
        if not equals or not record.endswith(b"\n") or len(record) < length:
            raise BadInput("corrupt_tar", "a pax header is malformed")
        fields[_to_name(key)] = _to_name(value)
        position += length
    return fields


def _to_name(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def _check_end(stream: Stream) -> None:
    """Only zeros may follow the end mark: anything else is content that other tools would show."""
    while piece := stream.read():
        if piece.strip(b"\0"):
            raise BadInput("data_after_end", "the tar archive goes on after its end mark")
