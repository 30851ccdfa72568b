"""Chunk files: the documents of one shard, as zstd-compressed JSON Lines in the blob store while a scan runs."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import orjson
import zstandard

from ingest import blobs

COMPRESSION_LEVEL = 1
PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class ChunkDocument:
    """One document on its way to be matched: its item's name in the release, and its text."""

    name: str
    text: str


def write(documents: Iterable[ChunkDocument], folder: str) -> str:
    """Store a chunk and return its key; the same documents give the same key."""
    compressor = zstandard.ZstdCompressor(level=COMPRESSION_LEVEL).compressobj()
    pieces = [compressor.compress(orjson.dumps(asdict(document)) + b"\n") for document in documents]
    return blobs.put(b"".join([*pieces, compressor.flush()]), folder).key


def read(key: str) -> Iterator[ChunkDocument]:
    """The documents of a chunk, in order. Raises FileNotFoundError."""
    with zstandard.ZstdDecompressor().stream_reader(blobs.read(key)) as stream:
        for line in io.BufferedReader(stream, PIECE_BYTES):
            yield ChunkDocument(**orjson.loads(line))
