"""The peer of linkage: Splink's Fellegi-Sunter model on DuckDB, trained without labels as its makers advise."""

from __future__ import annotations

import random
import time
import warnings
from collections.abc import Sequence
from typing import Any

from bench.kit.linkage_damage import damage
from bench.kit.linkage_decoys import decoy_of
from bench.kit.linkage_rows import row_of
from registry.folding import fold
from registry.linkage.catalogue import catalogue_of
from registry.linkage.facts import RowFacts, WorkFacts

WORKS = 20_000
ROWS = 3_000
THRESHOLDS = (0.5, 0.9, 0.95, 0.99)


def measured(works: Sequence[WorkFacts], listed: dict[int, RowFacts], seed: int) -> dict[str, Any]:
    """Splink and ours on the same works and rows; what is missing is named."""
    rng = random.Random(seed + 2)
    registered = rng.sample(list(works), min(WORKS, len(works)))
    rows = [(work.id, damage(work, rng, listed.get(work.id))[0]) for work in rng.sample(registered, ROWS * 2 // 3)]
    rows += [(0, row_of(decoy_of(rng.choice(registered), rng.choice(registered), rng)[1])) for _ in range(ROWS // 3)]
    return {
        "works": len(registered),
        "rows": len(rows),
        "ours": _ours(registered, rows),
        "splink": _splink(registered, rows),
    }


def _counted(truth: Sequence[int], found: Sequence[int | None]) -> dict[str, Any]:
    right = sum(a == b for a, b in zip(truth, found, strict=True) if a)
    said = sum(one is not None for one in found)
    there = sum(1 for one in truth if one)
    return {
        "precision": round(right / max(1, said), 4),
        "recall": round(right / max(1, there), 4),
        "f1": round(2 * right / max(1, said + there), 4),
        "false": said - right,
    }


def _ours(works: Sequence[WorkFacts], rows: Sequence[tuple[int, RowFacts]]) -> dict[str, Any]:
    start = time.perf_counter()
    catalogue = catalogue_of(works)
    decided = [catalogue.link(0, row).decision for _, row in rows]
    seconds = time.perf_counter() - start
    at_one_half = [
        one.candidates[0].work if one.candidates and one.candidates[0].probability >= 0.5 else None for one in decided
    ]
    truth = [key for key, _ in rows]
    return {
        "seconds": round(seconds, 1),
        "at_match_threshold": _counted(truth, [one.work for one in decided]),
        "at_one_half": _counted(truth, at_one_half),
    }


def _splink(works: Sequence[WorkFacts], rows: Sequence[tuple[int, RowFacts]]) -> dict[str, Any]:
    try:
        import pandas as pd  # noqa: PLC0415
        import splink.comparison_library as cl  # noqa: PLC0415
        from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415
    except ImportError as error:
        return {"missing": str(error)}

    def table(entries: Sequence[tuple[int, str, str, str]], source: str) -> Any:
        lines = []
        for key, title, author, year in entries:
            folded, person = fold(title), fold(author)
            words = [word for word in person.replace(",", " ").split() if len(word) > 2]
            lines.append(
                {
                    "unique_id": f"{source}{key}",
                    "title": folded or None,
                    "author": " ".join(sorted(words)) or None,
                    "surname": max(words, key=len, default=None),
                    "start": folded[:8] or None,
                    "first": " ".join(folded.split()[:2]) or None,
                    "year": year or None,
                }
            )
        return pd.DataFrame(lines)

    left = table([(w.id, w.title, "; ".join(w.authors), str(w.years[0]) if w.years else "") for w in works], "w")
    right = table([(place, r.title, r.author, r.year) for place, (_, r) in enumerate(rows)], "r")
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[block_on("surname"), block_on("start"), block_on("first")],
        comparisons=[
            cl.JaroWinklerAtThresholds("title", [0.98, 0.92, 0.85]),
            cl.JaroWinklerAtThresholds("author", [0.95, 0.85]),
            cl.ExactMatch("year"),
        ],
    )
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api = DuckDBAPI()
        linker = Linker([api.register(left), api.register(right)], settings)
        linker.training.estimate_probability_two_random_records_match([block_on("title")], recall=0.6)
        linker.training.estimate_u_using_random_sampling(max_pairs=2e6)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("surname"))
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("start"))
        pairs = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    seconds = time.perf_counter() - start
    best: dict[int, tuple[float, int]] = {}
    for one, other, chance in zip(pairs["unique_id_l"], pairs["unique_id_r"], pairs["match_probability"], strict=True):
        row, work = (one, other) if one.startswith("r") else (other, one)
        place = int(row[1:])
        if chance > best.get(place, (0.0, 0))[0]:
            best[place] = (float(chance), int(work[1:]))
    truth = [key for key, _ in rows]
    found: dict[str, Any] = {"seconds": round(seconds, 1), "pairs": len(pairs)}
    for threshold in THRESHOLDS:
        answers = [
            best[place][1] if place in best and best[place][0] >= threshold else None for place in range(len(rows))
        ]
        found[f"at_{threshold}"] = _counted(truth, answers)
    return found
