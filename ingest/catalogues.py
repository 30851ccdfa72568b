"""Catalogue files that somebody handed in: `open_catalogue`, with the parsing done in a limited child process.

The child has no network, cannot write files, and has limits on memory and time (`ingest.child_process`). Whatever
happens to it becomes a `CatalogueError` that says why.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from ingest.ahead import Ahead
from ingest.child_process import NOT_ISOLATED, START_SECONDS, ChildEnded, ChildProcess, Limits, NotUnderstood
from ingest.readers.confined import LENGTH_BYTES
from registry.importers.rows import CatalogueRow, DatasetRow, FileHead, from_json

MEBIBYTE = 1 << 20
MAX_FRAME_BYTES = 256 * MEBIBYTE
MAX_CONTROL_BYTES = 1 << 16
LIMITS = Limits(memory_bytes=1536 * MEBIBYTE, cpu_seconds=4 * 3600, wall_seconds=6 * 3600.0, silence_seconds=300.0)
HEAD_LIMITS = Limits(memory_bytes=1536 * MEBIBYTE, cpu_seconds=60, wall_seconds=90.0, silence_seconds=60.0)


class CatalogueError(Exception):
    """The file could not be read, or not to its end. `code` is stable, `cause` a sentence for the person."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause


def read_head(
    path: Path, *, name: str, columns: Mapping[str, str] | None = None, encoding: str | None = None
) -> FileHead:
    """What a catalogue file says of itself before its records. Raises CatalogueError."""
    with contextlib.closing(Reading(path, name=name, columns=columns, encoding=encoding, head_only=True)) as reading:
        return reading.head


class Reading:
    """One catalogue file being read in a child: `head` at once, then its rows by iteration; `close` ends the child."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        columns: Mapping[str, str] | None = None,
        encoding: str | None = None,
        head_only: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self._limits = limits or (HEAD_LIMITS if head_only else LIMITS)
        self._ahead: Ahead | None = None
        self._process = ChildProcess("ingest.catalogue_child", self._limits)
        self._ask(path, name, columns, encoding, head_only)
        try:
            self.head = self._begin()
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[CatalogueRow | DatasetRow]:
        """The rows in order. Raises CatalogueError where the file cannot be read on; rows before that were given."""
        if self._ahead is None:
            self._ahead = Ahead(lambda: self._frame(self._limits.silence_seconds))
        while True:
            frame = self._ahead.take()
            match _control(frame):
                case None:
                    pass
                case ["done"]:
                    return
                case ["failed", code, cause]:
                    raise CatalogueError(code, cause)
                case _:
                    raise _not_understood()
            for line in bytes(frame).split(b"\n"):
                row = _understood(line)
                if isinstance(row, FileHead):
                    raise _not_understood()
                yield row

    def close(self) -> None:
        """End the child, at once and whatever it does."""
        self._process.kill()
        if self._ahead is not None:
            self._ahead.end()
        self._process.close()

    def _ask(
        self, path: Path, name: str, columns: Mapping[str, str] | None, encoding: str | None, head_only: bool
    ) -> None:
        request = {
            "path": os.fsencode(path).decode("latin-1"),
            "name": name.encode("utf-8", "replace").decode(),
            "columns": dict(columns or {}),
            "encoding": encoding or "",
            "head_only": head_only,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": self._limits.cpu_seconds,
        }
        self._process.send(request)

    def _begin(self) -> FileHead:
        match _control(self._frame(START_SECONDS)):
            case ["ready", _]:
                pass
            case ["refused"]:
                raise CatalogueError("not_isolated", NOT_ISOLATED)
            case _:
                raise _not_understood()
        frame = self._frame(self._limits.silence_seconds)
        match _control(frame):
            case ["failed", code, cause]:
                raise CatalogueError(code, cause)
        head = _understood(bytes(frame))
        if not isinstance(head, FileHead):
            raise _not_understood()
        return head

    def _frame(self, silence_seconds: float) -> bytearray:
        try:
            size = int.from_bytes(self._process.take(LENGTH_BYTES, silence_seconds), "big")
            if size > MAX_FRAME_BYTES:
                raise CatalogueError("output_limit", f"one record gives {size} bytes")
            return self._process.take(size, silence_seconds)
        except ChildEnded as end:
            raise CatalogueError(end.code, end.cause) from end


def _control(frame: bytearray) -> list[str] | None:
    """The frame as a word of the child's own; None for a head or rows."""
    if b"\n" in frame or len(frame) > MAX_CONTROL_BYTES:
        return None
    try:
        said = orjson.loads(frame)
    except ValueError as error:
        raise _not_understood() from error
    return said if isinstance(said, list) and all(isinstance(part, str) for part in said) else None


def _not_understood() -> CatalogueError:
    end = NotUnderstood()
    return CatalogueError(end.code, end.cause)


def _understood(line: bytes) -> FileHead | CatalogueRow | DatasetRow:
    """What the child said of a head or a row; it is not believed about shapes."""
    try:
        return from_json(line)
    except (TypeError, ValueError, AttributeError, KeyError, LookupError) as error:
        raise _not_understood() from error
