"""What a reported passage is worth: against what was planted, and against an aligner that is not ours."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.kit import aligner, catalogue
from bench.kit.planting import Plant
from bench.kit.texts import Pair
from ingest.engine.index import Index
from ingest.engine.mapper import map_text
from ingest.engine.params import Params
from ingest.engine.records import Match, Passage

SAME_TEXT = 0.5  # similarity of letters; unrelated English has 0.2, a text scanned with 10 % errors 0.9
MOST_CELLS_UNSHARED = 6e10


def overlap(planted: Plant, passage: Passage) -> int:
    """Characters of the document that a passage shares with the planted excerpt, if it is about the same place of the
    work too."""
    if min(passage.work_end, planted.work_end) <= max(passage.work_start, planted.work_start):
        return 0
    return max(0, min(passage.document_end, planted.end) - max(passage.document_start, planted.start))


def hit(planted: Plant, matches: Sequence[Match]) -> Match | None:
    """The match that names the planted work and overlaps the excerpt on both sides."""
    for match in matches:
        if match.work == planted.work and any(overlap(planted, p) for p in match.passages):
            return match
    return None


def exactness(planted: Plant, match: Match) -> tuple[float, list[int]]:
    """Share of the excerpt that the passages cover, and the distances of their outermost four ends from the true ones
    (code points; on the side of the document and of the work)."""
    passages = [p for p in match.passages if overlap(planted, p)]
    covered = sum(overlap(planted, p) for p in passages) / max(1, planted.end - planted.start)
    ends = [
        abs(min(p.document_start for p in passages) - planted.start),
        abs(max(p.document_end for p in passages) - planted.end),
        abs(min(p.work_start for p in passages) - planted.work_start),
        abs(max(p.work_end for p in passages) - planted.work_end),
    ]
    return min(1.0, covered), ends


def judged(document: str, match: Match, passage: Passage, work: str) -> dict[str, Any]:
    """A passage with both its texts and the similarity of their letters by edit distance over all cells."""
    one, other = document[passage.document_start : passage.document_end], work[passage.work_start : passage.work_end]
    similarity = aligner.similarity(one, other)
    return {
        "work": match.work,
        "relation": match.relation,
        "document_chars": [passage.document_start, passage.document_end],
        "work_chars": [passage.work_start, passage.work_end],
        "words": passage.words,
        "identity": passage.identity,
        "similarity": round(similarity, 4),
        "truly_shared": similarity >= SAME_TEXT,
        "document_text": one[:120],
        "work_text": other[:120],
    }


def compare_pair(pair: Pair, params: Params) -> dict[str, Any] | None:
    """Coverage in both directions, ours and the exhaustive one, in points; None where that one would take too long."""
    # where nothing is shared every piece is looked for everywhere
    cells = MOST_CELLS_UNSHARED if pair.relation == "translation" else aligner.MOST_CELLS
    exhaustive = aligner.covered(pair.document.text, pair.work.text, params.edit_penalty, params.drop_score, cells)
    if exhaustive is None:
        return None
    with tempfile.TemporaryDirectory(prefix="bench-pair-") as scratch:
        path = Path(scratch) / "work.seg"
        catalogue.build(path, [(pair.work.name, pair.work.text)], params)
        with Index.open(path) as index:
            matches = map_text(index, pair.document.text)
    match = matches[0] if matches else None
    ours = (match.coverage_document, match.coverage_work) if match else (0.0, 0.0)
    errors = [100 * abs(a - b) for a, b in zip(ours, exhaustive, strict=True)]
    return {
        "document": pair.document.name,
        "work": pair.work.name,
        "relation": pair.relation,
        "named": match.relation if match else None,
        "passages": len(match.passages) if match else 0,
        "ours": [round(100 * c, 2) for c in ours],
        "exhaustive": [round(100 * c, 2) for c in exhaustive],
        "error_points": round(max(errors), 2),
    }
