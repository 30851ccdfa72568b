"""Trains the detector on open data, measures it on generators and people that it never saw, and ships it.

`python -m bench.detector DATA_FOLDER` writes bench/results/detector.json; with --ship also
ingest/sampling/detector.json and markers.json. Seeds are fixed: the same data gives the same files, but for timings.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from bench.kit import detector_training as training
from bench.kit import measure
from bench.kit.detector_data import LENGTHS, Answer, load
from bench.kit.detector_edits import edited
from bench.kit.detector_peers import CharacterGrams, Perplexity, compression
from bench.kit.marker_hits import marker_hits
from ingest.sampling import detector as shipped
from ingest.sampling import markers
from ingest.sampling.features import NAMES

FEWEST = 25  # texts of a collection and a length, below which no share is stated
ENOUGH = 90  # texts, below which no threshold is set with a collection
RATE = 0.01  # of people's texts above the threshold
SPEED_RECORDS = 20_000
Floats = NDArray[np.float64]
Scorer = Callable[[Sequence[Answer]], Floats]


def main() -> None:
    """Train, measure, print, write."""
    given = _arguments()
    answers = load(given.data)
    english = [one for one in answers if one.language == "en"]
    learnt = [one for one in english if training.usable(one)]
    known = {one.group for one in english if one.open}
    unseen = [one for one in english if not one.open and one.group not in known]
    books = [one for one in english if one.origin == training.OLD]

    pool = [word for one in learnt if not one.model for word in one.text.split()]
    if given.as_shipped:
        kept = json.loads(given.out.read_text())
        scorers = _scorers(shipped.shipped(), learnt)
        kept["edited"] = edited(shipped.shipped(), unseen, pool)
        kept["unseen"]["with_character_grams"] = _unseen(scorers["with_character_grams"], unseen)
        measure.write(kept, given.out)
        return
    data = training.table(learnt)
    penalty, stability, grid = training.choose(data)
    left_out = training.left_out_logits(data, penalty, stability)
    slope, offset = training.calibrate(data, left_out)
    model = training.fit(data, penalty, stability)
    scorers = _scorers(model, learnt)
    people = {"left out of training": _by_length(data, left_out)} | {
        name: _people(scorers["detector"], some)
        for name, some in (
            ("LIMA", [one for one in unseen if one.origin == "LIMA"]),
            ("students", [one for one in unseen if one.origin == "students"]),
            ("books before 1931", books),
        )
    }
    thresholds = _thresholds(people)
    facts: dict[str, Any] = {
        "bench": "detector",
        "machine": measure.machine(),
        "trained_on": _counted(learnt),
        "measured_on": _counted(unseen + books),
        "chosen": {"penalty": penalty, "stability": stability, "grid_left_out": grid},
        "thresholds": {str(words): _threshold_facts(words, thresholds, people, scorers, unseen) for words in LENGTHS},
        "unseen": {name: _unseen(score, unseen) for name, score in scorers.items()},
        "calibration": _calibration(scorers["detector"], unseen, slope, offset),
        "reachable": {
            "en": _reachable([one for one in english if not one.open]),
            "zh": _reachable([one for one in answers if one.language == "zh"]),
        },
        "markers": marker_hits(answers),
        "speed": _speed(learnt, model, slope, offset),
    }
    if given.ship:
        _ship(model, slope, offset, facts)
    facts["edited"] = edited(shipped.read(), unseen, pool)
    measure.write(facts, given.out)
    print(
        json.dumps({key: facts[key] for key in ("thresholds", "unseen", "calibration", "reachable", "speed")}, indent=1)
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path, help="folder with model_outputs/ and texts/")
    parser.add_argument("--ship", action="store_true", help="write the model and the markers' counts into the product")
    parser.add_argument(
        "--as-shipped", action="store_true", help="train nothing: measure edited texts, and n-grams beside the model"
    )
    parser.add_argument("--out", type=Path, default=measure.RESULTS / "detector.json")
    return parser.parse_args()


def _scorers(model: shipped.Detector, learnt: Sequence[Answer]) -> dict[str, Scorer]:
    cut = [one for one, _ in training.cuts(learnt)]
    perplexity = Perplexity([one.text for one in learnt])
    grams = CharacterGrams(cut)

    def ours(some: Sequence[Answer]) -> Floats:
        values = shipped.measure([one.text for one in some]).values
        return np.asarray(model.contributions(values).sum(axis=1) + model.intercept)

    def both(some: Sequence[Answer]) -> Floats:
        """Not shipped: the sum, each in units of its spread over the texts learnt from."""
        sides = (ours, lambda any_of: grams.score([one.text for one in any_of]))
        return np.asarray(sum(side(some) / side(cut).std() for side in sides))

    return {
        "detector": ours,
        "with_character_grams": both,
        "perplexity": lambda some: np.array([perplexity.score(one.text) for one in some]),
        "compression": lambda some: np.array([compression(one.text) for one in some]),
        "character_grams": lambda some: grams.score([one.text for one in some]),
    }


def _by_length(data: training.Table, found: Floats) -> dict[int, Floats]:
    return {words: found[~data.y & (data.words == words)] for words in LENGTHS}


def _people(score: Scorer, some: Sequence[Answer]) -> dict[int, Floats]:
    rows = training.cuts(some)
    by_length = {words: [one for one, length in rows if length == words] for words in LENGTHS}
    return {words: score(some) for words, some in by_length.items() if len(some) >= FEWEST}


def _thresholds(people: dict[str, dict[int, Floats]]) -> dict[int, float]:
    """The logit above which lies at most one in a hundred of every collection of people's texts that is large."""
    return {
        words: max(_highest(one[words]) for one in people.values() if len(one.get(words, ())) >= ENOUGH)
        for words in LENGTHS
    }


