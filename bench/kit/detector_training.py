"""Training of the detector: a logistic regression on features that point the same way whatever is compared.

People's texts and models' here differ in subject and kind, not only in who wrote them, and there are few open
collections. So every origin weighs the same within its class, features whose sign changes from one pair of origins to
the next are left out, and the penalty is strong. Both are chosen by leaving generators and
prompts out, on open data alone.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from bench.kit.detector_data import LENGTHS, Answer
from ingest.sampling.detector import Detector, prepared
from ingest.sampling.features import NAMES, measure

CLIP = 2.5
LEAST_SPREAD = 0.05
LEFT_OUT = frozenset({"log_words", "longest_sentence"})  # they say how long a text is
PENALTIES = (0.0002, 0.0005, 0.002, 0.01)
STABILITIES = (0.0, 0.3)
IMITATIONS = "GPT-3 "  # trained on the very solutions that they would be told apart from
OLD = "book"  # prose of the nineteenth century: kept for measuring

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Cuts of answers with their features: rows of `x` (prepared), `y` model or not, `origin`, `group`, `words`."""

    x: Floats
    y: NDArray[np.bool_]
    origin: NDArray[np.str_]
    group: NDArray[np.str_]
    words: NDArray[np.int64]

    def where(self, rows: NDArray[np.bool_]) -> Table:
        """Some of the rows."""
        return Table(self.x[rows], self.y[rows], self.origin[rows], self.group[rows], self.words[rows])


def usable(answer: Answer) -> bool:
    """Whether the shipped model may learn from it, and is to."""
    return answer.open and answer.language == "en" and not answer.origin.startswith(IMITATIONS) and answer.origin != OLD


def cuts(answers: Sequence[Answer]) -> list[tuple[Answer, int]]:
    """Each answer once for every length that it reaches, cut to 1.3 times that length, with the length."""
    return [(one.cut(int(words * 1.3)), words) for words in LENGTHS for one in answers if one.words >= words]


def table(answers: Sequence[Answer]) -> Table:
    """Cuts with their features."""
    rows = cuts(answers)
    return Table(
        prepared(measure([one.text for one, _ in rows]).values),
        np.array([one.model for one, _ in rows], dtype=bool),
        np.array([one.origin for one, _ in rows]),
        np.array([one.group for one, _ in rows]),
        np.array([words for _, words in rows], dtype=np.int64),
    )


def fit(data: Table, penalty: float, stability: float) -> Detector:
    """A model without calibration and thresholds."""
    mean, spread = data.x.mean(axis=0), data.x.std(axis=0) + LEAST_SPREAD
    z = np.clip((data.x - mean) / spread, -CLIP, CLIP)
    steady = _steadiness(z, data)
    columns = np.array([at for at, name in enumerate(NAMES) if name not in LEFT_OUT and steady[at] >= stability])
    model = LogisticRegression(C=penalty, max_iter=5000)
    model.fit(z[:, columns], data.y, sample_weight=_weights(data))
    return Detector(
        "", columns, mean[columns], spread[columns], model.coef_[0], float(model.intercept_[0]), CLIP, 1.0, 0.0, {}
    )


def _weights(data: Table) -> Floats:
    """Every origin the same within its class, both classes the same; the mean is 1."""
    origins = {(bool(y), str(origin)) for y, origin in zip(data.y, data.origin, strict=True)}
    count = {key: int(np.sum(data.origin == key[1])) for key in origins}
    sides = {side: sum(key[0] == side for key in origins) for side in (True, False)}
    raw = np.array([1 / count[bool(y), str(o)] / sides[bool(y)] for y, o in zip(data.y, data.origin, strict=True)])
    return np.asarray(raw * len(raw) / raw.sum())


def _steadiness(z: Floats, data: Table) -> Floats:
    """Of the pairs of a model and a kind of human text, the share by which one direction leads: 0 to 1 a feature."""
    models, people = sorted(set(data.origin[data.y])), sorted(set(data.origin[~data.y]))
    means = {origin: z[data.origin == origin].mean(axis=0) for origin in (*models, *people)}
    signs = [np.sign(means[model] - means[person]) for model, person in itertools.product(models, people)]
    return np.asarray(np.abs(np.mean(signs, axis=0)))


def logits(model: Detector, data: Table) -> Floats:
    """Uncalibrated, of tables whose features are prepared already."""
    z = np.clip((data.x[:, model.columns] - model.mean) / model.spread, -model.clip, model.clip)
    return np.asarray(z @ model.weights + model.intercept)


def left_out_logits(data: Table, penalty: float, stability: float) -> Floats:
    """Each row by a model that did not see its group, nor, where a model wrote it, anything of that model."""
    out = np.full(len(data.y), np.nan)
    models = sorted(set(data.origin[data.y]))
    share = np.array([zlib.crc32(group.encode()) % len(models) for group in data.group.tolist()])
    for at, generator in enumerate(models):
        tested = np.where(data.y, data.origin == generator, share == at)
        seen = ~tested & ~np.isin(data.group, data.group[tested]) & (data.origin != generator)
        out[tested] = logits(fit(data.where(seen), penalty, stability), data.where(tested))
    return out


def choose(data: Table) -> tuple[float, float, list[dict[str, Any]]]:
    """Penalty and stability with the best area under the curve on what was left out, and the whole grid."""
    grid = []
    for penalty, stability in itertools.product(PENALTIES, STABILITIES):
        found = left_out_logits(data, penalty, stability)
        area = float(roc_auc_score(data.y, found, sample_weight=_weights(data)))
        grid.append({"penalty": penalty, "stability": stability, "auc": round(area, 4)})
    best = max(grid, key=lambda row: (row["auc"], -row["penalty"]))
    return best["penalty"], best["stability"], grid


def calibrate(data: Table, found: Floats) -> tuple[float, float]:
    """Platt's slope and offset on left-out logits, both classes and all origins weighing the same."""
    model = LogisticRegression(C=1e6, max_iter=5000).fit(found[:, None], data.y, sample_weight=_weights(data))
    return float(model.coef_[0, 0]), float(model.intercept_[0])
