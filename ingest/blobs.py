"""The blob store: files kept outside the database, addressed by owner and content, in a folder or in S3 (BLOB_URL).

A key is `<folder>/<SHA-256>`: the folder belongs to one deposit or one scan, so that whoever is done with its files can
delete them without asking who else has the same content. Index segments lie under `index/` by their own digest. No part
of a key ever comes from a user. A key exists whole or not at all: a folder gets a file beside its final place that is
then moved, an object store shows an object only when all of it has arrived.
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
from fsspec.implementations.local import LocalFileSystem

COPY_BYTES = 1 << 20
PART_BYTES = 8 << 20  # of an object, moved at a time: what a transfer holds in memory is this times PARTS_AT_ONCE
PARTS_AT_ONCE = 4
READING = "reading-"  # how the folders are called that readers look into
INDEX = "index"
FOLDER = re.compile(r"[a-z]+/[0-9a-z]{12}(/[a-z]+)?")
INDEX_KEY = re.compile(rf"{INDEX}/[0-9a-f]{{64}}\.seg")
ENDINGS = re.compile(r"(\.[a-z0-9]{1,8}){1,2}$")
OBJECT_STORE_OPTIONS: dict[str, Any] = {
    "use_listings_cache": False,  # other machines write to the same store
    "default_block_size": PART_BYTES,
    "max_concurrency": PARTS_AT_ONCE,
    "config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"mode": "standard", "max_attempts": 5}},
}


@dataclass(frozen=True)
class Blob:
    """A stored file: its key, the SHA-256 of its bytes as hex, and how many there are."""

    key: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True)
class Stored:
    """What a listing says of a file: key, size, and when it was last written."""

    key: str
    size_bytes: int
    modified: datetime.datetime


def _store() -> tuple[Any, str]:
    """The file system and the root path that BLOB_URL names.

    Where an S3 server is and what opens it is read from the environment by the S3 client itself (AWS_ENDPOINT_URL,
    AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, or what else that client knows).
    """
    url = str(settings.BLOB_URL)
    options = OBJECT_STORE_OPTIONS if url.startswith("s3://") else {}
    filesystem, root = fsspec.core.url_to_fs(url, **options)
    return filesystem, root.rstrip("/")


def _local_root() -> Path | None:
    """The store's folder, None for an object store."""
    filesystem, root = _store()
    return Path(root) if isinstance(filesystem, LocalFileSystem) else None


def put(source: bytes | Path | IO[bytes], folder: str) -> Blob:
    """Store bytes, a local file or an open stream under `folder`; the same content again changes nothing."""
    if not FOLDER.fullmatch(folder):
        raise ValueError(f"not a blob folder: {folder!r}")
    local_root = _local_root()
    if local_root is not None:
        with _partial(local_root / folder) as partial:
            with partial.open("wb") as target:
                digest, size_bytes = _copy(source, target)
            _move(partial, local_root / folder / digest)
        return Blob(f"{folder}/{digest}", digest, size_bytes)
    if isinstance(source, Path):  # an object's name has to be known before the first byte is sent
        with source.open("rb") as stream:
            digest, size_bytes = _copy(stream, None)
        _upload(source, f"{folder}/{digest}")
        return Blob(f"{folder}/{digest}", digest, size_bytes)
    with tempfile.TemporaryDirectory(prefix="upload-") as spool:
        path = Path(spool) / "blob"
        with path.open("wb") as target:
            digest, size_bytes = _copy(source, target)
        _upload(path, f"{folder}/{digest}")
    return Blob(f"{folder}/{digest}", digest, size_bytes)


def put_segment(path: Path, key: str) -> None:
    """Store an index segment under its own digest; in a folder of the same disk that takes no second copy."""
    if not INDEX_KEY.fullmatch(key):
        raise ValueError(f"not a segment's key: {key!r}")
    local_root = _local_root()
    if local_root is None:
        _upload(path, key)
        return
    with _partial(local_root / INDEX) as partial:
        _link(path, partial)
        _move(partial, local_root / key)


def _upload(path: Path, key: str) -> None:
    filesystem, root = _store()
    filesystem.put_file(str(path), f"{root}/{key}", chunksize=PART_BYTES, max_concurrency=PARTS_AT_ONCE)


def _copy(source: bytes | Path | IO[bytes], target: IO[bytes] | None) -> tuple[str, int]:
    """Write all of the source to the target, if there is one; returns SHA-256 as hex, and bytes."""
    digest, size_bytes = hashlib.sha256(), 0
    for piece in _pieces(source):
        digest.update(piece)
        size_bytes += len(piece)
        if target:
            target.write(piece)
    return digest.hexdigest(), size_bytes


