"""A catalogue of any size, real text first and generated text after it, built in a process of its own.

`python -m bench.kit.bulk PLAN.json` streams the catalogue into an index and prints what it cost as one JSON object.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.kit import catalogue, generator
from bench.kit.texts import ROOT, Text, keep_apart, read_texts
from ingest.engine.params import Params, preset
from ingest.engine.sketch import sketch_text

WORK_BYTES = 500_000
COUNTED = 8  # one in so many generated works is looked at for chance hits
PIECE_CHARS = 50_000


@dataclass(frozen=True)
class Plan:
    """What is built: the folder's texts, and generated text up to `megabytes` together."""

    folder: str
    real_megabytes: float
    trained_megabytes: float
    megabytes: float
    parameters: str
    seed: int
    odds: tuple[float, float, float]
    index: str
    with_text: bool


@dataclass(frozen=True)
class Division:
    """Real texts by use. Documents hold excerpts of `planted`; the generator learns from `trained`, so that its text is
    as strange to the excerpts as one book is to another; `hosts` are not registered."""

    planted: list[Text]
    trained: list[Text]
    hosts: list[Text]

    @property
    def registered(self) -> list[Text]:
        """What every catalogue begins with."""
        return [*self.planted, *(t for t in self.trained if t not in self.planted)]


def divide(folder: Path, megabytes: float, seed: int) -> Division:
    """The folder's texts by use, the same for the same seed."""
    registered, hosts = keep_apart(read_texts(folder, int(megabytes * 1e6), seed), seed)
    planted, trained = keep_apart(registered, seed + 1, every=3)
    return Division(planted, trained, hosts) if trained else Division(registered, registered, hosts)


def part(texts: Sequence[Text], megabytes: float) -> list[str]:
    """Whole texts, spread evenly over the list, until so many megabytes are together; the last is cut."""
    left = int(megabytes * 1e6)
    chosen = []
    for text in [*texts[::3], *texts[1::3], *texts[2::3]]:
        if left <= 0:
            break
        chosen.append(text.text[:left])
        left -= len(chosen[-1].encode("utf-8", "replace"))
    return chosen


def works(plan: Plan, real: Sequence[Text], model: generator.Model) -> Iterator[tuple[str, str]]:
    """(name, text) of the whole catalogue, one after the other."""
    left = plan.megabytes
    for text in real:
        if left <= 0:
            return
        yield text.name, text.text
        left -= text.size / 1e6
    if left > 0:
        for number, text_of in enumerate(model.works(left, WORK_BYTES, plan.seed)):
            yield f"generated-{number:06d}", text_of


class Chance:
    """Counts how often minimizers of unregistered real text occur in a catalogue that has nothing of it."""

    def __init__(self, hosts: Iterable[str], params: Params) -> None:
        self.params = params
        pieces = [h[at : at + PIECE_CHARS] for h in hosts for at in range(0, len(h), PIECE_CHARS)]
        sketches = [sketch_text(piece, params).hashes for piece in pieces]
        self.hashes, self.owners = np.unique(np.concatenate(sketches), return_inverse=True)
        self.piece_of = np.repeat(np.arange(len(sketches)), [len(s) for s in sketches])
        self.sizes = np.array([max(1, len(s)) for s in sketches])
        self.counts = np.zeros(self.hashes.size, np.int64)
        self.megabytes = 0.0

    def look_at(self, text: str) -> None:
        """One more text of the catalogue."""
        found = sketch_text(text, self.params).hashes
        at = np.minimum(np.searchsorted(self.hashes, found), self.hashes.size - 1)
        np.add.at(self.counts, at[self.hashes[at] == found], 1)
        self.megabytes += len(text.encode("utf-8", "replace")) / 1e6

    def per_seed(self) -> float:
        """Occurrences a seed. The tenth of the pieces that has most is left out: it quotes what is registered."""
        hits = np.bincount(self.piece_of, self.counts[self.owners], self.sizes.size)
        order = np.argsort(hits / self.sizes)[: max(1, int(0.9 * self.sizes.size))]
        return float(hits[order].sum() / self.sizes[order].sum())


def build(plan: Plan) -> dict[str, Any]:
    """Build the index; seconds without generating and counting, peak memory, sizes, chance hits a seed."""
    params = preset(plan.parameters)
    division = divide(Path(plan.folder), plan.real_megabytes, plan.seed)
    real = division.registered
    model = generator.train(part(division.trained, plan.trained_megabytes), plan.odds)
    unseen = [h.text for h in division.hosts]
    of_real, of_generated = Chance(unseen, params), Chance(unseen, params)
    apart = {"seconds": 0.0, "generating": 0.0, "bytes": 0.0}

    def measured() -> Iterator[tuple[str, str]]:
        source = works(plan, real, model)
        for number in range(sys.maxsize):
            start = time.thread_time()
            item = next(source, None)
            apart["generating"] += time.thread_time() - start if item and item[0].startswith("generated-") else 0.0
            if item is None:
                return
            if not item[0].startswith("generated-"):
                of_real.look_at(item[1])
            elif number % COUNTED == 0:
                of_generated.look_at(item[1])
            apart["bytes"] += len(item[1].encode("utf-8", "replace"))
            apart["seconds"] += time.thread_time() - start
            yield item

    forget_peak()
    before = peak_mb()
    begun, clock = time.process_time(), time.perf_counter()
    info = catalogue.build(Path(plan.index), measured(), params, plan.with_text)
    seconds = max(1e-6, time.process_time() - begun - apart["seconds"])
    size = apart["bytes"] / 1e6
    generated = max(0.0, size - sum(t.size for t in real) / 1e6)
    return {
        "mb": round(size, 1),
        "generated_mb": round(generated, 1),
        "works": info.works,
        "postings": info.postings,
        "index_bytes": info.bytes,
        "build_mb_per_second": round(size / seconds, 1),
        "build_seconds_by_the_clock": round(time.perf_counter() - clock, 2),
        "generated_mb_per_second": round(generated / apart["generating"], 1) if apart["generating"] else None,
        "memory_before_mb": before,
        "memory_of_build_mb": round(peak_mb() - before, 1),
        "chance_hits_per_seed": of_real.per_seed()
        + of_generated.per_seed() * generated / max(1e-6, of_generated.megabytes),
    }


def forget_peak() -> None:
    """Let the peak of memory begin anew, where the system can."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak_mb() -> float:
    """Most memory this process has had since `forget_peak`, mapped files included."""
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB", status.read_text(), re.MULTILINE)
        if found:
            return round(int(found[1]) * 1.024 / 1000, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1.024 / 1000, 1)


def build_apart(plan: Plan, scratch: Path) -> dict[str, Any]:
    """`build` in a process of its own, so that its memory is its own."""
    path = scratch / "plan.json"
    path.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    command = [sys.executable, "-m", "bench.kit.bulk", str(path)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    print(json.dumps(build(Plan(**json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))))
