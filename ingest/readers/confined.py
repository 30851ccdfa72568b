"""How a child process that parses untrusted files begins and speaks; each of them has frames of its own.

It takes stdout for its frames alone, hears the request on stdin (one line of JSON with memory_bytes and cpu_seconds),
shuts itself in (`ingest.readers.confinement`), and says ["ready", isolation] or ["refused"] before it opens any file.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import orjson

from ingest.readers.confinement import drop_privileges, isolate_network, limit_resources

LENGTH_BYTES = 8  # of a length in front of a frame, big-endian
Say = Callable[[BinaryIO, list[Any]], None]


def begin(say: Say) -> tuple[BinaryIO, dict[str, Any]] | None:
    """Where frames go and what is asked, once this process is shut in; None where that is not possible: end then."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # what a library prints must not stand between frames
    os.dup2(silence, 2)
    request = orjson.loads(sys.stdin.buffer.readline())
    drop_privileges()
    limit_resources(request["memory_bytes"], request["cpu_seconds"])
    isolation = isolate_network(os.environ)
    say(output, ["refused"] if isolation is None else ["ready", isolation])
    return None if isolation is None else (output, request)


def failed(error: Exception) -> list[str]:
    """The frame for a file that could not be read to its end, by what was raised."""
    if isinstance(error, MemoryError):
        return ["failed", "memory_limit", "reading needs more memory than is allowed"]
    if isinstance(error, RecursionError):
        return ["failed", "nesting_limit", "structures are nested too deeply"]
    return ["failed", "not_readable", f"the file cannot be read ({type(error).__name__})"]


def write_frame(output: BinaryIO, body: bytes) -> None:
    """One frame of a length and a body."""
    write_whole(output, len(body).to_bytes(LENGTH_BYTES, "big"), body)


def write_whole(output: BinaryIO, *parts: bytes) -> None:
    """All of it: a pipe may take less at once."""
    for part in parts:
        view = memoryview(part)
        while view:
            view = view[output.write(view) or 0 :]
