"""Linkage: how well and how fast rows are linked: `python bench/linkage.py [FOLDER] [--fit] [--database NAME]`.

FOLDER holds real metadata: HathiTrust's labelled pairs, goodbooks-10k, Project Gutenberg's catalogue
(docs/linkage.md). Authors are divided: what is fitted is never measured. Quality: pairs that people labelled, real
pairs of titles, damaged rows; a catalogue with rows of its works and 10,000 decoys; reliability, Brier score.
Peer: Splink on DuckDB on the same rows and works. Speed: rows against the works of a database made by `bench/search.py
--database NAME` through the same service as `manage.py link`. `--fit` writes registry/linkage/model.json,
`--words` known_words.txt beside it. Without a
folder nothing is measured. Writes bench/results/linkage.json.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.kit import linkage_lists, linkage_pairs, linkage_peer, linkage_speed, measure  # noqa: E402
from bench.kit import linkage_rows as rows_kit  # noqa: E402
from bench.kit.linkage_rows import Pair  # noqa: E402
from registry.linkage import alignment, model  # noqa: E402
from registry.linkage.comparison import compare  # noqa: E402
from registry.linkage.facts import RowFacts, WorkFacts, read_row, read_work  # noqa: E402
from registry.linkage.features import FEATURES  # noqa: E402

Array = npt.NDArray[np.float64]
PENALTY = 1e-5  # of squared weights, a pair
LABELLED_WEIGHT = 8.0  # what people labelled counts more than what was damaged here
EDGES = (0.0, 0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.999, 1.0001)
# What a mistake costs, in looks by a person: thresholds follow (docs/linkage.md)
FALSE_MATCH_COST, MISSED_COST, LOOK_COST = 10.0, 10.0, 1.0
DECOYS = 10_000


def main() -> None:
    """Measure, fit where asked, write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, help="real metadata")
    options.add_argument("--fit", action="store_true", help="write the model that is shipped")
    options.add_argument("--words", action="store_true", help="write the known words that are shipped")
    options.add_argument("--works", type=int, default=8_000, help="that are damaged for fitting and measuring")
    options.add_argument("--decoys", type=int, default=DECOYS)
    options.add_argument("--database", default="", help="works of bench_NAME for the speed of long lists")
    options.add_argument("--rows", type=int, default=196_640, help="of the long list")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, default=measure.RESULTS / "linkage.json")
    given = options.parse_args()
    if given.folder is None or not (given.folder / "hathi_fulltrainingdata.tsv").exists():
        print("There is nothing to measure on: name a folder with real metadata (docs/linkage.md).")
        return
    result = run(given)
    measure.write(result, given.out)


def run(given: argparse.Namespace) -> dict[str, Any]:
    """Everything that the result holds."""
    pairs, works, listed = read(given)
    if given.words:
        words = rows_kit.words_of_titles(works)
        alignment.KNOWN_WORDS.write_text("\n".join(words) + "\n", encoding="utf-8")
        alignment.known_words.cache_clear()
    features, labels, weights = arrays(pairs)
    is_test = np.array([pair.is_test for pair in pairs])
    facts: dict[str, Any] = {"bench": "linkage", "machine": measure.machine(), "seed": given.seed, "pairs": len(pairs)}
    weighed = fitted(features[~is_test], labels[~is_test], weights[~is_test])
    probabilities = applied(weighed, features)
    facts["held_out"] = judged(pairs, labels, probabilities, is_test)
    facts["hathi_by_author"] = crossed(pairs, features, labels, weights)
    if given.fit:
        write_model(fitted(features, labels, weights), facts, given)
    facts["lists"] = linkage_lists.measured(works, listed, given)
    facts["splink"] = linkage_peer.measured(works, listed, given.seed)
    if given.database:
        facts["speed"] = linkage_speed.measured(given)
    return facts


def read(given: argparse.Namespace) -> tuple[list[Pair], list[WorkFacts], dict[int, RowFacts]]:
    """Pairs, every work, and the row by which a reader lists some of them."""
    books = rows_kit.gutenberg(given.folder)
    readers = rows_kit.goodbooks(given.folder)
    listed = {work.id: row for work, row in readers}
    rng = random.Random(given.seed)
    chosen = rng.sample(books, min(25_000, len(books))) + [work for work, _ in readers]
    pairs = rows_kit.hathi_pairs(given.folder)
    pairs += [
        Pair(row, work, True, "readers", work.authors[0], "as readers list it")
        for work, row in readers
        if not rows_kit.is_translated(row, work)
    ]
    pairs += linkage_pairs.damaged_pairs(chosen, listed, given.works, given.seed)
    return pairs, books + [work for work, _ in readers], listed


def arrays(pairs: Sequence[Pair]) -> tuple[Array, Array, Array]:
    """Features, labels and weights of pairs."""
    features = np.array([compare(read_row(pair.row), read_work(pair.work)).features for pair in pairs])
    labels = np.array([float(pair.same) for pair in pairs])
    weights = np.array([LABELLED_WEIGHT if pair.source == "hathi" else 1.0 for pair in pairs])
    return features, labels, weights


