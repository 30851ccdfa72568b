"""How well near-copies of registered outputs are told from answers by people, and how fast an audit is.

`python -m bench.audit FOLDER` reads a folder of records (`instruction`, `input`, `output`, `generator_type`, `lang`;
JSON Lines, plain or gz). All outputs of models are registered; each is edited in many ways (bench/kit/output_edits.py);
answers by people are looked at as they are. `--ship` writes the errors that an audit's intervals are
corrected with to ingest/sampling/accuracy.json, and how often people's answers resemble an output to
ingest/sampling/resemblance.json. Peer in the same run: MinHash over words (datasketch). The speed is
that of the real command on a file made of these answers, one in ten of them a registered output, each with a word of
its own. Writes bench/results/audit.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from datasketch import MinHash, MinHashLSH

from bench.kit import measure
from bench.kit.output_copies import RATES, corpus_of, measured, prompt
from bench.kit.output_edits import mixed
from bench.kit.output_resemblance import resemblance
from ingest.sampling import resemblance as shipped
from ingest.sampling.audit import MEASURED
from ingest.sandbox import read_documents

LONG = 50  # words


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=1_000_000, help="of the audit that is timed; 0: none")
    parser.add_argument("--batches", type=int, default=250)
    parser.add_argument("--sample", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only-copies", action="store_true", help="keep the speed and the peer of the file")
    parser.add_argument("--only-speed", action="store_true", help="keep the other figures of the file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ship", action="store_true")
    parser.add_argument("--out", type=Path, default=measure.RESULTS / "audit.json")
    given = parser.parse_args()
    rows = [row for path in sorted(given.folder.glob("*.jsonl*")) for row in _rows(path) if row["output"].strip()]
    model = [row for row in rows if row["generator_type"] != "human"]
    human = [row for row in rows if row["generator_type"] == "human"]
    facts: dict[str, Any] = {"bench": "audit", "machine": measure.machine(), "outputs": len(model), "human": len(human)}
    if given.only_speed or given.only_copies:
        facts = json.loads(given.out.read_text()) | ({} if given.only_speed else facts)
    if not given.only_speed:
        with corpus_of(model) as corpus:
            facts["thresholds"] = vars(corpus.thresholds)
            facts["near_copies"] = measured(corpus, model, human, given.seed)
            facts["resemblance"] = resemblance(corpus, model, human, given.seed)
        if given.ship:
            _ship(facts["near_copies"])
            _ship_resemblance(facts["resemblance"])
    if not given.only_speed and not given.only_copies:
        facts["minhash"] = _minhash(model, human, given.seed)
    if given.records and not given.only_copies:
        facts["audit"] = _audit(model, human, given)
    measure.write(facts, given.out)
    print(given.out.read_text())


def _rows(path: Path) -> list[dict[str, Any]]:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return [json.loads(line) for line in raw.splitlines() if line.strip()]


def _audit(model: list[Any], human: list[Any], given: argparse.Namespace) -> dict[str, Any]:
    """The command on so many records in so many batches: seconds by the clock of reading alone, of reading and drawing
    (until the sample's digest is told) and of what comes after it (the reference indexed, the sample looked at)."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        records, outputs = Path(folder, "records.jsonl"), Path(folder, "outputs.jsonl")
        _write(outputs, ({"id": row["id"], "output": row["output"], "prompt": prompt(row)} for row in model))
        _write(records, _mixed(model, human, given))
        megabytes = records.stat().st_size >> 20
        started = time.perf_counter()
        read = sum(1 for _ in read_documents(records))
        read_in = time.perf_counter() - started
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "colophon", "audit", str(records), "--reference", str(outputs), "--json"]
        command += ["--sample", str(given.sample), "--seed", str(given.seed), "--jobs", str(given.jobs)]
        started = time.perf_counter()
        with (
            Path(folder, "result.json").open("wb") as result,
            subprocess.Popen(command, stdout=result, stderr=subprocess.PIPE, text=True) as running,
        ):
            assert running.stderr is not None
            told = next(line for line in running.stderr if " sample sha256:" in line)
            drawn_in = time.perf_counter() - started
            running.stderr.read()
        ended_in = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = json.loads(Path(folder, "result.json").read_bytes())
    return {
        "records": read,
        "megabytes": megabytes,
        "batches": given.batches,
        "sampled": found["sampled"],
        "positive": sum(row["positive"] for row in found["batches"]),
        "sample": told.split()[-1],
        "jobs": given.jobs,
        "seconds_to_read_alone": round(read_in, 1),
        "seconds_to_read_and_draw": round(drawn_in, 1),
        "seconds_to_look": round(ended_in - drawn_in, 1),
        "seconds": round(ended_in, 1),
        "cpu_seconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "peak_mb_of_a_process": after.ru_maxrss // 1024,
        "load_of_the_machine": round(os.getloadavg()[0], 1),
    }


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _mixed(model: list[Any], human: list[Any], given: argparse.Namespace) -> Iterator[dict[str, Any]]:
    for number in range(given.records):
        rows = model if number % 10 == 0 else human
        row = rows[number * 7919 % len(rows)]
        yield {
            "text": f"{row['output']} {number}",
            "prompt": prompt(row),
            "batch": f"b{number % given.batches}",
            "annotator": f"a{number % 97}",
            "date": f"2023-{1 + number % 12:02}-01",
        }


def _minhash(model: list[Any], human: list[Any], seed: int) -> dict[str, Any]:
    """The peer: MinHash of three-word shingles at a Jaccard similarity of 0.5, on outputs of at least 50 words."""
    chance = random.Random(seed)
    rows = chance.sample([row for row in model if len(row["output"].split()) >= LONG], 1_000)
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
            text = mixed(row["output"], rate, chance, words)
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


def _ship_resemblance(found: dict[str, Any]) -> None:
    shipped.MEASURED.write_text(
        json.dumps(
            {
                "what": "people: fresh words from … → [answers, of them resembling an output]; by bench/audit.py",
                "people_same_question": found["people_same_question"],
                "people_other_questions": found["people_other_questions"],
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


if __name__ == "__main__":
    main()
