"""Checkpoints: the size and root of the log, signed (C2SP tlog-checkpoint in a C2SP signed-note).

    registry.example/log          origin: which log this is
    1042                          number of entries
    0sdHBzm…=                     root hash, base64
                                  (an empty line ends the text that is signed)
    — registry.example/log Az3grl…=   em dash, key name, base64(4 bytes of key hash ‖ 64 bytes of Ed25519 signature)

A *verifier key* is the public half as one line: `name+keyhash+base64(0x01 ‖ public key)`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registry.merkle.tree import HASH_BYTES

_ALGORITHM_ED25519 = b"\x01"
_KEY_HASH_BYTES = 4
_SIZE_PATTERN = re.compile(r"0|[1-9][0-9]{0,18}")


class CheckpointError(ValueError):
    """A checkpoint or verifier key that is malformed (`NOTE_MALFORMED`, `KEY_MALFORMED`) or not signed by the key
    that was asked for (`KEY_UNKNOWN`, `SIGNATURE_INVALID`)."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: who says to have signed, with which key, and the signature (64 bytes where it is Ed25519)."""

    name: str
    key_hash: bytes
    signature: bytes


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says. `text` is exactly what was signed, its last newline included."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...]
    text: str
    signatures: tuple[NoteSignature, ...]


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name it signs under."""

    name: str
    key_hash: bytes
    public_key: bytes

    def __str__(self) -> str:
        encoded = _encode(_ALGORITHM_ED25519 + self.public_key)
        return f"{self.name}+{self.key_hash.hex()}+{encoded}"


def verifier_key(key: Ed25519PrivateKey | Ed25519PublicKey, name: str) -> str:
    """The verifier key line of a key (signed-note "Verifier keys"), to be published and pinned."""
    public_key = _public_bytes(key)
    _check_name(name)
    return str(VerifierKey(name, _key_hash(name, public_key), public_key))


def parse_verifier_key(line: str) -> VerifierKey:
    """Read `name+keyhash+base64`; a key hash that does not belong to name and key is refused."""
    name, _, rest = line.strip().partition("+")
    hash_text, _, encoded = rest.partition("+")
    try:
        key_hash = bytes.fromhex(hash_text)
        data = _decode(encoded)
    except ValueError as error:
        raise CheckpointError("KEY_MALFORMED", f"not a verifier key: {error}") from None
    if data[:1] != _ALGORITHM_ED25519 or len(data) != 33:
        raise CheckpointError("KEY_MALFORMED", "not an Ed25519 verifier key")
    _check_name(name)
    if key_hash != _key_hash(name, data[1:]):
        raise CheckpointError("KEY_MALFORMED", "the key hash does not belong to this name and key")
    return VerifierKey(name, key_hash, data[1:])


def sign(
    origin: str, size: int, root: bytes, key: Ed25519PrivateKey, name: str, *, extensions: tuple[str, ...] = ()
) -> str:
    """The signed checkpoint of a log with `size` entries and this 32-byte root. `name` is usually the origin."""
    _check_name(name)
    text = _text(origin, size, root, extensions)
    signed = _key_hash(name, _public_bytes(key)) + key.sign(text.encode())
    return f"{text}\n— {name} {_encode(signed)}\n"


def parse(note: str) -> Checkpoint:
    """Read a checkpoint without checking any signature. Raises `CheckpointError` where it is not exactly of the form
    above."""
    text, separator, tail = note.rpartition("\n\n")
    text += "\n"
    if not separator or not tail.endswith("\n"):
        raise CheckpointError("NOTE_MALFORMED", "no signature block at the end")
    signatures = tuple(_parse_signature(line) for line in tail[:-1].split("\n"))
    lines = text[:-1].split("\n")
    if len(lines) < 3 or not _SIZE_PATTERN.fullmatch(lines[1]):
        raise CheckpointError("NOTE_MALFORMED", "origin, size and root are not on the first three lines")
    try:
        root = _decode(lines[2])
    except ValueError as error:
        raise CheckpointError("NOTE_MALFORMED", f"root: {error}") from None
    origin, size, extensions = lines[0], int(lines[1]), tuple(lines[3:])
    if _text(origin, size, root, extensions) != text:
        raise CheckpointError("NOTE_MALFORMED", "the text is not in canonical form")
    return Checkpoint(origin, size, root, extensions, text, signatures)


def verify(note: str, verifier_key_line: str) -> Checkpoint:
    """Read a checkpoint that this key must have signed (RFC 8032). Signatures by other keys are ignored, as
    signed-note asks; none by this key is `KEY_UNKNOWN`, a wrong one `SIGNATURE_INVALID`."""
    key = parse_verifier_key(verifier_key_line)
    checkpoint = parse(note)
    own = [s for s in checkpoint.signatures if s.name == key.name and s.key_hash == key.key_hash]
    if not own:
        raise CheckpointError("KEY_UNKNOWN", f"not signed by {key.name}+{key.key_hash.hex()}")
    public_key = Ed25519PublicKey.from_public_bytes(key.public_key)
    for signature in own:
        try:
            public_key.verify(signature.signature, checkpoint.text.encode())
        except InvalidSignature:
            raise CheckpointError("SIGNATURE_INVALID", f"the signature of {key.name} does not verify") from None
    return checkpoint


def _text(origin: str, size: int, root: bytes, extensions: tuple[str, ...]) -> str:
    lines = (origin, *extensions)
    if any(not line or any(ord(character) < 0x20 for character in line) for line in lines):
        raise CheckpointError(
            "NOTE_MALFORMED", "origin and extension lines are not empty and have no control characters"
        )
    if len(root) != HASH_BYTES or size < 0:
        raise CheckpointError("NOTE_MALFORMED", "a checkpoint has a size of 0 or more and a root of 32 bytes")
    return "\n".join([origin, str(size), _encode(root), *extensions]) + "\n"


def _parse_signature(line: str) -> NoteSignature:
    if not line.startswith("— "):
        raise CheckpointError("NOTE_MALFORMED", "a signature line does not begin with an em dash and a space")
    name, _, encoded = line[2:].partition(" ")
    _check_name(name)
    try:
        data = _decode(encoded)
    except ValueError as error:
        raise CheckpointError("NOTE_MALFORMED", f"signature: {error}") from None
    if len(data) <= _KEY_HASH_BYTES:
        raise CheckpointError("NOTE_MALFORMED", "a signature line holds no signature")
    return NoteSignature(name, data[:_KEY_HASH_BYTES], data[_KEY_HASH_BYTES:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() or ord(character) < 0x20 for character in name):
        raise CheckpointError("KEY_MALFORMED", "a key name is not empty and has no spaces and no plus sign")


def _key_hash(name: str, public_key: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ALGORITHM_ED25519 + public_key).digest()[:_KEY_HASH_BYTES]


def _public_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if _encode(data) != text:
        raise ValueError("base64 that is not in canonical form")
    return data
