"""Probabilities from labelled cases: a logistic regression without negative weights, calibrated and judged on what it
was not fitted on. Labels and weights are float arrays of n; features are n × f."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
FOLDS = 5
PENALTY = 1e-3  # of squared weights of standardised features
STEPS = 3_000
BINS = 10
TINY = 1e-6
# 95 % upper limits of a Poisson mean of which k = 0, 1, … was seen
POISSON = (3.00, 4.74, 6.30, 7.75, 9.15, 10.51, 11.84, 13.15, 14.43, 15.71, 16.96)


class Sample(NamedTuple):
    """Labelled cases: features n × f, labels (1: a copy), weights, the authors of both sides, which two texts."""

    features: Array
    labels: Array
    weights: Array
    works: list[str]
    documents: list[str]
    pairs: list[str]


@dataclass(frozen=True)
class Line:
    """log odds = intercept + features · weights, no weight below zero."""

    intercept: float
    weights: Array

    def scores(self, features: Array) -> Array:
        """Log odds of each row."""
        return self.intercept + features @ self.weights


def probability(score: Array) -> Array:
    """Of log odds."""
    return 1.0 / (1.0 + np.exp(-np.clip(score, -40, 40)))


def balanced(labels: Array) -> Array:
    """Weights that give both classes half of the total: the reference population has a prior of one half."""
    ones = max(1.0, labels.sum())
    zeros = max(1.0, len(labels) - labels.sum())
    return np.where(labels > 0, 0.5 / ones, 0.5 / zeros) * len(labels)


def rebalanced(labels: Array, weights: Array) -> Array:
    """Weights scaled so that both classes have half of the total again."""
    ones = labels > 0
    return np.where(ones, weights / weights[ones].sum(), weights / weights[~ones].sum()) * len(labels) / 2


def fit_line(features: Array, labels: Array, weights: Array) -> Line:
    """Least penalised log loss under the bound that no weight is negative: accelerated projected gradient (Beck and
    Teboulle 2009). Deterministic. A feature that never changes has weight zero."""
    middle, spread = features.mean(0), features.std(0)
    used = spread > TINY
    scale = np.where(used, spread, 1.0)
    rows = np.where(used, (features - middle) / scale, 0.0)
    share = weights / weights.sum()
    step = 1.0 / (0.25 * (1.0 + used.sum()) + 2 * PENALTY)
    here = ahead = np.zeros(1 + features.shape[1])
    momentum = 1.0
    for _ in range(STEPS):
        error = share * (probability(ahead[0] + rows @ ahead[1:]) - labels)
        slope = np.concatenate([[error.sum()], rows.T @ error + 2 * PENALTY * ahead[1:]])
        following = ahead - step * slope
        following[1:] = np.maximum(0.0, following[1:])
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / grown * (following - here)
        here, momentum = following, grown
    found = here[1:] / scale * used
    return Line(float(here[0] - found @ middle), found)


def isotonic(values: Array, weights: Array) -> Array:
    """The closest sequence that never falls, by weighted squares (pool adjacent violators; Ayer et al. 1955)."""
    blocks: list[list[float]] = []  # mean, weight, length
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        blocks.append([value, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            mean, heavy, length = blocks.pop()
            total = blocks[-1][1] + heavy
            blocks[-1][0] = (blocks[-1][0] * blocks[-1][1] + mean * heavy) / total
            blocks[-1][1], blocks[-1][2] = total, blocks[-1][2] + length
    return np.repeat([b[0] for b in blocks], [int(b[2]) for b in blocks])


def monotone_steps(scores: Array, labels: Array, weights: Array) -> tuple[Array, Array]:
    """Isotonic calibration as knots (score, log odds), to be joined by straight lines: the middle of each level."""
    order = np.argsort(scores, kind="stable")
    levels = np.clip(isotonic(labels[order], weights[order]), 1e-3, 1 - 1e-3)
    starts = np.flatnonzero(np.diff(levels, prepend=-1.0))
    ends = np.append(starts[1:], len(levels))
    sorted_scores = scores[order]
    places = np.array([sorted_scores[a:b].mean() for a, b in zip(starts, ends, strict=True)])
    return places, np.log(levels[starts] / (1 - levels[starts]))


def slope_and_shift(scores: Array, labels: Array, weights: Array) -> tuple[Array, Array]:
    """Calibration by a straight line through the log odds (Platt 1999), as two knots."""
    line = fit_line(scores[:, None], labels, weights)
    ends = np.array([-10.0, 10.0])
    return ends, line.intercept + line.weights[0] * ends


def unchanged(scores: Array, labels: Array, weights: Array) -> tuple[Array, Array]:
    """No calibration."""
    return np.array([-10.0, 10.0]), np.array([-10.0, 10.0])


CALIBRATIONS: dict[str, Callable[[Array, Array, Array], tuple[Array, Array]]] = {
    "none": unchanged,
    "line": slope_and_shift,
    "isotonic": monotone_steps,
}


def fold_of(name: str, seed: int) -> int:
    """In which of the folds an author is held out."""
    return hashlib.sha256(f"{seed}:{name}".encode()).digest()[0] % FOLDS


def held_out_scores(sample: Sample, seed: int) -> Array:
    """Log odds of each case by a fit that knows neither the author of its work nor anything else by authors of that
    fold, on either side."""
    work_folds = np.array([fold_of(name, seed) for name in sample.works])
    document_folds = np.array([fold_of(name, seed) for name in sample.documents])
    found = np.zeros(len(sample.labels))
    for fold in range(FOLDS):
        known = (work_folds != fold) & (document_folds != fold)
        asked = work_folds == fold
        if asked.any():
            line = fit_line(sample.features[known], sample.labels[known], sample.weights[known])
            found[asked] = line.scores(sample.features[asked])
    return found


def held_out_calibrated(scores: Array, sample: Sample, kind: str, seed: int) -> Array:
    """Log odds of held-out scores, calibrated with those of the other folds."""
    folds = np.array([fold_of(name, seed) for name in sample.works])
    found = np.zeros(len(scores))
    for fold in range(FOLDS):
        known, asked = folds != fold, folds == fold
        places, values = CALIBRATIONS[kind](scores[known], sample.labels[known], sample.weights[known])
        found[asked] = np.interp(scores[asked], places, values)
    return found


def log_loss(probabilities: Array, labels: Array, weights: Array) -> float:
    """Mean −ln of the probability of what was true."""
    p = np.clip(probabilities, TINY, 1 - TINY)
    return float(-np.average(labels * np.log(p) + (1 - labels) * np.log(1 - p), weights=weights))


def brier(probabilities: Array, labels: Array, weights: Array) -> float:
    """Mean squared error (Brier 1950)."""
    return float(np.average((probabilities - labels) ** 2, weights=weights))


def calibration_error(probabilities: Array, labels: Array, weights: Array) -> float:
    """Expected calibration error: mean gap of said and true share over ten bins of equal weight."""
    order = np.argsort(probabilities, kind="stable")
    heights = np.cumsum(weights[order]) / weights.sum()
    bins = np.minimum(BINS - 1, (heights * BINS - TINY).astype(int))
    error = 0.0
    for number in range(BINS):
        inside = order[bins == number]
        if len(inside):
            error += abs(float((weights[inside] * (probabilities[inside] - labels[inside])).sum()))
    return error / float(weights.sum())


MEASURES: dict[str, Callable[[Array, Array, Array], float]] = {
    "log_loss": log_loss,
    "brier": brier,
    "calibration_error": calibration_error,
}


def with_intervals(probabilities: Array, sample: Sample, seed: int, draws: int = 300) -> dict[str, list[float]]:
    """Each measure with its 95 % interval: bootstrap of authors, since cases of one author are not independent."""
    names, numbers = np.unique(np.array(sample.works), return_inverse=True)
    random = np.random.default_rng(seed)
    samples: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(draws):
        times = np.bincount(random.integers(0, len(names), len(names)), minlength=len(names))[numbers]
        y, p, w = (np.repeat(row, times) for row in (sample.labels, probabilities, sample.weights))
        if not 0 < y.sum() < len(y):
            continue
        w = rebalanced(y, w)
        for name, measure in MEASURES.items():
            samples[name].append(measure(p, y, w))
    found = {}
    for name, measure in MEASURES.items():
        value = measure(probabilities, sample.labels, sample.weights)
        found[name] = np.round([value, *np.percentile(samples[name], [2.5, 97.5])], 4).tolist()
    return found


def curve(probabilities: Array, labels: Array, weights: Array) -> list[dict[str, float]]:
    """Said and true share in ten bins of equal width, with how many cases and the 95 % interval (Wilson 1927 on the
    effective number of cases under the weights)."""
    bins = np.minimum(BINS - 1, (probabilities * BINS).astype(int))
    rows = []
    for number in range(BINS):
        inside = bins == number
        if not inside.any():
            continue
        w = weights[inside]
        share, effective = float(np.average(labels[inside], weights=w)), float(w.sum() ** 2 / (w**2).sum())
        low, high = wilson(share, effective)
        said = float(np.average(probabilities[inside], weights=w))
        rows.append(
            {"said": round(said, 4), "true": round(share, 4), "low": low, "high": high, "cases": int(inside.sum())}
        )
    return rows


def wilson(share: float, trials: float, z: float = 1.96) -> tuple[float, float]:
    """Interval of a share of so many trials."""
    scale = 1 + z * z / trials
    middle = (share + z * z / (2 * trials)) / scale
    spread = z * np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    return round(max(0.0, float(middle - spread)), 4), round(min(1.0, float(middle + spread)), 4)


def limits(scores: Array, sample: Sample) -> tuple[float, float]:
    """Lowest and highest log odds that so many independent cases can support, for classes of equal weight.

    With k of n independent cases of the other class beyond a score, its share there is at most U(k) / n with 95 %
    confidence, U(0) = 3 (rule of three; Hanley and Lippman-Hand 1983), U(k) from the Poisson distribution. The limit is
    the best that any score supports. Independent cases are pairs of texts, not their matches.
    """
    copy = sample.labels > 0
    return -_supported(-scores, ~copy, sample.pairs), _supported(scores, copy, sample.pairs)


def _supported(scores: Array, wanted: npt.NDArray[np.bool_], pairs: Sequence[str]) -> float:
    """Highest log odds for `wanted` cases that the others support."""
    highest: dict[str, float] = {}
    for pair, score, same in zip(pairs, scores.tolist(), wanted.tolist(), strict=True):
        if not same:
            highest[pair] = max(score, highest.get(pair, -np.inf))
    others = np.sort(np.array(list(highest.values())))[::-1]
    best = -np.inf
    for beyond, most in enumerate(POISSON):
        if beyond >= len(others):
            break
        share = float((scores[wanted] > others[beyond]).mean())
        if share > 0:
            best = max(best, float(np.log(share / (most / len(others)))))
    return best
