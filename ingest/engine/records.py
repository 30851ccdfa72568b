"""What goes in and out of the engine: plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Precision = Literal["exact", "sketch"]
Relation = Literal["copy", "partial", "excerpt", "quotation"]


@dataclass(frozen=True, eq=False)
class Sketch:
    """Minimizers of one text, in text order, and its totals. From it the text cannot be read.

    hashes uint64[n] · positions uint32[n] (symbol of the letter stream) · offsets uint32[n] (code point in the original
    text) · signatures uint8[n, 2] (context left, right). `symbols`: length of the stream, `letters`: a pair is one.
    """

    parameters: str
    hashes: Array
    positions: Array
    offsets: Array
    signatures: Array
    symbols: int
    letters: int
    chars: int
    words: int

    @property
    def density(self) -> float:
        """Minimizers per symbol."""
        return len(self.hashes) / self.symbols if self.symbols else 0.0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sketch):
            return NotImplemented
        totals = ("parameters", "symbols", "letters", "chars", "words")
        arrays = ("hashes", "positions", "offsets", "signatures")
        return all(getattr(self, n) == getattr(other, n) for n in totals) and all(
            np.array_equal(getattr(self, n), getattr(other, n)) for n in arrays
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class FingerprintRecord:
    """One text in a `.fp` file."""

    work: str
    edition: str | None
    title: str
    author: str
    isbn: str
    sketch: Sketch
    parameters: str = ""

    def __post_init__(self) -> None:
        if not self.parameters:
            object.__setattr__(self, "parameters", self.sketch.parameters)


@dataclass(frozen=True)
class IndexRecord:
    """One text of an index: an edition of a work. With `text` passages are exact, without it bounded by seeds."""

    work: str
    edition: str | None
    sketch: Sketch
    text: str | None
    title: str = ""
    author: str = ""
    isbn: str = ""


@dataclass(frozen=True)
class SegmentInfo:
    """What was written: where, its content digest, its parameter set, and totals."""

    path: str
    digest: str
    parameters: str
    records: int
    works: int
    postings: int
    bytes: int


@dataclass(frozen=True)
class MapOptions:
    """What the caller wants reported. Pairs with fewer matched words than `min_words` are dropped."""

    min_words: int = 50


class Passage(NamedTuple):
    """One aligned stretch. Offsets count code points of the original texts, end exclusive."""

    document_start: int
    document_end: int
    work_start: int
    work_end: int
    words: int
    identity: float | None
    precision: Precision = "exact"


class Match(NamedTuple):
    """One (document, work) pair. Coverage: letters in the union of passages over letters of that side.

    boilerplate: what the pair shares with many unrelated works besides; it counts nowhere. confidence: how probable it
    is that this is copied text (see docs/calibration.md).
    """

    work: str
    edition: str | None
    relation: Relation
    coverage_document: float
    coverage_work: float
    matched_words: int
    longest_verbatim_words: int
    identity: float | None
    passages: tuple[Passage, ...]
    precision: Precision = "exact"
    parameters: str = ""
    boilerplate: tuple[Passage, ...] = ()
    confidence: float | None = None
