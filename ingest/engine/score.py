"""Scores: what the alignments of one (text, record) pair amount to, in code points, words and coverage."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.engine import confidence
from ingest.engine.compiled import (
    INT,
    READ_F64,
    READ_I64,
    READ_I64_ROWS,
    READ_U8,
    READ_U16,
    READ_U32,
    READ_U64,
    READ_U64_ROWS,
    WRITE_F64_ROWS,
    WRITE_I64_ROWS,
    compiled,
    subroutine,
)
from ingest.engine.extend import (
    ANCHOR_CHARS,
    BYTE_END,
    BYTE_START,
    CHAR_END,
    CHAR_START,
    COMMON,
    D_END,
    D_START,
    EDITS,
    EQUAL,
    RECORD,
    RUN_END,
    RUN_START,
    TEXT,
    W_END,
    W_START,
    WORDS,
    WORK_LETTERS,
    letters_in,
)
from ingest.engine.letter_format import WORD_LETTER
from ingest.engine.normalise import Letters, entry_at, word_class_at
from ingest.engine.ordering import sort_by
from ingest.engine.params import Params
from ingest.engine.places import after_marks, place
from ingest.engine.records import Array, Match, Passage, Relation
from ingest.engine.segment import Segment
from ingest.engine.segment_format import TEXT_BLOCK_CHARS
from ingest.engine.words import words_between

RELATIONS: tuple[Relation, ...] = ("copy", "partial", "excerpt", "quotation")
COPY, PARTIAL, EXCERPT, QUOTATION = range(4)
RUNS_COUNTED = 3
# A pair: text, record, relation, words, longest run in words, equal, edits, passages from, to, boilerplate to.
PAIR_COLUMNS = 10
# A passage: code points of the text, of the work, words, equal, edits.
PASSAGE_COLUMNS = 7


class Side(NamedTuple):
    """One side of a comparison: UTF-8 and the tables that trace its symbols."""

    utf8: Array
    bytes_before: Array
    symbols_before: Array
    first_row: int
    end_row: int
    group_chars: int
    end_byte: int
    origin: int  # what the first symbol counts as in `symbols_before`


@subroutine
def _place(side: Side, symbol: int) -> tuple[int, int, int]:
    return place(
        side.utf8,
        side.bytes_before,
        side.symbols_before,
        side.first_row,
        side.end_row,
        side.group_chars,
        side.end_byte,
        side.origin + symbol,
    )


@subroutine
def _sampled_char(positions: Array, offsets: Array, symbols: int, chars: int, symbol: int) -> int:
    """About which code point a symbol is, from one minimizer in so many and the totals of the record."""
    low, high = 0, positions.size
    if high == 0:
        return min(chars, symbol * chars // max(1, symbols))
    while high - low > 1:
        middle = (low + high) >> 1
        if np.int64(positions[middle]) <= symbol:
            low = middle
        else:
            high = middle
    here, offset = np.int64(positions[low]), np.int64(offsets[low])
    following, following_offset = symbols, chars
    if low + 1 < positions.size:
        following, following_offset = np.int64(positions[low + 1]), np.int64(offsets[low + 1])
    ahead = (symbol - here) * max(0, following_offset - offset) // max(1, following - here)
    return max(0, min(chars, offset + ahead))


@subroutine
def _inside_word(utf8: Array, byte: int, first: int, end: int) -> bool:
    """Whether the same word goes on from the character before a byte to the one at it, in the text from `first` to
    `end`."""
    if byte <= first or byte >= end:
        return False
    before = byte - 1
    while before > first and utf8[before] & 0xC0 == 0x80:
        before -= 1
    here, _ = entry_at(utf8, np.uint64(byte))
    there, _ = entry_at(utf8, np.uint64(before))
    return word_class_at(here) == WORD_LETTER and word_class_at(there) == WORD_LETTER


@subroutine
def _whole_words(side: Side, start: int, end: int) -> int:
    low, high = side.bytes_before[side.first_row], side.end_byte
    cut = _inside_word(side.utf8, start, low, high) + _inside_word(side.utf8, end, low, high)
    return max(0, words_between(side.utf8, start, end) - cut)


@subroutine
def _longest_verbatim(rows: Array, order: Array, count: int, document: Side) -> int:
    """Whole words in the longest equal run; of the three with most letters."""
    most = 0
    below = 1 << 60
    for _ in range(min(RUNS_COUNTED, count)):
        best = -1
        for n in range(count):
            length = rows[order[n], RUN_END] - rows[order[n], RUN_START]
            if length < below and (best < 0 or length > rows[best, RUN_END] - rows[best, RUN_START]):
                best = order[n]
        if best < 0:
            break
        below = rows[best, RUN_END] - rows[best, RUN_START]
        if below > 0:
            _, start, _ = _place(document, rows[best, RUN_START])
            _, _, end = _place(document, rows[best, RUN_END] - 1)
            most = max(most, _whole_words(document, start, end))
    return most


@subroutine
def _document_union(
    rows: Array, order: Array, count: int, words: Array, symbols: Array, only_letters: bool, utf8: Array
) -> tuple[int, int]:
    """Words and letters of the text in the union of the alignments (ascending in the text).

    Of each stretch as many words as it has or as its largest alignment has on either side: a space that scanning lost
    joins two words of the document, and is no reason to count fewer.
    """
    total_words = letters = n = 0
    while n < count:
        first = order[n]
        end, end_byte, most, alone = rows[first, D_END], rows[first, BYTE_END], words[first], True
        n += 1
        while n < count and rows[order[n], D_START] <= end:
            r = order[n]
            if rows[r, D_END] > end:
                end, end_byte = rows[r, D_END], rows[r, BYTE_END]
            most = max(most, words[r])
            alone = False
            n += 1
        if not alone:
            most = max(most, words_between(utf8, rows[first, BYTE_START], end_byte))
        total_words += most
        start = rows[first, D_START]
        letters += end - start if only_letters else letters_in(symbols, start, end)
    return total_words, letters


@subroutine
def _work_union(rows: Array, order: Array, count: int, by_work: Array, buffer: Array) -> float:
    """Letters of the work in the union of the alignments; in a stretch where they overlap, by their average."""
    for n in range(count):
        by_work[n] = order[n]
    sort_by(by_work, count, rows[:, W_START], buffer)
    total = 0.0
    end = -1
    for n in range(count):
        r = by_work[n]
        low, high = max(rows[r, W_START], end), rows[r, W_END]
        if high > low:
            size = rows[r, W_END] - rows[r, W_START]
            total += (high - low) * (rows[r, WORK_LETTERS] / size)
            end = high
    return total


@subroutine
def _relation(coverage: float, words: int, limits: Array, excerpt_words: int) -> int:
    """The first that holds: copy (≥ 90 % of the work), partial (≥ 10 %), excerpt (≥ 200 words), quotation."""
    if coverage >= limits[0]:
        return COPY
    if coverage >= limits[1]:
        return PARTIAL
    return EXCERPT if words >= excerpt_words else QUOTATION


@subroutine
def _in_order(rows: Array, first: int, last: int, order: Array, numbers: Array, buffer: Array) -> int:
    """Numbers of a pair's rows by place in the text, then in the work; one that lies in another is left out."""
    total = last - first
    for n in range(total):
        numbers[n] = first + n
    sort_by(numbers, total, rows[:, W_START], buffer)
    sort_by(numbers, total, rows[:, D_START], buffer)
    count = 0
    for n in range(total):
        r = numbers[n]
        inside = False
        for back in range(max(0, count - 4), count):
            o = order[back]
            inside = inside or (
                rows[o, D_START] <= rows[r, D_START]
                and rows[r, D_END] <= rows[o, D_END]
                and rows[o, W_START] <= rows[r, W_START]
                and rows[r, W_END] <= rows[o, W_END]
            )
        if not inside:
            order[count] = r
            count += 1
    return count


