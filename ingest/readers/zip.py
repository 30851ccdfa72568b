"""zip: member by member, in the directory's order, after the layout has been found unambiguous."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from ingest.readers.document import MEBIBYTE, BadInput, BadRecord, Document
from ingest.readers.source import Context, Source, check_member_name, open_seekable
from ingest.readers.streams import Stream
from ingest.readers.zip_layout import check_end, check_layout

ENCRYPTED_FLAG = 0x01
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# One member of an archive that is itself inside a compression: no text shrinks so far twice.
BOMB_BYTES = 16 * MEBIBYTE
BOMB_RATIO = 100
FAULTS = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError, KeyError)
ReadInner = Callable[[Source, Context], Iterator[Document | BadRecord]]


@contextmanager
def open_zip(file: BinaryIO) -> Iterator[zipfile.ZipFile]:
    """A zip whose structure was checked.

    Raises BadInput: corrupt_zip, zip_ambiguous, zip_overlap, zip_duplicate_names, member_limit."""
    check_end(file)
    try:
        archive = zipfile.ZipFile(file)
    except (*FAULTS, IndexError, OverflowError) as error:
        raise BadInput("corrupt_zip", f"the directory of the zip cannot be read: {error}") from error
    with archive:
        try:
            check_layout(file, archive)
        except (*FAULTS, OverflowError) as error:
            raise BadInput("corrupt_zip", f"the zip cannot be read: {error}") from error
        yield archive


def read_zip(source: Source, context: Context, read_inner: ReadInner) -> Iterator[Document | BadRecord]:
    """The documents of every member; folders are passed over."""
    with open_seekable(source, context) as file, open_zip(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if not members:
            raise BadInput("empty_archive", "the archive holds no files")
        for member in members:
            context.meter.add_member()
            name = member_name(member)
            try:
                check_member_name(name)
                stream = open_member(archive, member, context, source.compressions)
            except BadInput as fault:
                yield fault.to_record(f"{source.name}#{name}")
                continue
            yield from read_inner(source.inner(stream, member=name, expands=True), context)


def member_name(member: zipfile.ZipInfo) -> str:
    """The name as the archive has it; names without the UTF-8 flag that are UTF-8 all the same are taken so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.filename


def open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, context: Context, compressions: int) -> Stream:
    """A member's content as a metered stream; size and CRC are checked as it is read. May raise BadInput."""
    if member.flag_bits & ENCRYPTED_FLAG:
        raise BadInput("encrypted", "the member is encrypted")
    if member.compress_type not in METHODS:
        raise BadInput("compression_not_supported", f"compression method {member.compress_type} is not read")
    if compressions and member.file_size > max(BOMB_BYTES, BOMB_RATIO * member.compress_size):
        raise BadInput("zip_bomb", f"{member.compress_size} bytes inside a compression claim to be {member.file_size}")
    return Stream(MemberReader(archive, member, context, compressions).read)


class MemberReader:
    """Reads one member and insists on the size the directory gave."""

    def __init__(self, archive: zipfile.ZipFile, member: zipfile.ZipInfo, context: Context, compressions: int) -> None:
        self._meter = context.meter
        self._layer = compressions
        self._left = member.file_size
        try:
            self._handle = archive.open(member)
        except FAULTS as error:
            raise BadInput("corrupt_zip", f"the member cannot be opened: {error}") from error

    def read(self, size: int) -> bytes:
        try:
            piece = self._handle.read(size)
        except FAULTS as error:
            raise BadInput("corrupt_zip", f"the member is damaged: {error}") from error
        self._left -= len(piece)
        if self._left < 0 or (not piece and self._left):
            raise BadInput("corrupt_zip", "the member's size is not the one the directory gives")
        self._meter.expand(len(piece), self._layer)
        return piece
