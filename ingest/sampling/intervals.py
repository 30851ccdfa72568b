"""What share of a batch is model output, from a sample of it: the raw rate, and the rate freed of the method's errors.

Raw: the exact central interval for a finite batch, both hypergeometric tails inverted at 2.5 % (Buonaccorsi 1987,
"A note on confidence intervals for proportions in finite populations"). A census has width zero.

Corrected: the estimate of Rogan and Gladen (1978), and an interval by inverting the tails of what the method says of
the sample: of K outputs in a batch of N, the sample holds a hypergeometric number, the method finds a beta-binomial
number of these and takes a beta-binomial number of the rest for outputs. How well the method's sensitivity and
specificity are known – from how many texts they were measured – is so part of the interval (`bench/intervals.py`
measures its coverage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ingest.sampling.inversion import invert

CONFIDENCE = 0.95
CERTAIN = 1e12  # texts behind an error rate that is taken as known
PRIOR = 0.5  # Jeffreys: half a success and half a failure


class Interval(NamedTuple):
    """Shares from 0 to 1, ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class Sample:
    """`positive` of `sampled` records, drawn without replacement from a batch of `records`."""

    records: int
    sampled: int
    positive: int

    def __post_init__(self) -> None:
        if not 0 <= self.positive <= self.sampled <= self.records or not self.sampled:
            raise ValueError(f"no sample: {self.positive} positive of {self.sampled} drawn from {self.records}")

    @property
    def rate(self) -> float:
        """The share of positives in the sample."""
        return self.positive / self.sampled


@dataclass(frozen=True)
class Accuracy:
    """A method's sensitivity and specificity, and on how many texts each was measured; None: taken as known."""

    sensitivity: float
    specificity: float
    outputs: int | None = None
    human: int | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.sensitivity <= 1 and 0 <= self.specificity <= 1):
            raise ValueError(f"no shares: sensitivity {self.sensitivity}, specificity {self.specificity}")

    @property
    def youden(self) -> float:
        """Sensitivity + specificity − 1 (Youden 1950): what the method tells apart. At 0 it says nothing."""
        return self.sensitivity + self.specificity - 1

    @property
    def shapes(self) -> tuple[float, float, float, float]:
        """Of the beta distributions of the sensitivity and of the rate of false positives."""
        return *_shape(self.sensitivity, self.outputs), *_shape(1 - self.specificity, self.human)


PERFECT = Accuracy(1.0, 1.0)


def _shape(rate: float, measured: int | None) -> tuple[float, float]:
    if measured is None:
        return rate * CERTAIN, (1 - rate) * CERTAIN
    return rate * measured + PRIOR, (1 - rate) * measured + PRIOR


def raw_interval(sample: Sample, confidence: float = CONFIDENCE) -> Interval:
    """The exact interval for the share of records that the method takes for outputs."""
    return corrected_interval(sample, PERFECT, confidence)


def corrected_rate(sample: Sample, accuracy: Accuracy) -> float | None:
    """The share of outputs freed of the method's errors (Rogan and Gladen 1978, formula 2), between 0 and 1.

    None where the method tells nothing apart.
    """
    if accuracy.youden <= 0:
        return None
    return float(min(1.0, max(0.0, (sample.rate + accuracy.specificity - 1) / accuracy.youden)))


def corrected_interval(sample: Sample, accuracy: Accuracy, confidence: float = CONFIDENCE) -> Interval:
    """The interval for the share of outputs in the batch. The method's ignorance is [0, 1] where it tells nothing."""
    if accuracy.youden <= 0:
        return Interval(0.0, 1.0)
    return _inverted(sample, accuracy, confidence, counted=1.0)


def mid_p_interval(sample: Sample, accuracy: Accuracy = PERFECT, confidence: float = CONFIDENCE) -> Interval:
    """The same with half of the observed count's probability in each tail: narrower, and its coverage only on average.

    The measure that the width of `corrected_interval` is held against.
    """
    return _inverted(sample, accuracy, confidence, counted=0.5)


def _inverted(sample: Sample, accuracy: Accuracy, confidence: float, counted: float) -> Interval:
    counts = np.array([sample.records, sample.sampled, sample.positive])
    low, high = invert(counts, np.array(accuracy.shapes), (1 - confidence) / 2, counted)
    return Interval(low / sample.records, high / sample.records)
