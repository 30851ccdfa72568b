"""Certificates of audits of any size, signed by a log of three entries that lives in memory."""

import hashlib
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licensing.evidence.audit_table import About
from registry.merkle import certificate, checkpoint, tree
from registry.merkle.bundle import canonical_json

Json = dict[str, Any]
KEY = Ed25519PrivateKey.from_private_bytes(b"\7" * 32)
NAME = "registry.example/log"
HASH = "sha256:" + "0123456789abcdef" * 4
USUAL = {"batch": "batch", "annotator": "annotator", "date": "", "prompt": "", "text": ""}
ABOUT = About(
    "Answers of spring", "Lab", "colophon-audit-0123456789ab.json", "ab" * 32, [("Answers of a chatbot", "chatbot-1")]
)


def row(positive: int, *, sampled: int = 299, records: int = 4000, flagged: bool = False, **names: Any) -> Json:
    """A batch or annotator as results have it."""
    rate = positive / sampled
    interval = [max(0.0, rate - 0.012345), min(1.0, rate + 0.023456)]
    return names | {
        "records": records, "sampled": sampled, "judged": sampled - 20, "positive": positive,
        "copies": positive, "marked": 0,
        "rate": rate, "interval": interval, "corrected_rate": rate, "corrected_interval": interval,
        "at_least": interval[0], "flagged": flagged, "examples": [],
        "resemblance": {"resembling": positive + 4, "rate": rate, "interval": interval, "among_people": 0.02},
        "indication": {"scored": 100, "above": 3, "rate": 0.03, "interval": [0, 0.1], "false_positive_rate": 0.01},
    }  # fmt: skip


def result(batches: list[Json], annotators: list[Json]) -> Json:
    """A result of these rows."""
    method = {
        "version": "1", "detector": "1-c12706834943", "confidence": 0.95, "limit": 0.01, "markers": ["a", "b"],
        "near_copies": {"outputs": 252, "words": 25}, "intervals": "exact", "annotators": "exact",
        "accuracy": {"sensitivity": 0.9982978, "specificity": 1.0, "outputs": 3084, "human": 519},
    }  # fmt: skip
    return {
        "seed": 7, "sample": HASH, "reference": HASH, "method": method, "batches": batches, "annotators": annotators,
        "records": sum(one["records"] for one in batches), "sampled": sum(one["sampled"] for one in batches),
    }  # fmt: skip


def certified(found: Json, **facts: Any) -> Json:
    """The certificate of this result; `facts` go into the entry of the sample."""
    digest = f"sha256:{hashlib.sha256(canonical_json(found)).hexdigest()}"
    drawn = {"sample": found["sample"], "seed": found["seed"], "fields": USUAL, "sampled_per_batch": 299}
    drawn |= {"references": ["cd" * 32], "file_sha256": "ef" * 32} | facts
    told = {"sample": found["sample"], "result": digest, "positive": sum(one["positive"] for one in found["batches"])}
    records = [
        canonical_json({"kind": kind, "subject": "0123456789ab", "at": f"2026-11-2{day}T10:11:12+00:00", "facts": said})
        for day, (kind, said) in enumerate([(certificate.SAMPLED, drawn), (certificate.CONCLUDED, told)], start=1)
    ]
    hashes = [tree.leaf_hash(record) for record in (b"{}", *records)]
    node = tree.memory_nodes(hashes)
    note = checkpoint.sign(NAME, len(hashes), tree.root(hashes), KEY, NAME)
    key = checkpoint.verifier_key(KEY.public_key(), NAME)
    sampled, concluded = (
        {
            "record": record.decode(),
            "log": {
                "index": index, "size": len(hashes), "checkpoint": note, "key": key,
                "path": [step.hex() for step in tree.inclusion_path(index, len(hashes), node)],
            },
        }
        for index, record in enumerate(records, start=1)
    )  # fmt: skip
    return {
        "format": certificate.FORMAT, "audit": "0123456789ab", "address": "https://registry.example/audits/0123456789ab",
        "sampled": sampled, "concluded": concluded, "result": found,
    }  # fmt: skip


def about(**facts: Any) -> About:
    """What stands beside the JSON, with other facts."""
    return replace(ABOUT, **facts)
