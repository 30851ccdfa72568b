"""A row beside a work: what agrees and what does not, as named features that the model weighs. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from registry.folding import CJK_RUN
from registry.linkage import names
from registry.linkage.facts import Known, Row
from registry.linkage.names import Agreement
from registry.linkage.titles import COMMA, STRONG, Title, is_generic, opens_collection
from registry.linkage.words import GENERIC, LEADING_ARTICLES, STOP

WORD_SIMILARITY = 0.75  # a word and its misspelling
HAN_SIMILARITY = 0.8
TRUNCATED_CHARS = 38  # letters from which a title may have been cut off by a column's width
SUBTITLE_OPENINGS = frozenset(
    ("or", "being", "as", "from", "by", "translated", "edited", "selected", "showing", "written", "with", "in", "for")
)
STOP_WEIGHT = 0.15
NEAR_YEARS = 2
ALIKE_SIMILARITY = 0.6  # of titles; below it a common year says nothing

FEATURES = (
    "title_equal", "title_misspelt", "title_subtitle", "title_subtitles_differ", "title_longer", "title_cut_off",
    "title_lists_more", "title_other", "title_similarity", "title_letters", "title_replaced", "title_left",
    "title_telling", "generic", "part_equal", "part_one_sided", "part_differs", "numbers_differ",
    "numbers_one_sided",
    "series_differs", "kin", "author_same", "author_compatible", "author_misspelt", "author_conflict",
    "author_different", "author_missing", "author_surname", "missing_telling", "missing_distinct", "main_telling",
    "year_equal", "year_equal_unlike",
    "year_near", "year_before", "year_far",
    "publisher_same", "misspelt_short", "alike_same", "alike_compatible", "alike_misspelt", "alike_conflict",
    "alike_different", "alike_missing", "alike_surname",
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(FEATURES)}


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


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row beside a work. `isbn`: "equal", "restored", "near", "differs" or "" when one side has none."""

    title: TitleComparison
    author: Agreement
    features: tuple[float, ...]
    isbn: str = ""
    generic: bool = False
    other_title: int = 0  # which of the work's titles agreed best: 0 its own
    facts: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> float:
        """One feature by its name."""
        return self.features[PLACE[name]]


_NOTHING = TitleComparison(Relation.OTHER, 0.0, 0.0, 3.0, 3.0)


def compare(row: Row, work: Known) -> Comparison:
    """Compare a row with a work, by the title of it that agrees best."""
    best, place = _NOTHING, 0
    for number, title in enumerate(work.titles):
        found = compare_titles(row.title, title)
        if number == 0 or _goodness(found) > _goodness(best):
            best, place = found, number
    author = names.compare(row.people, work.people)
    their_title = work.titles[place] if work.titles else Title()
    author_words = names.all_words((*row.people, *work.people)) if best.similarity > 0.3 else set()
    generic = is_generic(row.title, author_words) or is_generic(their_title, author_words)
    features = _features(row, work, their_title, best, author, generic=generic)
    return Comparison(best, author, features, isbn=_compare_isbns(row, work), generic=generic, other_title=place)


def _goodness(found: TitleComparison) -> float:
    return found.similarity + found.letters - found.replaced - 0.3 * found.left + (found.relation == Relation.EQUAL)


def _compare_isbns(row: Row, work: Known) -> str:
    if work.isbns.intersection(row.isbns):
        return "equal"
    if work.isbns.intersection(row.restored):
        return "restored"
    if row.broken and any(_one_slip(digits, isbn) for digits in row.broken for isbn in work.isbns):
        return "near"
    return "differs" if row.isbns and work.isbns else ""


def _one_slip(digits: str, isbn: str) -> bool:
    """Whether one digit is wrong, missing, doubled, or two changed places."""
    short = isbn[3:12]
    if len(digits) >= 12:
        return OSA.distance(digits, isbn, score_cutoff=1) <= 1
    return OSA.distance(digits[:9], short, score_cutoff=1) <= 1


def compare_titles(ours: Title, theirs: Title) -> TitleComparison:
    """Compare two titles that were read; an empty one is like none."""
    if not ours.words or not theirs.words:
        return _NOTHING
    if ours.compact == theirs.compact:
        return TitleComparison(Relation.EQUAL, 1.0, 1.0, 0.0, 0.0)
    if ours.is_han != theirs.is_han:
        return _across_scripts(ours, theirs)
    return _compare_titles(ours, theirs)


