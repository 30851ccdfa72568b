"""The limited child that `ingest.catalogues` starts: one request on stdin, frames on stdout.

The request: {"path", "name", "columns", "encoding", "memory_bytes", "cpu_seconds", "head_only"}. A frame is a length
(8 bytes, big-endian) and lines of JSON: one array that says what is the case, ["ready", isolation] · ["refused"] ·
["done"] · ["failed", code, cause], or the head, or rows, as `registry.importers.rows.to_json` writes them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ingest.readers.confinement import drop_privileges, isolate_network, limit_resources
from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueError, CatalogueRow, DatasetRow, to_json

LENGTH_BYTES = 8
BATCH_ROWS = 100
BATCH_BYTES = 4 << 20


def main() -> int:
    """Confine this process, read the one file, end."""
    output = os.fdopen(os.dup(1), "wb", buffering=0)
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    request = orjson.loads(sys.stdin.buffer.readline())
    drop_privileges()
    limit_resources(request["memory_bytes"], request["cpu_seconds"])
    isolation = isolate_network(os.environ)
    if isolation is None:
        _write(output, ["refused"])
        return 0
    _write(output, ["ready", isolation])
    try:
        _serve(request, output)
    except MemoryError:
        _write(output, ["failed", "memory_limit", "reading needs more memory than is allowed"])
    except RecursionError:
        _write(output, ["failed", "nesting_limit", "structures are nested too deeply"])
    except CatalogueError as error:
        _write(output, ["failed", error.code, error.cause])
    except Exception as error:  # noqa: BLE001 (whatever a reader raises is about this file)
        _write(output, ["failed", "not_readable", f"the file cannot be read ({type(error).__name__})"])
    return 0


def _serve(request: dict[str, Any], output: BinaryIO) -> None:
    path = Path(os.fsdecode(request["path"].encode("latin-1")))
    head, rows = open_catalogue(
        path, name=request["name"], columns=request["columns"] or None, encoding=request["encoding"] or None
    )
    _write_frame(output, to_json(head))
    if not request["head_only"]:
        _send(rows, output)
    _write(output, ["done"])


def _send(rows: Iterable[CatalogueRow | DatasetRow], output: BinaryIO) -> None:
    """Send the rows, several a frame."""
    waiting: list[bytes] = []
    size = 0
    for row in rows:
        packed = to_json(row)
        if waiting and (len(waiting) >= BATCH_ROWS or size + len(packed) > BATCH_BYTES):
            _write_frame(output, b"\n".join(waiting))
            waiting, size = [], 0
        waiting.append(packed)
        size += len(packed)
    if waiting:
        _write_frame(output, b"\n".join(waiting))


def _write(output: BinaryIO, content: list[str]) -> None:
    _write_frame(output, orjson.dumps([text.encode("utf-8", "replace").decode() for text in content]))


def _write_frame(output: BinaryIO, body: bytes) -> None:
    """One frame, written whole."""
    for part in (len(body).to_bytes(LENGTH_BYTES, "big"), body):
        view = memoryview(part)
        while view:
            view = view[output.write(view) or 0 :]


if __name__ == "__main__":
    sys.exit(main())
