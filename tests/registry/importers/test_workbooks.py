"""XLSX: values as they stand, formulas told apart, packages that are not what they seem."""

import datetime
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from registry.importers import workbooks
from tests.registry.importers.reading import SAMPLES, codes, read, read_bytes, refusal

ISBN = 9780000000019


def workbook(*rows: Sequence[Any], sheets: dict[str, list[list[Any]]] | None = None, hidden: str = "") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for name, others in (sheets or {}).items():
        other = book.create_sheet(name)
        for row in others:
            other.append(row)
    if hidden:
        book[hidden].sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(data: bytes, member: str, change: Any) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == member else content)
    return file.getvalue()


def test_a_sample_workbook_says_what_the_sample_table_says() -> None:
    head, rows = read(SAMPLES / "works.xlsx")
    _, plain = read(SAMPLES / "works.csv")
    assert head.file_format == "xlsx"
    assert [(row.reference, row.title, row.people, row.editions, row.first_published) for row in rows] == [
        (row.reference, row.title, row.people, row.editions, row.first_published) for row in plain
    ]


def test_numbers_and_dates_are_read_as_what_they_are(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Title", "ISBN", "Year", "First published"],
        ["t", ISBN, 2019, datetime.date(1999, 12, 1)],
        ["u", None, 2019.0, 1871],
    ]
    _, found = read_bytes(tmp_path, workbook(*rows))
    assert found[0].editions[0].identifiers == (("isbn", str(ISBN)),)
    assert (found[0].editions[0].published, found[0].first_published) == ("2019", "1999-12-01")
    assert (found[1].editions[0].published, found[1].first_published) == ("2019", "1871")


def test_an_isbn_that_lost_its_zeros_in_a_cell_is_not_guessed(tmp_path: Path) -> None:
    _, rows = read_bytes(tmp_path, workbook(["Title", "ISBN"], ["t", 439023483], ["u", "9.78E+12"]))
    assert [codes(row) for row in rows] == [{"W ISBN_ZEROS_LOST"}, {"W ISBN_ROUNDED"}]
    assert all(row.editions == () for row in rows)


def test_formulas_are_told_apart_and_never_calculated(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Title", "Author", "Note"],
        ["plain", "a", "=1+1"],
        ['="Em"&"ma"', "b", None],
        ["last", "c", None],
    ]
    _, found = read_bytes(tmp_path, workbook([], *rows))
    assert [codes(row) for row in found] == [set(), {"W FORMULA_CELL", "E TITLE_MISSING"}, set()]
    assert found[1].messages[0].value == '="Em"&"ma"'
    assert found[1].messages[0].column == "Title"


def test_formulas_stand_beside_the_right_cells_when_columns_are_empty(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None, None, "Title", "Author"], [None, None, "one", "a"], [None, None, "=A1", "b"]]
    _, found = read_bytes(tmp_path, workbook([], [], *rows))
    assert [codes(row) for row in found] == [set(), {"W FORMULA_CELL", "E TITLE_MISSING"}]


def test_only_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    table = [["Title", "Author"], ["Emma", "Jane Austen"]]
    head, rows = read_bytes(tmp_path, workbook(*table, sheets={"More": table, "Secret": table}, hidden="Secret"))
    assert len(rows) == 1
    assert [(each.code, each.value) for each in head.messages if each.severity == "W"] == [("SHEETS_NOT_READ", "More")]
    head, rows = read_bytes(tmp_path, workbook(["Title"], ["no"], sheets={"More": table}, hidden="Sheet"))
    assert rows[0].title == "Emma"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, workbook()).code == "TABLE_EMPTY"


def test_a_document_type_in_a_workbook_is_refused(tmp_path: Path) -> None:
    data = workbook(["Title", "Author"], ["a", "b"])
    bomb = b'<!DOCTYPE worksheet [<!ENTITY a "aaaa">]>'
    changed = repacked(
        data, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b"<worksheet", bomb + b"<worksheet", 1)
    )
    assert refusal(tmp_path, changed).code == "DOCTYPE_REFUSED"


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 1_000_000)
    data = workbook(["Title", "Author"], ["a", "b"])
    huge = repacked(data, "xl/styles.xml", lambda xml: xml + b" " * 2_000_000)
    assert refusal(tmp_path, huge).code == "FILE_TOO_LARGE"


def test_damage_and_other_office_files_are_named(tmp_path: Path) -> None:
    data = workbook(["Title", "Author"], ["a", "b"])
    assert refusal(tmp_path, data[: len(data) // 2]).code == "FILE_DAMAGED"
    broken = repacked(data, "xl/worksheets/sheet1.xml", lambda xml: b"<worksheet><sheetData><row>")
    assert refusal(tmp_path, broken).code in ("WORKBOOK_BROKEN", "TABLE_EMPTY")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("word/document.xml", "<document/>")
    assert refusal(tmp_path, file.getvalue()).code == "FORMAT_REFUSED"
    assert refusal(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600).code == "FORMAT_REFUSED"
