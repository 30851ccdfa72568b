"""Untrusted files: `read_documents` is `open_documents` with the parsing done in a short-lived, limited child process.

The child has no network, cannot write files, and has limits on memory and CPU; this side limits output and waiting.
Whatever happens to it becomes a bad record that names the file. docs/readers.md says what is isolated where.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import FileIO
from pathlib import Path
from typing import Any, cast

import orjson

from ingest.readers.child import LENGTH_BYTES, PIPE_BYTES
from ingest.readers.document import GIBIBYTE, MEBIBYTE, BadRecord, Document, ReadError, ReadOptions
from ingest.readers.walk import DEFAULT_OPTIONS, list_files

START_SECONDS = 60.0
MAX_HEADER_BYTES = 64 * MEBIBYTE
# A text that came in another encoding can take twice the bytes in UTF-8.
UTF8_GROWTH = 2
INHERITED_VARIABLES = ("ALLOW_UNISOLATED", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
PROJECT_FOLDER = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use. Times in seconds; waiting for whoever consumes the documents is not counted.

    memory_bytes     address space of the child
    cpu_seconds      of one child; a folder's files share it, and a child past half of it is replaced between files
    wall_seconds     waiting for the child, per file
    silence_seconds  waiting for the next output
    output_bytes     texts and metadata as JSON, per file
    documents        documents and bad records, per file
    """

    memory_bytes: int = GIBIBYTE
    cpu_seconds: int = 3600
    wall_seconds: float = 7200.0
    silence_seconds: float = 300.0
    output_bytes: int = 256 * GIBIBYTE
    documents: int = 1_000_000_000


DEFAULT_LIMITS = Limits()


