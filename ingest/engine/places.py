"""Tracing letters back: which code point, and which bytes of UTF-8, a symbol of the letter stream came from.

A text is cut into rows of a fixed number of code points (64 for a document, 4,096 for a work inside an index), and of
each row it is known how many bytes and symbols come before. The row of a symbol is guessed in proportion and then
found; inside it, 64 bytes at a time are passed until the symbol is among them.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ingest.engine.compiled import INT, READ_I64, READ_U8, READ_U64, WRITE_I64, WRITE_I64_ROWS, compiled
from ingest.engine.lanes import (
    PACKS,
    apart,
    code_buffer,
    count_bits,
    decode,
    first_bit,
    low_bits,
    masks,
    near,
    nth_bit,
    symbol_buffer,
)
from ingest.engine.letter_format import WORD_TRANSPARENT
from ingest.engine.lookup import Array, entry_at, pair_at, pair_of, symbols_of, symbols_there, word_class_at
from ingest.engine.normalise import (
    ANCHOR_CHARS,
    BLOCK_CHARS,
    PAIRS,
    READ_AHEAD,
    LetterStream,
    first_chars,
    fold_aside,
    fold_chars,
)

ZERO, ONE, GROUP = np.uint64(0), np.uint64(1), np.uint64(ANCHOR_CHARS)


@apart
def row_of(symbols_before: Array, first_row: int, end_row: int, wanted: int) -> int:
    """The last row from `first_row` on, before `end_row`, before which no more than `wanted` symbols lie."""
    low, high = first_row, end_row
    if high - low > 1:
        # Letters come at an even pace: guess, then look around the guess in steps that double.
        base = np.int64(symbols_before[np.uint64(low)])
        letters = max(np.int64(symbols_before[np.uint64(high - 1)]) - base, 1)
        guess = low + np.int64(np.float64(wanted - base) / np.float64(letters) * np.float64(high - 1 - low))
        guess = min(max(guess, low), high - 1)
        step = 1
        if np.int64(symbols_before[np.uint64(guess)]) <= wanted:
            low = guess
            while low + step < high and np.int64(symbols_before[np.uint64(low + step)]) <= wanted:
                low += step
                step *= 2
            high = min(high, low + step)
        else:
            high = guess
            while high - step > low and np.int64(symbols_before[np.uint64(high - step)]) > wanted:
                high -= step
                step *= 2
            low = max(low, high - step)
    while high - low > 1:
        middle = (low + high) >> 1
        if np.int64(symbols_before[np.uint64(middle)]) <= wanted:
            low = middle
        else:
            high = middle
    return low


@near
def _char_of(codes: Array, chars: np.uint64, symbols: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Which of so many code points of the first plane holds the symbol that comes after so many others; where none of
    them does, their number. And the symbols left to pass."""
    for i in range(ZERO, chars, PAIRS):
        there, expansions = symbols_there(codes, i, chars - i)
        if expansions:
            for j in range(i, min(i + PAIRS, chars)):
                count = symbols_of(pair_of(np.uint64(codes[j])))
                if count > symbols:
                    return j, symbols
                symbols -= count
            continue
        count = count_bits(there)
        if count > symbols:
            return i + (nth_bit(there, symbols) >> ONE), symbols
        symbols -= count
    return chars, symbols


@near
def _find(utf8: Array, at: np.uint64, end: np.uint64, symbols: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64]:
    """Code point, first byte and byte after the character of the symbol that comes after so many from byte `at` on,
    before byte `end`; where there is none, the end."""
    codes = code_buffer()
    char = ZERO
    while at < end:
        if at + READ_AHEAD <= np.uint64(utf8.size):
            letters, others, starts, long = masks(utf8, at)
            span = min(GROUP, end - at)
            if first_bit(others) >= span:
                letters &= low_bits(span)
                count = count_bits(letters)
                if count > symbols:
                    step = nth_bit(letters, symbols)
                    return char + step, at + step, at + step + ONE
                symbols -= count
                at += span
                char += span
                continue
            starts, chars, read = first_chars(utf8, at, min(span, first_bit(long)), starts, GROUP)
            if PACKS and chars > ZERO:
                decode(codes, utf8, at, starts)
                i, symbols = _char_of(codes, chars, symbols)
                if i < chars:
                    first = at + nth_bit(starts, i)
                    width = ONE + np.uint64(utf8[first] >= 0xC0) + np.uint64(utf8[first] >= 0xE0)
                    return char + i, first, min(first + width, end)
                at = min(at + read, end)
                char += chars
                continue
        entry, width = entry_at(utf8, at)
        more = symbols_of(pair_at(entry))
        if more > symbols:
            return char, at, min(at + width, end)
        symbols -= more
        at += width
        char += ONE
    return char, end, end


