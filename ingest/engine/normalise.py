"""Text → letter stream: case, accents, punctuation, space, hyphenation and script variants fold away.

The stream is an array of uint16 symbols (see `letter_format`). Instead of an offset a symbol it keeps, every 64 code
points, how many symbols came before (6 % of the text): any symbol is traced to its exact code point by folding again
at most 64 of them. The same kernel reads a document and the UTF-8 of a work inside an index.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import base64
import hashlib
import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.engine import letter_table
from ingest.engine.compiled import (
    INT,
    READ_I64,
    READ_I64_ROWS,
    READ_U8,
    READ_U16,
    READ_U32,
    READ_U64,
    WRITE_I64,
    WRITE_I64_ROWS,
    WRITE_U16,
    WRITE_U32,
    compiled,
    inlined,
    subroutine,
)
from ingest.engine.errors import TextTooLong
from ingest.engine.lanes import count_bits, first_bit, masks, table_reader, write_small
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
SPARSE_CHARS = 256  # positions rarer than one in so many code points are traced one by one

# For kernels: signed index arithmetic costs up to a third, and signed with unsigned would give a float.
ONE, TWO, THREE, FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
GROUP, LONGEST, PAGE_SIZE = np.uint64(ANCHOR_CHARS), np.uint64(MAX_EXPANSION), np.uint64(PAGE)


def _load_table() -> tuple[Array, Array, Array, Array, Array, str]:
    raw = zlib.decompress(base64.b85decode(letter_table.PACKED))
    digest = "sha256:" + hashlib.sha256(raw).hexdigest()
    pages, expansion_size = (int(n) for n in np.frombuffer(raw, "<u4", 2))
    page_of = np.frombuffer(raw, "<u2", CODE_POINTS // PAGE, 8).astype(np.uint32)
    at = 8 + 2 * page_of.size
    entries = np.cumsum(np.frombuffer(raw, "<u4", pages * PAGE, at), dtype=np.uint32)
    expansions = np.frombuffer(raw, "<u2", expansion_size, at + 4 * entries.size).astype(np.uint16)
    ascii_symbols = np.zeros(256, np.uint16)
    ascii_symbols[:128] = entries[page_of[0] * PAGE :][:128] & 0xFFFF
    ascii_classes = np.zeros(256, np.uint8)
    ascii_classes[:128] = entries[page_of[0] * PAGE :][:128] >> WORD_SHIFT
    return page_of, entries, expansions, ascii_symbols, ascii_classes, digest


PAGE_OF, ENTRIES, EXPANSIONS, ASCII, ASCII_CLASSES, TABLE_DIGEST = _load_table()


@dataclass(frozen=True)
class LetterStream:
    """The folded letters of one text.

    symbols: uint16[n]. anchors: uint32, symbols before code point 64·i. chars: code points of the text. Of a text of
    one block also its bytes and (uint32) those before code point 64·i: a longer one is encoded again where needed.
    """

    symbols: Array
    anchors: Array
    chars: int
    utf8: Array | None = None
    byte_anchors: Array | None = None


def utf8_of(text: str) -> Array:
    """The bytes of a text (uint8), lone surrogates included."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def measure_blocks(utf8: Array, chars: int, block_chars: int) -> tuple[Array, Array, int]:
    """Bytes and symbols (int64) before each block of `block_chars` code points of a text, and all its symbols."""
    blocks = -(-chars // block_chars)
    bytes_before, symbols_before = np.empty(blocks, np.int64), np.empty(blocks, np.int64)
    total = _measure(utf8, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, block_chars, bytes_before, symbols_before)
    return bytes_before, symbols_before, total


def letter_stream(text: str) -> LetterStream:
    """Fold a whole text, in blocks; about 2.2 bytes of memory a letter. Raises `TextTooLong` beyond 2³² symbols."""
    anchors = np.zeros(len(text) // ANCHOR_CHARS + 1, np.uint32)
    byte_anchors = np.zeros(min(len(text), BLOCK_CHARS) // ANCHOR_CHARS + 1, np.uint32)
    # Only touched pages take memory, so the generous size costs nothing; Han needs two symbols a character.
    symbols = np.empty(2 * len(text) + ANCHOR_CHARS * MAX_EXPANSION, np.uint16)
    filled = 0
    utf8 = np.empty(0, np.uint8)
    for start in range(0, len(text), BLOCK_CHARS):
        utf8 = utf8_of(text[start : start + BLOCK_CHARS])
        symbols, filled = _fold_block(utf8, symbols, filled, anchors[start // ANCHOR_CHARS :], byte_anchors)
    if len(text) > BLOCK_CHARS:
        return LetterStream(_trimmed(symbols, filled), anchors, len(text))
    return LetterStream(_trimmed(symbols, filled), anchors, len(text), utf8, byte_anchors)


def _trimmed(symbols: Array, filled: int) -> Array:
    symbols.resize(filled, refcheck=False)
    return symbols


def fold_utf8(utf8: Array, wanted: int) -> Array:
    """Symbols of UTF-8 bytes (uint8[n]) that begin at a code point: the first `wanted`, some more, or all there are."""
    # No more symbols than bytes, but for a few characters whose expansion is longer than their UTF-8.
    anchors = np.empty(utf8.size // ANCHOR_CHARS + 1, np.uint32)
    symbols = np.empty(min(utf8.size, wanted) + 2 * ANCHOR_CHARS * MAX_EXPANSION, np.uint16)
    consumed, filled, _ = _fold(
        utf8, 0, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, symbols, 0, anchors, np.empty_like(anchors), 0
    )
    if consumed < utf8.size and filled < wanted:
        symbols, filled = _fold_block(utf8, symbols, 0, anchors, np.empty_like(anchors))
    return symbols[:filled]


def _fold_block(utf8: Array, symbols: Array, filled: int, anchors: Array, byte_anchors: Array) -> tuple[Array, int]:
    consumed = 0
    anchor = 0
    while consumed < utf8.size:
        consumed, filled, anchor = _fold(
            utf8, consumed, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, symbols, filled, anchors, byte_anchors, anchor
        )
        if consumed < utf8.size:
            symbols = np.concatenate([symbols[:filled], np.empty(symbols.size, np.uint16)])
        if filled > MAX_SYMBOLS:
            raise TextTooLong(f"a text of more than {MAX_SYMBOLS} letters", letters=filled)
    return symbols, filled


@inlined
def _code_point(utf8: Array, at: np.uint64) -> tuple[np.uint32, np.uint64]:
    """Code point and width of the character at a byte; never reads or answers out of range, whatever the bytes."""
    lead = np.uint32(utf8[at])
    left = np.uint64(utf8.size) - at
    if lead < 0x80:
        return lead, ONE
    if lead < 0xE0 and left > ONE:
        return np.uint32((lead & 0x1F) << 6 | (utf8[at + ONE] & 0x3F)), TWO
    if lead < 0xF0 and left > TWO:
        return np.uint32((lead & 0x0F) << 12 | (utf8[at + ONE] & 0x3F) << 6 | (utf8[at + TWO] & 0x3F)), THREE
    if left > THREE:
        code = (lead & 0x07) << 18 | (utf8[at + ONE] & 0x3F) << 12 | (utf8[at + TWO] & 0x3F) << 6
        return np.uint32(min(code | (utf8[at + THREE] & 0x3F), CODE_POINTS - 1)), FOUR
    return np.uint32(0), left


@inlined
def _entry(code: np.uint32, page_of: Array, entries: Array) -> np.uint32:
    return entries[np.uint64(page_of[code >> np.uint32(8)]) * PAGE_SIZE + np.uint64(code & np.uint32(0xFF))]


@inlined
def _emit(entry: np.uint32, expansions: Array, out: Array, filled: np.uint64) -> np.uint64:
    kind = (entry >> np.uint32(KIND_SHIFT)) & np.uint32(3)
    value = entry & np.uint32(VALUE_MASK)
    if kind == KIND_PAIR:
        out[filled] = 0x4000 | value >> np.uint32(7)
        out[filled + ONE] = TRAIL | value & np.uint32(0x7F)
        return filled + TWO
    if kind == KIND_EXPANSION:
        size = np.uint64(expansions[value])
        for i in range(size):
            out[filled + np.uint64(i)] = expansions[np.uint64(value) + ONE + np.uint64(i)]
        return filled + size
    out[filled] = value
    return filled + np.uint64(value != 0)


@inlined
def _symbols_of(entry: np.uint32, expansions: Array) -> int:
    """How many symbols `_emit` would write."""
    kind = (entry >> np.uint32(KIND_SHIFT)) & np.uint32(3)
    value = entry & np.uint32(VALUE_MASK)
    if kind == KIND_PAIR:
        return 2
    if kind == KIND_EXPANSION:
        return np.int64(expansions[value])
    return np.int64(value != 0)


@inlined
def _is_ascii(utf8: Array, at: np.uint64) -> bool:
    """Whether a whole group of ANCHOR_CHARS bytes from `at` on is ASCII."""
    if at + GROUP > np.uint64(utf8.size):
        return False
    bits = np.uint8(0)
    for i in range(GROUP):
        bits |= utf8[at + np.uint64(i)]
    return bits < 128


@compiled(READ_U8, INT, READ_U32, READ_U32, READ_U16, READ_U16, WRITE_U16, INT, WRITE_U32, WRITE_U32, INT)
def _fold(
    utf8: Array,
    first: int,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    out: Array,
    before: int,
    anchors: Array,
    byte_anchors: Array,
    anchor: int,
) -> tuple[int, int, int]:
    """Fold until the input ends or `out` might not hold another 64 code points. Returns the bytes read, the symbols
    written and the anchors written, each counted from the start of its array."""
    at, filled, size = np.uint64(first), np.uint64(before), np.uint64(utf8.size)
    room = np.uint64(out.size)
    while at < size and filled + GROUP * LONGEST <= room:
        anchors[anchor] = filled
        byte_anchors[anchor] = at
        anchor += 1
        if _is_ascii(utf8, at):
            for i in range(GROUP):
                symbol = ascii_symbols[utf8[at + np.uint64(i)]]
                out[filled] = symbol
                filled += np.uint64(symbol != 0)
            at += GROUP
            continue
        done = 0
        while done < ANCHOR_CHARS and at < size:
            if utf8[at] < 128:
                symbol = ascii_symbols[utf8[at]]
                out[filled] = symbol
                filled += np.uint64(symbol != 0)
                at += ONE
            else:
                code, width = _code_point(utf8, at)
                filled = _emit(_entry(code, page_of, entries), expansions, out, filled)
                at += width
            done += 1
    return np.int64(at), np.int64(filled), anchor


@compiled(READ_U8, READ_U32, READ_U32, READ_U16, READ_U16, INT, WRITE_I64, WRITE_I64)
def _measure(
    utf8: Array,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    block_chars: int,
    bytes_before: Array,
    symbols_before: Array,
) -> int:
    """Bytes and symbols before each block of `block_chars` code points (a multiple of 64); returns all symbols."""
    at, size = np.uint64(0), np.uint64(utf8.size)
    symbols = block = 0
    while at < size:
        bytes_before[block] = at
        symbols_before[block] = symbols
        block += 1
        for _ in range(block_chars // ANCHOR_CHARS):
            if _is_ascii(utf8, at):
                for i in range(GROUP):
                    symbols += ascii_symbols[utf8[at + np.uint64(i)]] != 0
                at += GROUP
                continue
            done = 0
            while done < ANCHOR_CHARS and at < size:
                width, more = ONE, np.int64(1)
                if utf8[at] < 128:
                    more = np.int64(ascii_symbols[utf8[at]] != 0)
                else:
                    code, width = _code_point(utf8, at)
                    more = _symbols_of(_entry(code, page_of, entries), expansions)
                symbols += more
                at += width
                done += 1
    return symbols


@compiled(READ_U8, READ_U32, READ_U32, READ_U16, READ_U16, READ_I64, INT, WRITE_I64)
def _trace(
    utf8: Array,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    wanted: Array,
    first_symbol: int,
    out: Array,
) -> int:
    """Code point (counted from the start of `utf8`) of each wanted symbol position (ascending); returns how many."""
    at, size = np.uint64(0), np.uint64(utf8.size)
    symbol = first_symbol
    found = char = 0
    while at < size and found < wanted.size:
        if _is_ascii(utf8, at):
            for i in range(GROUP):
                symbol += ascii_symbols[utf8[at + np.uint64(i)]] != 0
                while found < wanted.size and wanted[found] < symbol:
                    out[found] = char + np.int64(i)
                    found += 1
            at += GROUP
            char += ANCHOR_CHARS
            continue
        done = 0
        while done < ANCHOR_CHARS and at < size:
            width, more = ONE, np.int64(1)
            if utf8[at] < 128:
                more = np.int64(ascii_symbols[utf8[at]] != 0)
            else:
                code, width = _code_point(utf8, at)
                more = _symbols_of(_entry(code, page_of, entries), expansions)
            symbol += more
            while found < wanted.size and wanted[found] < symbol:
                out[found] = char
                found += 1
            at += width
            char += 1
            done += 1
    return found


@compiled(READ_U8, READ_U32, READ_U32, READ_U16, READ_U16, READ_I64, READ_I64, WRITE_I64)
def _trace_pieces(
    utf8: Array,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    wanted: Array,
    firsts: Array,
    out: Array,
) -> None:
    """As `_trace`, for pieces of 64 code points (the last may be shorter) one after the other in `utf8`: in piece i,
    before which `firsts[i]` symbols lie, the code point of symbol `wanted[i]`."""
    at, size = np.uint64(0), np.uint64(utf8.size)
    for piece in range(wanted.size):
        symbol = firsts[piece]
        place = -1
        char = 0
        while char < ANCHOR_CHARS and at < size:
            width, more = ONE, np.int64(1)
            if utf8[at] < 128:
                more = np.int64(ascii_symbols[utf8[at]] != 0)
            else:
                code, width = _code_point(utf8, at)
                more = _symbols_of(_entry(code, page_of, entries), expansions)
            symbol += more
            if place < 0 and wanted[piece] < symbol:
                place = char
            at += width
            char += 1
        out[piece] = place if place >= 0 else char


@compiled(READ_U8, READ_U32, READ_U32, READ_U16, READ_U16, READ_U64, READ_U64, INT, INT, READ_I64, WRITE_I64_ROWS)
def _trace_in_blocks(
    utf8: Array,
    page_of: Array,
    entries: Array,
    expansions: Array,
    ascii_symbols: Array,
    block_bytes: Array,
    block_symbols: Array,
    block_chars: int,
    end_byte: int,
    wanted: Array,
    out: Array,
) -> None:
    """Code point, first byte and byte after it (columns of `out`) of each wanted symbol in a text of blocks of
    `block_chars` code points, where `block_bytes` and `block_symbols` lie before each. Beyond the last letter of a
    block: that letter."""
    block = -1
    at, size = np.uint64(0), np.uint64(0)
    symbol = char = place = 0
    place_from = place_to = np.uint64(0)
    for n in range(wanted.size):
        low, high = 0, np.int64(block_symbols.size)
        while high - low > 1:
            middle = (low + high) >> 1
            if np.int64(block_symbols[middle]) <= wanted[n]:
                low = middle
            else:
                high = middle
        if low != block or wanted[n] < symbol:  # else go on from the position before
            block = low
            end = np.int64(block_bytes[low + 1]) if low + 1 < block_bytes.size else end_byte
            size = np.uint64(min(max(end, 0), utf8.size))
            at = block_bytes[low] if block_bytes[low] < size else size
            symbol = np.int64(block_symbols[low])
            char = place = 0
            place_from = place_to = at
        while at < size and symbol <= wanted[n]:
            if symbol + ANCHOR_CHARS <= wanted[n] and _is_ascii(utf8, at) and at + GROUP <= size:
                for i in range(GROUP):
                    symbol += ascii_symbols[utf8[at + np.uint64(i)]] != 0
                at += GROUP
                char += ANCHOR_CHARS
                continue
            width, more = ONE, np.int64(1)
            if utf8[at] < 128:
                more = np.int64(ascii_symbols[utf8[at]] != 0)
            else:
                code, width = _code_point(utf8, at)
                more = _symbols_of(_entry(code, page_of, entries), expansions)
            if more:
                place, place_from, place_to = char, at, at + width
            symbol += more
            at += width
            char += 1
        out[n, 0], out[n, 1], out[n, 2] = low * block_chars + place, place_from, place_to


def places_in_blocks(
    utf8: Array, block_bytes: Array, block_symbols: Array, block_chars: int, end_byte: int, positions: Array
) -> Array:
    """Code-point offset, first byte and byte after it (int64[n, 3]) of symbol positions in a text that lies in `utf8`
    in blocks, as a segment keeps it."""
    out = np.empty((positions.size, 3), np.int64)
    _trace_in_blocks(
        utf8, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, block_bytes, block_symbols, block_chars, end_byte, positions, out
    )
    return out


def char_offsets(text: str, stream: LetterStream, positions: Array) -> Array:
    """Code-point offset in `text` of each symbol position (ascending int64[n], each < number of symbols)."""
    if positions.size * SPARSE_CHARS < len(text):
        return scattered_offsets(text, stream, positions)
    out = np.zeros(positions.size, np.int64)
    per_block = BLOCK_CHARS // ANCHOR_CHARS
    for start in range(0, len(text), BLOCK_CHARS):
        first = int(stream.anchors[start // ANCHOR_CHARS])
        after = start // ANCHOR_CHARS + per_block
        last = int(stream.anchors[after]) if after * ANCHOR_CHARS < len(text) else stream.symbols.size
        low, high = np.searchsorted(positions, [first, last])
        if low < high:
            utf8 = utf8_of(text[start : start + BLOCK_CHARS])
            _trace(utf8, PAGE_OF, ENTRIES, EXPANSIONS, ASCII, positions[low:high], first, out[low:high])
            out[low:high] += start
    return out


def scattered_offsets(text: str, stream: LetterStream, positions: Array) -> Array:
    """As `char_offsets`, for few positions in any order: only the 64 code points around each are read again."""
    if not positions.size:
        return np.empty(0, np.int64)
    used = (stream.chars + ANCHOR_CHARS - 1) // ANCHOR_CHARS
    anchors = stream.anchors[:used].searchsorted(positions.astype(np.uint32), side="right") - 1
    starts = (anchors * ANCHOR_CHARS).tolist()
    # Pieces are of 64 code points but for the one at the end of the text: where that is not the last, it is filled up.
    pieces = [text[start : start + ANCHOR_CHARS] for start in starts]
    if max(starts) + ANCHOR_CHARS > len(text):
        pieces = [piece.ljust(ANCHOR_CHARS) for piece in pieces]
    out = np.empty(positions.size, np.int64)
    firsts = stream.anchors[anchors].astype(np.int64)
    _trace_pieces(utf8_of("".join(pieces)), PAGE_OF, ENTRIES, EXPANSIONS, ASCII, positions, firsts, out)
    out += anchors * ANCHOR_CHARS
    return out


def char_offset(text: str, stream: LetterStream, position: int) -> int:
    """Code-point offset in `text` of one symbol position."""
    return int(scattered_offsets(text, stream, np.array([position], np.int64))[0])


@compiled(READ_U8, READ_U32, READ_U32, READ_U8, INT)
def _count_words(utf8: Array, page_of: Array, entries: Array, ascii_classes: Array, state: int) -> tuple[int, int]:
    """Words that begin in `utf8`; state: 0 outside a word, 1 in one, 2 after an apostrophe in one."""
    words = 0
    at, size = np.uint64(0), np.uint64(utf8.size)
    while at < size:
        if _is_ascii(utf8, at):
            inside, pending = np.uint8(state == 1), np.uint8(state == 2)
            begun = np.uint64(0)
            for i in range(GROUP):
                word = ascii_classes[utf8[at + np.uint64(i)]]
                letter = np.uint8(word == WORD_LETTER)
                begun += np.uint64(letter & ~(inside | pending) & np.uint8(1))
                pending = np.uint8(word == WORD_APOSTROPHE) & inside
                inside = letter
            words += np.int64(begun)
            state = 1 if inside else (2 if pending else 0)
            at += GROUP
            continue
        done = 0
        while done < ANCHOR_CHARS and at < size:
            code, width = _code_point(utf8, at)
            at += width
            done += 1
            entry_class = _entry(code, page_of, entries) >> np.uint32(WORD_SHIFT)
            if entry_class == WORD_LETTER:
                words += 1 if state == 0 else 0
                state = 1
            elif entry_class == WORD_CHARACTER:
                words += 1
                state = 0
            elif entry_class == WORD_APOSTROPHE:
                state = 2 if state == 1 else 0
            elif entry_class != WORD_TRANSPARENT:
                state = 0
    return words, state


def count_words(text: str) -> int:
    """Words: maximal runs of letters or digits, apostrophes inside included; a Han, kana or Hangul character is one."""
    words = state = 0
    for start in range(0, len(text), BLOCK_CHARS):
        utf8 = utf8_of(text[start : start + BLOCK_CHARS])
        more, state = _count_words(utf8, PAGE_OF, ENTRIES, ASCII_CLASSES, state)
        words += more
    return words


@compiled(READ_U8, READ_U32, READ_U32, READ_U8, READ_I64_ROWS, WRITE_I64)
def _count_words_between(
    utf8: Array, page_of: Array, entries: Array, ascii_classes: Array, places: Array, out: Array
) -> None:
    for n in range(out.size):
        stretch = utf8[places[2 * n, 1] : places[2 * n + 1, 2]]
        out[n] = _count_words(stretch, page_of, entries, ascii_classes, 0)[0]


def words_between(utf8: Array, places: Array) -> list[int]:
    """Words of stretches of UTF-8 bytes, from the first byte of one row of places to the end of the next's."""
    out = np.empty(len(places) // 2, np.int64)
    _count_words_between(utf8, PAGE_OF, ENTRIES, ASCII_CLASSES, places, out)
    return out.tolist()


def count_letters(symbols: Array) -> int:
    """Letters in a stretch of the stream: symbols that are not the trail of a pair."""
    return int(np.count_nonzero(symbols < TRAIL))


# ---- Batches of texts ----


def _emitted() -> Array:
    """For each entry of the table the one or two symbols it stands for (low half first); an expansion's place."""
    kind, value = ENTRIES >> np.uint32(KIND_SHIFT) & np.uint32(3), ENTRIES & np.uint32(VALUE_MASK)
    pairs = 0x4000 | value >> np.uint32(7) | (TRAIL | value & np.uint32(0x7F)) << np.uint32(16)
    choices = [kind == KIND_PAIR, kind == KIND_EXPANSION]
    return np.select(choices, [pairs, EXPANSION | value], value).astype(np.uint32)


EXPANSION = np.uint32(0xFFFF0000)  # no pair looks like this
PAGE_STARTS = PAGE_OF * np.uint32(PAGE)
EMITTED = _emitted()
WORD_CLASSES = (ENTRIES >> np.uint32(WORD_SHIFT)).astype(np.uint8)
page_start = table_reader("colophon_page_starts", PAGE_STARTS)
emitted = table_reader("colophon_emitted_symbols", EMITTED)
expansion_symbol = table_reader("colophon_expansions", EXPANSIONS)
word_class_at = table_reader("colophon_word_classes", WORD_CLASSES)

ZERO, GROUP_CHARS = np.uint64(0), np.uint64(ANCHOR_CHARS)
SLACK_SYMBOLS = ANCHOR_CHARS * MAX_EXPANSION  # no group of code points brings more
SLACK = np.uint64(SLACK_SYMBOLS)
MOST_SYMBOLS_A_BYTE = 6
KEPT_BYTES = 64 << 20


class Letters(NamedTuple):
    """Texts and their letters, one text after the other. Symbols, bytes and groups are counted over the whole batch.

    A group is 64 code points, the last of a text fewer; each text begins a new one. The arrays are overwritten by the
    next batch that is folded with the same scratch.
    """

    utf8: Array  # uint8
    text_bytes: Array  # int64[n + 1]: text i is utf8[text_bytes[i] : text_bytes[i + 1]]
    symbols: Array  # uint16
    text_symbols: Array  # int64[n + 1]
    anchor_symbols: Array  # int64: symbols before each group
    anchor_bytes: Array  # int64: bytes before each group
    text_anchors: Array  # int64[n + 1]: first group of each text
    text_chars: Array  # int64[n]: code points
    text_letters: Array  # int64[n]: a pair of symbols is one letter


class Scratch:
    """Arrays that are used again from call to call: memory fresh from the system costs more than folding into it."""

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {}

    def array(self, name: str, size: int, dtype: npt.DTypeLike) -> Array:
        """An array of that name and size, its content whatever it is; very large ones are not kept."""
        found = self._arrays.get(name)
        if found is None or found.size < size:
            found = np.empty(size + size // 4, dtype)
            if found.nbytes <= KEPT_BYTES:
                self._arrays[name] = found
        return found[:size]


class _OfThread(threading.local):
    def __init__(self) -> None:
        self.scratch = Scratch()


_OF_THREAD = _OfThread()


def fold_texts(texts: Sequence[str], scratch: Scratch | None = None) -> Letters:
    """Fold a batch of texts. Without a `scratch` of one's own the answer holds until the thread's next batch."""
    scratch = scratch or _OF_THREAD.scratch
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    count = len(texts)
    numbers = scratch.array("numbers", 5 * count + 3, np.int64)
    text_bytes, text_symbols, text_anchors = (numbers[i * (count + 1) : (i + 1) * (count + 1)] for i in range(3))
    text_chars, text_letters = numbers[3 * count + 3 : 4 * count + 3], numbers[4 * count + 3 :]
    text_bytes[0] = text_anchors[0] = 0
    text_chars[:] = np.fromiter(map(len, texts), np.int64, count)
    np.cumsum(np.fromiter(map(len, encoded), np.int64, count), out=text_bytes[1:])
    np.cumsum((text_chars + (ANCHOR_CHARS - 1)) // ANCHOR_CHARS, out=text_anchors[1:])
    utf8 = np.frombuffer(encoded[0] if count == 1 else b"".join(encoded), np.uint8)
    groups = int(text_anchors[-1])
    anchor_symbols, anchor_bytes = (scratch.array(name, groups, np.int64) for name in ("groups", "group_bytes"))
    # A few characters have more symbols than bytes of UTF-8: a text made of those is folded a second time.
    for symbols_a_byte in (1, MOST_SYMBOLS_A_BYTE):
        symbols = scratch.array("symbols", symbols_a_byte * utf8.size + SLACK_SYMBOLS, np.uint16)
        if _fold_all(utf8, text_bytes, symbols, text_symbols, anchor_symbols, anchor_bytes, text_letters):
            break
    if text_symbols[-1] > MAX_SYMBOLS:
        raise TextTooLong(f"texts of more than {MAX_SYMBOLS} letters", letters=int(text_symbols[-1]))
    symbols = symbols[: text_symbols[-1]]
    return Letters(
        utf8, text_bytes, symbols, text_symbols, anchor_symbols, anchor_bytes, text_anchors, text_chars, text_letters
    )


@subroutine
def entry_at(utf8: Array, at: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Number of the table's entry for the character at a byte, and the character's width in bytes."""
    code, width = _code_point(utf8, at)
    return np.uint64(page_start(np.uint64(code >> np.uint32(8)))) + np.uint64(code & np.uint32(0xFF)), width


@subroutine
def symbols_at(utf8: Array, at: np.uint64) -> tuple[np.uint64, np.uint64]:
    """How many symbols the character at a byte stands for, and its width in bytes."""
    entry, width = entry_at(utf8, at)
    pair = emitted(entry)
    if pair >= EXPANSION:
        return np.uint64(expansion_symbol(np.uint64(pair & np.uint32(0xFFFF)))), width
    return np.uint64(pair & np.uint32(0xFFFF) != 0) + np.uint64(pair > np.uint32(0xFFFF)), width


@subroutine
def fold_chars(
    utf8: Array, at: np.uint64, end: np.uint64, most: np.uint64, out: Array, filled: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Fold up to `most` (≤ 64) code points from byte `at` on, before byte `end`. Returns the byte after them and the
    symbols in `out`, which has room for what may come and SLACK_SYMBOLS more."""
    left = most
    while left > ZERO and at < end:
        if utf8[at] < 128 and at + GROUP_CHARS <= np.uint64(utf8.size):
            letters, others = masks(utf8, at)
            run = min(first_bit(others), end - at, left)
            if run < GROUP_CHARS:
                letters &= (ONE << run) - ONE
            write_small(out, filled, utf8, at, letters)
            filled += count_bits(letters)
            at += run
            left -= run
            continue
        entry, width = entry_at(utf8, at)
        pair = emitted(entry)
        if pair < EXPANSION:
            out[filled] = pair & np.uint32(0xFFFF)
            out[filled + ONE] = pair >> np.uint32(16)
            filled += np.uint64(pair & np.uint32(0xFFFF) != 0) + np.uint64(pair > np.uint32(0xFFFF))
        else:
            first = np.uint64(pair & np.uint32(0xFFFF))
            size = np.uint64(expansion_symbol(first))
            for i in range(size):
                out[filled + np.uint64(i)] = expansion_symbol(first + ONE + np.uint64(i))
            filled += size
        at += width
        left -= ONE
    return at, filled


@compiled(READ_U8, READ_I64, WRITE_U16, WRITE_I64, WRITE_I64, WRITE_I64, WRITE_I64)
def _fold_all(
    utf8: Array,
    text_bytes: Array,
    out: Array,
    text_symbols: Array,
    anchor_symbols: Array,
    anchor_bytes: Array,
    text_letters: Array,
) -> bool:
    """Fold every text of a batch; False if `out` is too small."""
    filled, group, room = ZERO, ZERO, np.uint64(out.size)
    text_symbols[0] = 0
    for text in range(text_letters.size):
        at, end = np.uint64(text_bytes[text]), np.uint64(text_bytes[text + 1])
        first = filled
        while at < end:
            if filled + SLACK > room:
                return False
            anchor_symbols[group] = filled
            anchor_bytes[group] = at
            group += ONE
            at, filled = fold_chars(utf8, at, end, GROUP_CHARS, out, filled)
        trails = ZERO
        for i in range(first, filled):
            trails += np.uint64(out[np.uint64(i)] >= TRAIL)
        text_symbols[text + 1] = filled
        text_letters[text] = filled - first - trails
    return True


@subroutine
def fold_stretch(utf8: Array, from_byte: int, wanted: int, out: Array, filled: int) -> int:
    """Fold UTF-8 from a byte on that begins a character, until `wanted` symbols have come or the bytes end. Writes to
    `out` from index `filled` on and returns the index after; a last character may bring a few symbols more.

    `out` must have room for `wanted` symbols and SLACK_SYMBOLS more. What follows the end of a work must be cut off.
    """
    at, end, first = np.uint64(from_byte), np.uint64(utf8.size), np.uint64(filled)
    next_, last = first, first + np.uint64(wanted)
    while at < end and next_ < last:
        # a character rarely has more symbols than one, so this many seldom bring too much
        at, next_ = fold_chars(utf8, at, end, min(GROUP_CHARS, last - next_), out, next_)
    return np.int64(next_)
