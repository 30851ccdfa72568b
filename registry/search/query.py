"""What somebody typed, read once for every engine."""

from dataclasses import dataclass

from registry import folding, identifiers

MAX_QUERY_CHARS = 400
MAX_WORDS = 12
MAX_RUN_CHARS = 60


@dataclass(frozen=True)
class Query:
    """A folded query.

    `words` and `runs` (of CJK characters) are what ranking compares; `tokens` is what the engines look up;
    `identifiers` are (scheme, canonical value) pairs found in it, whose check digits hold.
    """

    text: str
    folded: str
    words: tuple[str, ...]
    runs: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]

    @property
    def tokens(self) -> tuple[str, ...]:
        pairs = (pair for run in self.runs for pair in folding.bigrams(run))
        return tuple(dict.fromkeys([*self.words, *pairs]))


def parse(text: str) -> Query:
    """Read a query of any length and content; what goes beyond `MAX_QUERY_CHARS` characters is left out."""
    shown = text[:MAX_QUERY_CHARS]
    folded = folding.fold(shown)
    words, runs = folding.split(folded)
    return Query(
        text=shown,
        folded=folded,
        words=tuple(words[:MAX_WORDS]),
        runs=tuple(run[:MAX_RUN_CHARS] for run in runs[:MAX_WORDS]),
        identifiers=tuple(identifiers.detect(shown)),
    )
