"""A title taken apart: what names the work, what numbers the part, what is only said of the edition or the series.

Pure. Words are folded (`registry.folding`): case, accents, width and script fall away; numbers in words, in Roman and
in Arabic numerals become one spelling; `&` is "and".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from registry.folding import CJK, CJK_RUN, fold
from registry.linkage.numbering import COMMA, NO_CUT, STRONG, han_number, number_of, take_numbers
from registry.linkage.words import (
    COLLECTION_OPENINGS,
    GENERIC,
    GENERIC_HAN,
    KIN,
    LEADING_ARTICLES,
    MONTHS,
    ORDINALS,
    STOP,
)

MAX_CHARS = 600  # of a title; what follows is left out
MAX_WORDS = 60
ABBREVIATIONS = frozenset(
    ("vol", "mrs", "rev", "gen", "col", "bks", "pts", "nos", "etc", "sgt", "capt", "messrs", "prof")
)
DANGLING = frozenset(("vol", "volume", "pt", "part", "no", "v", "bd", "a", "the", "by", "with"))

_EDITION_WORD = (
    r"(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|new|rev(?:ised)?\.?|enl(?:arged)?\.?|expanded|updated"
    r"|corrected|illustrated|annotated|unabridged|large[- ]print|kindle|anniversary|deluxe|paperback|hardcover"
    r"|international|student|collector'?s|special|limited|critical|reprint|authorized|definitive|e-?book|\d+\.)"
)
_EDITION = re.compile(
    rf"[\s,;:.(\[-]*\b{_EDITION_WORD}(?:[ ,]+(?:and |& )?{_EDITION_WORD})*[ ,]+"
    r"(?:edition|edn|ed|ausgabe|auflage|aufl)\b[.)\]]*"
    r"|[\s,;:(\[]+(?:unabridged|illustrated|annotated|electronic resource|paperback|hardcover|kindle|large print"
    r"|revised|ebook|audiobook|microform)[)\]]"
    r"|[(（\[]?第?[一二三四五六七八九十\d]+版[)）\]]?|[(（\[](?:修订版?|增订版?|精装|平装|典藏版|纪念版|新版|全译本|全本|插图版?)[)）\]]"
)
_MARC = re.compile(r"\s*[|/]?\s*\$[a-z]:?\s*")
_RESPONSIBILITY = re.compile(r"\s+/\s+(?:by |edited |translated |\$c|von |par |por ).*$|\s*[|/]\s*\$c.*$")
_SERIES = re.compile(
    r"\(([^()]*?)[,;:]?\s*(?:#|\bno\.?|\bnr\.?|\bbook|\bbk\.?|\bvol\.?|\bvolume|\bband|\btome)\s*"
    r"(\d+(?:\.\d+)?(?:\s*[-–]\s*\d+)?)[^()]*\)\s*$"
)
_DAMAGED = re.compile(r"(?<=\w)(?:\?{1,4}_?|\ufffd+|_\?+)(?=\w)|(?<=\w)\?{2,4}(?=\s|$)")  # letters lost in a conversion
SOFT_SIGNS = dict.fromkeys(map(ord, "ʹʺʼʻ·̲︠︡"))  # marks of transliteration that people leave out
_HAN_PART = re.compile(
    r"(?:第\s*([一二三四五六七八九十百\d]+)\s*[卷册集部辑编篇]|[卷册集]之?([一二三四五六七八九十百\d]+)|[(（\s]([上中下])(?:[卷册集部])?[)）]?$|([上中下])[卷册集部]$)"
)
_LETTERED = re.compile(r"\d{3,4}[a-z]")  # 1608a, of volumes that go by years
_ONE_OF = re.compile(  # (II/III), (Vol. 12 / 20), (2 of 8), and 3/3 at the end
    r"\((?:vol\.? |v\. |tome |part |book )?\s*([ivx]+|\d+)\s*(?:/|\bof\b|\bde\b|\bvon\b|\bsur\b)\s*(?:[ivx]+|\d+)\)"
    r"|\s(\d{1,2})\s?/\s?\d{1,2}\s*$"
)
_TOKEN = re.compile(
    rf"(?P<word>[^\W_{CJK}]+(?:'[^\W_{CJK}]+)*)|(?P<han>[{CJK}])|(?P<strong>[:;/=|—\[\]()\n?!]|--+|\s[-–]\s|[：；])"
    r"|(?P<opens>\.(?=\s+(?:a|an|the|or|being|une?|eine?)\s))|(?P<stop>\.(?=\s|$))|(?P<comma>[,、，])|(?P<and>&)"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A title as linkage compares it.

    words: folded, without leading article, part number, edition statement and series; a Han character is a word.
    cuts: for each word, what stood before it (NO_CUT, COMMA, STRONG); where a subtitle may begin.
    parts: numbers of volumes, parts, issues: "2", "3-4". series: words of a series in brackets, with its number.
    """

    words: tuple[str, ...] = ()
    cuts: tuple[int, ...] = ()
    parts: frozenset[str] = frozenset()
    series: str = ""
    series_number: str = ""
    kin: frozenset[str] = frozenset()
    compact: str = field(default="", compare=False)
    numbers: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def main_words(self) -> int:
        """How many words stand before the first strong cut."""
        return next((place for place, cut in enumerate(self.cuts) if cut == STRONG and place), len(self.words))

    @property
    def key(self) -> str:
        """The main title in one piece with its part numbers: equal keys are equal titles but for the subtitle."""
        return "".join(self.words[: self.main_words]) + "".join(f"|{part}" for part in sorted(self.parts))

    @property
    def is_han(self) -> bool:
        """Whether the main title is in Chinese, Japanese or Korean characters, at least half of it."""
        main = self.words[: self.main_words]
        return sum(map(bool, map(CJK_RUN.match, main))) * 2 > len(main)

    def content(self) -> list[str]:
        """The words that say something."""
        return [word for word in self.words if word not in STOP]


