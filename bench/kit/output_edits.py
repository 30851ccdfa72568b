"""What people do to a model's output before they hand it in: each a function from text, share and dice to text.

The share is that of the words (in Chinese: of the characters) that are touched; kinds that do not count words take the
whole text and leave it alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from math import ceil

import opencc

COMMON = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会"
WORDS = re.compile(r"\S+\s*|^\s+")
PAIRS = """
also/too and/plus are/remain because/since big/large but/yet can/may different/various easy/simple
find/locate first/initially for/regarding get/obtain give/offer good/fine great/excellent has/holds have/hold
help/assist however/nevertheless important/crucial improve/enhance in/within include/contain is/remains
it/this large/big like/such make/create many/numerous may/might more/further most/nearly must/should
need/require new/fresh not/hardly of/from often/frequently on/upon or/otherwise people/persons provide/supply
quickly/rapidly should/ought show/display small/little so/thus start/begin such/similar the/this their/its
then/afterwards they/these this/that to/towards use/employ used/employed very/quite way/manner when/whenever
which/that while/whereas will/shall with/using you/one your/one's
"""
SYNONYMS = dict(pair.split("/") for pair in PAIRS.split())
FRAMES = (
    ("Sure! Here is what you asked for:\n\n", "\n\nI hope this helps! Let me know if you have any questions."),
    ("Certainly. ", "\n\nHope that helps."),
    ("Of course! Here's an answer:\n", ""),
)
CHINESE_FRAMES = (("好的，以下是我的回答：\n", "\n希望对你有帮助。"), ("当然可以。", ""))
MARKS = re.compile(r"^[ \t]*(?:#{1,6}|[-*•]|\d+[.)])[ \t]+|\*\*|__|`+", re.MULTILINE)
PUNCTUATION = re.compile(r"[^\w\s]|_")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
QUOTES = str.maketrans({'"': "”", "'": "’", "“": "«", "”": "»", "‘": "‹", "’": "'"})

Edit = Callable[[str, float, random.Random, Sequence[str]], str]


def is_chinese(text: str) -> bool:
    """Whether a third of the characters are Han."""
    return sum("\u4e00" <= character <= "\u9fff" for character in text) > 0.3 * len(text)


def parts_of(text: str) -> list[str]:
    """Words with the space behind them; characters of a Chinese text."""
    return list(text) if is_chinese(text) else WORDS.findall(text)


def mixed(text: str, rate: float, chance: random.Random, words: Sequence[str]) -> str:
    """So many words replaced, dropped or followed by another, a third each."""
    other = _others(text, chance, words)
    return _touched(text, round, rate, chance, lambda part: chance.choice((other(), "", part + other())))


def replaced(text: str, rate: float, chance: random.Random, words: Sequence[str]) -> str:
    """So many words replaced, never fewer."""
    other = _others(text, chance, words)
    return _touched(text, ceil, rate, chance, lambda _part: other())


def dropped(text: str, rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    """So many words left out."""
    return _touched(text, ceil, rate, chance, lambda _part: "")


def added(text: str, rate: float, chance: random.Random, words: Sequence[str]) -> str:
    """So many words more."""
    other = _others(text, chance, words)
    return _touched(text, ceil, rate, chance, lambda part: part + other())


def swapped(text: str, rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    """So many words have changed places with a neighbour."""
    parts = parts_of(text)
    pairs = max(len(parts) - 1, 0)
    for place in chance.sample(range(pairs), min(pairs, ceil(rate * len(parts) / 2))):
        parts[place], parts[place + 1] = parts[place + 1], parts[place]
    return "".join(parts)


def misspelt(text: str, rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    """So many words with a letter doubled, lost or exchanged."""

    def one(part: str) -> str:
        at = chance.randrange(len(part))
        return part[:at] + chance.choice((part[at] * 2, "", chance.choice("etaoin"))) + part[at + 1 :]

    return _touched(text, ceil, rate, chance, one)


def synonyms(text: str, rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    """Up to so many words replaced by others of like meaning, out of a short English list."""
    parts = parts_of(text)
    places = [at for at, part in enumerate(parts) if part.strip().lower() in SYNONYMS]
    for at in chance.sample(places, min(len(places), ceil(rate * len(parts)))):
        word = parts[at].strip()
        parts[at] = parts[at].replace(word, SYNONYMS[word.lower()])
    return "".join(parts)


def _others(text: str, chance: random.Random, words: Sequence[str]) -> Callable[[], str]:
    """What gives one word after another that may stand in this text."""
    chinese = is_chinese(text)
    return lambda: chance.choice(COMMON) if chinese else f"{chance.choice(words)} "


def _touched(
    text: str, rounded: Callable[[float], int], rate: float, chance: random.Random, change: Callable[[str], str]
) -> str:
    parts = parts_of(text)
    for place in chance.sample(range(len(parts)), min(len(parts), max(1, rounded(rate * len(parts))))):
        parts[place] = change(parts[place])
    return "".join(parts)


@cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _framed(text: str, _rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    opening, closing = chance.choice(CHINESE_FRAMES if is_chinese(text) else FRAMES)
    return f"{opening}{text.strip()}{closing}"


def _half(text: str, _rate: float, chance: random.Random, _words: Sequence[str]) -> str:
    parts = parts_of(text)
    middle = len(parts) // 2
    return "".join(chance.choice((parts[:middle], parts[middle:])))


WORD_EDITS: dict[str, Edit] = {edit.__name__: edit for edit in (replaced, dropped, added, swapped, misspelt, synonyms)}
WHOLE_EDITS: dict[str, Edit] = {
    "lower case": lambda text, *_: text.lower(),
    "no punctuation": lambda text, *_: PUNCTUATION.sub(" ", text),
    "no markdown": lambda text, *_: MARKS.sub("", text),
    "one line": lambda text, *_: " ".join(text.split()),
    "other quotation marks": lambda text, *_: text.translate(QUOTES),
    "full width": lambda text, *_: text.translate(FULL_WIDTH),
    "traditional script": lambda text, *_: str(_traditional().convert(text)),
    "opening and closing added": _framed,
    "half of it": _half,
}
