"""The limited child that `ingest.sandbox` starts: requests on stdin, frames on stdout.

Request lines: first {"options": …, "memory_bytes": …, "cpu_seconds": …}, then {"path": …, "name": …} for each file.
A frame is two lengths (8 bytes each, big-endian), a JSON array [kind, …] and the texts of its items in UTF-8:
["ready", isolation] · ["refused"] · ["done", CPU seconds] · ["failed", code, cause] ·
["items", [[name, text bytes, meta, media type, encoding] | [name, code, cause], …]]. Texts stay
out of the JSON: its writer wants eight times their size.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from ingest.readers.confined import LENGTH_BYTES, begin, failed, write_whole
from ingest.readers.document import BadRecord, Document, ReadOptions
from ingest.readers.walk import read_file

BATCH_CHARS = 256 * 1024
BATCH_ITEMS = 1000
PIPE_BYTES = 1 << 20


def main() -> int:
    """Confine this process, then read file after file until stdin ends."""
    begun = begin(lambda output, content: write_frame(output, content, []))
    if begun is None:
        return 0
    output, setup = begun
    options = ReadOptions(**setup["options"])
    for line in sys.stdin.buffer:
        request = orjson.loads(line)
        if not serve(os.fsdecode(request["path"].encode("latin-1")), request["name"], options, output):
            return 1
    return 0


def serve(path: str, name: str, options: ReadOptions, output: BinaryIO) -> bool:
    """Read one file into frames; false when this process is no longer fit to read another."""
    batch = Batch(output)
    failure: list[str] = []
    try:
        for item in read_file(Path(path), name, options):
            batch.add(item)
            del item  # a large text must not stay alive while the next one is read
    except (MemoryError, RecursionError) as error:
        failure = failed(error)
    batch.send()
    write_frame(output, failure or ["done", time.process_time()], [])
    return not failure


class Batch:
    """Documents and bad records on their way: small ones share a frame."""

    def __init__(self, output: BinaryIO) -> None:
        self._output = output
        self._items: list[list[Any]] = []
        self._texts: list[bytes] = []
        self._chars = 0

    def add(self, item: Document | BadRecord) -> None:
        """Take one, and send when there is enough for a frame."""
        if isinstance(item, BadRecord):
            self._items.append([item.name, item.cause_code, item.cause])
        else:
            text = item.text.encode("utf-8")
            self._items.append([item.name, len(text), item.meta, item.media_type, item.detected_encoding])
            self._texts.append(text)
            self._chars += len(text)
        self._chars += len(item.name)
        if self._chars >= BATCH_CHARS or len(self._items) >= BATCH_ITEMS:
            del item
            self.send()

    def send(self) -> None:
        """Send what there is."""
        if self._items:
            items, texts = self._items, self._texts
            self._items, self._texts, self._chars = [], [], 0
            write_frame(self._output, ["items", items], texts)


def write_frame(output: BinaryIO, content: list[Any], texts: list[bytes]) -> None:
    """One frame, written whole."""
    header = orjson.dumps(content)
    body = texts[0] if len(texts) == 1 else b"".join(texts)
    lengths = len(header).to_bytes(LENGTH_BYTES, "big") + len(body).to_bytes(LENGTH_BYTES, "big")
    write_whole(output, lengths + header, body)


if __name__ == "__main__":
    sys.exit(main())
