"""Confidence of a match and of no match: bounds, what may never lower it, and that questions without an answer are
refused. The figures themselves are fitted by bench/calibrate.py and checked against real texts there."""

from __future__ import annotations

import json
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.engine import confidence
from ingest.engine.errors import UnknownParameters
from ingest.engine.params import PRESETS
from ingest.engine.records import Match, Passage

TABLE = json.loads(confidence.TABLE.read_text(encoding="utf-8"))


def match_of(
    passages: list[int],
    identity: float | None = 1.0,
    verbatim: int = 5,
    coverage: tuple[float, float] = (0.05, 0.001),
    boilerplate: int = 0,
    precision: str = "exact",
) -> Match:
    made, at = [], 0
    for words in passages:
        made.append(Passage(at, at + 6 * words, at, at + 6 * words, words, identity, precision))  # type: ignore[arg-type]
        at += 6 * words + 100
    usual = (Passage(at, at + 6 * boilerplate, 0, 6 * boilerplate, boilerplate, identity),) if boilerplate else ()
    return Match(
        work="w",
        edition=None,
        relation="quotation",
        coverage_document=coverage[0],
        coverage_work=coverage[1],
        matched_words=sum(passages),
        longest_verbatim_words=verbatim,
        identity=None if precision == "sketch" else identity,
        passages=tuple(made),
        precision=precision,  # type: ignore[arg-type]
        boilerplate=usual,
    )


precisions = st.sampled_from(["exact", "sketch"])
shares = st.floats(0, 1)
matches = st.builds(
    match_of,
    st.lists(st.integers(1, 5_000), min_size=1, max_size=6),
    shares,
    st.integers(0, 2_000),
    st.tuples(shares, shares),
    st.integers(0, 500),
    precisions,
)


@given(matches, st.floats(0.001, 0.999))
@settings(deadline=None)
def test_no_match_is_certain_or_impossible(match: Match, prior: float) -> None:
    assert 0 < confidence.of(match) < 1
    assert 0 < confidence.of(match, prior) < 1


@given(matches, st.integers(0, 5), st.integers(1, 1_000), st.integers(0, 50))
@settings(deadline=None)
def test_more_words_at_equal_identity_never_lower_the_confidence(
    match: Match, at: int, words: int, verbatim: int
) -> None:
    longer = list(match.passages)
    longer[at % len(longer)] = longer[at % len(longer)]._replace(words=longer[at % len(longer)].words + words)
    more = match._replace(
        passages=tuple(longer),
        matched_words=match.matched_words + words,
        longest_verbatim_words=match.longest_verbatim_words + verbatim,
    )
    assert confidence.of(more) >= confidence.of(match)


@given(matches, st.integers(1, 1_000))
@settings(deadline=None)
def test_one_more_passage_never_lowers_the_confidence(match: Match, words: int) -> None:
    added = (*match.passages, match.passages[0]._replace(words=words))
    more = match._replace(passages=added, matched_words=match.matched_words + words)
    assert confidence.of(more) >= confidence.of(match)


@given(matches, shares, shares, shares)
@settings(deadline=None)
def test_more_identity_and_more_coverage_never_lower_the_confidence(
    match: Match, identity: float, document: float, work: float
) -> None:
    better = match._replace(
        identity=None if match.identity is None else max(identity, match.identity),
        coverage_document=max(document, match.coverage_document),
        coverage_work=max(work, match.coverage_work),
    )
    assert confidence.of(better) >= confidence.of(match)


def test_boilerplate_beside_a_match_lowers_the_confidence() -> None:
    assert confidence.of(match_of([30], boilerplate=200)) < confidence.of(match_of([30]))


def test_the_prior_moves_the_odds_by_its_own() -> None:
    match = match_of([30], verbatim=20)
    odds = [p / (1 - p) for p in (confidence.of(match), confidence.of(match, prior=0.9))]
    assert isclose(odds[1] / odds[0], 9.0, rel_tol=1e-9)


@pytest.mark.parametrize("precision", ["exact", "sketch"])
def test_a_whole_page_word_for_word_is_surer_than_a_set_phrase(precision: str) -> None:
    page = confidence.of(match_of([300], verbatim=300, precision=precision))
    phrase = confidence.of(match_of([9], verbatim=9, coverage=(0.001, 0.0001), precision=precision))
    assert page > 0.9
    assert phrase < 0.1


