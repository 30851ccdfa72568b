"""An index: a folder of immutable segments and an `index.json` that lists them, and the works withdrawn from it.

Adding works adds a segment; nothing is rewritten. Withdrawing a work adds its name to the list, or to what is given at
opening. The same folder inside a zip, its members stored and not compressed, is mapped in place.
"""

from __future__ import annotations

import hashlib
import os
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from ingest.engine.errors import BadIndex
from ingest.engine.intake import TextRecord
from ingest.engine.kinship import MOST_SAMPLED, kin_groups
from ingest.engine.listing import (
    INDEX_FILE,
    MAX_LIST_BYTES,
    Listing,
    lock_list,
    read_list,
    restore,
    segment_name,
    withdraw,
)
from ingest.engine.params import KNOWN, Params
from ingest.engine.records import Array, IndexRecord, SegmentInfo
from ingest.engine.segment import Segment
from ingest.engine.segment_writer import sync_folder, write_file

__all__ = ["INDEX_FILE", "Index", "TextRecord", "restore", "withdraw", "write_segment"]

NO_LISTING = Listing()
FEW_NAMES = 16
Place = tuple[Path, int, int | None]  # file, first byte and bytes of a segment


def write_segment(
    path: str | os.PathLike[str], records: Iterable[IndexRecord | TextRecord], params: Params
) -> SegmentInfo:
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
        final = target / segment_name(info.digest)
        os.replace(info.path, final)
        sync_folder(target)
    with lock_list(target) as held:
        listing = held.read()
        held.write(replace(listing, segments=(*listing.segments, final.name)))
    return replace(info, path=str(final))


