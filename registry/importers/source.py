"""The bytes of a catalogue file: as they are, out of gzip, or the one feed inside a zip; read once from the start."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from registry.importers.rows import CatalogueError

MEBIBYTE = 1024 * 1024
# What one compressed feed may unpack to: ten times the largest feeds that publishers send.
MAX_UNPACKED_BYTES = 16 * 1024 * MEBIBYTE
# What has to lie in memory as a whole because its reader jumps about in it: a workbook, an EPUB inside a compression.
MAX_SEEKABLE_BYTES = 128 * MEBIBYTE
MAX_ZIP_MEMBERS = 100_000
HEAD_BYTES = 64 * 1024
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
UNPACKING_FAULTS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class Source:
    """A file, or the member of a zip, whose content may be gzip; `name` is what messages call it."""

    path: Path
    name: str
    member: str = ""
    is_gzip: bool = False

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Its unpacked bytes as a stream that can be read forward. CatalogueError FILE_DAMAGED, FILE_TOO_LARGE."""
        with self.path.open("rb") as plain:
            if self.member:
                with open_zip(plain, self.name) as archive, open_member(archive, self.member, self.name) as inner:
                    yield self._limit(inner)
            else:
                yield self._limit(plain)

    def _limit(self, stream: BinaryIO) -> BinaryIO:
        if self.is_gzip:
            stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))
        elif not self.member:
            return stream
        return cast(BinaryIO, io.BufferedReader(_Limited(stream, self.name), buffer_size=256 * 1024))

    def head(self) -> bytes:
        """The first 64 KiB."""
        with self.open() as stream:
            return stream.read(HEAD_BYTES)

    @contextmanager
    def open_seekable(self) -> Iterator[BinaryIO]:
        """As `open`, for readers that jump about: unpacked into memory when it is compressed."""
        if not (self.member or self.is_gzip):
            with self.path.open("rb") as plain:
                yield plain
            return
        with self.open() as stream:
            data = stream.read(MAX_SEEKABLE_BYTES + 1)
        if len(data) > MAX_SEEKABLE_BYTES:
            cause = f"unpacks to more than {MAX_SEEKABLE_BYTES // MEBIBYTE} MiB; hand it in without the compression"
            raise CatalogueError("FILE_TOO_LARGE", self.name, 0, cause)
        yield io.BytesIO(data)


class _Limited(io.RawIOBase):
    """Unpacked bytes, counted; whatever the unpacking raises becomes a CatalogueError."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = MAX_UNPACKED_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            piece = self._stream.read(len(buffer))
        except UNPACKING_FAULTS as error:
            raise CatalogueError("FILE_DAMAGED", self._name, 0, f"it cannot be unpacked further: {error}") from error
        self._left -= len(piece)
        if self._left < 0:
            cause = f"unpacks to more than {MAX_UNPACKED_BYTES // MEBIBYTE // 1024} GiB"
            raise CatalogueError("FILE_TOO_LARGE", self._name, 0, cause)
        buffer[: len(piece)] = piece
        return len(piece)


@contextmanager
def open_zip(file: BinaryIO, name: str) -> Iterator[zipfile.ZipFile]:
    """A zip with a sane directory. CatalogueError FILE_DAMAGED, FILE_TOO_LARGE."""
    try:
        archive = zipfile.ZipFile(file)
    except (*UNPACKING_FAULTS, IndexError, OverflowError) as error:
        raise CatalogueError("FILE_DAMAGED", name, 0, f"the zip's directory cannot be read: {error}") from error
    with archive:
        if len(archive.infolist()) > MAX_ZIP_MEMBERS:
            cause = f"the zip holds more than {MAX_ZIP_MEMBERS} files; divide it"
            raise CatalogueError("FILE_TOO_LARGE", name, 0, cause)
        yield archive


@contextmanager
def open_member(archive: zipfile.ZipFile, member: str, name: str) -> Iterator[BinaryIO]:
    """A member's unpacked bytes. CatalogueError FILE_DAMAGED for what cannot be opened, an encrypted one among it."""
    try:
        stream = archive.open(member)
    except (*UNPACKING_FAULTS, KeyError) as error:
        raise CatalogueError("FILE_DAMAGED", name, 0, f"{member!r} in the zip cannot be opened: {error}") from error
    with stream:
        yield cast(BinaryIO, stream)
