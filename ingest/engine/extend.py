"""Extension: from the seeds of a chain to the first and the last equal letter.

Greedy and resynchronising: run over equal letters; at a difference try the smallest pair of steps after which enough
letters are equal again; give up when the score has dropped too far below its best (X-drop, Altschul et al. 1997; Zhang
et al. 2000). When an extension stops, go on from the chain's next seed that is not covered yet: an edition with many
gaps keeps its coverage.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import INT, READ_I64, READ_U16, WRITE_I64_ROWS, compiled, subroutine
from ingest.engine.letter_format import TRAIL
from ingest.engine.normalise import Array
from ingest.engine.records import Alignment, Chain
from ingest.engine.segment import Segment

FIRST_MARGIN = 256
MARGIN_GROWTH = 8
COLUMNS = 8  # document start, end, work start, end, equal, edits, run start, run end


@subroutine
def _edit_distance(document: Array, d: int, d_size: int, work: Array, t: int, t_size: int, step: int) -> int:
    """Levenshtein distance of two short stretches read in direction `step`."""
    row = np.arange(t_size + 1)
    for i in range(1, d_size + 1):
        diagonal = row[0]
        row[0] = i
        for j in range(1, t_size + 1):
            cost = diagonal + (document[d + step * (i - 1)] != work[t + step * (j - 1)])
            diagonal = row[j]
            row[j] = min(cost, min(row[j], row[j - 1]) + 1)
    return row[t_size]


@subroutine
def _resynchronises(
    document: Array, d: int, d_left: int, work: Array, t: int, t_left: int, step: int, needed: int
) -> bool:
    if d_left < needed or t_left < needed:
        return False
    for i in range(needed):  # noqa: SIM110  a kernel
        if document[d + step * i] != work[t + step * i]:
            return False
    return True


@subroutine
def _next_agreement(
    document: Array, d: int, d_left: int, work: Array, t: int, t_left: int, step: int, resync: int
) -> tuple[int, int]:
    """Smallest steps (document, work) after which letters agree again; longer steps ask for longer agreement."""
    for far in range(1, resync + 1):
        needed = 5 + far // 3
        for near in range(far, -1, -1):
            if _resynchronises(
                document, d + step * far, d_left - far, work, t + step * near, t_left - near, step, needed
            ):
                return far, near
            if near < far and _resynchronises(
                document, d + step * near, d_left - near, work, t + step * far, t_left - far, step, needed
            ):
                return near, far
    return 0, 0


@subroutine
def _run(
    document: Array,
    d: int,
    d_left: int,
    work: Array,
    t: int,
    t_left: int,
    step: int,
    resync: int,
    drop: int,
    penalty: int,
) -> tuple[int, int, int, int, int, int, int]:
    """Extend from (d, t) in direction `step`. Returns the symbols taken on both sides, equal, edits, start and length
    of the longest equal run (counted along the document), and the symbols of the work that were looked at."""
    i = j = equal = edits = score = 0
    best = best_i = best_j = best_equal = best_edits = 0
    longest = longest_at = 0
    while True:
        run_at = i
        limit = min(d_left - i, t_left - j)
        n = 0
        while n < limit and document[d + step * (i + n)] == work[t + step * (j + n)]:
            n += 1
        i += n
        j += n
        equal += n
        score += n
        if n > longest:
            longest, longest_at = n, run_at
        if score > best:
            best, best_i, best_j, best_equal, best_edits = score, i, j, equal, edits
        if n == limit or score < best - drop:
            break
        di, dj = _next_agreement(document, d + step * i, d_left - i, work, t + step * j, t_left - j, step, resync)
        if di == 0 and dj == 0:
            break
        wrong = _edit_distance(document, d + step * i, di, work, t + step * j, dj, step)
        edits += wrong
        equal += max(di, dj) - wrong
        score += max(di, dj) - wrong - penalty * wrong
        i += di
        j += dj
    return best_i, best_j, best_equal, best_edits, longest_at, longest, j + resync + 16


@subroutine
def _join(rows: Array, join: int) -> int:
    """Passages closer than `join` on both sides become one; returns how many are left."""
    kept = 0
    for n in range(rows.shape[0]):
        if kept:
            d_gap = rows[n, 0] - rows[kept - 1, 1]
            t_gap = rows[n, 2] - rows[kept - 1, 3]
            if d_gap <= join and t_gap <= join:
                rows[kept - 1, 1], rows[kept - 1, 3] = rows[n, 1], rows[n, 3]
                rows[kept - 1, 4] += rows[n, 4]
                rows[kept - 1, 5] += rows[n, 5] + max(d_gap, t_gap)
                if rows[n, 7] - rows[n, 6] > rows[kept - 1, 7] - rows[kept - 1, 6]:
                    rows[kept - 1, 6], rows[kept - 1, 7] = rows[n, 6], rows[n, 7]
                continue
        if kept != n:
            rows[kept] = rows[n]
        kept += 1
    return kept


@subroutine
def _trim(document: Array, window: Array, base: int, rows: Array) -> None:
    """Never begin or end inside a character that is two symbols."""
    for n in range(rows.shape[0]):
        if rows[n, 0] < rows[n, 1] and document[rows[n, 0]] >= TRAIL:
            rows[n, 0] += 1
        if rows[n, 0] < rows[n, 1] < document.size and document[rows[n, 1]] >= TRAIL:
            rows[n, 1] -= 1
        if rows[n, 2] < rows[n, 3] and window[rows[n, 2] - base] >= TRAIL:
            rows[n, 2] += 1
        if rows[n, 2] < rows[n, 3] < base + window.size and window[rows[n, 3] - base] >= TRAIL:
            rows[n, 3] -= 1


@compiled(READ_U16, READ_U16, INT, INT, READ_I64, READ_I64, INT, INT, INT, INT, INT, WRITE_I64_ROWS)
def _align(
    document: Array,
    window: Array,
    base: int,
    work_symbols: int,
    seeds_d: Array,
    seeds_t: Array,
    k: int,
    resync: int,
    drop: int,
    penalty: int,
    join: int,
    out: Array,
) -> tuple[int, int, int]:
    """Extend a chain seed by seed. `window` is the work from symbol `base` on. Returns the rows filled, and whether the
    window was too short on its left and on its right (then the rows are not final)."""
    rows = 0
    floor_d = 0
    floor_t = base
    short_left = short_right = 0
    top = base + window.size
    for n in range(seeds_d.size):
        skip = max(0, floor_d - seeds_d[n], floor_t - seeds_t[n])
        d = seeds_d[n] + skip
        t = seeds_t[n] + skip
        left = k - skip
        if left <= 0 or seeds_t[n] < base or seeds_t[n] + k > top or seeds_d[n] + k > document.size:
            continue
        same = True
        for i in range(left):
            same = same and document[d + i] == window[t - base + i]
        if not same:
            continue
        r_i, r_j, r_equal, r_edits, r_at, r_long, r_seen = _run(
            document, d, document.size - d, window, t - base, top - t, 1, resync, drop, penalty
        )
        l_i, l_j, l_equal, l_edits, l_at, l_long, l_seen = _run(
            document, d - 1, d - floor_d, window, t - base - 1, t - floor_t, -1, resync, drop, penalty
        )
        if t + r_seen > top and top < work_symbols:
            short_right = 1
        if floor_t == base and t - l_seen < base and base > 0:
            short_left = 1
        out[rows, 0], out[rows, 1] = d - l_i, d + r_i
        out[rows, 2], out[rows, 3] = t - l_j, t + r_j
        out[rows, 4], out[rows, 5] = r_equal + l_equal, r_edits + l_edits
        # the first runs of both directions touch
        whole_at, whole = d + r_at, r_long
        if l_at == 0 and r_at == 0:
            whole_at, whole = d - l_long, r_long + l_long
        elif l_long > r_long:
            whole_at, whole = d - l_at - l_long, l_long
        out[rows, 6], out[rows, 7] = whole_at, whole_at + whole
        floor_d, floor_t = d + r_i, t + r_j
        rows += 1
    rows = _join(out[:rows], join)
    _trim(document, window, base, out[:rows])
    return rows, short_left, short_right


def extend_chain(document: Array, segment: Segment, chain: Chain) -> list[Alignment]:
    """Exact alignments of a chain with a record whose text is held. The window of the work grows until it suffices."""
    params = segment.params
    row = segment.records[chain.record]
    rows = np.empty((chain.document.size, COLUMNS), np.int64)
    left = right = FIRST_MARGIN
    while True:
        low = max(0, int(chain.work[0]) - left)
        high = min(row.symbols, int(chain.work[-1]) + params.seed_symbols + right)
        window, base = segment.letters(chain.record, low, high)
        count, short_left, short_right = _align(
            document,
            window,
            base,
            row.symbols,
            chain.document,
            chain.work,
            params.seed_symbols,
            params.resync_symbols,
            params.drop_score,
            params.edit_penalty,
            params.join_symbols,
            rows,
        )
        # (margins beyond the whole text: the segment lies about its length)
        if (not short_left or left > row.symbols) and (not short_right or right > row.symbols):
            return [Alignment._make([*line, chain.common]) for line in rows[:count].tolist()]
        left = left * MARGIN_GROWTH if short_left else left
        right = right * MARGIN_GROWTH if short_right else right


def bound_chain(segment: Segment, chain: Chain) -> list[Alignment]:
    """Where no text is held: stretches between the chain's seeds, cut where seeds are too far apart on either side.

    The longest run is that of seeds on one diagonal, none missing for longer than a window: verbatim in all likelihood.
    """
    params = segment.params
    k = params.seed_symbols
    row = segment.records[chain.record]
    minimizers = segment.array("sketch_positions")[row.first : row.first + row.count]
    if chain.document.size < 2:
        return []
    d_gaps, t_gaps = np.diff(chain.document), np.diff(chain.work)
    # A clean copy has a seed every half window; where they are that dense, a gap is a real one.
    usual = params.sketch_gap_ratio * float(np.median(t_gaps))
    longest = min(params.sketch_most_gap, max(params.sketch_least_gap, usual))
    allowed = params.sketch_drift_symbols + params.sketch_drift_ratio * t_gaps
    cuts = np.flatnonzero((d_gaps > longest) | (t_gaps > longest) | (np.abs(d_gaps - t_gaps) > allowed)) + 1
    on_diagonal = (d_gaps == t_gaps) & (t_gaps <= params.window_seeds)
    out = []
    for part in np.split(np.arange(chain.document.size), cuts):
        first, last = int(part[0]), int(part[-1])
        between = np.diff(np.searchsorted(minimizers, np.array([chain.work[first], chain.work[last] + 1])))[0]
        if part.size < params.sketch_hit_ratio * between:
            continue
        best_start = best_end = start = first
        for n in range(first, last):
            if not on_diagonal[n]:
                start = n + 1
            elif chain.document[n + 1] - chain.document[start] > chain.document[best_end] - chain.document[best_start]:
                best_start, best_end = start, n + 1
        out.append(
            Alignment(
                document_start=int(chain.document[first]),
                document_end=int(chain.document[last]) + k,
                work_start=int(chain.work[first]),
                work_end=int(chain.work[last]) + k,
                equal=int(chain.document[last] - chain.document[first]) + k,
                edits=0,
                run_start=int(chain.document[best_start]),
                run_end=int(chain.document[best_end]) + k,
                common=chain.common,
            )
        )
    return out