def _highest(found: Floats) -> float:
    return float(np.quantile(found, 1 - RATE, method="higher"))


def _threshold_facts(
    words: int,
    thresholds: dict[int, float],
    people: dict[str, dict[int, Floats]],
    scorers: dict[str, Scorer],
    unseen: Sequence[Answer],
) -> dict[str, Any]:
    """At the shipped threshold: false positives in every collection of people, recall by generator, with intervals."""
    threshold = thresholds[words]
    models = [one for one, length in training.cuts([one for one in unseen if one.model]) if length == words]
    hits = scorers["detector"](models) > threshold
    by_origin = {
        origin: round(float(hits[[one.origin == origin for one in models]].mean()), 3)
        for origin in sorted({one.origin for one in models})
    }
    return {
        "logit": round(threshold, 4),
        "false_positive_rate": {
            name: _share(found[words] > threshold) for name, found in sorted(people.items()) if words in found
        },
        "recall": _share(hits),
        "recall_by_generator": by_origin,
    }


def _share(hits: NDArray[np.bool_]) -> dict[str, Any]:
    low, high = measure.wilson(int(hits.sum()), len(hits))
    return {"texts": len(hits), "share": round(float(hits.mean()), 4), "from": round(low, 4), "to": round(high, 4)}


def _unseen(score: Scorer, unseen: Sequence[Answer]) -> dict[str, Any]:
    """Area under the curve, and recall at 1 % false positives of the same people's texts, by length."""
    out: dict[str, Any] = {}
    rows = training.cuts(unseen)
    for words in LENGTHS:
        some = [one for one, length in rows if length == words]
        out[str(words)] = _area_and_recall(score(some), np.array([one.model for one in some]))
    return out


def _area_and_recall(found: Floats, y: NDArray[np.bool_]) -> dict[str, Any]:
    recall = float((found[y] > _highest(found[~y])).mean())
    return {
        "auc": round(float(roc_auc_score(y, found)), 3),
        "recall_at_1_percent": round(recall, 3),
        "models": int(y.sum()),
        "people": int((~y).sum()),
    }


def _calibration(score: Scorer, unseen: Sequence[Answer], slope: float, offset: float) -> dict[str, Any]:
    """What share of unseen texts a model wrote, by the probability said, both kinds weighing the same."""
    some = [one for one, _ in training.cuts(unseen)]
    said = 1 / (1 + np.exp(-(slope * score(some) + offset)))
    y = np.array([one.model for one in some])
    weight = np.where(y, 0.5 / y.sum(), 0.5 / (~y).sum())
    edges = np.quantile(said, [0, 0.2, 0.4, 0.6, 0.8, 1.0])
    bins = []
    for low, high in itertools.pairwise(edges):
        rows = (said >= low) & (said <= high)
        share = float((weight * y)[rows].sum() / weight[rows].sum())
        bins.append({"said": round(float(said[rows].mean()), 3), "were": round(share, 3), "texts": int(rows.sum())})
    return {"slope": slope, "offset": offset, "unseen": bins}


