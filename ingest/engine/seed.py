"""Seeds: where a document's hashes occur in a segment."""
# ruff: noqa: PLR0917  kernels take arrays by position
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from ingest.engine.normalise import Array
from ingest.engine.segment import Segment
from ingest.engine.sketch import candidates, signatures

BLOCK_SYMBOLS = 1 << 21
GROUP = 64  # hashes looked up together


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


@njit(cache=True, nogil=True)
def _buckets_of(
    hashes: Array,
    first: int,
    threshold: np.uint64,
    shift: int,
    count: int,
    buckets: Array,
    remainders: Array,
    lows: Array,
    ends: Array,
    wanted: Array,
) -> int:
    """Bucket bounds and remainders of a group of hashes, clipped to the file. The loads do not depend on each other, so
    the processor waits for the memory once a group and not once a hash."""
    size = min(GROUP, hashes.size - first)
    for i in range(size):
        h = hashes[first + i]
        if h < threshold:
            bucket = np.int64(h >> np.uint64(shift))
            wanted[i] = np.uint32((h >> np.uint64(shift - 32)) & np.uint64(0xFFFFFFFF))
        else:
            bucket = count
            wanted[i] = np.uint32(h >> np.uint64(32))
        ends[i] = min(np.int64(buckets[bucket + 1]), remainders.size)
        lows[i] = min(np.int64(buckets[bucket]), ends[i])
    for i in range(size):
        if lows[i] < ends[i] and remainders[lows[i]] > wanted[i]:
            ends[i] = lows[i]
    return size


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def _look_up(
    hashes: Array,
    first: int,
    threshold: np.uint64,
    shift: int,
    count: int,
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
    for i in range(first, hashes.size):
        slot = (i - first) % GROUP
        if slot == 0:
            _buckets_of(hashes, i, threshold, shift, count, buckets, remainders, lows, ends, wanted)
        if lows[slot] >= ends[slot]:
            continue
        low, stop = _bounds(lows[slot], ends[slot], wanted[slot], remainders)
        if stop == low or stop - low > max_postings:
            continue
        if found + stop - low > queries.size:
            return i, found
        distinct = 0
        for p in range(low, stop):
            owner = np.int64(owners[p])
            if owner >= group_of.size or group_of[owner] < 0:
                continue
            queries[found] = i
            postings[found] = p
            common[found] = 0
            found += 1
            known = distinct > common_works
            for g in range(min(distinct, common_works + 1)):
                known = known or groups[g] == group_of[owner]
            if not known:
                groups[distinct] = group_of[owner]
                distinct += 1
        if distinct > common_works:
            back = found - 1
            while back >= 0 and queries[back] == i:
                common[back] = 1
                back -= 1
    return hashes.size, found


def find_hits(symbols: Array, segment: Segment, group_of: Array) -> Hits:
    """All hits of a document (uint16 symbols) in a segment.

    group_of: int64, one a record: number of its work, −1 for a withdrawn one. Long documents are read in blocks, so
    that memory goes with the hits and not with the seeds looked up.
    """
    params = segment.params
    overlap = params.guaranteed_symbols
    documents, postings, commons = [], [], []
    seen = -1
    for start in range(0, max(1, symbols.size - overlap), BLOCK_SYMBOLS):
        low = max(0, start - params.window_seeds)
        positions, hashes = candidates(symbols[low : start + BLOCK_SYMBOLS + overlap], params)
        if low:
            fresh = positions.astype(np.int64) + low > seen
            positions, hashes = positions[fresh], hashes[fresh]
        if not positions.size:
            continue
        seen = int(positions[-1]) + low
        queries, found, common = _look_up_all(hashes, segment, group_of)
        documents.append(positions[queries].astype(np.int64) + low)
        postings.append(found)
        commons.append(common)
    if not documents or not sum(d.size for d in documents):
        empty = np.empty(0, np.int64)
        return Hits(empty, empty, empty, empty.astype(bool), empty.astype(bool))
    return _ordered(symbols, segment, np.concatenate(documents), np.concatenate(postings), np.concatenate(commons))


def _look_up_all(hashes: Array, segment: Segment, group_of: Array) -> tuple[Array, Array, Array]:
    params = segment.params
    capacity = 2 * hashes.size + params.max_postings
    queries, postings = np.empty(capacity, np.int64), np.empty(capacity, np.int64)
    common = np.empty(capacity, np.uint8)
    following = found = 0
    while True:
        following, found = _look_up(
            hashes,
            following,
            np.uint64(params.query_threshold),
            segment.shift,
            segment.bucket_count,
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
            return queries[:found], postings[:found], common[:found].astype(bool)
        queries, postings, common = (np.concatenate([a, np.empty_like(a)]) for a in (queries, postings, common))


def _ordered(symbols: Array, segment: Segment, document: Array, postings: Array, common: Array) -> Hits:
    record = segment.array("owners")[postings].astype(np.int64)
    work = segment.array("positions")[postings].astype(np.int64)
    here = signatures(symbols, document, segment.params)
    there = segment.signatures[postings]
    agrees = ((here == there) & (here != 0)).any(axis=1)
    order = np.lexsort((work, document, record))
    return Hits(document[order], work[order], record[order], agrees[order], common[order])
