"""Chains: collinear seeds of a document and one record, with a gap cost; several a pair, in any order of the work.

Dynamic programming over the last predecessors, as in minimap2 (Li 2018, "Minimap2: pairwise alignment for nucleotide
sequences", eq. 1–2), then chains are cut out from the best end down, each seed in one chain.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import (
    INT,
    READ_FLAGS,
    READ_I64,
    READ_I64_ROWS,
    WRITE_F64,
    WRITE_FLAGS,
    WRITE_I64,
    compiled,
)
from ingest.engine.normalise import Array
from ingest.engine.params import Params
from ingest.engine.records import Alignment, Chain
from ingest.engine.seed import Hits


@compiled(
    READ_I64,
    READ_I64,
    READ_I64,
    READ_FLAGS,
    READ_FLAGS,
    INT,
    INT,
    INT,
    INT,
    WRITE_I64,
    WRITE_I64,
    WRITE_F64,
    WRITE_FLAGS,
)
def _best_chains(
    document: Array,
    work: Array,
    record: Array,
    agrees: Array,
    common: Array,
    k: int,
    lookback: int,
    max_gap: int,
    max_drift: int,
    members: Array,
    starts: Array,
    scores: Array,
    mostly_common: Array,
) -> int:
    """Fill `members` with seed numbers, chain after chain (each ascending), `starts`, `scores` and `mostly_common`
    (more than half of the seeds are) with one row a chain.

    A seed alone is a chain only if a context signature agrees: chance hits end here.
    """
    count = document.size
    score = np.empty(count, np.float64)
    parent = np.empty(count, np.int64)
    used = np.zeros(count, np.bool_)
    chains = filled = 0
    low = 0
    while low < count:
        high = low + 1
        while high < count and record[high] == record[low]:
            high += 1
        if high - low == 1 and not agrees[low]:
            low = high
            continue
        for i in range(low, high):
            best = float(k)
            best_parent = -1
            for j in range(i - 1, max(low, i - lookback) - 1, -1):
                d_gap = document[i] - document[j]
                if d_gap > max_gap:
                    break
                w_gap = work[i] - work[j]
                if d_gap <= 0 or w_gap <= 0 or w_gap > max_gap:
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
        for i in np.argsort(-score[low:high], kind="mergesort"):
            end = low + i
            if used[end]:
                continue
            first = filled
            node = end
            while node >= 0 and not used[node]:
                used[node] = True
                members[filled] = node
                filled += 1
                node = parent[node]
            if filled - first == 1 and not agrees[end]:
                filled = first
                continue
            members[first:filled] = members[first:filled][::-1].copy()
            starts[chains] = first
            scores[chains] = score[end] - (score[node] if node >= 0 else 0.0)
            usual = 0
            for n in range(first, filled):
                usual += common[members[n]]
            mostly_common[chains] = 2 * usual > filled - first
            chains += 1
        low = high
    starts[chains] = filled
    return chains


def find_chains(hits: Hits, params: Params) -> list[Chain]:
    """Chains of all records, by record and then from the best to the least."""
    count = hits.document.size
    if not count:
        return []
    members, starts, scores = np.empty(count, np.int64), np.empty(count + 1, np.int64), np.empty(count, np.float64)
    common = np.empty(count, np.bool_)
    found = _best_chains(
        hits.document,
        hits.work,
        hits.record,
        hits.agrees,
        hits.common,
        params.seed_symbols,
        params.chain_lookback,
        params.chain_max_gap,
        params.chain_max_drift,
        members,
        starts,
        scores,
        common,
    )
    if not found:
        return []
    bounds = starts[: found + 1].tolist()
    members = members[: bounds[-1]]
    document, work = hits.document[members], hits.work[members]
    records = hits.record[members[starts[:found]]].tolist()
    return [
        Chain(record, document[low:high], work[low:high], score, is_common)
        for record, low, high, score, is_common in zip(
            records, bounds[:-1], bounds[1:], scores[:found].tolist(), common[:found].tolist(), strict=True
        )
    ]


@compiled(READ_I64, READ_I64, READ_I64_ROWS, WRITE_FLAGS)
def _outside(document: Array, work: Array, boxes: Array, fresh: Array) -> int:
    count = 0
    for i in range(document.size):
        fresh[i] = True
        for b in range(boxes.shape[0]):
            if boxes[b, 0] <= document[i] < boxes[b, 1] and boxes[b, 2] <= work[i] < boxes[b, 3]:
                fresh[i] = False
                break
        count += fresh[i]
    return count


def boxes_of(found: list[Alignment]) -> Array:
    """Alignments as rows: document start, end, work start, end."""
    return np.array([a[:4] for a in found], np.int64).reshape(-1, 4)


def uncovered(chain: Chain, boxes: Array) -> Chain | None:
    """What is left of a chain without the seeds that lie in an alignment already (on both sides)."""
    if not boxes.size:
        return chain
    fresh = np.empty(chain.document.size, np.bool_)
    left = _outside(chain.document, chain.work, boxes, fresh)
    if left == fresh.size:
        return chain
    return Chain(chain.record, chain.document[fresh], chain.work[fresh], chain.score, chain.common) if left else None
