"""What an audit's result says of the dataset as a whole."""

import pytest

from ingest.sampling import audit as heart
from ingest.sampling import shares
from ingest.sampling.figures import Json
from ingest.sampling.near_copies import Corpus
from tests.ingest.audited import OUTPUTS, drawn


@pytest.fixture(scope="module")
def result() -> Json:
    with Corpus(OUTPUTS) as reference:
        return heart.audit(drawn(), reference)


def test_the_whole_is_the_batches_weighted_by_their_records(result: Json) -> None:
    whole = shares.overall(result)
    assert whole is not None
    rows = result["batches"]
    expected = sum(row["records"] * row["rate"] for row in rows) / sum(row["records"] for row in rows)
    assert whole["rate"] == pytest.approx(expected)
    assert whole["interval"][0] < whole["rate"] < whole["interval"][1]
    assert whole["positive"] == sum(row["positive"] for row in rows)
    assert 0 < whole["at_least"] <= whole["interval"][0]
    assert whole["corrected_interval"][0] <= whole["corrected_rate"] <= whole["corrected_interval"][1]


def test_the_generator_of_near_copies_is_named_with_its_own_share(result: Json) -> None:
    (one,) = shares.generators(result)
    assert one["generator"] == "chatbot-1"
    assert one["copies"] == sum(row["copies"] for row in result["batches"])
    assert one["interval"][0] <= one["rate"] <= one["interval"][1]
    assert one["at_least"] > 0


def test_results_from_before_generators_were_counted_name_none(result: Json) -> None:
    old = result | {"batches": [{k: v for k, v in row.items() if k != "generators"} for row in result["batches"]]}
    assert shares.generators(old) == []
    assert shares.overall(old) == shares.overall(result)


def test_every_batch_has_its_figures_and_no_examples(result: Json) -> None:
    rows = shares.by_batch(result)
    assert [row["batch"] for row in rows] == [row["batch"] for row in result["batches"]]
    assert not any("examples" in row for row in rows)


def test_without_a_batch_there_is_no_share(result: Json) -> None:
    assert shares.overall(result | {"batches": []}) is None
    assert shares.generators(result | {"batches": []}) == []


def test_a_clean_sample_is_at_least_nothing(result: Json) -> None:
    clean = [row | {"positive": 0, "judged_positive": 0, "generators": {}} for row in result["batches"]]
    whole = shares.overall(result | {"batches": clean})
    assert whole is not None
    assert (whole["rate"], whole["at_least"]) == (0.0, 0.0)
    assert whole["interval"][1] > 0
