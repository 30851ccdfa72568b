"""Fits `ingest/engine/confidence.json`: `python bench/calibrate.py FOLDER [--excerpts N] [--trials N] [--seed N]`.

FOLDER holds real texts with a manifest.csv that says which are editions, parts and translations of one work (see
docs/calibration.md). For matches: what the engine reports of planted excerpts, editions and plagiarised answers, and,
asked for 8 words and more, between texts that have nothing from one another; a logistic regression judged on authors it
has not seen. For no match: how many planted excerpts of each length and noise are missed. Results go to
bench/results/calibrate.json, the plot to docs/images/reliability.svg. With --megabytes (a part of the texts) nothing is
shipped. Without a folder there is nothing to fit, and nothing is done.
"""

from __future__ import annotations

import datetime
import itertools
import json
import platform
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.kit import catalogue, labelled, measure, missing, reliability, reliability_plot
from bench.kit.labelled import COPIES, OTHERS, Case
from bench.kit.library import Volume, read_library, registered
from bench.kit.noise import scanned
from bench.kit.reliability import Array, Sample
from ingest.engine import ENGINE_VERSION, confidence
from ingest.engine.index import Index
from ingest.engine.params import PRESETS, preset
from ingest.engine.records import MapOptions

PLOT = measure.ROOT / "docs" / "images" / "reliability.svg"
FITTED_SETS = ("registry-1", "compact", "medium-thorough", "large")
BANDS = ((8, 15), (15, 25), (25, 50), (50, 100), (100, 300), (300, 10**9))
EVERYTHING = 1e6  # megabytes
CHECKS = 1_500
CHECK_EDGES = (0.0, 0.2, 0.5, 0.8, 0.95, 1.0)
MOST_LISTED = 60
ASIDE = ("revision", "quoted", "unclear", "boilerplate of few")


def sample_of(cases: Sequence[Case]) -> Sample:
    """Cases as arrays; copies and others weigh the same in every parameter set and script."""
    labels, weights = np.array([float(c.copy) for c in cases]), np.zeros(len(cases))
    for setting in sorted({(c.parameters, c.script) for c in cases}):
        inside = np.array([(c.parameters, c.script) == setting for c in cases])
        weights[inside] = reliability.balanced(labels[inside])
    return Sample(
        np.array([c.features for c in cases]),
        labels,
        weights,
        [c.work_author for c in cases],
        [c.document_author for c in cases],
        [f"{c.document}|{c.work}" for c in cases],
    )


