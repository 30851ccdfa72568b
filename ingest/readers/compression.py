"""gz, bz2, xz and zst as streams with bounded output: a few bytes of a bomb become one chunk at a time."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

import zstandard

from ingest.readers.document import MEBIBYTE, BadInput
from ingest.readers.streams import CHUNK_BYTES, Meter, Stream
from ingest.readers.zstd_frames import FrameTracker

XZ_MEMORY_BYTES = 128 * MEBIBYTE
MAGIC = {
    "gz": b"\x1f\x8b",
    "bz2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
    "zst": b"\x28\xb5\x2f\xfd",
}


class Decoder(Protocol):
    """What bz2.BZ2Decompressor and lzma.LZMADecompressor have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class GzipDecoder:
    """zlib's decompressor with the shape of the other two."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        out = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self.needs_input = not self._inflate.unconsumed_tail and len(out) < max_length
        return out


def _new_xz_decoder() -> Decoder:
    return lzma.LZMADecompressor(format=lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)


DECODERS: dict[str, Callable[[], Decoder]] = {"gz": GzipDecoder, "bz2": bz2.BZ2Decompressor, "xz": _new_xz_decoder}


class MemberExpander:
    """Decompresses gz, bz2 or xz: members after one another, zero padding between them."""

    def __init__(self, source: Stream, kind: str) -> None:
        self._source = source
        self._kind = kind
        self._decoder = DECODERS[kind]()
        self._ended = False

    def read(self, size: int) -> bytes:
        while not self._ended:
            if self._decoder.eof:
                self._start_next_member()
                continue
            data = b""
            if self._decoder.needs_input:
                data = self._source.read(CHUNK_BYTES)
                if not data:
                    raise BadInput("truncated", f"the {self._kind} stream ends in the middle")
            if out := self._decoder.decompress(data, size):
                return out
        return b""

    def _start_next_member(self) -> None:
        rest = self._decoder.unused_data.lstrip(b"\0")
        while not rest and (piece := self._source.read(CHUNK_BYTES)):
            rest = piece.lstrip(b"\0")
        if not rest:
            self._ended = True
            return
        self._source.unread(rest)
        magic = MAGIC[self._kind]
        if self._source.peek(len(magic)) != magic:
            raise BadInput("trailing_data", f"bytes that are not {self._kind} follow the {self._kind} stream")
        self._decoder = DECODERS[self._kind]()


class ZstdExpander:
    """Decompresses zst frames after one another, followed beside it: the library ends quietly on a cut file."""

    def __init__(self, source: Stream) -> None:
        self._frames = FrameTracker(source)
        self._reader = zstandard.ZstdDecompressor().stream_reader(
            cast(BinaryIO, self._frames), read_size=CHUNK_BYTES, read_across_frames=True, closefd=False
        )

    def read(self, size: int) -> bytes:
        out = self._reader.read(size)
        if not out and not self._frames.at_boundary:
            raise BadInput("truncated", "the zst stream ends in the middle")
        return out


class CountedExpander:
    """A decompressing read that is metered and stays broken once it broke: readers above may ask again."""

    def __init__(self, expander: MemberExpander | ZstdExpander, kind: str, meter: Meter, layer: int) -> None:
        self._expander = expander
        self._kind = kind
        self._meter = meter
        self._layer = layer
        self._failure: BadInput | None = None

    def read(self, size: int) -> bytes:
        if self._failure is not None:
            raise self._failure
        try:
            out = self._expander.read(size)
            self._meter.expand(len(out), self._layer)
        except BadInput as failure:
            self._failure = failure
            raise
        except (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError) as error:
            self._failure = BadInput("corrupt_compression", f"the {self._kind} stream is damaged: {error}")
            raise self._failure from error
        return out


def expand(source: Stream, kind: str, meter: Meter, layer: int) -> Stream:
    """The decompressed stream of `source`; `kind` is gz, bz2, xz or zst. Faults surface as BadInput while reading."""
    expander = ZstdExpander(source) if kind == "zst" else MemberExpander(source, kind)
    return Stream(CountedExpander(expander, kind, meter, layer).read)
