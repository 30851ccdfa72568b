"""Is this zip what every tool will agree it is? Checked before a member is read (PKWARE APPNOTE 6.3.10, section 4.3).

Refused: two candidates for the central directory, bytes in front of the first member, local headers that say something
else than the directory, members that overlap or share a name, members hidden between the others.
"""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from ingest.readers.document import MEBIBYTE, BadInput

LOCAL_MAGIC = b"PK\x03\x04"
END_MAGIC = b"PK\x05\x06"
END_BYTES = 22
LOCAL_BYTES = 30
MAX_COMMENT_BYTES = 65_535
MAX_DIRECTORY_BYTES = 64 * MEBIBYTE
MAX_GAP_BYTES = 64 * 1024
DESCRIPTOR_FLAG = 0x08
DESCRIPTOR_SIZES = (12, 16, 20, 24)
UNKNOWN_SIZE = 0xFFFFFFFF


def check_end(file: BinaryIO) -> int:
    """Refuse an ambiguous or oversized directory; returns the offset of the end record."""
    total = file.seek(0, 2)
    tail_bytes = min(total, END_BYTES + MAX_COMMENT_BYTES)
    file.seek(total - tail_bytes)
    tail = file.read(tail_bytes)
    candidates = []
    position = tail.rfind(END_MAGIC)
    while position >= 0:
        if len(tail) - position >= END_BYTES:
            comment_bytes = int.from_bytes(tail[position + 20 : position + 22], "little")
            if position + END_BYTES + comment_bytes == len(tail):
                candidates.append(position)
        position = tail.rfind(END_MAGIC, 0, position)
    if not candidates:
        raise BadInput("corrupt_zip", "no end-of-directory record closes the file: it is cut, or not a zip")
    if len(candidates) > 1 or tail.count(END_MAGIC) > 1:
        raise BadInput("zip_ambiguous", "more than one end-of-directory record: tools would disagree on the content")
    directory_bytes = int.from_bytes(tail[candidates[0] + 12 : candidates[0] + 16], "little")
    if MAX_DIRECTORY_BYTES < directory_bytes < UNKNOWN_SIZE:
        raise BadInput("member_limit", f"the directory of the zip takes {directory_bytes} bytes")
    return total - tail_bytes + candidates[0]


def check_layout(file: BinaryIO, archive: zipfile.ZipFile) -> None:
    """Compare each local header with the directory; members must neither overlap nor hide others. Raises BadInput."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    names = {member.orig_filename for member in members}
    if len(names) < len(members):
        raise BadInput("zip_duplicate_names", "two members share a name: tools would disagree on the content")
    expected = 0
    for member in members:
        if member.header_offset < expected:
            raise BadInput("zip_overlap", f"members overlap at {member.filename!r}")
        _check_gap(file, expected, member.header_offset)
        expected = _check_local_header(file, member)
    if expected > archive.start_dir:
        raise BadInput("zip_overlap", "a member overlaps the directory")
    _check_gap(file, expected, archive.start_dir)


def _check_gap(file: BinaryIO, start: int, end: int) -> None:
    gap = end - start
    if gap == 0 or (start and gap in DESCRIPTOR_SIZES):
        return
    if start == 0 or gap > MAX_GAP_BYTES:
        raise BadInput("zip_ambiguous", f"{gap} bytes before offset {end} belong to no member")
    file.seek(start)
    if LOCAL_MAGIC in file.read(gap):
        raise BadInput("zip_ambiguous", "a member that the directory does not list hides between the others")


def _check_local_header(file: BinaryIO, member: zipfile.ZipInfo) -> int:
    """The offset where the member's data ends, once its local header agrees with the directory."""
    file.seek(member.header_offset)
    header = file.read(LOCAL_BYTES)
    if len(header) < LOCAL_BYTES or not header.startswith(LOCAL_MAGIC):
        raise BadInput("zip_ambiguous", f"no local header where the directory puts {member.filename!r}")
    _, flags, method, _, _, crc, packed, unpacked, name_bytes, extra_bytes = struct.unpack("<4xHHHHHIIIHH", header)
    name = file.read(name_bytes)
    encoding = "utf-8" if member.flag_bits & 0x800 else "cp437"
    if name != member.orig_filename.encode(encoding, "replace") or b"\0" in name:
        raise BadInput("zip_ambiguous", f"the directory and the local header name {member.filename!r} differently")
    if method != member.compress_type or (flags ^ member.flag_bits) & ~0x0006:
        raise BadInput("zip_ambiguous", f"the directory and the local header describe {member.filename!r} differently")
    if not flags & DESCRIPTOR_FLAG and UNKNOWN_SIZE not in (packed, unpacked):
        local = (crc, packed, unpacked)
        if local != (member.CRC, member.compress_size, member.file_size):
            raise BadInput("zip_ambiguous", f"the directory and the local header give {member.filename!r} other sizes")
    return member.header_offset + LOCAL_BYTES + name_bytes + extra_bytes + member.compress_size
