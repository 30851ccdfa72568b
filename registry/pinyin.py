"""Chinese names as they are typed in Latin letters: 红楼梦 as "hongloumeng", "hong lou meng" or "Hónglóu mèng"."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

MIN_CHARS = 4  # of what is typed: less is a syllable, which a hundred characters share
MAX_RUN_CHARS = 24
_SYLLABLES = re.compile("(?:(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?[aeiouv]{1,3}(?:ng|n|r)?)+")


@lru_cache(maxsize=8192)
def spoken(run: str) -> str:
    """The syllables of a run of Chinese characters in one word, without tones; empty where there are none.

    >>> spoken("红楼梦")
    'hongloumeng'
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 (a dictionary that most processes never open)

    return _plain("".join(lazy_pinyin(run[:MAX_RUN_CHARS], errors="ignore")))


def tokens(runs: Iterable[str]) -> list[str]:
    """What is indexed of runs of characters: a token for each of two characters or more."""
    words = dict.fromkeys(spoken(run) for run in runs if 2 <= len(run) <= MAX_RUN_CHARS)
    return [token(word) for word in words if len(word) >= MIN_CHARS]


def token(word: str) -> str:
    """Told apart from words: who types "women" does not ask for 我们 first. Like names it is in no vocabulary."""
    return f"=~{word}"


def readings(words: Sequence[str]) -> dict[str, frozenset[int]]:
    """What words may say in pinyin → their places: one word, neighbours together, also with the last
    of two or three before the others, as given names stand first elsewhere.
    """
    found: dict[str, frozenset[int]] = {}
    said = [_plain(word) if word.isascii() and _SYLLABLES.fullmatch(word) else "" for word in words]
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if not said[end - 1]:
                break
            places = frozenset(range(start, end))
            found.setdefault("".join(said[start:end]), places)
            if 2 <= end - start <= 3:
                found.setdefault(said[end - 1] + "".join(said[start : end - 1]), places)
    return {word: places for word, places in found.items() if len(word) >= MIN_CHARS}


def _plain(syllables: str) -> str:
    return syllables.replace("ü", "u").replace("v", "u")
