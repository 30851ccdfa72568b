"""The planned sample is the least that shows what is asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, hypergeom

from ingest.sampling.intervals import Accuracy, Sample, raw_interval
from ingest.sampling.planner import PRESETS, sample_size


def test_299_clean_records_show_less_than_one_percent() -> None:
    assert sample_size(0.01, 0.95) == 299
    assert 0.99**299 <= 0.05 < 0.99**298


@given(st.integers(2, 400), st.sampled_from([0.01, 0.04, 0.2, 0.5]), st.sampled_from([0.8, 0.95, 0.99]))
def test_in_a_small_batch_it_is_the_least_that_excludes_the_limit(
    records: int, limit: float, confidence: float
) -> None:
    at_limit = -int(-limit * records // 1)
    sizes = [n for n in range(1, records + 1) if hypergeom.pmf(0, records, at_limit, n) <= 1 - confidence]
    assert sample_size(limit, confidence, records=records) == (sizes[0] if sizes else None)


@pytest.mark.parametrize("found", [0, 1, 2, 5])
def test_who_allows_for_a_few_that_are_found_draws_more(found: int) -> None:
    needed = sample_size(0.01, found=found)
    assert needed is not None
    assert binom.cdf(found, needed, 0.01) <= 0.05 < binom.cdf(found, needed - 1, 0.01)


def test_fewer_than_none_cannot_be_found() -> None:
    with pytest.raises(ValueError, match="fewer than 0"):
        sample_size(0.01, found=-1)


def test_a_method_that_errs_needs_more() -> None:
    needed = sample_size(0.01, accuracy=Accuracy(0.7, 0.98))
    assert needed is not None
    assert needed > 299


def test_a_method_that_tells_nothing_apart_never_shows_it() -> None:
    assert sample_size(0.01, accuracy=Accuracy(0.0, 1.0)) is None


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1])
def test_a_limit_is_a_share(limit: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        sample_size(limit)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_presets_are_marked_as_long_as_nobody_has_read_the_standard(name: str) -> None:
    preset = PRESETS[name]
    assert (preset.sampled, preset.verified) == (4_000, False)
    assert raw_interval(Sample(1_000_000, preset.sampled, 0)).high < 1 - preset.passing
