"""Counting words: maximal runs of letters or digits, apostrophes inside included; a Han or kana character is one."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import INT, READ_U8, compiled, subroutine
from ingest.engine.lanes import count_bits, first_bit, masks, where_equal
from ingest.engine.letter_format import WORD_APOSTROPHE, WORD_CHARACTER, WORD_LETTER, WORD_TRANSPARENT
from ingest.engine.normalise import Array, entry_at, word_class_at

ZERO, ONE, TWO, GROUP, LAST = np.uint64(0), np.uint64(1), np.uint64(2), np.uint64(64), np.uint64(63)
OUTSIDE, INSIDE, PENDING = np.uint64(0), np.uint64(1), np.uint64(2)  # PENDING: after an apostrophe inside a word
APOSTROPHE = np.uint8(ord("'"))


@subroutine
def count_on(utf8: Array, at: np.uint64, end: np.uint64, state: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Words that begin between two bytes, and the state at the end of them."""
    words = ZERO
    while at < end:
        if utf8[at] < 128 and at + GROUP <= np.uint64(utf8.size):
            letters, others = masks(utf8, at)
            run = min(first_bit(others), end - at)
            if run < GROUP:
                letters &= (ONE << run) - ONE
            inside = letters << ONE | np.uint64(state == INSIDE)  # the character before is a letter
            pending = where_equal(utf8, at, APOSTROPHE) & inside
            words += count_bits(letters & ~(inside | pending << ONE | np.uint64(state == PENDING)))
            last = run - ONE
            state = letters >> last & ONE | (pending >> last & ONE) << ONE
            at += run
            continue
        entry, width = entry_at(utf8, at)
        at += width
        kind = word_class_at(entry)
        if kind == WORD_LETTER:
            words += np.uint64(state == OUTSIDE)
            state = INSIDE
        elif kind == WORD_CHARACTER:
            words += ONE
            state = OUTSIDE
        elif kind == WORD_APOSTROPHE:
            state = PENDING if state == INSIDE else OUTSIDE
        elif kind != WORD_TRANSPARENT:
            state = OUTSIDE
    return words, state


@subroutine
def words_between(utf8: Array, from_byte: int, to_byte: int) -> int:
    """Words in a stretch of UTF-8 between two bytes, each of which begins a character or ends the text."""
    end = np.uint64(min(max(to_byte, 0), utf8.size))
    return np.int64(count_on(utf8, np.uint64(max(from_byte, 0)), end, OUTSIDE)[0])


@compiled(READ_U8, INT)
def _count(utf8: Array, state: int) -> tuple[int, int]:
    words, after = count_on(utf8, ZERO, np.uint64(utf8.size), np.uint64(state))
    return np.int64(words), np.int64(after)
