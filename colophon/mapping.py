"""Documents through the engine, in this process or in several, always in the order in which they came."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any

from colophon.exits import CommandError
from colophon.indexing import open_index
from ingest.engine.errors import EngineError
from ingest.engine.index import Index
from ingest.engine.mapper import BATCH_CHARS, batch_chars, map_texts, match_line
from ingest.engine.records import MapOptions
from ingest.engine.words import count_words
from ingest.readers.document import BadRecord, Document

BATCH_DOCUMENTS = 2048  # of BATCH_CHARS
BATCHES_AHEAD = 3  # a process, so that none waits for the reader


@dataclass(frozen=True)
class Mapped:
    """A document after the engine: its size and a line a match, as `match` writes it; or why it cannot be mapped.

    `words` is 0 where they were not wanted.
    """

    name: str
    characters: int
    words: int
    lines: tuple[dict[str, Any], ...]
    problem: BadRecord | None = None


@dataclass(frozen=True)
class Wanted:
    """What the caller wants of each document: pairs of at least so many words, and whether its own are counted."""

    min_words: int
    counts_words: bool = False


def map_documents(index_path: str, documents: Iterable[Document], wanted: Wanted, *, jobs: int) -> Iterator[Mapped]:
    """What the engine finds in each document. The same whatever `jobs` is, but for the time it takes."""
    if jobs == 1:
        with open_index(index_path) as index:
            for batch in _batches(documents, batch_chars(index)):
                yield from map_batch(index, batch, wanted)
        return
    open_index(index_path).close()  # what is wrong with it is said here and once
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, _open_in_worker, (index_path, wanted)) as pool:
        _start_workers(pool, jobs)
        waiting: deque[Future[list[Mapped]]] = deque()
        try:
            for batch in _batches(documents, BATCH_CHARS):
                waiting.append(pool.submit(_map_batch, batch))
                if len(waiting) >= jobs * BATCHES_AHEAD:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise CommandError("a matching process ended unexpectedly (out of memory?): try fewer --jobs") from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def map_batch(index: Index, batch: list[tuple[str, str]], wanted: Wanted) -> list[Mapped]:
    """Documents (name, text) mapped together; one that cannot be mapped does not keep the others from it."""
    options = MapOptions(min_words=wanted.min_words)
    try:
        found = map_texts(index, [text for _, text in batch], options)
    except EngineError as error:
        if len(batch) > 1:
            return [mapped for one in batch for mapped in map_batch(index, [one], wanted)]
        name, text = batch[0]
        return [Mapped(name, len(text), 0, (), BadRecord(name, error.code, str(error)))]
    return [
        Mapped(
            name,
            len(text),
            count_words(text) if wanted.counts_words else 0,
            tuple(match_line(name, match, index) for match in matches),
        )
        for (name, text), matches in zip(batch, found, strict=True)
    ]


def _batches(documents: Iterable[Document], most_characters: int) -> Iterator[list[tuple[str, str]]]:
    batch: list[tuple[str, str]] = []
    characters = 0
    for document in documents:
        batch.append((document.name, document.text))
        characters += len(document.text)
        if characters >= most_characters or len(batch) >= BATCH_DOCUMENTS * (most_characters // BATCH_CHARS):
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


@dataclass
class _Worker:
    index: Index | None = None
    wanted: Wanted = Wanted(min_words=0)


_worker = _Worker()


def _open_in_worker(index_path: str, wanted: Wanted) -> None:
    _worker.index = open_index(index_path)
    _worker.wanted = wanted


def _start_workers(pool: ProcessPoolExecutor, jobs: int) -> None:
    """Start all workers now, deaf to the interrupts of a terminal: the main process hears them and ends the others."""
    hears = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(jobs):
            pool.submit(_map_batch, [])
    finally:
        signal.signal(signal.SIGINT, hears)


def _map_batch(batch: list[tuple[str, str]]) -> list[Mapped]:
    assert _worker.index is not None
    return map_batch(_worker.index, batch, _worker.wanted)
