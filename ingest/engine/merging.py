"""Segments of an index folder become one: fewer look-ups a query, and what was withdrawn leaves the disk.

A segment does not keep whole hashes, so records are sketched again from their texts; one without its text cannot be
merged. Readers see the index before or after; the old files go when the new list is on disk.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.engine.errors import TextsMissing
from ingest.engine.index import Index
from ingest.engine.intake import TextRecord
from ingest.engine.listing import lock_list, segment_name
from ingest.engine.params import Params
from ingest.engine.segment import Segment
from ingest.engine.segment_writer import sync_folder, write_file


@dataclass(frozen=True)
class Merged:
    """What a merge did: segments before and after, segments left alone because texts are missing, and withdrawn works
    that are no longer in any file."""

    before: int
    after: int
    left: int
    dropped: tuple[str, ...]


def merge(folder: str | os.PathLike[str]) -> Merged:
    """Merge the segments of each parameter set in which every text is held, leaving out what is withdrawn.

    Segments are verified first. `TextsMissing` where several could be merged but for their texts; an index with nothing
    to merge stays as it is. Nobody else changes the list meanwhile; memory as for a build.
    """
    target = Path(folder)
    with lock_list(target) as held, Index.open(target) as index:
        names = {segment.digest: Path(segment.name).name for segment in index.segments}
        groups = _mergeable(index)
        if not groups:
            _check_texts(index)
            return Merged(len(names), len(names), 0, ())
        old = [names[segment.digest] for segments in groups.values() for segment in segments]
        new = [name for params, segments in groups.items() for name in _write(target, segments, params, index)]
        kept = [name for name in held.read().segments if name not in old]
        remaining = {w for segment in index.segments if names[segment.digest] in kept for w in segment.works()}
        dropped = tuple(sorted(index.withdrawn - remaining))
        withdrawn = tuple(sorted(index.withdrawn & remaining))
        held.write(replace(held.read(), segments=(*kept, *new), withdrawn=withdrawn))
        for name in set(old) - set(new):
            (target / name).unlink(missing_ok=True)
        left = sum(1 for segment in index.segments if not _has_texts(segment))
        return Merged(len(names), len(kept) + len(new), left, dropped)


def _has_texts(segment: Segment) -> bool:
    return bool(segment.header["totals"]["with_text"] == segment.record_count)


def _mergeable(index: Index) -> dict[Params, list[Segment]]:
    """Segments with all their texts, by parameter set, where there are several or something is withdrawn."""
    groups = {
        params: [s for s in index.segments if s.params.name == params.name and _has_texts(s)]
        for params in index.parameter_sets
    }
    return {
        params: segments
        for params, segments in groups.items()
        if len(segments) > 1 or any(not index.withdrawn.isdisjoint(segment.works()) for segment in segments)
    }


def _check_texts(index: Index) -> None:
    """`TextsMissing` if texts are what keeps several segments of a set apart."""
    for params in index.parameter_sets:
        same = [segment for segment in index.segments if segment.params.name == params.name]
        missing = sum(s.record_count - s.header["totals"]["with_text"] for s in same)
        if len(same) > 1 and missing:
            records = "1 record" if missing == 1 else f"{missing:,} records"
            raise TextsMissing(
                f"the {len(same)} segments of {params.name} cannot be merged: they hold {records} without the text, "
                "and a record is sketched again from its text (build the index anew from texts and fingerprints)",
                records=missing,
            )


def _write(folder: Path, segments: Sequence[Segment], params: Params, index: Index) -> list[str]:
    """The merged segment in the folder, not listed yet; none where every record was withdrawn."""
    for segment in segments:
        segment.verify()
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=folder) as scratch:
        info = write_file(Path(scratch) / "merged.seg", _records(segments, index), params)
        if not info.records:
            return []
        name = segment_name(info.digest)
        os.replace(info.path, folder / name)
        sync_folder(folder)
    return [name]


def _records(segments: Sequence[Segment], index: Index) -> Iterator[TextRecord]:
    for segment in segments:
        for record in range(segment.record_count):
            row = segment.row(record)
            if row.work not in index.withdrawn:
                text = segment.text(record)
                assert text is not None
                yield TextRecord(row.work, row.edition, text, row.title, row.author, row.isbn)
