"""Lines of a byte stream, each of bounded length, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator

from ingest.readers.document import MEBIBYTE
from ingest.readers.streams import Stream


def read_lines(stream: Stream, limit_bytes: int) -> Iterator[bytes | None]:
    """Each line without its newline byte; None in place of a line longer than `limit_bytes`."""
    pending: list[bytes] = []
    pending_bytes = 0
    while chunk := stream.read(MEBIBYTE):
        first, *others = chunk.split(b"\n")
        pending_bytes += len(first)
        if pending_bytes <= limit_bytes:
            pending.append(first)
        else:
            pending.clear()
        if not others:
            continue
        yield b"".join(pending) if pending_bytes <= limit_bytes else None
        last = others.pop()
        if limit_bytes >= len(chunk):
            yield from others
        else:
            yield from (line if len(line) <= limit_bytes else None for line in others)
        pending, pending_bytes = [last], len(last)
    if pending_bytes:
        yield b"".join(pending) if pending_bytes <= limit_bytes else None
