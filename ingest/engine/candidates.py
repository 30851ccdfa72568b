"""The seeds of a text that may matter: hashes of k symbols, thinned.

Every seed whose hash is below a threshold, and the least of any window of w seeds that has none. These are what a query
looks up; the minimizers of an index are some of them.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.compiled import (
    HASH,
    INT,
    READ_U16,
    READ_U64,
    WRITE_U32,
    WRITE_U64,
    compiled,
    inlined,
    subroutine,
)
from ingest.engine.params import Params
from ingest.engine.records import Array
from ingest.engine.rolling import LANES, ROOM, STRETCH, SYMBOL_HASHES, hash_stretch, keep_below

ONE, SIXTY_THREE, HALF, MIX = np.uint64(1), np.uint64(63), np.uint64(32), np.uint64(0x9E3779B97F4A7C15)

_LEAVING: dict[int, Array] = {}


def leaving_hashes(seed_symbols: int) -> Array:
    """The hash of each symbol as it leaves a window of k symbols: turned k − 1 times since it entered."""
    if seed_symbols not in _LEAVING:
        turn = np.uint64((seed_symbols - 1) & 63)
        _LEAVING[seed_symbols] = (SYMBOL_HASHES << turn) | (SYMBOL_HASHES >> ((np.uint64(64) - turn) & np.uint64(63)))
    return _LEAVING[seed_symbols]


@inlined
def _mixed(rolled: np.uint64) -> np.uint64:
    h = (rolled ^ (rolled >> HALF)) * MIX
    return h ^ (h >> HALF)


@subroutine
def _fill_gap(
    symbols: Array,
    k: int,
    w: int,
    entering: Array,
    leaving: Array,
    start: int,
    stop: int,
    last: int,
    least_at: int,
    positions: Array,
    hashes: Array,
    found: int,
) -> tuple[int, int]:
    """For each window of w seeds that ends in [start, stop), none of them below the threshold, its least seed. Returns
    the seeds found (−1 when the output is full) and the least of the last window. Gaps are rare: hashes are made anew.
    """
    recent = np.empty(w, np.uint64)
    first = max(0, start - w + 1)
    rolled = np.uint64(0)
    for i in range(first, first + k - 1):
        rolled = ((rolled << ONE) | (rolled >> SIXTY_THREE)) ^ entering[symbols[i]]
    for p in range(first, stop):
        rolled = ((rolled << ONE) | (rolled >> SIXTY_THREE)) ^ entering[symbols[p + k - 1]]
        h = _mixed(rolled)
        recent[p % w] = h
        rolled ^= leaving[symbols[p]]
        if p < start or (least_at > p - w and least_at > last and recent[least_at % w] < h):
            continue
        least_at = p
        for q in range(p - 1, max(0, p - w + 1) - 1, -1):
            if recent[q % w] < recent[least_at % w]:
                least_at = q
        if found == positions.size:
            return -1, least_at
        before = np.int64(positions[found - 1]) if found else -w
        if before > p - w and hashes[found - 1] == recent[least_at % w]:
            least_at = before  # as long as it is in the window, an equal one says nothing new
        elif before < least_at:
            positions[found] = least_at
            hashes[found] = recent[least_at % w]
            found += 1
    return found, least_at


@subroutine
def select(
    symbols: Array,
    k: int,
    w: int,
    threshold: np.uint64,
    entering: Array,
    leaving: Array,
    buffers: Array,
    positions: Array,
    hashes: Array,
) -> int:
    """Seeds below the threshold plus, for each window of w seeds that has none, its least. Returns how many, or −1
    when the output is full. Of equal hashes in a row only one a window is kept (runs of one letter).

    First the seeds below the threshold of a stretch, without a branch; then what to keep of them, and the gaps.
    """
    seeds = symbols.size - k + 1
    if seeds <= 0:
        return 0
    below, below_hashes, rolled = buffers[0], buffers[1], buffers[2]
    found = 0
    last = -1  # position of the last seed kept because it is below the threshold
    least_at = -1  # position of the least seed of the last window that had none below
    after = 0  # all before has been looked at
    for start in range(0, seeds, STRETCH):
        stop = min(start + STRETCH, seeds)
        hash_stretch(symbols, start, stop - start, k, buffers[3], buffers[4], rolled)
        count, size = np.uint64(0), np.uint64(stop - start)
        for p in range(np.uint64(0), size, np.uint64(LANES)):
            count += keep_below(rolled, p, threshold, np.uint64(start), below, below_hashes, count)
        while count and below[count - ONE] >= np.uint64(stop):  # lanes beyond the last seed
            count -= ONE
        for c in range(np.int64(count) + 1):
            following = np.int64(below[c]) if c < np.int64(count) else stop
            gap = max(after, last + w)
            if seeds < w and last < 0 and following == seeds:
                gap = max(after, seeds - 1)
            if gap < following:
                found, least_at = _fill_gap(
                    symbols, k, w, entering, leaving, gap, following, last, least_at, positions, hashes, found
                )
                if found < 0:
                    return -1
            after = following
            if c == np.int64(count):
                break
            after += 1
            h = below_hashes[c]
            if found == 0 or hashes[found - 1] != h or following - np.int64(positions[found - 1]) >= w:
                if found == positions.size:
                    return -1
                positions[found] = following
                hashes[found] = h
                found += 1
                last = following
    return found


@compiled(READ_U16, INT, INT, HASH, READ_U64, READ_U64, WRITE_U32, WRITE_U64)
def _candidates(
    symbols: Array,
    k: int,
    w: int,
    threshold: np.uint64,
    entering: Array,
    leaving: Array,
    positions: Array,
    hashes: Array,
) -> int:
    """The candidates of one text; −1 when the output is full."""
    buffers = np.zeros((5, STRETCH + ROOM), np.uint64)
    return select(symbols, k, w, threshold, entering, leaving, buffers, positions, hashes)


@inlined
def context(symbols: Array, low: int, high: int, start: int, width: int) -> np.uint32:
    """Digest (1–255) of `width` symbols from `start` on, 0 where they are not all in [low, high)."""
    if start < low or start + width > high:
        return np.uint32(0)
    value = np.uint32(2166136261)
    for j in range(width):
        value = np.uint32((value ^ np.uint32(symbols[start + j])) * np.uint32(16777619))
    return np.uint32(1) + (value ^ (value >> np.uint32(15))) % np.uint32(255)


def candidates(symbols: Array, params: Params) -> tuple[Array, Array]:
    """Positions (uint32, ascending) and hashes (uint64) of the seeds that a query looks up."""
    k, w = params.seed_symbols, params.window_seeds
    if symbols.size < k:
        return np.empty(0, np.uint32), np.empty(0, np.uint64)
    capacity = int(symbols.size * params.query_rate / w * 1.1) + 256
    while True:
        positions, hashes = np.empty(capacity, np.uint32), np.empty(capacity, np.uint64)
        threshold = np.uint64(params.query_threshold)
        found = _candidates(symbols, k, w, threshold, SYMBOL_HASHES, leaving_hashes(k), positions, hashes)
        if found >= 0:
            return positions[:found], hashes[:found]
        capacity = min(symbols.size, capacity * 4) + 256
