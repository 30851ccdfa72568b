"""Text without end that has the statistics of real text: its words, its phrases, and how often phrases come again.

The state is a place in the real text. Each step jumps to another place where the same word stands (or the same last
two or three words) and takes the word that follows there: an interpolated word n-gram model (Shannon 1948), sampled
from the text itself, without tables of probabilities. How often it looks back one, two or three words, and how often it
prefers the commoner of two continuations, is fitted so that generated text meets seeds of unseen real text as often as
real text of the same size does.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

TOKEN = re.compile(r"[㐀-鿿]|[^\s㐀-鿿]+|\n\s*\n")
LANES = 16
MOST_TOKEN_BYTES = 32
SLACK = 64  # bytes after a text, where a lane that is done goes on writing
FIRST, COUNT, WORD = 0, 3, 6  # columns of a place: groups for one, two, three words, their sizes, the word itself
ONE = np.uint64(1)


@njit(
    "int64(uint8[:, ::1], int64, uint64[::1], uint64, uint64, uint64, uint32[:, ::1], uint32[:, ::1], uint32[::1],"
    " uint8[::1])",
    cache=True,
)
def _generate(  # noqa: PLR0917  a kernel
    out: Any,
    size: Any,
    states: Any,
    look_two: Any,
    look_three: Any,
    common: Any,
    places: Any,
    following: Any,
    starts: Any,
    spelled: Any,
) -> Any:
    """Fill each row of `out` (uint8[lanes, size + SLACK]); returns words written.

    All lanes take each small step together and without branches, so that their memory accesses overlap.
    """
    lanes = out.shape[0]
    at, chosen, look = np.zeros(lanes, np.int64), np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    second = np.empty(lanes, np.int64)
    place, token = np.empty(lanes, np.int64), np.empty(lanes, np.int64)
    for lane in range(lanes):
        place[lane] = np.int64(states[lane] % np.uint64(places.shape[0]))
    words = 0
    least = np.int64(0)
    while least < size:
        for lane in range(lanes):
            state = states[lane]
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            states[lane] = state
            choice = state & np.uint64(0xFFFF)
            here = place[lane]
            two = np.int64(choice < look_two) & np.int64(places[here, COUNT + 1] > 1)
            three = two & np.int64(choice < look_three) & np.int64(places[here, COUNT + 2] > 1)
            look[lane] = two + three
            draw = state * np.uint64(0x2545F4914F6CDD1D)
            among = np.uint64(places[here, COUNT + look[lane]])
            first = np.int64(places[here, FIRST + look[lane]])
            chosen[lane] = first + np.int64(((draw >> np.uint64(32)) * among) >> np.uint64(32))
            other = first + np.int64(((draw & np.uint64(0xFFFFFFFF)) * among) >> np.uint64(32))
            second[lane] = other if (state >> np.uint64(40)) & np.uint64(0xFFFF) < common else chosen[lane]
        for lane in range(lanes):
            one = np.int64(following[look[lane], chosen[lane]])
            other = np.int64(following[look[lane], second[lane]])
            place[lane] = other if places[other, COUNT + 1] > places[one, COUNT + 1] else one
        for lane in range(lanes):
            token[lane] = np.int64(places[place[lane], WORD])
        for lane in range(lanes):
            begin, to = np.int64(starts[token[lane]]), at[lane]
            for step in range(MOST_TOKEN_BYTES):
                out[lane, to + step] = spelled[begin + step]
            at[lane] = min(size, to + np.int64(starts[token[lane] + 1]) - begin)
        words += lanes
        least = at.min()
    return words


@dataclass(frozen=True)
class Model:
    """What is kept of the real text: for each place of it which other places have the same last words.

    places uint32[n, 8]: see the columns above, one cache line every two · following uint32[3, n]: the place after each
    place, in the order of the groups · starts, spelled: bytes of each word, the space after it among them.
    """

    places: np.ndarray[Any, Any]
    following: np.ndarray[Any, Any]
    starts: np.ndarray[Any, Any]
    spelled: np.ndarray[Any, Any]
    odds: tuple[float, float, float]

    def fitted(self, odds: tuple[float, float, float]) -> Model:
        """The same text with other odds: how often to look two words back or more, how often three, and how often to
        draw twice and take the commoner pair of words."""
        return Model(self.places, self.following, self.starts, self.spelled, odds)

    def works(self, megabytes: float, work_bytes: int, seed: int) -> Iterator[str]:
        """Texts of `work_bytes` each until so many megabytes are there; the same for the same seed."""
        left = int(megabytes * 1e6)
        rows = np.empty((LANES, work_bytes + SLACK), np.uint8)
        two, three, common = (np.uint64(65536 * share) for share in self.odds)
        number = 0
        while left > 0:
            states = _scrambled(np.arange(number, number + LANES, dtype=np.uint64) + np.uint64(seed << 32))
            _generate(
                rows, work_bytes, states, two, three, common, self.places, self.following, self.starts, self.spelled
            )
            for row in rows:
                if left <= 0:
                    return
                yield row[:work_bytes].tobytes().decode("utf-8", "ignore")
                left -= work_bytes
            number += LANES


def _scrambled(numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Seeds of the lanes (splitmix64, Steele, Lea and Flood 2014); none is zero."""
    with np.errstate(over="ignore"):
        z = numbers * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return (z ^ (z >> np.uint64(31))) | ONE