@lru_cache(maxsize=16384)
def _compare_titles(ours: Title, theirs: Title) -> TitleComparison:
    mine, yours, shared = _align(ours.words, theirs.words)
    my_weight, your_weight = _weight(mine), _weight(yours)
    similarity = 2 * shared / (2 * shared + my_weight + your_weight) if shared else 0.0
    letters = fuzz.ratio(ours.compact, theirs.compact) / 100
    replaced, left = sorted((my_weight, your_weight))
    relation = _relation(ours, theirs, mine, yours)
    if ours.is_han and relation in (Relation.LONGER, Relation.OTHER) and _is_han_slip(ours, theirs):
        relation = Relation.MISSPELT
    return TitleComparison(relation, similarity, letters, replaced, left, tuple(mine), tuple(yours))


def _is_han_slip(ours: Title, theirs: Title) -> bool:
    """One character of five or more: of shorter titles each makes another book of it (補紅樓夢 is not 紅樓夢)."""
    return bool(OSA.normalized_similarity(ours.compact, theirs.compact, score_cutoff=HAN_SIMILARITY))


def _weight(words: Sequence[str]) -> float:
    return sum(STOP_WEIGHT if word in STOP else min(1.0, 0.4 + 0.15 * len(word)) for word in words)


def _align(one: Sequence[str], other: Sequence[str]) -> tuple[list[str], list[str], float]:
    """Words that only one or only the other has, and the weight of those in both, misspelt ones for their likeness."""
    mine, yours = list(one), list(other)
    both: list[str] = []
    for word in one:
        if word in yours:
            yours.remove(word)
            mine.remove(word)
            both.append(word)
    shared = _weight(both)
    if mine and yours:
        shared += _pair_misspelt(mine, yours)
    if mine and yours:
        shared += _pair_joined(mine, yours) + _pair_joined(yours, mine)
    return mine, yours, shared


def _pair_misspelt(mine: list[str], yours: list[str]) -> float:
    shared = 0.0
    for word in list(mine):
        if len(word) < 3:
            continue
        likeness, match = max(((alike(word, other), other) for other in yours), default=(0.0, ""))
        if likeness >= WORD_SIMILARITY:
            mine.remove(word)
            yours.remove(match)
            shared += _weight([word]) * likeness
    return shared


def alike(word: str, other: str) -> float:
    """How much two words are one: 1 equal, 0 when more stands between them than a slip or two of the finger."""
    if word[:2].isdigit() or other[:2].isdigit() or min(len(word), len(other)) < 3:  # 1607a is not 1608a
        return 0.0
    if word.removesuffix("s") == other.removesuffix("s"):
        return 0.95
    cutoff = WORD_SIMILARITY if max(len(word), len(other)) > 4 else 0.75
    return OSA.normalized_similarity(word, other, score_cutoff=cutoff)


def _pair_joined(mine: list[str], yours: list[str]) -> float:
    """Two words of one side written as one by the other: "break fast", "play-actress"."""
    shared = 0.0
    for first, second in zip(list(mine), list(mine)[1:], strict=False):
        whole = first + second
        if whole in yours and first in mine and second in mine:
            mine.remove(first)
            mine.remove(second)
            yours.remove(whole)
            shared += _weight([whole])
    return shared


def _relation(ours: Title, theirs: Title, mine: list[str], yours: list[str]) -> Relation:
    telling_mine = [word for word in mine if word not in STOP]
    telling_yours = [word for word in yours if word not in STOP]
    if not telling_mine and not telling_yours:
        return Relation.MISSPELT
    if telling_mine and telling_yours:
        return _both_differ(ours, theirs, mine, yours)
    shorter, longer = (theirs, ours) if telling_mine else (ours, theirs)
    return _one_is_longer(shorter, longer)


