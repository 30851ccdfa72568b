#!/usr/bin/env python3
"""Verify a Colophon evidence bundle: `python3 -I verify.py BUNDLE.zip [--key FILE]`.

This file needs Python and nothing else: no package, no network, no registry. It is also the `verify.py` inside every
bundle. A verifier that travels with what it verifies proves little to a sceptic: take your own copy from a source that
you trust, and pin the registry's public key with `--key`.

What is checked, in this order; the first thing that is wrong is named with its file:

1. the archive: one end record, no encrypted, overlapping, duplicate or unsafely named members, checksums;
2. `log/key.txt` is a well-formed key, and the pinned one; `log/checkpoint.txt` is signed by it (RFC 8032);
3. `log/inclusion.json` leads from the leaf to the signed root (RFC 9162 §2.1.3.2); `log/entry.json` is that leaf;
4. `manifest.json` is the file whose SHA-256 the entry records; all its files are there, unchanged, and no others;
5. `log/entries/`: the further log entries that the manifest names, each proven under the same checkpoint;
6. every byte of the archive is the one that the rules for writing it give: nothing hides between the members.

Exit status: 0 verified · 1 not a valid bundle, or does not verify · 2 cannot be opened.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import struct
import sys
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

FORMAT = "colophon-evidence-bundle/1"
MANIFEST = "manifest.json"
CHECKPOINT, KEY, ENTRY, INCLUSION = "log/checkpoint.txt", "log/key.txt", "log/entry.json", "log/inclusion.json"
LOG_FILES = (CHECKPOINT, KEY, ENTRY, INCLUSION)
TIMESTAMP_NAME = re.compile(r"timestamps/(?:[a-z0-9.]+-)?([0-9a-f]{64})\.tsr")

MAX_MEMBERS = 65_534  # the most that a zip file without zip64 can hold
MAX_ARCHIVE_BYTES = 2**32 - 2**25
MAX_DIRECTORY_BYTES = 2**25
MAX_CONTROL_BYTES = 2**25  # manifest and log files, which are read whole
MAX_INFLATED_BYTES = 2**28  # bundles are stored; what somebody re-packed is read this far, to say what else is wrong
CHUNK_BYTES = 2**20

# what the zip reader of the standard library raises for archives that are damaged or made up
_ARCHIVE_ERRORS = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, ValueError, ArithmeticError, RuntimeError)


class BundleError(Exception):
    """The bundle is not one, or does not verify. `file` is the member (or the archive) that is wrong."""

    code = "BUNDLE_NOT_VERIFIED"

    def __init__(self, file: str, cause: str) -> None:
        super().__init__(f"{file}: {cause}")
        self.file = file
        self.cause = cause


@dataclass(frozen=True)
class MemberDigest:
    """What a member's content is: size in bytes, SHA-256 in hex, CRC-32."""

    size: int
    sha256: str
    crc: int


@dataclass(frozen=True)
class PublicKey:
    """The registry's key as `log/key.txt` gives it; `fingerprint` is the SHA-256 of that line."""

    name: str
    key_hash: bytes
    public_key: bytes
    fingerprint: str


@dataclass(frozen=True)
class Verified:
    """What was found true. `key_pinned` is False where nobody vouched for the key but the bundle itself."""

    files: int
    bytes: int
    origin: str
    entry_index: int
    tree_size: int
    further_entries: int
    manifest_sha256: str
    key: str
    key_fingerprint: str
    key_pinned: bool


def verify_bundle(path: str | Path, pinned_key: str | None = None) -> Verified:
    """Check a bundle, with memory bounded however large its members are.

    `pinned_key` is a verifier key line. Raises `BundleError` for the first thing that is wrong, `OSError` where the
    file cannot be read.
    """
    with open(path, "rb") as stream:
        archive_name = Path(path).name
        archive_bytes = _check_end_record(stream, archive_name)
        try:
            with zipfile.ZipFile(stream) as archive:
                return _verify_archive(archive, stream, archive_name, archive_bytes, pinned_key)
        except _ARCHIVE_ERRORS as error:
            raise BundleError(archive_name, f"not a readable zip file: {error}") from error


