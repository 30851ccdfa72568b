"""Minimizers of a folded text in one kernel, for building indexes: the same as those of `sketch_text`, faster."""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np

from ingest.engine.candidates import candidates, context
from ingest.engine.compiled import INT, READ_U16, WRITE_U8_ROWS, WRITE_U32, WRITE_U64, compiled, subroutine
from ingest.engine.params import Params
from ingest.engine.records import Array


@subroutine
def _thin(positions: Array, hashes: Array, count: int, seeds: int, w: int) -> int:
    """Of `count` candidates keep, in place, those that are the least of some window of w seeds, the last of equals;
    returns how many. From one least seed to the next: a later one that is no greater while the first is in the window,
    else the least of the w seeds behind it. Of equal ones in a row only one a window is kept."""
    if count == 0:
        return 0
    end = np.uint64(min(w, seeds))  # positions of the first window are below
    least = np.uint64(0)
    width, total = np.uint64(w), np.uint64(count)
    c = np.uint64(1)
    while c < total and positions[c] < end:
        if hashes[c] <= hashes[least]:
            least = c
        c += np.uint64(1)
    kept = np.uint64(0)
    while True:
        at, h = np.uint64(positions[least]), hashes[least]
        # What is kept is written over candidates before `least`, which are not looked at again.
        if kept == 0 or at - np.uint64(positions[kept - np.uint64(1)]) >= width or hashes[kept - np.uint64(1)] != h:
            positions[kept], hashes[kept] = at, h
            kept += np.uint64(1)
        is_last = at + width > np.uint64(seeds - 1)  # then only a seed that is no greater can follow
        end = np.uint64(seeds) if is_last else at + width
        c = least + np.uint64(1)
        best, best_hash = total, np.uint64(0xFFFFFFFFFFFFFFFF)
        while c < total and np.uint64(positions[c]) < end and hashes[c] > h:
            if hashes[c] <= best_hash:
                best, best_hash = c, hashes[c]
            c += np.uint64(1)
        if c < total and np.uint64(positions[c]) < end:
            least = c
            continue
        if is_last:
            return np.int64(kept)
        if c < total and np.uint64(positions[c]) == end and hashes[c] <= best_hash:
            best = c
        if best == total:
            return np.int64(kept)
        least = best


@compiled(READ_U16, INT, INT, INT, WRITE_U32, WRITE_U64, WRITE_U8_ROWS)
def _minimizers(
    symbols: Array, k: int, w: int, signature_symbols: int, positions: Array, hashes: Array, signatures: Array
) -> int:
    """Candidates become minimizers, in place, each with its context; returns how many."""
    kept = _thin(positions, hashes, positions.size, symbols.size - k + 1, w)
    for i in range(kept):
        at = np.int64(positions[i])
        signatures[i, 0] = context(symbols, 0, symbols.size, at - signature_symbols, signature_symbols)
        signatures[i, 1] = context(symbols, 0, symbols.size, at + k, signature_symbols)
    return kept


def minimizers(symbols: Array, params: Params) -> tuple[Array, Array, Array]:
    """Positions (uint32, ascending), hashes (uint64) and context signatures (uint8 rows of two) of the minimizers."""
    k, w = params.seed_symbols, params.window_seeds
    positions, hashes = candidates(symbols, params)
    signatures = np.empty((positions.size, 2), np.uint8)
    kept = _minimizers(symbols, k, w, params.signature_symbols, positions, hashes, signatures)
    return positions[:kept], hashes[:kept], signatures[:kept]
