"""What each marker hits among answers of models and of people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from bench.kit.detector_data import Answer
from ingest.sampling import markers


def marker_hits(answers: Sequence[Answer]) -> dict[str, Any]:
    """How many answers each marker hit, models' and people's, and of how many in its language."""
    hits: Counter[tuple[str, bool]] = Counter()
    for one in answers:
        hits.update({(hit.marker, one.model) for hit in markers.find_markers(one.text)})
    total = Counter((one.language, one.model) for one in answers)
    every = Counter(one.model for one in answers)
    counts = {}
    for marker in markers.markers():
        of = {
            side: total[marker.language, side] or (every[side] if marker.language == "und" else 0)
            for side in (True, False)
        }
        counts[marker.id] = {
            "model_hits": hits[marker.id, True],
            "model_records": of[True],
            "human_hits": hits[marker.id, False],
            "human_records": of[False],
        }
    return counts
