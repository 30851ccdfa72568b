"""One immutable segment: a single file, mapped into memory and never changed.

Layout: magic, header length (uint64), header (canonical JSON: parameter set, totals, and place, size and SHA-256 of
every section), then the sections, each at a multiple of 64. The digest is the SHA-256 of everything before the
sections, so it pins the content and costs nothing to check at opening; `verify` reads the sections too.

The postings are sorted by hash. `buckets` cuts the range of minimizer hashes (small numbers, all but a few below the
query threshold) into equal parts; the last bucket holds those above. A posting is a 32-bit remainder of its hash, its
record, its symbol position and two context signatures.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from ingest.engine import ENGINE_VERSION
from ingest.engine.errors import BadIndex
from ingest.engine.normalise import Array, fold_utf8, measure_blocks, places_in_blocks, utf8_of, words_between
from ingest.engine.params import Params, require
from ingest.engine.records import IndexRecord, SegmentInfo

MAGIC = b"\x89CSEG1\r\n"
ALIGNMENT = 64
MAX_HEADER_BYTES = 1 << 20
TEXT_BLOCK_CHARS = 1 << 12
TEXT_PART_CHARS = 1 << 20  # written at a time; whole blocks
SECTIONS: dict[str, np.dtype[Any]] = {
    "records": np.dtype("u1"),
    "buckets": np.dtype("<u4"),
    "remainders": np.dtype("<u4"),
    "owners": np.dtype("<u4"),
    "positions": np.dtype("<u4"),
    "signatures": np.dtype("u1"),
    "sketch_positions": np.dtype("<u4"),
    "sketch_offsets": np.dtype("<u4"),
    "block_bytes": np.dtype("<u8"),
    "block_symbols": np.dtype("<u8"),
    "texts": np.dtype("u1"),
}


_NO_LETTERS = np.empty(0, np.uint16)


def _symbol_range(low: int, high: int) -> Array:
    return np.array([max(0, low), max(0, high - 1)], np.uint64)


@dataclass(frozen=True)
class RecordRow:
    """One record of a segment as stored: who it is, its totals, and where its text or its sketch lies."""

    work: str
    edition: str | None
    title: str
    author: str
    isbn: str
    symbols: int
    letters: int
    chars: int
    words: int
    text: tuple[int, int] | None  # offset and bytes in `texts`
    first: int  # first of its rows in the block tables (with text) or in the sketch tables (without)
    count: int


def _write_text(texts: IO[bytes], record: IndexRecord, at: int) -> tuple[Array, Array, int]:
    """Append a text; returns byte offset and symbols before each block, and the text's bytes."""
    assert record.text is not None
    parts = [(np.empty(0, np.int64), np.empty(0, np.int64))]
    size = symbols = 0
    for start in range(0, len(record.text), TEXT_PART_CHARS):
        part = record.text[start : start + TEXT_PART_CHARS]
        utf8 = utf8_of(part)
        texts.write(utf8.data)
        bytes_before, symbols_before, more = measure_blocks(utf8, len(part), TEXT_BLOCK_CHARS)
        parts.append((bytes_before + (at + size), symbols_before + symbols))
        size += utf8.size
        symbols += more
    if symbols != record.sketch.symbols:
        raise BadIndex(f"the sketch of {record.work!r} is not of the text given with it", work=record.work)
    return np.concatenate([b for b, _ in parts]), np.concatenate([s for _, s in parts]), size


