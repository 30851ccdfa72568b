"""Match indexes on disk: opening whatever stands for one, and building, adding to and describing one."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from colophon.exits import CommandError
from colophon.notices import tell
from colophon.works import FINGERPRINT_ENDING, TextWork
from ingest.engine.errors import BadIndex
from ingest.engine.index import INDEX_FILE, Index
from ingest.engine.intake import TextRecord
from ingest.engine.listing import Listing, lock_list, read_list, segment_name
from ingest.engine.params import Noise, Params, choose, preset
from ingest.engine.records import FingerprintRecord, IndexRecord
from ingest.engine.segment_writer import SegmentWriter

STAYS_WITHDRAWN = "is withdrawn from this index and stays so (colophon index restore)"
SEGMENT_SYMBOLS = 1 << 37  # half of what one segment can address; a catalogue of 100 GB has less
SEGMENT_POSTINGS = 1 << 31
COMPRESSED = frozenset({".gz", ".zst", ".xz", ".bz2", ".zip", ".epub", ".parquet", ".tgz"})
TEXT_OF_COMPRESSED = 3  # bytes of text in a compressed byte, about


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


def check_folder(path: str) -> Path:
    """An index that can be changed: a folder. CommandError for everything else."""
    place = Path(path)
    if not place.exists():
        raise CommandError(f"{path}: no such index")
    if not (place / INDEX_FILE).is_file():
        raise CommandError(f"{path}: only an index folder can be changed, and this is none")
    return place


def choose_params(paths: Iterable[str], name: str, noise: Noise) -> tuple[Params, dict[str, Any]]:
    """The set of that name, for `auto` the one for a catalogue of this size and noise; and the choice as recorded."""
    if name != "auto":
        return preset(name), {"parameters": name}
    size = sum(_text_bytes_under(Path(path)) for path in paths)
    params = choose(size, noise)
    return params, {"parameters": params.name, "catalogue_bytes": size, "noise": noise}


def _text_bytes_under(path: Path) -> int:
    """About how much text there is; what cannot be read counts nothing: reading it will say what is wrong."""
    with contextlib.suppress(OSError):
        if path.is_dir():
            return sum(_text_bytes_under(file) for file in path.rglob("*") if file.is_file())
        if path.suffix.lower() != FINGERPRINT_ENDING:
            return path.stat().st_size * (TEXT_OF_COMPRESSED if path.suffix.lower() in COMPRESSED else 1)
    return 0


def check_place(out: Path) -> None:
    """An index may be written to a new folder, an empty one, or over an older index."""
    if out.is_dir():
        if any(out.iterdir()) and not (out / INDEX_FILE).is_file():
            raise CommandError(f"--out {out}: the folder holds something else than an index")
    elif out.exists():
        raise CommandError(f"--out {out}: a file has this name; an index is a folder")
    elif not out.absolute().parent.is_dir():
        raise CommandError(f"--out {out}: there is no folder {out.absolute().parent}")


def build_index(
    out: Path, works: Iterable[TextWork | FingerprintRecord], params: Params, chosen: dict[str, Any]
) -> int:
    """Write the works as an index; readers of an index that was there see it until the new one is whole.

    Returns the number of records; with none nothing is written. Fingerprints keep their own parameter set, in segments
    of their own. What was withdrawn from the index that was there stays withdrawn.
    """
    before = _list_before(out)
    withdrawn = _Noted(works, set(before.withdrawn) if before else set())
    with _Segments(out.absolute().parent, f".{out.name}-") as segments:
        segments.write(withdrawn, params)
        if not segments.records:
            return 0
        out.mkdir(exist_ok=True)
        names = segments.move(out)
        with lock_list(out) as held:
            old = {path.name for path in out.glob("*.seg")} if before is None else set(held.read().segments)
            held.write(Listing(tuple(names), tuple(withdrawn.seen), chosen))
            for name in old - set(names):
                (out / name).unlink(missing_ok=True)
    return segments.records


def _list_before(out: Path) -> Listing | None:
    """The list of the index that was there; None where it cannot be read, for a build replaces it all the same."""
    try:
        return read_list(out)
    except BadIndex as error:
        tell(f"{error}: the index is replaced, and what may have been withdrawn from it is not known")
        return None


class _Noted:
    """Works on their way, those of some names noted."""

    def __init__(self, works: Iterable[TextWork | FingerprintRecord], names: set[str]) -> None:
        self._works, self._names = works, names
        self.seen: set[str] = set()

    def __iter__(self) -> Iterator[TextWork | FingerprintRecord]:
        for work in self._works:
            if work.work in self._names and work.work not in self.seen:
                self.seen.add(work.work)
                tell(f"{work.work}: {STAYS_WITHDRAWN}")
            yield work


def add_works(folder: Path, works: Iterable[TextWork | FingerprintRecord], params: Params) -> int:
    """Add works to an index as further segments. Returns how many records were new; what is there already is left.

    CommandError where an edition is there with another text.
    """
    with Index.open(folder) as index, _Segments(folder, ".tmp-") as segments:
        segments.write(_new_ones(works, index), params)
        if segments.records:
            names = segments.move(folder)
            with lock_list(folder) as held:
                listing = held.read()
                held.write(replace(listing, segments=(*listing.segments, *names)))
    return segments.records


def params_of(folder: Path) -> Params | None:
    """The set with which texts are added to an index: the one chosen for it, else that of its texts, if any."""
    chosen = read_list(folder).chosen.get("parameters")
    if isinstance(chosen, str):
        return preset(chosen)
    with Index.open(folder) as index:
        with_text = [s.params for s in index.segments if s.header["totals"]["with_text"]]
    return with_text[0] if with_text else None


def _new_ones(works: Iterable[TextWork | FingerprintRecord], index: Index) -> Iterator[TextWork | FingerprintRecord]:
    known = {work for segment in index.segments for work in segment.works()}
    for work in _Noted(works, set(index.withdrawn)):
        if work.work not in known or not _is_there(work, index):
            yield work


def _is_there(work: TextWork | FingerprintRecord, index: Index) -> bool:
    """Whether this edition is in the index as it is here; CommandError where it is there with another text."""
    rows = [(segment, record, segment.row(record)) for segment, record in index.records_of(work.work)]
    there = [(segment.text(record), row) for segment, record, row in rows if row.edition == work.edition]
    if not there:
        return False
    for text, row in there:
        if isinstance(work, TextWork):
            if text == work.text:
                return True
        elif (row.symbols, row.chars, row.words) == (work.sketch.symbols, work.sketch.chars, work.sketch.words):
            return True
    which = f"edition {work.edition} of {work.work}" if work.edition else work.work
    raise CommandError(f"{which} is in the index with another text: build the index anew to replace it")


class _Segments:
    """Segments on their way, in a temporary folder inside `parent`: for texts and for the fingerprints of each set."""

    def __init__(self, parent: Path, prefix: str) -> None:
        self._open = ExitStack()
        self._scratch = Path(self._open.enter_context(tempfile.TemporaryDirectory(prefix=prefix, dir=parent)))
        self._writers: dict[tuple[str, bool], SegmentWriter] = {}
        self._files = 0
        self._done: dict[str, Path] = {}
        self.records = 0

    def __enter__(self) -> _Segments:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()
        self._open.close()

    def write(self, works: Iterable[TextWork | FingerprintRecord], params: Params) -> None:
        """All works; texts with the given parameters."""
        for work in works:
            if isinstance(work, FingerprintRecord):
                self._writer(preset(work.sketch.parameters), with_text=False).add(_without_text(work))
            else:
                self._add_text(work, params)
            self.records += 1
        for key in sorted(self._writers):
            self._finish(key)

    def _add_text(self, work: TextWork, params: Params) -> None:
        record = TextRecord(work.work, work.edition, work.text, work.title, work.author, work.isbn)
        sketch = self._writer(params, with_text=True).add(record)
        if not sketch.hashes.size:
            tell(f"{work.name}: too short to be found ({sketch.letters} letters; a seed has {params.seed_symbols})")

    def _writer(self, params: Params, *, with_text: bool) -> SegmentWriter:
        key = params.name, with_text
        writer = self._writers.get(key)
        if writer is not None and (writer.symbols >= SEGMENT_SYMBOLS or writer.postings >= SEGMENT_POSTINGS):
            self._finish(key)
            writer = None
        if writer is None:
            writer = self._writers[key] = SegmentWriter(self._scratch / f"{self._files}.seg", params)
            self._files += 1
        return writer

    def _finish(self, key: tuple[str, bool]) -> None:
        with self._writers.pop(key) as writer:
            info = writer.finish()
        self._done[segment_name(info.digest)] = Path(info.path)

    def move(self, folder: Path) -> list[str]:
        """Put the files, finished, into an index folder under their names, which are returned; not listed yet."""
        for name, path in self._done.items():
            os.replace(path, folder / name)
        return list(self._done)


def _without_text(record: FingerprintRecord) -> IndexRecord:
    return IndexRecord(record.work, record.edition, record.sketch, None, record.title, record.author, record.isbn)
