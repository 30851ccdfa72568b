"""A record put together from two outputs: neither covers enough of it, both do."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.engine.records import Match

SHARED = 0.2  # of the shorter piece, at most, in the other one too
LARGER_FIRST = 4  # pieces tried with each other


def put_together(text: str, pieces: Sequence[Match], coverage: float) -> bool:
    """Whether two of the pieces (of different outputs, the most telling first) cover enough of the record."""
    if not text:
        return False
    spans = [[(part.document_start, part.document_end) for part in piece.passages] for piece in pieces[:LARGER_FIRST]]
    for at, one in enumerate(spans):
        for other in spans[at + 1 :]:
            both = _length(_common(one, other))
            shorter = min(_length(one), _length(other))
            if both <= SHARED * shorter and _length(one) + _length(other) - both >= coverage * len(text):
                return True
    return False


Spans = Sequence[tuple[int, int]]


def _length(spans: Spans) -> int:
    return sum(end - start for start, end in spans)


def _common(one: Spans, other: Spans) -> Spans:
    """Where both are; the spans of each do not overlap."""
    met = ((max(a, c), min(b, d)) for a, b in one for c, d in other)
    return [(start, end) for start, end in met if start < end]
