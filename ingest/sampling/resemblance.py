"""How often people come as near to a registered output as a copy does, where little is said: measured, and shipped.

A record *resembles* an output where a match holds nearly all of the output and most of the record, and most letters
agree (`Thresholds.resembles`). Nearly every edited copy does, however short; and so do some answers that people wrote
to the very same question, mostly sums. So it is no proof of anything in one record. Many of them with one annotator,
and few with the others, are a reason to read them. Measured by `bench/audit.py` on answers by people to questions of
the reference; answers to other questions were never as near.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ingest.sampling.comparison import Count, Standing, compare_within, tail
from ingest.sampling.distributions import stats
from ingest.sampling.fresh_words import fresh_words
from ingest.sampling.intervals import PRIOR
from ingest.sampling.own_words import HAN

MEASURED = Path(__file__).parent / "resemblance.json"
BANDS = (0, 10, 20, 1 << 30)  # fresh words


class Band(NamedTuple):
    """Of answers by people with `low` to below `high` fresh words, how many resemble an output."""

    low: int
    high: int
    answers: int
    resembling: int

    @property
    def rate(self) -> float:
        """Share of the answers."""
        return self.resembling / self.answers


@cache
def measured() -> tuple[Band, ...]:
    """The bands in their order, for answers to questions that the reference answers too."""
    rows = json.loads(MEASURED.read_text("utf-8"))["people_same_question"]
    return tuple(Band(low, high, *rows[str(low)]) for low, high in pairwise(BANDS))


def band_of(text: str, prompt: str, own: Collection[str]) -> int:
    """The number of the band of a record, from 0; `own` are its own words (`own_words`).

    A word of its own is fresh where it comes first, so many of those make counting needless; not in Chinese, where
    own words are pairs of characters.
    """
    if len(own) >= BANDS[-2] and HAN.search(text) is None:
        return len(BANDS) - 2
    fresh = fresh_words(text, [prompt])
    return next(number for number, high in enumerate(BANDS[1:]) if fresh < high)


def compare_alike(counts: Mapping[str, Sequence[Count]]) -> dict[str, Standing]:
    """Annotator → where they stand, by a count a band: beside the others, and beside people's answers.

    Whoever stands out has more resembling records than the others with records of the same bands, and more than people
    have who answer the very questions of the reference.
    """
    return compare_within(counts, {name: _p_value(bands) for name, bands in counts.items()})


def _p_value(bands: Sequence[Count]) -> float:
    """How likely so many resembling records are with people: beta-binomial, since rates are known from some answers."""
    parts = [
        stats().betabinom.pmf(
            np.arange(count.sampled + 1), count.sampled, band.resembling + PRIOR, band.answers - band.resembling + PRIOR
        )
        for count, band in zip(bands, measured(), strict=True)
        if count.sampled
    ]
    return tail(parts, sum(count.positive for count in bands))
