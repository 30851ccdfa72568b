"""The list of an index folder, `index.json`: which segment files it has, and which works are withdrawn from them.

It is only ever replaced as a whole, by one process at a time, and on disk before the call returns.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ingest.engine.errors import BadIndex
from ingest.engine.segment_writer import sync_folder

INDEX_FILE = "index.json"
INDEX_FORMAT = "colophon-index-1"
SEGMENT_NAME = re.compile(r"[^/\\\0]+\.seg")
MAX_LIST_BYTES = 1 << 26


@dataclass(frozen=True)
class Listing:
    """What `index.json` says: the files, the works left out of them, and why the parameters were chosen (any facts)."""

    segments: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    chosen: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The file: names sorted, each once."""
        facts: dict[str, Any] = {"format": INDEX_FORMAT, "segments": sorted(set(self.segments))}
        if self.withdrawn:
            facts["withdrawn"] = sorted(set(self.withdrawn))
        if self.chosen:
            facts["chosen"] = self.chosen
        return json.dumps(facts, indent=1, ensure_ascii=True).encode()

    @classmethod
    def from_bytes(cls, raw: bytes, where: str) -> Listing:
        """The reverse; `BadIndex` names what is wrong."""
        try:
            facts = json.loads(raw)
            known, names = facts["format"] == INDEX_FORMAT, facts["segments"]
            withdrawn, chosen = facts.get("withdrawn", []), facts.get("chosen", {})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BadIndex(f"{where}: not an index list ({error})", path=where) from error
        if not known or not all(isinstance(part, list) for part in (names, withdrawn)) or not isinstance(chosen, dict):
            raise BadIndex(f"{where}: index format not known here", path=where)
        for name in names:
            if not isinstance(name, str) or not SEGMENT_NAME.fullmatch(name):
                raise BadIndex(f"{where}: {name!r} is not a segment's name", path=where)
        if len(set(names)) < len(names) or not all(isinstance(work, str) for work in withdrawn):
            raise BadIndex(f"{where}: a damaged index list", path=where)
        return cls(tuple(names), tuple(withdrawn), chosen)


def segment_name(digest: str) -> str:
    """What the file of a segment is called in an index folder."""
    return f"{digest.removeprefix('sha256:')[:24]}.seg"


def withdraw(folder: str | os.PathLike[str], works: Collection[str]) -> None:
    """Leave works out of an index from now on, without a rebuild; their records stay in the files."""
    with lock_list(Path(folder)) as held:
        listing = held.read()
        held.write(replace(listing, withdrawn=(*listing.withdrawn, *works)))


def restore(folder: str | os.PathLike[str], works: Collection[str]) -> None:
    """Take withdrawals back."""
    gone = set(works)
    with lock_list(Path(folder)) as held:
        listing = held.read()
        held.write(replace(listing, withdrawn=tuple(work for work in listing.withdrawn if work not in gone)))


class LockedList:
    """An index's list while nobody else changes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> Listing:
        """As it is."""
        return read_list(self._folder)

    def write(self, listing: Listing) -> None:
        """Replace it, atomically; when this returns the new one stands and is on disk."""
        _write_list(self._folder, listing)


@contextmanager
def lock_list(folder: Path) -> Iterator[LockedList]:
    """The only way to write `index.json`: one process at a time."""
    with (folder / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield LockedList(folder)


def _write_list(folder: Path, listing: Listing) -> None:
    handle, temporary = tempfile.mkstemp(prefix=".tmp-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(listing.to_bytes())
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, folder / INDEX_FILE)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(folder)


def read_list(folder: Path) -> Listing:
    """What the folder's `index.json` says; an empty list where there is none."""
    path = folder / INDEX_FILE
    if not path.exists():
        return Listing()
    if path.stat().st_size > MAX_LIST_BYTES:
        raise BadIndex(f"{path}: too large for an index list", path=str(path))
    return Listing.from_bytes(path.read_bytes(), str(path))
