"""How well near-copies of registered outputs are told from answers by people, and how fast an audit is.

`python -m bench.audit FOLDER` reads a folder of records (`instruction`, `input`, `output`, `generator_type`, `lang`;
JSON Lines, plain or gz). All outputs of models are registered; each is edited, so many of its words replaced, dropped
or added; answers by people are looked at as they are. `--ship` writes the errors that an audit's intervals are
corrected with to ingest/sampling/accuracy.json. Peer in the same run: MinHash over words (datasketch). Writes
bench/results/audit.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import resource
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from datasketch import MinHash, MinHashLSH

from bench.kit import measure
from ingest.sampling.audit import MEASURED, Settings, audit
from ingest.sampling.draws import Draw, Record
from ingest.sampling.near_copies import Corpus, Output

RATES = (0.01, 0.02, 0.05, 0.10)
BANDS = ((0, 50), (50, 100), (100, 200), (200, 1 << 30))
COMMON = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000, help="of the audit that is timed; 0: none")
    parser.add_argument("--batches", type=int, default=250)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--out", type=Path, default=measure.RESULTS / "audit.json")
    given = parser.parse_args()
    rows = [row for path in sorted(given.folder.glob("*.jsonl*")) for row in _rows(path) if row["output"].strip()]
    model = [row for row in rows if row["generator_type"] != "human"]
    human = [row for row in rows if row["generator_type"] == "human"]
    facts: dict[str, Any] = {"bench": "audit", "machine": measure.machine(), "outputs": len(model), "human": len(human)}
    with Corpus(Output(row["id"], row["output"], prompt(row), row["generator"]) for row in model) as corpus:
        facts["thresholds"] = vars(corpus.thresholds)
        facts["near_copies"] = _near_copies(corpus, model, human, given.seed)
        if given.ship:
            _ship(facts["near_copies"])
        if given.records:
            facts["audit"] = _audit(corpus, rows, given)
    facts["minhash"] = _minhash(model, human, given.seed)
    measure.write(facts, given.out)
    print(given.out.read_text())


def _rows(path: Path) -> list[dict[str, Any]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in raw.splitlines() if line.strip()]


def prompt(row: dict[str, Any]) -> str:
    """What was asked, with its material."""
    return f"{row.get('instruction') or ''}\n{row.get('input') or ''}".strip()


def edited(text: str, rate: float, chance: random.Random, words: list[str]) -> str:
    """The text with so many of its words (Chinese: characters) replaced, dropped or preceded by another."""
    is_chinese = sum("\u4e00" <= character <= "\u9fff" for character in text) > 0.3 * len(text)
    parts = list(text) if is_chinese else re.findall(r"\S+\s*|^\s+", text)
    for place in chance.sample(range(len(parts)), min(len(parts), max(1, round(rate * len(parts))))):
        other = chance.choice(COMMON) if is_chinese else f"{chance.choice(words)} "
        parts[place] = chance.choice((other, "", parts[place] + other))
    return "".join(parts)


def _near_copies(corpus: Corpus, model: list[Any], human: list[Any], seed: int) -> dict[str, Any]:
    chance = random.Random(seed)
    words = [word for row in chance.sample(model, 300) for word in row["output"].split()]
    known, judged = 0, 0
    recall: dict[str, Any] = {}
    for rate in RATES:
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        texts = [edited(row["output"], rate, chance, words) for row in model]
        for row, text, copy in zip(model, texts, corpus.find(texts, [prompt(row) for row in model]), strict=True):
            long_enough = corpus.thresholds.is_long_enough(text, prompt(row))
            for name in ("all", row["lang"], _band(row["output"])):
                count = counts[name]
                count[0] += 1
                count[1] += long_enough
                count[2] += long_enough and copy is not None
        recall[f"{rate:.0%}"] = {
            name: {"outputs": count[0], "long_enough": count[1], "recall": count[2] / count[1] if count[1] else None}
            for name, count in sorted(counts.items())
        }
        judged += counts["all"][1]
        known += counts["all"][2]
    texts = [row["output"] for row in human]
    prompts = [prompt(row) for row in human]
    with_prompt = [copy is not None for copy in corpus.find(texts, prompts)]
    without = [copy is not None for copy in corpus.find(texts, [""] * len(texts))]
    told = sum(map(corpus.thresholds.is_long_enough, texts, prompts))
    return {
        "recall": recall,
        "sensitivity": known / judged,
        "judged_copies": judged // len(RATES),
        "human_long_enough": told,
        "false_positives": sum(with_prompt),
        "false_positives_without_prompts": sum(without),
    }


def _band(text: str) -> str:
    count = len(text.split())
    low, high = next(band for band in BANDS if band[0] <= count < band[1])
    return f"{low}-{high} words" if high < 1 << 30 else f"{low}+ words"


def _audit(corpus: Corpus, rows: list[Any], given: argparse.Namespace) -> dict[str, Any]:
    """So many records in so many batches, drawn and looked at; made from the rows with a word of their own each."""
    started = time.perf_counter()
    draw = Draw(given.seed, given.sample)
    for number in range(given.records):
        row = rows[number * 7919 % len(rows)]
        draw.add(
            Record(
                f"r#{number}",
                f"{row['output']} {number}",
                f"b{number % given.batches}",
                f"a{number % 97}",
                "",
                prompt(row),
            )
        )
    drawn = time.perf_counter()
    result = audit(draw, corpus, Settings())
    ended = time.perf_counter()
    return {
        "records": given.records,
        "sampled": result["sampled"],
        "seconds_to_draw": round(drawn - started, 1),
        "seconds_to_look": round(ended - drawn, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _minhash(model: list[Any], human: list[Any], seed: int) -> dict[str, Any]:
    """The peer: MinHash of three-word shingles at a Jaccard similarity of 0.5, on outputs of at least 50 words."""
    chance = random.Random(seed)
    rows = chance.sample([row for row in model if len(row["output"].split()) >= BANDS[1][0]], 1_000)
    words = [word for row in rows[:300] for word in row["output"].split()]
    started = time.perf_counter()
    index = MinHashLSH(threshold=0.5, num_perm=128)
    for row in rows:
        index.insert(row["id"], _sketch(row["output"]))
    built = time.perf_counter() - started
    recall = {}
    times = []
    for rate in RATES:
        found = 0
        for row in rows:
            text = edited(row["output"], rate, chance, words)
            before = time.perf_counter()
            found += row["id"] in index.query(_sketch(text))
            times.append(time.perf_counter() - before)
        recall[f"{rate:.0%}"] = found / len(rows)
    taken = sum(bool(index.query(_sketch(row["output"]))) for row in human)
    return {
        "outputs": len(rows),
        "recall": recall,
        "false_positives": taken,
        "seconds_to_build": round(built, 1),
        "records_per_second": round(1 / statistics.median(times)),
    }


def _sketch(text: str) -> MinHash:
    words = text.casefold().split()
    made = MinHash(num_perm=128)
    for start in range(max(1, len(words) - 2)):
        made.update(" ".join(words[start : start + 3]).encode())
    return made


def _ship(found: dict[str, Any]) -> None:
    human = found["human_long_enough"]
    MEASURED.write_text(
        json.dumps(
            {
                "what": "near-copies of registered outputs, 1 to 10 % of the words edited; by bench/audit.py",
                "sensitivity": found["sensitivity"],
                "outputs": found["judged_copies"],
                "specificity": 1 - found["false_positives"] / human,
                "human": human,
            },
            indent=1,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