def _reachable(some: Sequence[Answer]) -> dict[str, Any]:
    """Not shipped: the same features trained on other prompts of the very collections measured, generators left out
    where there are several. Shows what better training data would give."""
    data = training.table(some)
    half = np.array([int(hashlib.sha256(group.encode()).hexdigest(), 16) % 2 for group in data.group.tolist()])
    origins = sorted(set(data.origin[data.y]))
    first = set(origins[::2]) if len(origins) > 1 else set(origins)
    second = set(origins) - first or first
    seen = (half == 0) & (~data.y | np.isin(data.origin, list(first)))
    tested = data.where((half == 1) & (~data.y | np.isin(data.origin, list(second))))
    found = training.logits(training.fit(data.where(seen), 0.05, 0.0), tested)
    rows = {words: tested.words == words for words in LENGTHS}
    return {str(words): _area_and_recall(found[row], tested.y[row]) for words, row in rows.items()}


def _speed(learnt: Sequence[Answer], model: shipped.Detector, slope: float, offset: float) -> dict[str, Any]:
    """Records of 100 words a second of one core's time, whole way: features, language, probability, explanation."""
    buckets = {"en": tuple(shipped.Bucket(words, 0.5, 0.0, 0.0) for words in LENGTHS)}
    ready = dataclasses.replace(model, slope=slope, offset=offset, buckets=buckets)
    some = [one.cut(100).text for one in learnt if one.words >= 100]
    texts = [some[at % len(some)] for at in range(SPEED_RECORDS)]

    def rate(run: Callable[[], object]) -> int:
        seconds, _ = measure.timed(run, 3)
        return round(SPEED_RECORDS / min(seconds))

    return {
        "records": SPEED_RECORDS,
        "aim": 20_000,
        "records_per_second": rate(lambda: list(shipped.score_many(texts, ready, explain=False))),
        "records_per_second_explained": rate(lambda: list(shipped.score_many(texts, ready))),
        "markers_records_per_second": rate(lambda: [markers.find_markers(text) for text in texts]),
    }


def _counted(some: Sequence[Answer]) -> list[dict[str, Any]]:
    rows = Counter((one.origin, one.model, one.licence) for one in some)
    return [
        {"origin": origin, "written_by": "model" if model else "people", "licence": licence, "texts": number}
        for (origin, model, licence), number in sorted(rows.items())
    ]


def _ship(model: shipped.Detector, slope: float, offset: float, facts: dict[str, Any]) -> None:
    """Write the model with its error rates, and the markers' counts."""
    probability = {
        words: 1 / (1 + np.exp(-(slope * row["logit"] + offset))) for words, row in facts["thresholds"].items()
    }
    features = [
        {"name": NAMES[at], "mean": round(float(m), 5), "spread": round(float(s), 5), "weight": round(float(w), 5)}
        for at, m, s, w in zip(model.columns, model.mean, model.spread, model.weights, strict=True)
    ]
    digest = hashlib.sha256(json.dumps(features).encode()).hexdigest()[:12]
    shipped_facts = {
        "version": f"1-{digest}",
        "what": "logistic regression on standardised features; square roots of rates; clipped, weighed, summed",
        "caution": "never alone a reason to accuse anybody: see docs/detector.md for the error rates",
        "clip": model.clip,
        "intercept": round(model.intercept, 5),
        "calibration": {"slope": round(slope, 5), "offset": round(offset, 5), "prior": 0.5},
        "thresholds": {
            "en": [
                {
                    "words": int(words),
                    "threshold": round(float(probability[words]), 5),
                    "false_positive_rate": max(r["share"] for r in row["false_positive_rate"].values()),
                    "recall": row["recall"]["share"],
                }
                for words, row in facts["thresholds"].items()
            ]
        },
        "measured": {"unseen": facts["unseen"], "thresholds": facts["thresholds"], "not_measured": "all but English"},
        "trained_on": facts["trained_on"],
        "features": features,
    }
    _write(shipped.MODEL, shipped_facts)
    _write(markers.MEASURED, {"what": "answers hit by each marker, by bench/detector.py", "markers": facts["markers"]})


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
