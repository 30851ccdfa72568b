"""Documents that the registry signs: JSON-LD in canonical form under the log's key, in a context of its own.

What is signed is `colophon-agreement/1`, a line feed, and the document without its proof as canonical JSON (sorted
keys, no spaces, UTF-8). A checkpoint has a number on its second line, so neither signature can stand for the other.

    {…, "@id": "https://registry.example/agreements/…", "@type": "odrl:Agreement",
     "colophon:proof": {"context": "colophon-agreement/1", "key": "name+keyhash+base64", "signature": "base64"}}

The file may be spelt in another way, with spaces or other line ends: its content is what was signed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from registry.merkle import checkpoint
from registry.merkle.bundle import canonical_json

CONTEXT = "colophon-agreement/1"
PROOF = "colophon:proof"
MAX_BYTES = 1 << 26

Json = dict[str, Any]


class DocumentError(ValueError):
    """The file is no signed document, or does not verify; says what is wrong first."""

    code = "DOCUMENT_NOT_VERIFIED"


@dataclass(frozen=True)
class VerifiedDocument:
    """What was found true. `sha256` is that of the signed content; `key_pinned`: somebody else vouched for the key."""

    address: str
    kind: str
    granted_by: str
    licensee: str
    works: int
    issued: str
    sha256: str
    key: str
    key_pinned: bool


def content_sha256(document: Json) -> str:
    """The SHA-256 (hex) of a document's signed content: its canonical JSON without the proof."""
    return hashlib.sha256(_content(document)).hexdigest()


def sign(document: Json, key: Ed25519PrivateKey, verifier_key: str) -> Json:
    """The document with its proof. `verifier_key` is the line that belongs to `key`."""
    signature = key.sign(_message(document))
    proof = {"context": CONTEXT, "key": verifier_key, "signature": base64.b64encode(signature).decode()}
    return {name: value for name, value in document.items() if name != PROOF} | {PROOF: proof}


def read(data: bytes) -> Json:
    """The JSON object in a file. Raises DocumentError where it is none, or says something twice."""
    if len(data) > MAX_BYTES:
        raise DocumentError("it is too large for a signed document")
    try:
        said = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"it is not JSON: {error}") from None
    if not isinstance(said, dict) or PROOF not in said:
        raise DocumentError("it carries no proof of the registry")
    return said


def verify(data: bytes, pinned_key: str | None = None) -> VerifiedDocument:
    """Check a signed document, offline. Raises DocumentError for the first thing that is wrong."""
    document = read(data)
    proof = document[PROOF]
    if not isinstance(proof, dict) or set(proof) != {"context", "key", "signature"} or proof["context"] != CONTEXT:
        raise DocumentError("its proof is not of a kind known here")
    line = str(proof["key"])
    if pinned_key is not None and pinned_key.strip() != line:
        raise DocumentError("it is signed with another key than the pinned one")
    try:
        key = checkpoint.parse_verifier_key(line)
        signature = base64.b64decode(str(proof["signature"]), validate=True)
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, _message(document))
    except checkpoint.CheckpointError as error:
        raise DocumentError(f"the key in it: {error.cause}") from None
    except (ValueError, InvalidSignature):
        raise DocumentError("its signature does not verify: it is not genuine, or was changed since") from None
    return _verified(document, line, pinned=pinned_key is not None)


def _verified(document: Json, key: str, *, pinned: bool) -> VerifiedDocument:
    try:
        return VerifiedDocument(
            address=str(document["@id"]),
            kind=str(document["@type"]),
            granted_by=str(document["odrl:assigner"]["https://schema.org/name"]),
            licensee=str(document["odrl:assignee"]["https://schema.org/name"]),
            works=len(document["colophon:works"]),
            issued=str(document["dct:issued"]["@value"]),
            sha256=content_sha256(document),
            key=key,
            key_pinned=pinned,
        )
    except (KeyError, TypeError) as error:
        raise DocumentError(f"it is signed, but is no agreement: {error}") from None


def is_signed_document(name: str) -> bool:
    """Whether the file of this name says that it is signed like this, and is no receipt."""
    try:
        with Path(name).open("rb") as stream:
            return f'"{PROOF}"'.encode() in stream.read(MAX_BYTES)
    except (OSError, ValueError):
        return False


def main(arguments: list[str] | None = None) -> int:
    """The command: prints what was found. Exit status: 0 verified, 1 does not verify, 2 cannot be opened."""
    parser = argparse.ArgumentParser(description="Verify a document that a Colophon registry signed, offline.")
    parser.add_argument("document", metavar="DOCUMENT.jsonld")
    parser.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args(arguments)
    try:
        data = Path(options.document).read_bytes()
        pinned = None if options.key is None else Path(options.key).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    try:
        found = verify(data, pinned)
    except DocumentError as error:
        if options.json:
            print(json.dumps({"verified": False, "cause": str(error)}))
        else:
            print(f"NOT VERIFIED: {options.document}: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"verified": True, **asdict(found)}, ensure_ascii=False))
    else:
        _report(found)
    return 0


def _report(found: VerifiedDocument) -> None:
    print(f"verified: agreement of {_shown(found.granted_by)} with {_shown(found.licensee)}, {found.works} works")
    print(f"document: SHA-256 {found.sha256}, issued on {_shown(found.issued)}")
    print(f"address:  {_shown(found.address)}")
    if found.key_pinned:
        print(f"key:      {_shown(found.key)}, the pinned key")
    else:
        print(f"key:      {_shown(found.key)}, key not pinned: only the document vouches for it.")
        print("          Compare with the key that the registry publishes, or run again with --key FILE.")
    print("not checked here: whether the agreement is still in force. The registry's page /verify says that.")


def _shown(text: str) -> str:
    """What a document says, safe to print on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _message(document: Json) -> bytes:
    return CONTEXT.encode() + b"\n" + _content(document)


def _content(document: Json) -> bytes:
    try:
        return canonical_json({name: value for name, value in document.items() if name != PROOF})
    except (ValueError, RecursionError) as error:  # a lone surrogate, too deep
        raise DocumentError(f"it cannot be written canonically: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> Json:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no number")
