"""Findings as files: raw lines for machines, and a table that no spreadsheet takes for a formula."""

import csv
import io
from typing import Any

from licensing.evidence.collect import Finding, Matched
from registry.importers.cells import spreadsheet_safe
from registry.services import log

Json = dict[str, Any]

COLUMNS = (
    "verdict", "blocks", "status", "work", "title", "authors", "isbn", "relation", "document", "document_sha256",
    "document_chars", "work_chars", "matched_words", "longest_verbatim_words", "coverage_document", "coverage_work",
    "identity", "precision", "reasons", "passages_page", "confidence",
    "shared_document_chars", "shared_work_chars",
)  # fmt: skip
BYTE_ORDER_MARK = "\ufeff"


def finding_line(finding: Finding, pages: dict[int, str]) -> bytes:
    """One line of findings.jsonl: the work, its verdict with all reasons, and its matches as `colophon match` writes
    them. `pages` maps a match's number to its page of passages."""
    matches = [
        match.line | {"id": match.id, "document_sha256": match.document_sha256, "page": pages.get(match.number)}
        for match in finding.matches
    ]
    line: Json = {
        "work": finding.work,
        "verdict": finding.verdict,
        "status": finding.status,
        "blocks": finding.blocks,
        "reasons": finding.reasons,
        "relation": finding.relation,
        "documents": finding.documents,
        "matched_words": finding.matched_words,
        "verdict_id": finding.verdict_id,
        "matches": matches,
    }
    return log.canonical(line) + b"\n"


def header() -> bytes:
    """The first line of findings.csv, after a byte order mark, without which Excel misreads UTF-8."""
    return BYTE_ORDER_MARK.encode() + _row(list(COLUMNS))


def finding_rows(finding: Finding, pages: dict[int, str]) -> bytes:
    """The lines of findings.csv for one work: one a match. CRLF, every cell made safe."""
    return b"".join(_row(_cells(finding, match, pages.get(match.number, ""))) for match in finding.matches)


def _cells(finding: Finding, match: Matched, page: str) -> list[object]:
    reasons = [reason["code"] for reason in finding.reasons if not reason["superseded"]]
    identity = match.line["identity"]
    return [
        finding.verdict,
        "yes" if finding.blocks else "no",
        finding.status,
        finding.work["id"],
        finding.work["title"],
        finding.work["authors"],
        " ".join(finding.work["isbn"]),
        match.line["relation"],
        match.document,
        match.document_sha256,
        " ".join(_span(passage["document_chars"]) for passage in match.passages),
        " ".join(_span(passage["work_chars"]) for passage in match.passages),
        match.line["matched_words"],
        match.line["longest_verbatim_words"],
        match.line["coverage_document"],
        match.line["coverage_work"],
        "" if identity is None else identity,
        match.line["precision"],
        " ".join(reasons),
        page,
        "" if match.confidence is None else match.confidence,
        " ".join(_span(stretch["document_chars"]) for stretch in match.boilerplate),
        " ".join(_span(stretch["work_chars"]) for stretch in match.boilerplate),
    ]


def _span(chars: list[int]) -> str:
    return f"{chars[0]}..{chars[1]}"


def _row(cells: list[Any]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerow([safe(cell) for cell in cells])
    return stream.getvalue().encode("utf-8", "replace")


def safe(cell: object) -> object:
    """A cell that no spreadsheet runs: text that could begin a formula gets an apostrophe in front; numbers stay."""
    return spreadsheet_safe(cell) if isinstance(cell, str) else cell
