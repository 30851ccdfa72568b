"""Postings sorted outside of memory: collected, cut into ranges of hashes, and each range finished alone.

What does not fit is appended to one file in runs, a run being what was in memory, ordered by range. A range is then
read from all runs, counted into its buckets and sorted there. Entries of a bucket are ordered by value, so the result
is the same bytes whether anything was written out or not.

Memory: 32 bytes for each of POSTINGS_IN_MEMORY (268 MB), and the largest range. Hashes of minimizers are small: with
256 ranges the first has 1 − e^(−7/256) = 2.7 % of all postings, each 8 bytes. 100 GB of texts have some 80 G letters,
so at w = 113 1.4 G postings, 38 M of them (300 MB) in that range and 22 GB in the temporary file; at w = 64 2.5 G,
66 M (530 MB) and 39 GB. Measured with kinship and all else: 275 MB for 5 GB of texts, as for 1 GB.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np

from ingest.engine.compiled import (
    HASH,
    INT,
    READ_I64,
    READ_U8_ROWS,
    READ_U32,
    READ_U64,
    WRITE_I64,
    WRITE_U32,
    WRITE_U64,
    compiled,
)
from ingest.engine.params import Params
from ingest.engine.records import Array
from ingest.engine.segment_format import (
    FILTER_CLASSES,
    POSITION_SHIFT,
    REMAINDER_BITS,
    Buckets,
    bucket_layout,
    ranges_of,
)

POSTINGS_IN_MEMORY = 1 << 23  # 16 bytes each, and as much again while they are ordered by range
ENTRIES_IN_MEMORY = 1 << 27  # of one range; a larger one, of repetitive texts, is sorted in a mapped file
PART_BITS = 4  # sixteen parts of a range are finished one by one
SMALL_BUCKET = 256  # entries sorted by insertion: the buckets of the least hashes have seven times the average
REMAINDER = np.uint64((1 << REMAINDER_BITS) - 1)
REMAINDER_WIDTH = np.uint64(REMAINDER_BITS)
REMAINDER_SHIFT = np.uint64(64 - REMAINDER_BITS)
ONE, FILTER, CLASSES = np.uint64(1), np.uint64(32), np.uint64(FILTER_CLASSES - 1)
PLACE, LEFT = np.uint64(POSITION_SHIFT), np.uint64(8)

Slice = tuple[Array, Array]
Write = Callable[[Array], None]


@compiled(READ_U64, READ_U32, READ_U8_ROWS, HASH, INT, WRITE_U64, WRITE_U64)
def _pack(
    hashes: Array, positions: Array, signatures: Array, start: np.uint64, at: int, out_hashes: Array, values: Array
) -> None:
    """Hash and entry without its remainder of each seed, from row `at` on."""
    for n in range(hashes.size):
        out_hashes[at + n] = hashes[n]
        signature = np.uint64(signatures[n, 0]) << LEFT | np.uint64(signatures[n, 1])
        values[at + n] = (start + np.uint64(positions[n])) << PLACE | signature


@compiled(READ_U64, READ_U64, HASH, WRITE_I64, WRITE_U64, WRITE_U64)
def _partition(
    hashes: Array,
    values: Array,
    shift: np.uint64,
    starts: Array,
    out_hashes: Array,
    out_values: Array,
) -> None:
    """Order by part of the hashes, keeping the order inside. A part is `hash >> shift`, the last one is all above;
    `starts` (a part and one more, zeros) becomes the first row of each."""
    last = starts.size - 2
    for n in range(hashes.size):
        part = np.int64(min(hashes[n] >> shift, np.uint64(last)))
        starts[part + 1] += 1
    for part in range(last + 1):
        starts[part + 1] += starts[part]
    cursor = starts.copy()
    for n in range(hashes.size):
        part = np.int64(min(hashes[n] >> shift, np.uint64(last)))
        at = np.uint64(cursor[part])
        out_hashes[at] = hashes[n]
        out_values[at] = values[n]
        cursor[part] += 1


@compiled(READ_U64, HASH, HASH, WRITE_U32)
def _count(hashes: Array, shift: np.uint64, first: np.uint64, counts: Array) -> None:
    for n in range(hashes.size):
        counts[(hashes[n] >> shift) - first] += np.uint32(1)


@compiled(READ_U64, READ_U64, HASH, HASH, WRITE_I64, WRITE_U64)
def _scatter(hashes: Array, values: Array, shift: np.uint64, first: np.uint64, cursor: Array, entries: Array) -> None:
    """Each entry to its bucket, remainder put in."""
    below = shift - REMAINDER_WIDTH
    for n in range(hashes.size):
        h = hashes[n]
        bucket = (h >> shift) - first
        entries[np.uint64(cursor[bucket])] = ((h >> below) & REMAINDER) << REMAINDER_SHIFT | values[n]
        cursor[bucket] += 1


@compiled(READ_I64, WRITE_U64, WRITE_I64)
def _sort_buckets(ends: Array, entries: Array, left_over: Array) -> int:
    """Sort the entries of each bucket; returns how many large buckets are not in order yet, listed in `left_over`."""
    found = 0
    low = 0
    for bucket in range(ends.size):
        high = ends[bucket]
        if high - low > SMALL_BUCKET:
            for n in range(low + 1, high):
                if entries[n] < entries[n - 1]:
                    left_over[found] = bucket
                    found += 1
                    break
        else:
            for n in range(low + 1, high):
                entry = entries[n]
                m = n
                while m > low and entries[m - 1] > entry:
                    entries[m] = entries[m - 1]
                    m -= 1
                entries[m] = entry
        low = high
    return found


@compiled(READ_I64, READ_U64, WRITE_U64)
def _add_filters(ends: Array, entries: Array, rows: Array) -> None:
    """Say in the upper half of each bucket's row which classes of remainders it has."""
    low = 0
    for bucket in range(ends.size):
        for n in range(low, ends[bucket]):
            rows[bucket] |= ONE << (FILTER + (entries[n] >> REMAINDER_SHIFT & CLASSES))
        low = ends[bucket]