def _verify_archive(
    archive: zipfile.ZipFile, stream: BinaryIO, archive_name: str, archive_bytes: int, pinned_key: str | None
) -> Verified:
    members = _list_members(archive, archive_name, archive_bytes)
    digests = _digest_members(archive, members)
    for name in (MANIFEST, *LOG_FILES):
        if name not in digests:
            raise BundleError(name, "is missing")
    key = parse_key(_read(archive, digests, KEY), pinned_key)
    origin, size, root = check_checkpoint(_read(archive, digests, CHECKPOINT), key)
    inclusion = _canonical(_read(archive, digests, INCLUSION), INCLUSION)
    entry = _read(archive, digests, ENTRY)
    index = _check_inclusion(inclusion, entry, size, root)
    manifest = _check_manifest(_read(archive, digests, MANIFEST), digests[MANIFEST], entry)
    _check_files(manifest, digests)
    further = _check_further_entries(archive, manifest, digests, size, root)
    _check_container(stream, archive_name, archive_bytes, digests)
    return Verified(
        files=len(digests),
        bytes=sum(digest.size for digest in digests.values()),
        origin=origin,
        entry_index=index,
        tree_size=size,
        further_entries=further,
        manifest_sha256=digests[MANIFEST].sha256,
        key=f"{key.name}+{key.key_hash.hex()}",
        key_fingerprint=key.fingerprint,
        key_pinned=pinned_key is not None,
    )


# ---------------------------------------------------------------------------------------------------------------------
# The archive. A bundle is written by fixed rules (members sorted by the bytes of their names, stored, dated 1980-01-01,
# no extra fields, no comments, no gaps), so that names and contents determine every byte of it.


def local_header(name: str, size: int, crc: int) -> bytes:
    """The header in front of a member (APPNOTE 4.3.7)."""
    encoded = name.encode()
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0x800, 0, 0, 0x21, crc, size, size, len(encoded), 0) + encoded


