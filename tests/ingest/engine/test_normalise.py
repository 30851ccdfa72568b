import threading
import unicodedata
from types import FunctionType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import lanes, normalise
from ingest.engine.letter_format import WORD_APOSTROPHE, WORD_CHARACTER, WORD_LETTER, WORD_NONE, WORD_TRANSPARENT
from ingest.engine.lookup import TABLE
from ingest.engine.normalise import (
    ANCHOR_CHARS,
    MOST_SYMBOLS_A_BYTE,
    SLACK_SYMBOLS,
    Array,
    Letters,
    Scratch,
    count_letters,
    fold_stretch,
    fold_texts,
    letter_stream,
    utf8_of,
)
from tests.ingest.engine.letters_reference import SAME_UNICODE, class_of, is_no_character, stream_of, symbols_of
from tests.ingest.engine.texts_of_any_kind import TEXTS

needs_same_unicode = pytest.mark.skipif(not SAME_UNICODE, reason="this Python knows other characters than the table")


def check_alone(letters: Letters, number: int, text: str) -> None:
    """What a batch says of one of its texts is what the reference says."""
    symbols, offsets = stream_of(text)
    low, high = letters.text_symbols[number : number + 2]
    assert letters.symbols[low:high].tolist() == symbols
    assert letters.text_letters[number] == sum(symbol < 0x8000 for symbol in symbols)
    assert letters.text_chars[number] == len(text)
    first_byte, end_byte = letters.text_bytes[number : number + 2]
    assert letters.utf8[first_byte:end_byte].tobytes() == text.encode("utf-8", "surrogatepass")
    groups = slice(*letters.text_anchors[number : number + 2])
    starts = range(0, len(text), ANCHOR_CHARS)
    assert (letters.anchor_symbols[groups] - low).tolist() == [sum(o < start for o in offsets) for start in starts]
    before = [len(text[:start].encode("utf-8", "surrogatepass")) for start in starts]
    assert (letters.anchor_bytes[groups] - first_byte).tolist() == before


@needs_same_unicode
@given(st.lists(TEXTS, max_size=4))
@settings(max_examples=250, deadline=None)
def test_a_batch_of_any_strings_is_folded_as_the_reference_folds_each(texts: list[str]) -> None:
    letters = fold_texts(texts)
    for number, text in enumerate(texts):
        check_alone(letters, number, text)


@needs_same_unicode
@given(TEXTS, st.integers(0, 130), st.integers(0, 130))
@settings(max_examples=150, deadline=None)
def test_a_text_is_folded_alike_wherever_it_lies_between_others(text: str, before: int, after: int) -> None:
    letters = fold_texts(["x" * before, text, "é" * after])
    check_alone(letters, 1, text)


@pytest.fixture(scope="module")
def every_code_point() -> tuple[list[str], Letters]:
    characters = [chr(code) for code in range(0x110000)]
    return characters, fold_texts(characters, Scratch())


@needs_same_unicode
def test_every_code_point_stands_for_the_letters_of_the_reference(
    every_code_point: tuple[list[str], Letters],
) -> None:
    characters, letters = every_code_point
    symbols, bounds = letters.symbols.tolist(), letters.text_symbols.tolist()
    empty = (np.diff(letters.text_symbols) == 0).tolist()
    wrong = [
        character
        for code, character in enumerate(characters)
        if not (empty[code] and is_no_character(character))
        and tuple(symbols[bounds[code] : bounds[code + 1]]) != symbols_of.__wrapped__(character)
    ]
    assert wrong == []


@needs_same_unicode
def test_every_code_point_counts_for_words_as_in_the_reference() -> None:
    names = {
        WORD_NONE: "gap",
        WORD_LETTER: "letter",
        WORD_APOSTROPHE: "apostrophe",
        WORD_CHARACTER: "alone",
        WORD_TRANSPARENT: "nothing",
    }
    classes = TABLE.word_classes[(TABLE.pages[:, None] + np.arange(256, dtype=np.uint32)).ravel()].tolist()
    surrogates = range(0xD800, 0xE000)
    wrong = [c for c, kind in enumerate(classes) if c not in surrogates and names[kind] != class_of.__wrapped__(chr(c))]
    assert wrong == []


