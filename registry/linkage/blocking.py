"""Which works of a large catalogue a row may be at all: an inverted index of words, in memory. Pure.

A work is indexed by the words of its titles, by those of its authors' names, by its main title in one piece, and by
pairs of a surname and a word of the title (`registry.linkage.keys`). A row is looked up by the rarest of its own; a
word that nothing holds is read as the known words one or two slips away. Of what that brings, the works whose words
weigh most and whose letters are most alike are compared in full.
"""

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from registry.linkage.keys import ISBN, Keys, Texts, keys_of
from registry.linkage.spellings import Spellings

COMPARED = 5  # works that are compared in full
RANKED = 30  # works whose letters are compared
POSTINGS = 1_500  # entries that a row may look at
COMMON = 30_000  # a word in more works tells nothing
LEAST_SCORE = 0.35  # of overlap and letters; below it nothing is compared
BEHIND_BEST = 0.2
SAME_MAIN = 12  # works of one main title; more are left to the words

Positions = npt.NDArray[np.int32]
Held = dict[str, tuple[int, int]]  # key → where in the postings its works stand
_Asked = tuple[int, float, list[tuple[int, int]]]  # works, weight, places in the postings
_Weighed = tuple[Positions, npt.NDArray[np.float64]]


@dataclass(slots=True)
class Part:
    """What a part of the works is looked up by: hashes of all their keys, how many keys each has, its letters, and the
    words of all."""

    hashes: npt.NDArray[np.int64]
    counts: Positions
    letters: list[str]
    words: set[str]


def part_of(works: Iterable[Texts]) -> Part:
    """Read the keys of works."""
    hashes, counts = array("q"), array("i")
    letters: list[str] = []
    known: set[str] = set()
    for titles, names, isbns in works:
        found = keys_of(titles, names, isbns)
        letters.append(found.letters)
        known.update(found.words)
        counts.append(len(found.words) + len(found.keys))
        hashes.extend(map(hash, found.words))
        hashes.extend(map(hash, found.keys))
    return Part(np.frombuffer(hashes, dtype=np.int64), np.frombuffer(counts, dtype=np.int32), letters, known)


class Index:
    """Works by their words. Positions count them in the order in which they came.

    Keys are kept as 64-bit hashes, sorted, with the works of each side by side: a catalogue of a million takes some
    300 MB. The hash is Python's own, so an index belongs to the process that made it and to those forked from it.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._letters = [letters for part in parts for letters in part.letters]
        self._words = set().union(*(part.words for part in parts))
        hashes = np.concatenate([np.empty(0, np.int64), *(part.hashes for part in parts)])
        counts = np.concatenate([np.empty(0, np.int32), *(part.counts for part in parts)])
        order = np.argsort(hashes, kind="stable")
        self._postings: Positions = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[order]
        ordered = hashes[order]
        firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
        self._keys = ordered[firsts]
        self._starts = np.append(firsts, len(ordered))

    def __len__(self) -> int:
        return len(self._letters)

    @cached_property
    def spellings(self) -> Spellings:
        """The known words by how they are written."""
        return Spellings(self._words)

    def held(self, keys: Keys) -> Held:
        """Where the works of each of these keys stand."""
        named = [*keys.words, *keys.keys]
        return dict(zip(named, self._places(named), strict=True))

    def carrying(self, isbns: Iterable[str], held: Held) -> list[int]:
        """The works that carry one of these ISBNs."""
        places = (held[ISBN + isbn] for isbn in isbns)
        return [one for start, end in places for one in self._postings[start : min(end, start + COMPARED)].tolist()]

    def called(self, keys: Keys, held: Held) -> list[int]:
        """The works of which a main title is, in one piece, the row's; none where many have it."""
        places = [held[main] for main in keys.mains]
        if sum(end - start for start, end in places) > SAME_MAIN:
            return []
        return [one for start, end in places for one in self._postings[start:end].tolist()]

    def near(self, keys: Keys, held: Held) -> list[int]:
        """The works to compare in full with a row of these keys, at most COMPARED."""
        found = self._weigh(keys, held)
        return self._rank(*found, keys.letters) if found is not None else []

    def _places(self, keys: Sequence[str]) -> list[tuple[int, int]]:
        """Where in the postings the works of each key stand: (start, end); the same twice where no work has it."""
        if not keys or not len(self._keys):
            return [(0, 0)] * len(keys)
        wanted = np.fromiter(map(hash, keys), dtype=np.int64, count=len(keys))
        places = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        starts, ends = self._starts[places], self._starts[places + 1]
        ends = np.where(self._keys[places] == wanted, ends, starts)
        return list(zip(starts.tolist(), ends.tolist(), strict=True))

    def _weigh(self, keys: Keys, held: Held) -> _Weighed | None:
        """The works that hold the rarest of the keys, and what those weigh as a share of all that was asked."""
        asked, whole = self._asked(keys, held)
        lists: list[Positions] = []
        weights: list[float] = []
        seen = 0
        for size, weight, works in asked:
            if size > COMMON or (lists and seen + size > POSTINGS):
                break
            lists += [self._postings[start:end] for start, end in works]
            weights += [weight] * len(works)
            seen += size
        if not lists:
            return self._both_common(asked)
        return _summed(lists, weights, whole)

    def _asked(self, keys: Keys, held: Held) -> tuple[list[_Asked], float]:
        """What the catalogue holds of the keys, the rarest first, and the weight of all words."""
        total = math.log(len(self) + 2)
        asked: list[_Asked] = []
        whole = 0.0
        for place, (key, (start, end)) in enumerate(held.items()):
            works = [(start, end)]
            size = end - start
            is_word = place < len(keys.words)
            if not size and is_word:
                works = self._places(self.spellings.near(key))
                size = sum(last - first for first, last in works)
            weight = total - math.log(size + 1)
            if is_word:
                whole += min(weight, total - 1)
            if size:
                asked.append((size, weight, works))
        asked.sort(key=lambda one: one[0])
        return asked, whole

    def _both_common(self, asked: Sequence[_Asked]) -> _Weighed | None:
        """Where every word is common: works that hold the two least common ones."""
        if len(asked) < 2:
            return None
        one, other = (np.concatenate([self._postings[a:b] for a, b in each[2]]) for each in asked[:2])
        both = np.intersect1d(one, other)[:POSTINGS]
        return (both, np.full(len(both), 0.5)) if len(both) else None

    def _rank(self, positions: Positions, overlap: npt.NDArray[np.float64], letters: str) -> list[int]:
        if len(positions) > RANKED:
            chosen = np.argpartition(-overlap, RANKED)[:RANKED]
            positions, overlap = positions[chosen], overlap[chosen]
        places = positions.tolist()
        alike = process.cdist(
            [letters], [self._letters[place] for place in places], scorer=fuzz.ratio, dtype=np.float32, workers=1
        )[0]
        scores = 0.5 * np.minimum(overlap, 1.0) + 0.5 * alike / 100
        order = np.argsort(-scores, kind="stable")[:COMPARED]
        least = max(LEAST_SCORE, float(scores[order[0]]) - BEHIND_BEST)
        return [places[one] for one in order if scores[one] >= least]


def _summed(lists: Sequence[Positions], weights: Sequence[float], whole: float) -> _Weighed:
    """Each work once, with the weight of what it holds as a share of the whole."""
    together = np.concatenate(lists)
    order = np.argsort(together, kind="stable")
    ordered = together[order]
    firsts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    weighed = np.add.reduceat(np.repeat(weights, [len(one) for one in lists])[order], firsts)
    return ordered[firsts], weighed / max(whole, 1.0)
