"""What light editing does to the detector: models' answers with some of their words changed, people's as they are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from bench.kit.detector_data import LENGTHS, Answer
from bench.kit.detector_training import cuts
from bench.kit.output_edits import Edit, misspelt, mixed, synonyms
from ingest.sampling import detector as shipped

RATES = (0.0, 0.01, 0.02, 0.05, 0.10)
EDITS: tuple[Edit, ...] = (mixed, synonyms, misspelt)
FALSE_POSITIVES = 0.01
SEED = 5


def edited(model: shipped.Detector, unseen: Sequence[Answer], pool: Sequence[str]) -> dict[str, Any]:
    """By kind of editing, share of the words and length: area under the curve, recall at one false positive in a
    hundred of the same people's texts, and above the shipped threshold. `pool`: words that are put in."""
    rows = cuts(unseen)
    out: dict[str, Any] = {}
    people = {
        words: _logits(model, [one for one, length in rows if length == words and not one.model]) for words in LENGTHS
    }
    for edit in EDITS:
        by_rate: dict[str, Any] = {}
        for rate in RATES:
            chance = random.Random(SEED)
            found = {}
            for words in LENGTHS:
                some = [one for one, length in rows if length == words and one.model]
                texts = [_touched(one, edit, rate, chance, pool) for one in some] if rate else some
                found[str(words)] = _figures(model, people[words], _logits(model, texts), words)
            by_rate[f"{rate:.0%}"] = found
        out[edit.__name__] = by_rate
    return out


def _touched(one: Answer, edit: Edit, rate: float, chance: random.Random, pool: Sequence[str]) -> Answer:
    return replace(one, text=edit(one.text, rate, chance, pool))


def _logits(model: shipped.Detector, some: Sequence[Answer]) -> NDArray[np.float64]:
    values = shipped.measure([one.text for one in some]).values
    return np.asarray(model.contributions(values).sum(axis=1) + model.intercept)


def _figures(
    model: shipped.Detector, people: NDArray[np.float64], models: NDArray[np.float64], words: int
) -> dict[str, float]:
    y = np.repeat([False, True], [len(people), len(models)])
    highest = np.quantile(people, 1 - FALSE_POSITIVES, method="higher")
    bucket = next(one for one in model.buckets["en"] if one.words == words)
    return {
        "auc": round(float(roc_auc_score(y, np.concatenate([people, models]))), 3),
        "recall_at_1_percent": round(float((models > highest).mean()), 3),
        "recall_at_threshold": round(float((model.probabilities(models) > bucket.threshold).mean()), 3),
    }