class Index:
    """Open segments, queried as one. Read-only; safe to share between threads that only map."""

    def __init__(
        self, segments: Sequence[Segment], withdrawn: Collection[str] = (), listing: Listing = NO_LISTING
    ) -> None:
        self.segments = tuple(sorted(segments, key=lambda s: s.digest))
        self.withdrawn = frozenset(withdrawn) | frozenset(listing.withdrawn)
        self.listing = listing  # of the folder, where the index is one
        self._groups: dict[str, Array] = {}
        names = {s.params.name for s in self.segments}
        self.parameter_sets: tuple[Params, ...] = tuple(p for n, p in sorted(KNOWN.items()) if n in names)
        digests = "\n".join([*(s.digest for s in self.segments), *(f"-{w}" for w in sorted(self.withdrawn))])
        self.digest = "sha256:" + hashlib.sha256(digests.encode("utf-8", "surrogatepass")).hexdigest()

    @classmethod
    def open(
        cls, path: str | os.PathLike[str] | Iterable[str | os.PathLike[str]], *, withdrawn: Collection[str] = ()
    ) -> Index:
        """Open an index folder, a `.seg` file, or several of either. `BadIndex` says what is wrong with which file."""
        paths = [Path(path)] if isinstance(path, (str, os.PathLike)) else [Path(each) for each in path]
        try:
            segments, listings = _open_paths(paths)
        except BadIndex:  # or a merge has just replaced the files of the list that was read
            segments, listings = _open_paths(paths)
        listing = listings[0] if len(listings) == 1 else Listing(withdrawn=sum((x.withdrawn for x in listings), ()))
        return cls(segments, withdrawn, listing)

    @classmethod
    def open_zip(
        cls, zip_path: str | os.PathLike[str], prefix: str = "index/", *, withdrawn: Collection[str] = ()
    ) -> Index:
        """Open an index inside a zip without unpacking. Its members must be stored, not compressed."""
        path = Path(zip_path)
        try:
            with zipfile.ZipFile(path) as archive:
                member = archive.getinfo(prefix + INDEX_FILE)
                if member.file_size > MAX_LIST_BYTES:
                    raise BadIndex(f"{path}: {prefix}{INDEX_FILE} is too large", path=str(path))
                listing = Listing.from_bytes(archive.read(member), f"{path}!{prefix}{INDEX_FILE}")
                places = [(path, *_stored_at(path, archive.getinfo(prefix + name))) for name in listing.segments]
        except (zipfile.BadZipFile, KeyError, NotImplementedError, EOFError, zlib.error) as error:
            raise BadIndex(f"{path}: no index under {prefix} ({error})", path=str(path)) from error
        return cls(_open_all(places), withdrawn, listing)

    def groups(self, segment: Segment) -> Array:
        """Number of the group of kin works of each record of a segment (int64), −1 if withdrawn. Made at first use."""
        if not self._groups:
            self._groups = self._make_groups()
        return self._groups[segment.digest]

    def _make_groups(self) -> dict[str, Array]:
        if len(self.segments) == 1:
            [segment] = self.segments
            groups = segment.kin.astype(np.int64)
            groups[self._left_out(segment)] = -1
            return {segment.digest: groups}
        numbers: dict[str, int] = {}
        work_of = {
            s.digest: np.array(
                [-1 if w in self.withdrawn else numbers.setdefault(w, len(numbers)) for w in s.works()], np.int64
            )
            for s in self.segments
        }
        all_groups = {}
        for params in self.parameter_sets:
            same = [s for s in self.segments if s.params.name == params.name]
            kin = self._kin_of(same, [work_of[s.digest] for s in same], len(numbers), params)
            for segment in same:
                work = work_of[segment.digest]
                all_groups[segment.digest] = np.where(work < 0, -1, kin[work] if kin.size else -1)
        return all_groups

    def _left_out(self, segment: Segment) -> list[int]:
        """Records of withdrawn works. To look for a few names is faster than to read all."""
        if len(self.withdrawn) <= FEW_NAMES:
            return [record for work in sorted(self.withdrawn) for record in segment.records_of(work)]
        return [record for record, work in enumerate(segment.works()) if work in self.withdrawn]

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
        if len(self.segments) == 1 and not self.withdrawn:
            present, withdrawn = self.segments[0].header["works"], 0
        else:
            works = {work for segment in self.segments for work in segment.works()}
            present, withdrawn = len(works - self.withdrawn), len(works & self.withdrawn)
        totals = {
            name: sum(s.header["totals"][name] for s in self.segments)
            for name in ("with_text", "symbols", "letters", "words", "chars")
        }
        return {
            "digest": self.digest,
            "works": present,
            "records": sum(s.record_count for s in self.segments),
            "withdrawn": withdrawn,
            **totals,
            "postings": sum(s.header["postings"] for s in self.segments),
            "parameters": [{"name": p.name, "digest": p.digest} for p in self.parameter_sets],
            "segments": [{"digest": s.digest, "records": s.record_count} for s in self.segments],
        }

    def records_of(self, work: str) -> list[tuple[Segment, int]]:
        """Where a work's records are: segment and number."""
        return [(segment, record) for segment in self.segments for record in segment.records_of(work)]

    def verify(self) -> None:
        """Read every byte; `BadIndex` names the first segment and section that does not match its digest."""
        for segment in self.segments:
            segment.verify()

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


def _open_paths(paths: Sequence[Path]) -> tuple[list[Segment], list[Listing]]:
    places: list[Place] = []
    listings = []
    for path in paths:
        if path.is_file():
            places.append((path, 0, None))
            continue
        if not (path / INDEX_FILE).is_file():
            raise BadIndex(f"{path}: not an index (no {INDEX_FILE})", path=str(path))
        listings.append(read_list(path))
        places += [(path / name, 0, None) for name in listings[-1].segments]
    for file, _, _ in places:
        if not file.is_file():
            raise BadIndex(f"{file}: the segment is missing", path=str(file))
    return _open_all(places), listings


def _open_all(places: Iterable[Place]) -> list[Segment]:
    """All of them, or none."""
    segments: list[Segment] = []
    try:
        for path, start, size in places:
            segments.append(Segment(path, start, size))
    except BaseException:
        for segment in segments:
            segment.close()
        raise
    return segments


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
