"""Which works are one text in several registrations.

Boilerplate is text that many *unrelated* works share. A classic that six publishers registered is shared by six works
too, and is not boilerplate: works that share most of the larger one's minimizers count as one. (Of the larger: a
licence that is itself registered would otherwise make relatives of all the works that carry it.)

A sample decides: the postings with the least hashes, which every text that contains their letters has.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ingest.engine.compiled import HASH, INT, READ_I64, READ_U64, WRITE_I64, WRITE_U64, compiled
from ingest.engine.params import Params
from ingest.engine.records import Array
from ingest.engine.segment_format import POSITION_BITS, POSITION_SHIFT, REMAINDER_BITS, Buckets

SAMPLE = 4  # one posting in four, those with the least hashes,
LEAST_SAMPLED = 1 << 16  # but not fewer than this,
MOST_SAMPLED = 1 << 23  # never more than this,
SAMPLED_OF_WORK = 128  # and on average no more than this of a work
MAX_SHARERS = 256  # a minimizer in more works than this says nothing about two of them
SORTED_RUN = 256  # postings of one minimizer; works are told apart in shorter runs
NEIGHBOURS = 3  # of the works that share a minimizer each is paired with so many next ones: kin of kin are kin
FIRST_ENTRY = np.uint64(0xFFFF_FFFF)  # of a bucket's row
PLACE, PLACES = np.uint64(POSITION_SHIFT), np.uint64((1 << POSITION_BITS) - 1)
REMAINDER_SHIFT, REMAINDER_WIDTH = np.uint64(64 - REMAINDER_BITS), np.uint64(REMAINDER_BITS)


NO_PAIRS = np.empty((0, 2), np.int64)


class Sample(NamedTuple):
    """Postings with the least hashes of one segment: hash (uint64, what is not stored of it 0) and work (int64), the
    largest shift of its buckets, and the hash that all of them are below."""

    hashes: Array
    works: Array
    shift: int
    limit: int


@compiled(READ_U64, READ_U64, READ_U64, READ_I64, INT, INT, HASH, HASH, INT, WRITE_U64, WRITE_I64)
def _read_sample(
    buckets: Array,
    entries: Array,
    record_starts: Array,
    work_of: Array,
    first_bucket: int,
    end_bucket: int,
    begin: np.uint64,
    shift: np.uint64,
    found: int,
    hashes: Array,
    works: Array,
) -> int:
    """Hash and work of the entries of some buckets of a range that begins with hash `begin`, works below 0 left out, to
    row `found` and on; returns the rows filled. Bounds are clipped to the arrays."""
    for bucket in range(first_bucket, end_bucket):
        low = min(int(buckets[bucket] & FIRST_ENTRY), entries.size)
        high = min(int(buckets[bucket + 1] & FIRST_ENTRY), entries.size)
        bits = begin + (np.uint64(bucket - first_bucket) << shift)
        for n in range(low, high):
            place = (entries[n] >> PLACE) & PLACES
            first, after = 0, work_of.size
            while after - first > 1:
                middle = (first + after) >> 1
                if record_starts[middle] <= place:
                    first = middle
                else:
                    after = middle
            if work_of[first] < 0:
                continue
            if found == hashes.size:
                return found
            hashes[found] = bits | (entries[n] >> REMAINDER_SHIFT) << (shift - REMAINDER_WIDTH)
            works[found] = work_of[first]
            found += 1
    return found


def sample_postings(
    buckets: Array, entries: Array, record_starts: Array, layout: Buckets, work_of: Array, most: int = MOST_SAMPLED
) -> Sample:
    """The sample of a segment; `work_of` (int64) says the work of each record, −1 of one to leave out."""
    most = max(LEAST_SAMPLED, min(most, SAMPLED_OF_WORK * work_of.size))
    wanted = min(entries.size, max(LEAST_SAMPLED, entries.size // SAMPLE), most)
    if not wanted or not work_of.size:
        return Sample(np.empty(0, np.uint64), np.empty(0, np.int64), layout.range_shift, 0)
    hashes, works = np.empty(wanted, np.uint64), np.empty(wanted, np.int64)
    found = coarsest = limit = 0
    for number, (first, after) in enumerate(pairwise(layout.firsts()[: len(layout.shifts)])):
        reached = bisect_right(range(after + 1), wanted, key=lambda bucket: int(buckets[bucket] & FIRST_ENTRY)) - 1
        shift, begin = layout.shifts[number], number << layout.range_shift
        end = max(first, min(reached, after))
        tables = buckets, entries, record_starts, work_of
        found = _read_sample(*tables, first, end, begin, shift, found, hashes, works)
        coarsest, limit = max(coarsest, shift), begin + ((end - first) << shift)
        if end < after:
            break
    return Sample(hashes[:found], works[:found], coarsest, limit)


@compiled(WRITE_U64, WRITE_I64)
def _distinct(hashes: Array, works: Array) -> int:
    """Order each run of equal hashes by work, each work once, in place; returns how many pairs are left."""
    kept = low = 0
    while low < hashes.size:
        high = low + 1
        while high < hashes.size and hashes[high] == hashes[low]:
            high += 1
        if high - low <= SORTED_RUN:
            for n in range(low + 1, high):
                work = works[n]
                m = n
                while m > low and works[m - 1] > work:
                    works[m] = works[m - 1]
                    m -= 1
                works[m] = work
        begun = kept
        for n in range(low, high):
            if kept == begun or works[kept - 1] != works[n]:
                hashes[kept], works[kept] = hashes[low], works[n]
                kept += 1
        low = high
    return kept


@compiled(READ_U64, READ_I64, INT, INT, INT, WRITE_I64)
def _pairs(hashes: Array, works: Array, count: int, max_sharers: int, neighbours: int, out: Array) -> int:
    """Pairs of works with a hash in common, as first · count + second; with an empty `out` only how many."""
    found = 0
    low = 0
    while low < hashes.size:
        high = low + 1
        while high < hashes.size and hashes[high] == hashes[low]:
            high += 1
        if high - low <= max_sharers:
            for i in range(low, high):
                for j in range(i + 1, min(high, i + 1 + neighbours)):
                    if out.size:
                        out[found] = works[i] * count + works[j]
                    found += 1
        low = high
    return found


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def _merged(samples: Sequence[Sample]) -> tuple[Array, Array]:
    """Hash and work of all samples as far as all of them reach, by hash and work; each pair once, but in runs that are
    too long to say anything."""
    filled = [sample for sample in samples if sample.hashes.size]
    if not filled:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    limit = min(sample.limit for sample in filled)
    coarsest = np.uint64(max(sample.shift for sample in filled) - REMAINDER_BITS)
    parts = [sample.hashes <= np.uint64(limit - 1) for sample in filled]  # the limit itself may be 2⁶⁴
    hashes = np.concatenate([s.hashes[part] for s, part in zip(filled, parts, strict=True)]) >> coarsest
    works = np.concatenate([s.works[part] for s, part in zip(filled, parts, strict=True)])
    if len(filled) > 1:
        order = np.argsort(hashes, kind="stable")  # merges: each sample is in order
        hashes, works = hashes[order], works[order]
    distinct = _distinct(hashes, works)
    return hashes[:distinct], works[:distinct]


def kin_groups(samples: Sequence[Sample], params: Params, known: Array, pairs_known: Array = NO_PAIRS) -> Array:
    """Group of each work (int64, the number of its first work), from samples of segments of one parameter set.

    `known`: a group of each work that is known already (its own number where none is), `pairs_known`: kin works (int64
    rows of two). Groups only grow.
    """
    parent = list(range(known.size))
    for work, other in [*enumerate(known.tolist()), *pairs_known.tolist()]:
        _join(parent, work, other)
    hashes, works = _merged(samples)
    if hashes.size:
        totals = np.bincount(works, minlength=known.size)
        pairs = np.empty(0, np.int64)
        pairs = np.empty(_pairs(hashes, works, known.size, MAX_SHARERS, NEIGHBOURS, pairs), np.int64)
        _pairs(hashes, works, known.size, MAX_SHARERS, NEIGHBOURS, pairs)
        keys, shared = np.unique(pairs, return_counts=True)
        most = np.maximum(totals[keys // known.size], totals[keys % known.size])
        for key in keys[shared >= params.kin_ratio * most].tolist():
            _join(parent, key // known.size, key % known.size)
    return np.array([_root(parent, n) for n in range(known.size)], np.int64)


def _join(parent: list[int], one: int, other: int) -> None:
    low, high = sorted((_root(parent, one), _root(parent, other)))
    parent[high] = low
