"""The segment file, format 2: what its writer and its reader agree on.

Layout: magic, header length (uint64), header (canonical JSON: parameter set, totals, buckets, and place, size and
SHA-256 of every section), then the sections, each at a multiple of 64, all little-endian. The digest of a segment is
the SHA-256 of everything before the sections, so it pins the content and costs nothing to check at opening.

An entry is one posting in 64 bits: from the left 10 bits of its hash that its bucket does not tell (remainder), 38 bits
of position (symbols of all records before its own, plus its symbol in the record), 8 and 8 bits of context signature.
Entries lie by bucket, and in a bucket by value. `buckets` cuts the hashes below the query threshold, where almost all
minimizers are, into equal ranges, and all above into others; a bucket is its first entry (32 bits) and, in the upper
half, which of the 32 classes of remainders it has: four of five hashes that are not there end with it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ingest.engine.params import Params

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
    """How hashes fall into buckets: right shifts below and above the query threshold, and how many buckets each has."""

    shift: int
    high_shift: int
    low_count: int
    high_count: int

    @classmethod
    def of(cls, shift: int, high_shift: int, params: Params) -> Buckets:
        """The buckets that two shifts make."""
        low_count = ((params.query_threshold - 1) >> shift) + 1
        return cls(shift, high_shift, low_count, (((1 << 64) - 1) >> high_shift) + 1)


def _shift(postings: int, hashes: int) -> int:
    return max(REMAINDER_BITS, min(63, (BUCKET_ENTRIES * hashes // max(1, postings)).bit_length() - 1))


def bucket_layout(low_postings: int, high_postings: int, params: Params) -> Buckets:
    """Buckets of six to twelve entries on average, for so many postings below the query threshold and above it."""
    threshold = params.query_threshold
    return Buckets.of(_shift(low_postings, threshold), _shift(high_postings, 1 << 64), params)


def aligned(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT
