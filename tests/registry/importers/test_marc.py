"""MARC 21 from ISO 2709 and MARCXML: what fields become, and damage that stays with its record."""

from pathlib import Path

import pytest
from pymarc import Field, Indicators, Record, Subfield, record_to_xml

from registry.importers.rows import DELETE, Person
from tests.registry.importers.reading import SAMPLES, codes, read, read_bytes, read_one, refusal

FIXED = "260601{kind}{first}{second}enk{gap}{language}  "


def record(
    *fields: tuple[str, str, list[tuple[str, str]]], control: str = "r1", fixed: str = "", leader: str = "nam a"
) -> Record:
    made = Record(leader=f"00000{leader}2200000 i 4500", force_utf8=True)
    if control:
        made.add_field(Field(tag="001", data=control))
    made.add_field(Field(tag="008", data=fixed or fixed_field()))
    for tag, marks, subfields in fields:
        parts = [Subfield(code=code, value=value) for code, value in subfields]
        made.add_field(Field(tag=tag, indicators=Indicators(marks[0], marks[1]), subfields=parts))
    return made


def fixed_field(kind: str = "s", first: str = "1871", second: str = "    ", language: str = "eng") -> str:
    return FIXED.format(kind=kind, first=first, second=second, gap=" " * 17, language=language)


def title(text: str = "Middlemarch /", *more: tuple[str, str]) -> tuple[str, str, list[tuple[str, str]]]:
    return ("245", "10", [("a", text), *more])


def test_a_sample_file_becomes_works() -> None:
    head, rows = read(SAMPLES / "works.mrc")
    assert head.file_format == "marc"
    assert len(rows) == 12
    assert all(row.is_valid and not row.messages for row in rows)
    assert rows[0].people == (Person("Jane Austen", key_names="Austen", born="1775", died="1817"),)
    assert (rows[0].first_published, rows[0].editions[0].published) == ("1813", "2026")
    assert (rows[5].title, rows[5].language, rows[5].editions[0].title) == ("Et dukkehjem", "no", "A Doll's House")
    assert [person.role for person in rows[5].people] == ["author", "translator"]
    assert rows[7].title == "呐喊"


def test_xml_says_what_the_binary_form_says(tmp_path: Path) -> None:
    made = record(title(), ("100", "1 ", [("a", "Eliot, George,"), ("d", "1819-1880.")]))
    plain = read_one(tmp_path, made.as_marc())
    xml = b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + record_to_xml(made) + b"</collection>"
    head, rows = read_bytes(tmp_path, xml)
    assert head.file_format == "marcxml"
    assert (rows[0].title, rows[0].people) == (plain.title, plain.people)


def test_a_title_has_parts_and_loses_the_punctuation_of_cards(tmp_path: Path) -> None:
    row = read_one(
        tmp_path,
        record(title("Letters :", ("b", "a selection /"), ("n", "Part 2,"), ("p", "The years abroad."))).as_marc(),
    )
    assert (row.title, row.subtitle) == ("Letters", "a selection, Part 2, The years abroad")


def test_the_original_script_comes_first_and_the_romanised_form_is_kept(tmp_path: Path) -> None:
    row = read_one(
        tmp_path,
        record(
            ("245", "10", [("6", "880-01"), ("a", "Na han /")]),
            ("100", "1 ", [("6", "880-02"), ("a", "Lu, Xun,"), ("d", "1881-1936.")]),
            ("880", "10", [("6", "245-01/$1"), ("a", "呐喊 /")]),
            ("880", "1 ", [("6", "100-02/$1"), ("a", "鲁迅.")]),
            fixed=fixed_field(language="chi"),
        ).as_marc(),
    )
    assert (row.title, row.language, row.editions[0].title) == ("呐喊", "zh", "Na han")
    assert row.people == (Person("鲁迅", born="1881", died="1936", other_names=("Xun Lu",)),)


def test_a_reprint_tells_when_the_work_came_first(tmp_path: Path) -> None:
    row = read_one(tmp_path, record(title(), fixed=fixed_field("r", "2005", "1759")).as_marc())
    assert (row.editions[0].published, row.first_published) == ("2005", "1759")


@pytest.mark.parametrize(
    ("fixed", "statement", "expected"),
    [
        (fixed_field("s", "1998"), "cc1998.", "1998"),
        (fixed_field("s", "198u"), "[1985?]", "1985"),
        (fixed_field("n", "uuuu"), "[n.d.]", ""),
        ("short", "c1884.", "1884"),
    ],
)
def test_years_come_from_the_fixed_field_or_the_publication_statement(
    tmp_path: Path, fixed: str, statement: str, expected: str
) -> None:
    made = record(title(), ("260", "  ", [("a", "London :"), ("b", "Example Press,"), ("c", statement)]), fixed=fixed)
    row = read_one(tmp_path, made.as_marc())
    assert row.editions[0].published == expected
    assert row.editions[0].publisher == "Example Press"


def test_numbers_that_the_record_calls_invalid_are_left_out(tmp_path: Path) -> None:
    made = record(
        title(),
        ("020", "  ", [("a", "9780000000019 (pbk.) :"), ("z", "9780000000018")]),
        ("020", "  ", [("a", "0-00-000002-7")]),
        ("024", "7 ", [("a", "10.1000/182"), ("2", "doi")]),
        ("010", "  ", [("a", "   75577579 //r91")]),
        ("035", "  ", [("a", "(OCoLC)ocm47928643")]),
    )
    row = read_one(tmp_path, made.as_marc())
    assert row.editions[0].identifiers == (
        ("isbn", "9780000000019"),
        ("isbn", "9780000000026"),
        ("lccn", "75577579"),
        ("oclc", "47928643"),
    )
    assert row.identifiers == (("doi", "10.1000/182"),)
    assert codes(row) == {"I ISBN_CANCELLED"}


@pytest.mark.parametrize(
    ("statement", "subfields", "roles"),
    [
        ("", [("4", "trl")], ["translator"]),
        ("", [("e", "editor,")], ["editor"]),
        ("", [("4", "ill")], []),
        ("edited by A. B. Carter and Dana Moore", [], ["editor"]),
        ("by Jane Doe ; translated by Dana Moore", [], ["translator"]),
        ("by Jane Doe ; with illustrations by Dana Moore", [], []),
        ("Jane Doe and Dana Moore", [], ["author"]),
    ],
)
def test_roles_are_recorded_or_read_from_the_statement(
    tmp_path: Path, statement: str, subfields: list[tuple[str, str]], roles: list[str]
) -> None:
    made = record(title("T /", ("c", statement)), ("700", "1 ", [("a", "Moore, Dana."), *subfields]))
    assert [person.role for person in read_one(tmp_path, made.as_marc()).people] == roles


def test_makers_of_works_contained_in_this_one_are_left_out(tmp_path: Path) -> None:
    made = record(title(), ("700", "12", [("a", "Lamb, Charles."), ("t", "Verses.")]))
    assert read_one(tmp_path, made.as_marc()).people == ()


def test_a_deleted_record_is_a_deletion(tmp_path: Path) -> None:
    row = read_one(tmp_path, record(title(), leader="dam a").as_marc())
    assert (row.action, row.reference) == (DELETE, "r1")


def test_a_damaged_record_costs_itself_and_no_other(tmp_path: Path) -> None:
    good = record(title()).as_marc()
    other = record(title("Emma /"), control="r3").as_marc()
    broken = b"00099nam a2200049 i 4500001xx\x1e\x1d"
    _, rows = read_bytes(tmp_path, good + broken + b"\r\n" + other)
    assert [row.title for row in rows] == ["Middlemarch", "", "Emma"]
    assert codes(rows[1]) == {"E MARC_RECORD_BROKEN"}
    assert rows[1].raw


def test_a_directory_that_points_beside_the_fields_is_read_by_their_ends(tmp_path: Path) -> None:
    data = record(title("Les Misérables /"), ("260", "  ", [("b", "Lacroix,")])).as_marc()
    # as a converter does that replaces one letter by another of a different length
    row = read_one(tmp_path, data.replace("é".encode(), b"ee e"))
    assert (row.title, row.editions[0].publisher) == ("Les Miseerables".replace("ee", "ee e"), "Lacroix")
    assert codes(row) == {"W MARC_DIRECTORY_WRONG"}


def test_a_record_in_marc_8_is_read_and_a_wrong_claim_remarked(tmp_path: Path) -> None:
    data = record(title("Les Mis#rables /")).as_marc()
    data = data[:9] + b" " + data[10:]
    assert read_one(tmp_path, data.replace(b"Mis#r", b"Mis\xe2er")).title == "Les Misérables"
    wrong = data.replace(b"Mis#r", "Misér".encode())
    row = read_one(tmp_path, wrong)
    assert (row.title, codes(row)) == ("Les Misérables", {"W MARC_ENCODING_WRONG", "W MARC_DIRECTORY_WRONG"})


def test_a_file_that_ends_in_the_middle_says_so(tmp_path: Path) -> None:
    data = record(title()).as_marc() + record(title("Emma /"), control="r2").as_marc()
    _, rows = read_bytes(tmp_path, data[:-20])
    assert [codes(row) for row in rows] == [set(), {"F FEED_TRUNCATED"}]


def test_cnmarc_is_refused_by_name(tmp_path: Path) -> None:
    row = read_one(tmp_path, record(("200", "1 ", [("a", "呐喊")])).as_marc())
    assert codes(row) == {"E UNIMARC"}


def test_the_uniform_title_stands_in_for_a_missing_one(tmp_path: Path) -> None:
    row = read_one(tmp_path, record(("240", "10", [("a", "Candide.")])).as_marc())
    assert (row.title, codes(row)) == ("Candide", {"W TITLE_UNIFORM"})


def test_repeated_control_numbers_are_refused(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, record(title()).as_marc() * 2)
    assert [codes(row) for row in rows] == [set(), {"E DUPLICATE_REFERENCE"}]


def test_a_document_type_in_marcxml_is_refused(tmp_path: Path) -> None:
    xml = b'<?xml version="1.0"?><!DOCTYPE collection [<!ENTITY a "x">]><collection xmlns="http://www.loc.gov/MARC21/slim"/>'
    assert refusal(tmp_path, xml).code == "DOCTYPE_REFUSED"


def test_broken_marcxml_gives_what_came_before(tmp_path: Path) -> None:
    xml = b'<collection xmlns="http://www.loc.gov/MARC21/slim">' + record_to_xml(record(title())) + b"<record><leader>"
    _, rows = read_bytes(tmp_path, xml)
    assert [row.title for row in rows] == ["Middlemarch", ""]
    assert codes(rows[1]) == {"F XML_BROKEN"}


def test_a_record_of_megabytes_is_reported_and_not_kept(tmp_path: Path) -> None:
    text = "x" * 3_000_000
    xml = (
        '<collection xmlns="http://www.loc.gov/MARC21/slim"><record><leader>00000nam a2200000 i 4500</leader>'
        f'<datafield tag="245" ind1="1" ind2="0"><subfield code="a">{text}</subfield></datafield></record></collection>'
    )
    row = read_one(tmp_path, xml.encode())
    assert "E RECORD_TOO_LARGE" in codes(row)
    assert len(row.raw) < 1000


def test_a_zero_byte_goes_no_further_than_the_reader(tmp_path: Path) -> None:
    data = record(title("Em#ma /")).as_marc().replace(b"#", b"\x00")
    row = read_one(tmp_path, data)
    assert (row.title, "\x00" in row.raw) == ("Emma", False)
    broken = read_one(tmp_path, b"00099nam a2200049 i 4500001x\x00\x1e\x1d")
    assert "\x00" not in broken.raw + broken.messages[0].value
