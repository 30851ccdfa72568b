"""The texts a calibration is made with: who wrote them, which are editions of one work, which quote which."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.kit.texts import decode, is_chinese

Tie = Literal[
    "edition",
    "part",
    "plagiarism",
    "translation",
    "own answer",
    "unrelated",
    "third text",
    "quoted",
    "revision",
    "unclear",
]
LEAST_CHARS = 600
ANSWER = "clough-stevenson/g"  # answers of the plagiarism corpus; what they may have copied is registered
# Authors that others quote and that quote nobody here. Who holds their text has it from them, not the other way round.
SOURCES = ("bible", "william shakespeare", "孔子", "老子")
# Ancient Chinese collections take whole pieces from one another and from lost ones: who has what from whom is open.
COLLECTIONS = ("論衡", "zh-shuoyuan", "zh-guanzi", "zh-shangjun", "zh-lunyu", "zh-laozi", "吳越春秋")
# Files whose contents are not only what the name says, and retellings, which are neither copy nor independent.
UNCLEAR_FILES = ("楊家將", "zh-taohua", "one-syllable", "jefferson-bible")
# Translations that share more than 1 % of their runs of eight words: one knew the other, or is its revision. They are
# neither copies nor independent; the report shows what becomes of them.
REVISIONS = (
    ("genesis/web", "genesis/"),
    ("genesis/web", "bible-kjv"),
    ("grimm/", "grimm/"),
    ("les-miserables/", "les-miserables/"),
)


@dataclass(frozen=True)
class Volume:
    """One text. `group`: the work it is an edition, a part or a translation of; `raw`: with a library's boilerplate."""

    name: str
    group: str
    author: str
    relation: str
    text: str
    han: bool
    raw: bool


def read_library(folder: Path, limit_bytes: int = 1 << 40) -> list[Volume]:
    """All texts of manifest.csv with their answers (plagiarism corpus) and model outputs, sorted by name."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            row for row in csv.DictReader(file) if row["kind"] in ("text", "textreuse") and row["path"].endswith(".txt")
        ]
    volumes = []
    total = 0
    for row in sorted(rows, key=lambda row: row["path"]):
        path = folder / row["path"]
        total += path.stat().st_size
        if total > limit_bytes:
            break
        alone = row["relation"] == "distractor" and "clough" not in row["path"]
        group = row["path"] if alone or not row["pair_id"] else row["pair_id"]
        author = "bible" if group in ("genesis", "bible-kjv") else _key(row["author"]) or group
        text = decode(path.read_bytes())
        volumes.append(
            Volume(row["path"], group, author, row["relation"], text, is_chinese(text), row["variant"] == "raw")
        )
    return volumes


def _key(author: str) -> str:
    """`G.K. Chesterton` and `G. K. Chesterton` are one."""
    return " ".join(author.casefold().replace(".", ". ").split())


def read_outputs(folder: Path, chars: int = 8_000) -> Iterator[tuple[str, str]]:
    """(name, text) of what language models and people wrote, put together to documents of about `chars`."""
    for path in sorted((folder / "model_outputs").glob("*.jsonl*")):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        part: list[str] = []
        size = number = 0
        for line in raw.decode("utf-8").splitlines():
            output = str(json.loads(line).get("output", ""))
            part.append(output)
            size += len(output)
            if size >= chars:
                yield f"{path.name}#{number}", "\n\n".join(part)
                part, size, number = [], 0, number + 1


def plagiarism(folder: Path) -> dict[str, str]:
    """Category of each answer of the plagiarism corpus by its path: non, light, heavy or cut."""
    listing = folder / "textreuse" / "clough-stevenson" / "file_information.csv"
    with listing.open(encoding="utf-8", newline="") as file:
        return {f"textreuse/clough-stevenson/{row['File']}": row["Category"].strip() for row in csv.DictReader(file)}


def registered(volumes: list[Volume]) -> list[Volume]:
    """One text of each work, the longest of its main editions, and every translation as a work of its own."""
    chosen: dict[str, Volume] = {}
    for volume in volumes:
        if volume.raw or len(volume.text) < LEAST_CHARS or volume.relation == "contained_in" or ANSWER in volume.name:
            continue
        key = volume.name if volume.relation in ("translation", "distractor") else volume.group
        if key not in chosen or len(chosen[key].text) < len(volume.text):
            chosen[key] = volume
    return sorted(chosen.values(), key=lambda v: v.name)


def tie(document: Volume, work: Volume, answers: dict[str, str]) -> Tie:
    """How a document is related to a work, from what is known of both and never from what they share."""
    if "clough-stevenson" in document.name and document.group == work.group:
        return "own answer" if answers.get(document.name) == "non" else "plagiarism"
    if any(name in document.name or name in work.name for name in UNCLEAR_FILES):
        return "unclear"
    for one, other in REVISIONS:
        if any(one in a.name and other in b.name for a, b in ((document, work), (work, document))):
            return "edition" if document.relation == work.relation == "same_edition" else "revision"
    if document.group == work.group:
        if "translation" in (document.relation, work.relation):
            return "translation"
        return "part" if document.relation == "contained_in" else "edition"
    if document.author == work.author or all(any(c in v.name for c in COLLECTIONS) for v in (document, work)):
        return "unclear"
    if work.author in SOURCES:
        return "quoted"
    return "third text" if document.author in SOURCES else "unrelated"


def pieces(text: str, draw: random.Random, least: int, most: int) -> Iterator[tuple[int, str]]:
    """The text cut into documents of drawn lengths (log-uniform), each with where it begins."""
    at = 0
    while at < len(text):
        size = int(least * (most / least) ** draw.random())
        yield at, text[at : at + size]
        at += size
