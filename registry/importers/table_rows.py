"""One row of a table → one work.

A year is the year of the edition that the row describes; only a column that says so is the first publication. Cells
are text as they stand: what begins like a formula is kept, flagged and never calculated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from registry.importers.cells import Cells
from registry.importers.columns import letter, positions
from registry.importers.names import are_inverted, read_people
from registry.importers.rows import CatalogueRow, EditionRow, Message, Person
from registry.importers.values import (
    MAX_DESCRIPTION_CHARS,
    MAX_NAME_CHARS,
    MAX_REFERENCE_CHARS,
    MAX_TITLE_CHARS,
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


class RowReader:
    """Reads the rows of one table by its columns; `sample` is what the habits of a column are learnt from."""

    def __init__(self, columns: tuple[str, ...], mapping: Mapping[str, str], sample: list[list[str]]) -> None:
        self._columns = columns
        self._places = positions(columns, mapping)
        self._mapped = {place for places in self._places.values() for place in places}
        self._references = Seen()
        self._isbns = Seen()
        self._titled = Seen()
        self._inverted = {
            place: are_inverted([row[place] for row in sample if place < len(row)])
            for role in ("author", "editor", "translator")
            for place in self._places.get(role, [])
        }
        self._rounded = {
            place for place in self._places.get("isbn", []) if _are_rounded([row[place : place + 1] for row in sample])
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
        for place in self._rounded:
            cause = (
                "nearly all long numbers in this column end in 0: a spreadsheet has rounded them, so none is an ISBN"
            )
            fix = "format the column as text in the source and export it again"
            messages.append(Message(self._columns[place], "", "W", "ISBN_COLUMN_ROUNDED", cause, fix))
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
        subtitle = check_text(self._take(cells, "subtitle"), self._name("subtitle"), remarks, MAX_TITLE_CHARS)
        reference = check_text(
            self._take(cells, "record_reference"),
            self._name("record_reference"),
            remarks,
            MAX_REFERENCE_CHARS,
            severity="E",
        )
        reference = _whole(reference)
        self._remark_on_repetition(reference, number, remarks)
        language = check_language(self._take(cells, "language"), self._name("language"), remarks)
        original = check_language(self._take(cells, "original_language"), self._name("original_language"), remarks)
        people = self._read_people(cells, remarks)
        translated = bool(original and original != language) or any(person.role == "translator" for person in people)
        isbns = self._read_isbns(cells, remarks)
        self._remark_on_isbns(isbns, title, number, remarks)
        edition = self._read_edition(cells, isbns, remarks, language=language, translated=translated)
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
            editions=(edition,) if edition else (),
            holder=check_text(self._take(cells, "holder"), self._name("holder"), remarks, MAX_NAME_CHARS),
            messages=tuple(remarks.messages),
            raw=cells.raw,
        )

    def _read_edition(
        self, cells: Cells, isbns: Sequence[str], remarks: Remarks, *, language: str, translated: bool
    ) -> EditionRow | None:
        """None where the row says nothing of an edition but the language of the text."""
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
        edition = EditionRow(
            published=check_date(_whole(self._take(cells, "year")), self._name("year"), remarks),
            publisher=publisher,
            language=language,
            translation=translated,
            note=note[:300],
            identifiers=(*(("isbn", isbn) for isbn in isbns), *others),
        )
        return None if edition == EditionRow(language=language) else edition

    def _read_isbns(self, cells: Cells, remarks: Remarks) -> list[str]:
        found: dict[str, None] = {}
        for place, value in self._each(cells, "isbn"):
            for part in _ISBN_LIST.split(value):
                # "978… (paperback)": what follows the number is about the binding
                number = _whole(part.partition("(")[0].strip())
                if place in self._rounded and re.fullmatch(r"[0-9]{12}0", number):
                    cause = "a spreadsheet rounded the numbers of this column; the last digits are lost"
                    remarks.add(self._columns[place], value, "W", "ISBN_ROUNDED", cause)
                elif number and (isbn := check_identifier("isbn", number, self._columns[place], remarks)):
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
            if place not in self._mapped:
                continue
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


def _are_rounded(cells: Sequence[Sequence[str]]) -> bool:
    """Whether a column of ISBNs was cut to some twelve digits: of true ones every eleventh ends in 0 or so."""
    numbers = [number for cell in cells if cell and re.fullmatch(r"97[89][0-9]{10}", number := _whole(cell[0]))]
    return len(numbers) >= 8 and sum(number.endswith("0") for number in numbers) > 0.8 * len(numbers)
