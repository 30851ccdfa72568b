"""CSV and its kin: headings, columns, people, identifiers, repetitions, and what is merely flagged."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.importers import delimited
from registry.importers.rows import EditionRow, Person
from tests.registry.importers.reading import SAMPLES, codes, read, read_bytes, read_one, refusal

ISBN = "9780000000019"


def table(*rows: tuple[str, ...], separator: str = ",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator).writerows(rows)
    return file.getvalue().encode()


def test_a_sample_table_becomes_works() -> None:
    head, rows = read(SAMPLES / "works.csv")
    assert (head.file_format, head.encoding) == ("csv", "utf-8")
    assert head.proposed["First published"] == "first_published"
    assert len(rows) == 12
    assert all(row.is_valid and not row.messages for row in rows)
    assert (rows[0].reference, rows[0].title, rows[0].first_published) == (
        "com.example.press.0001",
        "Pride and Prejudice",
        "1813",
    )
    assert rows[0].people == (Person("Jane Austen", key_names="Austen"),)
    assert rows[0].editions == (
        EditionRow(published="2026", publisher="Example Press", language="en", identifiers=(("isbn", ISBN),)),
    )
    assert rows[4].editions[0].translation
    assert rows[4].language == ""


def test_headings_in_chinese_and_gb18030_say_the_same() -> None:
    _, english = read(SAMPLES / "works.csv")
    head, chinese = read(SAMPLES / "works-gb18030.csv")
    assert head.encoding == "gb18030"
    assert "ENCODING_DETECTED" in {message.code for message in head.messages}
    assert [(row.reference, row.title, row.people, row.editions) for row in chinese] == [
        (row.reference, row.title, row.people, row.editions) for row in english
    ]


@pytest.mark.parametrize(("separator", "form"), [(",", "csv"), (";", "csv"), ("\t", "tsv"), ("|", "csv")])
def test_the_separator_is_found(tmp_path: Path, separator: str, form: str) -> None:
    data = table(("Title", "Author", "Year"), ("One, two; three", "A. B.", "1999"), separator=separator)
    head, rows = read_bytes(tmp_path, data)
    assert (head.file_format, rows[0].title, rows[0].editions[0].published) == (form, "One, two; three", "1999")


def test_the_heading_may_stand_below_other_lines(tmp_path: Path) -> None:
    data = table(("Our catalogue 2026",), (), ("Title", "Author", "ISBN"), ("Middlemarch", "George Eliot", ISBN))
    head, rows = read_bytes(tmp_path, data)
    assert head.columns == ("Title", "Author", "ISBN")
    assert [(row.number, row.title) for row in rows] == [(1, "Middlemarch")]


def test_a_table_without_heading_has_letters_for_columns(tmp_path: Path) -> None:
    data = table(("Middlemarch", "George Eliot", ISBN), ("Emma", "Jane Austen", "9780000000026"))
    head, rows = read_bytes(tmp_path, data)
    assert (head.columns, head.proposed) == (("A", "B", "C"), {})
    assert "E TITLE_COLUMN_MISSING" in {f"{each.severity} {each.code}" for each in head.messages}
    _, rows = read_bytes(tmp_path, data, columns={"A": "title", "B": "author", "C": "isbn"})
    assert [row.title for row in rows] == ["Middlemarch", "Emma"]


def test_a_mapping_overrides_what_is_recognised(tmp_path: Path) -> None:
    data = table(("Title", "Working title"), ("wrong", "right"))
    _, rows = read_bytes(tmp_path, data, columns={"Working title": "title", "Title": ""})
    assert rows[0].title == "right"


def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    data = table(("Title", "Author"), ("a", "b"))
    assert refusal(tmp_path, data, columns={"Titel": "title"}).code == "COLUMN_MISSING"
    assert refusal(tmp_path, data, columns={"Title": "tittle"}).code == "FIELD_UNKNOWN"


def test_repeated_and_empty_headings_are_told_apart(tmp_path: Path) -> None:
    head, _ = read_bytes(tmp_path, table(("Title", "Author", "Author", ""), ("a", "b", "c", "d")))
    assert head.columns == ("Title", "Author", "Author (2)", "column D")
    assert head.proposed == {"Title": "title", "Author": "author", "Author (2)": "author"}


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Karl Marx; Friedrich Engels", ["Karl Marx", "Friedrich Engels"]),
        ("Karl Marx | Friedrich Engels", ["Karl Marx", "Friedrich Engels"]),
        ("Karl Marx, Friedrich Engels", ["Karl Marx", "Friedrich Engels"]),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."]),
        ("马克思、恩格斯", ["马克思", "恩格斯"]),
        ("[美] 海明威 著", ["海明威"]),
        ("Simon and Schuster", ["Simon and Schuster"]),
        ("鲁迅著；杨宪益译", ["鲁迅", "杨宪益"]),
        ("Karl Marx et al.", ["Karl Marx"]),
        ("Karl Marx (1818-1883)", ["Karl Marx"]),
    ],
)
def test_several_authors_in_one_cell(tmp_path: Path, cell: str, people: list[str]) -> None:
    row = read_one(tmp_path, table(("Title", "Author"), ("t", cell)))
    assert [person.name for person in row.people] == people


def test_notes_on_parts_and_years_are_taken_off_names(tmp_path: Path) -> None:
    cell = "Karl Marx (1818-1883); Samuel Moore (translator); Friedrich Engels (ed.)"
    row = read_one(tmp_path, table(("Title", "Author"), ("t", cell)))
    assert row.people == (
        Person("Karl Marx", born="1818", died="1883"),
        Person("Samuel Moore", role="translator"),
        Person("Friedrich Engels", role="editor"),
    )


def test_a_column_of_names_that_stand_surname_first_is_turned_round(tmp_path: Path) -> None:
    rows = [
        ("Title", "Author"),
        ("a", "Austen, Jane, 1775-1817"),
        ("b", "Young, E. H. (Emily Hilda)"),
        ("c", "Marx, Karl; Engels, Friedrich"),
    ]
    head, read_rows = read_bytes(tmp_path, table(*rows))
    assert "NAMES_INVERTED" in {message.code for message in head.messages}
    assert read_rows[0].people == (Person("Jane Austen", key_names="Austen", born="1775", died="1817"),)
    assert read_rows[1].people == (Person("E. H. Young", key_names="Young", other_names=("Emily Hilda Young",)),)
    assert [person.name for person in read_rows[2].people] == ["Karl Marx", "Friedrich Engels"]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9.78043902348e+12", "W ISBN_ROUNDED"),
        ("9.78E+12", "W ISBN_ROUNDED"),
        ("439023483", "W ISBN_ZEROS_LOST"),
        ("9780000000018", "E ISBN_CHECK_DIGIT"),
        ("9790000000000", "W ISBN_RANGE"),
        ("see cover", "W ISBN_FORMAT"),
    ],
)
def test_a_destroyed_isbn_is_reported_and_never_guessed(tmp_path: Path, cell: str, code: str) -> None:
    row = read_one(tmp_path, table(("Title", "ISBN"), ("t", cell)))
    assert codes(row) == {code}
    assert row.editions == ()
    assert row.messages[0].value == cell


def test_the_number_that_may_have_been_meant_is_only_proposed(tmp_path: Path) -> None:
    row = read_one(tmp_path, table(("Title", "ISBN"), ("t", "439023483")))
    assert "0439023483" in row.messages[0].fix


def test_a_column_of_rounded_numbers_is_recognised_as_a_whole(tmp_path: Path) -> None:
    rounded = [(f"t{number}", f"97804390{number:04d}0") for number in range(1000, 1040)]
    head, rows = read_bytes(tmp_path, table(("Title", "ISBN"), *rounded))
    assert "ISBN_COLUMN_ROUNDED" in {message.code for message in head.messages}
    assert all(codes(row) == {"W ISBN_ROUNDED"} and not row.editions for row in rows)


def test_isbns_of_several_columns_and_cells_are_one_edition(tmp_path: Path) -> None:
    row = read_one(
        tmp_path, table(("Title", "ISBN-13", "ISBN-10"), ("t", f"978-0-00-000001-9 (hb); {ISBN}", "0-00-000002-7"))
    )
    assert row.editions[0].identifiers == (("isbn", ISBN), ("isbn", "9780000000026"))


def test_repetitions_inside_a_file_are_reported_by_row(tmp_path: Path) -> None:
    rows = [
        ("Reference", "Title", "ISBN"),
        ("1", "Emma", ISBN),
        ("1", "Other", ""),
        ("2", "Emma", ISBN),
        ("3", "Persuasion", ISBN),
    ]
    _, found = read_bytes(tmp_path, table(*rows))
    assert [codes(row) for row in found] == [
        set(),
        {"E DUPLICATE_REFERENCE"},
        {"E DUPLICATE_ISBN"},
        {"W ISBN_ON_TWO_TITLES"},
    ]
    assert "record 1 " in found[2].messages[0].cause


@pytest.mark.parametrize("cell", ['=HYPERLINK("http://evil.example")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3+cmd"])
def test_a_cell_that_begins_like_a_formula_is_kept_and_flagged(tmp_path: Path, cell: str) -> None:
    row = read_one(tmp_path, table(("Title", "Author"), (cell, "x")))
    assert (row.title, codes(row), row.is_valid) == (cell, {"W FORMULA_LIKE"}, True)


def test_what_is_unknown_is_asked_about_and_left_out(tmp_path: Path) -> None:
    row = read_one(tmp_path, table(("Title", "Language", "Country", "Type"), ("t", "Klingon", "ZZ", "scroll")))
    assert codes(row) == {"Q LANGUAGE_UNKNOWN", "Q COUNTRY_UNKNOWN", "Q KIND_UNKNOWN"}
    assert (row.language, row.country, row.kind, row.is_valid) == ("", "", "book", True)


def test_every_fault_of_a_row_is_said_at_once(tmp_path: Path) -> None:
    row = read_one(tmp_path, table(("Title", "ISBN", "Year", "Language"), ("", "9780000000018", "99999999", "??")))
    assert codes(row) == {"E TITLE_MISSING", "E ISBN_CHECK_DIGIT", "W DATE_IMPOSSIBLE", "Q LANGUAGE_UNKNOWN"}


def test_a_row_with_too_many_cells_is_refused(tmp_path: Path) -> None:
    row = read_one(tmp_path, b"Title,Author\nEmma, a novel,Jane Austen\n")
    assert codes(row) == {"E COLUMN_COUNT"}


def test_series_volume_and_edition_are_kept_as_words(tmp_path: Path) -> None:
    rows = [("Title", "Series", "Volume", "Edition"), ("t", "Library", "3", "2nd ed."), ("u", "", "2", "")]
    _, found = read_bytes(tmp_path, table(*rows))
    assert found[0].editions[0].note == "Library, vol. 3; 2nd ed."
    assert (found[0].subtitle, found[1].subtitle) == ("", "vol. 2")


def test_an_open_quotation_mark_ends_the_reading_with_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_CELL_CHARS", 1_000_000)
    broken = table(("Title", "Author"), ("a", "b")) + b'"c,d\n' + (b"x" * 900 + b"\n") * 1200
    _, rows = read_bytes(tmp_path, broken)
    assert rows[0].is_valid
    assert codes(rows[-1]) == {"F TABLE_BROKEN"}


def test_a_cell_of_ten_megabytes_is_reported_and_not_kept(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, table(("Title", "Author"), ("a", "x" * 10_000_000), ("b", "c")))
    assert [codes(row) for row in rows] == [{"E VALUE_TOO_LONG"}, set()]
    assert len(rows[0].raw) <= 65_536


def test_a_text_is_no_table(tmp_path: Path) -> None:
    assert (
        refusal(tmp_path, b"It was a dark and stormy night.\nThe rain fell in torrents.\n").code == "TABLE_UNRECOGNISED"
    )


def test_a_lost_character_refuses_its_row_alone(tmp_path: Path) -> None:
    data = "Title,Author\nBrontë,a\nÉmile,b\nzwölf,c\n".encode() + b"Caf\xe9,d\n" + "Über,e\n".encode()
    head, rows = read_bytes(tmp_path, data)
    assert "ENCODING_DAMAGED" in {message.code for message in head.messages}
    assert [row.is_valid for row in rows] == [True, True, True, False, True]
    assert codes(rows[3]) == {"E CHARACTER_LOST"}


def test_a_zero_byte_goes_no_further_than_the_reader(tmp_path: Path) -> None:
    row = read_one(tmp_path, b"Title,Author\nEm\x00ma,Jane Austen\n")
    assert codes(row) == {"E CHARACTER_LOST"}
    assert "\x00" not in row.title + row.raw + row.messages[0].value


def test_a_year_before_our_era_is_no_formula(tmp_path: Path) -> None:
    assert codes(read_one(tmp_path, table(("Title", "Year"), ("Odyssey", "-720.0")))) == {"W DATE_UNREADABLE"}


CELLS = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Co", "Cn"], exclude_characters="\ufffd"), max_size=30
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    titles=st.lists(CELLS.filter(lambda text: text.strip() != ""), min_size=1, max_size=8),
    separator=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
)
def test_any_title_survives_any_separator_and_encoding(
    tmp_path: Path, titles: list[str], separator: str, encoding: str
) -> None:
    rows = [("Reference", "Title", "Publisher"), *((str(number), title, "p") for number, title in enumerate(titles))]
    data = table(*rows, separator=separator).decode().encode(encoding)
    given_encoding = encoding if encoding == "gb18030" else None
    _, found = read_bytes(tmp_path, data, encoding=given_encoding)
    assert [row.title for row in found] == [" ".join(title.split()) for title in titles]
