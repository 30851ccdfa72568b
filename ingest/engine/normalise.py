"""Text → letter stream: case, accents, punctuation, space, hyphenation and script variants fold away.

The stream is an array of uint16 symbols (see `letter_format`). Instead of an offset a symbol it keeps, every 64 code
points, how many symbols and bytes came before: `places` traces any symbol to its code point by reading at most 64 of
them again. A whole batch of texts is folded by one kernel, 64 bytes at once; the same subroutines read the UTF-8 of a
work inside an index, where a damaged file may hold any bytes at all: nothing here reads or writes out of range.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ingest.engine.compiled import READ_I64, READ_U8, WRITE_I64, WRITE_U16, compiled
from ingest.engine.errors import TextTooLong
from ingest.engine.lanes import (
    PACKS,
    apart,
    code_buffer,
    count_bits,
    decode,
    first_bit,
    last_bit,
    low_bits,
    masks,
    near,
    nth_bit,
    write_small,
)
from ingest.engine.letter_format import TRAIL
from ingest.engine.lookup import TABLE_DIGEST, Array, entry_at, pair_at, pair_of, word_class_at, write_pair, write_pairs

ANCHOR_CHARS = 64
BLOCK_CHARS = 1 << 20  # a multiple of ANCHOR_CHARS
MAX_SYMBOLS = 2**32 - 2**16
MAX_EXPANSION = 32  # symbols of one code point; the longest in the table is 18
MOST_SYMBOLS_A_BYTE = 6
SLACK_SYMBOLS = ANCHOR_CHARS * MAX_EXPANSION  # no group of code points brings more
KEPT_BYTES = 16 << 20

# For kernels: signed index arithmetic costs up to a third, and signed with unsigned would give a float.
ZERO, ONE = np.uint64(0), np.uint64(1)
GROUP, SLACK, PAIRS = np.uint64(ANCHOR_CHARS), np.uint64(SLACK_SYMBOLS), np.uint64(16)
LONG_RUN = np.uint64(32)  # ASCII before a first other letter that is worth a step of its own
SOME = np.uint64(16)  # characters taken one by one before it is looked again whether a run of ASCII follows
READ_AHEAD = np.uint64(66)  # bytes that one step may look at

__all__ = ["TABLE_DIGEST", "Array", "entry_at", "word_class_at"]  # of `lookup`, for those who only use this module


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
        self.aside = Scratch()  # for single texts, so that they leave the batch of the thread alone


_OF_THREAD = _OfThread()


def fold_texts(texts: Sequence[str], scratch: Scratch | None = None) -> Letters:
    """Fold a batch of texts. Without a `scratch` of one's own the answer holds until the thread's next batch.

    Takes three bytes and a quarter of memory for a byte of UTF-8. Raises `TextTooLong` beyond 2³² symbols.
    """
    scratch = scratch or _OF_THREAD.scratch
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    count = len(texts)
    utf8 = np.frombuffer(encoded[0] if count == 1 else b"".join(encoded), np.uint8)
    text_bytes = np.fromiter(accumulate(map(len, encoded), initial=0), np.int64, count + 1)
    text_chars = np.fromiter(map(len, texts), np.int64, count)
    text_symbols, text_anchors, text_letters = scratch.array("texts", 3 * count + 3, np.int64).reshape(3, count + 1)
    groups = utf8.size // ANCHOR_CHARS + count  # or fewer
    anchor_symbols, anchor_bytes = scratch.array("anchors", 2 * groups, np.int64).reshape(2, groups)
    # A few characters have more symbols than bytes of UTF-8: a batch of mostly those is folded a second time.
    for symbols_a_byte in (1, MOST_SYMBOLS_A_BYTE):
        symbols = scratch.array("symbols", symbols_a_byte * utf8.size + SLACK_SYMBOLS, np.uint16)
        if _fold_all(utf8, text_bytes, symbols, text_symbols, anchor_symbols, anchor_bytes, text_anchors, text_letters):
            break
    if text_symbols[-1] > MAX_SYMBOLS:
        raise TextTooLong(f"texts of more than {MAX_SYMBOLS} letters", letters=int(text_symbols[-1]))
    groups = text_anchors[-1]
    return Letters(
        utf8,
        text_bytes,
        symbols[: text_symbols[-1]],
        text_symbols,
        anchor_symbols[:groups],
        anchor_bytes[:groups],
        text_anchors,
        text_chars,
        text_letters[:count],
    )


@near
def first_chars(utf8: Array, at: np.uint64, span: np.uint64, starts: np.uint64, most: np.uint64) -> Any:
    """Of the characters that begin where `starts` says in the `span` bytes (≤ 64) from `at` on, the first `most`: where
    they begin, how many they are, and their bytes; the first and the last have three at most."""
    starts &= low_bits(span)
    chars = count_bits(starts)
    if chars > most:
        starts &= low_bits(nth_bit(starts, most))
        chars = most
    last = last_bit(starts)
    lead = utf8[at + last] if chars else np.uint8(0)
    return starts, chars, last + ONE + np.uint64(lead >= 0xC0) + np.uint64(lead >= 0xE0)


@near
def fold_chars(
    utf8: Array, at: np.uint64, end: np.uint64, most: np.uint64, out: Array, filled: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Fold up to `most` (≤ 64) code points from byte `at` on, before byte `end`. Returns the byte after them and the
    symbols in `out`, which has room for what may come and SLACK_SYMBOLS more."""
    codes = code_buffer()
    left = most
    while left > ZERO and at < end:
        if at + READ_AHEAD <= np.uint64(utf8.size):
            letters, others, starts, long = masks(utf8, at)
            span = min(GROUP, end - at)
            run = min(first_bit(others), span, left)
            if run >= LONG_RUN or run == min(span, left):
                if PACKS:
                    letters &= low_bits(run)
                    write_small(out, filled, utf8, at, letters)
                    filled += count_bits(letters)
                else:
                    for i in range(run):
                        symbol = pair_of(np.uint64(utf8[at + np.uint64(i)]))
                        out[filled] = symbol
                        filled += np.uint64(symbol != 0)
                at += run
                left -= run
                continue
            starts, chars, read = first_chars(utf8, at, min(span, first_bit(long)), starts, left)
            if PACKS and chars > ZERO:
                decode(codes, utf8, at, starts)
                for i in range(ZERO, chars, PAIRS):
                    written, expansions = write_pairs(out, filled, codes, i, chars - i)
                    filled += written
                    if expansions:
                        filled -= written
                        for j in range(i, min(i + PAIRS, chars)):
                            filled = write_pair(pair_of(np.uint64(codes[j])), out, filled)
                at = min(at + read, end)
                left -= chars
                continue
        for _ in range(ONE if PACKS else SOME):
            if left == ZERO or at >= end:
                break
            entry, width = entry_at(utf8, at)
            filled = write_pair(pair_at(entry), out, filled)
            at += width
            left -= ONE
    return at, filled