@subroutine
def _own_of(rows: Array, order: Array, count: int, own: Array) -> int:
    found = 0
    for n in range(count):
        if not rows[order[n], COMMON]:
            own[found] = order[n]
            found += 1
    return found


@compiled(
    READ_U8,
    READ_I64,
    READ_U16,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_I64,
    READ_I64_ROWS,
    READ_U64,
    READ_U64_ROWS,
    READ_U8,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U64,
    READ_U32,
    READ_U32,
    READ_F64,
    INT,
    INT,
    INT,
    WRITE_I64_ROWS,
    WRITE_F64_ROWS,
    WRITE_I64_ROWS,
)
def _score(
    utf8: Array,
    text_bytes: Array,
    symbols: Array,
    text_symbols: Array,
    anchor_symbols: Array,
    anchor_bytes: Array,
    text_anchors: Array,
    text_letters: Array,
    rows: Array,
    record_starts: Array,
    record_totals: Array,
    texts: Array,
    text_starts: Array,
    block_starts: Array,
    block_bytes: Array,
    block_symbols: Array,
    sample_starts: Array,
    sample_positions: Array,
    sample_offsets: Array,
    limits: Array,
    excerpt_words: int,
    min_words: int,
    block_chars: int,
    pairs: Array,
    coverages: Array,
    passages: Array,
) -> tuple[int, int]:
    """Fill pairs (PAIR_COLUMNS), their coverage of text and work, and passages (PASSAGE_COLUMNS); returns how many."""
    found = filled = first = 0
    total = rows.shape[0]
    order, own = np.empty(total, np.int64), np.empty(total, np.int64)
    numbers, buffer = np.empty(total, np.int64), np.empty(total, np.int64)
    words, places = np.empty(total, np.int64), np.empty((total, 2), np.int64)
    while first < total:
        text, record = rows[first, TEXT], rows[first, RECORD]
        last = first
        while last < total and rows[last, TEXT] == text and rows[last, RECORD] == record:
            last += 1
        base = text_symbols[text]
        document_symbols = symbols[base : text_symbols[text + 1]]
        document = Side(
            utf8,
            anchor_bytes,
            anchor_symbols,
            text_anchors[text],
            text_anchors[text + 1],
            ANCHOR_CHARS,
            text_bytes[text + 1],
            base,
        )
        work = Side(
            texts,
            block_bytes,
            block_symbols,
            np.int64(block_starts[record]),
            np.int64(block_starts[record + 1]),
            block_chars,
            np.int64(text_starts[record + 1]),
            0,
        )
        work_symbols = np.int64(record_starts[record + 1]) - np.int64(record_starts[record])
        work_letters, work_chars = np.int64(record_totals[record, 0]), np.int64(record_totals[record, 1])
        held = work.end_row > work.first_row
        samples = slice(np.int64(sample_starts[record]), np.int64(sample_starts[record + 1]))
        count = _in_order(rows, first, last, order, numbers, buffer)
        for n in range(count):
            r = order[n]
            words[r] = rows[r, WORDS]
            if held:
                start, start_byte, _ = _place(work, rows[r, W_START])
                end, _, end_byte = _place(work, rows[r, W_END] - 1)
                marks, end_byte = after_marks(texts, end_byte, work.end_byte)
                places[r, 0], places[r, 1] = start, end + 1 + marks
                words[r] = max(words[r], words_between(texts, start_byte, end_byte))
            else:
                positions, offsets = sample_positions[samples], sample_offsets[samples]
                places[r, 0] = _sampled_char(positions, offsets, work_symbols, work_chars, rows[r, W_START])
                places[r, 1] = 1 + _sampled_char(positions, offsets, work_symbols, work_chars, rows[r, W_END] - 1)
        only_letters = text_letters[text] == document_symbols.size
        chosen, chosen_count = order, count
        boilerplate = _own_of(rows, order, count, own) < count
        part = _work_union(rows, order, count, numbers, buffer) / max(1, work_letters)
        if boilerplate and part < limits[0]:
            chosen, chosen_count = own, _own_of(rows, order, count, own)
            part = _work_union(rows, chosen, chosen_count, numbers, buffer) / max(1, work_letters)
        matched, letters = _document_union(rows, chosen, chosen_count, words, document_symbols, only_letters, utf8)
        if chosen_count and matched >= min_words:
            pairs[found, 0], pairs[found, 1] = text, record
            pairs[found, 2] = _relation(part, matched, limits, excerpt_words)
            pairs[found, 3] = matched
            pairs[found, 4] = _longest_verbatim(rows, chosen, chosen_count, document)
            pairs[found, 5] = pairs[found, 6] = 0
            pairs[found, 7] = filled
            for kept in range(2):  # what counts, then the boilerplate beside it
                for n in range(count):
                    r = order[n]
                    if (kept == 0) != (chosen_count == count or not rows[r, COMMON]):
                        continue
                    passages[filled, 0], passages[filled, 1] = rows[r, CHAR_START], rows[r, CHAR_END]
                    passages[filled, 2], passages[filled, 3] = places[r, 0], places[r, 1]
                    passages[filled, 4] = words[r]
                    passages[filled, 5], passages[filled, 6] = rows[r, EQUAL], rows[r, EDITS]
                    filled += 1
                    if kept == 0:
                        pairs[found, 5] += rows[r, EQUAL]
                        pairs[found, 6] += rows[r, EDITS]
                pairs[found, 8 + kept] = filled
            coverages[found, 0] = min(1.0, letters / max(1, text_letters[text]))
            coverages[found, 1] = min(1.0, part)
            found += 1
        first = last
    return found, filled


