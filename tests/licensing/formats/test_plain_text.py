"""Bytes that should be text."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.plain_text import MAX_BYTES, MAX_FAULTS, bounded, decode, is_markup
from licensing.formats.policy import Fault


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=50))
def test_text_stays_as_it_is(text: str) -> None:
    without_mark = text.removeprefix("\ufeff")
    assert decode(text.encode())[0] in (text, without_mark)
    assert decode(text.encode())[1] == []


def test_a_byte_order_mark_is_no_text() -> None:
    assert decode(b"\xef\xbb\xbfUser-agent: *") == ("User-agent: *", [])


def test_what_is_too_large_is_cut_at_the_end_of_a_line() -> None:
    text, faults = decode(b"a" * (MAX_BYTES - 3) + b"\n" + b"b" * 100)
    assert (set(text), [fault.code for fault in faults]) == ({"a"}, ["too_large"])


def test_faults_are_bounded_and_the_rest_is_counted() -> None:
    faults = [Fault("x", "", "")] * (MAX_FAULTS + 7)
    assert bounded(faults)[-1].cause == "7 more"
    assert bounded(faults[:3]) == tuple(faults[:3])


def test_pages_are_told_from_text() -> None:
    assert is_markup(" \n<html>")
    assert not is_markup("User-agent: <bot>")
