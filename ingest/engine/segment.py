"""One immutable segment: a single file, mapped into memory and never changed (format: `segment_format`).

Opening reads the header and checks the tables that say where a record's parts lie; the rest is not touched. Whoever
reads `buckets`, `entries`, the blocks and the samples clips what they say to the arrays: only `verify` has read them.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ingest.engine.errors import BadIndex, UnknownParameters
from ingest.engine.kinship import Sample, sample_postings
from ingest.engine.owners import Hints, hints_of
from ingest.engine.params import require
from ingest.engine.places import places_in_blocks
from ingest.engine.records import Array
from ingest.engine.residence import resident_share
from ingest.engine.segment_format import (
    ALIGNMENT,
    FLAG_EDITION,
    FLAG_TEXT,
    FORMAT,
    MAGIC,
    MAX_HEADER_BYTES,
    MAX_SYMBOLS,
    MAX_TOTAL,
    NAME_FIELDS,
    OLDER_MAGICS,
    SECTIONS,
    TEXT_BLOCK_CHARS,
    Buckets,
)

ROWS_AT_HAND = 64
RESIDENCE_SECONDS = 1.0
IDENTITIES_AT_HAND = 4096
RESIDENCE_SECONDS = 2.0  # how long what was seen of the memory stands
HASHED_BYTES = 1 << 24


class SegmentArrays(NamedTuple):
    """The sections that kernels read; what each holds stands in `segment_format`."""

    buckets: Array
    entries: Array
    record_starts: Array
    record_totals: Array  # rows of letters, code points, words
    text_starts: Array
    block_starts: Array
    block_bytes: Array
    block_symbols: Array
    sample_starts: Array
    sample_positions: Array
    sample_offsets: Array
    texts: Array


@dataclass(frozen=True)
class RecordRow:
    """One record of a segment: who it is, its totals, and where in `texts` its text lies (first byte, bytes)."""

    work: str
    edition: str | None
    title: str
    author: str
    isbn: str
    symbols: int
    letters: int
    chars: int
    words: int
    text: tuple[int, int] | None


class Records(Sequence[RecordRow]):
    """The records of a segment, each read when it is asked for."""

    def __init__(self, segment: Segment) -> None:
        self._segment = segment

    def __len__(self) -> int:
        return self._segment.record_count

    def __getitem__(self, record: Any) -> Any:
        return self._segment.row(range(len(self))[record])

    def __iter__(self) -> Iterator[RecordRow]:
        return (self._segment.row(record) for record in range(len(self)))


class Segment:
    """A segment mapped read-only. `start` and `size` say where it lies in the file (a zip member, say)."""

    def __init__(self, path: Path, start: int = 0, size: int | None = None) -> None:
        self.name = str(path)
        self.bytes = 0
        self._sections: dict[str, Array] = {}
        self._rows: dict[int, RecordRow] = {}
        self._identities: dict[int, tuple[str, str | None, bool]] = {}
        self._seen_until, self._share = 0.0, 1.0
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            size = length - start if size is None else size
            if start < 0 or size < 16 or start + size > length:
                raise self._bad("cut short or not a segment")
            self.bytes = size
            self._map: mmap.mmap | None = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            self._read_header(start, size)
            self._read_sections(start, size)
            self._check_sizes()
            self._check_tables()
        except BaseException as error:
            self.close()
            if isinstance(error, (KeyError, TypeError, ValueError, AttributeError, RecursionError)):
                raise self._bad(f"a damaged segment ({error})") from error
            raise

    def _bad(self, cause: str, **facts: object) -> BadIndex:
        return BadIndex(f"{self.name}: {cause}", path=self.name, **facts)

    def _read_header(self, start: int, size: int) -> None:
        assert self._map is not None
        magic = self._map[start : start + 8]
        if magic in OLDER_MAGICS:
            raise self._bad("written by an older version of the engine: build the index again")
        if magic != MAGIC:
            raise self._bad("not a segment")
        header_bytes = int.from_bytes(self._map[start + 8 : start + 16], "little")
        if header_bytes > min(MAX_HEADER_BYTES, size - 16):
            raise self._bad("a damaged segment (header length)")
        self._body = -(-(16 + header_bytes) // ALIGNMENT) * ALIGNMENT
        head = self._map[start : start + self._body]
        self.header: dict[str, Any] = json.loads(head[16 : 16 + header_bytes])
        if self.header["format"] != FORMAT:
            raise self._bad(f"segment format {self.header['format']!r} is not known here")
        try:
            self.params = require(self.header["parameters"]["name"], self.header["parameters"]["digest"])
        except UnknownParameters as error:
            raise UnknownParameters(f"{self.name}: {error}", **error.facts) from None
        self.digest = "sha256:" + hashlib.sha256(head).hexdigest()
        totals = self.header["totals"]
        numbers = [self.header[name] for name in ("postings", "records", "works")]
        numbers += [totals[name] for name in ("symbols", "letters", "chars", "words", "with_text")]
        if not all(type(number) is int and 0 <= number < 1 << 64 for number in numbers):
            raise self._bad("a damaged segment (totals)")
        self.record_count: int = self.header["records"]

    def _read_sections(self, start: int, size: int) -> None:
        assert self._map is not None
        for name, dtype in SECTIONS.items():
            at, length, _ = self.header["sections"][name]
            if type(at) is not int or type(length) is not int:
                raise TypeError(f"section {name}")
            if at < 0 or length < 0 or length % dtype.itemsize or self._body + at + length > size:
                raise self._bad(f"section {name} lies outside the file")
            # In a zip the sections may not be aligned: NumPy and Numba read them all the same.
            self._sections[name] = np.frombuffer(self._map, dtype, length // dtype.itemsize, start + self._body + at)

    def _check_sizes(self) -> None:
        stored = self.header["buckets"]
        self.layout = Buckets(stored["range_shift"], tuple(stored["shifts"]))
        if not self.layout.is_of(self.params):
            raise self._bad("a damaged segment (buckets)")
        self.shifts, self.offsets = np.array(self.layout.shifts, np.uint64), self.layout.offsets()
        records = self.record_count
        sizes = dict.fromkeys(("record_starts", "text_starts", "block_starts", "sample_starts"), records + 1)
        sizes |= {"record_totals": 3 * records, "flags": records, "kin": records, "name_ends": 5 * records}
        sizes |= {"entries": self.header["postings"], "buckets": self.layout.firsts()[-1] + 1}
        sizes["block_symbols"] = self._sections["block_bytes"].size
        sizes["sample_offsets"] = self._sections["sample_positions"].size
        for name, expected in sizes.items():
            if self._sections[name].size != expected:
                raise self._bad(f"section {name} has the wrong size")
        arrays = dict(self._sections)
        arrays["record_totals"] = arrays["record_totals"].reshape(-1, 3)
        self.arrays = SegmentArrays(*(arrays[name] for name in SegmentArrays._fields))

    def _check_tables(self) -> None:
        """Tables with a row a record: in order, and inside what they point into."""
        sections = self._sections
        ends = {
            "text_starts": sections["texts"].size,
            "block_starts": sections["block_bytes"].size,
            "sample_starts": sections["sample_positions"].size,
            "record_starts": self.header["totals"]["symbols"],
        }
        good = self.header["totals"]["symbols"] <= MAX_SYMBOLS
        for name, end in ends.items():
            starts = sections[name]
            good = good and starts[0] == 0 and starts[-1] == end and bool((starts[1:] >= starts[:-1]).all())
        name_ends, kin = sections["name_ends"], sections["kin"]
        good = good and (name_ends[-1] if name_ends.size else 0) == sections["names"].size
        good = good and bool((name_ends[1:] >= name_ends[:-1]).all())
        if self.record_count:
            good = good and kin.max() < self.record_count and sections["record_totals"].max() < MAX_TOTAL
        if not good:
            raise self._bad("a damaged segment (its tables contradict each other)")

    @property
    def records(self) -> Records:
        """All records, read one by one."""
        return Records(self)

    @property
    def kin(self) -> Array:
        """Group of kin works of each record (uint32), among the works of this segment."""
        return self._sections["kin"]

    def sample(self, work_of: Array, most: int) -> Sample:
        """Postings by which kin works are told in several segments; `work_of` as for `sample_postings`."""
        arrays = self.arrays
        return sample_postings(arrays.buckets, arrays.entries, arrays.record_starts, self.layout, work_of, most)

    def _name(self, record: int, field: int) -> str:
        at = 5 * record + field
        ends = self._sections["name_ends"]
        raw = self._sections["names"][int(ends[at - 1]) if at else 0 : int(ends[at])]
        try:
            return raw.tobytes().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self._bad(f"a damaged segment (the names of record {record})") from error

    def work(self, record: int) -> str:
        """The work of a record."""
        return self._name(record, 0)

    def works(self) -> list[str]:
        """The work of each record."""
        ends = self._sections["name_ends"]
        raw = self._sections["names"].tobytes()
        lows = [0, *ends[4:-1:5].tolist()]
        pieces = zip(lows, ends[::5].tolist(), strict=False)
        try:
            return [raw[low:high].decode("utf-8", "surrogatepass") for low, high in pieces]
        except UnicodeDecodeError as error:
            raise self._bad("a damaged segment (names)") from error

    @cached_property
    def owner_hints(self) -> Hints:
        """By which a place in the segment is traced to its record."""
        return hints_of(self.arrays.record_starts)

    def identity(self, record: int) -> tuple[str, str | None, bool]:
        """Work and edition of a record, and whether its text is held; those asked for last are kept."""
        known = self._identities.get(record)
        if known is None:
            if len(self._identities) >= IDENTITIES_AT_HAND:
                self._identities.clear()
            flags = int(self._sections["flags"][record])
            edition = self._name(record, 1) if flags & FLAG_EDITION else None
            known = self._identities[record] = self._name(record, 0), edition, bool(flags & FLAG_TEXT)
        return known

    def records_of(self, work: str) -> list[int]:
        """The records of a work."""
        wanted = np.frombuffer(work.encode("utf-8", "surrogatepass"), np.uint8)
        ends = self._sections["name_ends"].astype(np.int64)
        lows = np.concatenate([np.zeros(1, np.int64), ends[4:-1:5]])[: self.record_count]
        found = np.flatnonzero(ends[::5] - lows == wanted.size)
        for at in range(wanted.size - 1, -1, -1):  # names differ at their ends first
            found = found[self._sections["names"][lows[found] + at] == wanted[at]]
        return found.tolist()

    def row(self, record: int) -> RecordRow:
        """A record; the last few are kept. IndexError for a number that is none."""
        row = self._rows.get(record)
        if row is None:
            if not 0 <= record < self.record_count:
                raise IndexError(record)
            if len(self._rows) >= ROWS_AT_HAND:
                self._rows.clear()
            row = self._rows[record] = self._read_row(record)
        return row

    def _read_row(self, record: int) -> RecordRow:
        arrays = self.arrays
        flags = int(self._sections["flags"][record])
        work, edition, title, author, isbn = (self._name(record, field) for field in range(len(NAME_FIELDS)))
        first, after = arrays.text_starts[record : record + 2].tolist()
        before, end = arrays.record_starts[record : record + 2].tolist()
        letters, chars, words = arrays.record_totals[record].tolist()
        return RecordRow(
            work,
            edition if flags & FLAG_EDITION else None,
            title,
            author,
            isbn,
            end - before,
            letters,
            chars,
            words,
            (first, after - first) if flags & FLAG_TEXT else None,
        )

    def text(self, record: int) -> str | None:
        """The text of a record, None where it is not held."""
        held = self.row(record).text
        if held is None:
            return None
        try:
            return self.arrays.texts[held[0] : held[0] + held[1]].tobytes().decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise self._bad(f"a damaged segment (the text of record {record})") from error

    def array(self, name: str) -> Array:
        """One section, read-only."""
        return self._sections[name]

    def verify(self) -> None:
        """Read everything and compare with the digests in the header; `BadIndex` names the first bad section."""
        for name, array in self._sections.items():
            digest = hashlib.sha256()
            data = array.view(np.uint8)
            for at in range(0, data.size, HASHED_BYTES):
                digest.update(data[at : at + HASHED_BYTES].data)
            if digest.hexdigest() != self.header["sections"][name][2]:
                raise self._bad(f"section {name} does not match its digest", section=name)

    def resident_share(self) -> float:
        """Part of the entries that is in memory, 0–1; looked at every other second at most."""
        now = time.monotonic()
        if now >= self._seen_until:
            self._seen_until, self._share = now + RESIDENCE_SECONDS, resident_share(self.arrays.entries)
        return self._share

    def _blocks(self, record: int) -> tuple[Array, Array, int]:
        """Bytes and symbols before each block of a text, and its last byte and one."""
        rows = slice(*(int(start) for start in self.arrays.block_starts[record : record + 2]))
        return self.arrays.block_bytes[rows], self.arrays.block_symbols[rows], int(self.arrays.text_starts[record + 1])

    def char_offsets(self, record: int, positions: Array) -> list[int]:
        """Code-point offsets in the record's text of symbol positions (int64). Without text: between the sampled
        minimizers about it, in proportion."""
        if self.row(record).text is not None:
            return self._places(record, positions)[:, 0].tolist()
        rows = slice(*(int(start) for start in self.arrays.sample_starts[record : record + 2]))
        seeds, offsets = self.arrays.sample_positions[rows], self.arrays.sample_offsets[rows]
        row = self.row(record)
        known = np.interp(positions, [0, *seeds, max(1, row.symbols)], [0, *offsets, row.chars])
        return np.minimum(row.chars, known.astype(np.int64)).tolist()

    def _places(self, record: int, positions: Array) -> Array:
        block_bytes, block_symbols, end = self._blocks(record)
        if not block_bytes.size:
            return np.zeros((positions.size, 3), np.int64)
        return places_in_blocks(self.arrays.texts, block_bytes, block_symbols, TEXT_BLOCK_CHARS, end, positions)

    def char_offset(self, record: int, position: int) -> int:
        """As `char_offsets`, for one position."""
        return self.char_offsets(record, np.array([position], np.int64))[0]

    def close(self) -> None:
        """Let go of the mapping; arrays handed out keep it alive until they are gone."""
        self._sections = {}
        self._rows = {}
        self.__dict__.pop("arrays", None)
        if self._map is not None:
            with contextlib.suppress(BufferError):
                self._map.close()
            self._map = None
