"""What no match means, in numbers, is never said more boldly than it was measured."""

from typing import Any

import pytest

from ingest import sureness
from ingest.engine.confidence import no_match
from ingest.engine.params import REGISTRY_1
from ingest.models import Segment
from ingest.selectors import scans
from tests import factories
from tests.licensing import scanned


def said_of(parameters: list[str], min_words: int = 50) -> dict[str, Any]:
    said = sureness.no_match(parameters, min_words)
    assert said is not None
    return said


def test_each_way_of_holding_a_work_and_each_script_has_its_figures():
    said = said_of(["registry-1"])
    assert (said["words"], said["error_ratio"], said["min_words"]) == (100, 0.05, 50)
    assert [(row["precision"], row["script"]) for row in said["found"]] == [
        ("exact", "alphabetic"),
        ("exact", "han"),
        ("sketch", "alphabetic"),
        ("sketch", "han"),
    ]
    for row in said["found"]:
        known = no_match(100, 0.05, precision=row["precision"], script=row["script"])
        assert row["probability"] == round(known.found, 6)
        assert 0 <= row["at_least"] <= row["probability"] <= 1
        assert 1 - said["prior"] <= row["absent"] <= 1


def test_of_several_parameter_sets_the_worst_counts():
    alone = [said_of([name])["found"] for name in ("registry-1", "compact")]
    both = said_of(["registry-1", "compact"])["found"]
    for row, *others in zip(both, *alone, strict=True):
        assert row["probability"] == min(other["probability"] for other in others)


def test_a_search_for_long_matches_only_says_nothing_about_shorter_passages():
    assert said_of(["registry-1"], 400)["words"] == 800


@pytest.mark.parametrize("parameters", [[], ["never-measured"], ["registry-1", "never-measured"]])
def test_nothing_is_said_of_what_was_not_measured(parameters):
    assert sureness.no_match(parameters, 50) is None


@pytest.mark.django_db
def test_a_scan_reaches_as_far_as_the_segments_it_was_matched_with():
    scan = scanned.scan(factories.actor())
    assert scans.no_match(scan) is None
    segment = Segment.objects.create(digest="sha256:01", file_name="one.seg", parameter_set=REGISTRY_1.name)
    scan.segments = {"digests": [segment.digest], "withdrawn": []}
    assert scans.no_match(scan) == sureness.no_match(["registry-1"], scan.min_words)


def test_a_probability_is_never_0_or_100_percent():
    said = [sureness.in_percent(value) for value in (None, 0.0, 0.0004, 0.5, 0.998123, 0.9996, 1.0)]
    assert said == ["–", "< 0.1 %", "< 0.1 %", "50.0 %", "99.8 %", "> 99.9 %", "> 99.9 %"]


def test_the_sentence_names_both_ways_of_holding_a_work_or_the_one_there_is():
    row = {"precision": "exact", "script": "alphabetic", "probability": 0.9876, "at_least": 0.95, "absent": 0.99}
    other = row | {"precision": "sketch", "probability": 0.75, "at_least": 0.6}
    said = {"words": 100, "error_ratio": 0.05, "min_words": 50, "prior": 0.01, "found": [row, other]}
    assert sureness.sentence(said) == (
        "Had they held 100 words or more in a row of one of the works that were searched, with at most 5 % wrong"
        " letters, that would have been found with a probability of 98.8 % (at least 95.0 %) where the text of a work"
        " is held, of 75.0 % (at least 60.0 %) where only the fingerprint of a work is held."
    )
    assert "fingerprint" not in sureness.sentence(said | {"found": [row]})
    assert sureness.sentence(None) == ""
