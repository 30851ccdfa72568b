"""Catalogue files that somebody handed in: `open_catalogue`, with the parsing done in a limited child process.

The child has no network, cannot write files, and has limits on memory and time (`ingest.sandbox`). Whatever happens to
it becomes a `CatalogueError` that says why.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path
from typing import cast

import orjson

from ingest.ahead import Ahead
from ingest.catalogue_child import LENGTH_BYTES
from ingest.sandbox import START_SECONDS, Limits, child_environment, widen_pipe
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
        self._waited_seconds = 0.0
        self._ahead: Ahead | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.catalogue_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=child_environment(),
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._output = cast(FileIO, self._process.stdout)
        widen_pipe(self._output.fileno())
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN | select.POLLHUP)
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
        self._process.wait()
        if self._ahead is not None:
            self._ahead.end()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

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
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a child that is gone is noticed when its answer is read
            self._process.stdin.write(orjson.dumps(request) + b"\n")

    def _begin(self) -> FileHead:
        match _control(self._frame(START_SECONDS)):
            case ["ready", _]:
                pass
            case ["refused"]:
                cause = "not parsed: the parser cannot be cut off the network here (ALLOW_UNISOLATED=1 permits it)"
                raise CatalogueError("not_isolated", cause)
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
        size = int.from_bytes(self._take(LENGTH_BYTES, silence_seconds), "big")
        if size > MAX_FRAME_BYTES:
            raise CatalogueError("output_limit", f"one record gives {size} bytes")
        return self._take(size, silence_seconds)

    def _take(self, size: int, silence_seconds: float) -> bytearray:
        taken = bytearray(size)
        view = memoryview(taken)
        while view:
            self._wait(silence_seconds)
            count = self._output.readinto(view)
            if not count:
                raise self._explain_death()
            view = view[count:]
        return taken

    def _wait(self, silence_seconds: float) -> None:
        left_seconds = self._limits.wall_seconds - self._waited_seconds
        began = time.monotonic()
        ready = self._poll.poll(max(0.0, min(silence_seconds, left_seconds)) * 1000)
        self._waited_seconds += time.monotonic() - began
        if not ready:
            raise CatalogueError("time_limit", "reading stood still or took longer than is allowed")

    def _explain_death(self) -> CatalogueError:
        try:
            status = self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            return CatalogueError("reader_failed", "the reader closed its output")
        if status < 0:
            return CatalogueError("reader_killed", f"the reader was ended (signal {-status}): too large or too costly")
        return CatalogueError("reader_failed", f"the reader ended early with status {status}")


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
    return CatalogueError("reader_failed", "the reader's answer cannot be understood")


def _understood(line: bytes) -> FileHead | CatalogueRow | DatasetRow:
    """What the child said of a head or a row; it is not believed about shapes."""
    try:
        return from_json(line)
    except (TypeError, ValueError, AttributeError, KeyError, LookupError) as error:
        raise _not_understood() from error
