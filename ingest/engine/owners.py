"""Whose a place in a segment is: the record that begins there or before, found through a table of hints."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ingest.engine.compiled import subroutine
from ingest.engine.records import Array

ONE = np.uint64(1)
HINTS_A_RECORD = 2


class Hints(NamedTuple):
    """`records` (uint32): the record at every 2^shift-th place, and at the end the last one."""

    records: Array
    shift: int


def hints_of(record_starts: Array) -> Hints:
    """The hints of a segment, about two a record: `record_starts` as the segment has it, with the end."""
    count, total = record_starts.size - 1, int(record_starts[-1])
    shift = max(0, (total // max(1, HINTS_A_RECORD * count)).bit_length() - 1)
    places = np.arange(0, total + 1, 1 << shift, dtype=np.uint64)
    records = np.searchsorted(record_starts[:-1], places, side="right") - 1
    return Hints(np.append(np.maximum(records, 0), max(0, count - 1)).astype(np.uint32), shift)


@subroutine
def owner_of(record_starts: Array, hints: Array, shift: int, position: np.uint64) -> int:
    """The record of a place; some record for a place that is in none."""
    cell = min(position >> np.uint64(shift), np.uint64(hints.size - 2))
    low, high = np.uint64(hints[cell]), np.uint64(hints[cell + ONE]) + ONE
    while high - low > ONE:
        middle = (low + high) >> ONE
        if record_starts[middle] <= position:
            low = middle
        else:
            high = middle
    return np.int64(low)
