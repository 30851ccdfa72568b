"""How much a text's style is like that of model output: a weak statistical hint with published error rates.

Never used alone for an accusation: nobody may be held to have used a model because of this figure. It stands beside
near-copies and markers, over many records of an annotator, and its error rates stand beside it. It abstains, with a
reason, on what it was not measured on: other languages, short texts, code and tables.

The model is detector.json, written by `python -m bench.detector --ship`: weights of standardised features and a
calibration, evaluated here with NumPy. docs/detector.md has the figures and what they do not show.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ingest.sampling.features import NAMES, PLAIN, Measures, measure
from ingest.sampling.languages import decide

MODEL = Path(__file__).with_name("detector.json")
BATCH = 4_096
TOP = 5  # features named with their contributions
FIRST_RATE = PLAIN.index("comma")  # from this column on: rates, of which the square root is taken
MAX_SYMBOLS, MIN_LETTERS, MAX_BARRED = 0.08, 0.7, 0.4

Abstention = Literal["", "empty", "too_short", "language_not_measured", "not_prose"]


class Contribution(NamedTuple):
    """A feature's value in the text (in its own unit) and what it adds to the logit, positive towards model output."""

    feature: str
    value: float
    adds: float


class Score(NamedTuple):
    """`probability` that a model wrote the text if both were equally likely before, None where the detector abstains.

    `threshold` is the probability above which one in a hundred texts of people of this length lay, in the texts that it
    was set with; `false_positive_rate` the share of people's texts above it in the worst collection measured.
    """

    probability: float | None
    threshold: float | None
    false_positive_rate: float | None
    recall: float | None
    abstained: Abstention
    language: str | None
    words: int
    top: tuple[Contribution, ...]

    @property
    def above(self) -> bool:
        """Whether the probability lies above the threshold; False where the detector abstains."""
        return self.probability is not None and self.threshold is not None and self.probability > self.threshold


@dataclass(frozen=True)
class Bucket:
    """Texts from so many words on, up to the next bucket."""

    words: int
    threshold: float
    false_positive_rate: float
    recall: float


@dataclass(frozen=True)
class Detector:
    """The shipped model. Arrays are over its own features: `columns` of NAMES."""

    version: str
    columns: NDArray[np.int64]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    weights: NDArray[np.float64]
    intercept: float
    clip: float
    slope: float
    offset: float
    buckets: dict[str, tuple[Bucket, ...]]

    @property
    def shortest(self) -> dict[str, int]:
        """Words from which on a language's texts are judged."""
        return {language: buckets[0].words for language, buckets in self.buckets.items()}

    def contributions(self, values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """What each feature adds to the uncalibrated logit: (n, features) from raw measures (n, len(NAMES))."""
        standardised = (prepared(values)[:, self.columns] - self.mean) / self.spread
        return np.ascontiguousarray(np.clip(standardised, -self.clip, self.clip) * self.weights)

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated, at equal prior."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * logits + self.offset, -30, 30))))


def prepared(values: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Square roots of rates, so that a rare mark that occurs a lot does not drown the rest."""
    out = np.array(values, dtype=np.float64)
    out[:, FIRST_RATE:] = np.sqrt(out[:, FIRST_RATE:])
    return out


def read(path: Path = MODEL) -> Detector:
    """The model in a file. Raises ValueError where it names a feature that is not measured."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    unknown = [row["name"] for row in facts["features"] if row["name"] not in NAMES]
    if unknown:
        raise ValueError(f"{path.name}: no such feature: {', '.join(unknown)}")
    column = {name: at for at, name in enumerate(NAMES)}
    return Detector(
        version=facts["version"],
        columns=np.array([column[row["name"]] for row in facts["features"]], dtype=np.int64),
        mean=np.array([row["mean"] for row in facts["features"]], dtype=np.float64),
        spread=np.array([row["spread"] for row in facts["features"]], dtype=np.float64),
        weights=np.array([row["weight"] for row in facts["features"]], dtype=np.float64),
        intercept=facts["intercept"],
        clip=facts["clip"],
        slope=facts["calibration"]["slope"],
        offset=facts["calibration"]["offset"],
        buckets={
            language: tuple(
                Bucket(row["words"], row["threshold"], row["false_positive_rate"], row["recall"]) for row in rows
            )
            for language, rows in facts["thresholds"].items()
        },
    )


@lru_cache(maxsize=1)
def shipped() -> Detector:
    """The model that comes with the product, read once a process."""
    return read()


def score(text: str) -> Score:
    """One text, with the features that moved the figure most."""
    return next(score_many([text]))


def score_many(texts: Iterable[str], detector: Detector | None = None, *, explain: bool = True) -> Iterator[Score]:
    """A score a text, in order; any number of texts. Without `explain` the contributions are left out."""
    model = detector or shipped()
    waiting = iter(texts)
    while batch := list(islice(waiting, BATCH)):
        yield from _score_batch(batch, model, explain)


def _score_batch(texts: Sequence[str], model: Detector, explain: bool) -> Iterator[Score]:
    measured = measure(texts)
    languages = decide(measured.scripts, measured.common, measured.words)
    adds = model.contributions(measured.values)
    probabilities = model.probabilities(adds.sum(axis=1) + model.intercept)
    order = np.argsort(-np.abs(adds), axis=1)[:, :TOP] if explain else np.zeros((len(texts), 0), dtype=np.int64)
    for row, (text, language) in enumerate(zip(texts, languages, strict=True)):
        words = int(measured.words[row])
        reason = _abstention(text, language, measured, row, model)
        if reason:
            yield Score(None, None, None, None, reason, language, words, ())
            continue
        bucket = max((one for one in model.buckets[str(language)] if one.words <= words), key=lambda one: one.words)
        top = tuple(
            Contribution(NAMES[model.columns[at]], float(measured.values[row, model.columns[at]]), float(adds[row, at]))
            for at in order[row]
        )
        yield Score(
            round(float(probabilities[row]), 6),  # the same alone and in a batch, on every machine
            bucket.threshold,
            bucket.false_positive_rate,
            bucket.recall,
            "",
            language,
            words,
            top,
        )


def _abstention(text: str, language: str | None, measured: Measures, row: int, model: Detector) -> Abstention:
    """Why nothing is said of a text; "" where something is."""
    if not text.strip():
        return "empty"
    words = int(measured.words[row])
    letters, symbols, barred = measured.letters[row], measured.symbols[row], measured.barred[row]
    if symbols > MAX_SYMBOLS or letters < MIN_LETTERS or barred > MAX_BARRED:
        return "not_prose"
    if words < min(model.shortest.values()):
        return "too_short"
    if language not in model.buckets:
        return "language_not_measured"
    return "" if words >= model.shortest[language] else "too_short"