def test_no_character_has_more_symbols_than_there_is_room_for(every_code_point: tuple[list[str], Letters]) -> None:
    _, letters = every_code_point
    symbols = np.diff(letters.text_symbols)
    assert (symbols <= MOST_SYMBOLS_A_BYTE * np.diff(letters.text_bytes)).all()
    assert symbols.max() * ANCHOR_CHARS + 64 <= SLACK_SYMBOLS


@needs_same_unicode
def test_a_processor_that_does_not_pack_lanes_folds_the_same(every_code_point: tuple[list[str], Letters]) -> None:
    characters, _ = every_code_point
    text = "".join(characters[::7]) + "The quick brown fox, naïve café; " * 30
    utf8 = utf8_of(text)
    unpacked = normalise.fold_chars.py_func
    fold = lanes.apart(
        FunctionType(unpacked.__code__, {**unpacked.__globals__, "PACKS": not lanes.PACKS}, unpacked.__name__)
    )
    out = np.empty(3 * utf8.size + SLACK_SYMBOLS, np.uint16)
    at = filled = np.uint64(0)
    while at < utf8.size:
        at, filled = (np.uint64(n) for n in fold(utf8, at, np.uint64(utf8.size), np.uint64(64), out, filled))
    assert out[:filled].tolist() == letter_stream(text).symbols.tolist() == stream_of(text)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Naïve CAFÉ", "naive café"),
        ("ﬁnd the ﬂow", "find the flow"),
        ("some-\nthing", "something"),
        ("some\u00ad\nthing", "some\u2010\r\nthing"),
        ("Ｆｕｌｌ ｗｉｄｔｈ １２", "full width 12"),
        ("“Don’t,” he said", "dont he said"),
        ("e\u0301tude", "étude"),
        ("Œuvre Ærø", "oeuvre aero"),
        ("ſhip, ſtone", "ship, stone"),
        ("Straße, GROẞ", "STRASSE, gross"),
        ("Iğdır, İzmir", "IGDIR izmir"),
        ("Ὀδυσσεύς", "ΟΔΥΣΣΕΥΣ"),
        ("Ёлка и йод", "елка и иод"),
        ("אָלֶף־בֵּית", "אלף בית"),
        ("ייִדיש װײַס", "יידיש ווייס"),
        ("العَـــرَبِيَّة", "العربية"),
        ("ﻻ ﷺ", "لا صلى الله عليه وسلم"),
        ("کتاب فارسی", "كتاب فارسي"),
        ("१२३ ٤٥٦", "123 456"),
        ("한국어", unicodedata.normalize("NFD", "한국어")),
        ("ㅎㅏㄴ", "\u1112\u1161\u1102"),
        ("ｶﾞｷﾞ ｱｲｳ", "ガギ アイウ"),
        ("三國演義第一回", "三国演义第一回"),
        ("廣い國の氣分", "広い国の気分"),
        ("①②③ x² ½", "123 x2 12"),
        ("𝕳𝖊𝖑𝖑𝖔 𝟙𝟚", "hello 12"),
        ("zero\u200bwidth\u2060 \ufeffjoin\u200d", "zero width join"),
        ("ไทย\u0e48", "ไทย"),
    ],
)
def test_spellings_that_only_look_different_are_one(one: str, other: str) -> None:
    assert letter_stream(one).symbols.tolist() == letter_stream(other).symbols.tolist()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("किताब", "कताब"),  # vowel signs of Devanagari carry meaning
        ("กุ", "กู"),  # and those of Thai, whatever their combining class
        ("བོད", "བད"),
        ("か", "カ"),
        ("𠀀", "𠀁"),
        ("\U00031350", "\U00031351"),
        ("σ", "s"),
    ],
)
def test_what_means_something_else_stays_different(one: str, other: str) -> None:
    assert letter_stream(one).symbols.tolist() != letter_stream(other).symbols.tolist()


