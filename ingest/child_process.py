"""A child process that parses untrusted files: how it is started, asked, listened to and ended.

It has no network, cannot write files and has limits on memory and CPU, which it sets itself before it reads anything
(`ingest.readers.confinement`); this side limits waiting. What it says is understood, and not believed about shapes, by
whoever knows its frames: `ingest.sandbox` and `ingest.catalogues`.
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
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any, cast

import orjson

from ingest.readers.child import PIPE_BYTES
from ingest.readers.document import GIBIBYTE

START_SECONDS = 60.0
NOT_ISOLATED = "not parsed: the parser cannot be cut off the network here (ALLOW_UNISOLATED=1 permits it)"
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


class ChildProcess:
    """One running child: a module that reads requests, a line of JSON each, and answers with bytes."""

    def __init__(self, module: str, limits: Limits) -> None:
        self._limits = limits
        self._waited_seconds = 0.0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
            start_new_session=True,
        )
        assert self._process.stdout is not None
        self._output = cast(FileIO, self._process.stdout)
        _widen_pipe(self._output.fileno())
        self._poll = select.poll()
        self._poll.register(self._output, select.POLLIN | select.POLLHUP)

    def send(self, request: dict[str, Any]) -> None:
        """Ask for something. A child that is already gone is noticed, with its reason, when its answer is taken."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(orjson.dumps(request) + b"\n")

    def wait_anew(self) -> None:
        """From now on `wall_seconds` are counted from the start: another file."""
        self._waited_seconds = 0.0

    def take(self, size: int, silence_seconds: float) -> bytearray:
        """The next bytes of its output. Raises ChildEnded."""
        taken = bytearray(size)
        view = memoryview(taken)
        while view:
            self._wait(silence_seconds)
            count = self._output.readinto(view)
            if not count:
                raise self._explain_death()
            view = view[count:]
        return taken

    def kill(self) -> None:
        """End the child, at once and whatever it does; whoever waits in `take` is told."""
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        """End the child and let go of its pipes."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

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


def _widen_pipe(descriptor: int) -> None:
    """Let the child run a megabyte ahead where the platform allows it: fewer switches between the two."""
    command = getattr(fcntl, "F_SETPIPE_SZ", None)
    if command is not None:
        with contextlib.suppress(OSError):
            fcntl.fcntl(descriptor, command, PIPE_BYTES)


def _environment() -> dict[str, str]:
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
