"""What is found in each record of a sample: a near-copy of a registered output, markers, a statistical indication.

A near-copy makes a record positive, and so does a marker by which a model names itself or refuses, if it was measured
to hit model output in at least 95 of 100 cases. Other markers are shown. What resembles an output and is no proven
copy, and the detector's figure, stand beside the others and make nothing positive. Several processes look as one does:
the same findings in the same order.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ingest.engine.index import Index
from ingest.sampling.detector import Score, score_many
from ingest.sampling.draws import Drawn
from ingest.sampling.markers import Hit, find_markers, markers
from ingest.sampling.near_copies import Corpus, Finder, NearCopy, Told
from ingest.sampling.thresholds import Thresholds

BATCH_RECORDS, BATCH_CHARS = 500, 1 << 20  # looked at together
BATCHES_AHEAD = 2  # a process, so that none waits
PROVING = ("self_identification", "refusal")  # kinds of markers
PRECISE = 0.95


class Seen(NamedTuple):
    """What one process says of one text."""

    told: Told
    markers: tuple[Hit, ...]
    score: Score


@dataclass(frozen=True)
class Finding:
    """One drawn record. `judged`: whether a near-copy could have been told in it, whatever was found."""

    drawn: Drawn
    copy: NearCopy | None
    markers: tuple[Hit, ...] = ()
    judged: bool = True
    score: Score | None = None
    resembling: NearCopy | None = None  # the output that it resembles throughout, where that makes it no copy
    band: int = 0  # of its fresh words (`resemblance`)

    @property
    def resembles(self) -> bool:
        """Whether it resembles an output: every near-copy does."""
        return self.copy is not None or self.resembling is not None

    @property
    def marked(self) -> bool:
        """Whether a marker makes the record positive."""
        return any(hit.marker in proving() for hit in self.markers)

    @property
    def positive(self) -> bool:
        """Whether the method takes the record for model output."""
        return self.copy is not None or self.marked


@cache
def proving() -> frozenset[str]:
    """The markers that make a record positive."""
    return frozenset(
        marker.id
        for marker in markers()
        if marker.kind in PROVING and marker.precision.value is not None and marker.precision.value >= PRECISE
    )


def look(drawn: Iterable[Drawn], corpus: Corpus, jobs: int = 1) -> Iterator[Finding]:
    """A finding a drawn record, in their order, looked at in so many processes."""
    batches = _batches(drawn)
    if jobs == 1:
        finder = Finder(corpus.index, corpus.thresholds)
        for batch in batches:
            yield from _findings(batch, _see(finder, *_asked(batch)), corpus)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _open_in_worker, (corpus.folder, corpus.thresholds)) as pool:
        _start(pool, jobs)
        waiting: deque[tuple[list[Drawn], Future[list[Seen]]]] = deque()
        try:
            for batch in batches:
                waiting.append((batch, pool.submit(_see_in_worker, *_asked(batch))))
                if len(waiting) >= jobs * BATCHES_AHEAD:
                    first, seen = waiting.popleft()
                    yield from _findings(first, seen.result(), corpus)
            for first, seen in waiting:
                yield from _findings(first, seen.result(), corpus)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _batches(drawn: Iterable[Drawn]) -> Iterator[list[Drawn]]:
    batch: list[Drawn] = []
    size = 0
    for one in drawn:
        batch.append(one)
        size += len(one.record.text)
        if len(batch) == BATCH_RECORDS or size >= BATCH_CHARS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _asked(batch: Sequence[Drawn]) -> tuple[list[str], list[str]]:
    return [one.record.text for one in batch], [one.record.prompt for one in batch]


def _see(finder: Finder, texts: list[str], prompts: list[str]) -> list[Seen]:
    return [
        Seen(told, find_markers(text), score)
        for text, told, score in zip(texts, finder.find(texts, prompts), score_many(texts, explain=False), strict=True)
    ]


def _findings(batch: Sequence[Drawn], seen: Sequence[Seen], corpus: Corpus) -> Iterator[Finding]:
    for one, found in zip(batch, seen, strict=True):
        copy = corpus.copy_of(one.record.text, one.record.prompt, found.told)
        resembling = None if copy else corpus.resembling(one.record.text, one.record.prompt, found.told)
        told = found.told
        yield Finding(one, copy, found.markers, told.judged, found.score, resembling, told.band)


@dataclass
class _Worker:
    finder: Finder | None = None


_worker = _Worker()


def _open_in_worker(folder: Path, thresholds: Thresholds) -> None:
    _worker.finder = Finder(Index.open(folder), thresholds)


def _start(pool: ProcessPoolExecutor, jobs: int) -> None:
    """Start all workers now, deaf to the interrupts of a terminal: the main process hears them and ends the others."""
    hears = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(jobs):
            pool.submit(_see_in_worker, [], [])
    finally:
        signal.signal(signal.SIGINT, hears)


def _see_in_worker(texts: list[str], prompts: list[str]) -> list[Seen]:
    assert _worker.finder is not None
    return _see(_worker.finder, texts, prompts)
