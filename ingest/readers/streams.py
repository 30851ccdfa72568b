"""Forward-only byte streams that can be peeked into, and the meter that counts what a file expands to."""

from __future__ import annotations

from collections.abc import Callable

from ingest.readers.document import MEBIBYTE, BadInput, Exhausted, ReadOptions

CHUNK_BYTES = 256 * 1024
# A second layer of compression over already compressed data gains nothing in honest files, so its floor is lower.
NESTED_FLOOR_SHARE = 4


class Stream:
    """Bytes that can be read once, in order. `read_bytes(n)` gives 1..n bytes, or none at the end."""

    def __init__(self, read_bytes: Callable[[int], bytes]) -> None:
        self._read_bytes = read_bytes
        self._ahead = b""
        self._offset = 0

    def read(self, size: int = CHUNK_BYTES) -> bytes:
        """Between 1 and `size` bytes; empty at the end. The stream below is asked for whole chunks in any case."""
        if self._offset == len(self._ahead):
            piece = self._read_bytes(max(size, CHUNK_BYTES))
            if len(piece) <= size:
                return piece
            self._ahead, self._offset = piece, 0
        taken = self._ahead[self._offset : self._offset + size]
        self._offset += len(taken)
        return taken

    def read_full(self, size: int) -> bytes:
        """Exactly `size` bytes, fewer only at the end."""
        pieces: list[bytes] = []
        missing = size
        while missing:
            piece = self.read(min(missing, CHUNK_BYTES * 4))
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def peek(self, size: int) -> bytes:
        """Up to `size` bytes that stay to be read; fewer only at the end."""
        while len(self._ahead) - self._offset < size:
            piece = self._read_bytes(CHUNK_BYTES)
            if not piece:
                break
            self._ahead, self._offset = self._ahead[self._offset :] + piece, 0
        return self._ahead[self._offset : self._offset + size]

    def unread(self, data: bytes) -> None:
        """Put `data` back in front."""
        self._ahead, self._offset = data + self._ahead[self._offset :], 0

    def skip(self, size: int) -> int:
        """Read and drop `size` bytes; returns how many there were."""
        skipped = 0
        while skipped < size:
            piece = self.read(min(size - skipped, CHUNK_BYTES * 4))
            if not piece:
                break
            skipped += len(piece)
        return skipped

    def read_all(self, limit_bytes: int, code: str, what: str) -> bytes:
        """Everything that is left; BadInput(`code`) when that is more than `limit_bytes`."""
        pieces: list[bytes] = []
        total = 0
        while piece := self.read(4 * MEBIBYTE):
            total += len(piece)
            if total > limit_bytes:
                raise BadInput(code, f"{what} is larger than the limit of {limit_bytes} bytes")
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Meter:
    """Counts, over one file given by the user, the bytes out of decompressions, archive members and buffers."""

    def __init__(self, options: ReadOptions, stored_bytes: int) -> None:
        self._options = options
        self._allowed_by_ratio = stored_bytes * options.max_ratio
        self._expanded = 0
        self._members = 0
        self._buffered = 0

    def expand(self, count: int, layer: int) -> None:
        """Count `count` bytes out of the decompression that lies `layer` compressions deep (0 = outermost)."""
        self._expanded += count
        floor = self._options.max_expanded_bytes
        if layer:
            floor //= NESTED_FLOOR_SHARE
        if self._expanded > max(floor, self._allowed_by_ratio):
            raise Exhausted("expansion_limit", f"expands to more than {max(floor, self._allowed_by_ratio)} bytes")

    def add_member(self) -> None:
        """Count one archive member."""
        self._members += 1
        if self._members > self._options.max_members:
            raise Exhausted("member_limit", f"holds more than {self._options.max_members} members")

    def hold(self, stream: Stream) -> bytes:
        """All of `stream` in memory, within what all open buffers together may take. Give it back with `release`."""
        room = self._options.max_buffered_bytes - self._buffered
        data = stream.read_all(room, "buffer_limit", "a container that needs random access, inside another,")
        self._buffered += len(data)
        return data

    def release(self, data: bytes) -> None:
        """The buffer that `hold` gave is no longer needed."""
        self._buffered -= len(data)
