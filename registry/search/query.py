"""What somebody typed, read once for every engine."""

import re
from dataclasses import dataclass, field

from registry import folding, identifiers, pinyin

MAX_QUERY_CHARS = 400
QUOTED = re.compile('["“”„«»「『]([^"“”„«»「」『』]+)["“”«»」』]')
MAX_WORDS = 12
MAX_RUN_CHARS = 60


@dataclass(frozen=True)
class Query:
    """A folded query.

    `phrases` are what stood in quotation marks; a row must say each of them as it stands.
    `words` and `runs` (of CJK characters) are what ranking compares; `tokens` is what the engines look up;
    `identifiers` are (scheme, canonical value) pairs found in it, whose check digits hold. `spoken` is what words may
    say in pinyin, with their places. `known` keeps for this one search what the vocabulary said of its tokens
    (`reading.known_rows`).
    """

    text: str
    folded: str
    words: tuple[str, ...]
    runs: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    phrases: tuple[str, ...] = ()
    spoken: dict[str, frozenset[int]] = field(default_factory=dict, compare=False)
    known: dict[str, dict[str, int]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def tokens(self) -> tuple[str, ...]:
        pairs = (pair for run in self.runs for pair in folding.bigrams(run))
        return tuple(dict.fromkeys([*self.words, *pairs]))

    @property
    def spoken_tokens(self) -> tuple[str, ...]:
        """By which rows are looked up whose Chinese names the words may say in pinyin."""
        return tuple(map(pinyin.token, self.spoken))

    def is_said(self, text: str) -> bool:
        """Whether a row's text holds every phrase, word by word; a phrase does not run from one name into the next."""
        lines = [f" {folding.plain(line)} " for line in text.split("\n")]
        return all(any(_holds(line, phrase) for line in lines) for phrase in self.phrases)


def _holds(line: str, phrase: str) -> bool:
    return phrase in line if folding.CJK_RUN.fullmatch(phrase) else f" {phrase} " in line


def parse(text: str) -> Query:
    """Read a query of any length and content; what goes beyond `MAX_QUERY_CHARS` characters is left out."""
    shown = text[:MAX_QUERY_CHARS]
    folded = folding.fold(shown)
    words, runs = folding.split(folded)
    return Query(
        text=shown,
        folded=folded,
        words=tuple(words[:MAX_WORDS]),
        spoken=pinyin.readings(words[:MAX_WORDS]),
        runs=tuple(run[:MAX_RUN_CHARS] for run in runs[:MAX_WORDS]),
        identifiers=tuple(identifiers.detect(shown)),
        phrases=tuple(phrase for quoted in QUOTED.findall(shown) if (phrase := folding.plain(folding.fold(quoted)))),
    )
