"""Dates, languages, numbers and repetitions as records write them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.importers.languages import normalise_language
from registry.importers.values import Remarks, Seen, check_date, check_isbn

PARTIAL = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1813", "1813"), ("c1998", "1998"), ("[1975]", "1975"), ("©2001", "2001"), ("2019年", "2019"),
        ("2019年5月", "2019-05"), ("2019年5月31日", "2019-05-31"), ("2019/5/31", "2019-05-31"), ("2019.5", "2019-05"),
        ("2019-05-31T00:00:00Z", "2019-05-31"), ("20190531", "2019-05-31"), ("201905", "2019-05"),
        ("31.12.2019", "2019-12-31"), ("12/31/2019", "2019-12-31"), ("05/05/2019", "2019-05-05"),
        ("05/06/2019", "2019"), ("0000", ""), ("9999", ""), ("99999999", ""), ("0", ""), ("2019-02-30", ""),
        ("2019-13", ""), ("yesterday", ""), ("", ""),
    ],
)  # fmt: skip
def test_dates_people_write(value: str, expected: str) -> None:
    remarks = Remarks()
    assert check_date(value, "Year", remarks) == expected
    assert bool(remarks.messages) == ((not expected and bool(value)) or value == "05/06/2019")


@given(st.text(max_size=20))
def test_a_date_is_a_partial_date_or_nothing_with_a_remark(value: str) -> None:
    remarks = Remarks()
    found = check_date(value, "Year", remarks)
    assert PARTIAL.fullmatch(found) or (found == "" and (remarks.messages or not value.split()))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("eng", "en"), ("chi", "zh"), ("zho", "zh"), ("zh_CN", "zh-CN"), ("zh-hant-tw", "zh-Hant-TW"), ("grc", "grc"),
     ("简体中文", "zh-Hans"), ("English", "en"), ("mul", ""), ("und", ""), ("xx", None), ("Klingon", None)],
)  # fmt: skip
def test_languages_become_tags(value: str, expected: str | None) -> None:
    assert normalise_language(value) == expected


@given(st.integers(0, 999_999_999), st.integers(1, 9))
def test_only_the_right_check_digit_is_accepted(number: int, step: int) -> None:
    digits = f"978{number:09d}"
    check = -sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits)) % 10
    remarks = Remarks()
    assert check_isbn(f"{digits}{check}", "ISBN", remarks) == f"{digits}{check}"
    assert not remarks.messages
    assert check_isbn(f"{digits}{(check + step) % 10}", "ISBN", remarks) == ""
    assert [message.code for message in remarks.messages] == ["ISBN_CHECK_DIGIT"]


@given(st.lists(st.text(max_size=6), max_size=3000))
def test_repetitions_are_found_as_a_dictionary_finds_them(keys: list[str]) -> None:
    seen, plain = Seen(), dict[str, int]()
    for record, key in enumerate(keys, start=1):
        assert seen.first(key, record) == plain.get(key, 0)
        plain.setdefault(key, record)


def test_many_keys_take_little_room() -> None:
    seen = Seen()
    for record in range(1, 50_001):
        assert seen.first(f"com.example.{record}", record) == 0
    assert seen.first("com.example.7", 60_000) == 7
