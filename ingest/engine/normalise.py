"""Text → letter stream: case, accents, punctuation, space, hyphenation and script variants fold away.

The stream is an array of uint16 symbols (see `letter_format`). Instead of an offset a symbol it keeps, every 64 code
points, how many symbols came before (6 % of the text): any symbol is traced to its exact code point by folding again
at most 64 of them. The same kernel reads a document and the UTF-8 of a work inside an index.
"""
# ruff: noqa: PLR0917  kernels take arrays by position
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import base64
import hashlib
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from ingest.engine import letter_table
from ingest.engine.errors import TextTooLong
from ingest.engine.letter_format import (
    CODE_POINTS,
    KIND_EXPANSION,
    KIND_PAIR,
    KIND_SHIFT,
    PAGE,
    TRAIL,
    VALUE_MASK,
    WORD_APOSTROPHE,
    WORD_CHARACTER,
    WORD_LETTER,
    WORD_SHIFT,
    WORD_TRANSPARENT,
)

Array = npt.NDArray[Any]

ANCHOR_CHARS = 64
BLOCK_CHARS = 1 << 20
MAX_EXPANSION = 32  # symbols of one code point; the longest in the table is 18
MAX_SYMBOLS = 2**32 - 2**16


def _load_table() -> tuple[Array, Array, Array, Array, str]:
    raw = zlib.decompress(base64.b85decode(letter_table.PACKED))
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    pages, expansion_size = (int(n) for n in np.frombuffer(raw, "<u4", 2))
    page_of = np.frombuffer(raw, "<u2", CODE_POINTS // PAGE, 8).astype(np.uint32)
    at = 8 + 2 * page_of.size
    entries = np.cumsum(np.frombuffer(raw, "<u4", pages * PAGE, at), dtype=np.uint32)
    expansions = np.frombuffer(raw, "<u2", expansion_size, at + 4 * entries.size).astype(np.uint16)
    ascii_symbols = np.zeros(256, np.uint16)
    ascii_symbols[:128] = entries[page_of[0] * PAGE :][:128] & 0xFFFF
    return page_of, entries, expansions, ascii_symbols, digest


PAGE_OF, ENTRIES, EXPANSIONS, ASCII, TABLE_DIGEST = _load_table()


@dataclass(frozen=True)
class LetterStream:
    """The folded letters of one text.

    symbols: uint16[n]. anchors: uint32, symbols before code point 64·i. chars: code points of the text.
    """

    symbols: Array
    anchors: Array
    chars: int


def letter_stream(text: str) -> LetterStream:
    """Fold a whole text, in blocks; about 2.2 bytes of memory a letter. Raises `TextTooLong` beyond 2³² symbols."""
    anchors = np.zeros(len(text) // ANCHOR_CHARS + 1, np.uint32)
    # Only touched pages take memory, so the generous size costs nothing; Han needs two symbols a character.
    symbols = np.empty(2 * len(text) + ANCHOR_CHARS * MAX_EXPANSION, np.uint16)
    filled = 0
    for start in range(0, len(text), BLOCK_CHARS):
        utf8 = np.frombuffer(text[start : start + BLOCK_CHARS].encode("utf-8", "surrogatepass"), np.uint8)
        symbols, filled = _fold_block(utf8, symbols, filled, anchors[start // ANCHOR_CHARS :])
    return LetterStream(_trimmed(symbols, filled), anchors, len(text))


def _trimmed(symbols: Array, filled: int) -> Array:
    symbols.resize(filled, refcheck=False)
    return symbols


def fold_utf8(utf8: Array) -> tuple[Array, Array]:
    """Symbols and anchors of valid UTF-8 bytes (uint8[n]) that begin at a code point."""
    anchors = np.zeros(utf8.size // ANCHOR_CHARS + 1, np.uint32)
    symbols = np.empty(utf8.size + ANCHOR_CHARS * MAX_EXPANSION, np.uint16)
    symbols, filled = _fold_block(utf8, symbols, 0, anchors)
    return symbols[:filled], anchors


def _fold_block(utf8: Array, symbols: Array, filled: int, anchors: Array) -> tuple[Array, int]:
    consumed = 0
    anchor = 0
    while consumed < utf8.size:
        consumed, filled, anchor = _fold(
            utf8, consumed, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, symbols, filled, anchors, anchor
        )
        if consumed < utf8.size:
            symbols = np.concatenate([symbols[:filled], np.empty(symbols.size, np.uint16)])
        if filled > MAX_SYMBOLS:
            raise TextTooLong(f"a text of more than {MAX_SYMBOLS} letters", letters=filled)
    return symbols, filled


@njit(cache=True, nogil=True, inline="always")
def _code_point(utf8: Array, at: int) -> tuple[int, int]:
    lead = np.int64(utf8[at])
    left = utf8.size - at
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0 and left > 1:
        return (lead & 0x1F) << 6 | (utf8[at + 1] & 0x3F), 2
    if lead < 0xF0 and left > 2:
        return (lead & 0x0F) << 12 | (utf8[at + 1] & 0x3F) << 6 | (utf8[at + 2] & 0x3F), 3
    if left > 3:
        code = (lead & 0x07) << 18 | (utf8[at + 1] & 0x3F) << 12 | (utf8[at + 2] & 0x3F) << 6 | (utf8[at + 3] & 0x3F)
        return min(code, CODE_POINTS - 1), 4
    return 0, left


@njit(cache=True, nogil=True, inline="always")
def _emit(code: int, page_of: Array, entries: Array, expansions: Array, out: Array, filled: int) -> int:
    entry = entries[page_of[code >> 8] * PAGE + (code & 0xFF)]
    kind = (entry >> KIND_SHIFT) & 3
    value = entry & VALUE_MASK
    if kind == KIND_PAIR:
        out[filled] = 0x4000 | value >> 7
        out[filled + 1] = TRAIL | value & 0x7F
        return filled + 2
    if kind == KIND_EXPANSION:
        size = np.int64(expansions[value])
        for i in range(size):
            out[filled + i] = expansions[np.int64(value) + 1 + i]
        return filled + size
    out[filled] = value
    return filled + (1 if value else 0)


@njit(cache=True, nogil=True)
def _fold(
    utf8: Array,
    at: int,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    out: Array,
    filled: int,
    anchors: Array,
    anchor: int,
) -> tuple[int, int, int]:
    """Fold until the input ends or `out` might not hold another 64 code points."""
    size = utf8.size
    while at < size and filled + ANCHOR_CHARS * MAX_EXPANSION <= out.size:
        anchors[anchor] = filled
        anchor += 1
        done = 0
        if at + ANCHOR_CHARS <= size:
            bits = np.uint8(0)
            for i in range(ANCHOR_CHARS):
                bits |= utf8[at + i]
            if bits < 128:
                for i in range(ANCHOR_CHARS):
                    symbol = ascii_symbols[utf8[at + i]]
                    out[filled] = symbol
                    filled += 1 if symbol else 0
                at += ANCHOR_CHARS
                done = ANCHOR_CHARS
        while done < ANCHOR_CHARS and at < size:
            code, width = _code_point(utf8, at)
            if code < 128:
                symbol = ascii_symbols[code]
                out[filled] = symbol
                filled += 1 if symbol else 0
            else:
                filled = _emit(code, page_of, entries, expansions, out, filled)
            at += width
            done += 1
    return at, filled, anchor


@njit(cache=True, nogil=True)
def _trace(
    utf8: Array, page_of: Array, entries: Array, expansions: Array, wanted: Array, first_symbol: int, out: Array
) -> int:
    """Code point (counted from the start of `utf8`) of each wanted symbol position (ascending); returns how many."""
    scratch = np.empty(MAX_EXPANSION, np.uint16)
    symbol = first_symbol
    found = 0
    at = 0
    char = 0
    while at < utf8.size and found < wanted.size:
        code, width = _code_point(utf8, at)
        symbol += _emit(code, page_of, entries, expansions, scratch, 0)
        while found < wanted.size and wanted[found] < symbol:
            out[found] = char
            found += 1
        at += width
        char += 1
    return found


@njit(cache=True, nogil=True)
def _trace_one(utf8: Array, page_of: Array, entries: Array, expansions: Array, position: int, first_symbol: int) -> int:
    """As `_trace`, for one position."""
    scratch = np.empty(MAX_EXPANSION, np.uint16)
    symbol = first_symbol
    at = 0
    char = 0
    while at < utf8.size:
        code, width = _code_point(utf8, at)
        symbol += _emit(code, page_of, entries, expansions, scratch, 0)
        if position < symbol:
            break
        at += width
        char += 1
    return char


def char_offsets(text: str, stream: LetterStream, positions: Array) -> Array:
    """Code-point offset in `text` of each symbol position (ascending int64[n], each < number of symbols)."""
    out = np.zeros(positions.size, np.int64)
    if positions.size <= 32:
        for i, position in enumerate(positions):
            out[i] = char_offset(text, stream, int(position))
        return out
    per_block = BLOCK_CHARS // ANCHOR_CHARS
    for start in range(0, len(text), BLOCK_CHARS):
        first = int(stream.anchors[start // ANCHOR_CHARS])
        after = start // ANCHOR_CHARS + per_block
        last = int(stream.anchors[after]) if after * ANCHOR_CHARS < len(text) else stream.symbols.size
        low, high = np.searchsorted(positions, [first, last])
        if low < high:
            utf8 = np.frombuffer(text[start : start + BLOCK_CHARS].encode("utf-8", "surrogatepass"), np.uint8)
            _trace(utf8, PAGE_OF, ENTRIES, EXPANSIONS, positions[low:high], first, out[low:high])
            out[low:high] += start
    return out


def char_offset(text: str, stream: LetterStream, position: int) -> int:
    """Code-point offset in `text` of one symbol position."""
    used = (stream.chars + ANCHOR_CHARS - 1) // ANCHOR_CHARS
    anchor = int(stream.anchors[:used].searchsorted(position, side="right")) - 1
    start = anchor * ANCHOR_CHARS
    utf8 = np.frombuffer(text[start : start + ANCHOR_CHARS].encode("utf-8", "surrogatepass"), np.uint8)
    return start + _trace_one(utf8, PAGE_OF, ENTRIES, EXPANSIONS, position, int(stream.anchors[anchor]))


@njit(cache=True, nogil=True)
def _count_words(utf8: Array, page_of: Array, entries: Array, state: int) -> tuple[int, int]:
    """Words that begin in `utf8`; state: 0 outside a word, 1 in one, 2 after an apostrophe in one."""
    words = 0
    at = 0
    while at < utf8.size:
        code, width = _code_point(utf8, at)
        at += width
        word = entries[page_of[code >> 8] * PAGE + (code & 0xFF)] >> WORD_SHIFT
        if word == WORD_LETTER:
            words += 1 if state == 0 else 0
            state = 1
        elif word == WORD_CHARACTER:
            words += 1
            state = 0
        elif word == WORD_APOSTROPHE:
            state = 2 if state == 1 else 0
        elif word != WORD_TRANSPARENT:
            state = 0
    return words, state


def count_words(text: str) -> int:
    """Words: maximal runs of letters or digits, apostrophes inside included; a Han, kana or Hangul character is one."""
    words = state = 0
    for start in range(0, len(text), BLOCK_CHARS):
        utf8 = np.frombuffer(text[start : start + BLOCK_CHARS].encode("utf-8", "surrogatepass"), np.uint8)
        more, state = _count_words(utf8, PAGE_OF, ENTRIES, state)
        words += more
    return words


def count_letters(symbols: Array) -> int:
    """Letters in a stretch of the stream: symbols that are not the trail of a pair."""
    return int(np.count_nonzero(symbols < TRAIL))
