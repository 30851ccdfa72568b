"""A table that people open in a spreadsheet does nothing but show."""

import pytest

from licensing.evidence.tables import safe


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_text_that_could_begin_a_formula_is_escaped(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Emma", "1984", "3..17", "", "红叶", "a=b"])
def test_other_text_stays_as_it_is(cell: str) -> None:
    assert safe(cell) == cell


def test_numbers_stay_numbers() -> None:
    assert safe(-0.5) == -0.5
