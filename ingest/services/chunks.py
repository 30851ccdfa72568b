"""Chunk files: the documents of one shard, compressed, in the blob store while a scan runs.

One zstd frame with a checksum; in it, for each document, a line of JSON `[name, bytes]` and that many bytes of UTF-8;
at the end a line `null`, without which the file was cut short.
"""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson
import zstandard

from ingest import blobs

COMPRESSION_LEVEL = 1
PIECE_BYTES = 1 << 20
END = b"null\n"
LONE_SURROGATES = "surrogatepass"  # a JSON record may hold them: they are characters of the text like others


@dataclass(frozen=True)
class ChunkDocument:
    """One document on its way to be matched: its item's name in the release, and its text."""

    name: str
    text: str


class ChunkDamaged(Exception):
    """A chunk file that ends too early, or does not hold what was written."""


def write(documents: Iterable[ChunkDocument], folder: str) -> str:
    """Store a chunk and return its key; the same documents give the same key."""
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL, write_checksum=True).compressobj()
    pieces = []
    for document in documents:
        text = document.text.encode("utf-8", LONE_SURROGATES)
        pieces += [compressor.compress(orjson.dumps([document.name, len(text)]) + b"\n"), compressor.compress(text)]
    pieces += [compressor.compress(END), compressor.flush()]
    return blobs.put(b"".join(pieces), folder).key


def read(key: str) -> Iterator[ChunkDocument]:
    """The documents of a chunk, in order, read as they are asked for. Raises FileNotFoundError and ChunkDamaged."""
    with blobs.opened(key) as stored, zstandard.ZstdDecompressor().stream_reader(stored, PIECE_BYTES) as stream:
        buffered = io.BufferedReader(stream, PIECE_BYTES)
        try:
            while (line := buffered.readline()) != END:
                name, size = orjson.loads(line)
                text = buffered.read(size)
                if len(text) != size:
                    raise ChunkDamaged(f"{key}: cut short")
                yield ChunkDocument(name, text.decode("utf-8", LONE_SURROGATES))
            if buffered.read():  # reading to the end compares the checksum
                raise ChunkDamaged(f"{key}: goes on after its end")
        except (zstandard.ZstdError, ValueError) as error:
            raise ChunkDamaged(f"{key}: {error}") from error
