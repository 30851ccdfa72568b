"""Where no text is held: stretches between the seeds of a chain stand for alignments, at sketch precision."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import subroutine
from ingest.engine.ordering import sort_by
from ingest.engine.records import Array
from ingest.engine.segment_format import SAMPLE_EVERY

D_START, D_END, W_START, W_END, EQUAL, EDITS, RUN_START, RUN_END = range(2, 10)
WINDOW, LEAST_GAP, MOST_GAP, GAP_RATIO, DRIFT = range(7, 12)


@subroutine
def _rank(samples: Array, position: int) -> float:
    """About how many minimizers of the record come before a symbol."""
    low, high = 0, samples.size
    if high == 0 or np.int64(samples[0]) > position:
        return 0.0
    while high - low > 1:
        middle = (low + high) >> 1
        if np.int64(samples[middle]) <= position:
            low = middle
        else:
            high = middle
    if low + 1 == samples.size:
        return float(SAMPLE_EVERY * low)
    here, following = np.int64(samples[low]), np.int64(samples[low + 1])
    return SAMPLE_EVERY * (low + (position - here) / max(1, following - here))


@subroutine
def _median_gap(positions: Array, count: int) -> float:
    gaps = np.empty(count - 1, np.int64)
    for n in range(count - 1):
        gaps[n] = positions[n + 1] - positions[n]
    order, buffer = np.arange(count - 1), np.empty(count - 1, np.int64)
    sort_by(order, count - 1, gaps, buffer)
    return (gaps[order[(count - 1) // 2]] + gaps[order[(count - 2) // 2]]) / 2


@subroutine
def bound(
    document: Array, work: Array, count: int, samples: Array, k: int, integers: Array, ratios: Array, out: Array
) -> int:
    """Cut a chain where its seeds are too far apart on either side, or drift; fill rows of `out`, return how many.

    The longest run is that of seeds on one diagonal, none missing for longer than a window: verbatim in all likelihood.
    """
    if count < 2:
        return 0
    # A clean copy has a seed every half window; where they are that dense, a gap is a real one.
    usual = float(integers[GAP_RATIO]) * _median_gap(work, count)
    longest = min(float(integers[MOST_GAP]), max(float(integers[LEAST_GAP]), usual))
    rows = first = 0
    best_start = best_end = start = 0
    for n in range(count):
        if n + 1 < count:
            d_gap, w_gap = document[n + 1] - document[n], work[n + 1] - work[n]
            allowed = integers[DRIFT] + ratios[1] * w_gap
            if d_gap <= longest and w_gap <= longest and abs(d_gap - w_gap) <= allowed:
                if d_gap != w_gap or w_gap > integers[WINDOW]:
                    start = n + 1
                elif document[n + 1] - document[start] > document[best_end] - document[best_start]:
                    best_start, best_end = start, n + 1
                continue
        between = _rank(samples, work[n] + 1) - _rank(samples, work[first])
        if n + 1 - first >= ratios[0] * between:
            out[rows, D_START], out[rows, D_END] = document[first], document[n] + k
            out[rows, W_START], out[rows, W_END] = work[first], work[n] + k
            out[rows, EQUAL], out[rows, EDITS] = document[n] - document[first] + k, 0
            out[rows, RUN_START], out[rows, RUN_END] = document[best_start], document[best_end] + k
            rows += 1
        first = best_start = best_end = start = n + 1
    return rows
