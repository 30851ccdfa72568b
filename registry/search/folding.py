"""One folding for everything that is searched: accents, case, width and script fall away, Chinese becomes bigrams.

Built here and not in the engines, so that PostgreSQL and Elasticsearch index the very same tokens.
"""

import re
import unicodedata
from functools import lru_cache

import opencc

CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u3040-\u30ff\uac00-\ud7af"
CJK_RUN = re.compile(f"[{CJK}]+")
WORD = re.compile(f"[^\\W_{CJK}]+(?:['’][^\\W_{CJK}]+)*")


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    """Lower case, no accents, half width, simplified Han, single spaces."""
    text = _simplifier().convert(unicodedata.normalize("NFKC", text))
    stripped = (char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return " ".join(unicodedata.normalize("NFC", "".join(stripped)).split())


def tokens(text: str) -> list[str]:
    """The folded words and CJK bigrams of a text, each once, in order of appearance; a lone CJK character stands alone.

    >>> tokens("Élan vital 紅樓夢")
    ['elan', 'vital', '红楼', '楼梦']
    """
    folded = fold(text)
    found: dict[str, None] = {}
    for run in CJK_RUN.finditer(folded):
        chars = run.group()
        for start in range(max(1, len(chars) - 1)):
            found[chars[start : start + 2]] = None
    words = {match.group().replace("'", "").replace("’", "")[:80]: None for match in WORD.finditer(folded)}
    return [*words, *found]
