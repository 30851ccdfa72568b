"""Intervals and trends of an audit as places in SVG pictures; pure. Sizes are units of the viewBox, shares 0 to 1."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BAR_WIDTH = 200.0
CHART_WIDTH, CHART_HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 720.0, 200.0, 52.0, 40.0, 30.0, 12.0
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
LABELS = 12  # months that are named at most


@dataclass(frozen=True)
class Bar:
    """An interval as a line with a tick at the estimate; `limit` is where the audit's limit stands."""

    low: float
    width: float
    rate: float | None
    limit: float


def scale(rows: Sequence[Mapping[str, Any]], limit: float) -> float:
    """The share at the right end of all bars: a round one that most upper bounds and the limit lie below."""
    highest = max([limit * 2, *(row["corrected_interval"][1] for row in rows if row["judged"])], default=1.0)
    return next((step for step in STEPS if step >= highest), 1.0)


def bar(interval: Sequence[float], rate: float | None, limit: float, right: float) -> Bar:
    """A bar on a line from 0 to `right`; what lies beyond is cut off there."""

    def place(share: float) -> float:
        return round(min(1.0, share / right) * BAR_WIDTH, 1)

    low, high = place(interval[0]), place(interval[1])
    return Bar(low, max(2.0, round(high - low, 1)), None if rate is None else place(rate), place(limit))


@dataclass(frozen=True)
class Point:
    """A month of the chart. `signals`: why it is not chance."""

    period: str
    x: float
    y: float
    rate: float
    sampled: int
    positive: int
    low: float
    high: float
    signals: tuple[str, ...]
    is_named: bool


@dataclass(frozen=True)
class Chart:
    """A control chart: the line through the months and the band that chance alone stays in."""

    points: tuple[Point, ...]
    line: str
    band: str
    ticks: tuple[tuple[float, float], ...]  # (share, y)


def chart(trend: Sequence[Mapping[str, Any]]) -> Chart | None:
    """The chart of `result["trend"]`; None where there are not two months to compare."""
    if len(trend) < 2:
        return None
    highest = max(max(row["rate"], row["high"]) for row in trend)
    top = next((step for step in STEPS if step >= highest), 1.0)
    step = (CHART_WIDTH - LEFT - RIGHT - 10) / (len(trend) - 1)
    every = -(-len(trend) // LABELS)

    def y(share: float) -> float:
        return round(TOP + (1 - share / top) * (CHART_HEIGHT - TOP - BOTTOM), 1)

    points = tuple(
        Point(
            row["period"],
            round(LEFT + 10 + number * step, 1),
            y(row["rate"]),
            row["rate"],
            row["sampled"],
            row["positive"],
            row["low"],
            row["high"],
            tuple(row["signals"]),
            number % every == 0,
        )
        for number, row in enumerate(trend)
    )
    upper = [(point.x, y(point.high)) for point in points]
    lower = [(point.x, y(point.low)) for point in reversed(points)]
    return Chart(
        points,
        _path((point.x, point.y) for point in points),
        _path([*upper, *lower]) + "Z",
        tuple((share, y(share)) for share in (0.0, top / 2, top)),
    )


def _path(places: Any) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)
