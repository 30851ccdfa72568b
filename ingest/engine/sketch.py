"""Letter stream → sketch: a rolling hash over k symbols, thinned to minimizers.

Hash: cyclic polynomial (Cohen 1997), then mixed. Minimizers: in every w consecutive seeds the one with the least hash,
the last of equals (Schleimer, Wilkerson and Aiken 2003, "Winnowing"; Roberts et al. 2004), so any clean common run of
w + k − 1 symbols shares a seed. Queries use more: every seed below a threshold, and the least of any window without.
"""
# ruff: noqa: PLR0917  kernels take arrays by position
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

import numpy as np
from numba import njit

from ingest.engine.normalise import Array, LetterStream, char_offsets, count_letters, count_words, letter_stream
from ingest.engine.params import REGISTRY_1, Params
from ingest.engine.records import Sketch


def _symbol_hashes() -> Array:
    """65,536 fixed random numbers (splitmix64, Steele, Lea and Flood 2014), one a symbol."""
    with np.errstate(over="ignore"):
        z = np.arange(1, 65537, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


SYMBOL_HASHES = _symbol_hashes()


def _rotated(seed_symbols: int) -> Array:
    turn = np.uint64((seed_symbols - 1) & 63)
    return (SYMBOL_HASHES << turn) | (SYMBOL_HASHES >> ((np.uint64(64) - turn) & np.uint64(63)))


_LEAVING: dict[int, Array] = {}


def leaving_hashes(seed_symbols: int) -> Array:
    """The hash of each symbol as it leaves a window of k symbols: turned k − 1 times since it entered."""
    if seed_symbols not in _LEAVING:
        _LEAVING[seed_symbols] = _rotated(seed_symbols)
    return _LEAVING[seed_symbols]


@njit(cache=True, nogil=True)
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
    """Seeds below the threshold plus, for each window of w seeds that has none, its least. Returns how many, or −1
    when the output is full. Of equal hashes in a row only one a window is kept (runs of one letter)."""
    seeds = symbols.size - k + 1
    recent = np.empty(w, np.uint64)
    rolled = np.uint64(0)
    one, sixty_three, shift = np.uint64(1), np.uint64(63), np.uint64(32)
    mix = np.uint64(0x9E3779B97F4A7C15)
    for i in range(k - 1):
        rolled = ((rolled << one) | (rolled >> sixty_three)) ^ entering[symbols[i]]
    found = 0
    last = -1  # position of the last seed kept because it is below the threshold
    least_at = -1  # position of the least seed of the current window that has none below
    slot = 0
    for p in range(seeds):
        rolled = ((rolled << one) | (rolled >> sixty_three)) ^ entering[symbols[p + k - 1]]
        h = (rolled ^ (rolled >> shift)) * mix
        h ^= h >> shift
        recent[slot] = h
        slot += 1
        if slot == w:
            slot = 0
        if h < threshold:
            if found == 0 or hashes[found - 1] != h or p - np.int64(positions[found - 1]) >= w:
                if found == positions.size:
                    return -1
                positions[found] = p
                hashes[found] = h
                found += 1
                last = p
        elif (p - last >= w or (seeds < w and p == seeds - 1 and last < 0)) and not (
            least_at > p - w and least_at > last and recent[least_at % w] < h
        ):
            least_at = p
            for q in range(p - 1, max(0, p - w + 1) - 1, -1):
                if recent[q % w] < recent[least_at % w]:
                    least_at = q
            if found == positions.size:
                return -1
            if found == 0 or np.int64(positions[found - 1]) < least_at:
                positions[found] = least_at
                hashes[found] = recent[least_at % w]
                found += 1
        rolled ^= leaving[symbols[p]]
    return found


@njit(cache=True, nogil=True)
def _minimizers(positions: Array, hashes: Array, seeds: int, w: int, keep: Array) -> int:
    """Which candidates are the least of some window of w seeds; fills `keep` with their numbers, returns how many."""
    count = positions.size
    queue = np.empty(count, np.int64)
    head = tail = kept = 0
    for c in range(count):
        while tail > head and hashes[queue[tail - 1]] >= hashes[c]:
            tail -= 1
        queue[tail] = c
        tail += 1
        last_end = np.int64(positions[c + 1]) - 1 if c + 1 < count else seeds - 1
        end = max(np.int64(positions[c]), min(w, seeds) - 1)
        while end <= last_end:
            while np.int64(positions[queue[head]]) + w <= end:
                head += 1
            least = queue[head]
            # in a run of one letter or syllable every seed is an equal least: one a window will do
            far = kept == 0 or np.int64(positions[least]) - np.int64(positions[keep[kept - 1]]) >= w
            if far or (keep[kept - 1] != least and hashes[keep[kept - 1]] != hashes[least]):
                keep[kept] = least
                kept += 1
            end = np.int64(positions[least]) + w
    return kept


@njit(cache=True, nogil=True)
def _signatures(symbols: Array, positions: Array, k: int, width: int, out: Array) -> None:
    """Two bytes a seed: a digest (1–255) of the `width` symbols left of it and right of it, 0 where the text ends."""
    for i in range(positions.size):
        for side in range(2):
            start = np.int64(positions[i]) - width if side == 0 else np.int64(positions[i]) + k
            if start < 0 or start + width > symbols.size:
                out[i, side] = 0
                continue
            value = np.uint32(2166136261)
            for j in range(width):
                value = np.uint32((value ^ np.uint32(symbols[start + j])) * np.uint32(16777619))
            out[i, side] = 1 + (value ^ (value >> np.uint32(15))) % np.uint32(255)


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


def signatures(symbols: Array, positions: Array, params: Params) -> Array:
    """Context signatures, uint8[n, 2]: left, right."""
    out = np.empty((positions.size, 2), np.uint8)
    _signatures(symbols, positions, params.seed_symbols, params.signature_symbols, out)
    return out


def sketch_text(text: str, params: Params = REGISTRY_1) -> Sketch:
    """The sketch of a text: minimizers with symbol positions and code-point offsets, and totals."""
    return sketch_stream(text, letter_stream(text), params)


def sketch_stream(text: str, stream: LetterStream, params: Params) -> Sketch:
    """As `sketch_text`, where the letters are already at hand."""
    positions, hashes = candidates(stream.symbols, params)
    keep = np.empty(positions.size, np.int64)
    if positions.size:
        seeds = stream.symbols.size - params.seed_symbols + 1
        keep = keep[: _minimizers(positions, hashes, seeds, params.window_seeds, keep)]
    positions, hashes = positions[keep], hashes[keep]
    return Sketch(
        parameters=params.name,
        hashes=hashes,
        positions=positions,
        offsets=char_offsets(text, stream, positions.astype(np.int64)).astype(np.uint32),
        signatures=signatures(stream.symbols, positions, params),
        symbols=stream.symbols.size,
        letters=count_letters(stream.symbols),
        chars=len(text),
        words=count_words(text),
    )
