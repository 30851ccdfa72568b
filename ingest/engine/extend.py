"""Extension: from the seeds of a chain to the first and the last equal letter.

Greedy and resynchronising: run over equal letters; at a difference try the smallest pair of steps after which enough
letters are equal again; give up when the score has dropped too far below its best (X-drop, Altschul et al. 1997; Zhang
et al. 2000). When an extension stops, go on from the chain's next seed that is not covered yet: an edition with many
gaps keeps its coverage. Where no text is held, stretches between seeds stand for it.

What comes of a chain counts if it is long enough to mean something, or lies beside such a one.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.engine.bound import bound
from ingest.engine.chain import Chains
from ingest.engine.compiled import (
    READ_F64,
    READ_I64,
    READ_I64_ROWS,
    READ_U8,
    READ_U16,
    READ_U32,
    READ_U64,
    compiled,
    four_symbols,
    subroutine,
)
from ingest.engine.lanes import apart
from ingest.engine.letter_format import TRAIL
from ingest.engine.normalise import SLACK_SYMBOLS, Letters, fold_stretch
from ingest.engine.params import Params
from ingest.engine.places import after_marks, place, row_of
from ingest.engine.records import Array
from ingest.engine.segment import Segment
from ingest.engine.segment_format import TEXT_BLOCK_CHARS
from ingest.engine.words import words_between

FIRST_MARGIN = 256
MARGIN_GROWTH = 8
ANCHOR_CHARS = 64
CELL_BITS = 4
MOST_CELLS = 1 << 22
MOST_BLOCK_SYMBOLS = 18 * TEXT_BLOCK_CHARS  # no character unfolds to more than 18
FIRST_ROWS = 1 << 12  # room for alignments, doubled when it is full: of a million chains few may be new
UNSPACED_SYMBOLS = 512  # fewer than 25 words in so many letters: text without spaces
FEW_STEPS = 4  # differences up to here are tried one by one
NO_SYMBOLS = np.uint64(0xFFFF_FFFF_FFFF_FFFF)  # no four symbols look like this
# Of an alignment, in symbols, ends exclusive:
TEXT, RECORD, D_START, D_END, W_START, W_END, EQUAL, EDITS, RUN_START, RUN_END, COMMON = range(11)
# … and in the text: code points and bytes (the end with the accents after the last letter), words; letters of the work.
CHAR_START, CHAR_END, BYTE_START, BYTE_END, WORDS, WORK_LETTERS = range(11, 17)
COLUMNS = 17


class Numbers(NamedTuple):
    """What the kernels need of a parameter set."""

    k: int
    resync: int
    drop: int
    penalty: int
    join: int
    least_words: int
    beside: int


class Buffers(NamedTuple):
    """Memory of the extension: a row of edit distances, and the work's symbols by fours."""

    row: Array
    grams: Array


@apart
def _edit_distance(
    document: Array, d: int, d_size: int, work: Array, t: int, t_size: int, step: int, row: Array
) -> int:
    """Levenshtein distance of two short stretches read in direction `step`."""
    if d_size <= 1 and t_size <= 1:
        return max(d_size, t_size)  # different, or they would not be here
    for j in range(t_size + 1):
        row[j] = j
    for i in range(1, d_size + 1):
        diagonal = row[0]
        row[0] = i
        for j in range(1, t_size + 1):
            cost = diagonal + (document[d + step * (i - 1)] != work[t + step * (j - 1)])
            diagonal = row[j]
            row[j] = min(cost, min(row[j], row[j - 1]) + 1)
    return row[t_size]


@subroutine
def _equal_run(document: Array, d: int, work: Array, t: int, limit: int, step: int) -> int:
    """Equal symbols from (d, t) on in direction `step`, at most `limit`; four at a time."""
    n = 0
    if step > 0:
        while n + 4 <= limit and four_symbols(document, np.uint64(d + n)) == four_symbols(work, np.uint64(t + n)):
            n += 4
    else:
        while n + 4 <= limit and four_symbols(document, np.uint64(d - n - 3)) == four_symbols(
            work, np.uint64(t - n - 3)
        ):
            n += 4
    while n < limit and document[d + step * n] == work[t + step * n]:
        n += 1
    return n


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


