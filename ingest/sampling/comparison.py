"""Which annotators stand out: each against all others, and no more accusations by chance than are allowed.

One-sided exact test (Fisher 1935): as many positives as there are, drawn without regard to who wrote them, how likely
are so many or more to fall on this annotator? Of the p-values those pass that keep the expected share of wrong
accusations below 5 % (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.sampling.distributions import log_gamma, stats

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
    return compare_within({name: [count] for name, count in counts.items()})


def compare_within(
    counts: Mapping[str, Sequence[Count]], floor: Mapping[str, float] | None = None
) -> dict[str, Standing]:
    """As `compare`, each annotator's records with the others' of the same kind: annotator → a count a kind.

    The number of positives is a sum of independent hypergeometric ones, a kind each (Gart 1970): whoever was given more
    records of a kind that is positive more often does not stand out. `floor`: a p-value that an annotator's is not to
    be below, of another hypothesis that has to be rejected as well (intersection-union test, Berger 1982).
    """
    names = sorted(counts)
    total = [_sum(kind) for kind in zip(*counts.values(), strict=True)]
    raw = [max(_p_value(counts[name], total), (floor or {}).get(name, 0.0)) for name in names]
    adjusted: list[float] = stats().false_discovery_control(raw).tolist() if raw else []
    everybody = _sum(total)
    return {
        name: Standing(_others_rate(_sum(counts[name]), everybody), p_value, value)
        for name, p_value, value in zip(names, raw, adjusted, strict=True)
    }


def _sum(counts: Sequence[Count]) -> Count:
    return Count(sum(count.sampled for count in counts), sum(count.positive for count in counts))


def _others_rate(own: Count, everybody: Count) -> float | None:
    others = everybody.sampled - own.sampled
    return (everybody.positive - own.positive) / others if others else None


def _p_value(own: Sequence[Count], total: Sequence[Count]) -> float:
    """How likely so many positives or more are, were they drawn without regard to who wrote them."""
    open_kinds = [  # in the others nothing is left to chance
        (count, whole)
        for count, whole in zip(own, total, strict=True)
        if whole.positive and 0 < count.sampled < whole.sampled
    ]
    positive = sum(count.positive for count, _ in open_kinds)
    if not positive:
        return 1.0
    if len(open_kinds) == 1:
        [(count, whole)] = open_kinds
        return min(1.0, float(stats().hypergeom.sf(positive - 1, whole.sampled, whole.positive, count.sampled)))
    return tail([chances_of(count.sampled, whole) for count, whole in open_kinds], positive)


def chances_of(drawn: int, whole: Count) -> NDArray[np.float64]:
    """How likely 0, 1, … positives are among so many drawn of `whole`: hypergeometric, by log-gamma.

    SciPy's own takes time in proportion to `whole`: four hundredths of a second where that is a hundred thousand.
    """
    negative = whole.sampled - whole.positive
    held = np.arange(max(0, drawn - negative), min(whole.positive, drawn) + 1)
    ways = _ways(whole.positive, held) + _ways(negative, drawn - held) - _ways(whole.sampled, drawn)
    chances: NDArray[np.float64] = np.exp(ways)
    return np.pad(chances, (held[0], 0))  # fewer cannot be


def _ways(of: int, chosen: NDArray[np.int_] | int) -> NDArray[np.float64]:
    """The logarithm of the number of ways to choose so many of so many."""
    found: NDArray[np.float64] = log_gamma(of + 1) - log_gamma(chosen + 1) - log_gamma(of - np.asarray(chosen) + 1)
    return found


def tail(parts: Sequence[NDArray[np.float64]], least: int) -> float:
    """How likely the sum of independent numbers, each by its chances from 0 on, is `least` or more."""
    chances = np.ones(1)
    for part in parts:
        chances = np.convolve(chances, part)
    return min(1.0, float(chances[least:].sum()))
