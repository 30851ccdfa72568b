"""From features to a probability, and from probabilities to a decision. Pure.

The weights are fitted by `bench/linkage.py` and lie in `model.json`; `docs/linkage.md` says on what and how well.
"""

import json
import math
from dataclasses import dataclass, field
from functools import lru_cache
from operator import mul
from pathlib import Path
from typing import Any

from registry.linkage.comparison import Comparison
from registry.linkage.features import FEATURES, PLACE
from registry.linkage.names import Agreement
from registry.linkage.title_relations import Relation

FILE = Path(__file__).with_name("model.json")
MAX_LOG_ODDS = 9.0  # nothing that was learnt from some ten thousand pairs is surer than that
# A title with something before, between or behind is another book too often for any author and year to outweigh it:
# "Bunny Brown and His Sister Sue" begins a dozen titles of one author. Only an identifier makes a match of it, or that
# nothing but one word within a long title is missing ("word_lost").
UNLIKE = (Relation.LONGER, Relation.LISTS_MORE, Relation.OTHER)
# Nor is a title without an author unless few books can have it, a book about the book, another volume or number, or
# a volume for the whole.
NEVER_ALONE = (
    "author_conflict",
    "author_different",
    "kin",
    "part_differs",
    "part_one_sided",
    "numbers_differ",
    "generic",
    "slip_alone",
)
_NEVER_ALONE = tuple(PLACE[name] for name in NEVER_ALONE)
_MISSING, _DISTINCT = PLACE["author_missing"], PLACE["missing_distinct"]
UNLIKE_MOST = 1.7  # log odds: 0.85


@dataclass(frozen=True)
class Model:
    """Log odds = intercept + features · weights; `isbn` is added for what an identifier says."""

    version: str
    intercept: float
    weights: tuple[float, ...]
    match: float  # from this probability on it is a match
    review: float  # below it there is none
    facts: dict[str, Any] = field(default_factory=dict)

    def probability(self, comparison: Comparison) -> float:
        """How likely the row is the work, 0 to 1."""
        odds = self.intercept + math.fsum(map(mul, self.weights, comparison.features))
        most = UNLIKE_MOST if is_unsure(comparison) else MAX_LOG_ODDS
        return 1.0 / (1.0 + math.exp(-_with_isbn(max(-MAX_LOG_ODDS, min(most, odds)), comparison)))


def is_unsure(comparison: Comparison) -> bool:
    """Whether something of it leaves it open without an identifier, however likely it looks."""
    if comparison.title.relation in UNLIKE and not comparison.value("word_lost"):
        return True
    values = comparison.features
    return any(values[place] for place in _NEVER_ALONE) or values[_MISSING] > values[_DISTINCT]


# What an identifier says besides. An ISBN belongs to one publication, but publishers use numbers twice and lists copy
# them wrongly: one that both title and author contradict is for a person to look at.
_ISBN_SURE, _ISBN_TITLE_OR_AUTHOR, _ISBN_ALONE, _ISBN_CONTRADICTED = 8.0, 5.0, 4.0, -0.4
_RESTORED_LOSS = 1.5  # one in eleven numbers passes the check by chance once zeros are put before it
_NEAR_GAIN = 1.5


def _with_isbn(odds: float, comparison: Comparison) -> float:
    if comparison.isbn == "near":
        return odds + _NEAR_GAIN
    if comparison.isbn not in ("equal", "restored"):
        return odds
    title_agrees = comparison.title.similarity >= 0.5 or comparison.title.letters >= 0.75
    author = comparison.author
    if title_agrees and author not in (Agreement.DIFFERENT, Agreement.CONFLICT):
        said = _ISBN_SURE
    elif title_agrees or author >= Agreement.SURNAME:
        said = _ISBN_TITLE_OR_AUTHOR
    elif author == Agreement.MISSING and not comparison.title.letters:
        said = _ISBN_ALONE  # the row says nothing else
    elif author == Agreement.MISSING:
        said = _ISBN_CONTRADICTED + 1.0
    else:
        said = _ISBN_CONTRADICTED
    if comparison.value("part_differs") or comparison.value("kin"):
        said = min(said, _ISBN_ALONE)
    if comparison.isbn == "restored":
        said = min(said - _RESTORED_LOSS, odds + 6) if said > 0 else said
    return max(odds, said) if said > 0 else said


def by(comparison: Comparison) -> str:
    """What recognised the work: "isbn", "key" (title and author agree word for word) or "score"."""
    if comparison.isbn in ("equal", "restored"):
        return "isbn"
    agree = comparison.title.relation == Relation.EQUAL and comparison.author >= Agreement.COMPATIBLE
    odd = any(comparison.value(name) for name in ("generic", "part_differs", "part_one_sided", "numbers_differ", "kin"))
    return "key" if agree and not odd else "score"


@lru_cache(maxsize=1)
def shipped() -> Model:
    """The model that is part of this version."""
    return read(json.loads(FILE.read_text(encoding="utf-8")))


def read(data: dict[str, Any]) -> Model:
    """Read a fitted model; raises ValueError when it was fitted on other features."""
    weights = data["weights"]
    if set(weights) != set(FEATURES):
        raise ValueError(f"fitted on other features: {sorted(set(weights) ^ set(FEATURES))}")
    return Model(
        version=data["version"],
        intercept=data["intercept"],
        weights=tuple(weights[name] for name in FEATURES),
        match=data["thresholds"]["match"],
        review=data["thresholds"]["review"],
        facts=data.get("made", {}),
    )
