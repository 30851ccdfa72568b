"""How two titles relate: equal, a slip apart, with a subtitle, cut off, going on, or another title. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from registry.folding import CJK_RUN
from registry.linkage import names
from registry.linkage.alignment import Aligned, align, common_start, one_for_another, weight
from registry.linkage.numbering import COMMA, STRONG
from registry.linkage.titles import Title, opens_collection
from registry.linkage.words import LEADING_ARTICLES, STOP

HAN_SIMILARITY = 0.8
TRUNCATED_CHARS = 38  # letters from which a title may have been cut off by a column's width
STUMP_CHARS = 18  # … and where it ends within a word of the other
SUBTITLE_OPENINGS = frozenset(
    ("or", "being", "as", "from", "by", "translated", "edited", "selected", "showing", "written", "with", "in", "for")
)


class Relation(StrEnum):
    """How two titles relate."""

    EQUAL = "equal"
    MISSPELT = "misspelt"
    SUBTITLE = "subtitle"  # one side has a subtitle that the other has not
    SUBTITLES_DIFFER = "subtitles_differ"
    LONGER = "longer"  # one goes on without a break
    CUT_OFF = "cut_off"  # one ends in the middle
    LISTS_MORE = "lists_more"  # "and other stories"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class TitleComparison:
    """Two titles: their relation, shares of common words and letters, and the weight of words that differ."""

    relation: Relation
    similarity: float
    letters: float
    replaced: float  # the lesser of what is only in one and only in the other: something else stands there
    left: float  # the greater
    ours: tuple[str, ...] = ()  # words that only the row has
    theirs: tuple[str, ...] = ()  # words that only the work has
    far: tuple[str, ...] = ()  # words of the work that only their place tells in the row
    real: int = 0  # words a slip apart of which each is a word of its own
    lost: bool = False  # one word within is all that one has and the other has not


NOTHING = TitleComparison(Relation.OTHER, 0.0, 0.0, 3.0, 3.0)


def compare_titles(ours: Title, theirs: Title) -> TitleComparison:
    """Compare two titles that were read; an empty one is like none."""
    if not ours.words or not theirs.words:
        return NOTHING
    if ours.compact == theirs.compact:
        return TitleComparison(Relation.EQUAL, 1.0, 1.0, 0.0, 0.0)
    if ours.is_han != theirs.is_han and set(ours.words).isdisjoint(theirs.words):
        return _across_scripts(ours, theirs)
    return _compare_titles(ours, theirs)


@lru_cache(maxsize=16384)
def _compare_titles(ours: Title, theirs: Title) -> TitleComparison:
    found = align(ours.words, theirs.words)
    mine, yours = weight(found.mine), weight(found.yours)
    similarity = 2 * found.shared / (2 * found.shared + mine + yours) if found.shared else 0.0
    letters = fuzz.ratio(ours.compact, theirs.compact) / 100
    relation = _relation(ours, theirs, found)
    both_han = ours.is_han and theirs.is_han
    if both_han and relation in (Relation.LONGER, Relation.OTHER) and _is_han_slip(ours, theirs):
        relation = Relation.MISSPELT
    return TitleComparison(
        relation,
        similarity,
        letters,
        min(mine, yours),
        max(mine, yours),
        tuple(found.mine),
        tuple(found.yours),
        tuple(found.far),
        found.real,
        relation == Relation.LONGER and _lacks_one(ours.words, theirs.words),
    )


def _lacks_one(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether the shorter is the longer without one of its words, which is neither the first nor the last."""
    shorter, longer = sorted((one, other), key=len)
    if len(longer) != len(shorter) + 1:
        return False
    place = common_start(shorter, longer)
    return 0 < place < len(shorter) and common_start(shorter[place:], longer[place + 1 :]) == len(shorter) - place


def _is_han_slip(ours: Title, theirs: Title) -> bool:
    """One character of five or more: of shorter titles each makes another book of it (補紅樓夢 is not 紅樓夢)."""
    return bool(OSA.normalized_similarity(ours.compact, theirs.compact, score_cutoff=HAN_SIMILARITY))


def _relation(ours: Title, theirs: Title, found: Aligned) -> Relation:
    telling_mine = [word for word in found.mine if word not in STOP]
    telling_yours = [word for word in found.yours if word not in STOP]
    if not telling_mine and not telling_yours:
        return Relation.MISSPELT
    if telling_mine and telling_yours:
        return _both_differ(ours, theirs, found)
    shorter, longer = (theirs, ours) if telling_mine else (ours, theirs)
    return _one_is_longer(shorter, longer)


