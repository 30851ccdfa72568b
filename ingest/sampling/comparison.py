"""Which annotators stand out: each against all others, and no more accusations by chance than are allowed.

One-sided exact test (Fisher 1935): as many positives as there are, drawn without regard to who wrote them, how likely
are so many or more to fall on this annotator? Of the p-values those pass that keep the expected share of wrong
accusations below 5 % (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from scipy.stats import false_discovery_control, hypergeom

FALSE_DISCOVERIES = 0.05


class Count(NamedTuple):
    """Of one annotator's drawn records, how many the method takes for outputs."""

    sampled: int
    positive: int


class Standing(NamedTuple):
    """One annotator beside the others. `p_value` is the test's, `adjusted` that of Benjamini and Hochberg."""

    others_rate: float | None
    p_value: float
    adjusted: float

    @property
    def stands_out(self) -> bool:
        """Whether more of this annotator's records are outputs than chance explains."""
        return self.adjusted <= FALSE_DISCOVERIES


def compare(counts: Mapping[str, Count]) -> dict[str, Standing]:
    """Annotator → where they stand. Nobody stands out where there is nobody to compare with, or no positive."""
    names = sorted(counts)
    sampled = sum(count.sampled for count in counts.values())
    positive = sum(count.positive for count in counts.values())
    raw = [_p_value(counts[name], sampled, positive) for name in names]
    adjusted: list[float] = false_discovery_control(raw).tolist() if raw else []
    out: dict[str, Standing] = {}
    for name, p_value, value in zip(names, raw, adjusted, strict=True):
        others = sampled - counts[name].sampled
        rate = (positive - counts[name].positive) / others if others else None
        out[name] = Standing(rate, p_value, value)
    return out


def _p_value(count: Count, sampled: int, positive: int) -> float:
    if not count.positive or count.sampled == sampled:
        return 1.0
    return min(1.0, float(hypergeom.sf(count.positive - 1, sampled, positive, count.sampled)))