def bucket_layout(postings: int, params: Params) -> tuple[int, int]:
    """Right shift of a hash to its bucket, and how many buckets lie below the query threshold, some 4 postings each."""
    bits = max(0, (postings // 4).bit_length())
    shift = max(32, params.query_threshold.bit_length() - bits)
    return shift, (params.query_threshold >> shift) + 1


def _sorting_order(hashes: Array) -> Array:
    """As a stable argsort, three times as fast: NumPy sorts with vector instructions where the order of equals is free,
    and few are equal."""
    order = np.argsort(hashes)
    ordered = hashes[order]
    tied = np.zeros(hashes.size, bool)
    tied[1:] = ordered[1:] == ordered[:-1]
    tied[:-1] |= tied[1:]
    order[tied] = order[tied][np.lexsort((order[tied], ordered[tied]))]
    return order


def _postings(sketches: list[Any], params: Params) -> dict[str, Array]:
    hashes = np.concatenate([s.hashes for s in sketches] or [np.empty(0, np.uint64)])
    owners = np.repeat(np.arange(len(sketches), dtype=np.uint32), [len(s.hashes) for s in sketches])
    order = _sorting_order(hashes)
    hashes = hashes[order]
    shift, count = bucket_layout(hashes.size, params)
    split = int(np.searchsorted(hashes, np.uint64(params.query_threshold)))
    buckets = (hashes >> np.uint64(shift)).astype(np.int64)
    buckets[split:] = count
    remainders = (hashes >> np.uint64(shift - 32)).astype(np.uint32)
    remainders[split:] = (hashes[split:] >> np.uint64(32)).astype(np.uint32)
    starts = np.zeros(count + 2, np.uint32)
    starts[1:] = np.cumsum(np.bincount(buckets, minlength=count + 1))
    positions = np.concatenate([s.positions for s in sketches] or [np.empty(0, np.uint32)])
    signatures = np.concatenate([s.signatures for s in sketches] or [np.empty((0, 2), np.uint8)])
    return {
        "buckets": starts,
        "remainders": remainders,
        "owners": owners[order],
        "positions": positions[order],
        "signatures": signatures[order],
    }


def write_file(path: Path, records: Iterable[IndexRecord], params: Params) -> SegmentInfo:
    """Write one segment file atomically (temporary file, fsync, rename, fsync of the folder).

    Texts stream through a temporary file; about 30 bytes of memory a posting are needed. Same records, same bytes.
    """
    rows: list[dict[str, Any]] = []
    sketches: list[Any] = []
    tables: dict[str, list[Any]] = {
        n: [] for n in ("block_bytes", "block_symbols", "sketch_positions", "sketch_offsets")
    }
    text_bytes = blocks = seeds = 0
    with tempfile.TemporaryFile(dir=path.parent) as texts:
        for record in records:
            sketch = record.sketch
            if sketch.parameters != params.name:
                raise BadIndex(
                    f"the sketch of {record.work!r} was made with {sketch.parameters!r}, not {params.name!r}",
                    work=record.work,
                )
            row: dict[str, Any] = {n: getattr(record, n) for n in ("work", "edition", "title", "author", "isbn")}
            row |= {n: getattr(sketch, n) for n in ("symbols", "letters", "chars", "words")}
            if record.text is None:
                row |= {"text": None, "first": seeds, "count": len(sketch.hashes)}
                tables["sketch_positions"].append(sketch.positions)
                tables["sketch_offsets"].append(sketch.offsets)
                seeds += len(sketch.hashes)
            else:
                bytes_of, symbols_of, size = _write_text(texts, record, text_bytes)
                row |= {"text": [text_bytes, size], "first": blocks, "count": len(bytes_of)}
                tables["block_bytes"].append(bytes_of)
                tables["block_symbols"].append(symbols_of)
                text_bytes += size
                blocks += len(bytes_of)
            rows.append(row)
            sketches.append(sketch)
        arrays = _postings(sketches, params)
        arrays["records"] = np.frombuffer(_canonical(rows), np.uint8)
        for name, parts in tables.items():
            arrays[name] = np.concatenate([np.asarray(p, SECTIONS[name]) for p in parts] or [np.empty(0)])
        facts: dict[str, Any] = {
            "engine": ENGINE_VERSION,
            "format": 1,
            "parameters": {"name": params.name, "digest": params.digest},
            "postings": int(arrays["owners"].size),
            "records": len(rows),
            "works": len({r["work"] for r in rows}),
        }
        digest = _publish(path, facts, arrays, texts, text_bytes)
    return SegmentInfo(
        str(path),
        digest,
        params.name,
        facts["records"],
        facts["works"],
        facts["postings"],
        path.stat().st_size,
    )


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _sha256_of_file(stream: IO[bytes]) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def _publish(path: Path, facts: dict[str, Any], arrays: dict[str, Array], texts: IO[bytes], text_bytes: int) -> str:
    sections: dict[str, list[Any]] = {}
    raw: dict[str, memoryview] = {}
    at = 0
    for name, dtype in SECTIONS.items():
        if name == "texts":
            sections[name] = [at, text_bytes, _sha256_of_file(texts)]
            continue
        raw[name] = np.ascontiguousarray(arrays[name], dtype).reshape(-1).view(np.uint8).data
        sections[name] = [at, raw[name].nbytes, hashlib.sha256(raw[name]).hexdigest()]
        at += -(-raw[name].nbytes // ALIGNMENT) * ALIGNMENT
    header = _canonical(facts | {"sections": sections})
    head = MAGIC + len(header).to_bytes(8, "little") + header
    head += b" " * (-len(head) % ALIGNMENT)
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(head)
            for block in raw.values():
                out.write(block)
                out.write(b"\0" * (-block.nbytes % ALIGNMENT))
            texts.seek(0)
            while chunk := texts.read(1 << 20):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    sync_folder(path.parent)
    return "sha256:" + hashlib.sha256(head).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a rename inside the folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Segment:
    """A segment mapped read-only. `start` and `size` say where it lies in the file (a zip member, say)."""

    def __init__(self, path: Path, start: int = 0, size: int | None = None) -> None:
        self.name = path.name
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            size = length - start if size is None else size
            if start < 0 or size < 16 or start + size > length:
                raise BadIndex(f"{path}: cut short or not a segment", path=str(path))
            self._map: mmap.mmap | None = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._read_header(start, size)
            self._read_sections(start, size)
            self._read_records()
        except BaseException as error:
            self.close()
            if isinstance(error, (KeyError, TypeError, ValueError, AttributeError, RecursionError)):
                raise BadIndex(f"{path}: a damaged segment ({error})", path=str(path)) from error
            raise
        self._window: tuple[int, Array, int] | None = None

    def _read_header(self, start: int, size: int) -> None:
        assert self._map is not None
        if self._map[start : start + 8] != MAGIC:
            raise BadIndex(f"{self.name}: not a segment", path=self.name)
        header_bytes = int.from_bytes(self._map[start + 8 : start + 16], "little")
        if header_bytes > min(MAX_HEADER_BYTES, size - 16):
            raise BadIndex(f"{self.name}: a damaged segment (header length)", path=self.name)
        self._body = -(-(16 + header_bytes) // ALIGNMENT) * ALIGNMENT
        head = self._map[start : start + self._body]
        self.header: dict[str, Any] = json.loads(head[16 : 16 + header_bytes])
        if self.header["format"] != 1:
            raise BadIndex(f"{self.name}: segment format {self.header['format']!r} is not known here", path=self.name)
        self.params = require(self.header["parameters"]["name"], self.header["parameters"]["digest"])
        self.digest = "sha256:" + hashlib.sha256(head).hexdigest()

    def _read_sections(self, start: int, size: int) -> None:
        self._arrays: dict[str, Array] = {}
        for name, dtype in SECTIONS.items():
            at, length, _ = self.header["sections"][name]
            if not (isinstance(at, int) and isinstance(length, int)):
                raise TypeError(f"section {name}")
            if at < 0 or length < 0 or length % dtype.itemsize or self._body + at + length > size:
                raise BadIndex(f"{self.name}: section {name} lies outside the file", path=self.name)
            # In a zip the sections may not be aligned: NumPy and Numba read them all the same.
            assert self._map is not None
            self._arrays[name] = np.frombuffer(self._map, dtype, length // dtype.itemsize, start + self._body + at)
        postings = self.header["postings"]
        self.shift, self.bucket_count = bucket_layout(postings, self.params)
        sizes = {"remainders": postings, "owners": postings, "positions": postings, "signatures": 2 * postings}
        for name, expected in (sizes | {"buckets": self.bucket_count + 2}).items():
            if self._arrays[name].size != expected:
                raise BadIndex(f"{self.name}: section {name} has the wrong size", path=self.name)
        self.signatures = self._arrays["signatures"].reshape(-1, 2)

    def _read_records(self) -> None:
        rows = json.loads(self._arrays["records"].tobytes())
        self.records = tuple(
            RecordRow(**(row | {"text": tuple(row["text"]) if row["text"] is not None else None})) for row in rows
        )
        limits = {True: self._arrays["block_bytes"].size, False: self._arrays["sketch_positions"].size}
        for row in self.records:
            numbers = (row.symbols, row.letters, row.chars, row.words, row.first, row.count, *(row.text or ()))
            if not isinstance(row.work, str) or not all(isinstance(n, int) and n >= 0 for n in numbers):
                raise BadIndex(f"{self.name}: a damaged record", path=self.name)
            beyond = row.text is not None and sum(row.text) > self._arrays["texts"].size
            if beyond or row.first + row.count > limits[row.text is not None]:
                raise BadIndex(f"{self.name}: record {row.work!r} lies outside its section", path=self.name)
        if len(self.records) != self.header["records"]:
            raise BadIndex(f"{self.name}: {len(self.records)} records, not {self.header['records']}", path=self.name)

    def array(self, name: str) -> Array:
        """One section, read-only."""
        return self._arrays[name]

    def verify(self) -> None:
        """Read everything and compare with the digests in the header; `BadIndex` names the first bad section."""
        for name, array in self._arrays.items():
            if hashlib.sha256(array.data).hexdigest() != self.header["sections"][name][2]:
                raise BadIndex(f"{self.name}: section {name} does not match its digest", path=self.name, section=name)

    def _blocks(self, row: RecordRow) -> tuple[Array, Array]:
        """Bytes (in `texts`) and symbols (in the record) before each block of a text."""
        rows = slice(row.first, row.first + row.count)
        return self._arrays["block_bytes"][rows], self._arrays["block_symbols"][rows]

    def letters(self, record: int, low: int, high: int) -> tuple[Array, int]:
        """Symbols of a record that cover at least [low, high), and the position of the first of them.

        What was read last is kept: the chains of one record, and an extension that grows, often need it again.
        """
        kept = self._window
        if kept is not None and kept[0] == record and kept[2] <= low and high <= kept[2] + kept[1].size:
            return kept[1], kept[2]
        row = self.records[record]
        if not row.count or row.text is None:
            return _NO_LETTERS, 0
        block_bytes, block_symbols = self._blocks(row)
        first, last = (block_symbols.searchsorted(_symbol_range(low, high), side="right") - 1).tolist()
        first = max(0, first)
        end = int(block_bytes[last + 1]) if last + 1 < row.count else sum(row.text)
        base = int(block_symbols[first])
        symbols = fold_utf8(self._arrays["texts"][int(block_bytes[first]) : end], max(0, high - base))
        self._window = record, symbols, base
        return symbols, base

    def char_offsets(self, record: int, positions: Array) -> list[int]:
        """Code-point offsets in the record's text of symbol positions (int64). Without text: of the seed at or before
        each, and on from there at the record's average of code points a letter."""
        row = self.records[record]
        if not row.count:
            return [0] * positions.size
        if row.text is not None:
            return self._places(row, positions)[:, 0].tolist()
        seeds = self._arrays["sketch_positions"][row.first : row.first + row.count]
        offsets = self._arrays["sketch_offsets"][row.first : row.first + row.count]
        nearest = np.maximum(seeds.searchsorted(positions.astype(np.uint32), side="right") - 1, 0)
        beyond = (positions - seeds[nearest]) * row.chars // max(1, row.symbols)
        return np.minimum(row.chars, offsets[nearest] + beyond).tolist()

    def _places(self, row: RecordRow, positions: Array) -> Array:
        assert row.text is not None
        texts = self._arrays["texts"]
        return places_in_blocks(texts, *self._blocks(row), TEXT_BLOCK_CHARS, sum(row.text), positions)

    def stretches(self, record: int, ends: Array) -> list[tuple[int, int, int]]:
        """Stretches of a record, given by their first and last symbol in turn (int64[2·n]): first code point, code
        point after the last, and words; where no text is held, 0 words."""
        row = self.records[record]
        if row.text is None or not row.count:
            offsets = self.char_offsets(record, ends)
            return [(first, last + 1, 0) for first, last in zip(offsets[::2], offsets[1::2], strict=True)]
        places = self._places(row, ends)
        offsets = places[:, 0].tolist()
        words = words_between(self._arrays["texts"], places)
        return [(first, last + 1, n) for first, last, n in zip(offsets[::2], offsets[1::2], words, strict=True)]

    def char_offset(self, record: int, position: int) -> int:
        """As `char_offsets`, for one position."""
        return self.char_offsets(record, np.array([position], np.int64))[0]

    def close(self) -> None:
        """Let go of the mapping; arrays handed out keep it alive until they are gone."""
        self._arrays = {}
        self._window = None
        self.signatures = np.empty((0, 2), np.uint8)
        if self._map is not None:
            with contextlib.suppress(BufferError):
                self._map.close()
            self._map = None
