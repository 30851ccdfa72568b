"""A title taken apart: what names the work, what numbers the part, what is only said of the edition or the series.

Pure. Words are folded (`registry.folding`): case, accents, width and script fall away; numbers in words, in Roman and
in Arabic numerals become one spelling; `&` is "and".
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from registry.folding import CJK, CJK_RUN, fold
from registry.linkage.words import (
    AFTER_NUMBERS,
    AFTER_ORDINALS,
    COLLECTION_OPENINGS,
    GENERIC,
    GENERIC_HAN,
    HAN_DIGITS,
    KIN,
    LEADING_ARTICLES,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    PART_UNITS,
    ROMAN,
    STOP,
    TENS,
    UNITS,
)

MAX_CHARS = 600  # of a title; what follows is left out
MAX_WORDS = 60
NO_CUT, COMMA, STRONG = 0, 1, 2
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
_ONE_OF = re.compile(  # (II/III), (Vol. 12 / 20), (2 of 8), and 3/3 at the end
    r"\((?:vol\.? |v\. |tome |part |book )?\s*([ivx]+|\d+)\s*(?:/|\bof\b|\bde\b|\bvon\b|\bsur\b)\s*(?:[ivx]+|\d+)\)"
    r"|\s(\d{1,2})\s?/\s?\d{1,2}\s*$"
)
_TOKEN = re.compile(
    rf"(?P<word>[^\W_{CJK}]+(?:'[^\W_{CJK}]+)*)|(?P<han>[{CJK}])|(?P<strong>[:;/=|—\[\]()\n?!]|--+|\s[-–]\s|[：；])"
    r"|(?P<stop>\.(?=\s|$))|(?P<comma>[,、，])|(?P<and>&)"
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
        """Whether it is written in Chinese, Japanese or Korean characters, at least half of it."""
        return sum(map(bool, map(CJK_RUN.match, self.words))) * 2 > len(self.words)

    def content(self) -> list[str]:
        """The words that say something."""
        return [word for word in self.words if word not in STOP]


def read(title: str, subtitle: str = "") -> Title:
    """Take a title apart; any text is a title, an empty one has no words."""
    return _read(title[:MAX_CHARS], subtitle[:MAX_CHARS])


@lru_cache(maxsize=4096)
def _read(title: str, subtitle: str) -> Title:
    joined = f"{title} : {subtitle}" if subtitle and subtitle not in title else title
    text = fold(_DAMAGED.sub("", joined.replace("\n", " : ")).replace("$b", " : ")).translate(SOFT_SIGNS)
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
    words, cuts = _scan(bare if _compact(bare) else text)
    words, cuts = _numbers(words, cuts, parts)
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
        numbers=frozenset(str(ORDINALS.get(word, word)) for word in kept if word.isdigit() or word in ORDINALS) | dated,
    )


def _keep_of(parts: set[str], found: re.Match[str]) -> str:
    number = number_of(found[1] or found[2], after_unit=True)
    if number:
        parts.add(number)
    return " " if number else found.group()


def _keep(parts: set[str], found: re.Match[str]) -> str:
    value = next(group for group in found.groups() if group)
    parts.add(str({"上": 1, "中": 2, "下": 3}.get(value) or han_number(value)))
    return " "


def han_number(text: str) -> int:
    """一 → 1, 十二 → 12, 二十三 → 23; digits as they are."""
    if text.isdigit():
        return int(text)
    tens, ten, units = text.partition("十")
    if not ten:
        return int("".join(str(HAN_DIGITS.get(char, 0)) for char in text) or 0)
    return 10 * HAN_DIGITS.get(tens, 1) + HAN_DIGITS.get(units, 0)


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
        elif kind == "strong" or (kind == "stop" and words and _ends_sentence(words[-1])):
            cut = STRONG
        elif kind == "comma":
            cut = max(cut, COMMA)
    return words, cuts


def _ends_sentence(word: str) -> bool:
    """Whether a full stop behind it ends more than an abbreviation."""
    return (len(word) > 3 and word not in ("messrs", "capt", "prof", "mlle")) or word >= "\u3000"


def number_of(word: str, *, after_unit: bool = False) -> str:
    """A number however it is written → its digits, or "". Lone Roman letters count only after "volume" and its kind."""
    if word.isdigit():
        return str(int(word)) if word.isascii() and len(word) < 20 else word
    if after_unit and word in ORDINALS:
        return str(ORDINALS[word])
    if word in ROMAN and (after_unit or (len(word) > 1 and word != "mi")):
        return str(ROMAN[word])
    number = NUMBER_WORDS.get(word) or TENS.get(word)
    return str(number) if number is not None else ""


def _numbers(words: list[str], cuts: list[int], parts: set[str]) -> tuple[list[str], list[int]]:
    """Write numbers one way; take the numbers of parts out of the words."""
    if not any(
        word in UNITS or word in ROMAN or word in NUMBER_WORDS or word in TENS or word.isdigit() for word in words
    ):
        return words, cuts
    kept: list[str] = []
    kept_cuts: list[int] = []
    place = 0
    pending = NO_CUT
    while place < len(words):
        word, used = words[place], 1
        if word in UNITS and len(words) > 1:
            used = _part(words, place, kept, parts)
            if used:
                if used < 0:  # an ordinal stood before: "second series"
                    kept.pop()
                    kept_cuts.pop()
                    used = 1
                place += used
                pending = STRONG
                continue
            used = 1
        else:
            word, used = _spelt(words, place)
        kept.append(word)
        kept_cuts.append(max(cuts[place], pending))
        pending = NO_CUT
        place += used
    if not kept:
        return words, cuts
    return kept, kept_cuts


def _part(words: list[str], place: int, kept: list[str], parts: set[str]) -> int:
    """How many words a part number takes from here; -1 when the ordinal before belongs to it; 0 when it is none."""
    skipped = 2 if words[place + 1 : place + 2] == ["the"] else 1  # "part the second"
    following = words[place + skipped] if place + skipped < len(words) else ""
    number = number_of(following, after_unit=True) if skipped == 1 else str(ORDINALS.get(following, ""))
    if words[place] in PART_UNITS and number:
        used = skipped + 1
        rest = words[place + used : place + used + 2]
        if rest and rest[0].isdigit():  # chapters 1-5
            number, used = f"{number}-{int(rest[0])}", used + 1
        elif len(rest) == 2 and rest[0] in ("to", "through", "bis") and number_of(rest[1], after_unit=True):
            number, used = f"{number}-{number_of(rest[1], after_unit=True)}", used + 2
        if len(rest) == 2 and rest[0] == "of" and number_of(rest[1]):
            used += 2
        parts.add(number)
        return used
    before = kept[-1] if kept else ""
    if before in ORDINALS and (place + 1 == len(words) or words[place] in AFTER_ORDINALS):
        parts.add(str(ORDINALS[before]))
        return -1
    if words[place] in AFTER_NUMBERS and number_of(before) and len(before) < 4:
        parts.add(number_of(before))
        return -1
    return 0


def _spelt(words: list[str], place: int) -> tuple[str, int]:
    """The word, or the number that it and perhaps the next ones write, and how many words that took."""
    word = words[place]
    following = words[place + 1] if place + 1 < len(words) else ""
    value = NUMBER_WORDS.get(word, TENS.get(word))
    if value is None:
        return number_of(word) or word, 1
    used = 1
    if word in TENS or word == "twenty":
        unit = NUMBER_WORDS.get(following, 0)
        if 0 < unit < 10:
            return str(value + unit), 2
    if (12 < value < 20 and following in TENS) or (12 < value < 20 and following == "twenty"):  # nineteen eighty-four
        tens = TENS.get(following, 20)
        unit = NUMBER_WORDS.get(words[place + 2], 0) if place + 2 < len(words) else 0
        used = 3 if 0 < unit < 10 else 2
        return str(100 * value + tens + (unit if used == 3 else 0)), used
    return str(value), used


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
