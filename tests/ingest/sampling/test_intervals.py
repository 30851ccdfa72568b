"""Intervals are those of a slow sum over everything that can happen, and hold what they promise in a simulation."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, hypergeom

from ingest.sampling.intervals import (
    PERFECT,
    Accuracy,
    Interval,
    Sample,
    corrected_interval,
    corrected_rate,
    mid_p_interval,
    raw_interval,
)

TAIL = 0.025 * (1 + 1e-9)  # one of exactly 1/40 excludes, whichever way it is rounded


@st.composite
def samples(draw: st.DrawFn, most: int = 60) -> Sample:
    records = draw(st.integers(1, most))
    sampled = draw(st.integers(1, records))
    return Sample(records, sampled, draw(st.integers(0, sampled)))


def possible(sample: Sample, accuracy: Accuracy) -> list[int]:
    """Every number of outputs in the batch that neither tail speaks against, each tail summed over all that can be."""
    numbers = []
    for outputs in range(sample.records + 1):
        chance = np.zeros(sample.sampled + 1)
        for held in range(sample.sampled + 1):
            weight = hypergeom.pmf(held, sample.records, outputs, sample.sampled)
            if weight > 0:
                chance += weight * np.convolve(
                    found(held, accuracy.sensitivity, accuracy.outputs),
                    found(sample.sampled - held, 1 - accuracy.specificity, accuracy.human),
                )
        if chance[sample.positive :].sum() > TAIL and chance[: sample.positive + 1].sum() > TAIL:
            numbers.append(outputs)
    return numbers


def found(count: int, rate: float, measured: int | None) -> np.ndarray:
    places = np.arange(count + 1)
    if measured is None:
        return np.asarray(binom.pmf(places, count, rate))
    return np.asarray(betabinom.pmf(places, count, rate * measured + 0.5, (1 - rate) * measured + 0.5))


@given(samples())
@example(Sample(40, 1, 0))
def test_raw_bounds_are_the_ends_of_what_neither_hypergeometric_tail_excludes(sample: Sample) -> None:
    numbers = possible(sample, PERFECT)
    assert raw_interval(sample) == Interval(numbers[0] / sample.records, numbers[-1] / sample.records)


@given(
    samples(25),
    st.sampled_from([(0.95, 0.99, None, None), (0.7, 0.9, 20, 50), (1.0, 1.0, 200, 300), (0.9, 1.0, None, 40)]),
)
@settings(deadline=None)
def test_corrected_bounds_are_the_ends_of_what_the_methods_errors_leave_possible(
    sample: Sample, errors: tuple[float, float, int | None, int | None]
) -> None:
    accuracy = Accuracy(*errors)
    numbers = possible(sample, accuracy)
    interval = corrected_interval(sample, accuracy)
    if numbers:
        assert interval == Interval(numbers[0] / sample.records, numbers[-1] / sample.records)
    else:  # more or fewer positives than the errors make likely of any batch
        assert interval.low == interval.high


@given(samples(2_000))
def test_a_census_has_no_width_and_the_rate_is_always_inside(sample: Sample) -> None:
    low, high = raw_interval(sample)
    assert low <= sample.rate <= high or math.isclose(sample.rate, low) or math.isclose(sample.rate, high)
    whole = Sample(sample.sampled, sample.sampled, sample.positive)
    assert raw_interval(whole) == (whole.rate, whole.rate)


@given(samples(500), st.integers(0, 200))
def test_knowing_the_method_better_never_widens_the_mid_p_interval_below_it(sample: Sample, more: int) -> None:
    accuracy = Accuracy(0.9, 0.98, 100 + more, 100 + more)
    exact, mid = corrected_interval(sample, accuracy), mid_p_interval(sample, accuracy)
    assert exact.low <= mid.low
    assert mid.high <= exact.high


def test_the_estimate_is_that_of_rogan_and_gladen() -> None:
    assert corrected_rate(Sample(1_000, 100, 20), Accuracy(0.9, 0.95)) == pytest.approx((0.2 + 0.95 - 1) / 0.85)
    assert corrected_rate(Sample(1_000, 100, 1), Accuracy(0.9, 0.95)) == 0.0
    assert corrected_rate(Sample(100, 100, 100), Accuracy(0.9, 0.95)) == 1.0


def test_a_method_that_tells_nothing_apart_says_nothing() -> None:
    useless = Accuracy(0.3, 0.7)
    assert corrected_rate(Sample(100, 50, 10), useless) is None
    assert corrected_interval(Sample(100, 50, 10), useless) == (0.0, 1.0)


@pytest.mark.parametrize("counts", [(10, 11, 0), (10, 5, 6), (10, 0, 0), (10, 5, -1)])
def test_what_is_no_sample_is_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="no sample"):
        Sample(*counts)


@pytest.mark.parametrize("errors", [(0.95, 0.99, 500, 500), (0.998, 1.0, 3_000, 500), (0.7, 0.98, 300, 1_000)])
@pytest.mark.parametrize("rate", [0.001, 0.03, 0.5])
def test_the_truth_is_inside_as_often_as_promised(
    errors: tuple[float, float, int, int], rate: float
) -> None:  # a short form of bench/intervals.py
    sensitivity, specificity, outputs, human = errors
    records, sampled, times = 10_000, 400, 300
    chance = np.random.default_rng(round(rate * 1_000))
    held_true = round(records * rate)
    inside = 0
    for _ in range(times):
        held = chance.hypergeometric(held_true, records - held_true, sampled)
        positive = chance.binomial(held, sensitivity) + chance.binomial(sampled - held, 1 - specificity)
        measured = Accuracy(
            chance.binomial(outputs, sensitivity) / outputs, chance.binomial(human, specificity) / human, outputs, human
        )
        low, high = corrected_interval(Sample(records, sampled, int(positive)), measured)
        inside += low <= held_true / records <= high
    assert inside >= binom.ppf(0.0001, times, 0.94)
