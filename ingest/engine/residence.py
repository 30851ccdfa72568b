"""How much of a mapped array is in memory, so that the way of querying can be chosen by it (mincore(2), Linux)."""

from __future__ import annotations

import ctypes
import mmap

from ingest.engine.records import Array

SAMPLED_PLACES = 64
PAGES_A_PLACE = 4


def resident_share(array: Array) -> float:
    """Part of the pages under an array that are in memory, 0–1, by a sample spread evenly; 1.0 where unknown."""
    page = mmap.PAGESIZE
    address = int(array.__array_interface__["data"][0])
    first, after = address // page, -(-(address + array.nbytes) // page)
    if array.nbytes == 0:
        return 1.0
    try:
        mincore = ctypes.CDLL(None, use_errno=True).mincore
    except (OSError, AttributeError):
        return 1.0
    mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)
    step = max(PAGES_A_PLACE, (after - first) // SAMPLED_PLACES)
    seen = resident = 0
    for place in range(first, after, step):
        pages = min(PAGES_A_PLACE, after - place)
        states = ctypes.create_string_buffer(pages)
        if mincore(place * page, pages * page, states) != 0:
            return 1.0
        seen += pages
        resident += sum(state & 1 for state in states.raw)
    return resident / seen
