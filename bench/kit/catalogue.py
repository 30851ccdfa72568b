"""The engine as the benchmarks use it: build an index, map documents in batches or one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ingest.engine import mapper
from ingest.engine.index import Index, write_segment
from ingest.engine.params import Params, choose, preset
from ingest.engine.records import IndexRecord, MapOptions, Match, SegmentInfo
from ingest.engine.sketch import sketch_text

BATCH_BYTES = 1 << 20


def parameter_set(name: str, megabytes: float) -> Params:
    """The set of that name; `auto`: the one that the engine chooses for so much text."""
    return choose(int(megabytes * 1e6)) if name == "auto" else preset(name)


def build(path: Path, texts: Iterable[tuple[str, str]], params: Params, with_text: bool = True) -> SegmentInfo:
    """Sketch and write (work, text) pairs as one segment, streamed. Without texts only fingerprints are stored."""
    records = (IndexRecord(name, None, sketch_text(text, params), text if with_text else None) for name, text in texts)
    return write_segment(path, records, params)


def batches(texts: Iterable[str], batch_bytes: int = BATCH_BYTES) -> Iterator[list[str]]:
    """Consecutive texts of about a megabyte together."""
    batch: list[str] = []
    size = 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= batch_bytes:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def map_batches(index: Index, texts: Sequence[str], options: MapOptions = MapOptions()) -> list[list[Match]]:  # noqa: B008  frozen
    """Matches of every document through the batch call."""
    together = getattr(mapper, "map_texts", None)
    if together is None:
        return map_singly(index, texts, options)
    return [matches for batch in batches(texts) for matches in together(index, batch, options)]


def map_singly(index: Index, texts: Sequence[str], options: MapOptions = MapOptions()) -> list[list[Match]]:  # noqa: B008  frozen
    """Matches of every document, one call each."""
    return [mapper.map_text(index, text, options) for text in texts]