def fitted(features: Array, labels: Array, weights: Array) -> Array:
    """Intercept and weights of a logistic regression, by Newton's method."""
    ones = np.column_stack([np.ones(len(features)), features])
    found = np.zeros(ones.shape[1])
    ridge = np.eye(len(found)) * PENALTY * weights.sum()
    ridge[0, 0] = 1e-9
    for _ in range(60):
        chance = 1 / (1 + np.exp(-np.clip(ones @ found, -35, 35)))
        slope = ones.T @ (weights * (chance - labels)) + ridge @ found
        curve = (ones * (weights * chance * (1 - chance))[:, None]).T @ ones + ridge
        step = np.clip(np.linalg.solve(curve, slope), -4, 4)
        found -= step
        if np.abs(step).max() < 1e-7:
            break
    return found


def applied(weighed: Array, features: Array) -> Array:
    """Probabilities of pairs, as the shipped model reckons them."""
    unlike = _any(features, [f"title_{relation}" for relation in model.UNLIKE]) & ~_any(features, ["word_lost"])
    unlike = unlike | _any(features, model.NEVER_ALONE)
    unlike = unlike | (features[:, FEATURES.index("author_missing")] > features[:, FEATURES.index("missing_distinct")])
    most = np.where(unlike, model.UNLIKE_MOST, model.MAX_LOG_ODDS)
    odds = np.clip(weighed[0] + features @ weighed[1:], -model.MAX_LOG_ODDS, most)
    return 1 / (1 + np.exp(-odds))


def _any(features: Array, chosen: Sequence[str]) -> npt.NDArray[np.bool_]:
    return np.any(features[:, [FEATURES.index(name) for name in chosen]] != 0, axis=1)


def scores(labels: Array, probabilities: Array, threshold: float) -> dict[str, float | int]:
    """Precision, recall and F1 of calling everything from the threshold on a match."""
    called = probabilities >= threshold
    true = int((called & (labels == 1)).sum())
    wrong, missed = int((called & (labels == 0)).sum()), int((~called & (labels == 1)).sum())
    return {
        "true": true,
        "false": wrong,
        "missed": missed,
        "precision": round(true / max(1, true + wrong), 4),
        "recall": round(true / max(1, true + missed), 4),
        "f1": round(2 * true / max(1, 2 * true + wrong + missed), 4),
    }


def judged(pairs: Sequence[Pair], labels: Array, probabilities: Array, chosen: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Scores by source, and the reliability of all, on pairs of authors that nothing was fitted on."""
    sources = np.array([pair.source for pair in pairs])
    found: dict[str, Any] = {}
    shipped = model.shipped()
    for source in sorted(set(sources)):
        part = chosen & (sources == source)
        found[source] = {
            "pairs": int(part.sum()),
            "at_match_threshold": scores(labels[part], probabilities[part], shipped.match),
            "at_one_half": scores(labels[part], probabilities[part], 0.5),
            "brier": round(float(((probabilities[part] - labels[part]) ** 2).mean()), 4),
        }
    natural = chosen & (sources != "decoys")
    found["reliability"] = reliability(labels[natural], probabilities[natural])
    found["brier"] = round(float(((probabilities[natural] - labels[natural]) ** 2).mean()), 4)
    return found


def reliability(labels: Array, probabilities: Array) -> list[dict[str, float]]:
    """For each band of probability what was said and what was true."""
    table = []
    for low, high in itertools.pairwise(EDGES):
        inside = (probabilities >= low) & (probabilities < high)
        if inside.any():
            said, true = float(probabilities[inside].mean()), float(labels[inside].mean())
            table.append({"from": low, "pairs": int(inside.sum()), "said": round(said, 4), "true": round(true, 4)})
    return table


def crossed(pairs: Sequence[Pair], features: Array, labels: Array, weights: Array, folds: int = 5) -> dict[str, Any]:
    """The pairs that people labelled, each judged by a model that has seen nothing of its author."""
    fold = np.array([rows_kit.fold_of(pair.author, folds) for pair in pairs])
    labelled = np.array([pair.source == "hathi" for pair in pairs])
    probabilities = np.zeros(len(pairs))
    for number in range(folds):
        weighed = fitted(features[fold != number], labels[fold != number], weights[fold != number])
        probabilities[fold == number] = applied(weighed, features[fold == number])
    wrong = [
        {"row": pair.row.title, "work": pair.work.title, "same": pair.same, "probability": round(float(chance), 3)}
        for pair, chance, is_labelled in zip(pairs, probabilities, labelled, strict=True)
        if is_labelled and (chance >= model.shipped().match) != pair.same
    ]
    return {
        "at_match_threshold": scores(labels[labelled], probabilities[labelled], model.shipped().match),
        "at_one_half": scores(labels[labelled], probabilities[labelled], 0.5),
        "wrong": wrong,
    }


def write_model(weighed: Array, facts: dict[str, Any], given: argparse.Namespace) -> None:
    """Write what the registry ships."""
    match, review = 1 - LOOK_COST / FALSE_MATCH_COST, LOOK_COST / MISSED_COST
    data = {
        "version": "2",
        "made": {
            "by": "bench/linkage.py",
            "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
            "pairs": facts["pairs"],
            "seed": given.seed,
            "brier_held_out": facts["held_out"]["brier"],
        },
        "thresholds": {"match": match, "review": review},
        "intercept": round(float(weighed[0]), 4),
        "weights": {name: round(float(weight), 4) for name, weight in zip(FEATURES, weighed[1:], strict=True)},
    }
    model.FILE.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    model.shipped.cache_clear()


if __name__ == "__main__":
    main()
