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


def test_what_limits_the_figures_is_counted(corpus: Corpus) -> None:
    rows = [Record(f"d#{n}", prose(n, 60), "b0", "ann") for n in range(30)]
    rows += [rows[0], Record("d#50", "", "b1"), Record("d#51", OUTPUTS[3].text, "b2", "bob")]
    result = audit(draw(rows, 1, 5), corpus, intake={"empty": 1})
    assert result["duplicates"] == 1
    assert result["batches_of_one"] == result["batches_smaller_than_the_sample"] == 2
    assert result["texts_in_reference"] == 1
    assert result["not_judged"] >= 1
    assert result["input"] == {"empty": 1}


def test_refusals_too_short_to_be_judged_do_not_make_a_batch_look_full_of_them(corpus: Corpus) -> None:
    rows = [Record(f"d#{n}", f"Yes, {n}.", "b") for n in range(396)]
    rows += [Record(f"r#{n}", f"I'm sorry, but I can't assist with that. {n}", "b") for n in range(4)]
    [row] = audit(draw(rows, 1), corpus)["batches"]
    assert (row["positive"], row["marked"], row["judged"], row["corrected_rate"]) == (4, 4, 0, None)
    assert 0 <= row["at_least"] <= row["rate"] == 0.01
    assert not row["flagged"]
    more = [row._replace(text=f"I'm sorry, but I can't assist with that. {n}") for n, row in enumerate(rows[:80])]
    [row] = audit(draw([*more, *rows[80:]], 1), corpus)["batches"]
    assert row["flagged"]
    assert row["at_least"] > 0.1


def test_an_example_has_the_beginning_of_both_sides(corpus: Corpus) -> None:
    [row] = audit(draw([Record("d#1", f"So: {OUTPUTS[7].text}", "b")], 1), corpus)["batches"]
    [example] = row["examples"]
    assert example["match"]["work"] == "o7"
    assert example["match"]["document_excerpt"] == example["match"]["work_excerpt"] == OUTPUTS[7].text[:240]


def test_the_detector_makes_nothing_positive(corpus: Corpus) -> None:
    result = audit(draw(mixed()[:40], 1), corpus, Settings(examples=0))
    for row in (*result["batches"], *result["annotators"]):
        indication = row["indication"]
        assert 0 <= indication["above"] <= indication["scored"] <= row["sampled"]
        assert row["positive"] == row["copies"] + row["marked"]
