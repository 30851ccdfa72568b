"""Answers of models and of people for bench/detector.py, with the licence that says what each may be used for.

`open` records are licensed openly (Apache-2.0, MIT, CC0, PSF-2.0, Artistic, public domain): only those train what
ships. The rest (AlpacaEval, Alpaca-GPT-4, LIMA: non-commercial; students' answers: research) is measured with. Nothing
of a record's text is kept in results.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from bench.kit.texts import ROOT

OWN = ROOT / "bench" / "data" / "detector"
LENGTHS = (50, 100, 200)  # words; a bucket reaches up to the next
PROSE_SEED = 11
_SUMS = re.compile(r"<<[^>]*>>|^####.*$", re.MULTILINE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True)
class Answer:
    """One text. `group` holds together what must not be split between training and testing: the prompt or the work;
    `origin` is the model, or the kind of human text; `model` whether a model wrote it."""

    text: str
    group: str
    origin: str
    language: str
    model: bool
    open: bool
    licence: str

    def cut(self, words: int) -> Answer:
        """The beginning of the text, up to so many words, spaces and lines as they are."""
        ends = [match.end() for match in re.finditer(r"\S+", self.text)]
        return self if len(ends) <= words else replace(self, text=self.text[: ends[words - 1]])

    @property
    def words(self) -> int:
        """As spaces part them; Chinese: characters divided by 1.6."""
        return len(self.text.split()) if self.language != "zh" else int(len(self.text) / 1.6)


def load(folder: Path) -> list[Answer]:
    """Everything under the data folder and what the repository has of its own, in a fixed order."""
    outputs = folder / "model_outputs"
    found = [
        *_alpaca_eval(outputs / "alpaca_eval_outputs.jsonl.gz"),
        *_alpaca_gpt4(outputs / "alpaca_gpt4_demo.jsonl"),
        *_gsm8k(outputs / "gsm8k_human_vs_gpt3.jsonl.gz", outputs / "gsm8k_train_human.jsonl"),
        *_human(outputs / "human_written.jsonl.gz"),
        *_self_instruct(outputs / "self_instruct_gpt3_predictions.jsonl"),
        *_own(),
        *_students(folder / "textreuse" / "clough-stevenson"),
        *_books(folder / "texts" / "en"),
    ]
    return [answer for answer in found if answer.text.strip()]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    raw = path.read_bytes()
    for line in (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8").split("\n"):
        if line:
            yield json.loads(line)


def prompt_group(instruction: str) -> str:
    """The same prompt in two collections is one group; blanks, case and what follows 300 characters do not matter."""
    return "prompt/" + "".join(instruction.lower().split())[:300]


def _asked(row: dict[str, str]) -> str:
    return prompt_group(row["instruction"] + (row.get("input") or ""))


def _alpaca_eval(path: Path) -> Iterator[Answer]:
    for row in _rows(path):
        yield Answer(row["output"], _asked(row), row["generator"], "en", True, False, "CC-BY-NC-4.0")


def _alpaca_gpt4(path: Path) -> Iterator[Answer]:
    for row in _rows(path):
        yield Answer(row["output"], _asked(row), "gpt-4 (alpaca)", row["lang"], True, False, "CC-BY-NC-4.0")


def _gsm8k(both: Path, human: Path) -> Iterator[Answer]:
    """Sums without the calculator's marks. The models were trained on the people's solutions and imitate them."""
    for row in [*_rows(both), *_rows(human)]:
        model = row["generator_type"] != "human"
        text = _SUMS.sub("", row["output"]).strip()
        yield Answer(text, _asked(row), row["generator"] if model else "gsm8k", "en", model, True, "MIT")


def _human(path: Path) -> Iterator[Answer]:
    for row in _rows(path):
        licence = row["licence"]
        origin = {"lim": "LIMA", "oas": "OASST"}.get(row["source"][:3].lower(), "self-instruct")
        origin = "OASST" if "assistant" in row["source"].lower() else origin
        yield Answer(row["output"], _asked(row), origin, row["lang"], False, licence == "Apache-2.0", licence)


def _self_instruct(path: Path) -> Iterator[Answer]:
    for row in _rows(path):
        yield Answer(row["output"].strip(), _asked(row), row["generator"], "en", True, True, "Apache-2.0")


def _own() -> Iterator[Answer]:
    for row in _rows(OWN / "smollm2_outputs.jsonl.gz"):
        yield Answer(row["output"], prompt_group(row["instruction"]), "SmolLM2-135M", "en", True, True, row["licence"])
    for row in _rows(OWN / "human_prose.jsonl.gz"):
        yield Answer(row["output"], row["group"], row["domain"], "en", False, True, row["licence"])


def _students(folder: Path) -> Iterator[Answer]:
    """Short answers of students of computing, many of whom did not grow up with English (Clough and Stevenson 2009)."""
    for path in sorted(folder.glob("g*_task*.txt")):
        text = path.read_bytes().decode("utf-8", "replace").strip()
        yield Answer(text, f"student/{path.stem[-1]}", "students", "en", False, False, "research use")


def _books(folder: Path) -> Iterator[Answer]:
    """A few passages of each book in the public domain, from sentence to sentence, of 60 to 240 words."""
    for path in sorted(folder.rglob("*.txt")):
        if ".raw." in path.name or "parts" in path.parts:
            continue
        sentences = _SENTENCE.split(path.read_text(encoding="utf-8")[20_000:400_000])
        dice = random.Random(f"{PROSE_SEED}/{path.name}")
        for _ in range(2):
            at, text = dice.randrange(max(len(sentences) - 40, 1)), ""
            wanted = dice.choice([60, 110, 160, 230])
            while len(text.split()) < wanted and at < len(sentences):
                text, at = f"{text} {' '.join(sentences[at].split())}".strip(), at + 1
            yield Answer(text, f"book/{path.parent.name}", "book", "en", False, True, "public domain")