@pytest.mark.parametrize(
    "text",
    ["", " ", "!?;—…" * 500, "🎉👩\u200d🚀🏳️\u200d🌈" * 300, "\u0301\u0302\u0327" * 500, "\ud800", "\ufffd\0" * 99],
)
def test_texts_without_letters_have_empty_streams(text: str) -> None:
    letters = fold_texts([text, text])
    assert letters.symbols.size == 0
    assert letters.text_letters.tolist() == [0, 0]


@pytest.mark.parametrize("character", ["a", "é", "龍", "ﷺ", "𝔘", "한"])
def test_one_character_repeated_is_folded_as_often_as_it_is_there(character: str) -> None:
    assert letter_stream(character * 5000).symbols.tolist() == stream_of(character)[0] * 5000


def test_no_texts_make_an_empty_batch() -> None:
    letters = fold_texts([])
    assert letters.symbols.size == letters.utf8.size == letters.text_chars.size == 0
    assert letters.text_symbols.tolist() == letters.text_bytes.tolist() == letters.text_anchors.tolist() == [0]


def test_a_batch_of_mostly_long_expansions_is_folded_whole() -> None:
    texts = ["ﷺ" * 3000, "plain"]
    letters = fold_texts(texts)
    for number, text in enumerate(texts):
        check_alone(letters, number, text)


def test_a_scratch_of_ones_own_outlives_the_next_batch() -> None:
    kept = fold_texts(["first text"], Scratch())
    passing = fold_texts(["second one"])
    letter_stream("a single text leaves batches alone")
    assert kept.symbols.tolist() == stream_of("first text")[0]
    assert passing.symbols.tolist() == stream_of("second one")[0]


def test_threads_fold_beside_each_other() -> None:
    found: dict[int, list[list[int]]] = {}

    def fold(number: int) -> None:
        found[number] = [fold_texts([f"text {number} again " * 50]).symbols.tolist() for _ in range(50)]

    threads = [threading.Thread(target=fold, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, streams in found.items():
        assert all(stream == stream_of(f"text {number} again " * 50)[0] for stream in streams)


def test_a_text_longer_than_a_block_is_one_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normalise, "BLOCK_CHARS", 128)
    text = "Straße ﬁn 龍 and naïve, " * 40
    stream = letter_stream(text)
    assert stream.symbols.tolist() == stream_of(text)[0]
    assert stream.block_symbols.tolist() == [len(stream_of(text[:n])[0]) for n in range(0, len(text), 128)]
    assert stream.chars == len(text)


def stretch(utf8: Array, wanted: int, before: int = 3) -> Array:
    out = np.full(before + wanted + SLACK_SYMBOLS, 7, np.uint16)
    end = fold_stretch(utf8, 0, wanted, out, before)
    assert (out[:before] == 7).all()
    return out[before:end]


@needs_same_unicode
@given(TEXTS, st.integers(0, 500))
@settings(max_examples=100, deadline=None)
def test_a_stretch_brings_what_is_wanted_and_nothing_wrong(text: str, wanted: int) -> None:
    symbols = stream_of(text)[0]
    found = stretch(utf8_of(text), wanted).tolist()
    assert found == symbols[: len(found)]
    assert len(found) >= min(wanted, len(symbols))
    assert len(found) < wanted + SLACK_SYMBOLS


@given(st.binary(max_size=300), st.integers(0, 2000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_folded_to_something_in_bounds(raw: bytes, wanted: int) -> None:
    found = stretch(np.frombuffer(raw, np.uint8), wanted)
    assert found.size <= min(MOST_SYMBOLS_A_BYTE * len(raw), wanted + SLACK_SYMBOLS)


def test_letters_are_symbols_that_are_no_trails() -> None:
    assert count_letters(letter_stream("龍 and 龙!").symbols) == 5