def _pieces(source: bytes | Path | IO[bytes]) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        with source.open("rb") as stream:
            yield from _pieces(stream)
    else:
        while piece := source.read(COPY_BYTES):
            yield piece


@contextmanager
def _partial(folder: Path) -> Iterator[Path]:
    """Where to write a file beside its final place; what is not moved away by the end is removed."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".partial-{secrets.token_hex(8)}"
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _move(partial: Path, place: Path) -> None:
    """Rename a written file; after a power failure it is there whole or not at all."""
    with partial.open("rb") as stream:
        os.fsync(stream.fileno())
    os.replace(partial, place)
    descriptor = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(key: str) -> bytes:
    """All bytes of a blob. Raises FileNotFoundError."""
    filesystem, root = _store()
    return bytes(filesystem.cat_file(f"{root}/{key}"))


@contextmanager
def opened(key: str) -> Iterator[IO[bytes]]:
    """A blob as a stream that is read piece by piece. Raises FileNotFoundError."""
    filesystem, root = _store()
    with filesystem.open(f"{root}/{key}", "rb") as stream:
        yield stream


def fetch(key: str, place: Path) -> None:
    """A blob as a local file, at a place where there is none; a store on the same disk is linked to.

    Raises FileNotFoundError; then, and after any other error, nothing is left at `place`.
    """
    filesystem, root = _store()
    try:
        if isinstance(filesystem, LocalFileSystem):
            _link(Path(root) / key, place)
        else:
            filesystem.get_file(f"{root}/{key}", str(place), max_concurrency=PARTS_AT_ONCE)
    except FileExistsError:
        raise
    except BaseException:
        place.unlink(missing_ok=True)
        raise


def exists(key: str) -> bool:
    """Whether a blob is there."""
    filesystem, root = _store()
    return bool(filesystem.exists(f"{root}/{key}"))


def size_of(key: str) -> int:
    """Bytes of a blob. Raises FileNotFoundError."""
    filesystem, root = _store()
    return int(filesystem.size(f"{root}/{key}"))


def delete(key: str) -> None:
    """Remove a blob; one that is gone already is no error."""
    filesystem, root = _store()
    with suppress(FileNotFoundError):
        filesystem.rm_file(f"{root}/{key}")


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


def listing(folder: str) -> list[Stored]:
    """Every file under a folder, half-written ones of a local store included; [] where there is none."""
    filesystem, root = _store()
    try:
        found = filesystem.find(f"{root}/{folder}", detail=True)
    except FileNotFoundError:  # somebody is deleting it now
        return []
    return [
        Stored(path.removeprefix(f"{root}/"), facts["size"], _modified(facts)) for path, facts in sorted(found.items())
    ]


def _modified(facts: dict[str, Any]) -> datetime.datetime:
    if "mtime" in facts:
        return datetime.datetime.fromtimestamp(facts["mtime"], datetime.UTC)
    moment: datetime.datetime = facts["LastModified"]
    return moment


def is_older(folder: str, age: datetime.timedelta) -> bool:
    """Whether every file under `folder` was last written longer ago than `age`."""
    limit = datetime.datetime.now(datetime.UTC) - age
    return all(stored.modified < limit for stored in listing(folder))


def remove_reading_folders(age: datetime.timedelta) -> int:
    """Delete what readers that were killed longer ago than `age` left beside a local store; returns how many."""
    local_root = _local_root()
    if local_root is None:
        return 0  # theirs lie in the machine's folder for temporary files
    limit = time.time() - age.total_seconds()
    old = [path for path in local_root.glob(f"{READING}*") if path.is_dir() and path.lstat().st_mtime < limit]
    for path in old:
        shutil.rmtree(path, ignore_errors=True)
    return len(old)


@contextmanager
def local_folder(files: list[tuple[str, str]]) -> Iterator[Path]:
    """Blobs as local files for a reader: [(key, original name)] → a folder with 000000.txt, 000001.jsonl.gz, …

    Of the original name only a harmless ending is used: readers look at it where content says nothing.
    """
    local_root = _local_root()
    if local_root is not None:
        local_root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=READING, dir=local_root))
    try:
        for number, (key, name) in enumerate(files):
            fetch(key, folder / f"{number:06d}{ending(name)}")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _link(blob: Path, place: Path) -> None:
    try:
        os.link(blob, place)
    except (FileNotFoundError, FileExistsError):
        raise
    except OSError:  # another disk, or a file system without hard links
        shutil.copyfile(blob, place)


def ending(name: str) -> str:
    """The last one or two endings of a file name, lower case, where they are plain letters and digits."""
    found = ENDINGS.search(name.rpartition("/")[2].lower())
    return found.group() if found else ""
