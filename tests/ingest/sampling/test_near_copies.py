"""Copies of registered outputs are found when a word in ten is changed; answers by people are not taken for copies."""

import random

import pytest

from ingest.sampling.near_copies import Corpus, Output, Thresholds
from ingest.sampling.own_words import own_words, words_of
from tests.ingest.engine.texts import han, noisy, prose

OUTPUTS = [Output(f"o{n}", prose(100 + n, 120), f"question {n}", "model-a") for n in range(20)]
CHINESE = Output("zh", han(9, 200), "问题", "model-b")


@pytest.fixture(scope="module")
def corpus() -> "Corpus":
    return Corpus([*OUTPUTS, CHINESE])


@pytest.fixture(scope="module", autouse=True)
def closed(corpus: Corpus) -> object:
    yield
    corpus.close()


def changed(text: str, chance: random.Random) -> str:
    words = text.split()
    for place in chance.sample(range(len(words)), len(words) // 10):
        words[place] = chance.choice(["", "quite", words[place] + " indeed"])
    return " ".join(words)


def test_copies_with_a_word_in_ten_changed_name_the_output(corpus: Corpus) -> None:
    chance = random.Random(4)
    texts = [changed(output.text, chance) for output in OUTPUTS]
    found = list(corpus.find(texts, [output.prompt for output in OUTPUTS]))
    assert [copy and copy.output.name for copy in found] == [output.name for output in OUTPUTS]
    assert all(copy is not None and copy.own_words >= corpus.thresholds.words for copy in found)


def test_a_chinese_copy_is_found(corpus: Corpus) -> None:
    [copy] = corpus.find([noisy(CHINESE.text, 0.05, 3)], ["问题"])
    assert copy is not None
    assert copy.to_json("d#1", corpus.index)["generator"] == "model-b"


def test_other_texts_are_no_copies(corpus: Corpus) -> None:
    texts = [prose(500 + n, 120) for n in range(20)] + ["", " ", "Yes."]
    assert list(corpus.find(texts, [""] * len(texts))) == [None] * len(texts)


def test_what_stands_in_the_question_proves_nothing(corpus: Corpus) -> None:
    output = OUTPUTS[3]
    assert list(corpus.find([output.text], [output.text])) == [None]


def test_half_a_text_of_ones_own_around_a_short_quotation_is_no_copy(corpus: Corpus) -> None:
    quoted = " ".join(OUTPUTS[5].text.split()[:40])
    assert list(corpus.find([f"{prose(600, 150)} {quoted}"], ["q"])) == [None]


def test_the_same_short_answer_is_too_short_to_tell() -> None:
    limits = Thresholds()
    assert not limits.is_long_enough("The answer is Paris.", "What is the capital of France?")
    assert limits.is_long_enough(prose(1, 120), "q")
    with Corpus([Output("o", "The answer is Paris, of course.")]) as short:
        assert list(short.find(["The answer is Paris, of course."], [""])) == [None]


def test_a_corpus_without_outputs_finds_nothing() -> None:
    with Corpus([Output("empty", " ")]) as empty:
        assert len(empty) == 0
        assert list(empty.find([OUTPUTS[0].text], [""])) == [None]


def test_the_digest_does_not_depend_on_the_order(corpus: Corpus) -> None:
    with Corpus([CHINESE, *reversed(OUTPUTS)]) as turned:
        assert turned.digest == corpus.digest


def test_own_words_are_neither_numbers_nor_the_questions() -> None:
    assert own_words(["She sells 3 ducks’ eggs; 3 x 2 = 6"], "How many eggs?") == {"she", "sells", "ducks", "x"}
    assert words_of("我是文心") == {"我是", "是文", "文心"}
    assert words_of("Don't 我") == {"don't", "我"}


def test_outputs_of_one_name_are_kept_apart_and_what_is_left_out_is_counted() -> None:
    twice = [Output("o", OUTPUTS[0].text), Output("o", OUTPUTS[1].text), Output("o", OUTPUTS[0].text), Output("e", " ")]
    with Corpus(twice) as corpus:
        assert (len(corpus), corpus.repeated, corpus.empty) == (2, 1, 1)
        assert [copy and copy.output.name for copy in corpus.find([OUTPUTS[1].text], [""])] == ["o~2"]
