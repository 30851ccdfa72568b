"""What large scans take: `python bench/scale_plan.py [--write]`.

Reckons machines, hours, memory, disk and network for datasets of 100 GB, 1 TB and 10 TB against 200,000 and 5,000,000
works, from what the other benchmarks measured (bench/results/*.json) and a few assumptions that are listed with it.
Prints the tables of docs/scale.md; --write puts them there. A test compares the two.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
DOCUMENT = ROOT / "docs" / "scale.md"
BEGIN, END = "<!-- made by bench/scale_plan.py: begin -->", "<!-- made by bench/scale_plan.py: end -->"

GIGABYTE, TERABYTE = 1e9, 1e12
DATASETS = {"100 GB": 100 * GIGABYTE, "1 TB": TERABYTE, "10 TB": 10 * TERABYTE}
CATALOGUES = {"200,000": 200_000, "5,000,000": 5_000_000}
MACHINES = (1, 4, 16, 64)
SECONDS_AN_HOUR = 3600.0
SEGMENT_BYTES = 32 * 2**30  # INDEX_SEGMENT_BYTES unless set
TAIL_SEGMENTS = 4  # smaller ones beside the large (ingest/services/publishing.py)
COLD_BATCH_BYTES = 32 * 2**20  # text that is looked up in one pass over an index on disk (ingest/engine/mapper.py)


@dataclass(frozen=True)
class Constant:
    """A number that everything is reckoned from: where it comes from, and what stands for it until it is measured."""

    name: str
    meaning: str
    unit: str
    file: str  # of bench/results; "" for an assumption
    find: Callable[[Any], float]
    instead: float

    def source(self, value: Value) -> str:
        """What measures it, and whether it did."""
        if not self.file:
            return "assumed"
        return f"`python bench/{self.file}.py`" + ("" if value.measured else " (design)")


def _assumed(name: str, meaning: str, unit: str, value: float) -> Constant:
    return Constant(name, meaning, unit, "", lambda _: value, value)


def _slope(curve: Any) -> float:
    """By how much of the first time matching a megabyte gets slower each time the catalogue grows tenfold."""
    first, last = curve["points"][0], curve["points"][-1]
    decades = math.log10(last["mb"] / first["mb"])
    slower = first["query"]["mb_per_second"] / last["query"]["mb_per_second"] - 1
    return max(0.0, slower / decades)


CONSTANTS: tuple[Constant, ...] = (
    Constant(
        "match", "matching with passages, one core", "MB/s", "speed",
        lambda found: found["query"]["mixed_batch"]["mb_per_second"], 200.0,
    ),
    Constant(
        "match_at", "catalogue that this was measured against", "GB", "speed",
        lambda found: found["catalogue"]["mb"] / 1000, 0.2,
    ),
    Constant("slope", "slower for each tenfold of the catalogue", "share", "curve", _slope, 0.37),
    Constant(
        "segment_cost", "added by every further segment", "ms/MB", "storage",
        lambda found: found["segments"]["milliseconds_per_mb_and_segment"], 1.4,
    ),
    Constant(
        "scan", "a whole scan, one process: reading, items, matching, log", "MB/s", "scan",
        lambda found: found["runs"]["1 processes"]["megabytes_per_second"], 15.0,
    ),
    Constant(
        "read", "reading .jsonl.zst, one core", "MB/s", "speed",
        lambda found: found["end_to_end"]["reading_alone"]["mb_per_second"], 300.0,
    ),
    Constant(
        "index", "index without texts, of the text", "%", "speed",
        lambda found: found["build"]["without_text"]["percent_of_text"], 20.0,
    ),
    Constant(
        "build", "building an index, one core", "MB/s", "speed",
        lambda found: found["build"]["without_text"]["mb_per_second"], 250.0,
    ),
    Constant(
        "private", "memory of a worker process beside the index", "MB", "speed",
        lambda found: found["two_processes"]["private_mb"], 100.0,
    ),
    Constant(
        "chunk", "chunk files, of the text", "share", "storage",
        lambda found: found["folder"]["chunk_bytes_per_text_byte"], 0.43,
    ),
    Constant(
        "item", "database for a document", "bytes", "scan",
        lambda found: found["database"]["bytes_per_document"], 550.0,
    ),
    Constant(
        "matched", "database for a match with its excerpts", "bytes", "scan",
        lambda found: found["database"]["bytes_per_match"], 4_100.0,
    ),
    _assumed("work", "text of a work", "kB", 500.0),
    _assumed("document", "text of a document", "kB", 8.0),
    _assumed("hits", "matches for each 1,000 documents", "", 20.0),
    _assumed("rows", "documents a second that one PostgreSQL takes", "1/s", 20_000.0),
    _assumed("cores", "cores of a machine", "", 16.0),
    _assumed("memory", "memory of a machine", "GB", 128.0),
    _assumed("network", "network of a machine", "MB/s", 1_000.0),
    _assumed("store", "what the object store gives to all machines together", "MB/s", 10_000.0),
    _assumed("disk", "local disk of a machine, read in order", "MB/s", 2_000.0),
)  # fmt: skip


@dataclass(frozen=True)
class Value:
    """A constant's number, and whether it was measured."""

    number: float
    measured: bool

    @property
    def text(self) -> str:
        """Three digits that count."""
        return f"{float(f'{self.number:.3g}'):,g}"