def score_pairs(letters: Letters, segment: Segment, alignments: Array, min_words: int) -> list[tuple[int, Match]]:
    """Text number and match of each pair that has enough: not too few words, and not only boilerplate."""
    params, arrays = segment.params, segment.arrays
    most = len(alignments)
    pairs, coverages = np.empty((most, PAIR_COLUMNS), np.int64), np.empty((most, 2), np.float64)
    passages = np.empty((most, PASSAGE_COLUMNS), np.int64)
    _finish_letters(alignments, arrays.record_starts, arrays.record_totals)
    found, filled = _score(
        letters.utf8,
        letters.text_bytes,
        letters.symbols,
        letters.text_symbols,
        letters.anchor_symbols,
        letters.anchor_bytes,
        letters.text_anchors,
        letters.text_letters,
        alignments,
        arrays.record_starts,
        arrays.record_totals,
        arrays.texts,
        arrays.text_starts,
        arrays.block_starts,
        arrays.block_bytes,
        arrays.block_symbols,
        arrays.sample_starts,
        arrays.sample_positions,
        arrays.sample_offsets,
        np.array([params.copy_ratio, params.partial_ratio]),
        params.excerpt_words,
        min_words,
        TEXT_BLOCK_CHARS,
        pairs,
        coverages,
        passages,
    )
    numbers = passages[:filled].tolist()
    return [
        (row[0], _match(segment, params, row, coverage, numbers))
        for row, coverage in zip(pairs[:found].tolist(), coverages[:found].tolist(), strict=True)
    ]


