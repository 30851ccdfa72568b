import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry import pinyin


@pytest.mark.parametrize(
    ("run", "word"), [("红楼梦", "hongloumeng"), ("重庆", "chongqing"), ("吕布", "lubu"), ("ガラス", ""), ("한국", "")]
)
def test_characters_are_said_without_tones_in_one_word(run: str, word: str) -> None:
    assert pinyin.spoken(run) == word


def test_words_are_read_alone_together_and_two_of_them_the_other_way_round() -> None:
    assert pinyin.readings(["cao", "xueqin"]) == {
        "caoxueqin": frozenset({0, 1}),
        "xueqin": frozenset({1}),
        "xueqincao": frozenset({0, 1}),
    }


def test_words_that_are_no_syllables_are_not_read_and_part_those_beside_them() -> None:
    assert pinyin.readings(["the", "pride", "and", "prejudice", "1984", "梦"]) == {}
    assert set(pinyin.readings(["hong", "struck", "meng"])) == {"hong", "meng"}


def test_a_syllable_of_three_letters_is_not_looked_up() -> None:
    assert pinyin.readings(["men"]) == {}
    assert pinyin.tokens(["我", "阿姨", "鹅"]) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("红楼梦曹雪芹西游记吕布重庆女略安二儿用炒馄饨穷熊床"), min_size=2, max_size=6).map("".join)
)
def test_every_name_is_found_by_what_is_said_of_it(run: str) -> None:
    said = pinyin.spoken(run)
    assert len(said) < pinyin.MIN_CHARS or said in pinyin.readings([said])
    apart = [pinyin.spoken(char) for char in run]
    if "".join(apart) == said and len(said) >= pinyin.MIN_CHARS:
        assert said in pinyin.readings(apart)
