"""Counting words: maximal runs of letters or digits, apostrophes inside included; a Han or kana character is one."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import INT, READ_U8, compiled
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
    where_equal,
)
from ingest.engine.letter_format import WORD_APOSTROPHE, WORD_CHARACTER, WORD_LETTER, WORD_TRANSPARENT
from ingest.engine.lookup import Array, classes_of, entry_at, word_class_at
from ingest.engine.normalise import BLOCK_CHARS, READ_AHEAD, first_chars, utf8_of

ZERO, ONE, GROUP, CLASSES = np.uint64(0), np.uint64(1), np.uint64(64), np.uint64(16)
OUTSIDE, INSIDE, PENDING = np.uint64(0), np.uint64(1), np.uint64(2)  # PENDING: after an apostrophe inside a word
APOSTROPHE = np.uint8(ord("'"))


@near
def _step(
    letters: np.uint64, apostrophes: np.uint64, chars: np.uint64, state: np.uint64
) -> tuple[np.uint64, np.uint64]:
    """Words that begin in up to 64 characters, of which bit i says what the i-th is, and the state after them."""
    after_letter = letters << ONE | np.uint64(state == INSIDE)
    pending = apostrophes & after_letter
    begun = letters & ~(after_letter | pending << ONE | np.uint64(state == PENDING))
    last = chars - ONE
    return count_bits(begun), letters >> last & ONE | (pending >> last & ONE) << ONE


@near
def _classes(codes: Array, chars: np.uint64) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Which of up to 64 code points are letters, apostrophes, words of their own, and nothing at all."""
    letters = apostrophes = characters = nothing = ZERO
    for i in range(ZERO, chars, CLASSES):
        more_letters, more_apostrophes, more_characters, more_nothing = classes_of(codes, i)
        letters |= more_letters << i
        apostrophes |= more_apostrophes << i
        characters |= more_characters << i
        nothing |= more_nothing << i
    valid = low_bits(chars)
    return letters & valid, apostrophes & valid, characters & valid, nothing & valid


@near
def _pass(kind: int, state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Words that begin with a character of some class, and the state after it."""
    if kind == WORD_LETTER:
        return np.uint64(state == OUTSIDE), INSIDE
    if kind == WORD_CHARACTER:
        return ONE, OUTSIDE
    if kind == WORD_APOSTROPHE:
        return ZERO, PENDING if state == INSIDE else OUTSIDE
    return ZERO, state if kind == WORD_TRANSPARENT else OUTSIDE


@near
def count_on(utf8: Array, at: np.uint64, end: np.uint64, state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Words that begin between two bytes, and the state at the end of them."""
    codes = code_buffer()
    words = ZERO
    while at < end:
        if at + READ_AHEAD <= np.uint64(utf8.size):
            letters, others, starts, long = masks(utf8, at)
            span = min(GROUP, end - at)
            if first_bit(others) >= span:
                begun, state = _step(letters & low_bits(span), where_equal(utf8, at, APOSTROPHE), span, state)
                words += begun
                at += span
                continue
            starts, chars, read = first_chars(utf8, at, min(span, first_bit(long)), starts, GROUP)
            if PACKS and chars > ZERO:
                decode(codes, utf8, at, starts)
                letters, apostrophes, characters, nothing = _classes(codes, chars)
                while nothing:  # what is between two marks moves up
                    before = low_bits(first_bit(nothing))
                    letters = letters & before | letters >> ONE & ~before
                    apostrophes = apostrophes & before | apostrophes >> ONE & ~before
                    characters = characters & before | characters >> ONE & ~before
                    nothing = (nothing & (nothing - ONE)) >> ONE
                    chars -= ONE
                if chars > ZERO:
                    begun, state = _step(letters, apostrophes, chars, state)
                    words += begun + count_bits(characters)
                at = min(at + read, end)
                continue
        entry, width = entry_at(utf8, at)
        begun, state = _pass(word_class_at(entry), state)
        words += begun
        at += width
    return words, state


@apart
def words_between(utf8: Array, from_byte: int, to_byte: int) -> int:
    """Words in a stretch of UTF-8 between two bytes, each of which begins a character or ends the text."""
    end = np.uint64(min(max(to_byte, 0), utf8.size))
    return np.int64(count_on(utf8, np.uint64(max(from_byte, 0)), end, OUTSIDE)[0])


@compiled(READ_U8, INT)
def _count(utf8: Array, state: int) -> tuple[int, int]:
    words, after = count_on(utf8, ZERO, np.uint64(utf8.size), np.uint64(state))
    return np.int64(words), np.int64(after)


def count_words(text: str) -> int:
    """Words of a text: maximal runs of letters or digits, apostrophes inside included; a Han, kana or Hangul character
    is one."""
    words = state = 0
    for start in range(0, len(text), BLOCK_CHARS):
        more, state = _count(utf8_of(text[start : start + BLOCK_CHARS]), state)
        words += more
    return words
