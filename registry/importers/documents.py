"""JSON documents in a file, folder or zip, plain or packed: one by one, within limits, each fault with its cause."""

import gzip
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, cast

import zstandard

MAX_DOCUMENT_BYTES = 64 * 2**20
MAX_DOCUMENTS = 20_000
SUFFIXES = (".json", ".jsonl", ".json.gz", ".jsonl.gz", ".json.zst", ".jsonl.zst")
GZIP_MAGIC, ZSTD_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"


class Unreadable(ValueError):
    """A document that is no JSON, or more than is read; the sentence says which."""


@dataclass(frozen=True)
class Document:
    """One file's content as it was parsed, or why it was not."""

    name: str
    value: Any = None
    fault: str = ""


def documents(path: Path) -> Iterator[Document]:
    """Every JSON document under `path` in the order of the names; one line of a `.jsonl` is one document."""
    for name, data in _files(path):
        if isinstance(data, Unreadable):
            yield Document(name, fault=str(data))
        elif _is_lines(name, data):
            for number, line in enumerate(data.splitlines(), start=1):
                if line.strip():
                    yield _document(f"{name}#{number}", line)
        else:
            yield _document(name, data)


def head(path: Path, size_bytes: int = 65_536) -> bytes:
    """The first bytes of the first document under `path`, unpacked: what a format is recognised by. Empty if none."""
    try:
        for _name, data in _files(path):
            return b"" if isinstance(data, Unreadable) else data[:size_bytes]
    except OSError:
        return b""
    return b""


def parse(data: bytes) -> Any:
    """The JSON value; Unreadable for anything else, for a key that stands twice, and for what is too deep."""
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refused)
    except UnicodeDecodeError as error:
        raise Unreadable(f"is not UTF-8: {error.reason} at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"is not JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise Unreadable("is nested too deep") from None
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable(f"holds a number that cannot be read: {error}"[:200]) from None


def _document(name: str, data: bytes) -> Document:
    try:
        return Document(name, parse(data))
    except Unreadable as fault:
        return Document(name, fault=str(fault))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _value in pairs]
        raise Unreadable(f"has the key “{next(key for key in keys if keys.count(key) > 1)[:100]}” twice in one object")
    return found


def _refused(name: str) -> NoReturn:
    raise Unreadable(f"holds {name}, which is no JSON number")


def _is_lines(name: str, data: bytes) -> bool:
    """Whether it is JSON Lines: by its name, or because a second line begins another object."""
    if name.removesuffix(".gz").removesuffix(".zst").endswith(".jsonl"):
        return True
    first, _, rest = data.partition(b"\n")
    return first.rstrip().endswith(b"}") and rest.lstrip()[:1] == b"{"


def _files(path: Path) -> Iterator[tuple[str, bytes | Unreadable]]:
    if path.is_dir():
        for number, inner in enumerate(sorted(inner for inner in path.rglob("*") if _is_wanted(inner.name))):
            if number == MAX_DOCUMENTS:
                yield inner.name, Unreadable(f"more than {MAX_DOCUMENTS} files are not read")
                return
            with inner.open("rb") as file:
                yield inner.relative_to(path).as_posix(), _unpacked(file)
        return
    with path.open("rb") as file:
        magic = file.read(4)
        file.seek(0)
        if magic == ZIP_MAGIC:
            yield from _zipped(file)
        else:
            yield path.name, _unpacked(file)


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "__MACOSX"))


def _zipped(file: BinaryIO) -> Iterator[tuple[str, bytes | Unreadable]]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = [
                row for row in archive.infolist() if not row.is_dir() and _is_wanted(row.filename.split("/")[-1])
            ]
            for number, member in enumerate(sorted(members, key=lambda row: row.filename)):
                if number == MAX_DOCUMENTS:
                    yield member.filename, Unreadable(f"more than {MAX_DOCUMENTS} files are not read")
                    return
                yield member.filename, _member(archive, member)
    except zipfile.BadZipFile as error:
        yield "", Unreadable(f"is a damaged zip: {error}")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | Unreadable:
    try:
        with archive.open(member) as inner:
            return _unpacked(cast(BinaryIO, inner))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        return Unreadable(f"cannot be unpacked: {error}"[:200])


def _unpacked(file: BinaryIO) -> bytes | Unreadable:
    """The content, unpacked by its first bytes; never more than MAX_DOCUMENT_BYTES of it are made."""
    magic = file.read(4)
    try:
        if magic[:2] == GZIP_MAGIC:
            data = gzip.GzipFile(fileobj=_from_start(file)).read(MAX_DOCUMENT_BYTES + 1)
        elif magic == ZSTD_MAGIC:
            data = zstandard.ZstdDecompressor().stream_reader(_from_start(file)).read(MAX_DOCUMENT_BYTES + 1)
        else:
            data = magic + file.read(MAX_DOCUMENT_BYTES + 1 - len(magic))
    except (OSError, EOFError, zstandard.ZstdError, zipfile.BadZipFile) as error:
        return Unreadable(f"cannot be unpacked: {error}"[:200])
    if len(data) > MAX_DOCUMENT_BYTES:
        return Unreadable(f"is larger than {MAX_DOCUMENT_BYTES // 2**20} MiB")
    return data


def _from_start(file: BinaryIO) -> BinaryIO:
    file.seek(0)
    return file
