"""An audit finds the annotators who pasted, says how sure it is, and comes out the same for whoever repeats it."""

import random

import pytest

from ingest.sampling.audit import Settings, audit, is_flagged, listing
from ingest.sampling.draws import Record, draw
from ingest.sampling.near_copies import Corpus, Output
from tests.ingest.engine.texts import prose

OUTPUTS = [Output(f"o{n}", prose(1_000 + n, 90), f"question {n}") for n in range(80)]
PASTED = {"ann04": 0.5, "ann11": 0.3}


def mixed() -> list[Record]:
    """Twenty annotators, four batches; two of them paste outputs."""
    chance = random.Random(8)
    rows = []
    for number in range(800):
        annotator = f"ann{number % 20:02}"
        text = prose(5_000 + number, 90)
        if chance.random() < PASTED.get(annotator, 0.0):
            text = chance.choice(OUTPUTS).text
        rows.append(Record(f"d#{number}", text, f"b{number % 4}", annotator, f"2023-{1 + number // 100:02}-01", "q"))
    return rows


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus(OUTPUTS)


@pytest.fixture(scope="module", autouse=True)
def closed(corpus: Corpus) -> object:
    yield
    corpus.close()


def test_the_two_who_pasted_stand_out_and_nobody_else(corpus: Corpus) -> None:
    result = audit(draw(mixed(), 1), corpus)
    flagged = [row["annotator"] for row in result["annotators"] if row["flagged"]]
    assert flagged == sorted(PASTED)
    assert is_flagged(result)
    for row in result["annotators"]:
        assert row["interval"] == [row["rate"], row["rate"]]  # a census
        low, high = row["corrected_interval"]
        assert low <= row["corrected_rate"] <= high
        assert all(example["match"]["work"].startswith("o") for example in row["examples"])
        assert len(row["examples"]) == min(5, row["positive"])


def test_another_order_and_other_file_names_give_the_same_figures(corpus: Corpus) -> None:
    rows = mixed()
    again = [row._replace(name=f"copy/{row.name}") for row in reversed(rows)]
    one, other = (audit(draw(chosen, 3, 50), corpus, Settings(examples=0)) for chosen in (rows, again))
    assert one == other
    assert one["sampled"] == 200


def test_a_clean_set_is_not_flagged(corpus: Corpus) -> None:
    rows = [row for row in mixed() if row.annotator not in PASTED]
    result = audit(draw(rows, 1, 100), corpus)
    assert not is_flagged(result)
    assert all(row["positive"] == 0 and row["interval"][0] == 0.0 for row in result["batches"])


def test_batches_of_one_and_records_that_cannot_be_judged_are_said_to_be_so(corpus: Corpus) -> None:
    rows = [Record("d#1", "", "b0"), Record("d#2", "Yes.", "b1", "ann"), Record("d#3", "Yes.", "b1", "ann")]
    result = audit(draw(rows, 1), corpus)
    assert [(row["batch"], row["judged"], row["corrected_rate"]) for row in result["batches"]] == [
        ("b0", 0, None),
        ("b1", 0, None),
    ]
    assert result["duplicates"] == 1
    assert [row["annotator"] for row in result["annotators"]] == ["ann"]


def test_a_reference_that_answers_the_same_questions_is_counted(corpus: Corpus) -> None:
    rows = [Record("d#1", prose(1, 90), "b", prompt="question 3"), Record("d#2", prose(2, 90), "b", prompt="another")]
    assert audit(draw(rows, 1), corpus)["prompts_in_reference"] == 1


def test_the_sample_can_be_listed_before_anything_is_looked_at() -> None:
    rows = mixed()
    listed = listing(draw(rows, 9, 10).sample())
    assert [row["batch"] for row in listed] == [f"b{n}" for n in range(4) for _ in range(10)]
    digests = {row.digest.hex() for row in rows}
    assert all(row["sha256"] in digests for row in listed)