def _both_differ(ours: Title, theirs: Title, mine: Sequence[str], yours: Sequence[str]) -> Relation:
    """Main titles that agree up to where both begin a subtitle."""
    length = _common_start(ours.words, theirs.words)
    for place in range(length, 0, -1):
        if _is_cut(ours, place) and _is_cut(theirs, place):
            return _subtitles(ours.words[place:], theirs.words[place:])
    main, other_main = ours.words[: ours.main_words], theirs.words[: theirs.main_words]
    if main != ours.words or other_main != theirs.words:
        a, b = "".join(main), "".join(other_main)
        same_letters = min(len(a), len(b)) >= 4 and OSA.normalized_similarity(a, b, score_cutoff=0.85)
        if same_letters and not _one_for_another(*_align(main, other_main)[:2]):
            return _subtitles(ours.words[len(main) :], theirs.words[len(other_main) :])
    shorter, longer = sorted((ours, theirs), key=lambda title: len(title.compact))
    compact = shorter.compact
    if len(compact) >= TRUNCATED_CHARS and fuzz.ratio(compact, longer.compact[: len(compact)], score_cutoff=94):
        left, theirs_left = (mine, yours) if shorter is ours else (yours, mine)
        if all(word in STOP or _is_stump(word, shorter, theirs_left) for word in left):
            return Relation.CUT_OFF
    return Relation.OTHER


def _is_stump(word: str, shorter: Title, others: Sequence[str]) -> bool:
    """Whether it is the last word, and the beginning of one of the others."""
    return word == shorter.words[-1] and any(other.startswith(word) for other in others)


def _subtitles(mine: Sequence[str], yours: Sequence[str]) -> Relation:
    """Other subtitles, unless one of them says that the book holds more than the other."""
    if opens_collection(mine[:4]) != opens_collection(yours[:4]):
        return Relation.LISTS_MORE
    return Relation.SUBTITLES_DIFFER


def _one_for_another(mine: Sequence[str], yours: Sequence[str]) -> bool:
    """Whether a telling word stands where the other side has one that no slip of the finger makes of it."""
    ours = [word for word in mine if word not in STOP]
    theirs = [word for word in yours if word not in STOP]
    return any(min((OSA.distance(word, other) for other in theirs), default=0) > 1 for word in ours)


def _one_is_longer(shorter: Title, longer: Title) -> Relation:
    length = _common_start(shorter.words, longer.words)
    if length < len(shorter.words):
        length = _start_in_letters(shorter.compact, longer.words)
        if length and _one_for_another(*_align(shorter.words, longer.words[:length])[:2]):
            return Relation.LONGER
    if not length:  # the shorter one's words stand apart in the longer one
        ending = longer.words[-len(shorter.words) :] == shorter.words
        if ending and _is_cut(longer, len(longer.words) - len(shorter.words)):
            return Relation.SUBTITLE  # "Introduction. Reineke Fuchs" and "Reineke Fuchs"
        return Relation.LONGER
    rest = longer.words[length:]
    if opens_collection(rest):
        return Relation.LISTS_MORE
    if _is_cut(longer, length) or rest[0] == "or":
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


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """How many words at the start are the same, slips aside."""
    length = 0
    for word, their in zip(one, other, strict=False):
        if word != their and not (word in STOP and their in STOP) and alike(word, their) < WORD_SIMILARITY:
            break
        length += 1
    return length


def _across_scripts(ours: Title, theirs: Title) -> TitleComparison:
    """A Chinese title and a Latin one agree when the latter spells the former's sounds."""
    han, latin = (ours, theirs) if ours.is_han else (theirs, ours)
    characters = "".join(word for word in han.words if CJK_RUN.match(word))
    if len(characters) > 30:
        return _NOTHING
    spelt = "".join(names.romanise(characters))
    main = "".join(latin.words[: latin.main_words])
    if len(spelt) >= 4 and (spelt in (latin.compact, main) or names.coarse(spelt) == names.coarse(main)):
        return TitleComparison(Relation.MISSPELT, 0.9, 0.9, 0.0, 0.0)
    return _NOTHING


def _features(
    row: Row, work: Known, theirs: Title, title: TitleComparison, author: Agreement, *, generic: bool
) -> tuple[float, ...]:
    found = [0.0] * len(FEATURES)

    def put(name: str, value: float = 1.0) -> None:
        found[PLACE[name]] = value

    ours = row.title
    put(f"title_{title.relation}")
    put("title_similarity", title.similarity)
    put("title_letters", title.letters)
    put("title_replaced", min(title.replaced, 3.0))
    put("title_left", min(title.left, 4.0) / 4)
    shorter = min(ours.compact, theirs.compact, key=len)
    telling = min(math.log1p(_letters(shorter)) / math.log1p(40), 1.0)
    put("title_telling", telling)
    put("generic", float(generic))
    _put_parts(ours, theirs, put)
    if bool(ours.kin ^ theirs.kin) and title.relation != Relation.EQUAL:
        put("kin")
    put(f"author_{author.name.lower()}")
    if author == Agreement.MISSING:
        put("missing_telling", telling if title.relation in _ALIKE else 0.0)
        put("missing_distinct", float(not generic and _is_distinct(row, work, theirs, title)))
    if title.relation in (Relation.SUBTITLES_DIFFER, Relation.SUBTITLE):
        main = min("".join(ours.words[: ours.main_words]), "".join(theirs.words[: theirs.main_words]), key=len)
        put("main_telling", min(math.log1p(_letters(main)) / math.log1p(40), 1.0))
    if title.relation in _ALIKE:
        put(f"alike_{author.name.lower()}")
    if title.relation == Relation.MISSPELT and len(shorter) < 8:
        put("misspelt_short")
    _put_dates(row, work, title, put)
    if row.publisher and any(_publishers_agree(row.publisher, name) for name in work.publishers):
        put("publisher_same")
    return tuple(found)


