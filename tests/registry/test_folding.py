from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import folding


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Élan VITAL", "elan vital"),
        ("Søren Łukasz Œuvre", "soren lukasz oeuvre"),
        ("Ａｕｓｔｅｎ", "austen"),
        ("Straße", "STRASSE"),
        ("紅樓夢", "红楼梦"),
        ("L’Étranger", "l'etranger"),
        ("İstanbul", "istanbul"),
        ("a\x00b\ud800 \t\nc", "a b c"),
    ],
)
def test_spellings_of_one_name_fold_to_the_same(one: str, other: str) -> None:
    assert folding.fold(one) == folding.fold(other)


def test_words_of_scripts_with_vowel_signs_stay_whole() -> None:
    assert folding.tokens("हिन्दी साहित्य") == ["हिन्दी", "साहित्य"]


def test_voiced_kana_and_hangul_keep_their_parts() -> None:
    assert folding.fold("ガラス 한국") == "ガラス 한국"


def test_a_part_of_a_chinese_name_folds_as_it_does_in_the_whole() -> None:
    for name in ("乾隆皇帝", "後漢書", "發展髮型"):
        whole = folding.fold(name)
        assert whole == "".join(folding.fold(char) for char in name)


def test_a_lone_chinese_character_is_indexed_and_asked_for() -> None:
    assert set(folding.tokens("茶")) <= set(folding.index_tokens("茶经"))


def test_a_name_with_an_apostrophe_is_found_with_and_without_what_precedes_it() -> None:
    indexed = folding.index_tokens("L'Étranger, O’Brien")
    for asked in ("l'etranger", "etranger", "letranger", "o'brien", "brien"):
        assert set(folding.tokens(asked)) <= set(indexed)


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    folded = folding.fold(text)
    assert folding.tokens(folded) == folding.tokens(text)
    folded.encode()  # can be stored
    assert "\x00" not in folded


@settings(max_examples=150)
@given(st.text(max_size=40))
def test_whatever_a_query_asks_for_is_indexed(text: str) -> None:
    assert set(folding.tokens(text)) <= set(folding.index_tokens(text))


@settings(max_examples=100)
@given(st.lists(st.sampled_from("红楼梦曹雪芹"), min_size=1, max_size=8).map("".join))
def test_bigrams_are_the_neighbours_of_a_run(run: str) -> None:
    pairs = {a + b for (i, a), (j, b) in product(enumerate(run), repeat=2) if j == i + 1}
    assert set(folding.bigrams(run)) == (pairs or {run})
