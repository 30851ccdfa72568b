"""Files of index segments: the blob store has each under its digest, every machine maps copies in INDEX_DIR.

A copy is believed when it was read and compared with its digests once and has not been written to since (`.ok` beside
it says so). Anything else, be it cut short, damaged or of another kind, is named in the log, removed and fetched again.
One process of a machine fetches at a time. A file that somebody has mapped may be removed: the mapping keeps it.
"""

import fcntl
import logging
import os
import secrets
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from ingest import blobs
from ingest.engine.errors import EngineError
from ingest.engine.segment import Segment as SegmentFile
from registry.errors import ColophonError

logger = logging.getLogger(__name__)

FREE_BYTES = 1 << 30  # of the disk that stay free when a segment is fetched
NEW = ".new-"
LOCK = ".fetching"


class IndexCacheFull(ColophonError):
    """The segments of one index do not fit into INDEX_CACHE_BYTES, or onto the disk."""

    code = "INDEX_CACHE_FULL"


class StoredDamaged(Exception):
    """What the blob store holds under a segment's digest is something else."""


@dataclass(frozen=True)
class Copy:
    """A segment file of this machine: its size, and when it was last opened or fetched (seconds since 1970)."""

    path: Path
    size_bytes: int
    used: float


def name_of(digest: str) -> str:
    """What the file of a segment is called."""
    return f"{digest.removeprefix('sha256:')[:24]}.seg"


def key_of(digest: str) -> str:
    """Its key in the blob store."""
    return f"{blobs.INDEX}/{digest.removeprefix('sha256:')}.seg"


def folder() -> Path:
    """This machine's folder, made when it is missing."""
    place = Path(settings.INDEX_DIR)
    place.mkdir(parents=True, exist_ok=True)
    return place


@contextmanager
def draft() -> Iterator[Path]:
    """Where to write a new segment; what is not added by the end is removed."""
    path = folder() / f"{NEW}{secrets.token_hex(8)}.seg"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def add(written: Path, digest: str) -> None:
    """Take a segment just written: into the store first, so that whoever finds it listed can have it, then into use."""
    blobs.put_segment(written, key_of(digest))
    place = folder() / name_of(digest)
    os.replace(written, place)
    _mark(place)


def present(digest: str, *, keep: Collection[str] = (), needed: Callable[[], Collection[str]] = tuple) -> Path:
    """The segment's file on this machine, fetched when it is missing or not sound.

    keep: digests that must stay, those of the index that is being opened. needed: digests that others use, the last to
    go when room is wanted. Raises FileNotFoundError (not stored), StoredDamaged, IndexCacheFull or OSError (the store
    does not answer).
    """
    path = folder() / name_of(digest)
    if _is_marked(path):
        _mark(path)
        return path
    with _one_at_a_time():
        if not _is_marked(path) and not _is_sound(path, digest):
            _fetch(digest, path, {name_of(other) for other in keep}, needed)
        return path


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (folder() / LOCK).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(digest: str, path: Path, keep: set[str], needed: Callable[[], Collection[str]]) -> None:
    make_room(blobs.size_of(key_of(digest)), keep=keep, needed=needed)
    with draft() as partial:
        blobs.fetch(key_of(digest), partial)
        try:
            _verify(partial, digest)
        except EngineError as error:
            raise StoredDamaged(f"{key_of(digest)}: {_said(error, partial)}") from error
        os.replace(partial, path)
    _mark(path)


def _said(error: EngineError, path: Path) -> str:
    """What is wrong, without the machine's folders."""
    return str(error).replace(f"{path}: ", "").replace(f"{path.name}: ", "")


def _verify(path: Path, digest: str) -> None:
    """Read all of a file and compare it with its digests. Raises EngineError."""
    opened = SegmentFile(path)
    try:
        if opened.digest != digest:
            raise EngineError(f"it holds the segment {opened.digest}, not {digest}")
        opened.verify()
    finally:
        opened.close()


def _is_sound(path: Path, digest: str) -> bool:
    """Whether an unmarked file is what it should be; then it is marked, else removed."""
    if not path.is_file():
        return False
    try:
        _verify(path, digest)
    except EngineError as error:
        logger.warning(
            "the index file %s is not the segment %s (%s): fetched again", path.name, digest, _said(error, path)
        )
        forget(path)
        return False
    _mark(path)
    return True


def _mark_of(path: Path) -> Path:
    return path.with_suffix(".ok")


def _state(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns}"


def _mark(path: Path) -> None:
    """Write down that the file is sound as it is now; the mark's own time is that of the last use."""
    partial = path.with_name(f"{NEW}{secrets.token_hex(8)}.ok")
    partial.write_text(_state(path))
    os.replace(partial, _mark_of(path))


def _is_marked(path: Path) -> bool:
    try:
        return _mark_of(path).read_text() == _state(path)
    except FileNotFoundError:
        return False


def doubt(digest: str) -> None:
    """Have the file read and compared again before its next use."""
    _mark_of(folder() / name_of(digest)).unlink(missing_ok=True)


def forget(path: Path) -> None:
    """Remove a copy; the store still has the segment."""
    path.unlink(missing_ok=True)
    _mark_of(path).unlink(missing_ok=True)


def copies() -> list[Copy]:
    """What this machine has, the longest unused first; half-written files are among them."""
    found = []
    for path in folder().glob("*.seg"):
        try:
            size_bytes = path.stat().st_size
            used = (_mark_of(path) if _mark_of(path).exists() else path).stat().st_mtime
        except FileNotFoundError:  # removed by another process
            continue
        found.append(Copy(path, size_bytes, used))
    return sorted(found, key=lambda copy: copy.used)


def make_room(size_bytes: int, *, keep: Collection[str], needed: Callable[[], Collection[str]]) -> None:
    """Remove copies until so many bytes more fit: first what nobody needs, then the longest unused; never `keep`.

    keep: file names. Raises IndexCacheFull when that does not suffice.
    """
    there = [copy for copy in copies() if not copy.path.name.startswith(NEW)]
    excess = _excess(size_bytes, sum(copy.size_bytes for copy in there))
    if excess <= 0:
        return
    names = {name_of(digest) for digest in needed()}
    candidates = [copy for copy in there if copy.path.name not in keep]
    for copy in sorted(candidates, key=lambda copy: copy.path.name in names):  # stable: the longest unused first
        forget(copy.path)
        excess -= copy.size_bytes
        logger.info("the index file %s was removed to make room", copy.path.name)
        if excess <= 0:
            return
    raise IndexCacheFull(
        f"An index segment of {size_bytes:,} bytes does not fit: {excess:,} bytes are wanting in INDEX_DIR.",
        bytes=size_bytes,
        wanting=excess,
    )


def _excess(more_bytes: int, held_bytes: int) -> int:
    """How many bytes have to go before `more_bytes` fit: under the bound that is set, and onto the disk."""
    on_disk = more_bytes + FREE_BYTES - shutil.disk_usage(folder()).free
    bound = settings.INDEX_CACHE_BYTES
    return max(on_disk, held_bytes + more_bytes - bound) if bound else on_disk


def remove_copies(unwanted: Collection[str], known: Collection[str], *, older_than_seconds: float) -> set[str]:
    """Remove the copies with these names at once, and what is neither known nor young; returns what went."""
    limit = time.time() - older_than_seconds
    gone = [c.path for c in copies() if c.path.name in unwanted or (c.path.name not in known and c.used < limit)]
    for path in gone:
        forget(path)
    return {path.name for path in gone}