def _finish_letters(alignments: Array, record_starts: Array, record_totals: Array) -> None:
    """Letters of the work in each alignment where no text is held: as many a symbol as the whole record has."""
    unheld = np.flatnonzero(alignments[:, WORK_LETTERS] < 0)
    if unheld.size:
        records = alignments[unheld, RECORD]
        symbols = (record_starts[records + 1] - record_starts[records]).astype(np.int64)
        sizes = alignments[unheld, W_END] - alignments[unheld, W_START]
        alignments[unheld, WORK_LETTERS] = sizes * record_totals[records, 0].astype(np.int64) // np.maximum(1, symbols)


def _match(segment: Segment, params: Params, pair: list[int], coverage: list[float], numbers: list[list[int]]) -> Match:
    work, edition, exact = segment.identity(pair[1])
    first, last, boilerplate = pair[7:]
    match = Match(
        work=work,
        edition=edition,
        relation=RELATIONS[pair[2]],
        coverage_document=coverage[0],
        coverage_work=coverage[1],
        matched_words=pair[3],
        longest_verbatim_words=pair[4],
        identity=pair[5] / max(1, pair[5] + pair[6]) if exact else None,
        passages=tuple([_passage(line, exact) for line in numbers[first:last]]),
        boilerplate=tuple([_passage(line, exact) for line in numbers[last:boilerplate]]),
        precision="exact" if exact else "sketch",
        parameters=params.digest,
    )
    return match._replace(confidence=confidence.of(match))


def _passage(line: list[int], exact: bool) -> Passage:
    document_start, document_end, work_start, work_end, words, equal, edits = line
    identity = equal / max(1, equal + edits) if exact else None
    return Passage(document_start, document_end, work_start, work_end, words, identity, "exact" if exact else "sketch")
