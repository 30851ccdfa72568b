"""Recall, precision and exactness of matching: `python bench/quality.py [FOLDER] [--excerpts N] [--seeds N]`.

Registers the texts of FOLDER (default: samples/), keeps every fifth work apart, and plants excerpts in documents of the
latter: by length and by what happened to the excerpt, several parameter sets side by side, with texts and from
fingerprints alone, several seeds, 95 % intervals (Wilson). What is reported elsewhere in a document is judged by an
aligner that is not ours. Then unrelated text; editions against an exhaustive aligner; translations; and constructed
anthologies, abridgements and reordered books. Every miss and every false match is listed in bench/results/quality.json.
"""

from __future__ import annotations

import importlib.util
import random
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.kit import catalogue, composed, judging, measure, targets, truth
from bench.kit.judging import MOST_LISTED
from bench.kit.measure import Row, megabytes_of
from bench.kit.planting import Plant, plant
from bench.kit.texts import Pair, Text, edition_pairs, keep_apart, read_texts
from ingest.engine.index import Index
from ingest.engine.params import preset

LENGTHS = {"latin": (50, 100, 300, 1000), "han": (50, 100, 300)}
LATIN_NOISES = ("clean", "re-typeset", "scan 2 %", "scan 5 %", "scan 10 %", "rewritten 1/12", "rewritten 1/6")
HAN_NOISES = (*LATIN_NOISES, "other script")


def planted_cells(texts: list[Text], hosts: list[Text], excerpts: int, seeds: int, first: int) -> list[Plant]:
    """The same documents for every parameter set: so many excerpts a cell, drawn from so many seeds."""
    found = []
    for script, lengths in LENGTHS.items():
        same = [t for t in texts if t.chinese is (script == "han")]
        for length in lengths:
            usable = [t for t in same if len(t.text) > (2 if script == "han" else 12) * length]
            if not usable:
                continue
            for noise in HAN_NOISES if script == "han" else LATIN_NOISES:
                for seed in range(first, first + seeds):
                    draw = random.Random(f"{seed}:{script}:{length}:{noise}")
                    share = excerpts // seeds + (seed - first < excerpts % seeds)
                    found += [plant(usable, hosts, length, noise, draw) for _ in range(share)]
    return found


def editions(pairs: list[Pair], parameters: str, most: int) -> dict[str, Any]:
    """Both coverages of each pair against the exhaustive aligner. Two translations may share only what they do share:
    one that copies another's sentences is labelled a translation all the same."""
    rows = []
    if not importlib.util.find_spec("edlib"):
        print("bench/quality.py: editions are left out, edlib is not installed (pip install edlib)", file=sys.stderr)
        pairs = []
    for pair in chosen_pairs(pairs, most):
        row = truth.compare_pair(pair, preset(parameters))
        if row:
            rows.append(row)
    measured = [row for row in rows if row["relation"] != "translation"]
    errors = sorted(row["error_points"] for row in measured)
    negatives = [row for row in rows if row["relation"] == "translation"]
    return {
        "pairs": len(measured),
        "error_points_median": statistics.median(errors) if errors else None,
        "error_points_worst": errors[-1] if errors else None,
        "translations": len(negatives),
        "translations_overstated": sum(overstated(row) for row in negatives),
        "list": sorted(rows, key=lambda row: -row["error_points"]),
    }


def overstated(row: dict[str, Any]) -> bool:
    """Whether more is reported than the exhaustive aligner finds, by more than the error that editions are allowed."""
    return any(
        ours > true + targets.CONTAINMENT_POINTS[0] for ours, true in zip(row["ours"], row["exhaustive"], strict=True)
    )