class Postings:
    """All postings of a segment that is being written. Temporary files lie in `folder`."""

    def __init__(self, params: Params, folder: Path, in_memory: int = POSTINGS_IN_MEMORY) -> None:
        self._params = params
        self._folder = folder
        self._hashes, self._values = np.empty(in_memory, np.uint64), np.empty(in_memory, np.uint64)
        self._filled = 0
        self._range_shift, self._ranges = ranges_of(params)  # and one above
        self._part_shift = self._range_shift - PART_BITS
        self._parts = self._ranges << PART_BITS  # and one above
        self._runs: list[tuple[int, Array]] = []  # byte in the file, and first row of each range
        self._file: IO[bytes] | None = None
        self._written = 0
        self.count = 0

    def add(self, hashes: Array, positions: Array, signatures: Array, start: int) -> None:
        """The seeds of a record (uint64, uint32, uint8 rows) before which `start` symbols lie in the segment."""
        for low in range(0, hashes.size, self._hashes.size):
            part = slice(low, low + self._hashes.size)
            size = hashes[part].size
            if self._filled + size > self._hashes.size:
                self._spill()
            _pack(hashes[part], positions[part], signatures[part], start, self._filled, self._hashes, self._values)
            self._filled += size
        self.count += hashes.size

    def _ordered(self) -> tuple[Array, Array, Array]:
        hashes, values = self._hashes[: self._filled], self._values[: self._filled]
        starts = np.zeros(self._parts + 2, np.int64)
        ordered = np.empty_like(hashes), np.empty_like(values)
        _partition(hashes, values, self._part_shift, starts, *ordered)
        self._filled = 0
        return *ordered, starts

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115  lives as long as this
        hashes, values, starts = self._ordered()
        self._runs.append((self._written, starts))
        for low, high in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
            _write_all(self._file, hashes[low:high])
            _write_all(self._file, values[low:high])
        self._written += 16 * hashes.size

    def finish(self, write_entries: Write, write_buckets: Write) -> Buckets:
        """Hand over all entries and the rows of the buckets, in order and in pieces."""
        hashes, values, starts = self._ordered()
        self._hashes = self._values = np.empty(0, np.uint64)
        everything = [run for _, run in self._runs] + [starts]
        width = 1 << PART_BITS
        bounds = [*range(0, self._parts + 1, width), self._parts + 1]
        layout = bucket_layout(
            [sum(int(run[after] - run[low]) for run in everything) for low, after in pairwise(bounds)], self._params
        )
        total = 0
        for low, after, shift in self._groups(layout):

            def slices(low: int = low, after: int = after) -> Iterator[Slice]:
                yield from self._slices(low, after)
                rows = slice(int(starts[low]), int(starts[after]))
                yield hashes[rows], values[rows]

            size = sum(int(run[after] - run[low]) for run in everything)
            first, end = low << self._part_shift >> shift, after << self._part_shift >> shift
            if low == self._parts:
                first, end = 0, 1 << (64 - shift)
            entries, rows = self._finish_part(slices, size, shift, first, end - first, total)
            write_entries(entries)
            write_buckets(rows)
            total += size
        write_buckets(np.array([total], np.uint64))
        return layout

    def _groups(self, layout: Buckets) -> Iterator[tuple[int, int, int]]:
        """Parts that are finished together, from and to, and the shift of their buckets: those that share a bucket."""
        for number, shift in enumerate(layout.shifts[:-1]):
            step = 1 << max(0, shift - self._part_shift)
            for low in range(number << PART_BITS, (number + 1) << PART_BITS, step):
                yield low, low + step, shift
        yield self._parts, self._parts + 1, layout.shifts[-1]

    def _slices(self, low: int, after: int) -> Iterator[Slice]:
        """What the runs in the file have of these parts."""
        for at, run in self._runs:
            assert self._file is not None
            self._file.seek(at + 16 * int(run[low]))
            for rows in np.diff(run[low : after + 1]).tolist():
                if rows:
                    raw = np.frombuffer(_read_all(self._file, 16 * rows), np.uint64)
                    yield raw[:rows], raw[rows:]

    def _finish_part(
        self, slices: Callable[[], Iterator[Slice]], size: int, shift: int, first: int, buckets: int, before: int
    ) -> tuple[Array, Array]:
        """Entries of some parts in order, and a row for each of their buckets; `before`: entries of those before."""
        counts = np.zeros(buckets, np.uint32)
        for hashes, _ in slices():
            _count(hashes, shift, first, counts)
        ends = np.cumsum(counts, dtype=np.int64)
        cursor = ends - counts
        entries: Array = np.empty(0, np.uint64)
        if size <= ENTRIES_IN_MEMORY:
            entries = np.empty(size, np.uint64)
        else:
            with tempfile.TemporaryFile(dir=self._folder) as file:
                entries = np.memmap(file, np.uint64, "w+", shape=(size,))
        for hashes, values in slices():
            _scatter(hashes, values, shift, first, cursor, entries)
        left_over = np.empty(size // SMALL_BUCKET + 1, np.int64)
        for bucket in left_over[: _sort_buckets(ends, entries, left_over)].tolist():
            entries[ends[bucket] - counts[bucket] : ends[bucket]].sort()
        rows = (ends - counts + before).astype(np.uint64)
        _add_filters(ends, entries, rows)
        return entries, rows

    def close(self) -> None:
        """Let go of the temporary file."""
        if self._file is not None:
            self._file.close()


def _write_all(file: IO[bytes], array: Array) -> None:
    data = memoryview(array).cast("B") if array.size else memoryview(b"")
    while data:
        data = data[file.write(data) :]


def _read_all(file: IO[bytes], size: int) -> bytes:
    parts = []
    while size:
        part = file.read(size)
        if not part:
            raise OSError("a temporary file of the index build was cut short")
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
