"""Reads of matches that more than one caller needs."""

from typing import Any

from ingest.models import Match

PASSAGE_FIELDS = ("document_chars", "work_chars", "words", "identity", "precision")


def line(match: Match) -> dict[str, Any]:
    """The JSON object that stands for a match in exports and under the log's Merkle root: as `colophon match` writes
    it, without excerpts. Reads `item`, `work`, `edition` and `scan` of the row.

    A row from before matches had a confidence has no such key: its line stays the one whose hash is in the log.
    """
    facts: dict[str, Any] = {"document": match.item.name, "work": match.work.public_id}
    if match.edition is not None:
        facts["edition"] = match.edition.public_id
    facts |= {
        "relation": match.relation,
        "coverage_document": match.coverage_document,
        "coverage_work": match.coverage_work,
        "matched_words": match.matched_words,
        "longest_verbatim_words": match.longest_verbatim_words,
        "identity": match.identity,
        "passages": _places(match.passages),
        "precision": match.precision,
        "index": match.scan.index_digest,
        "engine": match.scan.engine,
        "parameters": match.scan.parameters_digest,
    }
    if match.confidence is not None:
        facts["confidence"] = match.confidence
    if match.boilerplate:
        facts["boilerplate"] = _places(match.boilerplate)
    return facts


def _places(passages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: passage[name] for name in PASSAGE_FIELDS} for passage in passages]
