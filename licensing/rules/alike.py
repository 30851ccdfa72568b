"""Which works are alike to the rules: a key over what axis 1 reads of their facts, read without parsing them.

Facts are checked as `case.parse_case` checks them, or given up: whatever raises here is for the parser to judge.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from marshal import dumps
from typing import Any

from licensing.rules.case import Authorship
from licensing.rules.copyright import RESTORATION_YEAR
from licensing.rules.fields import read_partial_date, read_territory
from licensing.rules.tables import table

SPELLING = 2  # of marshal: without references, so that equal values have equal bytes
# The facts of a work that are known here. Others go to the parser.
_has_known_facts = frozenset({
    "id", "kind", "title", "first_published", "created", "country", "authors", "authorship", "isbn", "registrations",
    "identity", "relation", "renewed", "restored", "edition",
}).issuperset  # fmt: skip
US_RENEWED_UNTIL = 1963  # what appeared later needed no renewal
US_LIFE_TERMS_SINCE = 1978
US_SECTION_303_UNTIL = 2003
DEAD_LONG_BEFORE_1996 = RESTORATION_YEAR - 1 - min(rule["life_plus"] for rule in table("copyright_terms")["term"])
PEOPLE = (None, Authorship.INDIVIDUAL)  # authorships whose term runs from a death
DATES = 50_000  # that are remembered


class _Years(dict[Any, int]):
    """Partial date, as text → its year. Raises CaseError or TypeError for what is none."""

    def __missing__(self, value: Any) -> int:
        year = read_partial_date(value, "").year
        if len(self) >= DATES:
            self.clear()
        self[value] = year
        return year


_YEARS = _Years()


def work_key(work: Any, places: frozenset[str], names: list[Any]) -> Any:
    """What the rules read of a work's facts in these places; its names are added to `names`, unchecked.

    Raises KeyError, AttributeError, TypeError or ValueError where only a parser can say if the facts are right.
    """
    if not work or not _has_known_facts(work):
        raise KeyError
    get = work.get
    names += get("id", "-"), get("title", "-")
    isbn, authors, registrations = get("isbn"), get("authors"), get("registrations")
    if isbn is not None:
        if type(isbn) is not list:
            raise TypeError
        names += isbn
    died = [] if authors is None else _deaths(authors, names)
    if registrations is not None:
        _check_registrations(registrations, names)
    edition, authorship = get("edition"), get("authorship")
    origin = get("country"), get("renewed"), get("restored"), get("created")
    read = alike(places, died, get("first_published"), origin, edition is None and authorship in PEOPLE)
    if edition is not None:
        edition = dumps(edition, SPELLING)
    return read, authorship, get("identity"), get("relation"), get("kind"), edition


def _deaths(authors: Any, names: list[Any]) -> list[int | None]:
    """The years in which they died; their names are added."""
    if type(authors) is not list:
        raise TypeError
    died: list[int | None] = []
    for author in authors:
        if len(author) != 2:
            raise KeyError
        name, day = author["name"], author["died"]
        if name is not None:
            names.append(name)
        died.append(None if day is None else _YEARS[day])
    return died


def _check_registrations(entries: Any, names: list[Any]) -> None:
    if type(entries) is not list:
        raise TypeError
    for entry in entries:
        if len(entry) != 2:
            raise KeyError
        names.append(entry["office"])
        if (day := entry["date"]) is not None:
            _YEARS[day]  # raises for what is no date


def are_names(names: list[Any]) -> bool:
    """Whether each is text and none is empty; raises where one is something else, or no UTF-8."""
    "".join(names).encode()
    return all(map(str.strip, names))


def alike(
    places: frozenset[str],
    died: Sequence[int | None],
    published: str | None,
    origin: tuple[str | None, bool | None, bool | None, str | None],
    is_plain: bool,
) -> Any:
    """What axis 1 reads of the years of authors' deaths, the date of publication and a work's origin (country, renewed,
    restored, created) in these places. `is_plain`: a person's work in its own text, with no edition of its own.

    Terms run in calendar years, and only the United States ask where and when a work was made and renewed. A person's
    work is free some years after the last death, whenever it appeared in that life; where a death is not recorded,
    only the year of publication tells.
    """
    country, renewed, restored, created = origin
    year = None if published is None else _YEARS[published]
    _check_origin(*origin)
    if len(places) == 1 and is_plain and restored is None and created is None:
        if "US" not in places:
            return _alike_by_life(died, year)
        if renewed is False and year is not None and year <= US_RENEWED_UNTIL:
            is_foreign = country is not None and country != "US"
            return "not renewed", year, country, _alike_at_its_source(died, year) if is_foreign else None
        return _alike_in_the_us(died, year)
    if "US" in places:
        return tuple(died), year, published, country, renewed, restored, created
    return tuple(died), year


def _alike_by_life(died: Sequence[int | None], year: int | None) -> Any:
    last = _last(died)
    if last is None:
        return year, None
    return (last, len(died) == 1) if year is None or year <= last else (last, len(died) == 1, year)


def _alike_at_its_source(died: Sequence[int | None], year: int) -> Any:
    """Only where everybody had died long before may it have been free there before 1996."""
    last = _last(died)
    return last is None if last is None or last > DEAD_LONG_BEFORE_1996 else _alike_by_life(died, year)


def _alike_in_the_us(died: Sequence[int | None], year: int | None) -> Any:
    """There, what appeared before 1978 has its term from its publication, whoever wrote it, and what appeared later
    has it from the last death, but for what was written before 1978 and appeared before 2003."""
    if year is None or year < US_LIFE_TERMS_SINCE:
        return year
    last = _last(died)
    if last is None:
        return "life"
    return "life", last, year if last < US_LIFE_TERMS_SINCE and year < US_SECTION_303_UNTIL else None


def _last(died: Sequence[int | None]) -> int | None:
    return None if not died or None in died else max(died)  # type: ignore[type-var]


def years_of(dates: Iterable[str | None]) -> list[int | None]:
    """The years of partial dates, None for those that are empty."""
    return [_YEARS[day] if day else None for day in dates]


def _check_origin(country: Any, renewed: Any, restored: Any, created: Any) -> None:
    """Facts that are not read are still to be right."""
    if country is not None:
        _check_territory(country)
    if not (renewed is None or renewed is True or renewed is False):
        raise ValueError
    if not (restored is None or restored is True or restored is False):
        raise ValueError
    if created is not None:
        read_partial_date(created, "")


@lru_cache(maxsize=1_000)
def _check_territory(country: Any) -> None:
    read_territory(country, "")
