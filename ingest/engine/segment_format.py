"""The segment file, format 2: what its writer and its reader agree on.

Layout: magic, header length (uint64), header (canonical JSON: parameter set, totals, buckets, and place, size and
SHA-256 of every section), then the sections, each at a multiple of 64, all little-endian. The digest of a segment is
the SHA-256 of everything before the sections, so it pins the content and costs nothing to check at opening.

An entry is one posting in 64 bits: from the left 10 bits of its hash that its bucket does not tell (remainder), 38 bits
of position (symbols of all records before its own, plus its symbol in the record), 8 and 8 bits of context signature.
Entries lie by bucket, and in a bucket by value. Minimizers have small hashes, and seven times as many of the smallest
as of those halfway up: so the hashes are cut into ranges, and each range into buckets of its own width. A bucket is
its first entry (32 bits) and, in the upper half, which of the 32 classes of remainders it has: three of four hashes
that are not there end with it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ingest.engine.params import Params
from ingest.engine.records import Array

FORMAT = 2
MAGIC = b"\x89CSEG2\r\n"
OLDER_MAGICS = (b"\x89CSEG1\r\n",)
ALIGNMENT = 64
HEADER_BYTES = 4096  # magic, length and header as written; a reader takes any length up to the next
MAX_HEADER_BYTES = 1 << 20

REMAINDER_BITS = 10
FILTER_CLASSES = 32  # of remainders, told apart by their last five bits
POSITION_BITS = 38
POSITION_SHIFT = 16
MAX_SYMBOLS = 1 << POSITION_BITS
MAX_ENTRIES = (1 << 32) - 1
MAX_TOTAL = 1 << 48  # no honest count of a record is larger
RANGE_BITS = 4
BUCKET_ENTRIES = 12  # at most, on average; half of it at least

TEXT_BLOCK_CHARS = 1 << 12
SAMPLE_EVERY = 8  # of the minimizers of a record without text, place and code-point offset are kept of every 8th
NAME_FIELDS = ("work", "edition", "title", "author", "isbn")
FLAG_TEXT, FLAG_EDITION = 1, 2

SECTIONS: dict[str, np.dtype[Any]] = {
    "texts": np.dtype("u1"),
    "entries": np.dtype("<u8"),
    "buckets": np.dtype("<u8"),
    "record_starts": np.dtype("<u8"),
    "record_totals": np.dtype("<u8"),  # rows of letters, code points, words
    "text_starts": np.dtype("<u8"),
    "block_starts": np.dtype("<u8"),
    "block_bytes": np.dtype("<u8"),  # in `texts`, before each block of 4,096 code points
    "block_symbols": np.dtype("<u8"),  # in the record
    "sample_starts": np.dtype("<u8"),
    "sample_positions": np.dtype("<u4"),
    "sample_offsets": np.dtype("<u4"),
    "flags": np.dtype("u1"),
    "names": np.dtype("u1"),
    "name_ends": np.dtype("<u8"),  # five a record
    "kin": np.dtype("<u4"),
}


class Buckets(NamedTuple):
    """How hashes fall into buckets. `hash >> range_shift` is the range of a hash; all above the last range but one are
    in the last. In a range `hash >> shift` counts on from bucket to bucket, from where the range begins."""

    range_shift: int
    shifts: tuple[int, ...]

    def firsts(self) -> list[int]:
        """The first bucket of each range, and at the end how many buckets there are."""
        found = [0]
        for shift in self.shifts[:-1]:
            found.append(found[-1] + (1 << (self.range_shift - shift)))
        return [*found, found[-1] + (1 << (64 - self.shifts[-1]))]

    def offsets(self) -> Array:
        """What is added to `hash >> shift` in each range to have the bucket (uint64, modulo 2⁶⁴)."""
        begins = [number << self.range_shift >> shift for number, shift in enumerate(self.shifts[:-1])]
        offsets = [first - begin for first, begin in zip(self.firsts(), [*begins, 0], strict=False)]
        return np.array([offset % (1 << 64) for offset in offsets], np.uint64)

    def is_of(self, params: Params) -> bool:
        """Whether a segment of this set can have such buckets; they may come from a file that is damaged."""
        shift, ranges = ranges_of(params)
        if type(self.range_shift) is not int or self.range_shift != shift or len(self.shifts) != ranges + 1:
            return False
        tops = [*[shift] * ranges, 63]
        return all(
            type(each) is int and REMAINDER_BITS <= each <= top for each, top in zip(self.shifts, tops, strict=True)
        )


def ranges_of(params: Params) -> tuple[int, int]:
    """Shift and number of the ranges below the query threshold: of equal width, since minimizers thin out upwards."""
    shift = (params.query_threshold - 1).bit_length() - RANGE_BITS
    return shift, ((params.query_threshold - 1) >> shift) + 1


def bucket_layout(postings: list[int], params: Params) -> Buckets:
    """Buckets of six to twelve entries on average, for so many postings in each range."""
    shift, ranges = ranges_of(params)
    shifts = [
        max(REMAINDER_BITS, min(top, (BUCKET_ENTRIES * hashes // max(1, count)).bit_length() - 1))
        for count, hashes, top in zip(postings, [*[1 << shift] * ranges, 1 << 64], [*[shift] * ranges, 63], strict=True)
    ]
    return Buckets(shift, tuple(shifts))


def aligned(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT
