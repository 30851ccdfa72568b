"""One share for a dataset of many batches, and how sure it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sampling.intervals import Accuracy, Sample, corrected_interval, corrected_rate, raw_interval
from ingest.sampling.pooling import pooled

MEASURED = Accuracy(0.998, 0.999, 500, 519)

samples = st.builds(
    lambda records, drawn, positive: (
        Sample(records, max(1, drawn * records // 1000), 0)
        if not positive
        else Sample(records, max(1, drawn * records // 1000), min(positive, max(1, drawn * records // 1000)))
    ),
    st.integers(1, 500),
    st.integers(1, 1000),
    st.integers(0, 200),
)


@given(samples)
def test_one_batch_has_its_own_exact_interval(batch: Sample) -> None:
    found = pooled([batch])
    assert found.rate == pytest.approx(batch.rate)
    assert tuple(found.interval) == pytest.approx(tuple(raw_interval(batch)))


def test_one_batch_of_ordinary_size_is_told_as_it_is() -> None:
    batch = Sample(10_000, 299, 0)
    assert pooled([batch]).interval == raw_interval(batch)
    assert pooled([batch], MEASURED).interval == corrected_interval(batch, MEASURED)
    assert pooled([batch], MEASURED).rate == corrected_rate(batch, MEASURED)


@given(st.lists(st.tuples(st.integers(1, 400), st.integers(0, 400)), min_size=1, max_size=8))
def test_what_was_looked_at_whole_is_known(rows: list[tuple[int, int]]) -> None:
    batches = [Sample(records, records, min(records, positive)) for records, positive in rows]
    found = pooled(batches)
    share = sum(batch.positive for batch in batches) / sum(batch.records for batch in batches)
    assert found.rate == pytest.approx(share)
    assert tuple(found.interval) == pytest.approx((share, share))


@given(st.lists(samples, min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_the_share_lies_in_its_interval_and_the_order_of_batches_is_nothing(batches: list[Sample]) -> None:
    found = pooled(batches)
    assert 0 <= found.interval.low <= found.rate <= found.interval.high <= 1
    assert found.effective <= sum(batch.records for batch in batches)
    turned = pooled(batches[::-1])
    assert turned.rate == pytest.approx(found.rate)
    assert tuple(turned.interval) == pytest.approx(tuple(found.interval))


def test_batches_count_by_their_records_and_not_by_what_was_drawn_of_them() -> None:
    found = pooled([Sample(9_000, 100, 0), Sample(1_000, 900, 450)])
    assert found.rate == pytest.approx(0.05)
    assert found.positive / found.sampled == pytest.approx(0.45)


def test_no_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="no batch"):
        pooled([])


# (records, drawn, share) of each batch
DESIGNS = {
    "even": [(1_000, 100, 0.02)] * 5,
    "one bad batch": [(1_000, 100, 0.0)] * 9 + [(1_000, 100, 0.6)],
    "unequal": [(20_000, 299, 0.01), (500, 299, 0.3), (100, 100, 0.5)],
    "rare": [(5_000, 299, 0.002)] * 4,
    "small": [(30, 10, 0.2)] * 12,
    "half": [(2_000, 200, 0.5), (3_000, 50, 0.45)],
}


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_the_interval_holds_the_share_in_at_least_94_of_100_audits(name: str) -> None:
    chance, held, runs = np.random.default_rng(7), 0, 400
    design = [(records, drawn, round(records * share)) for records, drawn, share in DESIGNS[name]]
    truth = sum(output for _, _, output in design) / sum(records for records, _, _ in design)
    for _ in range(runs):
        batches = [
            Sample(records, drawn, int(chance.hypergeometric(output, records - output, drawn)))
            for records, drawn, output in design
        ]
        low, high = pooled(batches).interval
        held += low - 1e-12 <= truth <= high + 1e-12
    assert held / runs >= 0.94