def _both_differ(ours: Title, theirs: Title, found: Aligned) -> Relation:
    """Main titles that agree up to where both begin a subtitle, or up to where one was cut off."""
    length = common_start(ours.words, theirs.words)
    if _ends_within(ours, theirs, length) or _ends_within(theirs, ours, length):
        return Relation.CUT_OFF
    for place in range(length, 0, -1):
        if _is_cut(ours, place) and _is_cut(theirs, place):
            return _subtitles(ours.words[place:], theirs.words[place:])
    main, other_main = ours.words[: ours.main_words], theirs.words[: theirs.main_words]
    if main != ours.words or other_main != theirs.words:
        a, b = "".join(main), "".join(other_main)
        same_letters = min(len(a), len(b)) >= 4 and OSA.normalized_similarity(a, b, score_cutoff=0.85)
        if same_letters and not _differ(main, other_main):
            return _subtitles(ours.words[len(main) :], theirs.words[len(other_main) :])
    shorter, longer = sorted((ours, theirs), key=lambda title: len(title.compact))
    compact = shorter.compact
    if len(compact) >= TRUNCATED_CHARS and fuzz.ratio(compact, longer.compact[: len(compact)], score_cutoff=94):
        left, others = (found.mine, found.yours) if shorter is ours else (found.yours, found.mine)
        if all(word in STOP or _is_stump(word, shorter, others) for word in left):
            return Relation.CUT_OFF
    return Relation.OTHER


def _differ(main: Sequence[str], other_main: Sequence[str]) -> bool:
    found = align(main, other_main)
    return one_for_another(found.mine, found.yours)


def _ends_within(shorter: Title, longer: Title, length: int) -> bool:
    """Whether all of it is the other's beginning but for a last word, which is the beginning of the other's next."""
    if length != len(shorter.words) - 1 or length >= len(longer.words):
        return False
    stump, whole = shorter.words[-1], longer.words[length]
    said = sum(map(len, shorter.words[:-1]))
    return said >= STUMP_CHARS and stump != whole and whole.startswith(stump) and not stump.isdigit()


def _is_stump(word: str, shorter: Title, others: Sequence[str]) -> bool:
    """Whether it is the last word, and the beginning of one of the others."""
    return word == shorter.words[-1] and any(other.startswith(word) for other in others)


def _subtitles(mine: Sequence[str], yours: Sequence[str]) -> Relation:
    """Other subtitles, unless one of them says that the book holds more than the other."""
    if opens_collection(mine[:4]) != opens_collection(yours[:4]):
        return Relation.LISTS_MORE
    return Relation.SUBTITLES_DIFFER


def _one_is_longer(shorter: Title, longer: Title) -> Relation:
    length = common_start(shorter.words, longer.words)
    if length < len(shorter.words):
        length = _start_in_letters(shorter.compact, longer.words)
        if length and _differ(shorter.words, longer.words[:length]):
            return Relation.LONGER
    if not length:  # the shorter one's words stand apart in the longer one
        ending = longer.words[-len(shorter.words) :] == shorter.words
        if ending and _is_cut(longer, len(longer.words) - len(shorter.words)):
            return Relation.SUBTITLE  # "Introduction. Reineke Fuchs" and "Reineke Fuchs"
        return Relation.LONGER
    rest = longer.words[length:]
    if opens_collection(rest):
        return Relation.LISTS_MORE
    if _is_cut(longer, length) or rest[:1] == ("or",):
        return Relation.SUBTITLE
    if len(shorter.compact) >= TRUNCATED_CHARS:
        return Relation.CUT_OFF
    return Relation.LONGER


def _start_in_letters(compact: str, words: Sequence[str]) -> int:
    """With how many of the words the letters are used up, however they are divided; 0 when they are not their start."""
    letters = 0
    for place, word in enumerate(words, 1):
        letters += len(word)
        if letters >= len(compact) - 1:
            start = "".join(words[:place])
            return place if OSA.normalized_similarity(compact, start, score_cutoff=0.9) and place < len(words) else 0
    return 0


def _is_cut(title: Title, place: int) -> bool:
    """Whether a subtitle may begin at this word: after a strong cut, or after a comma with an article."""
    if place >= len(title.words):
        return True
    cut = title.cuts[place]
    return cut == STRONG or (
        cut == COMMA and (title.words[place] in LEADING_ARTICLES or title.words[place] in SUBTITLE_OPENINGS)
    )


def _across_scripts(ours: Title, theirs: Title) -> TitleComparison:
    """A Chinese title and a Latin one agree when the latter spells the former's sounds."""
    han, latin = (ours, theirs) if ours.is_han else (theirs, ours)
    characters = "".join(word for word in han.words if CJK_RUN.match(word))
    if len(characters) > 30:
        return NOTHING
    spelt = "".join(names.romanise(characters))
    main = "".join(latin.words[: latin.main_words])
    if len(spelt) >= 4 and (spelt in (latin.compact, main) or names.coarse(spelt) == names.coarse(main)):
        return TitleComparison(Relation.MISSPELT, 0.9, 0.9, 0.0, 0.0)
    return NOTHING
