"""How many records have to be drawn so that a clean sample shows what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from ingest.sampling.distributions import stats
from ingest.sampling.intervals import PERFECT, Accuracy

MOST = 10_000_000


@dataclass(frozen=True)
class Preset:
    """A sampling that a standard asks for. `passing` is the share of acceptable records below which a set fails."""

    name: str
    sampled: int
    passing: float
    source: str
    verified: bool


PRESETS = {
    preset.name: preset
    for preset in (
        Preset("gbt45654", 4_000, 0.96, "GB/T 45654-2025, sampling of training data by hand", verified=False),
        Preset("gbt45654-keywords", 4_000, 0.98, "GB/T 45654-2025, sampling by keywords", verified=False),
    )
}


def sample_size(
    limit: float,
    confidence: float = 0.95,
    *,
    records: int | None = None,
    found: int = 0,
    accuracy: Accuracy = PERFECT,
) -> int | None:
    """The least sample that, if no more than `found` outputs are among the drawn records, shows a share below `limit`.

    With a perfect method and none found, 299 show less than 1 % with 95 % confidence (Hanley and Lippman-Hand 1983, the
    exact form of the rule of three). A method that errs has as many more positives as its rate of false positives makes
    likely. `records` is the size of the batch (None: much larger than any sample).
    None where no sample shows it: the batch is too small, or the method's own errors cover the limit.
    """
    if not 0 < limit < 1 or not 0 < confidence < 1:
        raise ValueError("limit and confidence are shares between 0 and 1")
    if found < 0:
        raise ValueError("no fewer than 0 can be found")
    mistaken = 1 - accuracy.specificity
    at_limit = limit * accuracy.sensitivity + (1 - limit) * mistaken
    if at_limit <= mistaken:
        return None

    def shows(sampled: int) -> bool:
        expected = found + (int(stats().binom.median(sampled, mistaken)) if mistaken else 0)
        if records is None:
            return bool(stats().binom.cdf(expected, sampled, at_limit) <= 1 - confidence)
        return bool(stats().hypergeom.cdf(expected, records, ceil(at_limit * records), sampled) <= 1 - confidence)

    most = records if records is not None else MOST
    high = 1
    while high < most and not shows(high):
        high = min(most, high * 2)
    if not shows(high):
        return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return high
