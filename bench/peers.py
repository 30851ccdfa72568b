"""Other tools on the same work: `python bench/peers.py [FOLDER] [--megabytes N]`.

The same registered texts and documents with planted excerpts for every tool and for ours, as many as each can take in
reasonable time: build and query MB/s of processor time, index size, what it says of where, recall by length and noise,
and unrelated documents flagged. Tools that are not installed are named and left out. Writes bench/results/peers.json.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.kit import catalogue, limits, measure, rival_runs, targets
from bench.kit.measure import Row, megabytes_of, significant
from bench.kit.noise import LATIN
from bench.kit.planting import Plant, mixed_documents, plant
from bench.kit.rival_runs import RIVALS
from bench.kit.rivals import installed
from bench.kit.texts import Text, keep_apart, read_texts
from ingest.engine.index import Index
from ingest.engine.params import Params, preset
from ingest.engine.records import MapOptions

OURS = "ours"
LEAST_TRIALS = 10  # a recall of fewer is no best
CELLS = ((50, "clean"), (50, "scan 5 %"), (100, "clean"), (100, "scan 5 %"), (300, "clean"), (300, "scan 5 %"))


def documents_for(texts: Sequence[Text], hosts: Sequence[Text], count: int, seed: int) -> list[Plant]:
    """As many documents of each cell as of each other, and a quarter without anything planted; shuffled."""
    draw = random.Random(seed)
    scripts = [
        same for flag in (False, True) if (same := [t for t in texts if t.chinese is flag and len(t.text) > 4_000])
    ]
    found = [p for p in mixed_documents(texts, hosts, count, draw) if not p.work]
    for number in range(count - len(found)):
        length, noise = CELLS[number % len(CELLS)]
        # one in six is Chinese where there is any
        same = scripts[-1] if number // len(CELLS) % 6 == 5 else scripts[0]
        found.append(plant(same, hosts, length, noise, draw))
    draw.shuffle(found)
    return found


def run_ours(texts: Sequence[Text], plants: Sequence[Plant], params: Params) -> dict[str, Any]:
    """The engine, measured as the others are."""
    size = megabytes_of(t.text for t in texts)
    pairs = [(t.name, t.text) for t in texts]
    documents = [p.document for p in plants]
    with tempfile.TemporaryDirectory(prefix="bench-peers-") as scratch:
        path = Path(scratch) / "index"
        catalogue.build(Path(scratch) / "first", pairs[:1], params)
        start = time.process_time()
        info = catalogue.build(path, pairs, params)
        built = time.process_time() - start
        with Index.open(path) as index:
            catalogue.map_batches(index, documents[:2])
            start = time.process_time()
            matches = catalogue.map_batches(index, documents, MapOptions(min_words=30))
            queried = time.process_time() - start
    answers = [{m.work for m in found} for found in matches]
    return {
        "catalogue_mb": round(size, 2),
        "documents": len(plants),
        "spans": "both sides",
        "build_mb_per_second": significant(size / max(1e-6, built)),
        "mixed_mb_per_second": significant(megabytes_of(documents) / max(1e-6, queried)),
        "index_percent": round((info.bytes - size * 1e6) / size / 1e4, 1),
        "recall": rival_runs.recall(plants, answers),
        "unrelated": sum(not p.work for p in plants),
        "unrelated_flagged": sum(bool(a) for p, a in zip(plants, answers, strict=True) if not p.work),
    }


def run_tools(chosen: Any, texts: list[Text], hosts: list[Text], params: Params) -> dict[str, Any]:
    """Every tool, and ours on exactly what that tool was given."""
    found: dict[str, Any] = {}
    for rival in RIVALS:
        if not installed(rival):
            print(f"bench/peers.py: {rival.name} is left out: pip install {rival.module}", file=sys.stderr)
            found[rival.name] = {"missing": f"not installed: pip install {rival.module}"}
            continue
        few = rival_runs.few(texts, min(chosen.megabytes, rival.most_catalogue_mb))
        plants = documents_for(few, hosts, min(chosen.documents, rival.most_documents), chosen.seed)
        found[rival.name] = rival_runs.run_rival(rival, few, plants)
        found[rival.name]["ours_on_the_same"] = run_ours(few, plants, params)
    most = rival_runs.few(texts, chosen.megabytes)
    found[OURS] = run_ours(most, documents_for(most, hosts, chosen.documents, chosen.seed), params)
    return found


def print_tools(found: dict[str, Any]) -> None:
    """One line a tool."""
    lines: list[tuple[str, ...]] = [
        (
            "",
            "MB",
            "build MB/s",
            "query MB/s",
            "index %",
            "where",
            *(f"{n} w {noise.replace('scan ', '')}" for n, noise in CELLS),
            "flagged",
        )
    ]
    for name, facts in found.items():
        if "missing" in facts:
            lines.append((name, *("–" for _ in lines[0][1:-1]), "not installed"))
            continue
        cells = [facts["recall"].get(f"{length} words, {noise}") for length, noise in CELLS]
        lines.append(
            (
                name,
                f"{facts['catalogue_mb']:g}",
                f"{facts['build_mb_per_second']:g}",
                f"{facts['mixed_mb_per_second']:g}",
                "–" if facts["index_percent"] is None else f"{facts['index_percent']:g}",
                facts["spans"],
                *("–" if c is None else f"{100 * c['recall']:.0f}" for c in cells),
                f"{facts['unrelated_flagged']}/{facts['unrelated']}",
            )
        )
    measure.print_table(lines)


def table(found: dict[str, Any]) -> list[Row]:
    """Ours against the best of the others, whichever it is for each row."""
    peers = {name: facts for name, facts in found["tools"].items() if name != OURS}
    ours, bounds = found["tools"][OURS], found["limits"]
    params = preset(found["parameters"]["name"])
    bound = limits.query_limit(bounds, params.query_rate / params.window_seeds)
    rows = [
        Row(
            "index build",
            "MB/s",
            ours["build_mb_per_second"],
            *rival_runs.best(peers, "build"),
            bounds["sha256"],
            "sha256",
            *targets.BUILD,
        ),
        Row(
            "mixed documents",
            "MB/s",
            ours["mixed_mb_per_second"],
            *rival_runs.best(peers, "mixed"),
            bound,
            "decode + look-ups",
            *targets.MIXED,
        ),
        Row(
            "index",
            "% of text",
            ours["index_percent"],
            *rival_runs.smallest_index(peers),
            None,
            "",
            *targets.INDEX_PERCENT,
            False,
        ),
    ]
    for length, noise in CELLS:
        cell = f"{length} words, {noise}"
        known = [
            (100 * f["recall"][cell]["recall"], name)
            for name, f in peers.items()
            if f.get("recall", {}).get(cell, {}).get("trials", 0) >= LEAST_TRIALS
        ]
        best: tuple[float | None, str] = max(known) if known else (None, "")
        if cell in ours["recall"]:
            target = targets.RECALL.get(("latin", length, noise), (None, None))
            rows.append(Row(f"recall, {cell}", "%", 100 * ours["recall"][cell]["recall"], *best, 100.0, "all", *target))
    return rows


def run(chosen: Any) -> dict[str, Any]:
    """All tools."""
    texts, hosts = keep_apart(read_texts(chosen.folder, int(60e6), chosen.seed), chosen.seed)
    if not texts or not hosts:
        raise SystemExit("bench/peers.py: at least two texts of 5,000 bytes or more are needed in the folder")
    params = catalogue.parameter_set(chosen.parameters, chosen.megabytes)
    found = measure.common_facts("peers", params.name, chosen.seed, 1)
    found["limits"] = limits.measure_limits(
        "".join(h.text for h in hosts)[:4_000_000] or LATIN * 1000, int(chosen.megabytes * 3e5)
    )
    found["tools"] = run_tools(chosen, texts, hosts, params)
    print_tools(found["tools"])
    print()
    rows = table(found)
    found["rows"] = [row.as_dict() for row in rows]
    measure.print_rows(rows)
    return found


def main(given: list[str] | None = None) -> int:
    """Run, print, write."""
    parser = measure.arguments(__doc__, "peers", megabytes=2, runs=1)
    parser.add_argument("--documents", type=int, default=240)
    parser.add_argument("--parameters", default="auto", help="set; auto: what the engine chooses for the size")
    chosen = parser.parse_args(given)
    measure.write(run(chosen), chosen.out)
    print(f"written: {chosen.out.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