def read_constants(folder: Path = RESULTS) -> dict[str, Value]:
    """Every constant, from the result files where they are and have it."""
    values = {}
    for constant in CONSTANTS:
        path = folder / f"{constant.file}.json"
        try:
            number, measured = constant.find(json.loads(path.read_text(encoding="utf-8"))), True
        except (FileNotFoundError, KeyError, IndexError, TypeError):
            number, measured = constant.instead, False
        values[constant.name] = Value(float(number), measured and bool(constant.file))
    return values


@dataclass(frozen=True)
class Plan:
    """One dataset against one catalogue. Bytes and seconds unless the name says otherwise."""

    dataset_bytes: float
    works: int
    constants: dict[str, Value]

    def of(self, name: str) -> float:
        """A constant's number."""
        return self.constants[name].number

    @property
    def catalogue_bytes(self) -> float:
        return self.works * self.of("work") * 1000

    @property
    def index_bytes(self) -> float:
        """What has to be in memory: everything but the texts."""
        return self.catalogue_bytes * self.of("index") / 100

    @property
    def segments(self) -> int:
        return math.ceil(self.index_bytes / SEGMENT_BYTES) + TAIL_SEGMENTS

    @property
    def match_rate(self) -> float:
        """MB/s of one core with the index in memory: slower with the catalogue, and with every segment."""
        decades = max(0.0, math.log10(self.catalogue_bytes / (self.of("match_at") * GIGABYTE)))
        milliseconds = 1000 / self.of("match") * (1 + self.of("slope") * decades)
        return 1000 / (milliseconds + self.of("segment_cost") * (self.segments - 1))

    @property
    def cold_rate(self) -> float:
        """MB/s of a whole machine that reads the index from its disk once for every batch."""
        return COLD_BATCH_BYTES / 1e6 / (self.index_bytes / 1e6 / self.of("disk"))

    @property
    def other_rate(self) -> float:
        """MB/s of one core for all of a scan but the matching: reading, items, chunk files, matches, log."""
        beside = 1 / self.of("scan") - 1 / self.of("match")
        return 1 / beside if beside > 0 else math.inf

    @property
    def core_seconds(self) -> float:
        return self.dataset_bytes / 1e6 * (1 / self.match_rate + 1 / self.other_rate)

    @property
    def documents(self) -> float:
        return self.dataset_bytes / (self.of("document") * 1000)

    @property
    def database_bytes(self) -> float:
        return self.documents * (self.of("item") + self.of("hits") / 1000 * self.of("matched"))

    @property
    def database_seconds(self) -> float:
        return self.documents / self.of("rows")

    @property
    def chunk_bytes(self) -> float:
        return self.dataset_bytes * self.of("chunk")

    def network_bytes(self, machines: int) -> float:
        """In to be read, out as chunks and in again, and the index once a machine."""
        return 3 * self.chunk_bytes + machines * self.index_bytes

    @property
    def memory_bytes(self) -> float:
        """Of each machine, with the index in memory."""
        return self.index_bytes + self.of("cores") * self.of("private") * 1e6

    def seconds(self, machines: int) -> dict[str, float]:
        """How long each part alone would take; they overlap, so the longest decides."""
        fits = self.memory_bytes <= self.of("memory") * GIGABYTE
        matching = self.core_seconds / (machines * self.of("cores"))
        cold = self.dataset_bytes / 1e6 / (machines * self.cold_rate)
        network = self.network_bytes(machines) / 1e6
        return {
            "processors": matching if fits else math.inf,
            "index on disk": 0.0 if fits else max(matching, cold),
            "database": self.database_seconds,
            "network": max(network / machines / self.of("network"), network / self.of("store")),
        }

    def hours(self, machines: int, *, resident: bool = True) -> tuple[float, str]:
        """Hours, and what decides them. resident: with as much memory as the index needs, whatever a machine has."""
        seconds = self.seconds(machines)
        seconds.pop("index on disk" if resident else "processors")
        if resident:
            seconds["processors"] = self.core_seconds / (machines * self.of("cores"))
        what = max(seconds, key=lambda name: seconds[name])
        return seconds[what] / SECONDS_AN_HOUR, what


