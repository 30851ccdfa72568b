"""What an audit found, told without names: annotators are numbered in an order that only the audit's own key knows."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from ingest.models import Audit

Json = dict[str, Any]
COLUMNS = (
    "kind",
    "name",
    "records",
    "sampled",
    "judged",
    "positive",
    "copies",
    "marked",
    "rate",
    "low",
    "high",
    "corrected_rate",
    "corrected_low",
    "corrected_high",
    "others_rate",
    "p_value",
    "adjusted_p_value",
    "flagged",
    "resembling",
    "resembling_among_people",
    "resembling_p_value",
)


def numbers(audit: Audit) -> dict[str, int]:
    """Annotator → their number, from 1: the same in this audit for ever, another in every other one."""
    key = bytes.fromhex(audit.pseudonym_key)
    names = [row["annotator"] for row in (audit.result or {}).get("annotators", ())]
    hidden = sorted(names, key=lambda name: hmac.new(key, name.encode(), hashlib.sha256).digest())
    return {name: number for number, name in enumerate(hidden, start=1)}


def pseudonym(number: int) -> str:
    """What an annotator is called in files and replies."""
    return f"annotator {number}"


def presented(audit: Audit) -> Json | None:
    """The result with pseudonyms in the place of names, annotators in the order of their numbers; None before the end.

    What the log has is the SHA-256 of this in canonical JSON.
    """
    if audit.result is None:
        return None
    known = numbers(audit)
    rows = sorted(audit.result["annotators"], key=lambda row: known[row["annotator"]])
    return audit.result | {
        "annotators": [row | {"annotator": pseudonym(known[row["annotator"]])} for row in rows],
    }


def table(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Batches, then annotators, as rows with `COLUMNS`; None where a column says nothing of the kind."""
    return [_row("batch", row) for row in result["batches"]] + [_row("annotator", row) for row in result["annotators"]]


def _row(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = row["interval"]
    corrected_low, corrected_high = row["corrected_interval"]
    alike = row.get("resemblance") or {}  # of audits by older methods there is none
    told = {
        "resembling": alike.get("resembling"),
        "resembling_among_people": alike.get("among_people"),
        "resembling_p_value": alike.get("adjusted_p_value"),
        "kind": kind,
        "name": row[kind],
        "low": low,
        "high": high,
        "corrected_low": corrected_low,
        "corrected_high": corrected_high,
    }
    return {column: told.get(column, row.get(column)) for column in COLUMNS}