def fit_matches(cases: Sequence[Case], seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is shipped, what is reported) for one precision."""
    sample = sample_of(cases)
    scores = reliability.held_out_scores(sample, seed)
    lowest, highest = reliability.limits(scores, sample)
    said: dict[str, Array] = {}
    for kind in reliability.CALIBRATIONS:
        calibrated = reliability.held_out_calibrated(scores, sample, kind, seed)
        said[kind] = reliability.probability(np.clip(calibrated, lowest, highest))
    line = reliability.fit_line(sample.features, sample.labels, sample.weights)
    shipped = {
        "intercept": round(line.intercept, 5),
        "weights": [round(w, 5) for w in line.weights.tolist()],
        "lowest": round(lowest, 4),
        "highest": round(highest, 4),
    }
    pairs = {copy: len({p for p, y in zip(sample.pairs, sample.labels, strict=True) if y == copy}) for copy in (0, 1)}
    report = {
        "cases": len(cases),
        "copies": int(sample.labels.sum()),
        "kinds": dict(sorted(Counter(c.kind for c in cases).items())),
        "authors": len(set(sample.works)),
        "pairs_of_copies": pairs[1],
        "pairs_of_others": pairs[0],
        "lowest": round(float(reliability.probability(np.array(lowest))), 5),
        "highest": round(float(reliability.probability(np.array(highest))), 5),
        "held_out": {kind: reliability.with_intervals(p, sample, seed) for kind, p in said.items()},
        "curve": reliability.curve(said["none"], sample.labels, sample.weights),
        "groups": groups(cases, sample, said["none"]),
        "wrong": wrong(cases, sample, said["none"]),
    }
    return shipped, report


def groups(cases: Sequence[Case], sample: Sample, said: Array) -> list[dict[str, Any]]:
    """Reliability by kind, script, parameter set, noise and length."""
    rows = []
    for name, member in _memberships(cases):
        inside = np.array([member(c) for c in cases])
        if not inside.any():
            continue
        p, y, w = said[inside], sample.labels[inside], sample.weights[inside]
        row: dict[str, Any] = {"group": name, "cases": len(y), "copies": int(y.sum())}
        row |= {"said": round(float(np.average(p, weights=w)), 4), "true": round(float(np.average(y, weights=w)), 4)}
        row |= {f"at_least_{limit}": round(float((p >= limit).mean()), 4) for limit in (0.5, 0.9, 0.99)}
        if 0 < y.sum() < len(y):
            row |= {m: round(f(p, y, w), 4) for m, f in reliability.MEASURES.items()}
        rows.append(row)
    return rows


def _memberships(cases: Sequence[Case]) -> list[tuple[str, Callable[[Case], bool]]]:
    found = [_equal("kind", kind) for kind in (*COPIES, *OTHERS)]
    found += [_equal("script", script) for script in missing.SCRIPTS]
    found += [_equal("parameters", name) for name in sorted({c.parameters for c in cases})]
    found += [_equal("detail", noise) for noise in sorted({c.detail for c in cases if c.detail})]
    return found + [_between(low, high) for low, high in BANDS]


def _equal(name: str, value: str) -> tuple[str, Callable[[Case], bool]]:
    return f"{name}: {value}", lambda case: getattr(case, name) == value


def _between(low: int, high: int) -> tuple[str, Callable[[Case], bool]]:
    shown = f"words: {low} to {high - 1}" if high < 10**9 else f"words: {low} and more"
    return shown, lambda case: low <= case.words < high


def aside(cases: Sequence[Case], shipped: dict[str, Any]) -> list[dict[str, Any]]:
    """What the fit says of matches that are neither copies nor independent, or of which that is not known."""
    rows = []
    for precision, kind in itertools.product(("exact", "sketch"), ASIDE):
        some = [c for c in cases if c.kind == kind and c.precision == precision]
        if not some:
            continue
        line = shipped[precision]
        scores = line["intercept"] + np.array([c.features for c in some]) @ np.array(line["weights"])
        said = reliability.probability(np.clip(scores, line["lowest"], line["highest"]))
        row: dict[str, Any] = {"precision": precision, "kind": kind, "cases": len(some)}
        row["said"] = round(float(said.mean()), 3)
        rows.append(row | {f"at_least_{limit}": round(float((said >= limit).mean()), 3) for limit in (0.5, 0.9)})
    return rows


def wrong(cases: Sequence[Case], sample: Sample, said: Array) -> list[dict[str, Any]]:
    """No copies with the highest confidence and copies with the lowest, one a pair, so that somebody can look."""
    rows: list[dict[str, Any]] = []
    seen = set()
    for at in np.argsort(-np.abs(said - sample.labels), kind="stable").tolist():
        case = cases[at]
        if case.kind == "planted" or sample.pairs[at] in seen:
            continue
        seen.add(sample.pairs[at])
        row = {"said": round(float(said[at]), 3), "copy": case.copy, "kind": case.kind, "words": case.words}
        rows.append(row | {"document": case.document, "work": case.work, "parameters": case.parameters})
        if len(rows) == MOST_LISTED:
            break
    return rows


def check_no_match(works: Sequence[Volume], seed: int) -> list[dict[str, Any]]:
    """Fresh excerpts of any length, noise and limit, between the measured cells: said and true share that is found."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-check-") as scratch:
        for precision, script in itertools.product(("exact", "sketch"), missing.SCRIPTS):
            path = Path(scratch) / precision
            if not path.exists():
                texts = [(w.name, w.text) for w in works]
                catalogue.build(path, texts, preset("registry-1"), precision == "exact")
            with Index.open(path) as index:
                said, true = _asked(index, works, script, precision, seed)
            for low, high in itertools.pairwise(CHECK_EDGES):
                inside = (said >= low) & (said < high)
                if inside.any():
                    row: dict[str, Any] = {"precision": precision, "script": script, "cases": int(inside.sum())}
                    row["said"], row["true"] = (round(float(a[inside].mean()), 3) for a in (said, true))
                    rows.append(row)
    return rows


def _asked(index: Index, works: Sequence[Volume], script: str, precision: str, seed: int) -> tuple[Array, Array]:
    draw = random.Random(f"{seed}:check:{script}")
    han = script == "han"
    usable = missing.long_enough(works, han, missing.WORDS[-1])
    said, true = [], []
    for _ in range(CHECKS):
        length = int(missing.WORDS[0] * (missing.WORDS[-1] / missing.WORDS[0]) ** draw.random())
        errors = draw.random() * missing.ERRORS[-1]
        least = max(labelled.LEAST_WORDS, int(length * draw.choice(missing.SHARES)))
        case = missing.excerpt_in(usable, length, scanned(errors), draw)
        matches = catalogue.map_batches(index, [case.text], MapOptions(min_words=least))[0]
        answer = confidence.no_match(
            length,
            errors,
            min_words=least,
            precision="exact" if precision == "exact" else "sketch",
            script="han" if han else "alphabetic",
        )
        said.append(answer.found)
        true.append(float(missing.words_found(case, matches) >= least))
    return np.array(said), np.array(true)


