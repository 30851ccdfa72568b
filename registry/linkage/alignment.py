"""The words of two titles laid beside one another: which are the same, a slip apart, or only in one. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from rapidfuzz.distance import OSA

from registry.linkage.words import STOP

WORD_SIMILARITY = 0.75  # a word and its misspelling
SLIP_SIMILARITY = 0.6  # … where its place in the title says which word it is, and no title has such a word
SHORT_SIMILARITY = 0.5  # … of at most SHORT_CHARS letters
SHORT_CHARS = 5
STOP_WEIGHT = 0.15
KNOWN_WORDS = Path(__file__).with_name("known_words.txt")
# What scanning makes of letters; the longer first
_SCANNED = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("1", "l"), ("0", "o"), ("5", "s"))


@dataclass(slots=True)
class Aligned:
    """mine, yours: words that only one has. shared: weight of those in both, misspelt ones for their likeness.

    far: telling words that only their place tells. real: pairs a slip apart of which each is a word of its own.
    """

    mine: list[str]
    yours: list[str]
    shared: float = 0.0
    far: list[str] = field(default_factory=list)
    real: int = 0


def align(ours: Sequence[str], theirs: Sequence[str]) -> Aligned:
    """Pair the words of two titles: equal ones, misspelt ones, joined ones, then those that stand in one place."""
    found = Aligned(list(ours), list(theirs))
    both: list[str] = []
    for word in ours:
        if word in found.yours:
            found.yours.remove(word)
            found.mine.remove(word)
            both.append(word)
    found.shared = weight(both)
    if found.mine and found.yours:
        _pair_misspelt(found)
    if found.mine and found.yours:
        found.shared += _pair_joined(found.mine, found.yours) + _pair_joined(found.yours, found.mine)
    if found.mine and found.yours:
        _pair_in_place(found, ours, theirs)
    for left, words, others in ((found.mine, ours, theirs), (found.yours, theirs, ours)):
        if left and left[0] == words[0] and is_article(words[0]) and words[1:2] == others[:1]:
            left.pop(0)
    return found


def weight(words: Sequence[str]) -> float:
    """What words tell together: long ones more, articles and their kind hardly anything."""
    return sum(STOP_WEIGHT if word in STOP else min(1.0, 0.4 + 0.15 * len(word)) for word in words)


def alike(word: str, other: str) -> float:
    """How much two words are one: 1 equal, 0 when more stands between them than a slip or two of the finger."""
    if word[:2].isdigit() or other[:2].isdigit() or min(len(word), len(other)) < 3:  # 1607a is not 1608a
        return 0.0
    if word.removesuffix("s") == other.removesuffix("s"):
        return 0.95
    return OSA.normalized_similarity(word, other, score_cutoff=WORD_SIMILARITY)


def is_slip(word: str, other: str) -> bool:
    """Whether two words that stand in one place are one, badly written on one side.

    An article or its kind but for one letter, or words much alike of which one is none that titles are known to have.
    """
    if word[:2].isdigit() or other[:2].isdigit():
        return False
    if word in STOP or other in STOP:
        return max(len(word), len(other)) > 1 and OSA.distance(word, other, score_cutoff=1) <= 1
    if min(len(word), len(other)) < 2 or {word, other} <= known_words():
        return False
    least = SHORT_SIMILARITY if max(len(word), len(other)) <= SHORT_CHARS else SLIP_SIMILARITY
    if OSA.normalized_similarity(word, other, score_cutoff=least):
        return True
    return min(len(word), len(other)) > 3 and scanned(word) == scanned(other)


def is_article(word: str) -> bool:
    """Whether it may be "the" at the beginning, badly written, which a title that was read no longer has."""
    return len(word) > 1 and word not in known_words() and OSA.distance(word, "the", score_cutoff=1) <= 1


@lru_cache(maxsize=1)
def known_words() -> frozenset[str]:
    """Words that stand in titles: a word beside one of them that is not among them may be a slip."""
    return frozenset(KNOWN_WORDS.read_text(encoding="utf-8").split())


def scanned(word: str) -> str:
    """A word as scanning may have read it, the same for both readings: "anirnal" and "animal"."""
    for seen, meant in _SCANNED:
        if seen in word:
            word = word.replace(seen, meant)
    return word


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the start are the same, slips aside."""
    length = 0
    for word, their in zip(one, other, strict=False):
        if word != their and not _is_one(word, their):
            break
        length += 1
    return length


def _is_one(word: str, their: str) -> bool:
    if word in STOP and their in STOP:
        return True
    return alike(word, their) >= WORD_SIMILARITY or is_slip(word, their)


def one_for_another(mine: Sequence[str], yours: Sequence[str]) -> bool:
    """Whether a telling word stands where the other side has one that no slip of the finger makes of it."""
    ours = [word for word in mine if word not in STOP]
    theirs = [word for word in yours if word not in STOP]
    return any(min((OSA.distance(word, other) for other in theirs), default=0) > 1 for word in ours)


def _pair_misspelt(found: Aligned) -> None:
    for word in list(found.mine):
        if len(word) < 3:
            continue
        likeness, match = max(((alike(word, other), other) for other in found.yours), default=(0.0, ""))
        if likeness >= WORD_SIMILARITY:
            found.mine.remove(word)
            found.yours.remove(match)
            found.shared += weight([word]) * likeness
            found.real += likeness < 0.95 and word in known_words() and match in known_words()


def _pair_joined(mine: list[str], yours: list[str]) -> float:
    """Two words of one side written as one by the other: "break fast", "play-actress"."""
    shared = 0.0
    for first, second in zip(list(mine), list(mine)[1:], strict=False):
        whole = first + second
        if whole in yours and first in mine and second in mine:
            mine.remove(first)
            mine.remove(second)
            yours.remove(whole)
            shared += weight([whole])
    return shared


def _pair_in_place(found: Aligned, ours: Sequence[str], theirs: Sequence[str]) -> None:
    """Pair words between the same neighbours of which one is a slip."""
    for word in list(found.mine):
        place = ours.index(word)
        for other in found.yours:
            if _stand_alike(ours, place, theirs, theirs.index(other)) and is_slip(word, other):
                found.mine.remove(word)
                found.yours.remove(other)
                found.shared += weight([other]) * SLIP_SIMILARITY
                if not STOP.intersection((word, other)) or {word, other} <= known_words():
                    found.far.append(other)
                break


def _stand_alike(ours: Sequence[str], place: int, theirs: Sequence[str], other: int) -> bool:
    """Whether the word before or the one behind is the same, or both titles begin or end here."""
    before = ours[place - 1] == theirs[other - 1] if place and other else place == other
    last, other_last = place == len(ours) - 1, other == len(theirs) - 1
    if last or other_last:
        return before or (last and other_last)
    return before or ours[place + 1] == theirs[other + 1]
