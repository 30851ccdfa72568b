"""The detector says how sure it is, how often it errs and why it keeps silent; its file can be read and checked."""

from __future__ import annotations

import dataclasses
import json
import math
import socket
from pathlib import Path

import numpy as np
import pytest

from ingest.sampling import detector
from ingest.sampling.detector import FIRST_RATE, MODEL, read, score, score_many, shipped
from ingest.sampling.features import NAMES, measure

LISTY = (
    "There are several important factors to consider. Additionally, it is crucial to ensure the following:\n\n"
    "1. Planning: make a clear plan with your team and review it with the people who know the work.\n"
    "2. Communication: share the plan with everyone who is affected and be open about the risks.\n"
    "3. Review: look at the results with the team and improve the process with what you have learned.\n\n"
    "Overall, these steps help to ensure that the project is a success and that everyone is on board."
)
PROSE = (
    "I walked down to the harbour that evening because the rain had stopped, and because I could not bear the house. "
    "Nobody was about; a dog, two boats, the smell of tar. What was it my uncle used to say? That a man who waits for "
    "the tide has, at any rate, something to wait for. He drowned in '52. We never did find the boat, nor the tin box "
    "in which he kept his letters, though my mother looked for it until she died."
)


def test_a_text_gets_a_probability_with_threshold_error_rates_and_reasons() -> None:
    found = score(LISTY)
    assert found.abstained == ""
    assert found.language == "en"
    assert found.probability is not None
    assert 0 < found.probability < 1
    assert found.threshold is not None
    assert 0 < (found.false_positive_rate or 0) < 0.05
    assert 0 < (found.recall or 0) < 1
    assert [abs(one.adds) for one in found.top] == sorted((abs(one.adds) for one in found.top), reverse=True)
    assert {one.feature for one in found.top} <= set(NAMES)


def test_a_list_in_the_manner_of_chatbots_scores_above_a_story() -> None:
    assert (score(LISTY).probability or 0) > (score(PROSE).probability or 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("Too short to tell.", "too_short"),
        (
            "Der Mann ging in das Haus und es war nicht so, wie er es von den anderen kannte. " * 8,
            "language_not_measured",
        ),
        ("今天的天气很好，我们一起去公园散步，看到了很多花。" * 20, "language_not_measured"),
        ("for (int i = 0; i < n; i++) { a[i] = b[i] + c[i]; }\n" * 20, "not_prose"),
        ("| name | age |\n| Ann | 31 |\n| Bob | 42 |\n" * 20, "not_prose"),
        ("12.5 13.7 99.1 " * 100, "not_prose"),
    ],
)
def test_it_abstains_with_the_reason_on_what_it_was_not_measured_on(text: str, reason: str) -> None:
    found = score(text)
    assert found.abstained == reason
    assert found.probability is None
    assert found.threshold is None
    assert not found.above
    assert found.top == ()


def test_many_are_scored_as_one_after_the_other_in_order_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "BATCH", 3)
    texts = [LISTY, "", PROSE, LISTY + PROSE, "short", PROSE, LISTY]
    assert list(score_many(texts)) == [score(text) for text in texts]
    assert all(one.top == () for one in score_many(texts, explain=False))


def test_the_probability_can_be_reckoned_by_hand_from_the_file() -> None:
    facts = json.loads(MODEL.read_text(encoding="utf-8"))
    values = measure([LISTY]).values[0]
    logit = facts["intercept"]
    for row in facts["features"]:
        at = NAMES.index(row["name"])
        value = math.sqrt(values[at]) if at >= FIRST_RATE else values[at]
        logit += row["weight"] * min(max((value - row["mean"]) / row["spread"], -facts["clip"]), facts["clip"])
    expected = 1 / (1 + math.exp(-(facts["calibration"]["slope"] * logit + facts["calibration"]["offset"])))
    assert score(LISTY).probability == pytest.approx(expected, abs=1e-6)


def test_a_threshold_belongs_to_a_length() -> None:
    words = [one.words for one in shipped().buckets["en"]]
    assert words == sorted(words) == [50, 100, 200]
    assert score(LISTY).threshold == shipped().buckets["en"][0].threshold
    assert score(LISTY * 4).threshold == shipped().buckets["en"][2].threshold


def test_the_file_says_what_it_learnt_from_and_all_of_it_is_openly_licensed() -> None:
    facts = json.loads(MODEL.read_text(encoding="utf-8"))
    licences = {row["licence"] for row in facts["trained_on"]}
    assert licences
    assert not [licence for licence in sorted(licences) if "NC" in licence]
    assert "never alone" in facts["caution"]
    assert set(facts["measured"]["unseen"]) >= {"detector", "perplexity", "compression"}


def test_a_model_that_names_an_unknown_feature_is_refused(tmp_path: Path) -> None:
    facts = json.loads(MODEL.read_text(encoding="utf-8"))
    facts["features"][0]["name"] = "colour_of_ink"
    path = tmp_path / "model.json"
    path.write_text(json.dumps(facts))
    with pytest.raises(ValueError, match="colour_of_ink"):
        read(path)


def test_no_network_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert score(PROSE).abstained == ""


def test_another_model_can_be_given() -> None:
    flat = dataclasses.replace(shipped(), weights=np.zeros(len(shipped().weights)), intercept=0.0, offset=0.0)
    (found,) = score_many([PROSE], flat)
    assert found.probability == 0.5