def plans(constants: dict[str, Value]) -> list[tuple[str, str, Plan]]:
    """Every dataset against every catalogue."""
    return [
        (dataset, works, Plan(size, count, constants))
        for works, count in CATALOGUES.items()
        for dataset, size in DATASETS.items()
    ]


def short(value: float) -> str:
    """Two digits that count; large numbers with commas."""
    if value in (0, math.inf):
        return "0" if value == 0 else "–"
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if rounded >= 10 else f"{rounded:g}"


def of_bytes(value: float) -> str:
    """In GB or TB."""
    return f"{short(value / TERABYTE)} TB" if value >= TERABYTE else f"{short(value / GIGABYTE)} GB"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; numbers to the right."""
    lines = [" | ".join(head), " | ".join(["---", *["---:"] * (len(head) - 1)])]
    return "\n".join(f"| {line} |" for line in [*lines, *(" | ".join(row) for row in rows)])


def render(constants: dict[str, Value]) -> str:
    """All tables of docs/scale.md."""
    every = plans(constants)
    of_catalogue = {works: plan for _, works, plan in every}
    parts = [
        "**Constants**",
        table(
            ("constant", "value", "unit", "measured by"),
            [
                (c.meaning, constants[c.name].text, c.unit, c.source(constants[c.name]))
                for c in CONSTANTS
            ],
        ),
        "*(design)*: not measured yet; the value that the design expects stands in.",
        "**The index**",
        table(
            ("works", "text", "index", "segments", "memory of a machine", "written by one process",
             "fetched", "match, one core", "from disk, a machine"),
            [
                (
                    works, of_bytes(plan.catalogue_bytes), of_bytes(plan.index_bytes), str(plan.segments),
                    of_bytes(plan.memory_bytes),
                    f"{short(plan.catalogue_bytes / 1e6 / plan.of('build') / 60)} min",
                    f"{short(plan.index_bytes / 1e6 / plan.of('network') / 60)} min",
                    f"{short(plan.match_rate)} MB/s", f"{short(plan.cold_rate)} MB/s",
                )
                for works, plan in of_catalogue.items()
            ],
        ),
        "**A scan** (index in memory)",
        table(
            ("works", "dataset", "documents", "core-hours", "database", "chunk files", "network, 16 machines",
             *(f"{machines} machine{'s' if machines > 1 else ''}" for machines in MACHINES)),
            [
                (
                    works, dataset, f"{short(plan.documents / 1e6)} M",
                    short(plan.core_seconds / SECONDS_AN_HOUR), of_bytes(plan.database_bytes),
                    of_bytes(plan.chunk_bytes), of_bytes(plan.network_bytes(16)),
                    *(_hours(*plan.hours(machines)) for machines in MACHINES),
                )
                for dataset, works, plan in every
            ],
        ),
        "**The same where memory does not hold the index**, read from the machine's disk for every batch",
        table(
            ("works", "dataset", *(f"{machines} machine{'s' if machines > 1 else ''}" for machines in MACHINES)),
            [
                (works, dataset, *(_hours(*plan.hours(machines, resident=False)) for machines in MACHINES))
                for dataset, works, plan in every
                if plan.memory_bytes > plan.of("memory") * GIGABYTE
            ],
        ),
    ]  # fmt: skip
    return "\n\n".join(parts)


def _hours(hours: float, what: str) -> str:
    """Hours, and in brackets what decides them where it is not the processors."""
    return f"{short(hours)} h" + ("" if what == "processors" else f" ({what})")


def in_document(text: str, tables: str) -> str:
    """The document with these tables between the marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}"


def main(given: list[str] | None = None) -> int:
    """Print, or write into the document."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put the tables into docs/scale.md")
    chosen = parser.parse_args(given)
    tables = render(read_constants())
    print(tables)
    if chosen.write:
        DOCUMENT.write_text(in_document(DOCUMENT.read_text(encoding="utf-8"), tables), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
