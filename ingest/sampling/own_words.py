"""The words of an answer that are its own: neither in what was asked, nor numbers.

Two people who answer one question use the question's words and arrive at the same numbers. Only what is left can say
that one text was copied from another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
HAN = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
TOKENS = re.compile(HAN.pattern + r"|\d+|[^\W\d_\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")

ASCII_WORDS = re.compile(r"[a-z]+(?:'[a-z]+)*")  # as WORDS and TOKENS, where all is ASCII: three times as fast
ASCII_TOKENS = re.compile(r"[A-Za-z]+|[0-9]+")


def words_of(text: str) -> set[str]:
    """The distinct words of a text, case folded; of a run with Han or kana characters its pairs of characters."""
    if text.isascii():
        return set(ASCII_WORDS.findall(text.lower()))
    runs = set(WORDS.findall(text.casefold()))
    if not HAN.search(text):
        return runs
    found: set[str] = set()
    for run in runs:
        if HAN.search(run):
            found.update(run[start : start + 2] for start in range(max(1, len(run) - 1)))
        else:
            found.add(run)
    return found


def own_words(stretches: Iterable[str], prompt: str) -> set[str]:
    """The distinct words of these stretches of an answer that its prompt does not hold."""
    own: set[str] = set()
    for stretch in stretches:
        own |= words_of(stretch)
    return own - words_of(prompt)


def length_of(text: str) -> int:
    """How many words, numbers and Han or kana characters a text has, every one counted."""
    return len((ASCII_TOKENS if text.isascii() else TOKENS).findall(text))
