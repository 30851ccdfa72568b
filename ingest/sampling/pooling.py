"""The share of a whole dataset from the samples of its batches: what it is exactly, and how sure.

The estimate is that of stratified sampling: each batch's share, weighted by its records (Cochran, Sampling Techniques,
1977, 5.1). It is unbiased, whatever the batches' sizes and however many were drawn of each.

The interval is the one of a single batch, for a sample of *effective* size: as many records drawn from all as carry the
same variance (Kish, Survey Sampling, 1965; for intervals Korn and Graubard 1998). The smaller size counts of two: with
the share being the same in all batches, and with each batch's own variance as the samples show it. Half records are
counted against the narrower interval. With one batch, or where all are sampled in proportion, it is the exact interval
of the plain sample; if all records were looked at, it has width zero. `tests/ingest/sampling/test_pooling.py` measures
its coverage.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.sampling.intervals import (
    CONFIDENCE,
    PERFECT,
    Accuracy,
    Interval,
    Sample,
    corrected_interval,
    corrected_rate,
)


@dataclass(frozen=True)
class Pooled:
    """`rate` of `records` in all; `effective` is the size of the sample that the interval is made of."""

    records: int
    sampled: int
    positive: int
    effective: int
    rate: float
    interval: Interval


def pooled(batches: Sequence[Sample], accuracy: Accuracy = PERFECT, confidence: float = CONFIDENCE) -> Pooled:
    """The share of all batches together, freed of the method's errors where `accuracy` has them.

    Raises ValueError without a batch.
    """
    if not batches:
        raise ValueError("there is no batch")
    records = sum(batch.records for batch in batches)
    raw = math.fsum(batch.records / records * batch.rate for batch in batches)
    size = _effective(batches, records, raw)
    rate = corrected_rate(Sample(records, size, 0), accuracy) if raw == 0 else _freed(raw, accuracy)
    count = raw * size
    low = corrected_interval(Sample(records, size, math.floor(count + 1e-9)), accuracy, confidence).low
    high = corrected_interval(Sample(records, size, math.ceil(count - 1e-9)), accuracy, confidence).high
    told = raw if rate is None else rate
    return Pooled(
        records=records,
        sampled=sum(batch.sampled for batch in batches),
        positive=sum(batch.positive for batch in batches),
        effective=size,
        rate=min(max(told, low), high),
        interval=Interval(low, high),
    )


def _freed(rate: float, accuracy: Accuracy) -> float | None:
    """Rogan and Gladen's estimate from a rate that is no count."""
    if accuracy.youden <= 0:
        return None
    return min(1.0, max(0.0, (rate + accuracy.specificity - 1) / accuracy.youden))


def _effective(batches: Sequence[Sample], records: int, rate: float) -> int:
    """The size of a simple sample of all records whose share varies as much as the pooled one does."""
    even = math.fsum((batch.records / records) ** 2 * _left(batch) for batch in batches)
    spread = rate * (1 - rate)
    own = 0.0
    if spread > 0:
        variances = [_variance(batch) if len(batches) > 1 else spread for batch in batches]
        weights = [(batch.records / records) ** 2 * _left(batch) for batch in batches]
        own = math.fsum(weight * variance for weight, variance in zip(weights, variances, strict=True)) / spread
    return max(1, min(records, math.floor(1 / (max(even, own) + 1 / records) + 1e-9)))


def _left(batch: Sample) -> float:
    """1/n − 1/N: what of a batch was not looked at, as variance; 0 of a batch that was looked at whole."""
    return 1 / batch.sampled - 1 / batch.records


def _variance(batch: Sample) -> float:
    """Of one record, as the sample estimates it: p(1 − p) n/(n − 1)."""
    if batch.sampled == 1:
        return 0.25
    return batch.rate * (1 - batch.rate) * batch.sampled / (batch.sampled - 1)
