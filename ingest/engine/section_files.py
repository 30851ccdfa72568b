"""A segment while it is written: the file itself, section after section, and temporary files read back."""

from __future__ import annotations

import hashlib
import json
import os
from typing import IO, Any

import numpy as np

from ingest.engine.errors import BadIndex
from ingest.engine.records import Array
from ingest.engine.segment_format import ALIGNMENT, HEADER_BYTES, MAGIC, SECTIONS

SMALL_BYTES, GATHERED_BYTES = 1 << 16, 1 << 20


def read_back(file: IO[bytes], name: str) -> Array:
    """A section that was just written, mapped."""
    file.flush()
    size = os.fstat(file.fileno()).st_size
    return np.memmap(file, SECTIONS[name], "r", shape=(size // SECTIONS[name].itemsize,))


class Output:
    """The file itself: sections one after the other, hashed as they are written."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._sections: dict[str, list[Any]] = {}
        self._hash = hashlib.sha256()
        self._name = ""
        self._at = 0  # of the section, in the body
        self._size = 0
        self._gathered = bytearray()
        self._file.seek(HEADER_BYTES)

    def begin(self, name: str) -> None:
        """End the section before, if any, and begin this one."""
        self._end()
        self._name, self._size, self._hash = name, 0, hashlib.sha256()

    def write(self, data: Any) -> None:
        """More bytes of the section; small pieces are gathered."""
        view = memoryview(data)
        self._size += view.nbytes
        if view.nbytes < SMALL_BYTES:
            self._gathered += view
            if len(self._gathered) >= GATHERED_BYTES:
                self._write_gathered()
            return
        self._write_gathered()
        self._write_out(view)

    def _write_gathered(self) -> None:
        if self._gathered:
            self._write_out(memoryview(self._gathered))
            self._gathered = bytearray()

    def _write_out(self, view: memoryview) -> None:
        self._hash.update(view)
        while view:
            view = view[self._file.write(view) :]

    def _end(self) -> None:
        if not self._name:
            return
        self._write_gathered()
        self._sections[self._name] = [self._at, self._size, self._hash.hexdigest()]
        padding = -self._size % ALIGNMENT
        self._file.write(b"\0" * padding)
        self._at += self._size + padding
        self._name = ""

    def read_back(self, name: str) -> Array:
        """The section being written, mapped."""
        assert name == self._name
        self._write_gathered()
        shape = (self._size // SECTIONS[name].itemsize,)
        if not shape[0]:
            return np.empty(0, SECTIONS[name])
        return np.memmap(self._file, SECTIONS[name], "r", HEADER_BYTES + self._at, shape)

    def close(self, facts: dict[str, Any]) -> tuple[str, int]:
        """Write the header and sync; the digest and the size of the file."""
        self._end()
        header = json.dumps(
            facts | {"sections": self._sections}, sort_keys=True, separators=(",", ":"), ensure_ascii=True
        ).encode()
        header += b" " * (HEADER_BYTES - 16 - len(header))
        head = MAGIC + len(header).to_bytes(8, "little") + header
        if len(head) != HEADER_BYTES:
            raise BadIndex("the header of the segment is too large", bytes=len(head))
        self._file.seek(0)
        self._file.write(head)
        os.fsync(self._file.fileno())
        return "sha256:" + hashlib.sha256(head).hexdigest(), HEADER_BYTES + self._at
