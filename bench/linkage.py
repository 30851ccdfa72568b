"""Linkage: how well and how fast rows are linked: `python bench/linkage.py [FOLDER] [--fit] [--database NAME]`.

FOLDER holds real metadata: HathiTrust's labelled pairs, goodbooks-10k, Project Gutenberg's catalogue
(docs/linkage.md). Authors are divided: what is fitted is never measured. Quality: pairs that people labelled, real
pairs of titles, damaged rows; a catalogue with rows of its works and 10,000 decoys; reliability, Brier score.
Peer: Splink on DuckDB on the same rows and works. Speed: rows against the works of a database made by `bench/search.py
--database NAME` through the same service as `manage.py link`. `--fit` writes registry/linkage/model.json. Without a
folder nothing is measured. Writes bench/results/linkage.json.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import os
import random
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.kit import linkage_peer, measure  # noqa: E402
from bench.kit import linkage_rows as rows_kit  # noqa: E402
from bench.kit.linkage_rows import Pair  # noqa: E402
from registry.linkage import decisions, model  # noqa: E402
from registry.linkage.bulk import catalogue_of  # noqa: E402
from registry.linkage.comparison import FEATURES, compare  # noqa: E402
from registry.linkage.facts import RowFacts, WorkFacts, read_row, read_work  # noqa: E402

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
    features, labels, weights = arrays(pairs)
    is_test = np.array([pair.is_test for pair in pairs])
    facts: dict[str, Any] = {"bench": "linkage", "machine": measure.machine(), "seed": given.seed, "pairs": len(pairs)}
    weighed = fitted(features[~is_test], labels[~is_test], weights[~is_test])
    probabilities = applied(weighed, features)
    facts["held_out"] = judged(pairs, labels, probabilities, is_test)
    facts["hathi_by_author"] = crossed(pairs, features, labels, weights)
    if given.fit:
        write_model(fitted(features, labels, weights), facts, given)
    facts["lists"] = lists(works, listed, given)
    facts["splink"] = linkage_peer.measured(works, listed, given.seed)
    if given.database:
        facts["speed"] = speed(given)
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
    pairs += rows_kit.damaged_pairs(chosen, listed, given.works, given.seed)
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
    capped = [f"title_{relation}" for relation in model.UNLIKE] + list(model.NEVER_ALONE)
    unlike = features[:, [FEATURES.index(name) for name in capped]].any(axis=1)
    unlike |= features[:, FEATURES.index("author_missing")] > features[:, FEATURES.index("missing_distinct")]
    most = np.where(unlike, model.UNLIKE_MOST, model.MAX_LOG_ODDS)
    odds = np.clip(weighed[0] + features @ weighed[1:], -model.MAX_LOG_ODDS, most)
    return 1 / (1 + np.exp(-odds))


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
        "version": "1",
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


def lists(works: Sequence[WorkFacts], listed: dict[int, RowFacts], given: argparse.Namespace) -> dict[str, Any]:
    """Whole lists: damaged rows of registered works of unseen authors, and decoys: rows of works that are not there."""
    rng = random.Random(given.seed + 1)
    unseen = [work for work in works if rows_kit.is_test(work.authors[0] if work.authors else work.title)]
    absent = {work.id for work in rng.sample(unseen, len(unseen) // 2)}
    registered = [work for work in works if work.id not in absent]
    catalogue = catalogue_of(registered)
    present = [work for work in unseen if work.id not in absent]
    rows = [(work, *rows_kit.damage(work, rng, listed.get(work.id))) for work in rng.sample(present, 4_000)]
    counts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    start = time.perf_counter()
    for work, row, kind in rows:
        decision = catalogue.link(0, row).decision
        right = decision.work is not None and _is_same(catalogue, decision.work, work)
        name = "right" if right else "false" if decision.work is not None else decision.decision
        counts[name] += 1
        for one in kind.split(" + "):
            by_kind[one][name] += 1
    seconds = time.perf_counter() - start
    falsely = _decoys(catalogue, registered, [work for work in works if work.id in absent], given, rng)
    found = counts["right"] / len(rows)
    precision = counts["right"] / max(1, counts["right"] + counts["false"])
    return {
        "works": len(registered),
        "rows": len(rows),
        "milliseconds_a_row": round(seconds / len(rows) * 1000, 3),
        "counts": dict(counts),
        "precision": round(precision, 4),
        "recall_of_matches": round(found, 4),
        "recall_with_review": round((counts["right"] + counts["review"]) / len(rows), 4),
        "by_damage": {kind: dict(counted) for kind, counted in sorted(by_kind.items())},
        "decoys": falsely,
    }


def _is_same(catalogue: Any, found: int, wanted: WorkFacts) -> bool:
    """The work itself, or a record of the catalogue that cannot be told from it."""
    if found == wanted.id:
        return True
    one, other = catalogue.facts_of(found), read_work(wanted)
    return decisions.are_one(one, other)


def _decoys(
    catalogue: Any,
    registered: Sequence[WorkFacts],
    absent: Sequence[WorkFacts],
    given: argparse.Namespace,
    rng: random.Random,
) -> dict[str, Any]:
    """Rows of works that are not registered: those of the same authors and made-up ones close to a registered work.

    What the catalogue may hold after all is taken out by the rule of `rows_kit.Registered`.
    """
    known = rows_kit.Registered(registered)  # catalogues list the same book more than once
    rows: list[tuple[str, RowFacts]] = []
    taken_out = 0
    for work in absent:
        if len(rows) >= given.decoys // 2:
            break
        if known.holds(work):
            taken_out += 1
            continue
        rows.append(("absent", rows_kit.row_of(work)))
    while len(rows) < given.decoys:
        work = rng.choice(registered)
        name, decoy = rows_kit.decoy_of(work, rng.choice(registered), rng)
        if known.holds(decoy, made_of=work):
            taken_out += 1
            continue
        rows.append((name, rows_kit.row_of(decoy)))
    matched = []
    counts: Counter[str] = Counter()
    for kind, row in rows:
        decision = catalogue.link(0, row).decision
        counts[decision.decision] += 1
        if decision.decision == decisions.MATCH:
            assert decision.work is not None
            work = catalogue.work_of(decision.work)
            matched.append(
                {
                    "kind": kind,
                    "row": [row.title, row.author],
                    "work": [work.title, *work.authors],
                    "probability": decision.probability,
                }
            )
    return {
        "rows": len(rows),
        "taken_out": taken_out,
        "counts": dict(counts),
        "matched": len(matched),
        "list": matched[:60],
    }


def speed(given: argparse.Namespace) -> dict[str, Any]:
    """A long list against the works of a database, through the service that the command uses."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from registry.actors import ANONYMOUS  # noqa: PLC0415
    from registry.models import Work  # noqa: PLC0415
    from registry.services import bulk_linking, linking  # noqa: PLC0415

    connection.settings_dict["NAME"] = f"bench_{given.database}"
    total = Work.objects.count()
    rng = random.Random(given.seed)
    keys = rng.sample(range(1, total + 1), min(given.rows, total) * 4 // 5)
    facts = [
        WorkFacts(pk, title, authors=(name,))
        for pk, title, name in Work.objects.filter(pk__in=keys).values_list("pk", "title", "contributions__party__name")
    ]
    rows = [rows_kit.damage(work, rng)[0] for work in facts]
    rows += [
        rows_kit.row_of(rows_kit.decoy_of(rng.choice(facts), rng.choice(facts), rng)[1])
        for _ in range(given.rows - len(rows))
    ]
    before = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    told = list(bulk_linking.link(list(enumerate(rows, 1)), actor=ANONYMOUS))
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    right = sum(one["work"] == work.id for one, work in zip(told, facts, strict=False))
    start = time.perf_counter()
    for number in range(0, 200, linking.MAX_ROWS):
        linking.decide(rows[number : number + linking.MAX_ROWS], actor=ANONYMOUS)
    return {
        "works": total,
        "rows": len(rows),
        "seconds": round(seconds, 1),
        "processor_seconds": round(
            time.process_time() - before + after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime, 1
        ),
        "processes": min(os.cpu_count() or 1, bulk_linking.MOST_PROCESSES),
        "largest_process_mb": after.ru_maxrss // 1024,
        "decisions": dict(Counter(one["decision"] for one in told)),
        "rows_of_works_linked_right": round(right / max(1, len(facts)), 4),
        "few_rows_milliseconds_a_row": round((time.perf_counter() - start) / 200 * 1000, 1),
    }


if __name__ == "__main__":
    main()
