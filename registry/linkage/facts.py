"""What linkage compares: a row of a list, and a registered work as far as it can be recognised by it. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from registry import identifiers
from registry.folding import fold
from registry.linkage import names, titles
from registry.linkage.names import Name
from registry.linkage.titles import Title

COLUMNS = ("title", "author", "year", "publisher", "isbn")
MAX_ISBNS = 8
_YEAR = re.compile(r"(?<!\d)(1[0-9]{3}|20[0-9]{2}|[5-9][0-9]{2})(?!\d)")
_NINE = re.compile(r"[0-9]{8}[0-9X]")
_ISBN_LIKE = re.compile(r"[0-9][0-9\-–— ]{7,16}[0-9xX]|[0-9]{8}[0-9xX]")


@dataclass(frozen=True)
class RowFacts:
    """One row as it stood in the list; every value may be empty."""

    title: str = ""
    author: str = ""
    year: str = ""
    publisher: str = ""
    isbn: str = ""

    def digest(self) -> str:
        """SHA-256 of what the row says: equal but for case, accents, width and spaces is the same row."""
        values = [fold(value) for value in (self.title, self.author, self.year, self.publisher)]
        values.append("".join(char for char in self.isbn.upper() if char.isalnum()))
        return hashlib.sha256("\x1f".join(values).encode()).hexdigest()


@dataclass(frozen=True)
class WorkFacts:
    """A registered work as linkage knows it. `id` is whatever the caller knows it by."""

    id: int
    title: str
    subtitle: str = ""
    other_titles: tuple[str, ...] = ()  # of its editions, translations included
    authors: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()  # of its authors: pen names, other spellings and scripts
    years: tuple[int, ...] = ()  # first published, then of its editions
    publishers: tuple[str, ...] = ()
    isbns: tuple[str, ...] = ()  # canonical
    public_id: str = ""
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row, read. isbns: canonical, check digit right. restored: with zeros put back that a spreadsheet took.
    broken: what looks like an ISBN and is none, digits only. names_nobody: "Various", "Anonymous" is said."""

    title: Title
    people: tuple[Name, ...]
    year: int | None
    publisher: str
    isbns: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    names_nobody: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A registered work, read."""

    id: int
    titles: tuple[Title, ...]  # its own first
    people: tuple[Name, ...]
    years: tuple[int, ...] = ()
    publishers: tuple[str, ...] = ()
    isbns: frozenset[str] = field(default_factory=frozenset)


def read_row(facts: RowFacts) -> Row:
    """Read a row; nothing in it can make this fail."""
    good, restored, broken = read_isbns(facts.isbn)
    people = names.read(facts.author)
    return Row(
        title=titles.read(facts.title),
        people=people,
        year=read_year(facts.year),
        publisher=fold(facts.publisher[:300]),
        isbns=good,
        restored=restored,
        broken=broken,
        names_nobody=bool(facts.author.strip()) and not people,
    )


def read_work(facts: WorkFacts) -> Known:
    """Read a registered work."""
    known = [titles.read(facts.title, facts.subtitle), *(titles.read(title) for title in facts.other_titles)]
    people = [name for text in facts.authors for name in names.read(text)]
    if people or not facts.authors:  # "Various" in another language is nobody either
        people += [name for text in facts.other_names for name in names.read(text)]
    return Known(
        id=facts.id,
        titles=tuple(dict.fromkeys(title for title in known if title.words)),
        people=tuple(dict.fromkeys(people)),
        years=facts.years,
        publishers=tuple(fold(name) for name in facts.publishers if name),
        isbns=frozenset(facts.isbns),
    )


def read_year(text: str) -> int | None:
    """The first year in a text: "1998", "1998-03", "c1976.", "1998.0"; None when there is none."""
    found = _YEAR.search(fold(text[:60]))
    return int(found[1]) if found else None


def read_isbns(text: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The ISBNs of a column → (right, right once lost zeros are put back, broken).

    Spreadsheets drop leading zeros and write long numbers as 9.78E+12; the latter says nothing any more.
    """
    good: list[str] = []
    restored: list[str] = []
    broken: list[str] = []
    folded = fold(text[:400]).upper()
    if not folded or "E+" in folded:
        return (), (), ()
    for piece in re.split(r"[;,|/]| AND ", folded):
        value = piece.strip().removesuffix(".0").lstrip("'=\"").rstrip('"')
        value = value[4:].lstrip(":- 013") if value.startswith("ISBN") and len(value) > 20 else value
        if not value:
            continue
        canonical = _isbn(value)
        if canonical:
            good.append(canonical)
            continue
        digits = "".join(char for char in value if char.isdigit() or char == "X")
        padded = _isbn(digits.zfill(10)) if 7 <= len(digits) <= 9 else None
        if padded:
            restored.append(padded)
        elif len(digits) in (9, 10, 12, 13, 14):
            broken.append(digits)
    return tuple(dict.fromkeys(good[:MAX_ISBNS])), tuple(restored[:MAX_ISBNS]), tuple(broken[:MAX_ISBNS])


def _isbn(value: str) -> str | None:
    if _NINE.fullmatch(value):  # an SBN or a lost zero: either way it is this ISBN, whose check digit has to hold
        value = f"0{value}"
    try:
        return identifiers.normalise("isbn", value)
    except identifiers.IdentifierError:
        found = _ISBN_LIKE.search(value)
        if found is None or found.group() == value:
            return None
        try:
            return identifiers.normalise("isbn", found.group())
        except identifiers.IdentifierError:
            return None


def years_of(dates: Iterable[str | None]) -> tuple[int, ...]:
    """The years of partial dates, each once, in order."""
    found: Sequence[int | None] = [read_year(date) for date in dates if date]
    return tuple(dict.fromkeys(year for year in found if year is not None))