def facts(
    chosen: Any, volumes: Sequence[Volume], works: Sequence[Volume], report: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """With what the table was made: data, counts, versions, date, seed."""
    counts = ("cases", "copies", "kinds", "authors", "pairs_of_copies", "pairs_of_others")
    return {
        "by": "bench/calibrate.py",
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "engine": ENGINE_VERSION,
        "parameters": {name: params.digest for name, params in sorted(PRESETS.items())},
        "python": platform.python_version(),
        "numpy": np.__version__,
        "seed": chosen.seed,
        "texts": len(volumes),
        "works": len(works),
        "han_works": sum(w.han for w in works),
        "megabytes": round(measure.megabytes_of(w.text for w in works), 1),
        "excerpts": chosen.excerpts,
        "trials_a_cell": chosen.trials,
        "least_words": labelled.LEAST_WORDS,
        "fitted_sets": FITTED_SETS,
        "matches": {precision: {name: found[name] for name in counts} for precision, found in report.items()},
        "held_out": {precision: found["held_out"]["none"] for precision, found in report.items()},
    }


def run(chosen: Any) -> tuple[dict[str, Any], dict[str, Any], list[Volume]]:
    """(table, result, works)."""
    volumes = read_library(chosen.folder, int(chosen.megabytes * 1e6))
    works = registered(volumes)
    every = labelled.collect(chosen.folder, volumes, FITTED_SETS, chosen.excerpts, chosen.seed)
    shipped: dict[str, Any] = {}
    report: dict[str, dict[str, Any]] = {}
    for precision in ("exact", "sketch"):
        cases = [c for c in every if c.precision == precision and c.kind in COPIES + OTHERS]
        shipped[precision], report[precision] = fit_matches(cases, chosen.seed)
    made = facts(chosen, volumes, works, report)
    measured = missing.measure(works, sorted(PRESETS), chosen.trials, chosen.seed)
    table = {
        "made": made,
        "features": confidence.FEATURES,
        "matches": shipped,
        "missed": missing.table(measured, chosen.trials),
    }
    result = measure.common_facts("calibrate", FITTED_SETS[0], chosen.seed, 1) | {"made": made, "matches": report}
    return table, result | {"aside": aside(every, shipped)}, works


def as_json(table: dict[str, Any]) -> str:
    """Indented, but lists of numbers on one line."""
    text = json.dumps(table, indent=1, ensure_ascii=False)
    return re.sub(r"\[[\s\d.,e+-]+\]", lambda found: re.sub(r"\s+", "", found[0]), text) + "\n"


def show(result: dict[str, Any]) -> None:
    """The tables of docs/calibration.md."""
    heads = ("group", "cases", "copies", "said", "true", "at_least_0.5", "at_least_0.9", "at_least_0.99", "log_loss")
    for precision, found in result["matches"].items():
        print(f"\n{precision}: {found['cases']} matches; confidence from {found['lowest']} to {found['highest']}")
        rows: list[tuple[str, ...]] = [("held out", *reliability.MEASURES)]
        for kind, values in found["held_out"].items():
            rows.append((f"calibration: {kind}", *(f"{v:.4f} [{a:.4f}–{b:.4f}]" for v, a, b in values.values())))
        measure.print_table(rows)
        measure.print_table([heads, *(tuple(str(row.get(h, "")) for h in heads) for row in found["groups"])])
    for name in ("aside", "no_match_check"):
        lines = result.get(name, [])
        if lines:
            print(f"\n{name}")
            measure.print_table([tuple(lines[0]), *(tuple(str(v) for v in row.values()) for row in lines)])


def main(given: list[str] | None = None) -> int:
    """Run, print, write."""
    parser = measure.arguments(__doc__, "calibrate", megabytes=EVERYTHING, runs=1)
    parser.set_defaults(folder=None)
    parser.add_argument("--excerpts", type=int, default=3_000, help="planted for the fit; half as many Chinese ones")
    parser.add_argument("--trials", type=int, default=200, help="excerpts a cell of length and errors")
    parser.add_argument("--table", type=Path, help="where to write the fit (default: what is shipped)")
    chosen = parser.parse_args(given)
    if chosen.folder is None:
        print("bench/calibrate.py: left out, it needs a folder of texts (docs/calibration.md)", file=sys.stderr)
        return 0
    if chosen.megabytes < EVERYTHING and chosen.table is None:
        parser.error("with --megabytes the fit is not shipped: say --table FILE")
    table, result, works = run(chosen)
    target = chosen.table or confidence.TABLE
    target.write_text(as_json(table), encoding="utf-8")
    if chosen.table is None:
        confidence.reload()
        result["no_match_check"] = check_no_match(works, chosen.seed)
        panels = {f"{name} precision": found["curve"] for name, found in result["matches"].items()}
        drawn = reliability_plot.render(panels, "Confidence against the share of true copies")
        PLOT.write_text(drawn, encoding="utf-8")
    show(result)
    measure.write(result, chosen.out)
    print(f"written: {target.name}, {chosen.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
