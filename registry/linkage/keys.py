"""What works and rows are looked up by: words, names, main titles in one piece, ISBNs. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.folding import CJK, fold
from registry.linkage.facts import WorkFacts
from registry.linkage.titles import SOFT_SIGNS
from registry.linkage.words import HONORIFICS, LEADING_ARTICLES, STOP, SURNAMES_TOO

TITLE_WORDS = 14
LETTERS = 120
NAME = "\x01"  # before words of names
KEY = "="  # before a main title in one piece
ISBN = "#"
Texts = tuple[Sequence[str], Sequence[str], Sequence[str]]  # titles, names, ISBNs

_NO_NAMES = HONORIFICS - SURNAMES_TOO
_WORD = re.compile(rf"[^\W_{CJK}]+(?:'[^\W_{CJK}]+)*|[{CJK}]+")
_MAIN_END = re.compile(r"\s*(?:[:;(\[/|=：；（]|\.\s|--|\s[-–—]\s|—|\$b|,\s*(?:or|a|an|the|being)\b)")
_HAN = re.compile(f"[{CJK}]")


def words_of(found: Iterable[str]) -> list[str]:
    """Words without apostrophes, and for runs of Chinese characters their pairs."""
    words = []
    for word in found:
        if _HAN.match(word):
            words += [word[place : place + 2] for place in range(max(1, len(word) - 1))]
        else:
            words.append(word.replace("'", "") if "'" in word else word)
    return words


def main_key(folded: str, found: Sequence[str]) -> str:
    """The main title of a folded text in one piece, without leading article; found: its words."""
    ends = _MAIN_END.search(folded, 1)
    words = _WORD.findall(folded[: ends.start()]) if ends else found
    if len(words) > 1 and words[0] in LEADING_ARTICLES:
        words = words[1:]
    return "".join(words).replace("'", "")


def name_words(names: Iterable[str]) -> list[str]:
    """The words of names that may find them: no initials, no titles of honour."""
    found = []
    for name in names:
        for word in _WORD.findall(_folded(name)):
            bare = word.replace("'", "")
            if (len(bare) > 1 and bare not in _NO_NAMES) or _HAN.match(bare):
                found.append(bare)
    return found


def _folded(text: str) -> str:
    folded = fold(text)
    return folded if folded.isascii() else folded.translate(SOFT_SIGNS)


@dataclass(slots=True)
class Keys:
    """What one work or row is looked up by. words: of titles and, with a mark, of names. keys: made of several words,
    and ISBNs. mains: those of `keys` that are main titles. letters: for comparing."""

    words: list[str]
    keys: list[str]
    mains: list[str]
    letters: str


def keys_of(titles: Sequence[str], names: Sequence[str], isbns: Iterable[str]) -> Keys:
    """Everything that a work or a row is looked up by."""
    people = name_words(names)
    words: dict[str, None] = {}
    keys = [ISBN + isbn for isbn in isbns]
    mains: list[str] = []
    letters = ""
    for title in filter(None, titles):
        text = _folded(title)
        found = _WORD.findall(text)
        letters = letters or "".join(found)[:LETTERS]
        telling = [word for word in words_of(found)[:TITLE_WORDS] if word not in STOP and word != "and"]
        words.update(dict.fromkeys(telling))
        main = main_key(text, found)
        if main:
            mains.append(KEY + main)
        if telling:
            keys += [f"{person}|{telling[0]}" for person in people[:3]]
    keys += mains
    words.update(dict.fromkeys([NAME + word for word in people]))
    return Keys(list(words), list(dict.fromkeys(keys)) if len(titles) > 1 else keys, mains, letters)


def texts_of(work: WorkFacts) -> Texts:
    """What an index wants of a work."""
    title = f"{work.title}: {work.subtitle}" if work.subtitle else work.title
    return (title, *work.other_titles), (*work.authors, *work.other_names), work.isbns
