"""Certificates of sampling audits: the result, and the proof that its sample was on record first, in one JSON file.

    {"format": "colophon-audit-certificate/1", "audit": "…", "address": "…",
     "result": {…},                      what the audit found (docs/audit.md), people as numbers
     "sampled": {"record": "…", "log": {"index", "size", "path", "checkpoint", "key"}},
     "concluded": {…}}                   likewise: the log's entries before anything was looked at and of the result

Checked offline: both entries stand under signed checkpoints, the sample's before the result's; they speak of one audit,
one sample and one seed; and the result is the one whose SHA-256 (of its canonical JSON) the second entry names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from registry.merkle import checkpoint, proof, tree
from registry.merkle.bundle import canonical_json

FORMAT = "colophon-audit-certificate/1"
MAX_BYTES = 1 << 28
SAMPLED, CONCLUDED = "audit.sampled", "audit.concluded"

Json = dict[str, Any]


class CertificateError(ValueError):
    """The file is no certificate, or does not verify; says what is wrong first."""

    code = "CERTIFICATE_NOT_VERIFIED"


@dataclass(frozen=True)
class VerifiedCertificate:
    """What was found true. `sampled_at` comes before `concluded_at` in the log; `key_pinned`: somebody else vouched."""

    audit: str
    seed: int
    sample: str
    records: int
    drawn: int
    positive: int
    sampled_at: str
    sampled_index: int
    concluded_at: str
    concluded_index: int
    origin: str
    key: str
    key_pinned: bool


@dataclass(frozen=True)
class _Entry:
    """An entry that stands in the log."""

    content: Json
    index: int
    origin: str
    key: str


def verify(data: bytes, pinned_key: str | None = None) -> VerifiedCertificate:
    """Check a certificate, offline. Raises CertificateError for the first thing that is wrong."""
    said = read(data)
    try:
        return _verify(said, pinned_key)
    except (KeyError, TypeError, AttributeError) as error:
        raise CertificateError(f"it is not complete: {error}") from None
    except checkpoint.CheckpointError as error:
        raise CertificateError(f"the checkpoint: {error.cause}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, CertificateError):
            raise
        raise CertificateError(f"it cannot be read: {error}") from None


def read(data: bytes) -> Json:
    """The JSON object in a file. Raises CertificateError where it is no certificate."""
    if len(data) > MAX_BYTES:
        raise CertificateError("it is too large for a certificate")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CertificateError(f"it is not JSON: {error}") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise CertificateError(f"it does not say that it is a {FORMAT}")
    return said


def is_certificate(name: str) -> bool:
    """Whether the file of this name says that it is a certificate."""
    try:
        with Path(name).open("rb") as stream:
            return f'"{FORMAT}"'.encode() in stream.read(200)
    except (OSError, ValueError):
        return False


def _verify(said: Json, pinned_key: str | None) -> VerifiedCertificate:
    sampled = _entry(said["sampled"], SAMPLED, pinned_key)
    concluded = _entry(said["concluded"], CONCLUDED, pinned_key)
    before, after, result = sampled.content["facts"], concluded.content["facts"], said["result"]
    if not sampled.content["subject"] == concluded.content["subject"] == said["audit"]:
        raise CertificateError("the log's entries are about another audit")
    if (sampled.key, sampled.origin) != (concluded.key, concluded.origin):
        raise CertificateError("its two entries stand in different logs")
    if sampled.index >= concluded.index:
        raise CertificateError("the sample was not on record before the result")
    if f"sha256:{hashlib.sha256(canonical_json(result)).hexdigest()}" != after["result"]:
        raise CertificateError("the result is not the one that is on record")
    if not before["sample"] == after["sample"] == result["sample"]:
        raise CertificateError("the sample is not the one that was put on record first")
    if before["seed"] != result["seed"]:
        raise CertificateError("the seed is not the one that was put on record first")
    return VerifiedCertificate(
        audit=str(said["audit"]),
        seed=int(before["seed"]),
        sample=str(before["sample"]),
        records=int(result["records"]),
        drawn=int(result["sampled"]),
        positive=int(after["positive"]),
        sampled_at=str(sampled.content["at"]),
        sampled_index=sampled.index,
        concluded_at=str(concluded.content["at"]),
        concluded_index=concluded.index,
        origin=sampled.origin,
        key=sampled.key,
        key_pinned=pinned_key is not None,
    )


def _entry(said: Json, kind: str, pinned_key: str | None) -> _Entry:
    record, place = said["record"].encode(), said["log"]
    if place is None:
        raise CertificateError("it has no number in the log yet: download the certificate again in a minute")
    key = (pinned_key or place["key"]).strip()
    signed = checkpoint.verify(place["checkpoint"], key)
    path = [bytes.fromhex(step) for step in place["path"]]
    if signed.size != place["size"]:
        raise CertificateError("the checkpoint is of another size of the log")
    if not proof.verify_inclusion(tree.leaf_hash(record), place["index"], signed.size, path, signed.root):
        raise CertificateError("the path does not lead from the entry to the signed root")
    content = json.loads(record)
    if content["kind"] != kind:
        raise CertificateError(f"the log's entry is no {kind}")
    return _Entry(content, int(place["index"]), signed.origin, key)


def main(arguments: list[str] | None = None) -> int:
    """The command: prints what was found. Exit status: 0 verified, 1 does not verify, 2 cannot be opened."""
    parser = argparse.ArgumentParser(description="Verify a certificate of a sampling audit, offline.")
    parser.add_argument("certificate", metavar="CERTIFICATE.json")
    parser.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args(arguments)
    try:
        data = Path(options.certificate).read_bytes()
        pinned = None if options.key is None else Path(options.key).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    try:
        found = verify(data, pinned)
    except CertificateError as error:
        if options.json:
            print(json.dumps({"verified": False, "cause": str(error)}))
        else:
            print(f"NOT VERIFIED: {options.certificate}: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"verified": True, **asdict(found)}, ensure_ascii=False))
    else:
        _report(found)
    return 0


def _report(found: VerifiedCertificate) -> None:
    print(f"verified: audit {_shown(found.audit)}, {found.positive} of {found.drawn} drawn records taken for output")
    print(f"sample:   {_shown(found.sample)}, seed {found.seed}, drawn from {found.records} records")
    print(f"log:      {_shown(found.origin)}, sample entry {found.sampled_index} at {_shown(found.sampled_at)},")
    print(f"          result entry {found.concluded_index} at {_shown(found.concluded_at)}")
    if found.key_pinned:
        print(f"key:      {_shown(found.key)}, the pinned key")
    else:
        print(f"key:      {_shown(found.key)}, key not pinned: only the certificate vouches for it.")
        print("          Compare with the key that the registry publishes, or run again with --key FILE.")


def _shown(text: str) -> str:
    """What a certificate says, safe to print on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


if __name__ == "__main__":
    sys.exit(main())
