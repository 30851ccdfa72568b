"""Tracing letters back: which code point, and which bytes of UTF-8, a symbol of the letter stream came from."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import subroutine
from ingest.engine.lanes import count_bits, first_bit, masks
from ingest.engine.letter_format import WORD_TRANSPARENT
from ingest.engine.normalise import Array, entry_at, symbols_at, word_class_at

ZERO, ONE, GROUP = np.uint64(0), np.uint64(1), np.uint64(64)


@subroutine
def row_of(symbols_before: Array, first_row: int, end_row: int, wanted: int) -> int:
    """The last row from `first_row` on, before `end_row`, before which no more than `wanted` symbols lie."""
    low, high = np.uint64(first_row), np.uint64(end_row)
    while high - low > ONE:
        middle = (low + high) >> ONE
        if np.int64(symbols_before[middle]) <= wanted:
            low = middle
        else:
            high = middle
    return np.int64(low)


@subroutine
def place(
    utf8: Array,
    bytes_before: Array,
    symbols_before: Array,
    first_row: int,
    end_row: int,
    group_chars: int,
    end_byte: int,
    wanted: int,
) -> tuple[int, int, int]:
    """Code point (counted from the start of the text), first byte and byte after the character of symbol `wanted`.

    The text lies in rows `first_row` to `end_row` of groups of `group_chars` code points, before which `bytes_before`
    and `symbols_before` lie, and ends at `end_byte`. Symbols are counted from where `symbols_before` counts from. Where
    there is no such symbol: the last of its group, or the start of it.
    """
    if first_row >= end_row:
        return 0, end_byte, end_byte
    row = row_of(symbols_before, first_row, end_row, wanted)
    after = np.int64(bytes_before[np.uint64(row + 1)]) if row + 1 < end_row else np.int64(end_byte)
    end = np.uint64(min(max(after, 0), utf8.size))
    at = min(np.uint64(bytes_before[np.uint64(row)]), end)
    before = np.int64(symbols_before[np.uint64(row)])
    left = np.uint64(max(wanted - before, 0))  # symbols to pass
    first_char = (row - first_row) * group_chars
    char, found, found_from, found_to = ZERO, ZERO, at, at
    while at < end:
        if at + GROUP <= np.uint64(utf8.size):
            letters, others = masks(utf8, at)
            run = min(first_bit(others), end - at)
            if run > ONE:
                if run < GROUP:
                    letters &= (ONE << run) - ONE
                count = count_bits(letters)
                if count > left:
                    for _ in range(left):
                        letters &= letters - ONE
                    step = first_bit(letters)
                    return first_char + np.int64(char + step), np.int64(at + step), np.int64(at + step + ONE)
                if count > ZERO:
                    last = GROUP - ONE - _zeros_above(letters)
                    found, found_from, found_to = char + last, at + last, at + last + ONE
                left -= count
                at += run
                char += run
                continue
        more, width = symbols_at(utf8, at)
        if more > ZERO:
            found, found_from, found_to = char, at, at + width
            if more > left:
                break
            left -= more
        at += width
        char += ONE
    return first_char + np.int64(found), np.int64(found_from), np.int64(found_to)


@subroutine
def _zeros_above(bits: np.uint64) -> np.uint64:
    """How many zeros are above the highest bit that is set."""
    for shift in (1, 2, 4, 8, 16, 32):
        bits |= bits >> np.uint64(shift)
    return count_bits(~bits)


@subroutine
def after_marks(utf8: Array, byte: int, end: int) -> tuple[int, int]:
    """How many marks without letters follow at a byte, before byte `end`, and the byte after them."""
    at, last, chars = np.uint64(byte), np.uint64(min(max(end, 0), utf8.size)), 0
    while at < last and utf8[at] >= 128:
        entry, width = entry_at(utf8, at)
        if word_class_at(entry) != WORD_TRANSPARENT:
            break
        at += width
        chars += 1
    return chars, np.int64(at)