@apart
def _may_agree(
    document: Array, d: int, d_left: int, work: Array, t: int, t_left: int, step: int, resync: int, grams: Array
) -> bool:
    """Whether any four symbols in a row within `resync` steps are the same on both sides; all are compared at once."""
    d_grams, t_grams = min(resync + 1, d_left - 3), min(resync + 1, t_left - 3)
    d_first, t_first = (d, t) if step > 0 else (d - 3, t - 3)
    if d_grams <= 0 or t_grams <= 0:
        return False
    grams[:] = NO_SYMBOLS
    for j in range(t_grams):
        grams[j] = four_symbols(work, np.uint64(t_first + step * j))
    for i in range(d_grams):
        gram = four_symbols(document, np.uint64(d_first + step * i))
        same = np.uint64(0)
        for j in range(np.uint64(grams.size)):
            same |= np.uint64(grams[j] == gram)
        if same:
            return True
    return False


@apart
def _next_agreement(
    document: Array, d: int, d_left: int, work: Array, t: int, t_left: int, step: int, resync: int, grams: Array
) -> tuple[int, int]:
    """Smallest steps (document, work) after which letters agree again; longer steps ask for longer agreement."""
    for far in range(1, resync + 1):
        if far == FEW_STEPS and not _may_agree(document, d, d_left, work, t, t_left, step, resync, grams):
            break
        needed = 3 if far <= 2 else (4 if far <= 8 else 5 + far // 3)
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


@apart
def _run(
    document: Array,
    d: int,
    d_left: int,
    work: Array,
    t: int,
    t_left: int,
    step: int,
    numbers: Numbers,
    buffers: Buffers,
) -> tuple[int, int, int, int, int, int, int, int]:
    """Extend from (d, t) in direction `step`. Returns the symbols taken on both sides, equal, edits, length of the
    first equal run, start and length of the longest (along the document), and the symbols of the work looked at."""
    i = j = equal = edits = score = 0
    best = best_i = best_j = best_equal = best_edits = 0
    first = longest = longest_at = best_longest = best_longest_at = 0
    while True:
        run_at = i
        limit = min(d_left - i, t_left - j)
        n = _equal_run(document, d + step * i, work, t + step * j, limit, step)
        i += n
        j += n
        equal += n
        score += n
        if edits == 0:
            first = n
        if n > longest:
            longest, longest_at = n, run_at
        if score > best:
            best, best_i, best_j, best_equal, best_edits = score, i, j, equal, edits
            best_longest, best_longest_at = longest, longest_at
        if n == limit or score < best - numbers.drop:
            break
        di, dj = _next_agreement(
            document, d + step * i, d_left - i, work, t + step * j, t_left - j, step, numbers.resync, buffers.grams
        )
        if di == 0 and dj == 0:
            break
        wrong = _edit_distance(document, d + step * i, di, work, t + step * j, dj, step, buffers.row)
        edits += wrong
        equal += max(di, dj) - wrong
        score += max(di, dj) - wrong - numbers.penalty * wrong
        i += di
        j += dj
    return best_i, best_j, best_equal, best_edits, first, best_longest_at, best_longest, j + numbers.resync + 16


@subroutine
def _join(rows: Array, count: int, join: int) -> int:
    """Passages closer than `join` on both sides become one; returns how many are left."""
    kept = 0
    for n in range(count):
        if kept:
            last = kept - 1
            d_gap = rows[n, D_START] - rows[last, D_END]
            t_gap = rows[n, W_START] - rows[last, W_END]
            if d_gap <= join and t_gap <= join:
                rows[last, D_END], rows[last, W_END] = rows[n, D_END], rows[n, W_END]
                rows[last, EQUAL] += rows[n, EQUAL]
                rows[last, EDITS] += rows[n, EDITS] + max(d_gap, t_gap)
                if rows[n, RUN_END] - rows[n, RUN_START] > rows[last, RUN_END] - rows[last, RUN_START]:
                    rows[last, RUN_START], rows[last, RUN_END] = rows[n, RUN_START], rows[n, RUN_END]
                continue
        if kept != n:
            for column in range(COLUMNS):
                rows[kept, column] = rows[n, column]
        kept += 1
    return kept


@subroutine
def _trim(document: Array, window: Array, base: int, length: int, rows: Array, count: int) -> None:
    """Never begin or end inside a character that is two symbols."""
    for n in range(count):
        if rows[n, D_START] < rows[n, D_END] and document[rows[n, D_START]] >= TRAIL:
            rows[n, D_START] += 1
        if rows[n, D_START] < rows[n, D_END] < document.size and document[rows[n, D_END]] >= TRAIL:
            rows[n, D_END] -= 1
        if rows[n, RUN_START] < rows[n, RUN_END] and document[rows[n, RUN_START]] >= TRAIL:
            rows[n, RUN_START] += 1
        if rows[n, RUN_START] < rows[n, RUN_END] < document.size and document[rows[n, RUN_END]] >= TRAIL:
            rows[n, RUN_END] -= 1
        if rows[n, W_START] < rows[n, W_END] and window[rows[n, W_START] - base] >= TRAIL:
            rows[n, W_START] += 1
        if rows[n, W_START] < rows[n, W_END] < base + length and window[rows[n, W_END] - base] >= TRAIL:
            rows[n, W_END] -= 1


@subroutine
def _align(
    document: Array,
    window: Array,
    base: int,
    length: int,
    work_symbols: int,
    seeds_d: Array,
    seeds_t: Array,
    seeds: int,
    numbers: Numbers,
    buffers: Buffers,
    out: Array,
) -> tuple[int, bool, bool]:
    """Extend a chain seed by seed. `window` holds `length` symbols of the work from `base` on. Returns the rows filled,
    and whether the window was too short on its left and on its right (then the rows are not final)."""
    k = numbers.k
    rows = 0
    floor_d, floor_t, top = 0, base, base + length
    short_left = short_right = False
    for n in range(seeds):
        skip = max(0, floor_d - seeds_d[n], floor_t - seeds_t[n])
        d, t, left = seeds_d[n] + skip, seeds_t[n] + skip, k - skip
        if left <= 0 or seeds_t[n] < base or seeds_t[n] + k > top or seeds_d[n] + k > document.size:
            continue
        if _equal_run(document, d, window, t - base, left, 1) < left:
            continue
        r_i, r_j, r_equal, r_edits, r_first, r_at, r_long, r_seen = _run(
            document, d, document.size - d, window, t - base, top - t, 1, numbers, buffers
        )
        l_i, l_j, l_equal, l_edits, l_first, l_at, l_long, l_seen = _run(
            document, d - 1, d - floor_d, window, t - base - 1, t - floor_t, -1, numbers, buffers
        )
        short_right = short_right or (t + r_seen > top and top < work_symbols)
        short_left = short_left or (floor_t == base and t - l_seen < base and base > 0)
        out[rows, D_START], out[rows, D_END] = d - l_i, d + r_i
        out[rows, W_START], out[rows, W_END] = t - l_j, t + r_j
        out[rows, EQUAL], out[rows, EDITS] = r_equal + l_equal, r_edits + l_edits
        # the first runs of both directions touch
        whole_at, whole = d - l_first, l_first + r_first
        if r_long > whole:
            whole_at, whole = d + r_at, r_long
        if l_long > whole:
            whole_at, whole = d - l_at - l_long, l_long
        out[rows, RUN_START], out[rows, RUN_END] = whole_at, whole_at + whole
        floor_d, floor_t = d + r_i, t + r_j
        rows += 1
    rows = _join(out, rows, numbers.join)
    _trim(document, window, base, length, out, rows)
    return rows, short_left, short_right


@subroutine
def letters_in(window: Array, low: int, high: int) -> int:
    """Symbols that are not the trail of a pair."""
    letters = np.uint64(0)
    for i in range(np.uint64(low), np.uint64(high)):
        letters += np.uint64(window[i] < TRAIL)
    return np.int64(letters)


@subroutine
def _is_strong(rows: Array, n: int, least_words: int) -> bool:
    """Whether an alignment is long enough by itself: in words, or in letters where none are spaced."""
    return rows[n, WORDS] >= least_words or rows[n, D_END] - rows[n, D_START] >= UNSPACED_SYMBOLS


@subroutine
def _credible(rows: Array, count: int, numbers: Numbers) -> int:
    """Keep the rows (ascending in the text) that are long enough, or beside such a one; returns how many.

    Set phrases and two translations of one sentence share a dozen words; they never make a match.
    """
    kept = 0
    strong_before = False  # the row before, as it was
    end_d = end_w = -(1 << 60)
    for n in range(count):
        strong = _is_strong(rows, n, numbers.least_words)
        gap = max(rows[n, D_START] - end_d, rows[n, W_START] - end_w)
        good = strong or (strong_before and gap <= numbers.beside)
        if not good and n + 1 < count and _is_strong(rows, n + 1, numbers.least_words):
            gap = max(rows[n + 1, D_START] - rows[n, D_END], rows[n + 1, W_START] - rows[n, W_END])
            good = gap <= numbers.beside
        strong_before, end_d, end_w = strong, rows[n, D_END], rows[n, W_END]
        if good:
            if kept != n:
                for column in range(COLUMNS):
                    rows[kept, column] = rows[n, column]
            kept += 1
    return kept


class Covered(NamedTuple):
    """What the alignments of a pair cover, by cells of 16 symbols: of the text the last row that does, of the work the
    number of the pair (its cells are shared by places far apart where a work is very long)."""

    text: Array
    work: Array


@subroutine
def _cover(covered: Covered, rows: Array, row: int, pair: int) -> None:
    for cell in range(rows[row, D_START] >> CELL_BITS, (rows[row, D_END] - 1 >> CELL_BITS) + 1):
        covered.text[cell] = row
    last = covered.work.size - 1
    for cell in range(rows[row, W_START] >> CELL_BITS, (rows[row, W_END] - 1 >> CELL_BITS) + 1):
        covered.work[cell & last] = pair


@subroutine
def _fresh(
    rows: Array,
    first_row: int,
    pair: int,
    covered: Covered,
    documents: Array,
    works: Array,
    low: int,
    high: int,
    d: Array,
    w: Array,
) -> int:
    """The seeds of a chain that lie in no alignment of the pair yet; returns how many.

    A seed whose letters are covered on both sides is no news either, though by two alignments: a text of a few phrases
    again and again, against another such, would make as many passages as the one has phrases times the other.
    """
    count = 0
    last = covered.work.size - 1
    for m in range(low, high):
        cell = documents[m] >> CELL_BITS
        seen = covered.text[cell] >= first_row and covered.work[works[m] >> CELL_BITS & last] == pair
        for near in range(max(0, cell - 1), min(covered.text.size, cell + 2)):
            r = covered.text[near]
            if r >= first_row and not seen:
                seen = (
                    rows[r, D_START] <= documents[m] < rows[r, D_END] and rows[r, W_START] <= works[m] < rows[r, W_END]
                )
        if not seen:
            d[count], w[count] = documents[m], works[m]
            count += 1
    return count


@subroutine
def _cells(symbols: int) -> int:
    """Cells for a work of so many symbols: a power of two."""
    cells = 1
    while cells << CELL_BITS < symbols and cells < MOST_CELLS:
        cells *= 2
    return cells


@subroutine
def _own_first(chains: Array, first: int, last: int, documents: Array, works: Array, k: int, symbols: int) -> bool:
    """Whether the boilerplate of a pair is so much of the record that it may be all of it."""
    span = 0
    for c in range(first, last):
        if chains[c, 4]:
            span += works[chains[c, 3] - 1] - works[chains[c, 2]] + k
    return 2 * span >= symbols


@compiled(
    READ_U8,
    READ_I64,
    READ_U16,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_I64_ROWS,
    READ_I64,
    READ_I64,
    READ_U64,
    READ_U8,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U32,
    READ_I64,
    READ_F64,
)
def _extend(
    utf8: Array,
    text_bytes: Array,
    symbols: Array,
    text_symbols: Array,
    anchor_symbols: Array,
    anchor_bytes: Array,
    text_anchors: Array,
    chains: Array,
    documents: Array,
    works: Array,
    record_starts: Array,
    texts: Array,
    text_starts: Array,
    block_starts: Array,
    block_bytes: Array,
    block_symbols: Array,
    sample_starts: Array,
    sample_positions: Array,
    integers: Array,
    ratios: Array,
) -> Array:
    """Rows (COLUMNS) of all pairs, in the order of the chains; a pair's own passages come before its boilerplate."""
    numbers = Numbers(integers[0], integers[1], integers[2], integers[3], integers[4], integers[5], integers[6])
    most_members = longest = most_symbols = 1
    for c in range(chains.shape[0]):
        most_members = max(most_members, chains[c, 3] - chains[c, 2])
        longest = max(longest, text_symbols[chains[c, 0] + 1] - text_symbols[chains[c, 0]])
        most_symbols = max(most_symbols, np.int64(record_starts[chains[c, 1] + 1] - record_starts[chains[c, 1]]))
    covered = Covered(np.full((longest >> CELL_BITS) + 1, -1, np.int64), np.zeros(_cells(most_symbols), np.int32))
    pair = 0
    buffers = Buffers(
        np.empty(numbers.resync + 2, np.int64), np.empty(numbers.resync + 9 - numbers.resync % 8, np.uint64)
    )
    seeds_d, seeds_w = np.empty(most_members, np.int64), np.empty(most_members, np.int64)
    part = np.empty((most_members, COLUMNS), np.int64)
    window = np.empty(1 << 14, np.uint16)
    window_record, base, length = -1, 0, 0
    out = np.empty((min(2 * chains.shape[0], FIRST_ROWS) + 64, COLUMNS), np.int64)
    filled = 0
    first = 0
    while first < chains.shape[0]:
        text, record = chains[first, 0], chains[first, 1]
        last = first
        while last < chains.shape[0] and chains[last, 0] == text and chains[last, 1] == record:
            last += 1
        first_row = filled
        pair += 1
        from_symbol = text_symbols[text]
        document = symbols[from_symbol : text_symbols[text + 1]]
        work_symbols = np.int64(record_starts[record + 1]) - np.int64(record_starts[record])
        held = block_starts[record + 1] > block_starts[record]
        end_byte = np.int64(text_starts[record + 1])
        for usual in range(2):
            if (
                usual
                and filled == first_row
                and not _own_first(chains, first, last, documents, works, numbers.k, work_symbols)
            ):
                break
            for c in range(first, last):
                if chains[c, 4] != usual:
                    continue
                seeds = _fresh(
                    out, first_row, pair, covered, documents, works, chains[c, 2], chains[c, 3], seeds_d, seeds_w
                )
                if seeds == 0:
                    continue
                if not held:
                    low_sample, high_sample = np.int64(sample_starts[record]), np.int64(sample_starts[record + 1])
                    samples = sample_positions[low_sample:high_sample]
                    count = bound(seeds_d, seeds_w, seeds, samples, numbers.k, integers, ratios, part)
                else:
                    left = right = FIRST_MARGIN
                    count = 0
                    while True:
                        low = max(0, seeds_w[0] - left)
                        high = min(work_symbols, seeds_w[seeds - 1] + numbers.k + right)
                        if window_record != record or low < base or high > base + length:
                            block = row_of(
                                block_symbols, np.int64(block_starts[record]), np.int64(block_starts[record + 1]), low
                            )
                            # (never more than one block before what is wanted: the segment may lie)
                            base = max(min(low, np.int64(block_symbols[block])), low - MOST_BLOCK_SYMBOLS)
                            if window.size < high - base + SLACK_SYMBOLS:
                                window = np.empty(2 * (high - base) + SLACK_SYMBOLS, np.uint16)
                            length = fold_stretch(
                                texts[:end_byte], np.int64(block_bytes[block]), max(0, high - base), window, 0
                            )
                            window_record = record
                        count, short_left, short_right = _align(
                            document,
                            window,
                            base,
                            length,
                            work_symbols,
                            seeds_d,
                            seeds_w,
                            seeds,
                            numbers,
                            buffers,
                            part,
                        )
                        # (margins beyond the whole text: the segment lies about its length)
                        if (not short_left or left > work_symbols) and (not short_right or right > work_symbols):
                            break
                        left = left * MARGIN_GROWTH if short_left else left
                        right = right * MARGIN_GROWTH if short_right else right
                for n in range(count):
                    part[n, TEXT], part[n, RECORD], part[n, COMMON] = text, record, usual
                    rows_from, rows_to = text_anchors[text], text_anchors[text + 1]
                    text_end = text_bytes[text + 1]
                    start_char, start_byte, _ = place(
                        utf8,
                        anchor_bytes,
                        anchor_symbols,
                        rows_from,
                        rows_to,
                        ANCHOR_CHARS,
                        text_end,
                        from_symbol + part[n, D_START],
                    )
                    end_char, _, last_byte = place(
                        utf8,
                        anchor_bytes,
                        anchor_symbols,
                        rows_from,
                        rows_to,
                        ANCHOR_CHARS,
                        text_end,
                        from_symbol + part[n, D_END] - 1,
                    )
                    marks, after = after_marks(utf8, last_byte, text_end)
                    part[n, CHAR_START], part[n, CHAR_END] = start_char, end_char + 1 + marks
                    part[n, BYTE_START], part[n, BYTE_END] = start_byte, after
                    part[n, WORDS] = words_between(utf8, start_byte, after)
                    part[n, WORK_LETTERS] = -1
                    if held:
                        part[n, WORK_LETTERS] = letters_in(window, part[n, W_START] - base, part[n, W_END] - base)
                count = _credible(part, count, numbers)
                if filled + count > out.shape[0]:
                    larger = np.empty((2 * (filled + count), COLUMNS), np.int64)
                    larger[:filled] = out[:filled]
                    out = larger
                for n in range(count):
                    for column in range(COLUMNS):
                        out[filled, column] = part[n, column]
                    _cover(covered, out, filled, pair)
                    filled += 1
        first = last
    return out[:filled]


def extend_chains(letters: Letters, segment: Segment, chains: Chains, min_words: int) -> Array:
    """Alignments of a batch's chains with a segment: int64 rows (the columns above), by text and record."""
    params, arrays = segment.params, segment.arrays
    return _extend(
        letters.utf8,
        letters.text_bytes,
        letters.symbols,
        letters.text_symbols,
        letters.anchor_symbols,
        letters.anchor_bytes,
        letters.text_anchors,
        chains.rows,
        chains.documents,
        chains.works,
        arrays.record_starts,
        arrays.texts,
        arrays.text_starts,
        arrays.block_starts,
        arrays.block_bytes,
        arrays.block_symbols,
        arrays.sample_starts,
        arrays.sample_positions,
        *_numbers(params, min_words),
    )


def _numbers(params: Params, min_words: int) -> tuple[Array, Array]:
    integers = [
        params.seed_symbols,
        params.resync_symbols,
        params.drop_score,
        params.edit_penalty,
        params.join_symbols,
        min(params.strong_words, min_words),
        params.beside_symbols,
        params.window_seeds,
        params.sketch_least_gap,
        params.sketch_most_gap,
        params.sketch_gap_ratio,
        params.sketch_drift_symbols,
    ]
    return np.array(integers, np.int64), np.array([params.sketch_hit_ratio, params.sketch_drift_ratio], np.float64)
