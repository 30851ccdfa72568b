"""How the rate moves over time: a control chart of proportions with exact limits.

The centre is the rate of all periods together; the limits are the binomial quantiles that three standard deviations
have on a normal distribution, so that small samples get honest ones (Shewhart 1931; the rule of eight points on one
side is Nelson's second, 1984, with nine there and eight in the Western Electric handbook, 1956, which is used).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from ingest.sampling.distributions import stats

TAIL = 0.00135  # beyond three standard deviations on one side
RUN = 8


class Signal(StrEnum):
    """Why a period is not chance."""

    ABOVE = "above"
    BELOW = "below"
    RUN_ABOVE = "run_above"
    RUN_BELOW = "run_below"


class Period(NamedTuple):
    """A month of drawn records: limits are shares from 0 to 1."""

    period: str
    sampled: int
    positive: int
    rate: float
    low: float
    high: float
    signals: tuple[Signal, ...]


def control_chart(drawn: Iterable[tuple[str, bool]]) -> list[Period]:
    """The periods in order, from (ISO day or month, whether positive) of every drawn record; undated ones are left out.

    No period is judged where there is only one.
    """
    sampled: dict[str, int] = {}
    positive: dict[str, int] = {}
    for date, is_positive in drawn:
        month = date[:7]
        if month:
            sampled[month] = sampled.get(month, 0) + 1
            positive[month] = positive.get(month, 0) + is_positive
    total = sum(sampled.values())
    centre = sum(positive.values()) / total if total else 0.0
    periods: list[Period] = []
    side, length = 0, 0
    for month in sorted(sampled):
        count, found = sampled[month], positive[month]
        low, high = (float(stats().binom.ppf(tail, count, centre)) / count for tail in (TAIL, 1 - TAIL))
        rate = found / count
        here = (rate > centre) - (rate < centre)
        length = length + 1 if here and here == side else 1
        side = here
        signals = []
        if len(sampled) > 1 and rate > high:
            signals.append(Signal.ABOVE)
        if len(sampled) > 1 and rate < low:
            signals.append(Signal.BELOW)
        if side and length >= RUN:
            signals.append(Signal.RUN_ABOVE if side > 0 else Signal.RUN_BELOW)
        periods.append(Period(month, count, found, rate, low, high, tuple(signals)))
    return periods
