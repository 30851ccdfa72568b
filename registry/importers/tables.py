"""Rows of a table → works: one row, one record, whichever file the table came from.

A year is the year of the edition that the row describes; only a column that says so is the first publication. Cells
are text as they stand: what begins like a formula is kept, flagged and never calculated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice

from registry.importers.columns import FIELDS, letter, name_columns, positions, propose_fields, recognise
from registry.importers.names import are_inverted, read_people
from registry.importers.rows import CatalogueError, CatalogueRow, EditionRow, Message, Person
from registry.importers.values import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    Remarks,
    Seen,
    check_country,
    check_date,
    check_identifier,
    check_language,
    check_text,
    check_title,
    looks_like_formula,
)

HEAD_ROWS = 10
STYLE_ROWS = 500
MAX_COLUMNS = 1000
EDITION_SCHEMES = ("isbn", "asin", "oclc", "lccn")
WORK_SCHEMES = ("doi", "issn", "iscc")
KINDS = {
    **dict.fromkeys(("book", "monograph", "novel", "fiction", "nonfiction", "图书", "书", "专著", "小说"), "book"),
    **dict.fromkeys(("article", "journal article", "paper", "essay", "文章", "论文", "期刊论文"), "article"),
    **dict.fromkeys(("poem", "poetry", "诗", "诗歌"), "poem"),
    **dict.fromkeys(("play", "drama", "戏剧", "剧本"), "play"),
    **dict.fromkeys(("manual", "handbook", "手册"), "manual"),
    **dict.fromkeys(("other", "其他"), "other"),
}
_ISBN_LIST = re.compile(r"[;|；、\n]|,(?=\s*\d)|\s/\s")
_WHOLE_NUMBER = re.compile(r"-?([0-9]+)\.0+")


@dataclass
class Cells:
    """One row as it stood: the text of each cell, and what its file knows about some of them."""

    values: list[str]
    messages: dict[int, list[Message]] = field(default_factory=dict)  # place → remarks; `column` is filled in here
    raw: str = ""


@dataclass(frozen=True)
class Table:
    """The head of a table and the rows after it."""

    columns: tuple[str, ...]
    proposed: Mapping[str, str]
    messages: tuple[Message, ...]
    rows: Iterator[CatalogueRow]


def read_table(rows: Iterator[Cells], file: str, mapping: Mapping[str, str] | None) -> Table:
    """Find the heading, map its columns, and read the rows as they come.

    Raises CatalogueError: TABLE_EMPTY, COLUMN_MISSING (the mapping names a column that is not there), FIELD_UNKNOWN,
    TABLE_UNRECOGNISED (one column whose heading says nothing), TOO_MANY_COLUMNS.
    """
    first = list(islice(rows, HEAD_ROWS))
    place, columns = _find_heading([row.values for row in first], mapping, file)
    chosen = _check_mapping(columns, mapping, file) if mapping is not None else propose_fields(columns)
    if mapping is None and len(columns) < 2 and not chosen:
        cause = "this is neither ONIX nor MARC, and as a table it has one column whose heading says nothing"
        raise CatalogueError("TABLE_UNRECOGNISED", file, 0, cause)
    body = chain(first[place + 1 :], rows)
    sample = list(islice(body, STYLE_ROWS))
    reader = _Reader(columns, chosen, [row.values for row in sample])
    return Table(columns, chosen, tuple(reader.head_messages), reader.read(chain(sample, body)))


def _find_heading(rows: list[list[str]], mapping: Mapping[str, str] | None, file: str) -> tuple[int, tuple[str, ...]]:
    """The place of the row that names the columns, -1 when none does and letters stand for them."""
    filled = [place for place, row in enumerate(rows) if any(cell.strip() for cell in row)]
    if not filled:
        raise CatalogueError("TABLE_EMPTY", file, 0, "the table has no rows")
    width = max(len(row) for row in rows)
    if width > MAX_COLUMNS:
        raise CatalogueError("TOO_MANY_COLUMNS", file, 0, f"the table has {width} columns; at most {MAX_COLUMNS}")
    letters = tuple(letter(index) for index in range(width))
    if mapping is not None:
        for place in filled:
            names = name_columns(rows[place])
            if set(mapping) <= set(names):
                return place, names
        if set(mapping) <= set(letters):
            return -1, letters
    scores = {place: _count_recognised(rows[place]) for place in filled}
    best = max(filled, key=lambda place: (scores[place], -place))
    if not scores[best] and _looks_like_data(rows[filled[0]]):
        return -1, letters
    place = best if scores[best] > 1 or len(rows[best]) < 3 else filled[0]
    return place, name_columns(rows[place])


def _count_recognised(cells: Sequence[str]) -> int:
    return len({found[0] for cell in cells if (found := recognise(cell))})


def _looks_like_data(cells: Sequence[str]) -> bool:
    """Years, ISBNs and other numbers stand in rows, not in headings."""
    return any(re.fullmatch(r"[\d\s.,/Xx-]{4,}", cell.strip()) for cell in cells)


def _check_mapping(columns: tuple[str, ...], mapping: Mapping[str, str], file: str) -> dict[str, str]:
    missing = [column for column in mapping if column not in columns]
    if missing:
        cause = f"the table has no column {', '.join(map(repr, missing[:5]))}; it has {', '.join(columns[:20])}"
        raise CatalogueError("COLUMN_MISSING", file, 0, cause)
    unknown = [name for name in mapping.values() if name and name not in FIELDS]
    if unknown:
        cause = f"there is no field {', '.join(map(repr, unknown[:5]))}; there are {', '.join(FIELDS)}"
        raise CatalogueError("FIELD_UNKNOWN", file, 0, cause)
    return {column: name for column, name in mapping.items() if name}


class _Reader:
    """Reads the rows of one table by its columns."""

    def __init__(self, columns: tuple[str, ...], mapping: Mapping[str, str], sample: list[list[str]]) -> None:
        self._columns = columns
        self._places = positions(columns, mapping)
        self._references = Seen()
        self._isbns = Seen()
        self._titled = Seen()
        self._inverted = {
            place: are_inverted([row[place] for row in sample if place < len(row)])
            for role in ("author", "editor", "translator")
            for place in self._places.get(role, [])
        }
        self.head_messages = self._tell_about_head()

    def _tell_about_head(self) -> list[Message]:
        messages = []
        if "title" not in self._places:
            cause = "no column was recognised as the title of the works"
            messages.append(Message("", "", "E", "TITLE_COLUMN_MISSING", cause, "say which column holds the titles"))
        if "record_reference" not in self._places:
            cause = "no column holds a reference of your own; the next upload is matched by ISBN, or title and author"
            messages.append(
                Message("", "", "I", "REFERENCE_COLUMN_MISSING", cause, "add a column of permanent numbers")
            )
        for place, inverted in self._inverted.items():
            if inverted:
                cause = "names stand surname first here: a comma turns the name round, a semicolon separates people"
                messages.append(Message(self._columns[place], "", "I", "NAMES_INVERTED", cause))
        return messages

    def read(self, rows: Iterable[Cells]) -> Iterator[CatalogueRow]:
        number = 0
        for cells in rows:
            if any(cell.strip() for cell in cells.values) or cells.messages:
                number += 1
                yield self._read_row(cells, number)

    def _read_row(self, cells: Cells, number: int) -> CatalogueRow:
        remarks = Remarks()
        self._remark_on_cells(cells, remarks)
        title = check_title(self._take(cells, "title"), self._name("title"), remarks)
        subtitle = check_text(self._take(cells, "subtitle"), self._name("subtitle"), remarks, 500)
        reference = check_text(
            self._take(cells, "record_reference"), self._name("record_reference"), remarks, MAX_REFERENCE_CHARS
        )
        reference = _whole(reference)
        self._remark_on_repetition(reference, number, remarks)
        language = check_language(self._take(cells, "language"), self._name("language"), remarks)
        original = check_language(self._take(cells, "original_language"), self._name("original_language"), remarks)
        people = self._read_people(cells, remarks)
        translated = bool(original and original != language) or any(person.role == "translator" for person in people)
        edition = self._read_edition(cells, number, title, language, translated, remarks)
        volume = "" if self._take(cells, "series").strip() else _whole(self._take(cells, "volume"))
        if volume:
            subtitle = ", ".join(part for part in (subtitle, _name_volume(volume)) if part)[:500]
        date = _whole(self._take(cells, "first_published"))
        return CatalogueRow(
            number=number,
            reference=reference,
            title=title,
            subtitle=subtitle,
            language=original if translated else language,
            kind=self._read_kind(cells, remarks),
            first_published=check_date(date, self._name("first_published"), remarks),
            country=check_country(self._take(cells, "country"), self._name("country"), remarks),
            description=self._read_description(cells, remarks),
            people=tuple(dict.fromkeys(people)),
            identifiers=self._read_identifiers(cells, WORK_SCHEMES, remarks),
            editions=(edition,) if edition != EditionRow() else (),
            holder=check_text(self._take(cells, "holder"), self._name("holder"), remarks, MAX_NAME_CHARS),
            messages=tuple(remarks.messages),
            raw=cells.raw,
        )

    def _read_edition(
        self, cells: Cells, number: int, title: str, language: str, translated: bool, remarks: Remarks
    ) -> EditionRow:
        isbns = self._read_isbns(cells, remarks)
        self._remark_on_isbns(isbns, title, number, remarks)
        others = self._read_identifiers(cells, EDITION_SCHEMES[1:], remarks)
        publisher = check_text(self._take(cells, "publisher"), self._name("publisher"), remarks, MAX_NAME_CHARS)
        series, volume = self._take(cells, "series"), _whole(self._take(cells, "volume"))
        note = "; ".join(
            " ".join(part.split())
            for part in (
                f"{series}, {_name_volume(volume)}" if series and volume else series,
                self._take(cells, "edition"),
            )
            if part.strip()
        )
        return EditionRow(
            published=check_date(_whole(self._take(cells, "year")), self._name("year"), remarks),
            publisher=publisher,
            language=language,
            translation=translated,
            note=note[:300],
            identifiers=(*(("isbn", isbn) for isbn in isbns), *others),
        )

    def _read_isbns(self, cells: Cells, remarks: Remarks) -> list[str]:
        found: dict[str, None] = {}
        for place, value in self._each(cells, "isbn"):
            for part in _ISBN_LIST.split(value):
                # "978… (paperback)": what follows the number is about the binding
                number = _whole(part.partition("(")[0].strip())
                if number and (isbn := check_identifier("isbn", number, self._columns[place], remarks)):
                    found[isbn] = None
        return list(found)

    def _read_identifiers(self, cells: Cells, schemes: Sequence[str], remarks: Remarks) -> tuple[tuple[str, str], ...]:
        found: dict[tuple[str, str], None] = {}
        for scheme in schemes:
            for place, value in self._each(cells, scheme):
                canonical = check_identifier(scheme, _whole(value.strip()), self._columns[place], remarks)
                if canonical:
                    found[scheme, canonical] = None
        return tuple(found)

    def _read_people(self, cells: Cells, remarks: Remarks) -> list[Person]:
        return [
            person
            for role in ("author", "editor", "translator")
            for place, value in self._each(cells, role)
            for person in read_people(value, role, self._columns[place], remarks, inverted=self._inverted[place])
        ]

    def _read_kind(self, cells: Cells, remarks: Remarks) -> str:
        value = " ".join(self._take(cells, "kind").casefold().split())
        if value and value not in KINDS:
            cause = "this kind of work is not known here; it was taken as a book"
            remarks.add(
                self._name("kind"),
                value,
                "Q",
                "KIND_UNKNOWN",
                cause,
                fix=f"use one of {', '.join(set(KINDS.values()))}",
            )
        return KINDS.get(value, "book")

    def _read_description(self, cells: Cells, remarks: Remarks) -> str:
        return check_text(self._take(cells, "description"), self._name("description"), remarks, MAX_DESCRIPTION_CHARS)

    def _remark_on_cells(self, cells: Cells, remarks: Remarks) -> None:
        if len(cells.values) > len(self._columns) and any(cell.strip() for cell in cells.values[len(self._columns) :]):
            cause = (
                f"the row has {len(cells.values)} cells, the heading {len(self._columns)}: a separator stands in a text"
            )
            remarks.add("", "", "E", "COLUMN_COUNT", cause, fix="put texts that hold the separator in quotation marks")
        for place, messages in cells.messages.items():
            column = self._columns[place] if place < len(self._columns) else letter(place)
            for message in messages:
                remarks.messages.append(Message(**{**vars(message), "column": column}))
        for places in self._places.values():
            for place in places:
                value = cells.values[place] if place < len(cells.values) else ""
                if value and value[0] in "=@+-" and looks_like_formula(value):
                    cause = "it begins like a formula; it was kept as text and is never calculated"
                    remarks.add(self._columns[place], value, "W", "FORMULA_LIKE", cause, fix="write the value itself")

    def _remark_on_repetition(self, reference: str, number: int, remarks: Remarks) -> None:
        if reference and (first := self._references.first(reference, number)):
            cause = f"record {first} of this file has the same reference; the first one stands"
            remarks.add(
                self._name("record_reference"),
                reference,
                "E",
                "DUPLICATE_REFERENCE",
                cause,
                fix="give each record its own",
            )

    def _remark_on_isbns(self, isbns: Sequence[str], title: str, number: int, remarks: Remarks) -> None:
        for isbn in isbns:
            first = self._isbns.first(isbn, number)
            same = self._titled.first(f"{isbn} {title.casefold()}", number)
            if same and same != number:
                cause = f"record {same} of this file has the same ISBN and title; the first one stands"
                remarks.add(self._name("isbn"), isbn, "E", "DUPLICATE_ISBN", cause, fix="remove the repetition")
            elif first and first != number:
                cause = f"record {first} of this file has the same ISBN with another title"
                remarks.add(
                    self._name("isbn"), isbn, "W", "ISBN_ON_TWO_TITLES", cause, fix="check which of them bears it"
                )

    def _take(self, cells: Cells, name: str) -> str:
        return next((value for _, value in self._each(cells, name)), "")

    def _each(self, cells: Cells, name: str) -> Iterator[tuple[int, str]]:
        for place in self._places.get(name, ()):
            if place < len(cells.values) and cells.values[place].strip():
                yield place, cells.values[place]

    def _name(self, name: str) -> str:
        return self._columns[self._places[name][0]] if name in self._places else name


def _whole(value: str) -> str:
    """A whole number that a spreadsheet wrote with decimals: 2008.0 → 2008."""
    match = _WHOLE_NUMBER.fullmatch(value.strip())
    return match.group(1) if match and not value.strip().startswith("-") else value.strip()


def _name_volume(volume: str) -> str:
    return f"vol. {volume}" if volume.isdigit() else " ".join(volume.split())