class ChildEnded(Exception):
    """The child died or broke a limit while it read a file."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause


class NotUnderstood(ChildEnded):
    """The child does not speak as it should: it is broken, or no longer itself."""

    def __init__(self) -> None:
        super().__init__("reader_failed", "the reader's answer cannot be understood")


def read_documents(
    path: str | os.PathLike[str],
    options: ReadOptions = DEFAULT_OPTIONS,
    limits: Limits = DEFAULT_LIMITS,
    *,
    name: str | None = None,
) -> Iterator[Document | BadRecord]:
    """As `open_documents(path, options, name=name)`, parsed in a limited child process that ends with the iterator.

    Raises ReadError: `not_found`, `not_readable` at once, `not_isolated` when the child cannot be cut off the network
    here and ALLOW_UNISOLATED=1 is not set.
    """
    return _read_listed(list_files(path, name=name), options, limits)


def _read_listed(
    listed: Iterator[tuple[str, Path] | BadRecord], options: ReadOptions, limits: Limits
) -> Iterator[Document | BadRecord]:
    child: Child | None = None
    try:
        for item in listed:
            if isinstance(item, BadRecord):
                yield item
                continue
            shown, path = item
            if child is None:
                child = Child(options, limits)
            try:
                yield from child.read(path, shown)
            except ChildEnded as end:
                yield BadRecord(shown, end.code, end.cause)
            if child.is_spent:
                child.stop()
                child = None
    finally:
        if child is not None:
            child.stop()


class Child:
    """One running child. `read` may be called for one file after another until `is_spent`."""

    def __init__(self, options: ReadOptions, limits: Limits) -> None:
        self._limits = limits
        self._max_body_bytes = UTF8_GROWTH * options.max_document_bytes + MEBIBYTE
        self._waited_seconds = 0.0
        self._started = False
        self.is_spent = False
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "ingest.readers.child"],
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
        self._send({"options": asdict(options), "memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds})

    def read(self, path: Path, shown: str) -> Iterator[Document | BadRecord]:
        """The documents of one file. Raises ChildEnded (then the child is spent) and ReadError `not_isolated`."""
        self.is_spent = True  # until the file's end was seen: whatever interrupts leaves the stream between frames
        self._await_start(shown)
        self._waited_seconds = 0.0
        self._send({"path": os.fsencode(path).decode("latin-1"), "name": shown})
        output_bytes = documents = 0
        while True:
            kind, content, body = self._next_frame(self._limits.silence_seconds)
            if kind == "items":
                output_bytes += len(body)
                documents += len(content)
                if output_bytes > self._limits.output_bytes:
                    raise ChildEnded("output_limit", f"gives more than {self._limits.output_bytes} bytes of text")
                if documents > self._limits.documents:
                    raise ChildEnded("document_limit", f"gives more than {self._limits.documents} documents")
                yield from _unpack(content, body)
            elif kind == "done":
                self.is_spent = content > self._limits.cpu_seconds / 2
                return
            else:
                raise ChildEnded(*content)

    def stop(self) -> None:
        """End the child, at once and whatever it does."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _await_start(self, shown: str) -> None:
        if self._started:
            return
        kind, _content, _size = self._next_frame(START_SECONDS)
        if kind == "refused":
            cause = "not parsed: the parser cannot be cut off the network here (ALLOW_UNISOLATED=1 permits it)"
            raise ReadError("not_isolated", shown, cause)
        self._started = True

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        # A child that is already gone is noticed, with its reason, when its answer is read.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(orjson.dumps(request) + b"\n")

    def _next_frame(self, silence_seconds: float) -> tuple[str, Any, bytearray]:
        """Kind, content and texts of the next frame."""
        lengths = self._take(2 * LENGTH_BYTES, silence_seconds)
        header_bytes = int.from_bytes(lengths[:LENGTH_BYTES], "big")
        body_bytes = int.from_bytes(lengths[LENGTH_BYTES:], "big")
        if header_bytes > MAX_HEADER_BYTES or body_bytes > self._max_body_bytes:
            raise ChildEnded("output_limit", f"the reader gives {header_bytes + body_bytes} bytes at once")
        try:
            kind, *content = orjson.loads(self._take(header_bytes, silence_seconds))
        except (TypeError, ValueError) as error:
            raise NotUnderstood from error
        body = self._take(body_bytes, silence_seconds)
        match kind, content:
            case ("items", [list() as items]):
                return kind, items, body
            case ("done", [float() | int() as cpu_seconds]):
                return kind, cpu_seconds, body
            case ("ready", [str()]) | ("refused", []) | ("failed", [str(), str()]):
                return kind, content, body
        raise NotUnderstood

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
            raise ChildEnded("time_limit", f"reading stood still or took longer than {self._limits.wall_seconds:g} s")

    def _explain_death(self) -> ChildEnded:
        try:
            status = self._process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            return ChildEnded("reader_failed", "the reader closed its output")
        if status == -signal.SIGXCPU:
            return ChildEnded("cpu_limit", f"reading took more than {self._limits.cpu_seconds} s of CPU time")
        if status == -signal.SIGKILL:
            return ChildEnded("reader_killed", "the reader was killed, most likely for want of memory")
        if status < 0:
            return ChildEnded("reader_crashed", f"the reader crashed ({signal.Signals(-status).name})")
        return ChildEnded("reader_failed", f"the reader ended early with status {status}")


def _unpack(items: list[Any], body: bytearray) -> Iterator[Document | BadRecord]:
    """The other side of `child.Batch`; the child is not believed about types, sizes and encodings."""
    texts = memoryview(body)
    for item in items:
        match item:
            case [str(name), int(size), dict(meta), str(media_type), None | str() as encoding] if (
                0 <= size <= len(texts)
            ):
                try:
                    text = str(texts[:size], "utf-8")
                except UnicodeDecodeError as error:
                    raise NotUnderstood from error
                texts = texts[size:]
                yield Document(name, text, meta, media_type, encoding)
            case [str(name), str(code), str(cause)]:
                yield BadRecord(name, code, cause)
            case _:
                raise NotUnderstood


def widen_pipe(descriptor: int) -> None:
    """Let the child run a megabyte ahead where the platform allows it: fewer switches between the two."""
    command = getattr(fcntl, "F_SETPIPE_SZ", None)
    if command is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, command, PIPE_BYTES)


def child_environment() -> dict[str, str]:
    """Next to nothing: no secret of this process is within the child's reach."""
    kept = {key: os.environ[key] for key in INHERITED_VARIABLES if key in os.environ}
    return kept | {
        "PYTHONPATH": str(PROJECT_FOLDER),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
    }