def test_a_match_without_passages_or_words_has_a_confidence() -> None:
    assert 0 < confidence.of(match_of([])) < 0.5


@pytest.mark.parametrize("prior", [0.0, 1.0, -1.0, 2.0])
def test_a_prior_that_is_no_share_is_refused(prior: float) -> None:
    with pytest.raises(ValueError, match="prior"):
        confidence.of(match_of([30]), prior)
    with pytest.raises(ValueError, match="prior"):
        confidence.no_match(100, prior=prior)


asked = st.tuples(
    st.integers(20, 2_000),
    st.floats(0, 0.15),
    st.floats(0.05, 1),
    st.sampled_from(sorted(TABLE["missed"]["found"])),
    precisions,
    st.sampled_from(["alphabetic", "han"]),
)


@given(asked, st.integers(0, 500), st.floats(0, 1), st.floats(0, 1))
@settings(deadline=None)
def test_longer_cleaner_passages_and_lower_limits_are_never_found_less_often(
    question: tuple[int, float, float, str, str, str], more: int, fewer: float, lower: float
) -> None:
    words, errors, share, parameters, precision, script = question
    least = max(1, int(share * words))
    kind = {"parameters": parameters, "precision": precision, "script": script}
    plain = confidence.no_match(words, errors, min_words=least, **kind)  # type: ignore[arg-type]
    easier = confidence.no_match(
        words + more,
        errors * fewer,
        min_words=max(1, int(least * lower)),
        **kind,  # type: ignore[arg-type]
    )
    assert easier.found >= plain.found - 1e-12
    assert easier.found_at_least >= plain.found_at_least - 1e-12
    assert 0 <= plain.found_at_least <= plain.found < 1  # the lower end of an interval may be nothing
    assert 1 - plain.prior < plain.absent < 1


def test_absence_follows_from_the_prior_by_the_rule_of_bayes() -> None:
    answer = confidence.no_match(100, 0.05, prior=0.2)
    missed = 0.2 * (1 - answer.found)
    assert isclose(answer.absent, 0.8 / (0.8 + missed), rel_tol=1e-12)


def test_a_measured_cell_is_answered_as_measured() -> None:
    table = TABLE["missed"]
    place = (table["words"].index(100) * len(table["errors"]) + table["errors"].index(0.05)) * len(table["shares"])
    cell = place + table["shares"].index(0.5)
    answer = confidence.no_match(100, 0.05, min_words=50, parameters="registry-1")
    assert isclose(
        answer.found, table["found"]["registry-1"]["exact"]["alphabetic"][cell] / table["scale"], rel_tol=1e-9
    )


def test_a_hundred_words_with_few_errors_are_hardly_missed() -> None:
    answer = confidence.no_match(100, 0.02, min_words=50)
    assert answer.found > 0.97
    assert answer.absent > 0.999
    assert "100 words" in str(answer)
    assert "2 % errors" in str(answer)
    assert "100 characters" in str(confidence.no_match(100, 0.02, min_words=50, script="han"))


def test_what_was_not_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="under 50 words"):
        confidence.no_match(40, min_words=50)
    with pytest.raises(ValueError, match="under 20 words"):
        confidence.no_match(10, min_words=8)
    with pytest.raises(ValueError, match="errors"):
        confidence.no_match(100, 0.3)
    with pytest.raises(UnknownParameters):
        confidence.no_match(100, parameters="registry-0")


def test_every_parameter_set_was_measured_as_it_is_now() -> None:
    made = TABLE["made"]["parameters"]
    assert set(TABLE["missed"]["found"]) == set(PRESETS)
    assert made == {name: params.digest for name, params in sorted(PRESETS.items())}, "run bench/calibrate.py again"


def test_the_shipped_fit_has_no_negative_weight_and_says_what_it_was_made_with() -> None:
    for line in TABLE["matches"].values():
        assert len(line["weights"]) == len(confidence.FEATURES)
        assert min(line["weights"]) >= 0
        assert line["lowest"] < 0 < line["highest"]
    assert TABLE["features"] == list(confidence.FEATURES)
    assert {"date", "engine", "seed", "works", "matches", "held_out"} <= set(TABLE["made"])
