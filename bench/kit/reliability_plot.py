"""Said against true probability as SVG: one panel a model, points with 95 % intervals, as large as they have cases."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from bench.kit.plot import STYLE

SIDE, LEFT, TOP, GAP = 280, 64, 44, 76


def render(panels: Mapping[str, Sequence[Mapping[str, float]]], description: str) -> str:
    """Panels beside one another; each row has said, true, low, high (0–1) and cases."""
    width = LEFT + (SIDE + GAP) * len(panels)
    body = "".join(
        _panel(title, rows, LEFT + number * (SIDE + GAP)) for number, (title, rows) in enumerate(panels.items())
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + SIDE + 60}" role="img" '
        f'aria-label="{escape(description, quote=True)}">\n<title>{escape(description)}</title>\n'
        f"<style>{STYLE}</style>\n{body}</svg>\n"
    )


def _panel(title: str, rows: Sequence[Mapping[str, float]], left: int) -> str:
    def x_of(share: float) -> float:
        return SIDE * share

    def y_of(share: float) -> float:
        return TOP + SIDE * (1 - share)

    out = [f'<g transform="translate({left} 0)">', f'<text class="title" x="0" y="22">{escape(title)}</text>']
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        out.append(f'<path class="grid" d="M0 {y_of(tick):.1f}H{SIDE}M{x_of(tick):.1f} {TOP}v{SIDE}"/>')
        out.append(f'<text x="-8" y="{y_of(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
        out.append(f'<text x="{x_of(tick):.1f}" y="{TOP + SIDE + 20}" text-anchor="middle">{tick:g}</text>')
    out.append(f'<path class="guide c2" d="M0 {y_of(0):.1f}L{SIDE} {y_of(1):.1f}"/>')
    out.append(f'<text x="{SIDE / 2}" y="{TOP + SIDE + 44}" text-anchor="middle">confidence</text>')
    turned = f"translate(-46 {TOP + SIDE / 2}) rotate(-90)"
    out.append(f'<text transform="{turned}" text-anchor="middle">share of true copies</text>')
    for row in rows:
        x, size = x_of(row["said"]), 2 + 1.2 * math.log10(row["cases"])
        out.append(f'<path class="axis c0" d="M{x:.1f} {y_of(row["low"]):.1f}V{y_of(row["high"]):.1f}"/>')
        out.append(f'<circle class="m0" cx="{x:.1f}" cy="{y_of(row["true"]):.1f}" r="{size:.1f}"/>')
    return "\n".join([*out, "</g>\n"])
