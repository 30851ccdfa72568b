"""Chains: collinear seeds of a document and one record, with a gap cost; several a pair, in any order of the work.

Dynamic programming over the last predecessors, as in minimap2 (Li 2018, "Minimap2: pairwise alignment for nucleotide
sequences", eq. 1–2), then chains are cut out from the best end down, each seed in one chain.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.engine.compiled import (
    INT,
    READ_I64,
    READ_U8,
    READ_U32,
    READ_U64,
    WRITE_F64,
    WRITE_FLAGS,
    WRITE_I64,
    WRITE_I64_ROWS,
    WRITE_U8,
    compiled,
    subroutine,
)
from ingest.engine.ordering import sort_by
from ingest.engine.owners import owner_of
from ingest.engine.records import Array
from ingest.engine.scratch import scratch
from ingest.engine.seed import FLAG_AGREES, FLAG_COMMON, POSITION_MASK, Hits
from ingest.engine.segment import Segment
from ingest.engine.segment_format import POSITION_BITS

COLUMNS = 5  # of a chain: text, record, first member, end of members, 1 if most of its seeds are common
TEXT_SHIFT = np.uint64(POSITION_BITS)


class Chains(NamedTuple):
    """Chains by text, record, and then from the best to the least.

    rows int64[n, 5] (COLUMNS). Members, ascending in both: documents int64 (symbol in the text), works int64 (symbol
    in the record).
    """

    rows: Array
    documents: Array
    works: Array


@subroutine
def _link(
    document: Array,
    work: Array,
    low: int,
    high: int,
    k: int,
    lookback: int,
    max_gap: int,
    max_drift: int,
    score: Array,
    parent: Array,
    inner: Array,
) -> int:
    """Best predecessor of each seed of one pair; the seeds come by work position. `inner`: a better chain goes on from
    it, so none ends there. Returns the predecessors tried."""
    tried = 0
    for i in range(low, high):
        inner[i] = False
        best = float(k)
        best_parent = -1
        for j in range(i - 1, max(low, i - lookback) - 1, -1):
            tried += 1
            w_gap = work[i] - work[j]
            if w_gap > max_gap:
                break
            d_gap = document[i] - document[j]
            if d_gap <= 0 or w_gap <= 0 or d_gap > max_gap:
                continue
            drift = abs(d_gap - w_gap)
            if drift > max_drift:
                continue
            gain = score[j] + min(k, d_gap, w_gap)
            if drift:
                gain -= 1.0 + 0.02 * drift
            if gain > best:
                best = gain
                best_parent = j
                if drift == 0:
                    break
        score[i] = best
        parent[i] = best_parent
        if best_parent >= 0 and best > score[best_parent]:
            inner[best_parent] = True
    return tried


@subroutine
def _best_first(score: Array, inner: Array, low: int, high: int, ends: Array) -> Array:
    """Where chains end, by score, then by place. The scores are not needed any more: they are turned about."""
    count = 0
    for i in range(low, high):
        score[i] = -score[i]
        if not inner[i]:
            ends[count] = i
            count += 1
    if count > 1:
        sort_by(ends, count, score, np.empty(count, np.int64))
    return ends[:count]


@compiled(
    READ_U64,
    READ_U32,
    READ_U8,
    READ_U64,
    READ_U32,
    INT,
    READ_U64,
    READ_I64,
    INT,
    INT,
    INT,
    INT,
    WRITE_I64,
    WRITE_I64,
    WRITE_U8,
    WRITE_F64,
    WRITE_I64,
    WRITE_FLAGS,
    WRITE_FLAGS,
    WRITE_I64,
    WRITE_I64_ROWS,
    WRITE_I64,
    WRITE_I64,
)
def _chains(
    keys: Array,
    documents: Array,
    flags: Array,
    record_starts: Array,
    hints: Array,
    hint_shift: int,
    block_starts: Array,
    group_of: Array,
    k: int,
    lookback: int,
    max_gap: int,
    max_drift: int,
    document: Array,
    work: Array,
    marks: Array,
    score: Array,
    parent: Array,
    used: Array,
    inner: Array,
    ends: Array,
    rows: Array,
    members_d: Array,
    members_w: Array,
) -> tuple[int, int, int]:
    """Fill rows and members. Returns chains, members and the predecessors tried.

    A seed alone is a chain only if a context signature agrees: chance hits end here.
    """
    chains = filled = tried = 0
    low = 0
    count = keys.size
    alone = np.uint64(max_gap)
    while low < count:
        if not flags[low] & FLAG_AGREES and (low + 1 == count or keys[low + 1] - keys[low] > alone):
            low += 1  # a chance hit, as most are where the catalogue is large: whose it is need not be known
            continue
        text = keys[low] >> TEXT_SHIFT
        position = keys[low] & POSITION_MASK
        record = owner_of(record_starts, hints, hint_shift, position)
        start, end = record_starts[record], record_starts[record + 1]
        high = after = low
        held = block_starts[record + 1] > block_starts[record]
        while high < count and keys[high] >> TEXT_SHIFT == text and keys[high] & POSITION_MASK < end:
            # where no letters can be compared, only seeds whose surroundings agree tell a copy from chance
            if held or flags[high] & FLAG_AGREES:
                work[after] = np.int64((keys[high] & POSITION_MASK) - start)
                document[after] = np.int64(documents[high])
                marks[after] = flags[high]
                used[after] = False
                after += 1
            high += 1
        if high == low:  # the segment lies about its records
            low += 1
            continue
        if group_of[record] < 0 or after == low or (after - low == 1 and not marks[low] & FLAG_AGREES):
            low = high
            continue
        tried += _link(document, work, low, after, k, lookback, max_gap, max_drift, score, parent, inner)
        for last in _best_first(score, inner, low, after, ends):
            if used[last]:
                continue
            size = 0
            node = last
            while node >= 0 and not used[node]:
                used[node] = True
                members_d[filled + size] = document[node]
                members_w[filled + size] = work[node]
                size += 1
                node = parent[node]
            if size == 1 and not marks[last] & FLAG_AGREES:
                continue
            usual = 0
            node = last
            for _ in range(size):
                usual += (marks[node] & FLAG_COMMON) != 0
                node = parent[node]
            members_d[filled : filled + size] = members_d[filled : filled + size][::-1].copy()
            members_w[filled : filled + size] = members_w[filled : filled + size][::-1].copy()
            rows[chains, 0], rows[chains, 1] = np.int64(text), record
            rows[chains, 2], rows[chains, 3] = filled, filled + size
            rows[chains, 4] = 2 * usual > size
            filled += size
            chains += 1
        low = high
    return chains, filled, tried


def find_chains(hits: Hits, segment: Segment, group_of: Array) -> tuple[Chains, int]:
    """The chains of a batch with a segment, and the work it took: predecessors tried."""
    params = segment.params
    count = hits.keys.size
    document, work, parent, ends, members_d, members_w = (
        scratch(f"chains {name}", count, np.int64)
        for name in ("document", "work", "parent", "ends", "members document", "members work")
    )
    used, inner = scratch("chains used", count, np.bool_), scratch("chains inner", count, np.bool_)
    rows = scratch("chains", count * COLUMNS, np.int64).reshape(count, COLUMNS)
    chains, members, tried = _chains(
        hits.keys,
        hits.documents,
        hits.flags,
        segment.arrays.record_starts,
        *segment.owner_hints,
        segment.arrays.block_starts,
        group_of,
        params.seed_symbols,
        params.chain_lookback,
        params.chain_max_gap,
        params.chain_max_drift,
        document,
        work,
        scratch("chains marks", count, np.uint8),
        scratch("chains score", count, np.float64),
        parent,
        used,
        inner,
        ends,
        rows,
        members_d,
        members_w,
    )
    return Chains(rows[:chains], members_d[:members], members_w[:members]), tried
