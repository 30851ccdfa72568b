"""Which works are one text in several registrations.

Boilerplate is text that many *unrelated* works share. A classic that six publishers registered is shared by six works
too, and is not boilerplate: works that share most of the larger one's minimizers count as one. (Of the larger: a
licence that is itself registered would otherwise make relatives of all the works that carry it.)
"""

# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ingest.engine.compiled import INT, READ_I64, READ_U64, WRITE_I64_ROWS, compiled
from ingest.engine.normalise import Array
from ingest.engine.segment import Segment

SAMPLE = 4  # one posting in four, those with the least hashes,
MAX_SAMPLED = 1 << 22  # and never more than this in all
MAX_SHARERS = 24  # a minimizer in more works than this says nothing about two of them


def _sampled(segment: Segment, work_of: Array, limit: int) -> tuple[Array, Array]:
    """Hash (its leading bits) and work of a segment's postings below `limit`; withdrawn works left out."""
    buckets = segment.array("buckets").astype(np.int64)
    last = min(limit >> segment.shift, segment.bucket_count - 1)
    end = min(int(buckets[last]), segment.array("owners").size)
    starts = np.minimum(np.maximum.accumulate(buckets[: last + 1]), end)
    high = np.repeat(np.arange(last, dtype=np.uint64), np.diff(starts)) << np.uint64(32)
    owners = segment.array("owners")[int(starts[0]) : end].astype(np.int64)
    works = work_of[np.minimum(owners, work_of.size - 1)]
    hashes = (high | segment.array("remainders")[int(starts[0]) : end]) << np.uint64(segment.shift - 32)
    return hashes[works >= 0], works[works >= 0]


@compiled(READ_U64, READ_I64, INT, WRITE_I64_ROWS)
def _pairs(hashes: Array, works: Array, max_sharers: int, out: Array) -> int:
    """Pairs of works with a hash in common; with an empty `out` only counts them."""
    found = 0
    low = 0
    while low < hashes.size:
        high = low + 1
        while high < hashes.size and hashes[high] == hashes[low]:
            high += 1
        if high - low <= max_sharers:
            for i in range(low, high):
                for j in range(i + 1, high):
                    if out.shape[0]:
                        out[found, 0], out[found, 1] = works[i], works[j]
                    found += 1
        low = high
    return found


def _root(parent: list[int], node: int) -> int:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def kin_groups(segments: Sequence[Segment], work_of: Sequence[Array], works: int) -> Array:
    """Group number of each work (int64[works]); kin works have the same. Segments are of one parameter set."""
    parent = list(range(works))
    postings = sum(s.header["postings"] for s in segments)
    if works > 1 and postings:
        params = segments[0].params
        limit = params.query_threshold // max(SAMPLE, postings // MAX_SAMPLED)
        parts = [_sampled(s, numbers, limit) for s, numbers in zip(segments, work_of, strict=True) if numbers.size]
        coarsest = np.uint64(max(s.shift for s in segments) - 32)
        hashes = np.concatenate([h for h, _ in parts]) >> coarsest
        owners = np.concatenate([w for _, w in parts])
        order = np.lexsort((owners, hashes))
        hashes, owners = hashes[order], owners[order]
        first = np.ones(hashes.size, bool)
        first[1:] = (np.diff(hashes) != 0) | (np.diff(owners) != 0)
        hashes, owners = hashes[first], owners[first]
        totals = np.bincount(owners, minlength=works)
        pairs = np.empty((_pairs(hashes, owners, MAX_SHARERS, np.empty((0, 2), np.int64)), 2), np.int64)
        _pairs(hashes, owners, MAX_SHARERS, pairs)
        keys, shared = np.unique(pairs[:, 0] * works + pairs[:, 1], return_counts=True)
        most = np.maximum(totals[keys // works], totals[keys % works])
        for key in keys[shared >= params.kin_ratio * most]:
            low, high = sorted((_root(parent, int(key) // works), _root(parent, int(key) % works)))
            parent[high] = low
    return np.array([_root(parent, n) for n in range(works)], np.int64)
