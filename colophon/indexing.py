"""Match indexes on disk: opening whatever stands for one, and building one from works."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from colophon.exits import CommandError
from colophon.works import TextWork, sketch_work
from ingest.engine.index import INDEX_FILE, Index, list_segments, write_segment
from ingest.engine.params import Params, preset
from ingest.engine.records import FingerprintRecord, IndexRecord

GIGABYTE = 1_000_000_000
SEGMENT_CHARS = 1 << 29  # some 12 million postings: what one segment takes of memory while it is written
SEGMENT_RECORDS = 1 << 20


def open_index(path: str) -> Index:
    """An index folder, a segment, or a snapshot with an index inside. CommandError, BadIndex or UnknownParameters."""
    place = Path(path)
    try:
        if place.is_dir() or place.suffix == ".seg" or not zipfile.is_zipfile(place):
            if not place.exists():
                raise CommandError(f"{path}: no such index or snapshot")
            return Index.open(place)
        return Index.open_zip(place)
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from error


def choose_params(paths: Iterable[str], name: str) -> Params:
    """The parameter set of that name; for `auto` one that suits the size of what is to be indexed.

    Chance hits grow with the catalogue, longer seeds keep them rare.
    """
    if name != "auto":
        return preset(name)
    size = sum(_bytes_under(Path(path)) for path in paths)
    if size <= GIGABYTE:
        return preset("registry-1")
    return preset("compact" if size <= 20 * GIGABYTE else "large")


def _bytes_under(path: Path) -> int:
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    except OSError:
        return 0  # reading it will say what is wrong


def check_place(out: Path) -> None:
    """An index may be written to a new folder, an empty one, or over an older index."""
    if out.is_dir():
        if any(out.iterdir()) and not (out / INDEX_FILE).is_file():
            raise CommandError(f"--out {out}: the folder holds something else than an index")
    elif out.exists():
        raise CommandError(f"--out {out}: a file has this name; an index is a folder")
    elif not out.absolute().parent.is_dir():
        raise CommandError(f"--out {out}: there is no folder {out.absolute().parent}")


def build_index(out: Path, works: Iterable[TextWork | FingerprintRecord], params: Params) -> int:
    """Write the works as an index; readers of an index that was there see it until the new one is whole.

    Returns the number of records; with none nothing is written. Fingerprints keep their own parameter set, in segments
    of their own.
    """
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.absolute().parent) as scratch:
        segments, records = _write_segments(Path(scratch), works, params)
        if not records:
            return 0
        old = set(out.glob("*.seg")) if out.is_dir() else set()
        out.mkdir(exist_ok=True)
        for name, path in segments.items():
            os.replace(path, out / name)
        list_segments(out, list(segments))
        for path in old - {out / name for name in segments}:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
    return records


def _write_segments(
    scratch: Path, works: Iterable[TextWork | FingerprintRecord], params: Params
) -> tuple[dict[str, Path], int]:
    segments: dict[str, Path] = {}
    records = 0
    fingerprints: dict[str, list[IndexRecord]] = {}

    def add(batch: Iterable[IndexRecord], of: Params) -> None:
        info = write_segment(scratch / f"{len(segments)}.seg", batch, of)
        segments[f"{info.digest.removeprefix('sha256:')[:24]}.seg"] = Path(info.path)

    def with_texts() -> Iterator[IndexRecord]:
        for work in works:
            if isinstance(work, FingerprintRecord):
                fingerprints.setdefault(work.sketch.parameters, []).append(_without_text(work))
            else:
                yield _with_text(work, params)

    texts = with_texts()
    while (first := next(texts, None)) is not None:
        counted = _Counted(chain([first], texts))
        add(counted, params)
        records += counted.records
    for name, rows in sorted(fingerprints.items()):
        for start in range(0, len(rows), SEGMENT_RECORDS):
            add(rows[start : start + SEGMENT_RECORDS], preset(name))
        records += len(rows)
    return segments, records


class _Counted:
    """As many records as one segment takes."""

    def __init__(self, source: Iterator[IndexRecord]) -> None:
        self._source = source
        self.records = 0

    def __iter__(self) -> Iterator[IndexRecord]:
        characters = 0
        for record in islice(self._source, SEGMENT_RECORDS):
            self.records += 1
            characters += record.sketch.chars
            yield record
            if characters >= SEGMENT_CHARS:
                return


def _with_text(work: TextWork, params: Params) -> IndexRecord:
    sketch = sketch_work(work, params)
    return IndexRecord(work.work, work.edition, sketch, work.text, work.title, work.author, work.isbn)


def _without_text(record: FingerprintRecord) -> IndexRecord:
    return IndexRecord(record.work, record.edition, record.sketch, None, record.title, record.author, record.isbn)


def describe_index(index: Index, path: str) -> dict[str, Any]:
    """What `index info` prints: totals, sizes, and per parameter set its guarantee g = w + k − 1 and its density."""
    info = index.info()
    symbols: dict[str, int] = {}
    postings: dict[str, int] = {}
    for segment in index.segments:
        name = segment.params.name
        symbols[name] = symbols.get(name, 0) + sum(row.symbols for row in segment.records)
        postings[name] = postings.get(name, 0) + segment.header["postings"]
    sets = [
        {
            "name": params.name,
            "digest": params.digest,
            "k": params.seed_symbols,
            "w": params.window_seeds,
            "g": params.guaranteed_symbols,
            "density": round(postings[params.name] / symbols[params.name], 6) if symbols[params.name] else 0.0,
            "expected_density": round(params.expected_density, 6),
        }
        for params in index.parameter_sets
    ]
    place = Path(path)
    files = list(place.glob("*.seg")) if place.is_dir() else [place]
    total = sum(symbols.values())
    return {
        "index": info["digest"],
        "works": info["works"],
        "records": info["records"],
        "with_text": info["with_text"],
        "letters": info["letters"],
        "words": sum(row.words for segment in index.segments for row in segment.records),
        "chars": sum(row.chars for segment in index.segments for row in segment.records),
        "postings": info["postings"],
        "density": round(info["postings"] / total, 6) if total else 0.0,
        "g": max((params.guaranteed_symbols for params in index.parameter_sets), default=0),
        "bytes": sum(file.stat().st_size for file in files),
        "parameters": sets,
        "segments": info["segments"],
    }
