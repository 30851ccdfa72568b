"""When which version of a provider's terms is known to have applied, drawn: one lane a document, gaps left open.

A version that nobody read is a gap, as it is for the question which applied."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from licensing.models import ProviderTerms
from licensing.selectors.provider_terms import Stream, as_version

LEFT, RIGHT, LANE, TOP = 20.0, 980.0, 54, 14
MIN_BAR = 6.0


@dataclass(frozen=True)
class Bar:
    """One version as a rectangle; `is_open` where nothing is known of its end."""

    terms: ProviderTerms
    x: float
    width: float
    is_open: bool


@dataclass(frozen=True)
class Lanes:
    """The drawing: (lane's label position, bars) a stream, years with their places."""

    height: int
    lanes: tuple[tuple[int, Stream, tuple[Bar, ...]], ...]
    years: tuple[tuple[int, float], ...]


def draw(streams: Sequence[Stream], today: datetime.date) -> Lanes | None:
    """The drawing, or None where nothing is dated."""
    begun = [as_version(change.terms).known_from for stream in streams for change in stream.changes]
    days = [day for day in begun if day is not None]
    if not days:
        return None
    first = datetime.date(min(days).year, 1, 1)
    span = max(1, (datetime.date(today.year + 1, 1, 1) - first).days)

    def at(day: datetime.date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / span, 1)

    lanes = []
    for number, stream in enumerate(streams):
        bars = []
        for change in stream.changes:
            version = as_version(change.terms)
            begins = version.known_from
            if begins is None or not version.is_read:
                continue
            end = min(version.known_until or today, today)
            is_open = version.ends is None
            width = max(MIN_BAR, at(end) - at(begins))
            bars.append(Bar(change.terms, at(begins), width, is_open))
        lanes.append((TOP + number * LANE, stream, tuple(bars)))
    years = tuple((year, at(datetime.date(year, 1, 1))) for year in range(first.year, today.year + 1))
    return Lanes(TOP + len(streams) * LANE + 24, tuple(lanes), years)