def train(texts: Sequence[str], odds: tuple[float, float, float] = (0.6, 0.3, 0.0)) -> Model:
    """Learn from real texts; about 60 bytes of memory a word."""
    found = Counter(token for text in texts for token in TOKEN.findall(text)) or Counter(["a"])
    # the commonest words first: they stay in the processor's cache
    numbers = {token: number for number, (token, _) in enumerate(found.most_common())}
    tokens = np.array([numbers[t] for text in texts for t in TOKEN.findall(text)] or [0], np.uint32)
    spelled = [_spelled(token) for token in numbers]
    starts = np.cumsum([0, *(len(s) for s in spelled)]).astype(np.uint32)
    places = np.empty((tokens.size, 8), np.uint32)  # not zeros: those are not given large pages
    places[:, WORD + 1] = 0
    places[:, WORD] = tokens
    following = np.empty((3, tokens.size), np.uint32)
    group = tokens.astype(np.uint64)
    for look in range(3):
        order, places[:, FIRST + look], places[:, COUNT + look], group_of = _grouped(group)
        following[look] = (order + 1) % tokens.size
        # two places agree in one more word if they agree in the last, and the places before them agreed so far
        before = np.concatenate([group_of[:1], group_of[:-1]]).astype(np.uint64)
        group = before << np.uint64(32) | tokens
    letters = np.frombuffer(b"".join(spelled) + b" " * MOST_TOKEN_BYTES, np.uint8).copy()
    return Model(places, following, starts, letters, odds)


def _grouped(keys: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """Places sorted by key; and for each place the beginning of its group, the size of it, and its number."""
    order = np.argsort(keys, kind="stable").astype(np.uint32)
    ordered = keys[order]
    edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.concatenate([edges, [keys.size]]))
    numbers = np.repeat(np.arange(edges.size), sizes)
    first, count, number = (np.empty(keys.size, np.uint32) for _ in range(3))
    first[order], count[order], number[order] = edges[numbers], sizes[numbers], numbers
    return order, first, count, number


def _spelled(token: str) -> bytes:
    """A word with the space after it; Han and its punctuation stand without, a paragraph's end is two line ends."""
    if not token.strip():
        return b"\n\n"
    letters = token.encode("utf-8", "replace")[: MOST_TOKEN_BYTES - 1].decode("utf-8", "ignore").encode()
    return letters + (b"" if 0x2E80 <= ord(token[0]) < 0xAC00 or ord(token[0]) >= 0xFF00 else b" ")
