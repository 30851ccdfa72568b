"""Seeds: where a document's hashes occur in a segment."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingest.engine.compiled import (
    HASH,
    INT,
    READ_I64,
    READ_U8_ROWS,
    READ_U32,
    READ_U64,
    WRITE_FLAGS,
    WRITE_I64,
    compiled,
    subroutine,
)
from ingest.engine.normalise import Array
from ingest.engine.params import Params
from ingest.engine.segment import Segment
from ingest.engine.sketch import candidates, signatures

BLOCK_SYMBOLS = 1 << 21
GROUP = 64  # hashes looked up together
PROBED = 8  # postings of a bucket compared without a branch
HALF = np.uint64(32)


@dataclass(frozen=True)
class Hits:
    """Seeds shared by a document and a segment: symbol positions in document and work, the record, whether a context
    signature agrees, and whether the seed is boilerplate that many works have. Ordered by record, document, work.
    """

    document: Array
    work: Array
    record: Array
    agrees: Array
    common: Array


_NONE, _NEVER = np.empty(0, np.int64), np.empty(0, np.bool_)
NO_HITS = Hits(_NONE, _NONE, _NONE, _NEVER, _NEVER)


@subroutine
def _suspects(
    hashes: Array,
    first: int,
    threshold: np.uint64,
    shift: np.uint64,
    buckets: Array,
    remainders: Array,
    lows: Array,
    ends: Array,
    wanted: Array,
    suspects: Array,
) -> int:
    """Bucket bounds (clipped to the file) and remainders of a group of hashes, and which of them seem to occur.

    A bucket has some 4 postings: the first 8 are compared at once, without a branch. The loads do not depend on each
    other, so the processor waits for the memory once a group and not once a hash.
    """
    size = min(GROUP, hashes.size - first)
    postings = np.int64(remainders.size)
    last = np.int64(buckets.size) - 2
    for i in range(size):
        h = hashes[np.uint64(first + i)]
        bucket = np.int64(h >> shift) if h < threshold else last
        wanted[i] = np.uint32(h >> (shift - HALF)) if h < threshold else np.uint32(h >> HALF)
        ends[i] = min(np.int64(buckets[np.uint64(bucket + 1)]), postings)
        lows[i] = min(np.int64(buckets[np.uint64(bucket)]), ends[i])
    count = 0
    for i in range(size):
        low, length = np.uint64(lows[i]), ends[i] - lows[i]
        suspect = np.uint8((length > PROBED) | (np.int64(low) + PROBED > postings))
        if not suspect:
            for j in range(PROBED):
                suspect |= np.uint8(remainders[low + np.uint64(j)] == wanted[i])
        suspects[count] = i
        count += np.int64((suspect != 0) & (length > 0))
    return count


@subroutine
def _bounds(low: int, end: int, remainder: np.uint32, remainders: Array) -> tuple[int, int]:
    """First and last-exclusive posting with that remainder in a bucket."""
    high = end
    while high - low > 16:
        middle = (low + high) >> 1
        if remainders[middle] < remainder:
            low = middle + 1
        else:
            high = middle
    while low < end and remainders[low] < remainder:
        low += 1
    stop = low
    while stop < end and remainders[stop] == remainder:
        stop += 1
    return low, stop


@compiled(
    READ_U64, INT, HASH, INT, READ_U32, READ_U32, READ_U32, READ_I64, INT, INT, WRITE_I64, WRITE_I64, WRITE_FLAGS, INT
)
def _look_up(
    hashes: Array,
    first: int,
    threshold: np.uint64,
    shift: int,
    buckets: Array,
    remainders: Array,
    owners: Array,
    group_of: Array,
    max_postings: int,
    common_works: int,
    queries: Array,
    postings: Array,
    common: Array,
    found: int,
) -> tuple[int, int]:
    """Postings of each hash from `first` on, until the output is full. Returns the next hash and the number found."""
    groups = np.empty(common_works + 1, np.int64)
    lows, ends, wanted = np.empty(GROUP, np.int64), np.empty(GROUP, np.int64), np.empty(GROUP, np.uint32)
    suspects = np.empty(GROUP, np.int64)
    for start in range(first, hashes.size, GROUP):
        count = _suspects(hashes, start, threshold, np.uint64(shift), buckets, remainders, lows, ends, wanted, suspects)
        for n in range(count):
            slot = suspects[n]
            i = start + slot
            low, stop = _bounds(lows[slot], ends[slot], wanted[slot], remainders)
            if stop == low or stop - low > max_postings:
                continue
            if found + stop - low > queries.size:
                return i, found
            begun = found
            distinct = 0
            for p in range(low, stop):
                owner = np.int64(owners[p])
                if owner >= group_of.size or group_of[owner] < 0:
                    continue
                queries[found] = i
                postings[found] = p
                found += 1
                known = distinct > common_works
                for g in range(min(distinct, common_works + 1)):
                    known = known or groups[g] == group_of[owner]
                if not known:
                    groups[distinct] = group_of[owner]
                    distinct += 1
            for back in range(begun, found):
                common[back] = distinct > common_works
    return hashes.size, found


@compiled(READ_I64, READ_U32, READ_U32, READ_U8_ROWS, READ_U8_ROWS, WRITE_I64, WRITE_I64, WRITE_FLAGS)
def _gather(
    postings: Array,
    owners: Array,
    positions: Array,
    here: Array,
    signatures: Array,
    record: Array,
    work: Array,
    agrees: Array,
) -> bool:
    """Record, work position and agreement of each hit; whether they come in order of their records."""
    ordered = True
    for n in range(postings.size):
        p = np.uint64(postings[n])
        record[n] = owners[p]
        work[n] = positions[p]
        left = here[n, 0] == signatures[p, 0] and here[n, 0] != 0
        agrees[n] = left or (here[n, 1] == signatures[p, 1] and here[n, 1] != 0)
        ordered = ordered and (n == 0 or record[n - 1] <= record[n])
    return ordered


@compiled(READ_I64, READ_I64, READ_I64)
def _in_order(record: Array, document: Array, work: Array) -> bool:
    for n in range(1, record.size):
        if record[n - 1] == record[n] and (
            document[n - 1] > document[n] or (document[n - 1] == document[n] and work[n - 1] > work[n])
        ):
            return False
    return True


def query_seeds(symbols: Array, params: Params) -> tuple[Array, Array] | None:
    """The seeds of a document that is read as one block, to be looked up in several segments; None for a longer one."""
    return candidates(symbols, params) if symbols.size <= BLOCK_SYMBOLS else None


def find_hits(symbols: Array, segment: Segment, group_of: Array, seeds: tuple[Array, Array] | None = None) -> Hits:
    """All hits of a document (uint16 symbols) in a segment.

    group_of: int64, one a record: number of its work, −1 for a withdrawn one. Long documents are read in blocks, so
    that memory goes with the hits and not with the seeds looked up. `seeds`: what `query_seeds` gave for these symbols.
    """
    params = segment.params
    overlap = params.guaranteed_symbols
    documents, postings, commons = [], [], []
    seen = -1
    for start in range(0, max(1, symbols.size - overlap), BLOCK_SYMBOLS):
        low = max(0, start - params.window_seeds)
        positions, hashes = seeds or candidates(symbols[low : start + BLOCK_SYMBOLS + overlap], params)
        if low:
            fresh = positions.astype(np.int64) + low > seen
            positions, hashes = positions[fresh], hashes[fresh]
        if not positions.size:
            continue
        seen = int(positions[-1]) + low
        queries, found, common = _look_up_all(hashes, segment, group_of)
        if not queries.size:
            continue
        documents.append(positions[queries].astype(np.int64) + low)
        postings.append(found)
        commons.append(common)
    if not documents:
        return NO_HITS
    if len(documents) == 1:
        return _ordered(symbols, segment, documents[0], postings[0], commons[0])
    return _ordered(symbols, segment, np.concatenate(documents), np.concatenate(postings), np.concatenate(commons))


def _look_up_all(hashes: Array, segment: Segment, group_of: Array) -> tuple[Array, Array, Array]:
    params = segment.params
    capacity = hashes.size // 4 + 2 * params.max_postings
    queries, postings = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    common = np.empty(capacity, np.bool_)
    following = found = 0
    while True:
        following, found = _look_up(
            hashes,
            following,
            params.query_threshold,
            segment.shift,
            segment.array("buckets"),
            segment.array("remainders"),
            segment.array("owners"),
            group_of,
            params.max_postings,
            params.common_works,
            queries,
            postings,
            common,
            found,
        )
        if following >= hashes.size:
            return queries[:found], postings[:found], common[:found]
        queries, postings, common = (np.concatenate([a, np.empty_like(a)]) for a in (queries, postings, common))


def _ordered(symbols: Array, segment: Segment, document: Array, postings: Array, common: Array) -> Hits:
    """Hits by record, document, work. They come by document; sorted by record alone they are in order, unless two
    hashes with one remainder are neighbours in the index."""
    count = postings.size
    record, work, agrees = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count, np.bool_)
    here = signatures(symbols, document, segment.params)
    sorted_already = _gather(
        postings,
        segment.array("owners"),
        segment.array("positions"),
        here,
        segment.signatures,
        record,
        work,
        agrees,
    )
    if not sorted_already:
        # NumPy sorts 16-bit numbers by radix, all others by comparison.
        small = len(segment.records) <= 1 << 16
        order = np.argsort(record.astype(np.uint16) if small else record, kind="stable")
        document, work, record, agrees, common = (a[order] for a in (document, work, record, agrees, common))
    if not _in_order(record, document, work):
        order = np.lexsort((work, document, record))
        document, work, record, agrees, common = (a[order] for a in (document, work, record, agrees, common))
    return Hits(document, work, record, agrees, common)
