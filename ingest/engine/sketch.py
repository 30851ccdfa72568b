"""Letter stream → sketch: a rolling hash over k symbols, thinned to minimizers.

Hash: cyclic polynomial (Cohen 1997), then mixed. Minimizers: in every w consecutive seeds the one with the least hash,
the last of equals (Schleimer, Wilkerson and Aiken 2003, "Winnowing"; Roberts et al. 2004), so any clean common run of
w + k − 1 symbols shares a seed. Queries use more: every seed below a threshold, and the least of any window without.
"""
# mypy: disable-error-code="operator, return-value, assignment, arg-type, index"

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ingest.engine.compiled import (
    HASH,
    INT,
    READ_I64,
    READ_I64_ROWS,
    READ_U16,
    READ_U32,
    READ_U64,
    WRITE_I64,
    WRITE_U8_ROWS,
    WRITE_U32,
    WRITE_U64,
    compiled,
    inlined,
    subroutine,
)
from ingest.engine.normalise import Array, LetterStream, char_offsets, count_letters, count_words, letter_stream
from ingest.engine.params import REGISTRY_1, Params
from ingest.engine.records import Sketch
from ingest.engine.rolling import LANES, ROOM, STRETCH, SYMBOL_HASHES, hash_stretch, keep_below
from ingest.engine.scratch import scratch

BLOCK_SYMBOLS = 1 << 20  # of a long text, read at once
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
def _select(
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
    return _select(symbols, k, w, threshold, entering, leaving, buffers, positions, hashes)


@compiled(READ_U16, READ_I64_ROWS, INT, INT, HASH, READ_U64, READ_U64, WRITE_U32, WRITE_U64, WRITE_I64)
def _candidates_of_stretches(
    symbols: Array,
    stretches: Array,
    k: int,
    w: int,
    threshold: np.uint64,
    entering: Array,
    leaving: Array,
    positions: Array,
    hashes: Array,
    ends: Array,
) -> bool:
    """The candidates of stretches (rows as `stretches_of` makes them), one after the other; `ends` after each. False when the output is full."""
    buffers = np.zeros((5, STRETCH + ROOM), np.uint64)
    found = 0
    for s in range(stretches.shape[0]):
        base, low, high = stretches[s, 1], stretches[s, 2], stretches[s, 3]
        first, last = stretches[s, 4], stretches[s, 5]
        part = symbols[base + low : base + high]
        more = _select(part, k, w, threshold, entering, leaving, buffers, positions[found:], hashes[found:])
        if more < 0:
            return False
        if low == first and high <= last:
            found += more
        else:
            for i in range(found, found + more):
                at = np.int64(positions[i]) + low
                if first <= at < last:
                    positions[found], hashes[found] = at, hashes[i]
                    found += 1
        ends[s] = found
    return True


@compiled(READ_U32, READ_U64, INT, INT, WRITE_I64)
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


@inlined
def context(symbols: Array, low: int, high: int, start: int, width: int) -> np.uint32:
    """Digest (1–255) of `width` symbols from `start` on, 0 where they are not all in [low, high)."""
    if start < low or start + width > high:
        return np.uint32(0)
    value = np.uint32(2166136261)
    for j in range(width):
        value = np.uint32((value ^ np.uint32(symbols[start + j])) * np.uint32(16777619))
    return np.uint32(1) + (value ^ (value >> np.uint32(15))) % np.uint32(255)


@compiled(READ_U16, READ_I64, INT, INT, WRITE_U8_ROWS)
def _signatures(symbols: Array, positions: Array, k: int, width: int, out: Array) -> None:
    """Two bytes a seed: a digest of the symbols left of it and right of it."""
    for i in range(positions.size):
        at = np.int64(positions[i])
        out[i, 0] = context(symbols, 0, symbols.size, at - width, width)
        out[i, 1] = context(symbols, 0, symbols.size, at + k, width)


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


class Seeds(NamedTuple):
    """What a batch looks up: stretches of its texts, symbol positions in the text (uint32) and hashes (uint64), one
    stretch after the other, and where each stretch's seeds end."""

    stretches: Array
    positions: Array
    hashes: Array
    ends: Array


def stretches_of(text_symbols: Array, overlap: int) -> Array:
    """How a batch is read: rows text, its first symbol, stretch from, to, seeds wanted from, to, symbols of the text.
    Texts of up to BLOCK_SYMBOLS are one stretch; a longer one is several, each with so much of its neighbours that it finds what the
    whole text would find."""
    rows = []
    bounds = text_symbols.tolist()
    for text, (base, end) in enumerate(pairwise(bounds)):
        size = end - base
        for first in range(0, size, BLOCK_SYMBOLS):
            last = first + BLOCK_SYMBOLS
            read = max(0, first - overlap), min(size, last + overlap)
            rows.append((text, base, *read, first, min(size, last), size))
    return np.array(rows, np.int64).reshape(-1, 7)


def query_seeds(symbols: Array, stretches: Array, params: Params) -> Seeds:
    """The seeds that stretches of a batch look up."""
    k, w = params.seed_symbols, params.window_seeds
    letters = int((stretches[:, 3] - stretches[:, 2]).sum())
    capacity = int(letters * params.query_rate / w * 1.1) + 256
    threshold = np.uint64(params.query_threshold)
    ends = np.empty(len(stretches), np.int64)
    while True:
        positions, hashes = scratch("seed positions", capacity, np.uint32), scratch("seed hashes", capacity, np.uint64)
        if _candidates_of_stretches(
            symbols, stretches, k, w, threshold, SYMBOL_HASHES, leaving_hashes(k), positions, hashes, ends
        ):
            found = int(ends[-1]) if ends.size else 0
            return Seeds(stretches, positions[:found], hashes[:found], ends)
        capacity = min(letters, capacity * 4) + 256


def signatures(symbols: Array, positions: Array, params: Params) -> Array:
    """Context signatures, uint8[n, 2]: left, right."""
    out = np.empty((positions.size, 2), np.uint8)
    _signatures(symbols, positions.astype(np.int64, copy=False), params.seed_symbols, params.signature_symbols, out)
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
