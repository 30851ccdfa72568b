import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import words
from ingest.engine.normalise import utf8_of
from ingest.engine.words import count_words, words_between
from tests.ingest.engine.letters_reference import SAME_UNICODE, words_of
from tests.ingest.engine.texts_of_any_kind import TEXTS

needs_same_unicode = pytest.mark.skipif(not SAME_UNICODE, reason="this Python knows other characters than the table")
PROSE = st.text(st.sampled_from("abcé ''’.-龍か한\u0301\u00ad\u200d𠀀🎉9"), max_size=400)


@needs_same_unicode
@given(st.one_of(TEXTS, PROSE))
@settings(max_examples=300, deadline=None)
def test_words_of_any_string_are_those_of_the_reference(text: str) -> None:
    assert count_words(text) == words_of(text)


@needs_same_unicode
@given(st.one_of(TEXTS, PROSE), st.data())
@settings(max_examples=200, deadline=None)
def test_words_between_two_bytes_are_those_of_the_text_between(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    bounds = utf8_of(text[:first]).size, utf8_of(text[:last]).size
    assert words_between(utf8_of(text), *bounds) == words_of(text[first:last])


@given(st.binary(max_size=300), st.integers(-5, 400), st.integers(-5, 400))
@settings(max_examples=100, deadline=None)
def test_any_bytes_have_no_more_words_than_bytes(raw: bytes, first: int, last: int) -> None:
    assert 0 <= words_between(np.frombuffer(raw, np.uint8), first, last) <= max(0, last - first)


def test_a_word_is_counted_once_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "BLOCK_CHARS", 64)
    text = "don't " * 40 + "a" * 200 + " rock'n'roll" * 20
    assert count_words(text) == 61


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("don't stop", 2),
        ("rock'n'roll 'tis dogs' x", 4),
        ("it''s", 2),
        ("中文字 abc 1984", 5),
        ("naïve cafe\u0301", 2),
        ("soft\u00adhyphen", 1),
        ("well-known", 2),
        ("한국어", 3),
        (unicodedata.normalize("NFD", "한국어"), 3),
        ("ｶﾞｷﾞ", 2),
        ("㈱ ⼀", 2),
        ("अक्षर ज्ञान", 2),
        ("ꦱꦏ꧀ꦏ", 1),
        ("🎉 🎉", 0),
    ],
)
def test_words_are_counted_as_the_contract_says(text: str, count: int) -> None:
    assert count_words(text) == count