_UNBROKEN = (Relation.EQUAL, Relation.MISSPELT, Relation.SUBTITLE, Relation.CUT_OFF)
_ALIKE = (Relation.EQUAL, Relation.MISSPELT, Relation.SUBTITLE, Relation.SUBTITLES_DIFFER, Relation.CUT_OFF)


DISTINCT_WORDS = 3  # telling ones, from which on a title without an author may be a match
DISTINCT_LETTERS = 14


def _is_distinct(row: Row, work: Known, theirs: Title, title: TitleComparison) -> bool:
    """Whether the title alone may tell the work: the row leaves the author out, and few books share such a title.

    With the year or the publisher on its side a title of fewer words will do.
    """
    if (
        row.people
        or (row.names_nobody and work.people)
        or title.relation not in _UNBROKEN
        or theirs.parts != row.title.parts
    ):
        return False
    shorter = min(row.title, theirs, key=lambda one: len(one.compact))
    words = len([word for word in shorter.content() if len(word) > 1 and word not in GENERIC])
    letters = _letters(shorter.compact)
    if row.title.is_han:
        words = letters // 5
    nearest = min((abs(row.year - year) for year in work.years), default=99) if row.year is not None else 99
    supported = nearest <= 1 or any(_publishers_agree(row.publisher, name) for name in work.publishers if row.publisher)
    if supported:
        return words >= DISTINCT_WORDS - 1 or letters >= DISTINCT_LETTERS - 4
    return words >= DISTINCT_WORDS and letters >= DISTINCT_LETTERS


def _letters(compact: str) -> int:
    """Letters of a title; a Chinese character says as much as three."""
    return len(compact) + 2 * sum(map(len, CJK_RUN.findall(compact)))


def _put_parts(ours: Title, theirs: Title, put: Callable[..., None]) -> None:
    if ours.parts or theirs.parts:
        series = {number for number in (ours.series_number, theirs.series_number) if number}
        found = _sets_relate(ours.parts, theirs.parts)
        if found == "part_one_sided" and (ours.parts ^ theirs.parts) <= (
            series | _standing_numbers(ours) | _standing_numbers(theirs)
        ):
            found = "part_equal"
        put(found)
    if ours.numbers != theirs.numbers:
        found = _sets_relate(ours.numbers, theirs.numbers)
        put("numbers_differ" if found == "part_differs" else "numbers_one_sided")
    if ours.series_number and theirs.series_number and ours.series_number != theirs.series_number:
        put("series_differs")


def _standing_numbers(title: Title) -> frozenset[str]:
    """Numbers that may number a part without its name: of the main title, or at the end; not "in three acts"."""
    return title.numbers.intersection((*title.words[: title.main_words], *title.words[-1:]))


def _sets_relate(ours: frozenset[str], theirs: frozenset[str]) -> str:
    if ours == theirs:
        return "part_equal"
    return "part_one_sided" if ours <= theirs or theirs <= ours else "part_differs"


def _put_dates(row: Row, work: Known, title: TitleComparison, put: Callable[..., None]) -> None:
    if row.year is None or not work.years:
        return
    if title.similarity < ALIKE_SIMILARITY:
        return
    nearest = min(abs(row.year - year) for year in work.years)
    if nearest == 0:
        put("year_equal" if title.relation in _ALIKE else "year_equal_unlike")
    elif nearest <= NEAR_YEARS:
        put("year_near")
    elif row.year < min(work.years):
        put("year_before")
    else:
        put("year_far")


def _publishers_agree(one: str, other: str) -> bool:
    return one in other or other in one or fuzz.token_set_ratio(one, other) >= 85
