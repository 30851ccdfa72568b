"""Which language a text is in: scripts first, then the commonest words; None where neither says so clearly.

Only good enough to keep the detector away from languages it was not measured on. No library of the kind is among the
project's own, and each of them brings a model many times the size of this table.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

SCRIPTS = ("latin", "han", "kana", "hangul", "cyrillic", "other")
WORDS: dict[str, str] = {
    "en": "the of and to in is that for it with as was on be are this by not or from have an which you at but were",
    "es": "de la que el en los se del las por un para con una su al lo como más pero sus le ya este sí porque muy sin",
    "fr": "de la le et les des en un du une que est pour qui dans par plus pas au sur ne se ce il sont cette ou avec",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es werden aus er hat",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas foi ao ele das tem à seu",
    "it": "di e il la che in un per è una del non sono con si da come le dei nel alla più anche della gli lo ma se i",
    "nl": "de van het een en in is dat op te zijn met voor niet aan er om ook als dan maar bij uit nog naar ze wordt",
}
LANGUAGES = tuple(WORDS)
SAMPLE = 4_000  # characters looked at
MIN_WORD_SHARE = 0.12  # of the words of a Latin text, those that are common in one language
MIN_LEAD = 1.25  # how many times as many as in the next language
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def identify(text: str) -> str | None:
    """ISO 639-1 code of one of the known languages, or None.

    >>> identify("The cat sat on the mat and it was happy with that.")
    'en'
    """
    sample = text[:SAMPLE]
    scripts = np.array([[_scripts(sample)[name] for name in SCRIPTS]], dtype=np.int64)
    words = _WORD.findall(sample.lower())
    common = np.array([[sum(word in _SETS[one] for word in words) for one in LANGUAGES]], dtype=np.int64)
    return decide(scripts, common, np.array([len(words)]))[0]


_SETS = {language: frozenset(words.split()) for language, words in WORDS.items()}


def _scripts(sample: str) -> dict[str, int]:
    counts = dict.fromkeys(SCRIPTS, 0)
    for char in sample:
        if char.isalpha():
            counts[SCRIPTS[script_of(ord(char))]] += 1
    return counts


def script_of(code: int) -> int:
    """Index into SCRIPTS of a letter's code point."""
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return 0
    if 0x3400 <= code < 0xA000 or 0x20000 <= code < 0x33500:
        return 1
    if 0x3040 <= code < 0x3100:
        return 2
    if 0xAC00 <= code < 0xD7B0 or 0x1100 <= code < 0x1200:
        return 3
    if 0x400 <= code < 0x530:
        return 4
    return 5


def decide(scripts: NDArray[np.int64], common: NDArray[np.int64], words: NDArray[np.int64]) -> list[str | None]:
    """A language a row. scripts (n, 6) letters by script; common (n, 7) words common in each language; words (n)."""
    letters = np.maximum(scripts.sum(axis=1), 1)
    share = scripts / letters[:, None]
    order = np.sort(common, axis=1)
    best = common.argmax(axis=1)
    clear = (order[:, -1] >= MIN_WORD_SHARE * np.maximum(words, 1)) & (order[:, -1] >= MIN_LEAD * order[:, -2])
    return [_one(share[row], LANGUAGES[int(best[row])] if clear[row] else None) for row in range(len(scripts))]


def _one(share: NDArray[np.float64], latin: str | None) -> str | None:
    if share[2] > 0.1:
        return "ja"
    if share[3] > 0.3:
        return "ko"
    if share[1] > 0.4:
        return "zh"
    if share[4] > 0.5:
        return "ru"
    return latin if share[0] > 0.7 else None
