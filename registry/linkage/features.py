"""What agrees and what does not between a row and a work, as named numbers that the model weighs. Pure."""

import math
from collections.abc import Callable

from rapidfuzz import fuzz

from registry.folding import CJK_RUN
from registry.linkage.facts import Known, Row
from registry.linkage.names import Agreement
from registry.linkage.title_relations import Relation, TitleComparison
from registry.linkage.titles import Title
from registry.linkage.words import GENERIC, STOP

NEAR_YEARS = 2
ALIKE_SIMILARITY = 0.6  # of titles; below it a common year says nothing
DISTINCT_WORDS = 3  # telling ones, from which on a title without an author may be a match
DISTINCT_LETTERS = 14
SURE_WORDS = 4  # telling words of a title without the one that is lost or that only its place tells

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
    "alike_different", "alike_missing", "alike_surname", "slip_far", "slip_alone", "slip_real", "word_lost",
)  # fmt: skip
PLACE = {name: place for place, name in enumerate(FEATURES)}

_UNBROKEN = (Relation.EQUAL, Relation.MISSPELT, Relation.SUBTITLE, Relation.CUT_OFF)
_ALIKE = (Relation.EQUAL, Relation.MISSPELT, Relation.SUBTITLE, Relation.SUBTITLES_DIFFER, Relation.CUT_OFF)


def features_of(
    row: Row, work: Known, theirs: Title, title: TitleComparison, author: Agreement, *, generic: bool
) -> tuple[float, ...]:
    """What the model weighs of a row beside a work whose title `theirs` agrees best, in the order of FEATURES."""
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
    if bool(ours.kin ^ theirs.kin) and not _is_but_slips(title):
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
    _put_slips(ours, theirs, title, put)
    _put_dates(row, work, title, put)
    if row.publisher and any(_publishers_agree(row.publisher, name) for name in work.publishers):
        put("publisher_same")
    return tuple(found)


def _is_distinct(row: Row, work: Known, theirs: Title, title: TitleComparison) -> bool:
    """Whether the title alone may tell the work: the row leaves the author out, and few books share such a title.

    With the year or the publisher on its side a title of fewer words will do.
    """
    if (
        row.people
        or (row.names_nobody and work.people)
        or title.relation not in _UNBROKEN
        or title.far
        or theirs.parts != row.title.parts
        or theirs.numbers != row.title.numbers
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


def _is_but_slips(title: TitleComparison) -> bool:
    """Whether every word of one is a word of the other, or no word at all."""
    return title.relation == Relation.EQUAL or (title.relation == Relation.MISSPELT and not title.real)


def _put_slips(ours: Title, theirs: Title, title: TitleComparison, put: Callable[..., None]) -> None:
    """Words that only their place tells, and what stands beside them to tell the title."""
    telling = min(len(_telling(ours)), len(_telling(theirs)))
    if title.far:
        put("slip_far", min(len(title.far), 3) / 3)
        put("slip_alone", float(telling - len(title.far) < 2))
    if title.real:
        put("slip_real", min(title.real, 3) / 3)
    if title.lost and telling >= SURE_WORDS:
        put("word_lost")


def _telling(title: Title) -> list[str]:
    return [word for word in title.words if word not in STOP and not word.isdigit()]


def _letters(compact: str) -> int:
    """Letters of a title; a Chinese character says as much as three."""
    return len(compact) + 2 * sum(map(len, CJK_RUN.findall(compact)))


def _put_parts(ours: Title, theirs: Title, put: Callable[..., None]) -> None:
    if ours.parts or theirs.parts:
        series = {number for number in (ours.series_number, theirs.series_number) if number}
        found = _sets_relate(ours.parts, theirs.parts)
        ours_alone = ours.parts - theirs.parts - (_standing_numbers(theirs) - ours.numbers) - series
        theirs_alone = theirs.parts - ours.parts - (_standing_numbers(ours) - theirs.numbers) - series
        if found == "part_one_sided" and not ours_alone and not theirs_alone:  # "Studies 2" and "Studies, vol. 2"
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
