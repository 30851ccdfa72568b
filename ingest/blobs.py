"""The blob store: files kept outside the database, addressed by owner and content over fsspec (BLOB_URL).

A key is `<folder>/<SHA-256>`: the folder belongs to one deposit or one scan, so that whoever is done with its files can
delete them without asking who else has the same content. No part of a key ever comes from a user.
"""

import datetime
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import fsspec
from django.conf import settings

COPY_BYTES = 1 << 20
READING = "reading-"  # how the folders are called that readers look into
FOLDER = re.compile(r"[a-z]+/[0-9a-z]{12}(/[a-z]+)?")
ENDINGS = re.compile(r"(\.[a-z0-9]{1,8}){1,2}$")


@dataclass(frozen=True)
class Blob:
    """A stored file: its key, the SHA-256 of its bytes as hex, and how many there are."""

    key: str
    sha256: str
    size_bytes: int


def _store() -> tuple[Any, str]:
    """The file system and the root path that BLOB_URL names."""
    filesystem, root = fsspec.core.url_to_fs(settings.BLOB_URL)
    return filesystem, root.rstrip("/")


def put(source: bytes | Path | IO[bytes], folder: str) -> Blob:
    """Store bytes, a local file or an open stream under `folder`; the same content again changes nothing.

    Written beside its final place and then moved: a key exists whole or not at all.
    """
    if not FOLDER.fullmatch(folder):
        raise ValueError(f"not a blob folder: {folder!r}")
    filesystem, root = _store()
    partial = f"{root}/{folder}/.partial-{secrets.token_hex(8)}"
    filesystem.makedirs(f"{root}/{folder}", exist_ok=True)
    digest, size_bytes = hashlib.sha256(), 0
    try:
        with filesystem.open(partial, "wb") as target:
            for piece in _pieces(source):
                digest.update(piece)
                size_bytes += len(piece)
                target.write(piece)
        key = f"{folder}/{digest.hexdigest()}"
        filesystem.mv(partial, f"{root}/{key}")
    except BaseException:
        with suppress(OSError):
            filesystem.rm(partial)
        raise
    return Blob(key, digest.hexdigest(), size_bytes)


def _pieces(source: bytes | Path | IO[bytes]) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            yield from _pieces(stream)
    else:
        while piece := source.read(COPY_BYTES):
            yield piece


def read(key: str) -> bytes:
    """All bytes of a blob. Raises FileNotFoundError."""
    filesystem, root = _store()
    return bytes(filesystem.cat_file(f"{root}/{key}"))


def exists(key: str) -> bool:
    """Whether a blob is there."""
    filesystem, root = _store()
    return bool(filesystem.exists(f"{root}/{key}"))


def delete(key: str) -> None:
    """Remove a blob; one that is gone already is no error."""
    filesystem, root = _store()
    with suppress(FileNotFoundError):
        filesystem.rm(f"{root}/{key}")


def delete_folder(folder: str) -> None:
    """Remove all blobs of one owner."""
    if not FOLDER.fullmatch(folder):
        raise ValueError(f"not a blob folder: {folder!r}")
    filesystem, root = _store()
    with suppress(FileNotFoundError):
        filesystem.rm(f"{root}/{folder}", recursive=True)


def owners(kind: str) -> list[str]:
    """The ids of everybody who has files under `kind`: "deposits", "scans"."""
    filesystem, root = _store()
    try:
        there = filesystem.ls(f"{root}/{kind}", detail=False)
    except FileNotFoundError:
        return []
    names = [str(path).rstrip("/").rpartition("/")[2] for path in there]
    return [name for name in names if FOLDER.fullmatch(f"{kind}/{name}")]


def is_older(folder: str, age: datetime.timedelta) -> bool:
    """Whether every file under `folder` was last written longer ago than `age`."""
    filesystem, root = _store()
    limit = datetime.datetime.now(datetime.UTC) - age
    try:
        return all(filesystem.modified(path) < limit for path in filesystem.find(f"{root}/{folder}"))
    except FileNotFoundError:  # somebody is deleting it now
        return False


def remove_reading_folders(age: datetime.timedelta) -> int:
    """Delete what readers that were killed longer ago than `age` left beside a local store; returns how many."""
    filesystem, root = _store()
    if not isinstance(filesystem, fsspec.implementations.local.LocalFileSystem):
        return 0  # theirs lie in the machine's folder for temporary files
    limit = time.time() - age.total_seconds()
    old = [path for path in Path(root).glob(f"{READING}*") if path.is_dir() and path.lstat().st_mtime < limit]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


@contextmanager
def local_folder(files: list[tuple[str, str]]) -> Iterator[Path]:
    """Blobs as local files for a reader: [(key, original name)] → a folder with 000000.txt, 000001.jsonl.gz, …

    Of the original name only a harmless ending is used: readers look at it where content says nothing.
    """
    filesystem, root = _store()
    is_local = isinstance(filesystem, fsspec.implementations.local.LocalFileSystem)
    if is_local:
        os.makedirs(root, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=READING, dir=root if is_local else None))
    try:
        for number, (key, name) in enumerate(files):
            place = folder / f"{number:06d}{ending(name)}"
            if is_local:
                _link(Path(root) / key, place)
            else:
                filesystem.get_file(f"{root}/{key}", str(place))
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _link(blob: Path, place: Path) -> None:
    try:
        os.link(blob, place)
    except FileNotFoundError:
        raise
    except OSError:  # a file system without hard links
        shutil.copyfile(blob, place)


def ending(name: str) -> str:
    """The last one or two endings of a file name, lower case, where they are plain letters and digits."""
    found = ENDINGS.search(name.rpartition("/")[2].lower())
    return found.group() if found else ""
