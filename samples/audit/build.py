"""Make answers.jsonl.gz, outputs.jsonl.gz and truth.json again: `python samples/audit/build.py FOLDER`.

FOLDER holds gsm8k_train_human.jsonl, human_written.jsonl.gz and self_instruct_gpt3_predictions.jsonl: JSON Lines with
`id`, `source`, `generator`, `instruction`, `input` and `output`. Only records under Apache-2.0 and MIT are taken.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]
HERE = Path(__file__).parent
SEED = 20
ANNOTATORS, EACH, BATCHES = 20, 25, 4
PASTED = {"ann04": 12, "ann11": 8}
MODELS = ("text-davinci-001", "text-davinci-002", "text-davinci-003")
SPEAKS_OF_ITSELF = re.compile(r"(?i)语言模型|人工智能|作为一个?AI|as an AI|language model|openai|chatgpt")
SOURCES = {
    "openai/grade-school-math": ("github.com/openai/grade-school-math", "MIT"),
    "self-instruct": ("github.com/yizhongw/self-instruct", "Apache-2.0"),
    "OpenAssistant": ("OpenAssistant oasst1", "Apache-2.0"),
}


def main(folder: Path) -> None:
    """Read, mix, write."""
    chance = random.Random(SEED)  # noqa: S311  the same for everybody
    outputs = [row for row in _rows(folder, "self_instruct_gpt3_predictions.jsonl") if row["generator"] in MODELS]
    outputs = [_facts(row) | {"generator": row["generator"]} for row in outputs if row["output"].strip()]
    written = [row for row in _rows(folder, "human_written.jsonl.gz") if not row["source"].startswith("LIMA")]
    written = [row for row in written if not SPEAKS_OF_ITSELF.search(row["output"])]
    sums = _rows(folder, "gsm8k_train_human.jsonl")
    people = [_facts(row) for row in written + sums if row["output"].strip()][: ANNOTATORS * EACH]
    chance.shuffle(people)
    long = [row for row in outputs if len(set(row["output"].split())) >= 60]
    pasted = iter(chance.sample(long, sum(PASTED.values())))
    words = [word for row in outputs for word in row["output"].split()]
    answers: list[Row] = []
    truth: list[str] = []
    for number, row in enumerate(people):
        annotator, turn = f"ann{number % ANNOTATORS + 1:02}", number // ANNOTATORS
        answer = row
        if turn < PASTED.get(annotator, 0):
            answer = next(pasted)
            truth.append(f"{number:03}")
            if turn % 3:
                answer = answer | {"output": _edited(answer["output"], chance, words)}
        answers.append(
            {"id": f"{number:03}", "batch": f"b{turn * BATCHES // EACH + 1}", "annotator": annotator}
            | {"date": f"2023-{3 + turn * 3 // EACH:02}-{turn + 1:02}"}
            | {key: answer[key] for key in ("prompt", "output", "source", "licence")}
        )
    _write("answers.jsonl.gz", answers)
    _write("outputs.jsonl.gz", outputs)
    (HERE / "truth.json").write_text(json.dumps({"annotators": sorted(PASTED), "pasted": truth}, indent=1) + "\n")


def _rows(folder: Path, name: str) -> list[Row]:
    data = (folder / name).read_bytes()
    return [json.loads(line) for line in (gzip.decompress(data) if name.endswith(".gz") else data).splitlines()]


def _facts(row: Row) -> Row:
    source, licence = next(found for name, found in SOURCES.items() if row["source"].startswith(name))
    prompt = f"{row['instruction']}\n{row.get('input') or ''}".strip()
    return {"id": row["id"], "prompt": prompt, "output": row["output"], "source": source, "licence": licence}


def _edited(text: str, chance: random.Random, words: list[str]) -> str:
    """One word in twenty replaced."""
    parts = re.findall(r"\S+\s*|^\s+", text)
    for place in chance.sample(range(len(parts)), max(1, len(parts) // 20)):
        parts[place] = f"{chance.choice(words)} "
    return "".join(parts)


def _write(name: str, rows: list[Row]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / name).write_bytes(gzip.compress(lines.encode(), mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
