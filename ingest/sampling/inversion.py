"""The kernel of the intervals: which numbers of outputs in a batch a sample does not speak against."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
RECORDS, SAMPLED, POSITIVE = range(3)  # of `counts`
TIE = 1 + 1e-9  # a tail of exactly the size that excludes does, however its sum was rounded
NEGLIGIBLE = 1e-14  # of a distribution: smaller terms are left out


def invert(counts: Integers, shapes: Floats, tail: float, counted: float) -> tuple[int, int]:
    """The least and the greatest number of outputs in the batch that neither tail of the sample excludes.

    counts: records, sampled, positive. shapes: of the beta distributions of the sensitivity and of the rate of false
    positives, two each. counted: the part of the observed count's own probability that belongs to a tail, 1 or 0.5.
    """
    return _invert(counts, shapes, tail * TIE, counted)


@njit(cache=True)
def _beta_binomial(count: int, a: float, b: float, most: int) -> Floats:  # pragma: no cover
    """P(j successes of `count`), j = 0 … count but no more than `most`, from its mode outwards."""
    weights = np.zeros(min(count, most) + 1)
    if a <= 0.0 or b <= 0.0:
        sure = 0 if a <= 0.0 else count
        if sure <= most:
            weights[sure] = 1.0
        return weights
    start = min(count, max(0, int(count * a / (a + b))))
    total = value = 1.0
    if start <= most:
        weights[start] = value
    for j in range(start, count):
        value *= (count - j) / (j + 1.0) * (a + j) / (b + count - j - 1.0)
        if j < most:
            weights[j + 1] = value
        total += value
        if value < NEGLIGIBLE * total:
            break
    value = 1.0
    for j in range(start, 0, -1):
        value *= j / (count - j + 1.0) * (b + count - j) / (a + j - 1.0)
        if j <= most + 1:
            weights[j - 1] = value
        total += value
        if value < NEGLIGIBLE * total:
            break
    return weights / total


@njit(cache=True)
def _of_held(counts: Integers, shapes: Floats, held: int) -> tuple[float, float]:  # pragma: no cover
    """With `held` outputs in the sample: P(fewer positives than observed), P(exactly as many)."""
    others = counts[SAMPLED] - held
    if shapes[1] <= 0.0 and shapes[2] <= 0.0:  # a method without errors: as many positives as outputs
        return 1.0 if held < counts[POSITIVE] else 0.0, 1.0 if held == counts[POSITIVE] else 0.0
    needed = min(others, counts[POSITIVE])  # more mistakes than positives are not asked for
    hits = _beta_binomial(held, shapes[0], shapes[1], counts[POSITIVE])
    mistakes = _beta_binomial(others, shapes[2], shapes[3], needed)
    below = np.zeros(needed + 2)  # below[i] = P(mistakes < i)
    for i in range(needed + 1):
        below[i + 1] = below[i] + mistakes[i]
    fewer, exactly = 0.0, 0.0
    for j in range(min(held, counts[POSITIVE]) + 1):
        rest = counts[POSITIVE] - j
        fewer += hits[j] * below[min(rest, needed + 1)]
        if rest <= others:
            exactly += hits[j] * mistakes[rest]
    return fewer, exactly


@njit(cache=True)
def _of_batch(counts: Integers, shapes: Floats, outputs: int, known: Floats) -> tuple[float, float]:  # pragma: no cover
    """The same with `outputs` in the batch, of which the sample holds a hypergeometric number; `known` keeps
    `_of_held`."""
    records, sampled = counts[RECORDS], counts[SAMPLED]
    least, most = max(0, sampled - (records - outputs)), min(sampled, outputs)
    start = min(most, max(least, int((sampled + 1.0) * (outputs + 1.0) / (records + 2.0))))
    fewer, exactly, total = 0.0, 0.0, 0.0
    for step in (1, -1):
        held, value = start, 1.0
        while least <= held <= most:
            if step == 1 or held < start:  # the first is counted once
                if known[held, 0] < 0.0:
                    known[held, 0], known[held, 1] = _of_held(counts, shapes, held)
                fewer += value * known[held, 0]
                exactly += value * known[held, 1]
                total += value
                if value < NEGLIGIBLE * total:
                    break
            if step == 1:
                value *= (outputs - held) / (held + 1.0) * (sampled - held) / (records - outputs - sampled + held + 1.0)
            else:
                value *= held / (outputs - held + 1.0) * (records - outputs - sampled + held) / (sampled - held + 1.0)
            held += step
    return fewer / total, exactly / total


@njit(cache=True)
def _invert(counts: Integers, shapes: Floats, tail: float, counted: float) -> tuple[int, int]:  # pragma: no cover
    known = np.full((counts[SAMPLED] + 1, 2), -1.0)
    low, high = 0, counts[RECORDS]  # the least number with P(at least as many positives) > tail
    while low < high:
        middle = (low + high) // 2
        fewer, exactly = _of_batch(counts, shapes, middle, known)
        if 1.0 - fewer - (1.0 - counted) * exactly > tail:
            high = middle
        else:
            low = middle + 1
    least = low
    low, high = 0, counts[RECORDS]  # the greatest number with P(at most as many positives) > tail
    while low < high:
        middle = (low + high + 1) // 2
        fewer, exactly = _of_batch(counts, shapes, middle, known)
        if fewer + counted * exactly > tail:
            low = middle
        else:
            high = middle - 1
    return least, max(low, least)
