"""Processes that are measured from outside: workers (`bench.kit.worker`) and the command `colophon match`."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import zstandard

from bench.kit.texts import ROOT

TURNS = 3


class Worker:
    """One worker process. `started` holds what it said after its first document."""

    def __init__(self, index: Path, documents: Path, **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.kit.worker", str(index), str(documents)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        self.started = self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended with exit code {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, rounds: int) -> None:
        """Map all documents so often; `answer` waits for the end."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{rounds}\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """What it says at the end of what it was asked."""
        return self._answer()

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()


def drop_pages(index: Path) -> None:
    """Let go of the page cache of an index, so that its next reader reads from the disk."""
    for path in index.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def start_seconds(index: Path, documents: Path, runs: int, compiled: bool = True) -> dict[str, Any]:
    """Import, opening and first document with compiled kernels in the cache, the same with the index not in the page
    cache, and without compiled kernels if that is asked for."""
    warm = []
    for _ in range(max(1, runs)):
        worker = Worker(index, documents)
        warm.append(worker.started)
        worker.close()
    drop_pages(index)
    worker = Worker(index, documents)
    unread = worker.started
    worker.close()
    cold: dict[str, Any] = {}
    if compiled:
        with tempfile.TemporaryDirectory(prefix="bench-kernels-") as empty:
            worker = Worker(index, documents, NUMBA_CACHE_DIR=empty)
            cold = worker.started
            worker.close()
    warm.sort(key=lambda facts: float(facts["engine_seconds"]))
    return {
        "warm": warm[len(warm) // 2],
        "warm_runs": [w["engine_seconds"] for w in warm],
        "index_unread": unread,
        "cold": cold,
    }


def side_by_side(index: Path, documents: Path, seconds: float) -> dict[str, Any]:
    """Wall-clock throughput of one process and of two at the same time, each for about so many seconds, in turns, and
    private memory after the work."""
    rates: dict[int, list[float]] = {1: [], 2: []}
    memory: dict[str, Any] = {}
    workers = [Worker(index, documents), Worker(index, documents)]
    try:
        for worker in workers:  # warm: every kernel has run, every page is read
            worker.ask(1)
            memory = worker.answer()
        rounds = max(1, round(seconds / TURNS / memory["wall_seconds"]))
        for count in (1, 2) * TURNS:
            for worker in workers[:count]:
                worker.ask(rounds)
            answers = [worker.answer() for worker in workers[:count]]
            rates[count].append(sum(a["mb"] for a in answers) / max(a["wall_seconds"] for a in answers))
            memory = answers[0]
    finally:
        for worker in workers:
            worker.close()
    one, two = statistics.median(rates[1]), statistics.median(rates[2])
    return {
        "one_mb_per_second": round(one, 1),
        "two_mb_per_second": round(two, 1),
        "two_against_one": round(two / one, 3),
        "turns": {f"{count}_mb_per_second": [round(r, 1) for r in found] for count, found in rates.items()},
        "private_mb": memory["private_mb"],
        "private_opened_mb": workers[0].started["private_opened_mb"],
        "private_imported_mb": workers[0].started["private_imported_mb"],
        "private_before_mb": workers[0].started["private_before_mb"],
    }


def write_dataset(documents: Sequence[str], path: Path) -> None:
    """A .jsonl.zst as data sets are."""
    lines = b"".join(orjson.dumps({"id": str(n), "text": d}) + b"\n" for n, d in enumerate(documents))
    path.write_bytes(zstandard.ZstdCompressor(level=3).compress(lines))


def command_seconds(index: Path, dataset: Path) -> tuple[float, float]:
    """Processor seconds of `colophon match` and its children, and seconds by the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    command = [sys.executable, "-m", "colophon", "match", str(index), str(dataset)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    clock = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock
