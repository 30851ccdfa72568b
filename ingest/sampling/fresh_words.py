"""How much a text says anew: words that repeat neither its prompt nor itself.

Whoever corrects, sorts or lists what was handed to them, or works out a sum in the question's words, writes nearly the
same text as everybody else who does it. What is said anew is where two writers part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest

from ingest.sampling.own_words import ASCII_TOKENS, HAN, TOKENS

PHRASE = 3  # words in a row that count as repeated
HAN_CHARACTER = 0.5  # of a word
LETTERS = re.compile(r"[a-z]+")  # the words but numbers of a text that is all ASCII and in lower case


def fresh_words(text: str, known: Iterable[str]) -> float:
    """How many words of the text, every one counted, stand in no phrase that `known` texts or its own beginning hold.

    Numbers do not count; a Han or kana character is half a word.
    """
    words = _words(text)
    phrases = {phrase for one in known for phrase in _phrases(_words(one))}
    repeated = bytearray(len(words))
    for start, phrase in enumerate(_phrases(words)):
        if phrase in phrases:
            repeated[start : start + PHRASE] = b"\1" * PHRASE
        phrases.add(phrase)
    return sum(_weight(word) for word, stale in zip(words, repeated, strict=True) if not stale)


def unasked(text: str, known: Iterable[str]) -> float:
    """The share of the text's words, every one counted but numbers, that no `known` text holds anywhere.

    A Han or kana character counts with the one behind it.
    """
    asked = {word for one in known for word in _paired(one)}
    words = _paired(text)
    return sum(word not in asked for word in words) / max(1, len(words))


def _paired(text: str) -> list[str]:
    if text.isascii():
        return LETTERS.findall(text.lower())
    words = _words(text)
    pairs = zip_longest(words, words[1:], fillvalue="")
    return [
        word + after if HAN.match(word) and HAN.match(after) else word for word, after in pairs if not word.isdigit()
    ]


def _words(text: str) -> list[str]:
    return (ASCII_TOKENS if text.isascii() else TOKENS).findall(text.casefold())


def _phrases(words: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(PHRASE)), strict=False)


def _weight(word: str) -> float:
    if word.isdigit():
        return 0.0
    return HAN_CHARACTER if HAN.match(word) else 1.0