def central_header(name: str, size: int, crc: int, offset: int) -> bytes:
    """The member's entry in the central directory (APPNOTE 4.3.12)."""
    encoded = name.encode()
    fields = (b"PK\1\2", 20, 20, 0x800, 0, 0, 0x21, crc, size, size, len(encoded), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", *fields) + encoded


def end_record(members: int, directory_bytes: int, directory_offset: int) -> bytes:
    """The record that ends the archive (APPNOTE 4.3.16)."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, members, members, directory_bytes, directory_offset, 0)


def archive_order(name: str) -> bytes:
    """Members stand in the order of this key."""
    return name.encode()


def name_problem(name: str) -> str | None:
    """Why a member may not be called that, or None. Names are shown to people and may be unpacked anywhere."""
    if not name or len(name.encode(errors="replace")) > 1000:
        return "a name is empty or too long"
    if not name.isprintable() or any(character in '\\:*?"<>|' for character in name):
        return "a name has a character that is not safe in file names"
    if unicodedata.normalize("NFC", name) != name:
        return "a name is not in Unicode normal form C"
    for part in name.split("/"):
        if part in ("", ".", "..") or part[-1] in ". " or part[0] == " ":
            return "a name is not a plain relative path"
    return None


def _check_end_record(stream: BinaryIO, archive_name: str) -> int:
    """The file must end with an end record that covers exactly what is before it. → size of the file."""
    archive_bytes = stream.seek(0, 2)
    if archive_bytes < 22:
        raise BundleError(archive_name, "not a zip file")
    if archive_bytes > MAX_ARCHIVE_BYTES:
        raise BundleError(archive_name, f"larger than a bundle can be ({MAX_ARCHIVE_BYTES} bytes)")
    stream.seek(-22, 2)
    tail = stream.read(22)
    directory_bytes, directory_offset = struct.unpack("<LL", tail[12:20])
    members = struct.unpack("<H", tail[10:12])[0]
    if tail[:4] != b"PK\5\6":
        raise BundleError(archive_name, "not a zip file, or something was added at or cut off its end")
    if tail != end_record(members, directory_bytes, directory_offset) or members > MAX_MEMBERS:
        raise BundleError(archive_name, "the archive's end record is damaged")
    if directory_offset + directory_bytes + 22 != archive_bytes or directory_bytes > MAX_DIRECTORY_BYTES:
        raise BundleError(archive_name, "the archive's end record does not fit the file: data missing or added")
    return archive_bytes


def _list_members(archive: zipfile.ZipFile, archive_name: str, archive_bytes: int) -> dict[str, zipfile.ZipInfo]:
    members: dict[str, zipfile.ZipInfo] = {}
    folded: set[str] = set()
    for info in archive.infolist():
        name = info.orig_filename
        shown = _shown(name)
        problem = name_problem(name)
        if problem:
            raise BundleError(shown, problem)
        if name.casefold() in folded:
            raise BundleError(shown, "is in the archive twice")
        if info.flag_bits & 0x2041:
            raise BundleError(shown, "is encrypted")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise BundleError(shown, f"is compressed in an unknown way ({info.compress_type})")
        if info.compress_type == zipfile.ZIP_STORED and info.compress_size != info.file_size:
            raise BundleError(shown, "has two sizes")
        if info.header_offset >= archive_bytes:
            raise BundleError(shown, "lies outside the archive")
        folded.add(name.casefold())
        members[name] = info
    if sum(info.compress_size for info in members.values()) > archive_bytes:
        raise BundleError(archive_name, "members of the archive overlap")
    return members


def _digest_members(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> dict[str, MemberDigest]:
    """Read every member once, in pieces."""
    digests: dict[str, MemberDigest] = {}
    inflated_bytes = 0
    for name, info in members.items():
        sha256, crc, size = hashlib.sha256(), 0, 0
        try:
            with archive.open(info) as content:
                while chunk := content.read(CHUNK_BYTES):
                    sha256.update(chunk)
                    crc = zlib.crc32(chunk, crc)
                    size += len(chunk)
                    if info.compress_type != zipfile.ZIP_STORED:
                        inflated_bytes += len(chunk)
                        if inflated_bytes > MAX_INFLATED_BYTES:
                            raise BundleError(
                                name, "is compressed, which members of a bundle are not, and expands too far"
                            )
        except _ARCHIVE_ERRORS as error:
            raise BundleError(name, f"cannot be read as it was written: {error}") from error
        if size != info.file_size:
            raise BundleError(name, f"has {size} bytes, its header says {info.file_size}")
        digests[name] = MemberDigest(size, sha256.hexdigest(), crc)
    return digests


def _check_container(stream: BinaryIO, archive_name: str, archive_bytes: int, digests: dict[str, MemberDigest]) -> None:
    """Write the archive again, header by header, and compare: contents were hashed, the rest has no freedom."""
    repacked = "the contents are right, but the archive's bytes here are not those of a bundle (was it packed again?)"
    offset = 0
    directory: list[bytes] = []
    for name in sorted(digests, key=archive_order):
        digest = digests[name]
        header = local_header(name, digest.size, digest.crc)
        stream.seek(offset)
        if stream.read(len(header)) != header:
            raise BundleError(name, repacked)
        directory.append(central_header(name, digest.size, digest.crc, offset))
        offset += len(header) + digest.size
    stream.seek(offset)
    for name, header in zip(sorted(digests, key=archive_order), directory, strict=True):
        if stream.read(len(header)) != header:
            raise BundleError(name, repacked)
    end = end_record(len(directory), sum(map(len, directory)), offset)
    if stream.read() != end or stream.tell() != archive_bytes:
        raise BundleError(archive_name, repacked)


def _read(archive: zipfile.ZipFile, digests: dict[str, MemberDigest], name: str) -> bytes:
    if digests[name].size > MAX_CONTROL_BYTES:
        raise BundleError(name, f"is larger than {MAX_CONTROL_BYTES} bytes")
    return archive.read(name)


# ---------------------------------------------------------------------------------------------------------------------
# JSON in one spelling, so that no byte of it is free


def canonical_json(value: Any) -> bytes:
    """The one spelling: UTF-8, keys sorted, no white space, no floating-point specials."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _canonical(data: bytes, name: str) -> dict[str, Any]:
    try:
        value = json.loads(data.decode())
        if isinstance(value, dict) and canonical_json(value) == data:
            return value
    except (ValueError, RecursionError):
        pass
    raise BundleError(name, "is not a JSON object in canonical form")


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[0-9a-f]{64}", value) is not None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


# ---------------------------------------------------------------------------------------------------------------------
# The manifest


def _check_manifest(data: bytes, digest: MemberDigest, entry: bytes) -> dict[str, Any]:
    facts = _canonical(entry, ENTRY)
    recorded = facts.get("manifest_sha256")
    if not _is_hash(recorded):
        raise BundleError(ENTRY, "is not the log entry of a report: no manifest_sha256")
    if recorded != digest.sha256:
        raise BundleError(MANIFEST, f"is not the manifest that the log recorded (SHA-256 {recorded})")
    manifest = _canonical(data, MANIFEST)
    if manifest.get("format") != FORMAT:
        raise BundleError(MANIFEST, f"format is not {FORMAT}")
    files, entries = manifest.get("files"), manifest.get("log_entries")
    if set(manifest) - {"about"} != {"format", "files", "log_entries"} or not isinstance(files, dict):
        raise BundleError(MANIFEST, "does not have the members that a manifest has")
    for name, row in files.items():
        well_formed = isinstance(row, dict) and set(row) == {"sha256", "size"}
        if not well_formed or not _is_hash(row["sha256"]) or not _is_count(row["size"]) or is_unlisted_kind(name):
            raise BundleError(MANIFEST, f"its line for {_shown(name)} is malformed")
    if not isinstance(entries, dict) or not all(map(_is_hash, entries.values())):
        raise BundleError(MANIFEST, "its list of log entries is malformed")
    return manifest


def is_unlisted_kind(name: str) -> bool:
    """Files that the manifest does not list: itself, and what is proven or made after it."""
    return name == MANIFEST or name.startswith(("log/", "timestamps/"))


def _check_files(manifest: dict[str, Any], digests: dict[str, MemberDigest]) -> None:
    listed = manifest["files"]
    proofs = {*LOG_FILES, *manifest["log_entries"]}
    for name in sorted({*listed, *proofs}, key=archive_order):
        if name not in digests:
            raise BundleError(_shown(name), "is missing")
    for name, digest in digests.items():
        if name in listed:
            if listed[name]["size"] != digest.size:
                raise BundleError(name, f"was changed: {digest.size} bytes, the manifest says {listed[name]['size']}")
            if listed[name]["sha256"] != digest.sha256:
                raise BundleError(name, "was changed: its SHA-256 is not the one in the manifest")
        elif token := TIMESTAMP_NAME.fullmatch(name):
            if token.group(1) != digest.sha256:
                raise BundleError(name, "was changed: its SHA-256 is not the one in its name")
        elif name != MANIFEST and name not in proofs:
            raise BundleError(name, "is not listed in the manifest")


# ---------------------------------------------------------------------------------------------------------------------
# The log


def parse_key(data: bytes, pinned_key: str | None = None) -> PublicKey:
    """Read `log/key.txt`, one verifier key `name+keyhash+base64(0x01 ‖ public key)` and a newline (C2SP)."""
    try:
        line = data.decode()
        name, hash_text, encoded = line.removesuffix("\n").split("+", 2)
        key = base64.b64decode(encoded, validate=True)
        key_hash = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        canonical = f"{name}+{key_hash.hex()}+{base64.b64encode(key).decode()}\n"
    except ValueError as error:
        raise BundleError(KEY, f"is not a verifier key: {error}") from None
    if line != canonical or len(key) != 33 or key[0] != 1 or not name or any(map(str.isspace, name)):
        raise BundleError(KEY, "is not a well-formed Ed25519 verifier key")
    if pinned_key is not None and pinned_key.strip() != line.strip():
        raise BundleError(KEY, f"is not the pinned key: the bundle is signed by {_shown(name)}+{hash_text}")
    return PublicKey(name, key_hash, key[1:], hashlib.sha256(line.strip().encode()).hexdigest())


def check_checkpoint(data: bytes, key: PublicKey) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that carries this key's signature and no other (C2SP tlog-checkpoint)."""
    try:
        text, _, signature_line = data.decode().rpartition("\n\n")
        origin, size_text, root_text = f"{text}\n".split("\n")[:3]
        dash, name, encoded = signature_line.removesuffix("\n").split(" ")
        size, root = int(size_text), base64.b64decode(root_text, validate=True)
        signed = base64.b64decode(encoded, validate=True)
        signed_text = f"{text}\n"
        canonical = f"{signed_text}\n{dash} {name} {base64.b64encode(signed).decode()}\n".encode()
    except ValueError as error:
        raise BundleError(CHECKPOINT, f"is not a signed checkpoint: {error}") from None
    well_formed = canonical == data and dash == "—" and len(signed) == 68 and len(root) == 32 and origin
    if not well_formed or str(size) != size_text or base64.b64encode(root).decode() != root_text:
        raise BundleError(CHECKPOINT, "is not a well-formed signed checkpoint")
    if name != key.name or signed[:4] != key.key_hash:
        raise BundleError(CHECKPOINT, "is not signed by the key in log/key.txt")
    if not verify_ed25519(key.public_key, signed_text.encode(), signed[4:]):
        raise BundleError(CHECKPOINT, "its signature does not verify")
    return origin, size, root


def _check_inclusion(inclusion: dict[str, Any], leaf: bytes, size: int, root: bytes) -> int:
    index = _check_path(inclusion, INCLUSION, size, root)
    if inclusion["leaf_hash"] != hashlib.sha256(b"\x00" + leaf).hexdigest():
        raise BundleError(ENTRY, f"is not entry {index} of the log")
    return index


def _check_further_entries(
    archive: zipfile.ZipFile, manifest: dict[str, Any], digests: dict[str, MemberDigest], size: int, root: bytes
) -> int:
    for name, leaf_hash in manifest["log_entries"].items():
        row = _canonical(_read(archive, digests, name), name)
        inclusion = row.get("inclusion")
        if set(row) != {"inclusion", "leaf"} or not isinstance(inclusion, dict) or not isinstance(row["leaf"], str):
            raise BundleError(name, "is not a log entry with its proof")
        if inclusion.get("leaf_hash") != leaf_hash:
            raise BundleError(name, "is not the log entry that the manifest names")
        index = _check_path(inclusion, name, size, root)
        if name != entry_name(index) or hashlib.sha256(b"\x00" + row["leaf"].encode()).hexdigest() != leaf_hash:
            raise BundleError(name, f"is not entry {index} of the log")
    return len(manifest["log_entries"])


def entry_name(index: int) -> str:
    """Where the log entry at `index` stands in a bundle."""
    return f"log/entries/{index:010d}.json"


def _check_path(inclusion: dict[str, Any], name: str, size: int, root: bytes) -> int:
    """Does this proof lead to the signed root? → index of the leaf. (RFC 9162 §2.1.3.2)"""
    path = inclusion.get("path")
    if set(inclusion) != {"leaf_hash", "leaf_index", "path", "tree_size"} or not isinstance(path, list):
        raise BundleError(name, "does not have the members that an inclusion proof has")
    index = inclusion["leaf_index"]
    if not _is_count(index) or not _is_hash(inclusion["leaf_hash"]) or len(path) > 64 or not all(map(_is_hash, path)):
        raise BundleError(name, "is not a well-formed inclusion proof")
    if not _is_count(inclusion["tree_size"]) or inclusion["tree_size"] != size or index >= size:
        raise BundleError(name, f"is not about the tree of {size} entries that was signed")
    position, last = index, size - 1
    hashed = bytes.fromhex(inclusion["leaf_hash"])
    for sibling in map(bytes.fromhex, path):
        if last == 0:
            raise BundleError(name, "its path is too long")
        if position & 1 or position == last:
            hashed = hashlib.sha256(b"\x01" + sibling + hashed).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            hashed = hashlib.sha256(b"\x01" + hashed + sibling).digest()
        position, last = position >> 1, last >> 1
    if last or hashed != root:
        raise BundleError(name, "its path does not lead to the signed root")
    return int(index)


# ---------------------------------------------------------------------------------------------------------------------
# Ed25519 (RFC 8032 §5.1), verification only. Nothing here is secret, so nothing needs to take constant time.

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT_MINUS_1 = pow(2, (_P - 1) // 4, _P)
_Point = tuple[int, int, int, int]  # extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z


def verify_ed25519(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Is this the key's signature of the message? Non-canonical encodings are refused (RFC 8032 §5.1.7)."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    negated_key = _decode_point(public_key, negate=True)
    scalar = int.from_bytes(signature[32:], "little")
    if negated_key is None or scalar >= _ORDER:
        return False
    challenge = hashlib.sha512(signature[:32] + public_key + message).digest()
    factor = int.from_bytes(challenge, "little") % _ORDER
    return _encode_point(_double_multiply(scalar, _BASE, factor, negated_key)) == signature[:32]


def _add(p: _Point, q: _Point) -> _Point:
    """The complete addition of RFC 8032 §5.1.4; it doubles as well."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _double_multiply(a: int, p: _Point, b: int, q: _Point) -> _Point:
    """a·P + b·Q in one walk over the bits of both."""
    both = _add(p, q)
    total: _Point = (0, 1, 1, 0)
    for bit in reversed(range(max(a.bit_length(), b.bit_length()))):
        total = _add(total, total)
        choice = (a >> bit & 1) + 2 * (b >> bit & 1)
        if choice:
            total = _add(total, (p, q, both)[choice - 1])
    return total


def _encode_point(point: _Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode_point(data: bytes, negate: bool = False) -> _Point | None:
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_MINUS_1 % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign ^ negate:
        x = -x % _P
    return x, y, 1, x * y % _P


def _base_point() -> _Point:
    point = _decode_point((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))
    if point is None:
        raise ArithmeticError("the base point of RFC 8032 does not decode")
    return point


_BASE = _base_point()


# ---------------------------------------------------------------------------------------------------------------------
# The command


def _shown(name: str) -> str:
    """A name from the archive, safe to print on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)


def _report(result: Verified) -> None:
    print(f"verified: {result.files} files, {result.bytes} bytes, every byte accounted for")
    print(f"manifest: SHA-256 {result.manifest_sha256}")
    print(f"log:      entry {result.entry_index} of {_shown(result.origin)} at size {result.tree_size}", end="")
    print(f", and {result.further_entries} further entries" if result.further_entries else "")
    if result.key_pinned:
        print(f"key:      {_shown(result.key)}, the pinned key")
    else:
        print(f"key:      {_shown(result.key)}, key not pinned: only the bundle vouches for it.")
        print("          Compare with the key that the registry publishes, or run again with --key FILE.")
    print(f"          SHA-256 of the key line: {result.key_fingerprint}")
    print("not checked here: signatures inside PDF files (PAdES), timestamps (RFC 3161)")


def main(arguments: list[str] | None = None) -> int:
    """The command: prints what was found and returns the exit status. Usage errors exit 2."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(
        description="Verify a Colophon evidence bundle offline.",
        epilog="Exit status: 0 verified, 1 not a valid bundle or does not verify, 2 cannot be opened. "
        "Example: verify.py bundle.zip --key registry-key.txt",
    )
    parser.add_argument("bundle", metavar="BUNDLE.zip")
    parser.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")
    options = parser.parse_args(arguments)
    pinned_key = None
    if options.key is not None:
        try:
            pinned_key = Path(options.key).read_text(encoding="utf-8")
            parse_key(f"{pinned_key.strip()}\n".encode())
        except (OSError, UnicodeError) as error:
            print(f"{options.key}: cannot be read: {error}", file=sys.stderr)
            return 2
        except BundleError as error:
            print(f"{options.key}: {error.cause}", file=sys.stderr)
            return 2
    try:
        verified = verify_bundle(options.bundle, pinned_key)
    except BundleError as error:
        print(f"NOT VERIFIED: {error.file}: {error.cause}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{options.bundle}: cannot be opened: {error.strerror or error}", file=sys.stderr)
        return 2
    try:
        _report(verified)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough; what was verified stays verified
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
