from bisect import bisect_right
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import normalise, places
from ingest.engine.lanes import apart
from ingest.engine.normalise import ANCHOR_CHARS, Array, Letters, fold_texts, letter_stream, utf8_of
from ingest.engine.places import (
    after_marks,
    char_offset,
    char_offsets,
    measure_blocks,
    place,
    places_in_blocks,
    row_of,
    scattered_offsets,
)
from tests.ingest.engine.letters_reference import SAME_UNICODE, class_of, stream_of
from tests.ingest.engine.texts_of_any_kind import TEXTS

pytestmark = pytest.mark.skipif(not SAME_UNICODE, reason="this Python knows other characters than the table")


@apart
def place_in(letters: Letters, text: int, wanted: Array, out: Array) -> None:
    for n in range(wanted.size):
        out[n, 0], out[n, 1], out[n, 2] = place(
            letters.utf8,
            letters.anchor_bytes,
            letters.anchor_symbols,
            letters.text_anchors[text],
            letters.text_anchors[text + 1],
            ANCHOR_CHARS,
            letters.text_bytes[text + 1],
            letters.text_symbols[text] + wanted[n],
        )


def placed(letters: Letters, text: int, wanted: Array) -> Array:
    out = np.empty((wanted.size, 3), np.int64)
    place_in(letters, text, wanted, out)
    return out


def expected(text: str) -> list[tuple[int, int, int]]:
    """Code point, first byte and byte after it of each symbol of a text."""
    ends = list(accumulate((len(c.encode("utf-8", "surrogatepass")) for c in text), initial=0))
    return [(char, ends[char], ends[char + 1]) for char in stream_of(text)[1]]


@given(st.lists(TEXTS, max_size=3))
@settings(max_examples=200, deadline=None)
def test_every_symbol_of_a_batch_is_placed_at_the_code_point_it_came_from(texts: list[str]) -> None:
    letters = fold_texts(texts)
    for number, text in enumerate(texts):
        wanted = np.arange(letters.text_symbols[number + 1] - letters.text_symbols[number])
        found = placed(letters, number, wanted) - [0, letters.text_bytes[number], letters.text_bytes[number]]
        assert [tuple(row) for row in found.tolist()] == expected(text)


@given(TEXTS, st.integers(0, 99), st.sampled_from([64, 128, 4096]))
@settings(max_examples=150, deadline=None)
def test_every_symbol_of_a_work_in_blocks_is_placed_at_its_code_point(text: str, before: int, block: int) -> None:
    long = text * 3 + "tail"
    utf8 = utf8_of("é" * before + long + " and what follows in the file")
    bytes_before, symbols_before, symbols = measure_blocks(utf8_of(long), len(long), block)
    end = 2 * before + utf8_of(long).size
    rows = (bytes_before + 2 * before).astype(np.uint64), symbols_before.astype(np.uint64)
    found = places_in_blocks(utf8, *rows, block, end, np.arange(symbols)) - [0, 2 * before, 2 * before]
    assert [tuple(row) for row in found.tolist()] == expected(long)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_blocks_are_measured_as_the_reference_counts(text: str) -> None:
    bytes_before, symbols_before, symbols = measure_blocks(utf8_of(text), len(text), 128)
    heads = [text[:start] for start in range(0, len(text), 128)]
    assert bytes_before.tolist() == [utf8_of(head).size for head in heads]
    assert symbols_before.tolist() == [len(stream_of(head)[0]) for head in heads]
    assert symbols == len(stream_of(text)[0])


@given(st.lists(st.integers(0, 300), min_size=1, max_size=200), st.data())
@settings(max_examples=200, deadline=None)
def test_the_row_of_a_symbol_is_the_last_that_begins_no_later(steps: list[int], data: st.DataObject) -> None:
    before = [0, *accumulate(steps)]
    first = data.draw(st.integers(0, len(before) - 1))
    end = data.draw(st.integers(first + 1, len(before)))
    wanted = data.draw(st.integers(before[first], before[-1] + 5))
    found = row_of(np.array(before, np.int64), first, end, wanted)
    assert found == bisect_right(before, wanted, first, end) - 1


@given(st.lists(st.integers(0, 2**63), min_size=1, max_size=50), st.integers(0, 2**62))
@settings(max_examples=100, deadline=None)
def test_the_row_in_a_damaged_index_is_one_of_its_rows(before: list[int], wanted: int) -> None:
    assert 0 <= row_of(np.array(before, np.uint64), 0, len(before), wanted) < len(before)


@given(st.binary(max_size=400), st.lists(st.integers(0, 2**40), min_size=1, max_size=5), st.integers(0, 500))
@settings(max_examples=150, deadline=None)
def test_a_place_in_a_damaged_index_lies_inside_the_file(raw: bytes, before: list[int], wanted: int) -> None:
    utf8, rows = np.frombuffer(raw, np.uint8), np.array(before, np.uint64)
    (found,) = places_in_blocks(utf8, rows, np.sort(rows), 4096, len(raw) + 9, np.array([wanted], np.int64)).tolist()
    assert 0 <= found[1] <= found[2] <= len(raw)


def test_a_symbol_of_a_text_without_code_points_is_at_its_end() -> None:
    letters = fold_texts(["first", "", "last"])
    assert placed(letters, 1, np.array([0])).tolist() == [[0, 5, 5]]


@given(st.text(st.sampled_from("a龍\u0301\u0302\u20dd\u00ad\ufe0f —"), max_size=30), st.integers(0, 5))
@settings(max_examples=100, deadline=None)
def test_marks_after_a_letter_belong_to_it(text: str, short: int) -> None:
    utf8 = utf8_of(text)
    head = text[: max(0, len(text) - short)]
    marks = 0
    while marks < len(head) and class_of(head[marks]) == "nothing":
        marks += 1
    assert after_marks(utf8, 0, utf8_of(head).size) == (marks, utf8_of(text[:marks]).size)


@given(TEXTS)
@settings(max_examples=100, deadline=None)
def test_offsets_of_a_single_text_are_those_of_the_reference(text: str) -> None:
    stream, offsets = letter_stream(text), stream_of(text)[1]
    assert char_offsets(text, stream, np.arange(len(offsets))).tolist() == offsets
    backwards = np.arange(len(offsets))[::-7].copy()
    assert scattered_offsets(text, stream, backwards).tolist() == offsets[::-7]
    if offsets:
        assert char_offset(text, stream, len(offsets) - 1) == offsets[-1]


def test_offsets_hold_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "BLOCK_CHARS", 128)
    monkeypatch.setattr(places, "BLOCK_CHARS", 128)
    text = "Straße ﬁn 龍 and naïve, " * 40
    stream, offsets = letter_stream(text), stream_of(text)[1]
    assert char_offsets(text, stream, np.arange(len(offsets))).tolist() == offsets
    assert char_offset(text, stream, 500) == offsets[500]
