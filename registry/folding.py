"""One folding for everything that is searched: accents, case, width and script fall away, Chinese becomes bigrams.

Built here and not in the engines, so that PostgreSQL and Elasticsearch index the very same tokens.
"""

import re
import unicodedata
from functools import lru_cache

import opencc

CJK = "\u3005\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\uac00-\ud7af"
CJK_RUN = re.compile(f"[{CJK}]+")
MAX_TOKEN_CHARS = 80  # what the column and the index keep of a token

# Vowel signs and other marks that are part of a word in the scripts of South Asia; `\w` leaves them out.
_MARKS = "".join(map(chr, (code for code in range(0x0300, 0x1AFF) if unicodedata.category(chr(code)) in ("Mn", "Mc"))))
_LETTER = f"(?:[^\\W_{CJK}]|[{_MARKS}])"
WORD = re.compile(f"{_LETTER}+(?:'{_LETTER}+)*")
_ASCII_WORD = re.compile("[0-9A-Za-z]+(?:'[0-9A-Za-z]+)*")  # the same words, found sooner in texts of plain letters
_ASCII_BREAKS = bytes(code if chr(code).isalnum() else 0x20 for code in range(128)).ljust(256)
_PART = re.compile(f"{WORD.pattern}|{CJK_RUN.pattern}")

# Accents and points that people leave out: Latin, Greek and Cyrillic; Hebrew; Arabic
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]")
# Letters that have no decomposition in Unicode but a plain spelling everywhere, and the many apostrophes
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    | dict.fromkeys("’‘ʼ´`＇", "'")
)


class _Simplified(dict[int, str]):
    """A translation table that asks OpenCC once a character.

    By character and not by phrase: a character must fold the same way in a title and in a query that quotes half of it.
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _simplifier().convert(char) if CJK_RUN.match(char) else char
        self[code] = folded
        return folded


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


_SIMPLIFIED = _Simplified()


# Control characters and halves of surrogate pairs: they say nothing, and no database keeps them
_UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def fold(text: str) -> str:
    """Lower case, no accents, half width, simplified Han, single spaces; control characters become spaces.

    >>> fold("Ｓøren  KIERKEGAARD’s 紅樓夢")
    "soren kierkegaard's 红楼梦"
    """
    if text.isascii():  # most titles of most catalogues: nothing of what follows changes them
        return " ".join(_UNSHOWN.sub(" ", text.lower()).replace("`", "'").split())
    text = unicodedata.normalize("NFKC", text).translate(_SIMPLIFIED).casefold().translate(_PLAIN)
    stripped = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text)))
    return " ".join(_UNSHOWN.sub(" ", stripped).split())


def split(folded: str) -> tuple[list[str], list[str]]:
    """The words and the runs of CJK characters of a folded text, each once, in order of appearance."""
    return words(folded), [] if folded.isascii() else list(dict.fromkeys(CJK_RUN.findall(folded)))


def words(folded: str) -> list[str]:
    """The words of a folded text, without apostrophes, each once, in order of appearance."""
    if "'" not in folded and folded.isascii():  # most texts; ranking reads hundreds of them for a query
        found = folded.encode().translate(_ASCII_BREAKS).decode().split()
    else:
        found = [word.replace("'", "") for word in (_ASCII_WORD if folded.isascii() else WORD).findall(folded)]
    if len(folded) > MAX_TOKEN_CHARS:
        found = [word[:MAX_TOKEN_CHARS] for word in found]
    return list(dict.fromkeys(found))


def bigrams(run: str) -> list[str]:
    """The overlapping pairs of a run of CJK characters; a lone character stands alone."""
    return list(dict.fromkeys(run[start : start + 2] for start in range(max(1, len(run) - 1))))


def tokens(text: str) -> list[str]:
    """What a query asks for: folded words and CJK bigrams, each once.

    >>> tokens("Élan vital 紅樓夢")
    ['elan', 'vital', '红楼', '楼梦']
    """
    words, runs = split(fold(text))
    return list(dict.fromkeys([*words, *(pair for run in runs for pair in bigrams(run))]))


def name_token(folded: str) -> str:
    """One token for a whole name, without its punctuation: what a query that is just this name looks up.

    >>> name_token("pride & prejudice!")
    '=pride prejudice'
    """
    return f"={plain(folded)}"[:MAX_TOKEN_CHARS]


def plain(folded: str) -> str:
    """The words of a folded text and its runs of CJK characters, in their order, without punctuation."""
    return " ".join(_PART.findall(folded)).replace("'", "")


def index_tokens(text: str) -> list[str]:
    """What is indexed: all that a query may ask for, also single CJK characters and the parts around an apostrophe.

    >>> index_tokens("L'Étranger 茶经")
    ['letranger', '茶经', 'etranger', '茶', '经']
    """
    return index_folded(fold(text))


def index_folded(folded: str) -> list[str]:
    """The same of a text that is folded already."""
    words, runs = split(folded)
    found = dict.fromkeys(words)
    for run in runs:
        found.update(dict.fromkeys(bigrams(run)))
    if "'" in folded:
        quoted = (match.group() for match in WORD.finditer(folded) if "'" in match.group())
        found.update((part[:MAX_TOKEN_CHARS], None) for word in quoted for part in word.split("'") if len(part) > 1)
    for run in runs:
        found.update(dict.fromkeys(run))
    return list(found)
