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

from ingest.readers.confined import begin, failed, write_frame
from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueError, CatalogueRow, DatasetRow, to_json

BATCH_ROWS = 100
BATCH_BYTES = 4 << 20


def main() -> int:
    """Confine this process, read the one file, end."""
    begun = begin(_write)
    if begun is None:
        return 0
    output, request = begun
    try:
        _serve(request, output)
    except CatalogueError as error:
        _write(output, ["failed", error.code, error.cause])
    except Exception as error:  # noqa: BLE001 (whatever a reader raises is about this file)
        _write(output, failed(error))
    return 0


def _serve(request: dict[str, Any], output: BinaryIO) -> None:
    path = Path(os.fsdecode(request["path"].encode("latin-1")))
    head, rows = open_catalogue(
        path, name=request["name"], columns=request["columns"] or None, encoding=request["encoding"] or None
    )
    write_frame(output, to_json(head))
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
            write_frame(output, b"\n".join(waiting))
            waiting, size = [], 0
        waiting.append(packed)
        size += len(packed)
    if waiting:
        write_frame(output, b"\n".join(waiting))


def _write(output: BinaryIO, content: list[str]) -> None:
    write_frame(output, orjson.dumps([text.encode("utf-8", "replace").decode() for text in content]))


if __name__ == "__main__":
    sys.exit(main())
