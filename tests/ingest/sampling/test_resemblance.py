"""What resembles an output is told beside the rest, compared with others and with people, and proves nothing."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sampling.audit import audit
from ingest.sampling.comparison import Count
from ingest.sampling.draws import Drawn, Record, draw
from ingest.sampling.figures import Settings
from ingest.sampling.fresh_words import fresh_words
from ingest.sampling.looking import Finding, look
from ingest.sampling.near_copies import Corpus, Output
from ingest.sampling.own_words import own_words
from ingest.sampling.resemblance import BANDS, band_of, compare_alike, measured
from tests.ingest.engine.texts import prose
from tests.ingest.sampling.test_near_copies import changed

SHORT = [Output(f"s{n}", prose(2_000 + n, 15), f"question {n}", "model-1") for n in range(60)]


@pytest.fixture(scope="module")
def corpus() -> object:
    with Corpus(SHORT) as made:
        yield made


def finding(corpus: Corpus, text: str, prompt: str = "question 1") -> Finding:
    [found] = look([Drawn(b"", b"", 0, Record("d#1", text, "b", prompt=prompt))], corpus)
    return found


def test_a_short_copy_resembles_its_output_and_is_not_positive(corpus: Corpus) -> None:
    chance, told = random.Random(1), 0
    for output in SHORT:
        found = finding(corpus, changed(output.text, chance), output.prompt)
        assert not found.positive
        assert not found.judged
        if found.resembling is not None:
            assert (found.resembling.output, found.resembling.way, found.resembles) == (output, "resembles", True)
            told += 1
    assert told >= 50


def test_a_part_of_an_output_and_a_longer_answer_that_holds_one_do_not(corpus: Corpus) -> None:
    words = SHORT[5].text.split()
    assert not finding(corpus, " ".join(words[:11])).resembles
    assert not finding(corpus, f"{SHORT[5].text} {prose(77, 15)}").resembles
    assert not finding(corpus, prose(78, 15)).resembles


def test_a_near_copy_counts_as_resembling_and_its_example_stands_first() -> None:
    long = Output("long", prose(3_000, 120), "tell me")
    rows = [Record("d#1", SHORT[1].text, "b", prompt="question 1"), Record("d#2", f"So: {long.text}", "b")]
    with Corpus([*SHORT, long]) as both:
        [row] = audit(draw(rows, 1), both)["batches"]
        [none] = audit(draw(rows, 1), both, Settings(examples=0))["batches"]
    assert (row["positive"], row["resemblance"]["resembling"]) == (1, 2)
    first, second = row["examples"]
    assert (first["match"]["work"], first["resembles"]) == ("long", None)
    assert (second["match"], second["resembles"]["work"], second["resembles"]["way"]) == (None, "s1", "resembles")
    assert second["resembles"]["generator"] == "model-1"
    assert none["examples"] == []


def test_the_annotator_who_pasted_short_answers_stands_out_and_is_not_flagged(corpus: Corpus) -> None:
    rows = []
    for annotator in range(10):
        for number in range(30):
            output = SHORT[(annotator * 7 + number) % 60]
            pasted = annotator == 4 and number % 2 == 0
            text = output.text.rpartition(" ")[0] if pasted else prose(10_000 + annotator * 100 + number, 15)
            rows.append(Record(f"d#{annotator}.{number}", text, "b", f"a{annotator}", prompt=output.prompt))
    result = audit(draw(rows, 1), corpus)
    assert [row["annotator"] for row in result["annotators"] if row["resemblance"]["stands_out"]] == ["a4"]
    assert not any(row["flagged"] for row in (*result["annotators"], *result["batches"]))
    told = result["annotators"][4]["resemblance"]
    assert told["resembling"] == 15
    assert told["rate"] == 0.5
    assert told["interval"] == [0.5, 0.5]  # a census
    assert 0 < told["among_people"] < 0.1
    assert told["p_value"] <= told["adjusted_p_value"] < 0.001
    assert told["others_rate"] == 0.0
    assert [example["resembles"]["generator"] for example in result["annotators"][4]["examples"]] == ["model-1"] * 5


def test_bands_have_answers_that_fall_with_what_is_said_anew() -> None:
    bands = measured()
    assert [(band.low, band.high) for band in bands] == list(pairwise(BANDS))
    assert all(0 <= band.resembling < band.answers for band in bands)
    assert all(one.rate > other.rate for one, other in pairwise(bands))


def band(text: str, prompt: str) -> int:
    return band_of(text, prompt, own_words([text], prompt))


def test_a_band_goes_by_what_is_said_anew() -> None:
    asked = prose(9, 30)
    assert [band(prose(10, number), asked) for number in (1, 9, 10, 19, 20, 3_000)] == [0, 0, 1, 1, 2, 2]
    assert band(asked, asked) == 0
    assert band(f"{asked} {prose(10, 12)}", asked) == 1
    assert [band("天地玄黄宇宙洪荒日月盈昃" * 1, "?"), band("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往", "?")] == [0, 1]


ASKED = ["one", "two", "three", "four", "five", "7", "8"]
SAID = [*ASKED, *(first + second for first in "bdfgk" for second in ("am", "el", "os", "it", "ur"))]


@given(st.lists(st.sampled_from(SAID), max_size=60))
def test_own_words_never_say_more_than_fresh_ones(words: list[str]) -> None:
    text, asked = " ".join(words), " ".join(ASKED)
    assert band(text, asked) == sum(fresh_words(text, [asked]) >= low for low in BANDS[1:-1])


def test_who_was_given_the_sums_does_not_stand_out_for_answering_them_as_people_do() -> None:
    first = measured()[0]
    as_people = Count(50, round(50 * first.rate))
    counts = {f"a{n}": [Count(0, 0), Count(10, 0), Count(90, 0)] for n in range(9)}
    counts["sums"] = [as_people, Count(0, 0), Count(0, 0)]
    assert not compare_alike(counts)["sums"].stands_out
    beside = {**counts, "other": [Count(50, 0), Count(0, 0), Count(0, 0)]}
    assert compare_alike(beside)["sums"].p_value == pytest.approx(0.55, abs=0.1)  # that of people's answers
    pasted = {**beside, "sums": [Count(50, 45), Count(0, 0), Count(0, 0)]}
    assert compare_alike(pasted)["sums"].stands_out


def test_where_all_resemble_alike_nobody_stands_out() -> None:
    counts = {f"a{n}": [Count(5, 2), Count(20, 12), Count(30, 15)] for n in range(6)}
    assert not any(row.stands_out for row in compare_alike(counts).values())
