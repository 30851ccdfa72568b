"""Untrusted files: `read_documents` is `open_documents` with the parsing done in a short-lived, limited child process.

The child has no network, cannot write files, and has limits on memory and CPU; this side limits output and waiting.
Whatever happens to it becomes a bad record that names the file. docs/readers.md says what is isolated where.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ingest.child_process import NOT_ISOLATED, START_SECONDS, ChildEnded, ChildProcess, Limits, NotUnderstood
from ingest.readers.confined import LENGTH_BYTES
from ingest.readers.document import MEBIBYTE, BadRecord, Document, ReadError, ReadOptions
from ingest.readers.walk import DEFAULT_OPTIONS, list_files

MAX_HEADER_BYTES = 64 * MEBIBYTE
# A text that came in another encoding can take twice the bytes in UTF-8.
UTF8_GROWTH = 2
DEFAULT_LIMITS = Limits()


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
        self._started = False
        self.is_spent = False
        self._process = ChildProcess("ingest.readers.child", limits)
        bounds = {"memory_bytes": limits.memory_bytes, "cpu_seconds": limits.cpu_seconds}
        self._process.send({"options": asdict(options)} | bounds)

    def read(self, path: Path, shown: str) -> Iterator[Document | BadRecord]:
        """The documents of one file. Raises ChildEnded (then the child is spent) and ReadError `not_isolated`."""
        self.is_spent = True  # until the file's end was seen: whatever interrupts leaves the stream between frames
        self._await_start(shown)
        self._process.wait_anew()
        self._process.send({"path": os.fsencode(path).decode("latin-1"), "name": shown})
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
        self._process.close()

    def _await_start(self, shown: str) -> None:
        if self._started:
            return
        kind, _content, _size = self._next_frame(START_SECONDS)
        if kind == "refused":
            raise ReadError("not_isolated", shown, NOT_ISOLATED)
        self._started = True

    def _next_frame(self, silence_seconds: float) -> tuple[str, Any, bytearray]:
        """Kind, content and texts of the next frame."""
        lengths = self._process.take(2 * LENGTH_BYTES, silence_seconds)
        header_bytes = int.from_bytes(lengths[:LENGTH_BYTES], "big")
        body_bytes = int.from_bytes(lengths[LENGTH_BYTES:], "big")
        if header_bytes > MAX_HEADER_BYTES or body_bytes > self._max_body_bytes:
            raise ChildEnded("output_limit", f"the reader gives {header_bytes + body_bytes} bytes at once")
        try:
            kind, *content = orjson.loads(self._process.take(header_bytes, silence_seconds))
        except (TypeError, ValueError) as error:
            raise NotUnderstood from error
        body = self._process.take(body_bytes, silence_seconds)
        match kind, content:
            case ("items", [list() as items]):
                return kind, items, body
            case ("done", [float() | int() as cpu_seconds]):
                return kind, cpu_seconds, body
            case ("ready", [str()]) | ("refused", []) | ("failed", [str(), str()]):
                return kind, content, body
        raise NotUnderstood


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
