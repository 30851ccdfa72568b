import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from registry.search import ranking, vocabulary
from registry.search.query import MAX_QUERY_CHARS, MAX_WORDS, parse

AUSTEN = "pride and prejudice\n\njane austen"


def score(text: str, row: str) -> float:
    return ranking.score(parse(text), [row])[0]


def test_the_whole_title_scores_one_and_the_author_beside_it_costs_nothing() -> None:
    assert score("Pride and Prejudice", AUSTEN) == pytest.approx(1.0)
    assert score("Jane Austen: Pride and Prejudice", AUSTEN) == pytest.approx(1.0)


def test_a_title_scores_more_than_a_title_that_contains_it() -> None:
    assert score("hamlet", "hamlet") > score("hamlet", "hamlet and his problems")


def test_any_of_several_names_may_be_the_one_that_is_meant() -> None:
    row = "红楼梦\ndream of the red chamber\n\n曹雪芹"
    assert score("紅樓夢", row) == score("dream of the red chamber", row) == pytest.approx(1.0)


def test_a_misspelt_word_scores_less_than_the_right_one_and_more_than_none() -> None:
    right, misspelt, none = (score(f"pride {word}", AUSTEN) for word in ("prejudice", "prejudise", "zebra"))
    assert right > misspelt > ranking.MIN_SCORE > none


def test_common_words_alone_are_no_answer() -> None:
    assert score("and the zebra crossing", AUSTEN) < ranking.MIN_SCORE


def test_one_wrong_character_of_three_is_forgiven_and_two_are_not() -> None:
    assert score("红搂梦", "红楼梦") >= ranking.MIN_SCORE
    assert score("红搂门", "红楼梦") < ranking.MIN_SCORE


def test_a_query_without_words_scores_nothing() -> None:
    assert score("!?", AUSTEN) == 0
    assert ranking.score(parse("austen"), []) == []


def test_a_row_without_words_scores_nothing() -> None:
    assert score("austen", "") == 0


@settings(max_examples=100)
@given(st.text(max_size=30), st.text(max_size=30))
def test_scores_stay_between_zero_and_one(text: str, row: str) -> None:
    assert 0 <= score(text, row) <= 1 + 1e-6


@settings(max_examples=60)
@given(st.permutations(["pride", "and", "prejudice", "jane", "austen"]))
def test_word_order_does_not_matter(words: list[str]) -> None:
    assert score(" ".join(words), AUSTEN) == pytest.approx(1.0)


@settings(max_examples=60)
@given(st.text("abc", min_size=1, max_size=5))
def test_slips_are_exactly_the_spellings_at_distance_one(word: str) -> None:
    near = vocabulary.slips(word)
    assert all(OSA.distance(word, other) == 1 for other in near)
    for other in _all_words("abc", len(word) + 1):
        assert (OSA.distance(word, other) == 1) == (other in near)


def _all_words(letters: str, longest: int) -> list[str]:
    words, grown = [""], [""]
    for _ in range(min(longest, 5)):
        grown = [word + letter for word in grown for letter in letters]
        words += grown
    return words


def test_a_query_of_any_length_is_cut_to_what_is_looked_up() -> None:
    query = parse("word" + " w".join(map(str, range(10_000))))
    assert len(query.text) == MAX_QUERY_CHARS
    assert len(query.words) == MAX_WORDS
