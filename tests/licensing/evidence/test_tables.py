"""A table that people open in a spreadsheet does nothing but show."""

import csv

import pytest

from licensing.evidence import collect, tables
from licensing.evidence.tables import safe
from tests.licensing import evidenced


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_text_that_could_begin_a_formula_is_escaped(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Emma", "1984", "3..17", "", "红叶", "a=b"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


def test_numbers_stay_numbers() -> None:
    assert safe(-0.5) == -0.5


@pytest.mark.django_db
def test_the_table_says_how_sure_a_match_is_and_where_shared_text_stands() -> None:
    found = list(collect.walk(evidenced.scene().clearance))
    content = tables.header() + b"".join(tables.finding_rows(finding, {}) for finding in found)
    rows = {row["title"]: row for row in csv.DictReader(content.decode("utf-8-sig").splitlines())}
    lamp, leaf, older = rows["The Lamp"], rows["紅葉記"], rows[f"'{evidenced.HOSTILE}"]
    assert (lamp["confidence"], lamp["shared_document_chars"], lamp["shared_work_chars"]) == (
        "0.931",
        "0..89",
        "300..389",
    )
    assert (leaf["confidence"], leaf["shared_document_chars"]) == ("0.99997", "")
    assert older["confidence"] == ""
