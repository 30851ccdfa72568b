"""Findings as SARIF 2.1.0 (OASIS), for code hosts and editors that show them beside the data."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from licensing.rules.reasons import CATALOGUE
from licensing.rules.verdict import rules_version

Json = dict[str, Any]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {
    "NOT_CLEARED": "error",
    "CONTESTED": "error",
    "UNKNOWN": "warning",
    "EXCEPTION_CLAIMED": "warning",
    "CONDITIONAL": "note",
    "CLEARED": "none",
}


def to_sarif(answer: Json) -> Json:
    """A log with one run: a result for each (work, document) that is not plainly cleared.

    `ruleId` is the code of the reason that decided; each passage is a location with character offsets.
    """
    works = [row for row in answer["works"] if row["verdict"] != "CLEARED"]
    codes = sorted({row["decided_by"] for row in works})
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "colophon",
                        "semanticVersion": rules_version(),
                        "rules": [_rule(code, works) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": answer["exit"] != 2, "exitCode": answer["exit"]}],
                "results": [
                    _result(row, match, codes.index(row["decided_by"])) for row in works for match in row["matches"]
                ],
                "properties": {
                    name: answer[name] for name in ("question", "snapshot", "totals", "unidentified", "policy")
                },
            }
        ],
    }


def _rule(code: str, works: list[Json]) -> Json:
    verdict = next(row["verdict"] for row in works if row["decided_by"] == code)
    text = CATALOGUE[code]
    rule: Json = {
        "id": code,
        "shortDescription": {"text": code.replace("_", " ").capitalize()},
        "defaultConfiguration": {"level": LEVELS[verdict]},
        "properties": {"axis": text.axis},
    }
    if text.authority:
        rule["help"] = {"text": f"Authority: {text.authority}"}
    return rule


def _result(row: Json, match: Json, rule: int) -> Json:
    document = match["document"]
    identity = hashlib.sha256("\0".join((row["work"], document, row["decided_by"])).encode()).hexdigest()
    named = f"{row['title']} ({row['work']})" if row["title"] else row["work"]
    return {
        "ruleId": row["decided_by"],
        "ruleIndex": rule,
        "level": LEVELS[row["verdict"]],
        "message": {
            "text": f"{named}, {match['relation']} of {match['matched_words']} words: {row['sentence']}",
        },
        "locations": [_location(document, passage["document_chars"]) for passage in match["passages"]],
        "partialFingerprints": {"workDocumentReason/v1": identity},
        "properties": {"verdict": row["verdict"], "status": row["status"], "blocks": row["blocks"]}
        | {name: match[name] for name in ("confidence", "boilerplate") if match.get(name) is not None},
    }


def _location(document: str, chars: list[int]) -> Json:
    start, end = chars
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(document)},
            "region": {"charOffset": start, "charLength": end - start},
        },
        "logicalLocations": [{"fullyQualifiedName": document}],
    }


def _uri(document: str) -> str:
    """The file as a URI reference, member and record as its fragment (RFC 3986)."""
    file, separator, inside = document.partition("#")
    path = quote(file, safe="/")
    address = f"file://{path}" if path.startswith("/") else path
    return address + (f"#{quote(inside, safe='/')}" if separator else "")
