"""Several uploaded files as one: a tar of them, the same for the same files, so that its digest says which."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, NamedTuple

from ingest.services import uploads
from registry.errors import InvalidInput

MOST_FILES = 100


class Upload(NamedTuple):
    """A file as it is handed in."""

    name: str
    stream: IO[bytes]


@contextmanager
def joined(files: Sequence[Upload]) -> Iterator[Upload]:
    """The one file as it is; of several a tar in the order of their names, without dates and owners.

    Records are then called tar#file#record. A name that comes again gets a number. The tar is gone afterwards.
    Raises FileTooLarge, or InvalidInput: no file, too many, an empty one.
    """
    if len(files) == 1:
        yield files[0]
        return
    sizes = [_size_of(file.stream) for file in files]
    _check(files, sizes)
    uploads.require_size(sum(sizes))
    with tempfile.TemporaryFile() as made:
        with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
            known: set[str] = set()
            for file, size in sorted(zip(files, sizes, strict=True), key=lambda row: (row[0].name, row[1])):
                entry = tarfile.TarInfo(_unused(uploads.clean_name(file.name), known))
                entry.size = size
                archive.addfile(entry, file.stream)
        made.seek(0)
        yield Upload(f"{len(files)} files.tar", made)


def _check(files: Sequence[Upload], sizes: Sequence[int]) -> None:
    causes = [f"{uploads.clean_name(file.name)} is empty." for file, size in zip(files, sizes, strict=True) if not size]
    if not files:
        causes = ["Choose at least one file."]
    if len(files) > MOST_FILES:
        causes = [f"There are {len(files)} files, and {MOST_FILES} are taken at once. Put them into an archive."]
    if causes:
        errors = [{"pointer": "/file", "cause": cause} for cause in causes]
        raise InvalidInput("These files cannot be taken.", errors=errors)


def _size_of(stream: IO[bytes]) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size


def _unused(name: str, known: set[str]) -> str:
    """The name, with a number before its endings where it is taken."""
    stem, dot, endings = name.partition(".")
    number, found = 1, name
    while found in known:
        number += 1
        found = f"{stem}-{number}{dot}{endings}"
    known.add(found)
    return found