def read(title: str, subtitle: str = "") -> Title:
    """Take a title apart; any text is a title, an empty one has no words."""
    return _read(title[:MAX_CHARS], subtitle[:MAX_CHARS])


@lru_cache(maxsize=4096)
def _read(title: str, subtitle: str) -> Title:
    joined = f"{title} : {subtitle}" if subtitle and subtitle not in title else title
    joined = joined.replace("\n", " : ").replace("$b", " : ")
    text = fold(joined if joined.isascii() and "?" not in joined else _DAMAGED.sub("", joined))
    if not text.isascii():
        text = text.translate(SOFT_SIGNS)
    if "/" in text or "|" in text:
        text = _RESPONSIBILITY.sub("", text)
    if "$" in text:
        text = _MARC.sub(" : ", text)
    series, number = "", ""
    if text.endswith(")") and (found := _SERIES.search(text)) and found.start() and _compact(found[1]):
        series, number = _compact(found[1]), re.sub(r"\s", "", found[2]).replace("–", "-")
        text = text[: found.start()]
    parts: set[str] = set()
    if "/" in text or "(" in text:
        text = _ONE_OF.sub(lambda one: _keep_of(parts, one), text)  # (II/III)
    if CJK_RUN.search(text):
        text = _HAN_PART.sub(lambda one: _keep(parts, one), text)
    bare = _EDITION.sub(" ", text) if "ed" in text or "[" in text or "(" in text or "版" in text else text
    words, cuts = _scan(bare if bare == text or _compact(bare) else text)
    words, cuts = take_numbers(words, cuts, parts)
    if len(words) > 1 and words[-1] in DANGLING and cuts[-1]:  # "Tom Jones.--Vol", where a column ended
        words, cuts = words[:-1], cuts[:-1]
    if len(words) > 1 and words[0] in LEADING_ARTICLES:
        words, cuts = words[1:], cuts[1:]
    kept = tuple(words[:MAX_WORDS])
    dated = {MONTHS[word] for word in kept if word in MONTHS}
    return Title(
        words=kept,
        cuts=(NO_CUT, *cuts[1:MAX_WORDS]) if kept else (),
        parts=frozenset(parts),
        series=series,
        series_number=number,
        kin=frozenset(kept) & KIN,
        compact="".join(kept),
        numbers=frozenset(str(ORDINALS.get(word, word)) for word in kept if _is_number(word)) | dated,
    )


def _is_number(word: str) -> bool:
    return word.isdigit() or word in ORDINALS or bool(_LETTERED.fullmatch(word))


def _keep_of(parts: set[str], found: re.Match[str]) -> str:
    number = number_of(found[1] or found[2], after_unit=True)
    if number:
        parts.add(number)
    return " " if number else found.group()


def _keep(parts: set[str], found: re.Match[str]) -> str:
    value = next(group for group in found.groups() if group)
    parts.add(str({"上": 1, "中": 2, "下": 3}.get(value) or han_number(value)))
    return " "


def _compact(text: str) -> str:
    return "".join(match.group() for match in _TOKEN.finditer(text) if match.lastgroup in ("word", "han"))


def _scan(text: str) -> tuple[list[str], list[int]]:
    """The words of a folded text and what stood before each."""
    words: list[str] = []
    cuts: list[int] = []
    cut = NO_CUT
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind in ("word", "han", "and"):
            word = "and" if kind == "and" else match.group()
            words.append(word.replace("'", "") if "'" in word else word)
            cuts.append(cut)
            cut = NO_CUT
        elif kind == "strong" or (words and _ends_sentence(words[-1], kind)):
            cut = STRONG
        elif kind == "comma":
            cut = max(cut, COMMA)
    return words, cuts


def _ends_sentence(word: str, kind: str | None) -> bool:
    """Whether what stands behind it is a full stop that ends more than an abbreviation."""
    if kind == "opens":  # "Salem's Lot. A romance"
        return len(word) > 2 and word not in ABBREVIATIONS
    return kind == "stop" and ((len(word) > 3 and word not in ("messrs", "capt", "prof", "mlle")) or word >= "\u3000")


def is_generic(title: Title, author_words: Iterable[str] = ()) -> bool:
    """Whether nothing in it but the author's name tells one book from another: "The works of …", "Poems"."""
    names = set(author_words)
    telling = [word for word in title.words if word not in STOP and word not in names]
    if not telling:
        return True
    if all(word in GENERIC or (len(word) == 1 and word.isascii()) or _is_named(word, names) for word in telling):
        return True
    return title.is_han and any(title.compact.endswith(ending) for ending in GENERIC_HAN)


def _is_named(word: str, names: set[str]) -> bool:
    """Whether it is the author's name, also in the genitive or cut off by a column's width."""
    bare = word.removesuffix("s")
    return bare in names or any(
        word.startswith(name) or name.startswith(bare) for name in names if min(len(name), len(bare)) >= 4
    )


def opens_collection(words: Sequence[str]) -> bool:
    """Whether what goes beyond the other title adds contents: "and other stories", "together with two tales"."""
    if not words:
        return False
    others = any(
        word == "other" and _CONTENTS.intersection(words[place : place + 3]) for place, word in enumerate(words)
    )
    return others or words[0] in COLLECTION_OPENINGS or "other" in words[:3] or "added" in words[:5]


_CONTENTS = frozenset(("stories", "tales", "essays", "poems", "plays", "sketches", "writings", "novels", "pieces"))
