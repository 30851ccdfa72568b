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
    spans = [spans_of(piece) for piece in pieces[:LARGER_FIRST]]
    for at, one in enumerate(spans):
        for other in spans[at + 1 :]:
            both = common(one, other)
            shorter = min(length(one), length(other))
            if both <= SHARED * shorter and length(one) + length(other) - both >= coverage * len(text):
                return True
    return False


Spans = Sequence[tuple[int, int]]


def spans_of(piece: Match) -> Spans:
    """Where in the record the piece is, in order, none on another."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((part.document_start, part.document_end) for part in piece.passages):
        if found and start < found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def length(spans: Spans) -> int:
    """Characters in them."""
    return sum(end - start for start, end in spans)


def common(one: Spans, other: Spans) -> int:
    """How many characters are in both; each is in order."""
    at = beside = both = 0
    while at < len(one) and beside < len(other):
        (start, end), (low, high) = one[at], other[beside]
        both += max(0, min(end, high) - max(start, low))
        if end < high:
            at += 1
        else:
            beside += 1
    return both
