"""A small line chart as SVG: axes with units, marks, spreads. No background, readable on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, PANEL_HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 84, 24, 44, 56
STYLE = """
 text { font: 13px system-ui, sans-serif; fill: #4a5260; }
 .title { font-size: 15px; font-weight: 600; }
 .axis { stroke: #8a93a3; stroke-width: 1; fill: none; }
 .grid { stroke: #8a93a3; stroke-opacity: .25; }
 .line { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
 .guide { fill: none; stroke-width: 1.5; stroke-dasharray: 6 5; }
 .c0 { stroke: #2f6fb3; } .m0 { fill: #2f6fb3; }
 .c1 { stroke: #b3641d; } .m1 { fill: #b3641d; }
 .c2 { stroke: #6d7686; } .m2 { fill: #6d7686; }
 @media (prefers-color-scheme: dark) {
  text { fill: #c4cad4; }
  .c0 { stroke: #7db3ea; } .m0 { fill: #7db3ea; }
  .c1 { stroke: #eaa566; } .m1 { fill: #eaa566; }
  .c2 { stroke: #9aa3b2; } .m2 { fill: #9aa3b2; }
 }
"""


@dataclass(frozen=True)
class Series:
    """Points (x, y) or (x, y, least, most); a guide is dashed and has no marks."""

    name: str
    points: Sequence[tuple[float, ...]]
    guide: bool = False


@dataclass(frozen=True)
class Panel:
    """One pair of axes. x is logarithmic; y begins at zero, or is logarithmic too."""

    title: str
    x_name: str
    y_name: str
    series: Sequence[Series]
    log_y: bool = False


def render(panels: Sequence[Panel], description: str) -> str:
    """The panels below one another."""
    height = PANEL_HEIGHT * len(panels)
    body = "".join(_panel(panel, PANEL_HEIGHT * number) for number, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{escape(description, quote=True)}">\n<title>{escape(description)}</title>\n'
        f"<style>{STYLE}</style>\n{body}</svg>\n"
    )


def _panel(panel: Panel, shift: float) -> str:
    shown = [p for s in panel.series for p in s.points if not panel.log_y or p[1] > 0]
    if not shown:
        return ""
    low_x, high_x = min(p[0] for p in shown), max(p[0] for p in shown)
    high_x = high_x if high_x > low_x else low_x * 10
    top = max(max(p[1:]) for p in shown) or 1.0
    low_y = min(p[1] for p in shown) if panel.log_y else 0.0
    ticks_y = _decades(low_y, top) if panel.log_y else _steps(top)
    low_y, high_y = (ticks_y[0], max(ticks_y[-1], ticks_y[0] * 10)) if panel.log_y else (0.0, ticks_y[-1])
    bottom = PANEL_HEIGHT - BOTTOM

    def x_of(value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(value / low_x) / math.log(high_x / low_x)

    def y_of(value: float) -> float:
        part = math.log(value / low_y) / math.log(high_y / low_y) if panel.log_y else value / high_y
        return bottom - (bottom - TOP) * part

    out = [
        f'<g transform="translate(0 {shift})">',
        f'<text class="title" x="{LEFT}" y="22">{escape(panel.title)}</text>',
    ]
    for tick in ticks_y:
        out.append(f'<path class="grid" d="M{LEFT} {y_of(tick):.1f}H{WIDTH - RIGHT}"/>')
        out.append(f'<text x="{LEFT - 8}" y="{y_of(tick) + 4:.1f}" text-anchor="end">{_number(tick)}</text>')
    for tick in _ticks_x(low_x, high_x):
        out.append(f'<path class="axis" d="M{x_of(tick):.1f} {bottom}v5"/>')
        out.append(f'<text x="{x_of(tick):.1f}" y="{bottom + 20}" text-anchor="middle">{_number(tick)}</text>')
    out.append(f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>')
    out.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{bottom + 42}" text-anchor="middle">{escape(panel.x_name)}</text>'
    )
    middle = (TOP + bottom) / 2
    out.append(
        f'<text transform="translate(20 {middle}) rotate(-90)" text-anchor="middle">{escape(panel.y_name)}</text>'
    )
    legend = float(WIDTH - RIGHT)
    for number, series in reversed(list(enumerate(panel.series))):
        out += _line(series, number % 3, x_of, y_of, panel.log_y)
        out.append(
            f'<text class="m{number % 3}" x="{legend:.0f}" y="22" text-anchor="end">{escape(series.name)}</text>'
        )
        legend -= 7.2 * len(series.name) + 24
    return "\n".join([*out, "</g>\n"])


def _line(series: Series, colour: int, x_of: object, y_of: object, log_y: bool) -> list[str]:
    assert callable(x_of)
    assert callable(y_of)
    points = [p for p in series.points if not log_y or p[1] > 0]
    path = "L".join(f"{x_of(p[0]):.1f} {y_of(p[1]):.1f}" for p in points)
    out = [f'<path class="{"guide" if series.guide else "line"} c{colour}" d="M{path}"/>'] if points else []
    for point in points if not series.guide else ():
        if len(point) == 4:
            out.append(
                f'<path class="axis c{colour}" d="M{x_of(point[0]):.1f} {y_of(point[2]):.1f}V{y_of(point[3]):.1f}"/>'
            )
        out.append(f'<circle class="m{colour}" cx="{x_of(point[0]):.1f}" cy="{y_of(point[1]):.1f}" r="4"/>')
    return out


def _steps(top: float) -> list[float]:
    """About five round steps from zero to above the top."""
    rough = top / 4
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if size * factor >= rough)
    return [step * number for number in range(math.ceil(top / step) + 1)]


def _decades(low: float, top: float) -> list[float]:
    return [10.0**power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(top)) + 1)]


def _ticks_x(low: float, high: float) -> list[float]:
    found = [
        factor * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for factor in (1, 2, 5)
        if low * 0.98 <= factor * 10.0**power <= high * 1.02
    ]
    return found or [low, high]


def _number(value: float) -> str:
    return f"{value:g}"
