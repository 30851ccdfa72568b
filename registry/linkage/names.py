"""Authors' names: who may be the same person, whatever the order, initials, honorifics, script.

Pure. A name is compared as a set of words and initials: "Austen, Jane", "J. Austen" and "Miss Jane Austen (1775-1817)"
agree, "Brontë, Anne" and "Brontë, Charlotte" contradict each other.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from registry.folding import CJK_RUN, fold
from registry.linkage.titles import SOFT_SIGNS
from registry.linkage.words import HONORIFICS, NOBODY, PARTICLES, SURNAMES_TOO

MAX_CHARS = 400
MAX_PEOPLE = 12
TYPING_SIMILARITY = 0.75  # two words of one name with a slip of the finger between them
MIN_TYPING_CHARS = 4
NICKNAME_CHARS = 3  # "Don" and "Donald" begin alike

_DATES = re.compile(
    r"\(?\b(?:ca\.?|active|fl\.?|b\.|d\.|born|died)?\s*\d{3,4}\??\s*(?:b\.?c\.?)?\s*[-–—]?\s*(?:\d{2,4}\??)?\.?\)?"
    r"|(?:\d+(?:st|nd|rd|th) cent(?:ury|\.)?)"
)
_ROLE = re.compile(
    r"\((?:ed|eds|editor|trans|translator|illustrator|author|introduction|foreword|narrator|pseud)[^()]*\)"
)
_DAMAGED = re.compile(r"(?<=\w)(?:\?{1,4}_?|\ufffd+|_\?+|\?_)(?=\w)")
_SEPARATOR = re.compile(r"\s*(?:;|\||/|\n|、|，|;| & |\band\b|\bund\b|\bet\b(?! al)|\bwith\b)\s*")
_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_COARSE = (
    ("hs", "s"), ("sh", "s"), ("x", "s"), ("zh", "c"), ("ch", "c"), ("tz", "c"), ("ts", "c"), ("q", "c"), ("j", "c"),
    ("z", "c"), ("b", "p"), ("d", "t"), ("g", "k"), ("ui", "uei"), ("ung", "ong"), ("ieh", "ie"), ("ueh", "ue"),
    ("ien", "ian"), ("iu", "iou"), ("r", "c"),
)  # fmt: skip


_PINYIN = re.compile(r"(?:(?:[zcs]h|[bpmfdtnlgkhjqxzcsryw])?[aeiou]{1,3}(?:ng|n)?)+")


_OFTEN_SAID = ("various", "anonymous", "unknown")


class Agreement(IntEnum):
    """How two statements of authorship relate, from worst to best."""

    DIFFERENT = 0
    CONFLICT = 1  # one surname, other given names
    MISSING = 2  # one side names nobody
    SURNAME = 3  # one side says no more than the surname
    MISSPELT = 4
    COMPATIBLE = 5  # initials, parts left out, another script
    SAME = 6


@dataclass(frozen=True, slots=True)
class Name:
    """One person or body. words: full words; initials: single letters; han: as written in Chinese, folded."""

    words: frozenset[str]
    initials: frozenset[str] = frozenset()
    han: str = ""
    surname: str = ""  # where an inverted name tells it


def read(text: str) -> tuple[Name, ...]:
    """The people that an author column names; nobody for "Various", "Anonymous" and the like."""
    return _read(text[:MAX_CHARS])


@lru_cache(maxsize=8192)
def _read(text: str) -> tuple[Name, ...]:
    folded = fold(text if text.isascii() and "?" not in text else _DAMAGED.sub("", text))
    if not folded.isascii():
        folded = folded.translate(SOFT_SIGNS)
    if "(" in folded:
        folded = _ROLE.sub(" ", folded)
    if _DIGIT.search(folded):
        folded = _DATES.sub(" ", folded)
    if not folded or _is_nobody(folded.strip(" .")):
        return ()
    people: list[Name] = []
    for piece in _SEPARATOR.split(folded):
        for name, is_inverted in _people(piece):
            read_name = _name(name, is_inverted=is_inverted)
            if read_name is not None:
                people.append(read_name)
    return tuple(dict.fromkeys(people[:MAX_PEOPLE]))


def _is_nobody(word: str) -> bool:
    """Whether it says that no author is named, a slip of the finger aside."""
    return word in NOBODY or any(OSA.distance(word, said, score_cutoff=1) <= 1 for said in _OFTEN_SAID)


def _people(piece: str) -> list[tuple[str, bool]]:
    """Commas invert one name or part several: "King, Stephen" and "Stephen King, Peter Straub"."""
    parts = [part.strip() for part in piece.split(",")]
    count = sum(map(bool, parts))
    parts = [part for place, part in enumerate(parts) if part and not _only_honorifics(part, place, count)]
    if len(parts) < 2 or any(map(CJK_RUN.search, parts)):
        return [(part, False) for part in parts]
    counts = [len(_plain_words(part)) for part in parts]
    if counts[0] == 1 or counts[1] == 1 or parts[0].split()[0] in PARTICLES:
        return [(", ".join(parts), True)] if len(parts) <= 3 else [(part, False) for part in parts]
    if len(parts) == 2 and ("(" in parts[1] or len(_WORD.findall(parts[1])) > counts[1]):  # Smith Jones, Anna B.
        return [(", ".join(parts), True)]
    return [(part, False) for part in parts]


def _plain_words(part: str) -> list[str]:
    words = [word for word in _WORD.findall(part) if len(word) > 1]
    return [word for word in words if word not in HONORIFICS or word in SURNAMES_TOO] or words


def _only_honorifics(part: str, place: int, count: int) -> bool:
    words = _WORD.findall(part)
    if place == 0 and count == 2 and SURNAMES_TOO.issuperset(words):
        return False  # King, Stephen
    return not words or all(word in HONORIFICS for word in words)


def _without_honorifics(text: str, found: list[str], *, is_inverted: bool) -> list[str]:
    """The full words but titles of honour; where the surname stands, what may be one is kept."""
    surnames = _WORD.findall(text.partition(",")[0]) if is_inverted else found[-1:]
    kept = SURNAMES_TOO.intersection(surnames)
    return [word for word in found if len(word) > 1 and (word not in HONORIFICS or word in kept)]


def _name(text: str, *, is_inverted: bool) -> Name | None:
    han = "".join(CJK_RUN.findall(text))
    if han:
        return None if han in NOBODY else Name(frozenset(), frozenset(), han)
    found = [word.replace("'", "") for word in _WORD.findall(text)]
    words = _without_honorifics(text, found, is_inverted=is_inverted)
    if not words:
        words = [word for word in found if len(word) > 1]
    if not words or all(map(_is_nobody, words)):
        return None
    full = frozenset(word for word in words if word not in PARTICLES) or frozenset(words)
    surname = ""
    if is_inverted:
        before = _plain_words(text.partition(",")[0])
        surname = before[-1].replace("'", "") if before else ""
    elif words:
        surname = words[-1]
    return Name(full, frozenset(word for word in found if len(word) == 1), "", surname)


def compare(ours: Sequence[Name], theirs: Sequence[Name]) -> Agreement:
    """The best agreement of any of ours with any of theirs; MISSING when one side names nobody."""
    if not ours or not theirs:
        return Agreement.MISSING
    best = Agreement.DIFFERENT
    contradicted = False
    for one in ours:
        for other in theirs:
            found = _compare(one, other)
            if found == Agreement.SAME:
                return found
            contradicted = contradicted or found == Agreement.CONFLICT
            best = max(best, found)
    if best == Agreement.SURNAME and contradicted:  # "Hornung" as another name of E. W. says nothing for Gustav
        return Agreement.CONFLICT
    return best


@lru_cache(maxsize=65536)
def _compare(one: Name, other: Name) -> Agreement:
    if one == other:
        return Agreement.SAME
    if one.han or other.han:
        return _compare_han(one, other)
    equal = one.words & other.words
    mine, yours = set(one.words - equal), set(other.words - equal)
    if not mine and not yours and one.initials == other.initials:
        return Agreement.SAME
    mine_initials = one.initials - {word[0] for word in one.words if word != one.surname}
    your_initials = other.initials - {word[0] for word in other.words if word != other.surname}
    mine_left, your_left = set(mine_initials - other.initials), set(your_initials - one.initials)
    for words, initials in ((mine, your_left), (yours, mine_left)):
        for word in list(words):  # an initial of one side stands for a word of the other
            if word[0] in initials:
                initials.discard(word[0])
                words.discard(word)
    misspelt = _pair_misspelt(mine, yours)
    if not equal and not misspelt:
        return _coarse(one, other)
    if mine and yours:
        found = _rest(one, other, mine, yours, equal)
        return max(found, _coarse(one, other)) if found == Agreement.CONFLICT else found
    if not misspelt and not equal & {one.surname, other.surname}:
        return Agreement.CONFLICT if len(equal) == 1 else Agreement.COMPATIBLE
    if (mine and your_left) or (yours and mine_left) or (mine_left and your_left - mine_left):
        return Agreement.CONFLICT if len(equal) + misspelt == 1 else Agreement.COMPATIBLE  # C. Smith and Smith, Dora
    alone = min(len(one.words) + len(one.initials), len(other.words) + len(other.initials)) == 1
    if alone:
        return Agreement.SURNAME
    return Agreement.MISSPELT if misspelt else Agreement.COMPATIBLE


def _rest(one: Name, other: Name, mine: set[str], yours: set[str], equal: frozenset[str]) -> Agreement:
    """Words are left on both sides: pet forms and joined words are no contradiction, other given names are."""
    if any(
        a[:NICKNAME_CHARS] == b[:NICKNAME_CHARS] or a in b or b in a
        for a in mine
        for b in yours
        if min(len(a), len(b)) >= NICKNAME_CHARS
    ):
        return Agreement.COMPATIBLE
    if len(equal) >= 2 and (len(mine) == 1 or len(yours) == 1) and one.surname == other.surname:
        return Agreement.COMPATIBLE
    joined = "".join(sorted(mine)) == "".join(sorted(yours))
    if joined:
        return Agreement.COMPATIBLE
    if len(equal) >= 2:
        return Agreement.MISSPELT
    return Agreement.CONFLICT if equal else Agreement.DIFFERENT


def _pair_misspelt(mine: set[str], yours: set[str]) -> int:
    """Take out the words that are one another but for a slip; returns how many pairs."""
    found = 0
    for word in list(mine):
        for other in list(yours):
            if min(len(word), len(other)) < MIN_TYPING_CHARS:
                continue
            if OSA.normalized_similarity(word, other, score_cutoff=TYPING_SIMILARITY):
                mine.discard(word)
                yours.discard(other)
                found += 1
                break
    return found


def _compare_han(one: Name, other: Name) -> Agreement:
    if one.han and other.han:
        if one.han == other.han:
            return Agreement.SAME
        return Agreement.COMPATIBLE if _contains(one.han, other.han) else Agreement.DIFFERENT
    han, latin = (one.han, other) if one.han else (other.han, one)
    spelt = romanise(han)
    words = sorted(latin.words | latin.initials)
    return Agreement.COMPATIBLE if _same_letters(spelt, words) else Agreement.DIFFERENT


def _contains(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 2 and shorter in longer


@lru_cache(maxsize=8192)
def romanise(han: str) -> tuple[str, ...]:
    """The syllables of Chinese characters in pinyin, without tones: 鲁迅 → ("lu", "xun")."""
    from pypinyin import Style, pinyin  # noqa: PLC0415 (a dictionary that most processes never open)

    return tuple(syllables[0].replace("ü", "u").replace("v", "u") for syllables in pinyin(han, style=Style.NORMAL))


def _same_letters(syllables: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words write these syllables, in whatever order; also in the older Wade-Giles spelling."""
    spelt, written = "".join(syllables), "".join(words)
    if len(spelt) == len(written) and sorted(spelt) == sorted(written):
        return spelt in {"".join(order) for order in _orders(words)} or len(words) > 4
    return any(coarse(spelt) == coarse("".join(order)) for order in _orders(words))


def _orders(words: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(len(words)):
        yield [*words[start:], *words[:start]]
        yield [*words[start:], *words[:start]][::-1]


def coarse(letters: str) -> str:
    """Letters without the differences between pinyin and Wade-Giles: "caoxueqin" and "tsaohsuehchin" agree."""
    for written, meant in _COARSE:
        letters = letters.replace(written, meant)
    return letters


def _coarse(one: Name, other: Name) -> Agreement:
    """Two romanisations of one Chinese name; nothing else is as short and regular."""
    if len(one.words) > 3 or len(other.words) > 3 or one.initials or other.initials:
        return Agreement.DIFFERENT
    if not all(map(_PINYIN.fullmatch, one.words)) and not all(map(_PINYIN.fullmatch, other.words)):
        return Agreement.DIFFERENT
    mine = {coarse("".join(order)) for order in _orders(sorted(one.words))}
    yours = {coarse("".join(order)) for order in _orders(sorted(other.words))}
    common = mine & yours
    return Agreement.COMPATIBLE if any(len(letters) >= 5 for letters in common) else Agreement.DIFFERENT


def all_words(people: Iterable[Name]) -> set[str]:
    """Every word of every name."""
    return {word for person in people for word in person.words}
