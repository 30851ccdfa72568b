"""Follows Zstandard frames (RFC 8878, section 3.1) without decoding them, to tell a complete file from a cut one."""

from __future__ import annotations

from collections.abc import Callable

from ingest.readers.streams import Stream

FRAME_MAGIC = 0xFD2FB528
SKIPPABLE_MAGIC = 0x184D2A50
MAGIC_BYTES = 4
BLOCK_HEADER_BYTES = 3
CHECKSUM_BYTES = 4
RLE_BLOCK = 1


class FrameTracker:
    """Hands `source` on unchanged. `at_boundary` is true where no frame is open."""

    def __init__(self, source: Stream) -> None:
        self._source = source
        self._header = bytearray()
        self._needed_bytes = MAGIC_BYTES
        self._skip_bytes = 0
        self._step: Callable[[bytes], None] = self._on_magic
        self._has_checksum = False
        self._confused = False

    @property
    def at_boundary(self) -> bool:
        between = self._step == self._on_magic and not self._header and not self._skip_bytes
        return between or self._confused

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._follow(data)
        return data

    def _follow(self, data: bytes) -> None:
        position = 0
        while position < len(data) and not self._confused:
            if self._skip_bytes:
                stride = min(self._skip_bytes, len(data) - position)
                self._skip_bytes -= stride
                position += stride
                continue
            stride = min(self._needed_bytes - len(self._header), len(data) - position)
            self._header += data[position : position + stride]
            position += stride
            if len(self._header) == self._needed_bytes:
                header = bytes(self._header)
                self._header.clear()
                self._step(header)

    def _expect(self, step: Callable[[bytes], None], needed_bytes: int, *, after_bytes: int = 0) -> None:
        self._step, self._needed_bytes, self._skip_bytes = step, needed_bytes, after_bytes

    def _on_magic(self, header: bytes) -> None:
        magic = int.from_bytes(header, "little")
        if magic == FRAME_MAGIC:
            self._expect(self._on_descriptor, 1)
        elif magic & ~0xF == SKIPPABLE_MAGIC:
            self._expect(self._on_skippable_size, 4)
        else:
            self._confused = True  # the decoder itself will say what is wrong

    def _on_skippable_size(self, header: bytes) -> None:
        self._expect(self._on_magic, MAGIC_BYTES, after_bytes=int.from_bytes(header, "little"))

    def _on_descriptor(self, header: bytes) -> None:
        descriptor = header[0]
        single_segment = bool(descriptor & 0x20)
        self._has_checksum = bool(descriptor & 0x04)
        window_bytes = 0 if single_segment else 1
        dictionary_bytes = (0, 1, 2, 4)[descriptor & 0x03]
        size_bytes = (1 if single_segment else 0, 2, 4, 8)[descriptor >> 6]
        self._expect(self._on_block, BLOCK_HEADER_BYTES, after_bytes=window_bytes + dictionary_bytes + size_bytes)

    def _on_block(self, header: bytes) -> None:
        fields = int.from_bytes(header, "little")
        is_last, kind, size = fields & 1, (fields >> 1) & 3, fields >> 3
        content_bytes = 1 if kind == RLE_BLOCK else size
        if not is_last:
            self._expect(self._on_block, BLOCK_HEADER_BYTES, after_bytes=content_bytes)
            return
        tail_bytes = CHECKSUM_BYTES if self._has_checksum else 0
        self._expect(self._on_magic, MAGIC_BYTES, after_bytes=content_bytes + tail_bytes)
