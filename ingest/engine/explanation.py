"""What an explanation of a document and a work consists of: plain records, places in code points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from ingest.engine.params import Params
from ingest.engine.records import Array, Match, Passage

KINDS = ("agreeing", "in_line", "lone", "common")  # of a seed's hit, by number
AGREEING, IN_LINE, LONE, USUAL = range(4)

Outcome = Literal["passages", "covered", "boilerplate", "short", "chance", "untried"]
Code = Literal[
    "reported",
    "too_short",
    "no_seeds",
    "too_frequent",
    "no_chains",
    "too_few_seeds",
    "all_short",
    "only_boilerplate",
    "too_few_words",
]
Span = tuple[int, int]


@dataclass(frozen=True)
class Side:
    """One of the two texts; `text` is None where only its fingerprint is held."""

    name: str
    text: str | None
    chars: int
    letters: int
    words: int


@dataclass(frozen=True)
class Seeds:
    """Seeds of the document in the work. A hit is a pair of places, in code points, with its kind (number in KINDS).

    looked_up: seeds of the document that were asked for · held: minimizers of the work · found: seeds that the work has
    · too_frequent: of those, left out because the work has them too often · thinned: places passed over because the
    document has more hits than it ought to · chance: hits of other letters (an index keeps some bits of a hash only).
    """

    looked_up: int
    held: int
    found: int
    too_frequent: int
    thinned: int
    chance: int
    documents: Array  # int64
    works: Array  # int64
    kinds: Array  # uint8

    @property
    def counts(self) -> dict[str, int]:
        """How many hits there are of each kind."""
        return dict(zip(KINDS, np.bincount(self.kinds, minlength=len(KINDS)).tolist(), strict=True))


class Chain(NamedTuple):
    """A chain, numbered from the best, with its span on both sides and the code points at which its seeds begin.

    outcome: `passages` (it made them), `covered` (each of its seeds lies in a passage on both sides), `short` (it makes
    none that is long enough), `boilerplate`, `chance` (its seeds agree in nothing), `untried` (there are too many to
    tell). words: of the longest that it would make.
    """

    number: int
    seeds: int
    score: float
    document: Span
    work: Span
    common: bool
    outcome: Outcome
    passages: tuple[int, ...]
    words: int
    documents: Array
    works: Array


@dataclass(frozen=True)
class Explanation:
    """All stages of a document against a work. `match` is what the passages amount to even where it is not reported.

    passages: own ones first, `boilerplate` of them are at the end. left_out: alignments too short to count.
    """

    document: Side
    work: Side
    params: Params
    min_words: int
    seeds: Seeds
    chains: tuple[Chain, ...]
    passages: tuple[Passage, ...]
    boilerplate: int
    left_out: tuple[Passage, ...]
    match: Match | None
    code: Code

    @property
    def reported(self) -> bool:
        """Whether the engine reports the pair."""
        return self.code == "reported"
