"""An explanation as a picture: a dot plot, the document from left to right and the work from the bottom up.

One SVG file without scripts: readable on light and on dark pages, kinds told apart by shape and not by colour alone,
of bounded size whatever the texts, and the same bytes for the same explanation.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ingest.engine.dotplot_marks import (
    BOTTOM,
    LEFT,
    MOST_PASSAGES,
    RIGHT,
    TOP,
    Frame,
    draw_chains,
    draw_labels,
    draw_passages,
    draw_seeds,
    escaped,
    passage_words,
    px,
)
from ingest.engine.dump import percent, why
from ingest.engine.explanation import Explanation, Side

LEGEND_ROW, LEGEND_WIDTH = 22.0, 860.0
NAME_CHARS = 42
MANY_PASSAGES = 200  # more are drawn thinner

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #37404d; }
.page { fill: #ffffff; }
.title { font-size: 16px; font-weight: 600; }
.small { font-size: 12px; }
.label { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: #ffffff; stroke-width: 4px; }
.end { text-anchor: end; } .middle { text-anchor: middle; }
.frame { fill: none; stroke: #7b8594; }
.grid { stroke: #7b8594; stroke-opacity: .22; }
.passage { stroke: #2f6fb3; stroke-opacity: .5; stroke-width: 8; stroke-linecap: round; }
.thinner .passage { stroke-width: 4; }
.usual { stroke-dasharray: 2 12; }
.chain { fill: none; stroke: #1d2530; stroke-width: .9; }
.dropped { stroke: #5c6675; stroke-dasharray: 4 3; }
.agreeing { fill: none; stroke: #12324f; stroke-width: 3; stroke-linecap: round; }
.in_line { fill: none; stroke: #12324f; stroke-width: 1; }
.lone { fill: none; stroke: #a34b10; stroke-width: 1.1; }
.common { fill: #8a5bb0; fill-opacity: .35; stroke: #6b3d92; stroke-width: 1; }
.cells { fill: #12324f; } .apart { fill: #a34b10; }
.d1 { fill-opacity: .25; } .d2 { fill-opacity: .45; } .d3 { fill-opacity: .7; } .d4 { fill-opacity: 1; }
@media (prefers-color-scheme: dark) {
text { fill: #d5dae2; }
.page { fill: #14181f; }
.label { stroke: #14181f; }
.passage { stroke: #5fa3e6; }
.chain { stroke: #e6eaf0; }
.dropped { stroke: #9aa4b3; }
.agreeing, .in_line { stroke: #cfe6ff; }
.lone { stroke: #f0a46a; }
.common { fill: #c39be6; stroke: #d9bdf2; }
.cells { fill: #cfe6ff; } .apart { fill: #f0a46a; }
}
"""


def draw(explanation: Explanation) -> str:
    """The dot plot, a complete SVG document."""
    frame = Frame.of(explanation.document.chars, explanation.work.chars)
    cells, dots, seed_entries = draw_seeds(explanation, frame)
    chains, drawn = draw_chains(explanation.chains, frame)
    thinner = ' class="thinner"' if len(explanation.passages) > MANY_PASSAGES else ""
    body = [
        *cells,
        f"<g{thinner}>",
        *draw_passages(explanation, frame),
        "</g>",
        *chains,
        *dots,
        *draw_labels(explanation, frame),
        *_axes(explanation, frame),
    ]
    width = max(LEFT + frame.width + RIGHT, LEGEND_WIDTH)
    below = TOP + frame.height + BOTTOM
    legend, height = _legend([*_line_entries(explanation), *seed_entries], _notes(explanation, drawn), width, below)
    heading = _heading(explanation)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {px(width)} {px(height)}" width="{px(width)}" '
            f'height="{px(height)}" role="img" aria-labelledby="plot-title plot-description">',
            f'<title id="plot-title">{escaped(heading[0])}</title>',
            f'<desc id="plot-description">{escaped(_description(explanation))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{px(width)}" height="{px(height)}"/>',
            *(
                f'<text class="{"small" if n else "title"}" x="16" y="{26 + 20 * n}">{escaped(line)}</text>'
                for n, line in enumerate(heading)
            ),
            *body,
            *legend,
            "</svg>\n",
        ]
    )


