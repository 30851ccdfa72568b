"""An index: a folder of immutable segments and an `index.json` that lists them.

Adding works adds a segment; nothing is rewritten. A work that was withdrawn is a tombstone given at opening. The same
folder inside a zip, its members stored and not compressed, is mapped in place.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import struct
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ingest.engine.errors import BadIndex
from ingest.engine.kinship import MOST_SAMPLED, kin_groups
from ingest.engine.normalise import Array
from ingest.engine.params import PRESETS, Params
from ingest.engine.records import IndexRecord, SegmentInfo
from ingest.engine.segment import Segment
from ingest.engine.segment_writer import sync_folder, write_file

INDEX_FILE = "index.json"
INDEX_FORMAT = "colophon-index-1"


def write_segment(path: str | os.PathLike[str], records: Iterable[IndexRecord], params: Params) -> SegmentInfo:
    """Write one segment, atomically.

    A path that ends in `.seg` is that file. Any other path is an index folder: the segment gets its digest as name and
    is listed in `index.json`; readers see the index before or after, never half. The same records twice change nothing.
    """
    target = Path(path)
    if target.suffix == ".seg":
        target.parent.mkdir(parents=True, exist_ok=True)
        return write_file(target, records, params)
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tmp-", dir=target) as scratch:
        info = write_file(Path(scratch) / "new.seg", records, params)
        final = target / f"{info.digest.removeprefix('sha256:')[:24]}.seg"
        os.replace(info.path, final)
        sync_folder(target)
    with _locked(target):
        listed = [name for name in _listed(target) if name != final.name]
        _write_list(target, [*listed, final.name])
    return SegmentInfo(str(final), info.digest, info.parameters, info.records, info.works, info.postings, info.bytes)


def list_segments(folder: str | os.PathLike[str], names: Sequence[str]) -> None:
    """Replace the list of segments of an index folder, atomically (after a rebuild, say). Files are left alone."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with _locked(target):
        _write_list(target, list(names))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_list(folder: Path, names: list[str]) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({"format": INDEX_FORMAT, "segments": sorted(names)}, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    os.chmod(temporary, 0o644)
    os.replace(temporary, folder / INDEX_FILE)
    sync_folder(folder)


def _names(raw: bytes, where: str) -> list[str]:
    try:
        listing = json.loads(raw)
        names = listing["segments"]
        known = listing["format"] == INDEX_FORMAT
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadIndex(f"{where}: not an index list ({error})", path=where) from error
    if not known or not isinstance(names, list):
        raise BadIndex(f"{where}: index format not known here", path=where)
    for name in names:
        if not isinstance(name, str) or "/" in name or "\\" in name or not name.endswith(".seg"):
            raise BadIndex(f"{where}: {name!r} is not a segment's name", path=where)
    return names


def _listed(folder: Path) -> list[str]:
    listing = folder / INDEX_FILE
    return _names(listing.read_bytes(), str(listing)) if listing.exists() else []


class Index:
    """Open segments, queried as one. Read-only; safe to share between threads that only map."""

    def __init__(self, segments: Sequence[Segment], withdrawn: Collection[str] = ()) -> None:
        self.segments = tuple(sorted(segments, key=lambda s: s.digest))
        self.withdrawn = frozenset(withdrawn)
        self._groups: dict[str, Array] = {}
        names = {s.params.name for s in self.segments}
        self.parameter_sets: tuple[Params, ...] = tuple(p for n, p in sorted(PRESETS.items()) if n in names)
        digests = "\n".join([*(s.digest for s in self.segments), *(f"-{w}" for w in sorted(self.withdrawn))])
        self.digest = "sha256:" + hashlib.sha256(digests.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def open(
        cls, path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, withdrawn: Collection[str] = ()
    ) -> Index:
        """Open an index folder, a `.seg` file, or several of either. `BadIndex` says what is wrong with which file."""
        paths = [path] if isinstance(path, (str, os.PathLike)) else list(path)
        segments: list[Segment] = []
        try:
            for each in paths:
                segments += cls._segments_at(Path(each))
        except BaseException:
            for segment in segments:
                segment.close()
            raise
        return cls(segments, withdrawn)

    @staticmethod
    def _segments_at(path: Path) -> list[Segment]:
        if path.is_file():
            return [Segment(path)]
        if not (path / INDEX_FILE).is_file():
            raise BadIndex(f"{path}: not an index (no {INDEX_FILE})", path=str(path))
        segments = []
        for name in _listed(path):
            if not (path / name).is_file():
                raise BadIndex(f"{path / name}: the segment is missing", path=str(path / name))
            segments.append(Segment(path / name))
        return segments

    @classmethod
    def open_zip(
        cls, zip_path: str | os.PathLike[str], prefix: str = "index/", *, withdrawn: Collection[str] = ()
    ) -> Index:
        """Open an index inside a zip without unpacking. Its members must be stored, not compressed."""
        path = Path(zip_path)
        segments: list[Segment] = []
        try:
            with zipfile.ZipFile(path) as archive:
                listing = archive.getinfo(prefix + INDEX_FILE)
                if listing.file_size > 1 << 24:
                    raise BadIndex(f"{path}: {prefix}{INDEX_FILE} is too large", path=str(path))
                for name in _names(archive.read(listing), f"{path}!{prefix}{INDEX_FILE}"):
                    start, size = _stored_at(path, archive.getinfo(prefix + name))
                    segments.append(Segment(path, start, size))
        except (zipfile.BadZipFile, KeyError, NotImplementedError) as error:
            raise BadIndex(f"{path}: no index under {prefix} ({error})", path=str(path)) from error
        return cls(segments, withdrawn)

    def groups(self, segment: Segment) -> Array:
        """Number of the group of kin works of each record of a segment (int64), −1 if withdrawn. Made at first use."""
        if not self._groups:
            self._groups = self._make_groups()
        return self._groups[segment.digest]

    def _make_groups(self) -> dict[str, Array]:
        if len(self.segments) == 1 and not self.withdrawn:
            [segment] = self.segments
            return {segment.digest: segment.kin.astype(np.int64)}
        numbers: dict[str, int] = {}
        work_of = {
            s.digest: np.array(
                [-1 if w in self.withdrawn else numbers.setdefault(w, len(numbers)) for w in s.works()], np.int64
            )
            for s in self.segments
        }
        groups = {}
        for params in self.parameter_sets:
            same = [s for s in self.segments if s.params.name == params.name]
            kin = self._kin_of(same, [work_of[s.digest] for s in same], len(numbers), params)
            for segment in same:
                work = work_of[segment.digest]
                groups[segment.digest] = np.where(work < 0, -1, kin[work] if kin.size else -1)
        return groups

    @staticmethod
    def _kin_of(segments: Sequence[Segment], work_of: Sequence[Array], works: int, params: Params) -> Array:
        """Groups of the works of several segments: what each knows of its own, and what samples of all of them say."""
        known = np.arange(works)
        for segment, numbers in zip(segments, work_of, strict=True):
            firsts = np.full(segment.record_count, -1, np.int64)  # of each of the segment's groups, its first work here
            for record in np.flatnonzero(numbers >= 0)[::-1].tolist():
                firsts[segment.kin[record]] = numbers[record]
            own = numbers[numbers >= 0]
            kin = firsts[segment.kin[numbers >= 0]]
            known = kin_groups([], params, known, np.stack([own, kin], axis=1))
        if len(segments) == 1:
            return known
        samples = [
            segment.sample(numbers, MOST_SAMPLED // len(segments))
            for segment, numbers in zip(segments, work_of, strict=True)
        ]
        return kin_groups(samples, params, known)

    def info(self) -> dict[str, Any]:
        """Totals and digests, JSON-able."""
        works = {work for segment in self.segments for work in segment.works()}
        totals = {
            name: sum(s.header["totals"][name] for s in self.segments)
            for name in ("with_text", "symbols", "letters", "words", "chars")
        }
        return {
            "digest": self.digest,
            "works": len(works - self.withdrawn),
            "records": sum(s.record_count for s in self.segments),
            "withdrawn": len(works & self.withdrawn),
            **totals,
            "postings": sum(s.header["postings"] for s in self.segments),
            "parameters": [{"name": p.name, "digest": p.digest} for p in self.parameter_sets],
            "segments": [{"digest": s.digest, "records": s.record_count} for s in self.segments],
        }

    def close(self) -> None:
        """Let go of all mappings."""
        for segment in self.segments:
            segment.close()

    def __enter__(self) -> Index:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _stored_at(path: Path, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Where the bytes of a stored member lie in the file (its local header has its own name and extra lengths)."""
    if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
        raise BadIndex(f"{path}!{member.filename}: must be stored, not compressed", path=str(path))
    with path.open("rb") as file:
        file.seek(member.header_offset)
        local = file.read(30)
    if len(local) < 30 or local[:4] != b"PK\x03\x04":
        raise BadIndex(f"{path}!{member.filename}: a damaged zip", path=str(path))
    name_bytes, extra_bytes = struct.unpack("<HH", local[26:30])
    return member.header_offset + 30 + name_bytes + extra_bytes, member.file_size
