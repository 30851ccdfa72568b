"""Copies of registered outputs are found when a word in ten is changed; answers by people are not taken for copies."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.engine.records import Match, Passage
from ingest.sampling.near_copies import Corpus, Output
from ingest.sampling.own_words import ASCII_TOKENS, TOKENS, WORDS, length_of, own_words, words_of
from ingest.sampling.pieces import Spans, common, length, put_together, spans_of
from ingest.sampling.thresholds import Thresholds
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


def test_a_short_answer_is_judged_where_it_is_mostly_its_own_words(corpus: Corpus) -> None:
    limits = Thresholds()
    short = prose(41, 40)
    assert limits.is_long_enough(short, "q")
    assert not limits.is_long_enough(" ".join(short.split()[:14]), "q")
    with Corpus([Output("o", short, "q")]) as outputs:
        words = short.split()
        [copy] = outputs.find([" ".join([*words[:9], "quite", *words[10:]])], ["q"])
        assert copy is not None
        assert list(outputs.find([" ".join([*words[:9], *prose(42, 40).split()[:30]])], ["q"])) == [None]


def test_sums_worked_out_step_by_step_need_more_words_of_their_own() -> None:
    words = sorted(words_of(prose(43, 60)))[:26]
    plain = " ".join(words)
    sums = " ".join(f"{word} {n} + {n + 1} = {2 * n + 1}" for n, word in enumerate(words))
    limits = Thresholds()
    assert limits.is_long_enough(plain, "q")
    assert not limits.is_long_enough(sums, "q")
    with Corpus([Output("sums", sums, "q"), Output("plain", plain, "q")]) as outputs:
        found = list(outputs.find([sums, plain], ["q", "q"]))
        assert [copy and copy.output.name for copy in found] == [None, "plain"]


def test_where_the_records_question_is_not_known_the_outputs_counts(corpus: Corpus) -> None:
    text = prose(44, 120)
    with Corpus([Output("extract", text, f"Repeat this: {text}"), Output("own", prose(45, 120), "q")]) as outputs:
        assert [copy and copy.output.name for copy in outputs.find([text, prose(45, 120)], ["", ""])] == [None, "own"]


@pytest.mark.parametrize("kind", ["opening", "lower case", "half", "other quotes", "full width", "no marks"])
def test_usual_disguises_do_not_help(corpus: Corpus, kind: str) -> None:
    text = OUTPUTS[7].text
    disguised = {
        "opening": f"Sure! Here is what you asked for:\n\n{text}\n\nI hope this helps!",
        "lower case": text.lower(),
        "half": " ".join(text.split()[:60]),
        "other quotes": f"«{text}»".replace("'", "’"),
        "full width": text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}),
        "no marks": "".join(character for character in text if character.isalnum() or character == " "),
    }
    [copy] = corpus.find([disguised[kind]], ["question 7"])
    assert copy is not None
    assert copy.output.name == "o7"


def test_two_outputs_put_together_are_a_copy_of_the_larger(corpus: Corpus) -> None:
    half = " ".join(OUTPUTS[4].text.split()[:100])
    [copy] = corpus.find([f"{half}\n\n{OUTPUTS[5].text}"], ["question 4"])
    assert copy is not None
    assert copy.output.name == "o5"


def test_pieces_that_lie_on_each_other_are_not_put_together(corpus: Corpus) -> None:
    text = "x" * 100
    [copy] = corpus.find([OUTPUTS[4].text], ["q"])
    assert copy is not None

    def piece(*spans: tuple[int, int]) -> Match:
        passages = tuple(copy.match.passages[0]._replace(document_start=a, document_end=b) for a, b in spans)
        return copy.match._replace(passages=passages)

    assert put_together(text, [piece((0, 40)), piece((45, 90))], 0.7)
    assert put_together(text, [piece((0, 20), (60, 80)), piece((20, 60))], 0.7)
    assert not put_together(text, [piece((0, 60)), piece((20, 80))], 0.7)
    assert not put_together(text, [piece((0, 60))], 0.7)
    assert not put_together(text, [], 0.7)
    assert not put_together("", [piece((0, 60)), piece((60, 80))], 0.7)


SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple), max_size=6)


@given(SPANS, SPANS)
def test_what_two_pieces_share_is_counted_as_one_would_by_hand(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    passage = Passage(0, 0, 0, 0, 1, 1.0)

    def spans(pairs: list[tuple[int, int]]) -> Spans:
        passages = tuple(passage._replace(document_start=start, document_end=end) for start, end in pairs)
        return spans_of(Match("w", None, "copy", 1.0, 1.0, 1, 1, 1.0, passages))

    def letters(pairs: list[tuple[int, int]]) -> set[int]:
        return {at for start, end in pairs for at in range(start, end)}

    assert common(spans(one), spans(other)) == len(letters(one) & letters(other))
    assert length(spans(one)) == len(letters(one))


@given(st.text(alphabet="aZé9 _'’-1我们"))
def test_the_fast_way_through_plain_text_counts_as_the_slow_one(text: str) -> None:
    plain = text.encode("ascii", "ignore").decode()
    assert words_of(plain) == set(WORDS.findall(plain.casefold()))
    assert len(ASCII_TOKENS.findall(plain)) == len(TOKENS.findall(plain)) == length_of(plain)
    assert length_of("我们 have 12 ducks") == 5
