"""Slow and obvious versions of what the kernels compute, for the tests to compare with. Plain Python throughout."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ingest.engine.params import Params

MASK = 2**64 - 1


def turned(value: int, by: int) -> int:
    by %= 64
    return (value << by | value >> (64 - by)) & MASK


def random_number(symbol: int) -> int:
    """The number of a symbol: output `symbol` of splitmix64 seeded with 0."""
    z = (symbol + 1) * 0x9E3779B97F4A7C15 & MASK
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


def rolled_hash(symbols: Sequence[int]) -> int:
    """Cyclic polynomial: each symbol's number turned by its distance from the end."""
    value = 0
    for distance, symbol in enumerate(reversed(symbols)):
        value ^= turned(random_number(symbol), distance)
    return value


def mixed(value: int) -> int:
    value = (value ^ value >> 32) * 0x9E3779B97F4A7C15 & MASK
    return value ^ value >> 32


def hashes_of(symbols: Sequence[int], k: int) -> list[int]:
    known: dict[tuple[int, ...], int] = {}
    out = []
    for start in range(len(symbols) - k + 1):
        seed = tuple(symbols[start : start + k])
        if seed not in known:
            known[seed] = mixed(rolled_hash(seed))
        out.append(known[seed])
    return out


def windows(count: int, w: int) -> Iterable[range]:
    """Every w seeds in a row, or all of them where there are fewer."""
    return (range(start, min(start + w, count)) for start in range(max(1, count - w + 1))) if count else ()


def least(hashes: Sequence[int], window: range) -> int:
    """The seed of a window with the least hash, the last of equals."""
    return min(window, key=lambda place: (hashes[place], -place))


def minimizers(hashes: Sequence[int], w: int) -> list[int]:
    return sorted({least(hashes, window) for window in windows(len(hashes), w)})


def query_seeds(hashes: Sequence[int], params: Params) -> list[int]:
    """Every seed below the threshold, and the least of each window that has none."""
    chosen = {place for place, value in enumerate(hashes) if value < params.query_threshold}
    for window in windows(len(hashes), params.window_seeds):
        if not any(hashes[place] < params.query_threshold for place in window):
            chosen.add(least(hashes, window))
    return sorted(chosen)


def signature(symbols: Sequence[int], start: int, width: int) -> int:
    """FNV-1a of `width` symbols, folded to 1–255; 0 where they are not all there."""
    if start < 0 or start + width > len(symbols):
        return 0
    value = 2166136261
    for symbol in symbols[start : start + width]:
        value = (value ^ symbol) * 16777619 & 0xFFFFFFFF
    return 1 + (value ^ value >> 15) % 255


def chain_scores(seeds: Sequence[tuple[int, int]], params: Params) -> list[float]:
    """Best score of a chain that ends in each seed (document, work), the seeds ordered by work and then by document:
    of all predecessors within the look-back, from the nearest to the first that is a gain on the very same diagonal."""
    k = params.seed_symbols
    scores: list[float] = []
    for i, seed in enumerate(seeds):
        best = float(k)
        for j in range(i - 1, max(0, i - params.chain_lookback) - 1, -1):
            step = step_score(seeds[j], seed, params)
            if step is not None and scores[j] + step > best:
                best = scores[j] + step
                if seed[0] - seeds[j][0] == seed[1] - seeds[j][1]:
                    break
        scores.append(best)
    return scores


def step_score(one: tuple[int, int], other: tuple[int, int], params: Params) -> float | None:
    """What a chain gains by going on from one seed to another; None if it must not."""
    d_gap, w_gap = other[0] - one[0], other[1] - one[1]
    drift = abs(d_gap - w_gap)
    if not (0 < d_gap <= params.chain_max_gap and 0 < w_gap <= params.chain_max_gap):
        return None
    if drift > params.chain_max_drift:
        return None
    return min(params.seed_symbols, d_gap, w_gap) - (1.0 + 0.02 * drift if drift else 0.0)


def chain_score(chain: Sequence[tuple[int, int]], params: Params) -> float:
    """What a given chain scores; minus infinity if it may not be one."""
    steps = [step_score(one, other, params) for one, other in pairwise(chain)]
    return params.seed_symbols + sum(-float("inf") if step is None else step for step in steps)


def edit_distance(one: Sequence[int], other: Sequence[int]) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            before, row[j] = row[j], min(before + (a != b), row[j] + 1, row[j - 1] + 1)
    return row[-1]


def is_mark(character: str) -> bool:
    """Whether a character only changes the letter before it."""
    return bool(unicodedata.combining(character))
