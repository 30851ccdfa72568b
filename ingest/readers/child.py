"""The limited child that `ingest.sandbox` starts: requests on stdin, frames on stdout.

Request lines: first {"options": …, "memory_bytes": …, "cpu_seconds": …}, then {"path": …, "name": …} for each file.
A frame is its length (8 bytes, big-endian) and a JSON array [kind, …]:
["ready", isolation] · ["refused"] · ["items", [[name, text, meta, media type, encoding] | [name, code, cause], …]] ·
["done", CPU seconds] · ["failed", code, cause].
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ingest.readers.confinement import drop_privileges, isolate_network, limit_resources
from ingest.readers.document import BadRecord, Document, ReadOptions
from ingest.readers.walk import read_file

BATCH_CHARS = 256 * 1024
LENGTH_BYTES = 8


def main() -> int:
    """Confine this process, then read file after file until stdin ends."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    setup = orjson.loads(sys.stdin.buffer.readline())
    drop_privileges()
    limit_resources(setup["memory_bytes"], setup["cpu_seconds"])
    isolation = isolate_network(os.environ)
    if isolation is None:
        write_frame(output, ["refused"])
        return 0
    write_frame(output, ["ready", isolation])
    options = ReadOptions(**setup["options"])
    for line in sys.stdin.buffer:
        request = orjson.loads(line)
        if not serve(os.fsdecode(request["path"].encode("latin-1")), request["name"], options, output):
            return 1
    return 0


def serve(path: str, name: str, options: ReadOptions, output: BinaryIO) -> bool:
    """Read one file into frames; false when this process is no longer fit to read another."""
    batch: list[list[Any]] = []
    batch_chars = 0
    failure: list[str] = []
    try:
        for item in read_file(Path(path), name, options):
            batch.append(pack(item))
            batch_chars += len(item.text) + len(item.name) if isinstance(item, Document) else 256
            if batch_chars >= BATCH_CHARS:
                del item  # a large text must not stay alive while the next one is read
                full, batch, batch_chars = batch, [], 0
                write_frame(output, ["items", full])
                del full
    except MemoryError:
        failure = ["failed", "memory_limit", "reading needs more memory than is allowed"]
    except RecursionError:
        failure = ["failed", "nesting_limit", "structures are nested too deeply"]
    if batch:
        try:
            write_frame(output, ["items", batch])
        except MemoryError:
            failure = ["failed", "memory_limit", "reading needs more memory than is allowed"]
    write_frame(output, failure or ["done", time.process_time()])
    return not failure


def pack(item: Document | BadRecord) -> list[Any]:
    """A document as five fields, a bad record as three."""
    if isinstance(item, Document):
        return [item.name, item.text, item.meta, item.media_type, item.detected_encoding]
    return [item.name, item.cause_code, item.cause]


def write_frame(output: BinaryIO, content: list[Any]) -> None:
    """One frame, written whole."""
    payload = orjson.dumps(content)
    output.write(len(payload).to_bytes(LENGTH_BYTES, "big"))
    view = memoryview(payload)
    while view:
        view = view[output.write(view) or 0 :]


if __name__ == "__main__":
    sys.exit(main())
