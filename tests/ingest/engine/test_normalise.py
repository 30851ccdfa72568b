import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from ingest.engine import normalise, places
from ingest.engine.normalise import char_offset, char_offsets, count_words, letter_stream

TO_SIMPLIFIED = OpenCC("t2s")
SPECIAL = {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "þ": "th", "ð": "d"}
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs", "Cn"]),
        st.sampled_from("aZé ﬁßŒ龍龙漢Å\u0301ｶﾞ한١½'’\u00ad\n—𠀀𝔘²ǆ؟かが々ー"),
        st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    ),
    max_size=200,
)


def folded(character: str) -> str:
    """One code point the slow, obvious way."""
    letters = character
    for _ in range(3):
        letters = "".join(SPECIAL.get(c, c) for c in unicodedata.normalize("NFKD", letters).casefold())
    kept = ""
    for letter in letters:
        code, category = ord(letter), unicodedata.category(letter)
        if unicodedata.combining(letter) or code in (0x0640, 0x034F) or 0x02B9 <= code < 0x02E0:
            continue
        if 0x180B <= code < 0x1810 or 0xFE00 <= code < 0xFE10 or 0xE0100 <= code < 0xE01F0:
            continue
        if category == "Nd":
            kept += str(unicodedata.digit(letter))
        elif category[0] in "LN" or category in ("Mn", "Mc"):
            kept += simplified(letter)
    return kept


def simplified(letter: str) -> str:
    result = letter
    for _ in range(4):
        result = TO_SIMPLIFIED.convert(result)
    return result if len(result) == 1 and ord(letter) >= 0x3400 else letter


def reference(text: str) -> tuple[list[int], list[int]]:
    """Symbols and the code-point offset of each."""
    symbols, offsets = [], []
    for offset, character in enumerate(text):
        for letter in folded(character):
            code = ord(letter)
            pair = [code] if code < 0x2E80 else [0x4000 | code >> 7, 0x8000 | code & 0x7F]
            symbols += pair
            offsets += [offset] * len(pair)
    return symbols, offsets


@given(TEXTS, st.integers(0, 70))
@settings(max_examples=150, deadline=None)
def test_letters_and_offsets_equal_the_slow_reference(text: str, padding: int) -> None:
    padded = "x" * padding + text + " " * padding
    stream = letter_stream(padded)
    symbols, offsets = reference(padded)
    assert stream.symbols.tolist() == symbols
    assert [char_offset(padded, stream, n) for n in range(len(symbols))] == offsets


@given(TEXTS)
@settings(max_examples=50, deadline=None)
def test_offsets_in_bulk_equal_offsets_one_by_one(text: str) -> None:
    long = text * 3 + "filler letters that make it long enough for the bulk path"
    stream = letter_stream(long)
    positions = np.arange(stream.symbols.size, dtype=np.int64)
    assert char_offsets(long, stream, positions).tolist() == reference(long)[1]


def test_offsets_hold_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "BLOCK_CHARS", 128)
    monkeypatch.setattr(places, "BLOCK_CHARS", 128)
    text = "Straße ﬁn 龍 and naïve, " * 40
    stream = letter_stream(text)
    symbols, offsets = reference(text)
    assert stream.symbols.tolist() == symbols
    assert char_offsets(text, stream, np.arange(len(symbols), dtype=np.int64)).tolist() == offsets


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Naïve CAFÉ", "naive café"),
        ("ﬁnd the ﬂow", "find the flow"),
        ("Straße", "STRASSE"),
        ("some-\nthing", "something"),
        ("Ｆｕｌｌ ｗｉｄｔｈ １２", "full width 12"),
        ("三國演義第一回", "三国演义第一回"),
        ("“Don’t,” he said", "dont he said"),
        ("e\u0301tude", "étude"),
        ("한국어", unicodedata.normalize("NFD", "한국어")),
        ("Œuvre Ærø", "oeuvre aero"),
    ],
)
def test_spellings_that_only_look_different_are_one(one: str, other: str) -> None:
    assert letter_stream(one).symbols.tolist() == letter_stream(other).symbols.tolist()


@pytest.mark.parametrize("text", ["", " ", "!?", "a", "龍", "\ud800"])
def test_tiny_texts_have_tiny_streams(text: str) -> None:
    assert letter_stream(text).symbols.size == {"a": 1, "龍": 2}.get(text, 0)


def test_different_rare_characters_stay_different() -> None:
    assert letter_stream("𠀀").symbols.tolist() != letter_stream("𠀁").symbols.tolist()


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("don't stop", 2),
        ("rock'n'roll 'tis dogs' x", 4),
        ("中文字 abc 1984", 5),
        ("naïve cafe\u0301", 2),
        ("well-known", 2),
        ("한국어", 3),
    ],
)
def test_words_are_counted_as_the_contract_says(text: str, count: int) -> None:
    assert count_words(text) == count