@compiled(READ_U8, READ_I64, WRITE_U16, WRITE_I64, WRITE_I64, WRITE_I64, WRITE_I64, WRITE_I64)
def _fold_all(
    utf8: Array,
    text_bytes: Array,
    out: Array,
    text_symbols: Array,
    anchor_symbols: Array,
    anchor_bytes: Array,
    text_anchors: Array,
    text_letters: Array,
) -> bool:
    """Fold every text of a batch; False if `out` is too small."""
    filled, group, room = ZERO, ZERO, np.uint64(out.size)
    text_symbols[0] = text_anchors[0] = 0
    for text in range(text_bytes.size - 1):
        at, end = np.uint64(text_bytes[text]), np.uint64(text_bytes[text + 1])
        first = filled
        while at < end:
            if filled + SLACK > room:
                return False
            anchor_symbols[group] = filled
            anchor_bytes[group] = at
            group += ONE
            at, filled = fold_chars(utf8, at, end, GROUP, out, filled)
        trails = ZERO
        for i in range(first, filled):
            trails += np.uint64(out[np.uint64(i)] >= TRAIL)
        text_symbols[text + 1] = filled
        text_anchors[text + 1] = group
        text_letters[text] = filled - first - trails
    return True


@apart
def fold_stretch(utf8: Array, from_byte: int, wanted: int, out: Array, filled: int) -> int:
    """Fold UTF-8 from a byte on that begins a character, until `wanted` symbols have come or the bytes end. Writes to
    `out` from index `filled` on and returns the index after; the last characters may bring some symbols more.

    `out` must have room for `wanted` symbols and SLACK_SYMBOLS more. What follows the end of a work must be cut off.
    """
    at, end, after = np.uint64(from_byte), np.uint64(utf8.size), np.uint64(filled)
    last = after + np.uint64(max(wanted, 0))
    while at < end and after < last:
        at, after = fold_chars(utf8, at, end, min(GROUP, last - after), out, after)
    return np.int64(after)


def fold_aside(text: str) -> Letters:
    """Fold one text while a batch is being worked on; the answer holds until the thread's next such call."""
    return fold_texts([text], _OF_THREAD.aside)


@dataclass(frozen=True)
class LetterStream:
    """The folded letters of one text that are one's own to keep.

    symbols: uint16[n]. block_symbols: int64, symbols before each BLOCK_CHARS code points. chars: code points.
    """

    symbols: Array
    block_symbols: Array
    chars: int


def letter_stream(text: str) -> LetterStream:
    """Fold one text, of any length: 2 bytes of memory a letter."""
    parts, before = [], [0]
    for start in range(0, len(text), BLOCK_CHARS):
        parts.append(fold_aside(text[start : start + BLOCK_CHARS]).symbols.copy())
        before.append(before[-1] + parts[-1].size)
    if before[-1] > MAX_SYMBOLS:
        raise TextTooLong(f"a text of more than {MAX_SYMBOLS} letters", letters=before[-1])
    symbols = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.uint16), *parts])
    return LetterStream(symbols, np.array(before[:-1], np.int64), len(text))


def utf8_of(text: str) -> Array:
    """The bytes of a text (uint8), lone surrogates included."""
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)


def count_letters(symbols: Array) -> int:
    """Letters in a stretch of the stream: symbols that are not the trail of a pair."""
    return int(np.count_nonzero(symbols < TRAIL))
