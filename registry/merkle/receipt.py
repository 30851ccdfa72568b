"""Receipts: what was recorded of a work, and the proof that it stands in the log, in one JSON file that checks offline.

    {"format": "colophon-receipt/1", "work": "…", "address": "…",
     "record": "…",                      the text that was recorded, byte for byte
     "record_hash": "…",                 SHA-256 of 0x00 and the record (RFC 9162 §2.1.1), hex
     "import": null | {"index", "rows", "path", "entry_record"}    of a work that came in a file of many:
                                         from the record to the root over the file's rows, which the log's entry names
     "entry_hash": "…", "log": null | {"index", "size", "path", "checkpoint", "key"}}

`log` is null until the entry has its number. All hashes are hex, paths go from the leaf up.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from registry.merkle import checkpoint, proof, tree

FORMAT = "colophon-receipt/1"
MAX_BYTES = 1 << 26
ROWS_ROOT = "rows_root"  # what an import's entry calls the root over its rows

Json = dict[str, Any]


class ReceiptError(ValueError):
    """The file is no receipt, or does not verify; says what is wrong first."""

    code = "RECEIPT_NOT_VERIFIED"


@dataclass(frozen=True)
class VerifiedReceipt:
    """What was found true. `key_pinned` is False where nobody vouched for the key but the receipt itself."""

    work: str
    title: str
    recorded_at: str
    record_hash: str
    origin: str
    entry_index: int
    tree_size: int
    key: str
    key_pinned: bool


def looks_like(start: bytes) -> bool:
    """Whether a file that begins so can be a receipt, and not the zip of a bundle."""
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def verify_receipt(data: bytes, pinned_key: str | None = None) -> VerifiedReceipt:
    """Check a receipt: the record's hash, its place under the log's root, the signature over that.

    Raises ReceiptError for the first thing that is wrong.
    """
    said = _read(data)
    try:
        return _verify(said, pinned_key)
    except (KeyError, TypeError, AttributeError) as error:
        raise ReceiptError(f"the receipt is not complete: {error}") from None
    except checkpoint.CheckpointError as error:
        raise ReceiptError(f"the checkpoint: {error.cause}") from None
    except ValueError as error:
        if isinstance(error, ReceiptError):
            raise
        raise ReceiptError(f"the receipt cannot be read: {error}") from None


def _read(data: bytes) -> Json:
    if len(data) > MAX_BYTES:
        raise ReceiptError("it is too large for a receipt")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ReceiptError(f"it is not JSON: {error}") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise ReceiptError(f"it does not say that it is a {FORMAT}")
    return said


def _verify(said: Json, pinned_key: str | None) -> VerifiedReceipt:
    record = said["record"].encode()
    hashed = tree.leaf_hash(record)
    if hashed.hex() != said["record_hash"]:
        raise ReceiptError("the record is not the one whose hash the receipt names")
    content = json.loads(record)
    entry, entry_hash = content, hashed
    if said["import"] is not None:
        entry, entry_hash = _entry_of_import(said["import"], hashed)
    if entry_hash.hex() != said["entry_hash"]:
        raise ReceiptError("the log's entry is not the one whose hash the receipt names")
    if said["log"] is None:
        raise ReceiptError("it has no number in the log yet: download the receipt again in a minute")
    place = said["log"]
    key = (pinned_key or place["key"]).strip()
    signed = checkpoint.verify(place["checkpoint"], key)
    path = [bytes.fromhex(step) for step in place["path"]]
    if signed.size != place["size"]:
        raise ReceiptError("the checkpoint is of another size of the log")
    if not proof.verify_inclusion(entry_hash, place["index"], signed.size, path, signed.root):
        raise ReceiptError("the path does not lead from the entry to the signed root")
    work, title = _work_of(content)
    if work != said["work"]:
        raise ReceiptError("the record is about another work")
    return VerifiedReceipt(
        work=work,
        title=title,
        recorded_at=str(entry["at"]),
        record_hash=hashed.hex(),
        origin=signed.origin,
        entry_index=int(place["index"]),
        tree_size=signed.size,
        key=key,
        key_pinned=pinned_key is not None,
    )


def _entry_of_import(said: Json, hashed: bytes) -> tuple[Json, bytes]:
    """The log's entry of the file, once the row is shown to stand under the root that this entry names."""
    leaf = said["entry_record"].encode()
    entry = json.loads(leaf)
    path = [bytes.fromhex(step) for step in said["path"]]
    root = bytes.fromhex(entry["facts"][ROWS_ROOT])
    if not proof.verify_inclusion(hashed, said["index"], said["rows"], path, root):
        raise ReceiptError("the path does not lead from the record to the root over the file's rows")
    return entry, tree.leaf_hash(leaf)


def _work_of(content: Json) -> tuple[str, str]:
    """The id and the title of the work that a record is about: of a row, or of an entry of its own."""
    facts = content["facts"]
    subject = content["work"] if "work" in content else content["subject"].removeprefix("work:")
    return str(subject), str(facts["title"])


def main(arguments: list[str] | None = None) -> int:
    """The command: prints what was found. Exit status: 0 verified, 1 does not verify, 2 cannot be opened."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(description="Verify a Colophon receipt offline.")
    parser.add_argument("receipt", metavar="RECEIPT.json")
    parser.add_argument("--key", metavar="FILE", help="the registry's verifier key, obtained independently")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    options = parser.parse_args(arguments)
    try:
        data = Path(options.receipt).read_bytes()
        pinned = None if options.key is None else Path(options.key).read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        print(f"cannot be read: {error}", file=sys.stderr)
        return 2
    try:
        found = verify_receipt(data, pinned)
    except ReceiptError as error:
        if options.json:
            print(json.dumps({"verified": False, "cause": str(error)}))
        else:
            print(f"NOT VERIFIED: {options.receipt}: {error}", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps({"verified": True, **asdict(found)}, ensure_ascii=False))
        return 0
    _report(found)
    return 0


def _report(found: VerifiedReceipt) -> None:
    print(f"verified: “{_shown(found.title)}” (work {_shown(found.work)}), recorded at {_shown(found.recorded_at)}")
    print(f"record:   leaf hash {found.record_hash}")
    print(f"log:      entry {found.entry_index} of {_shown(found.origin)} at size {found.tree_size}")
    if found.key_pinned:
        print(f"key:      {_shown(found.key)}, the pinned key")
        return
    print(f"key:      {_shown(found.key)}, key not pinned: only the receipt vouches for it.")
    print("          Compare with the key that the registry publishes, or run again with --key FILE.")


def _shown(text: str) -> str:
    """What a receipt says, safe to print on a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
