"""The engine as the benchmarks use it: build an index, map documents in batches or one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ingest.engine import mapper
from ingest.engine.index import Index, write_segment
from ingest.engine.intake import TextRecord
from ingest.engine.params import Params, choose, preset
from ingest.engine.records import IndexRecord, MapOptions, Match, SegmentInfo
from ingest.engine.sketch import sketch_text


def parameter_set(name: str, megabytes: float) -> Params:
    """The set of that name; `auto`: the one that the engine chooses for so much text."""
    return choose(int(megabytes * 1e6)) if name == "auto" else preset(name)


def build(path: Path, texts: Iterable[tuple[str, str]], params: Params, with_text: bool = True) -> SegmentInfo:
    """Sketch and write (work, text) pairs as one segment, streamed. Without texts only fingerprints are stored."""
    if with_text:
        return write_segment(path, (TextRecord(name, None, text) for name, text in texts), params)
    return write_segment(
        path, (IndexRecord(name, None, sketch_text(text, params), None) for name, text in texts), params
    )


def map_batches(index: Index, texts: Sequence[str], options: MapOptions = MapOptions()) -> list[list[Match]]:  # noqa: B008  frozen
    """Matches of every document through the batch call."""
    return mapper.map_texts(index, texts, options)


def map_singly(index: Index, texts: Sequence[str], options: MapOptions = MapOptions()) -> list[list[Match]]:  # noqa: B008  frozen
    """Matches of every document, one call each."""
    return [mapper.map_text(index, text, options) for text in texts]
