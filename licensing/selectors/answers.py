"""A decided clearance in the shape that `colophon check --format json` has."""

from typing import Any

from ingest.models import Match
from ingest.selectors import scans
from licensing.models import Clearance, ClearanceOutput, OutputChange, Verdict
from licensing.rules import output_facts

CLEAR, FINDINGS, NOTHING, UNDETERMINED = 0, 1, 3, 4


def exit_code(clearance: Clearance) -> int:
    """1 something blocks, 4 nothing blocks but something is UNKNOWN or unidentified, 3 nothing was read, 0 clear.

    Model output in the dataset counts as a work does."""
    if clearance.blocks:
        return FINDINGS
    if not clearance.totals["documents"]:
        return NOTHING
    totals = clearance.totals
    unknown = totals["verdicts"]["UNKNOWN"]["works"] or totals.get("documents_unpublished", 0)
    unknown = unknown or totals.get("output", {}).get("verdict") == "UNKNOWN"
    return UNDETERMINED if unknown or totals["documents_unidentified"] else CLEAR


def in_full(clearance: Clearance) -> dict[str, Any]:
    """The question, totals, and a row a work with its reasons and matches; what matched nothing is named."""
    matches: dict[int, list[dict[str, Any]]] = {}
    found = Match.objects.filter(scan=clearance.scan).select_related("item", "work").order_by("item__position")
    for match in found:
        matches.setdefault(match.work_id, []).append(_match(match))
        if match.work.merged_into_id is not None:  # its survivor's as well
            matches.setdefault(match.work.merged_into_id, []).append(_match(match))
    rows = Verdict.objects.filter(clearance=clearance).select_related("work").order_by("work__public_id")
    question = rows[0].case["question"] if rows else {}
    return {
        "clearance": clearance.public_id,
        "dataset": clearance.scan.release.dataset.slug,
        "scan": clearance.scan.public_id,
        "index": clearance.scan.index_digest,
        "question": question,
        "totals": clearance.totals,
        "output": output(clearance),
        "works": [
            {
                "work": row.work.public_id,
                "title": row.work.title,
                "verdict": row.verdict,
                "status": row.status,
                "blocks": row.blocks,
                "reasons": row.reasons,
                "matches": matches.get(row.work_id, []),
            }
            for row in rows
        ],
        "unidentified": {
            "documents": clearance.totals["documents_unidentified"],
            "no_match": scans.no_match(clearance.scan),
        },
        "exit": exit_code(clearance),
    }


def output(clearance: Clearance) -> dict[str, Any] | None:
    """What was answered of model output in the dataset, with its facts; None of a clearance from before."""
    row = ClearanceOutput.objects.filter(clearance=clearance).first()
    return None if row is None else output_json(row)


def output_now(clearance: Clearance) -> dict[str, Any]:
    """The answer about model output as it was given, and its latest change, each with its facts."""
    change = OutputChange.objects.filter(clearance=clearance).order_by("pk").last()
    return {
        "given": output(clearance),
        "now": output_json(change) if change else None,
        "cause": change.cause if change else None,
        "as_of": change.as_of if change else None,
    }


def output_json(row: ClearanceOutput | OutputChange) -> dict[str, Any]:
    """An answer about model output as JSON: what it says, and the facts that `python -m licensing.rules` decides."""
    return {
        "verdict": row.verdict or None,
        "blocks": row.blocks,
        "reasons": row.reasons,
        "rules_version": row.rules_version,
        "share": output_facts.share_sentence(row.facts),
        "facts": row.facts,
    }


def _match(match: Match) -> dict[str, Any]:
    facts = {
        "document": match.item.name,
        "relation": match.relation,
        "coverage_document": match.coverage_document,
        "coverage_work": match.coverage_work,
        "matched_words": match.matched_words,
        "confidence": match.confidence,
        "passages": _places(match.passages),
    }
    return facts | {"boilerplate": _places(match.boilerplate)} if match.boilerplate else facts


def _places(passages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: passage[name] for name in ("document_chars", "work_chars", "words")} for passage in passages]