def chosen_pairs(pairs: list[Pair], most: int) -> Iterator[Pair]:
    """At most so many pairs of each relation, evenly over the list. Controls that share nothing are in `unrelated`."""
    kinds: dict[str, list[Pair]] = {}
    for pair in pairs:
        if pair.relation in ("same_edition", "other_edition", "contained_in", "translation"):
            kinds.setdefault(pair.relation, []).append(pair)
    for kind in sorted(kinds):
        rows = kinds[kind]
        step = max(1, len(rows) // max(1, most))
        yield from rows[::step][:most]


def measure_set(
    chosen: Any, parameters: str, texts: list[Text], hosts: list[Text], plants: list[Plant]
) -> dict[str, Any]:
    """One parameter set: with texts, and from fingerprints alone."""
    works = {t.name: t for t in texts}
    result: dict[str, Any] = {
        "digest": preset(parameters).digest,
        "guaranteed_letters": preset(parameters).guaranteed_symbols,
    }
    with tempfile.TemporaryDirectory(prefix="bench-quality-") as scratch:
        for name, with_text in (("exact", True), ("fingerprint", False)):
            path = Path(scratch) / name
            catalogue.build(path, [(t.name, t.text) for t in texts], preset(parameters), with_text)
            with Index.open(path) as index:
                found = judging.judge_plants(plants, index, works, chosen.least_words)
                result[name] = {
                    "cells": {cell: facts.as_dict() for cell, facts in found.cells.items()},
                    "passages": found.passages,
                    "spurious": len(found.spurious),
                    "precision": round(1 - len(found.spurious) / max(1, found.passages), 5),
                    "misses": found.misses,
                    "spurious_list": found.spurious,
                    "truly_shared_list": found.shared[:MOST_LISTED],
                    "unrelated": judging.unrelated(index, hosts, works, chosen.least_words),
                }
                if with_text:
                    result["composed"] = composed.measure_all(index, texts, hosts, chosen.seed)
    return result


def table(found: dict[str, Any], parameters: str) -> list[Row]:
    """The main set against the targets; the same set without texts stands in the peer's column for recall."""
    exact, sketch = found["sets"][parameters]["exact"], found["sets"][parameters]["fingerprint"]
    rows = []
    for cell, facts in exact["cells"].items():
        length, noise = cell.split(", ")
        count, unit = length.split()
        target = targets.RECALL.get(("han" if unit == "characters" else "latin", int(count), noise), (None, None))
        peer = 100 * sketch["cells"][cell]["recall"]
        rows.append(Row(f"recall, {cell}", "%", 100 * facts["recall"], peer, "fingerprints", 100.0, "all", *target))
    for noise, (median, last) in targets.BOUNDARY.items():
        for name, target in (("end_error_median", median), ("end_error_95", last)):
            cells = [f for c, f in exact["cells"].items() if c.endswith(f"words, {noise}") and f[name] is not None]
            worst = max((f[name] for f in cells), default=None)
            rows.append(
                Row(
                    f"{name.replace('_', ' ')}, {noise}, worst cell",
                    "characters",
                    worst,
                    None,
                    "",
                    0.0,
                    "",
                    *target,
                    False,
                )
            )
    rows += [
        Row(
            "spurious passages, unrelated",
            "in 1 MB",
            exact["unrelated"]["spurious_per_mb"],
            None,
            "",
            0.0,
            "",
            *targets.SPURIOUS_PER_MB,
            False,
        ),
        Row(
            "containment error, median",
            "points",
            found["editions"]["error_points_median"],
            None,
            "",
            0.0,
            "",
            *targets.CONTAINMENT_POINTS,
            False,
        ),
        Row(
            "containment error, worst",
            "points",
            found["editions"]["error_points_worst"],
            None,
            "",
            0.0,
            "",
            *targets.CONTAINMENT_POINTS,
            False,
        ),
        Row(
            "translations overstated",
            "pairs",
            found["editions"]["translations_overstated"],
            None,
            "",
            0.0,
            "",
            0.0,
            0.0,
            False,
        ),
    ]
    for name, facts in found["sets"][parameters]["composed"].items():
        rows.append(Row(f"{name}: works found", "%", 100 * facts["works_found"], None, "", 100.0, "all", 100.0, 100.0))
        rows.append(
            Row(
                f"{name}: coverage error, worst",
                "points",
                facts["error_points_worst"],
                None,
                "",
                0.0,
                "",
                *targets.CONTAINMENT_POINTS,
                False,
            )
        )
    return rows


def print_sets(sets: dict[str, Any]) -> None:
    """Recall of all parameter sets side by side, with intervals."""
    names = list(sets)
    lines = [("recall % [95 % interval]", *names)]
    for cell in sets[names[0]]["exact"]["cells"]:
        shown = [sets[name]["exact"]["cells"][cell] for name in names]
        lines.append(
            (
                cell,
                *(
                    f"{100 * c['recall']:.1f} [{100 * c['interval'][0]:.0f}–{100 * c['interval'][1]:.0f}]"
                    for c in shown
                ),
            )
        )
    measure.print_table(lines)


def run(chosen: Any) -> dict[str, Any]:
    """All measurements."""
    texts, hosts = keep_apart(read_texts(chosen.folder, int(chosen.megabytes * 1e6), chosen.seed), chosen.seed)
    if not texts or not hosts:
        raise SystemExit("bench/quality.py: at least two texts of 5,000 bytes or more are needed in the folder")
    size = megabytes_of(t.text for t in texts)
    names = list(dict.fromkeys(catalogue.parameter_set(name, size).name for name in chosen.parameters.split(",")))
    plants = planted_cells(texts, hosts, chosen.excerpts, chosen.seeds, chosen.seed)
    found = measure.common_facts("quality", names[0], chosen.seed, chosen.seeds)
    found["catalogue"] = {"works": len(texts), "mb": round(size, 2)}
    found["excerpts"], found["least_words"] = len(plants), chosen.least_words
    found["aligner"] = "edlib" if importlib.util.find_spec("edlib") else None
    found["sets"] = {name: measure_set(chosen, name, texts, hosts, plants) for name in names}
    missed = {n for facts in found["sets"].values() for way in ("exact", "fingerprint") for n in facts[way]["misses"]}
    found["missed_documents"] = {str(number): judging.described(plants[number]) for number in sorted(missed)}
    found["editions"] = editions(edition_pairs(chosen.folder), names[0], chosen.pairs)
    rows = table(found, names[0])
    found["rows"] = [row.as_dict() for row in rows]
    measure.print_rows(rows)
    print()
    print_sets(found["sets"])
    return found


def main(given: list[str] | None = None) -> int:
    """Run, print, write."""
    parser = measure.arguments(__doc__, "quality", megabytes=60, runs=1)
    parser.add_argument("--excerpts", type=int, default=60, help="a cell")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--least-words", type=int, default=30, help="smallest pair that counts as found")
    parser.add_argument(
        "--parameters",
        default="auto,registry-1,compact,thorough",
        help="sets, the first is held to the targets; auto: what the engine chooses for the size",
    )
    parser.add_argument("--pairs", type=int, default=6, help="pairs of editions of each relation")
    chosen = parser.parse_args(given)
    measure.write(run(chosen), chosen.out)
    print(f"written: {chosen.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