@apart
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

    The text lies in rows `first_row` to `end_row` of `group_chars` code points, before which `bytes_before` and
    `symbols_before` lie, and ends at `end_byte`. Symbols are counted from where `symbols_before` counts from. Where
    there is no such symbol: the end of the text.
    """
    if first_row >= end_row:
        return 0, end_byte, end_byte
    row = row_of(symbols_before, first_row, end_row, wanted)
    after = np.int64(bytes_before[np.uint64(row + 1)]) if row + 1 < end_row else np.int64(end_byte)
    end = np.uint64(min(max(after, 0), utf8.size))
    at = min(np.uint64(bytes_before[np.uint64(row)]), end)
    left = np.uint64(max(wanted - np.int64(symbols_before[np.uint64(row)]), 0))
    char = np.uint64(row - first_row) * np.uint64(group_chars)
    found, from_byte, to_byte = _find(utf8, at, end, left)
    return np.int64(char + found), np.int64(from_byte), np.int64(to_byte)


@apart
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


@compiled(READ_U8, READ_U64, READ_U64, INT, INT, READ_I64, WRITE_I64_ROWS)
def _place_all(
    utf8: Array,
    bytes_before: Array,
    symbols_before: Array,
    group_chars: int,
    end_byte: int,
    wanted: Array,
    out: Array,
) -> None:
    rows = np.int64(symbols_before.size)
    for n in range(wanted.size):
        out[n, 0], out[n, 1], out[n, 2] = place(
            utf8, bytes_before, symbols_before, 0, rows, group_chars, end_byte, wanted[n]
        )


@compiled(READ_U8, READ_I64, READ_I64, INT, READ_I64, WRITE_I64)
def _char_offsets(
    utf8: Array, bytes_before: Array, symbols_before: Array, end_byte: int, wanted: Array, out: Array
) -> None:
    """Code points of ascending symbols; the rows of 64 code points are gone through from first to last."""
    row, rows = np.uint64(0), np.uint64(symbols_before.size)
    for n in range(wanted.size):
        while row + ONE < rows and symbols_before[row + ONE] <= wanted[n]:
            row += ONE
        end = np.uint64(bytes_before[row + ONE]) if row + ONE < rows else np.uint64(end_byte)
        found, _, _ = _find(utf8, np.uint64(bytes_before[row]), end, np.uint64(wanted[n] - symbols_before[row]))
        out[n] = np.int64(row * GROUP + found)


def places_in_blocks(
    utf8: Array, block_bytes: Array, block_symbols: Array, block_chars: int, end_byte: int, positions: Array
) -> Array:
    """Code-point offset, first byte and byte after it (int64[n, 3]) of symbol positions in a text that lies in `utf8`
    in blocks, as a segment keeps it."""
    out = np.empty((positions.size, 3), np.int64)
    _place_all(utf8, block_bytes, block_symbols, block_chars, end_byte, positions, out)
    return out


def char_offsets(text: str, stream: LetterStream, positions: Array) -> Array:
    """Code-point offset in `text` of each symbol position (ascending int64[n], each < number of symbols)."""
    out = np.empty(positions.size, np.int64)
    bounds = [*np.searchsorted(positions, stream.block_symbols).tolist(), positions.size]
    for block, (low, high) in enumerate(pairwise(bounds)):
        if low < high:
            start = block * BLOCK_CHARS
            letters = fold_aside(text[start : start + BLOCK_CHARS])
            wanted = positions[low:high] - stream.block_symbols[block]
            _char_offsets(
                letters.utf8, letters.anchor_bytes, letters.anchor_symbols, letters.utf8.size, wanted, out[low:high]
            )
            out[low:high] += start
    return out


def scattered_offsets(text: str, stream: LetterStream, positions: Array) -> Array:
    """As `char_offsets`, for positions in any order."""
    order = np.argsort(positions, kind="stable")
    out = np.empty(positions.size, np.int64)
    out[order] = char_offsets(text, stream, positions[order])
    return out


def char_offset(text: str, stream: LetterStream, position: int) -> int:
    """Code-point offset in `text` of one symbol position."""
    return int(char_offsets(text, stream, np.array([position], np.int64))[0])


def measure_blocks(utf8: Array, chars: int, block_chars: int) -> tuple[Array, Array, int]:
    """Bytes and symbols (int64) before each block of `block_chars` code points (a multiple of 64) of a text, and all
    its symbols."""
    blocks = -(-chars // block_chars)
    bytes_before, symbols_before = np.empty(blocks, np.int64), np.empty(blocks, np.int64)
    return bytes_before, symbols_before, _measure(utf8, block_chars, bytes_before, symbols_before)


@compiled(READ_U8, INT, WRITE_I64, WRITE_I64)
def _measure(utf8: Array, block_chars: int, bytes_before: Array, symbols_before: Array) -> int:
    at, end, symbols, block = ZERO, np.uint64(utf8.size), ZERO, ZERO
    buffer = symbol_buffer()
    while at < end:
        bytes_before[block] = at
        symbols_before[block] = symbols
        block += ONE
        for _ in range(block_chars // ANCHOR_CHARS):
            at, count = fold_chars(utf8, at, end, GROUP, buffer, ZERO)
            symbols += count
    return np.int64(symbols)