def _legend(
    entries: Sequence[tuple[str, str]], notes: Sequence[str], width: float, top: float
) -> tuple[list[str], float]:
    """Two columns of marks and what they mean, notes below; and where it ends."""
    parts = []
    for number, (mark, words) in enumerate(entries):
        x, y = 22 + number % 2 * (width / 2), top + LEGEND_ROW * (number // 2)
        label = f'<text class="small" x="36" y="4">{escaped(words)}</text>'
        parts.append(f'<g transform="translate({px(x)} {px(y)})">{mark}{label}</g>')
    y = top + LEGEND_ROW * -(-len(entries) // 2) + 4
    for note in notes:
        parts.append(f'<text class="small" x="22" y="{px(y)}">{escaped(note)}</text>')
        y += LEGEND_ROW
    return parts, y


def _notes(explanation: Explanation, drawn: int) -> list[str]:
    """What is not drawn because there is too much of it."""
    notes = []
    if drawn < len(explanation.chains):
        notes.append(f"Of {len(explanation.chains):,} chains the best {drawn:,} are drawn.")
    if len(explanation.passages) > MOST_PASSAGES:
        notes.append(f"Of {len(explanation.passages):,} passages the first {MOST_PASSAGES:,} are drawn.")
    return notes


def _name(side: Side) -> str:
    """A name short enough for the title: of a text inside a file its own part, and of a long one both ends."""
    name = side.name
    if len(name) > NAME_CHARS and "#" in name:
        name = name.rsplit("#", 1)[1].rsplit("/", 1)[-1] or name
    if len(name) <= NAME_CHARS:
        return name
    return f"{name[: NAME_CHARS // 2 - 1]}…{name[-NAME_CHARS // 2 :]}"


def _heading(explanation: Explanation) -> list[str]:
    match, seeds = explanation.match, explanation.seeds
    own = len(explanation.passages) - explanation.boilerplate
    lines = [f"{_name(explanation.document)} against {_name(explanation.work)}"]
    if match is None or not explanation.reported:
        lines.append(why(explanation))
    else:
        identity = "" if match.identity is None else f", identity {percent(match.identity)}"
        lines.append(
            f"{match.relation}: {percent(match.coverage_document)} of the document, {percent(match.coverage_work)} of "
            f"the work, {match.matched_words:,} words in {_many(own, 'passage')}{identity}, {match.precision} precision"
        )
    lines.append(
        f"{seeds.looked_up:,} seeds looked up, {seeds.found:,} found, at {len(seeds.kinds):,} pairs of places; "
        f"{_many(len(explanation.chains), 'chain')}"
    )
    return lines


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _description(explanation: Explanation) -> str:
    document, work, counts = explanation.document, explanation.work, explanation.seeds.counts
    longest = sorted(explanation.passages, key=lambda p: (-p.words, p.document_start, p.work_start))[:3]
    passages = "; ".join(passage_words(p) for p in longest)
    return (
        f"Dot plot. From left to right the document, {document.chars:,} characters; from the bottom up the work, "
        f"{work.chars:,} characters. Seeds: {counts['agreeing']:,} agreeing, {counts['in_line']:,} in line, "
        f"{counts['lone']:,} lone, {counts['common']:,} common. {_many(len(explanation.chains), 'chain')}, "
        f"{_many(len(explanation.passages), 'passage')}{', the longest: ' + passages if passages else ''}. "
        f"{why(explanation)}"
    )


def _ticks(chars: int, length: float) -> list[int]:
    """Round numbers, at least some 90 pixels apart."""
    wanted = max(1.0, chars * 90 / length)
    step = 10 ** math.floor(math.log10(wanted))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor >= wanted)
    return list(range(0, chars + 1, step))


def _axes(explanation: Explanation, frame: Frame) -> Iterator[str]:
    left, bottom, right, top = LEFT, TOP + frame.height, LEFT + frame.width, TOP
    for char in _ticks(frame.document_chars, frame.width):
        x = px(frame.x(char))
        yield f'<path class="grid" d="M{x} {px(top)}V{px(bottom)}"/>'
        yield f'<text class="small middle" x="{x}" y="{px(bottom + 17)}">{char:,}</text>'
    for char in _ticks(frame.work_chars, frame.height):
        y = frame.y(char)
        yield f'<path class="grid" d="M{px(left)} {px(y)}H{px(right)}"/>'
        yield f'<text class="small end" x="{px(left - 7)}" y="{px(y + 4)}">{char:,}</text>'
    yield f'<rect class="frame" x="{px(left)}" y="{px(top)}" width="{px(frame.width)}" height="{px(frame.height)}"/>'
    document, work = explanation.document, explanation.work
    middle = px((left + right) / 2)
    x_name, y_name = f"characters of the document ({document.chars:,})", f"characters of the work ({work.chars:,})"
    yield f'<text class="middle" x="{middle}" y="{px(bottom + 37)}">{x_name}</text>'
    at = px((top + bottom) / 2)
    yield f'<text class="middle" transform="translate(26 {at}) rotate(-90)">{y_name}</text>'


def _line_entries(explanation: Explanation) -> Iterator[tuple[str, str]]:
    own = len(explanation.passages) - explanation.boilerplate
    made = sum(chain.outcome == "passages" for chain in explanation.chains)
    yield '<path class="passage" d="M6 0H22"/>', f"passage, with its identity ({own:,})"
    if explanation.boilerplate:
        yield '<path class="passage usual" d="M4 0H24"/>', f"boilerplate ({explanation.boilerplate:,})"
    yield '<path class="chain" d="M0 0H28"/>', f"chain that made passages ({made:,})"
    if len(explanation.chains) > made:
        dropped = f"chain dropped, or repeating a passage ({len(explanation.chains) - made:,})"
        yield '<path class="chain dropped" d="M0 0H28"/>', dropped
