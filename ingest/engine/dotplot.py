"""An explanation as a picture: a dot plot, the document from left to right and the work from the bottom up.

One SVG file without scripts: readable on light and on dark pages, kinds told apart by shape and not by colour alone,
of bounded size whatever the texts, and the same bytes for the same explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from ingest.engine.explain import AGREEING, IN_LINE, LONE, USUAL, Chain, Explanation, Side, percent
from ingest.engine.records import Array, Passage

MOST_DOTS = 20_000  # more become a grid
MOST_CHAINS = 4_000
MOST_CHAIN_POINTS = 20_000
MOST_PASSAGES = 4_000
MOST_LABELS = 14
CELL = 6.0  # of the grid
LONGEST, SHORTEST = 760.0, 280.0  # sides of the plot; both axes have one scale as far as that allows
LEFT, TOP, RIGHT, BOTTOM = 104.0, 92.0, 28.0, 62.0
LEGEND_ROW, LEGEND_WIDTH = 22.0, 860.0
LABEL_WIDTH, LABEL_HEIGHT = 48.0, 15.0
NAME_CHARS = 46
DENSITIES = ((1, "d1"), (4, "d2"), (16, "d3"), (64, "d4"))  # seeds in a cell from which a shade is used

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
GLYPHS = (
    "h0",
    "m-2.5 0a2.5 2.5 0 1 0 5 0a2.5 2.5 0 1 0-5 0",
    "m-2.5-2.5l5 5m0-5l-5 5",
    "m0-3.5l3.5 3.5-3.5 3.5-3.5-3.5z",
)
CLASSES = ("agreeing", "in_line", "lone", "common")
KIND_NAMES = (
    "seed, the letters beside it agree",
    "seed in line with others",
    "lone seed, dropped",
    "seed common to many works",
)


@dataclass(frozen=True)
class Frame:
    """Where code points lie in the picture."""

    width: float
    height: float
    document_chars: int
    work_chars: int

    @classmethod
    def of(cls, document_chars: int, work_chars: int) -> Frame:
        """The longer text gives the longer side."""
        ratio = max(1, work_chars) / max(1, document_chars)
        width = LONGEST if ratio <= 1 else max(SHORTEST, LONGEST / ratio)
        height = LONGEST if ratio >= 1 else max(SHORTEST, LONGEST * ratio)
        return cls(width, height, max(1, document_chars), max(1, work_chars))

    def x(self, char: float) -> float:
        """Of a place in the document."""
        return LEFT + self.width * char / self.document_chars

    def y(self, char: float) -> float:
        """Of a place in the work."""
        return TOP + self.height * (1 - char / self.work_chars)

    def points(self, documents: Array, works: Array) -> Array:
        """Points (float64[n, 2]), to a tenth."""
        points = np.empty((documents.size, 2))
        points[:, 0] = LEFT + documents * (self.width / self.document_chars)
        points[:, 1] = TOP + self.height - works * (self.height / self.work_chars)
        return np.round(points, 1)


def draw(explanation: Explanation) -> str:
    """The dot plot, a complete SVG document."""
    frame = Frame.of(explanation.document.chars, explanation.work.chars)
    dots, legend = _dots(explanation, frame)
    chains, drawn_chains = _chains(explanation.chains, frame)
    passages = list(_passages(explanation, frame))
    entries = [*_line_entries(explanation, drawn_chains), *legend]
    per_row = 2
    rows = -(-len(entries) // per_row)
    width = max(LEFT + frame.width + RIGHT, LEGEND_WIDTH)
    height = TOP + frame.height + BOTTOM + LEGEND_ROW * rows + 10
    heading = _heading(explanation)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" aria-labelledby="plot-title plot-description">',
        f'<title id="plot-title">{_text(heading[0])}</title>',
        f'<desc id="plot-description">{_text(_description(explanation))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{_n(width)}" height="{_n(height)}"/>',
        *(
            f'<text class="{"title" if n == 0 else "small"}" x="16" y="{26 + 20 * n}">{_text(line)}</text>'
            for n, line in enumerate(heading)
        ),
        *_axes(explanation, frame),
        *passages,
        *chains,
        *dots,
        *_labels(explanation, frame),
    ]
    for number, (mark, words) in enumerate(entries):
        x, y = 22 + number % per_row * (width / per_row), TOP + frame.height + BOTTOM + LEGEND_ROW * (number // per_row)
        parts.append(
            f'<g transform="translate({_n(x)} {_n(y)})">{mark}<text class="small" x="34" y="4">{_text(words)}</text></g>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(words: str) -> str:
    """For XML: what cannot be shown, some of which XML forbids, becomes a replacement character."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in words), {'"': "&quot;"})


def _name(side: Side) -> str:
    if len(side.name) <= NAME_CHARS:
        return side.name
    return f"{side.name[: NAME_CHARS // 2 - 1]}…{side.name[-NAME_CHARS // 2 :]}"


def _heading(explanation: Explanation) -> list[str]:
    match, seeds = explanation.match, explanation.seeds
    own = len(explanation.passages) - explanation.boilerplate
    lines = [f"{_name(explanation.document)} against {_name(explanation.work)}"]
    if match is None or not explanation.reported:
        lines.append(explanation.why)
    else:
        identity = "" if match.identity is None else f", identity {percent(match.identity)}"
        lines.append(
            f"{match.relation}: {percent(match.coverage_document)} of the document, {percent(match.coverage_work)} of the "
            f"work, {match.matched_words:,} words in {_many(own, 'passage')}{identity}, {match.precision} precision"
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
    passages = "; ".join(_passage_words(p) for p in longest)
    return (
        f"Dot plot. From left to right the document, {document.chars:,} characters; from the bottom up the work, "
        f"{work.chars:,} characters. Seeds: {counts['agreeing']:,} agreeing, {counts['in_line']:,} in line, "
        f"{counts['lone']:,} lone, {counts['common']:,} common. {_many(len(explanation.chains), 'chain')}, "
        f"{_many(len(explanation.passages), 'passage')}{', the longest: ' + passages if passages else ''}. {explanation.why}"
    )


def _passage_words(passage: Passage) -> str:
    identity = "" if passage.identity is None else f", identity {percent(passage.identity)}"
    return (
        f"document {passage.document_start:,} to {passage.document_end:,}, work {passage.work_start:,} to "
        f"{passage.work_end:,}, {passage.words:,} words{identity}"
    )


def _ticks(chars: int, length: float) -> list[int]:
    """Round numbers, at least some 90 pixels apart."""
    wanted = max(1.0, chars * 90 / length)
    step = 10 ** int(np.floor(np.log10(wanted)))
    step = next(step * factor for factor in (1, 2, 5, 10) if step * factor >= wanted)
    return list(range(0, chars + 1, step))


def _axes(explanation: Explanation, frame: Frame) -> Iterator[str]:
    left, bottom, right, top = LEFT, TOP + frame.height, LEFT + frame.width, TOP
    for char in _ticks(frame.document_chars, frame.width):
        x = _n(frame.x(char))
        yield f'<path class="grid" d="M{x} {_n(top)}V{_n(bottom)}"/>'
        yield f'<text class="small middle" x="{x}" y="{_n(bottom + 17)}">{char:,}</text>'
    for char in _ticks(frame.work_chars, frame.height):
        y = frame.y(char)
        yield f'<path class="grid" d="M{_n(left)} {_n(y)}H{_n(right)}"/>'
        yield f'<text class="small end" x="{_n(left - 7)}" y="{_n(y + 4)}">{char:,}</text>'
    yield f'<rect class="frame" x="{_n(left)}" y="{_n(top)}" width="{_n(frame.width)}" height="{_n(frame.height)}"/>'
    document, work = explanation.document, explanation.work
    middle = _n((left + right) / 2)
    yield f'<text class="middle" x="{middle}" y="{_n(bottom + 37)}">characters of the document ({document.chars:,})</text>'
    at = _n((top + bottom) / 2)
    yield f'<text class="middle" transform="translate(26 {at}) rotate(-90)">characters of the work ({work.chars:,})</text>'


def _dots(explanation: Explanation, frame: Frame) -> tuple[list[str], list[tuple[str, str]]]:
    """The seeds and their entries in the legend."""
    seeds = explanation.seeds
    points = frame.points(seeds.documents, seeds.works)
    halves = np.round(points * 2) / 2  # nobody sees two dots on the same half pixel
    shown = {kind: np.unique(halves[seeds.kinds == kind], axis=0) for kind in (LONE, USUAL, IN_LINE, AGREEING)}
    if sum(len(dots) for dots in shown.values()) > MOST_DOTS:
        return _grids(points, seeds.kinds, frame)
    parts, legend = [], []
    for kind, dots in shown.items():
        if not len(dots):
            continue
        marks = "".join(f"M{_n(x)} {_n(y)}{GLYPHS[kind]}" for x, y in dots.tolist())
        parts.append(f'<path class="{CLASSES[kind]}" d="{marks}"/>')
        sample = f'<path class="{CLASSES[kind]}" d="M14 0{GLYPHS[kind]}"/>'
        legend.append((sample, f"{KIND_NAMES[kind]} ({np.count_nonzero(seeds.kinds == kind):,})"))
    return parts, legend[::-1]


def _grids(points: Array, kinds: Array, frame: Frame) -> tuple[list[str], list[tuple[str, str]]]:
    """Too many dots: how many seeds of chains lie in each cell, and how many others."""
    parts, legend = [], []
    others = np.isin(kinds, (LONE, USUAL))
    for name, some, inset, words in (
        ("cells", ~others, 0.0, "seeds of chains in a cell: 1, 4, 16, 64 and more"),
        ("apart", others, 1.6, "lone and common seeds in a cell, likewise"),
    ):
        side = CELL - 2 * inset
        for shade, cells in _cells(points[some], frame):
            square = f"h{_n(side)}v{_n(side)}h{_n(-side)}z"
            marks = "".join(f"M{_n(x + inset)} {_n(y + inset)}{square}" for x, y in cells)
            parts.append(f'<path class="{name} {shade}" d="{marks}"/>')
        if some.any():
            sample = "".join(
                f'<rect class="{name} {shade}" x="{_n(7 * n + inset)}" y="{_n(inset - 3)}" width="{_n(side)}" height="{_n(side)}"/>'
                for n, (_, shade) in enumerate(DENSITIES)
            )
            legend.append((sample, f"{words} ({np.count_nonzero(some):,})"))
    return parts, legend


def _cells(points: Array, frame: Frame) -> Iterator[tuple[str, list[list[float]]]]:
    """Of each shade the upper left corners of its cells."""
    places = np.floor((points - (LEFT, TOP)) / CELL).astype(np.int64)
    places[:, 0] = np.clip(places[:, 0], 0, int(frame.width / CELL))
    places[:, 1] = np.clip(places[:, 1], 0, int(frame.height / CELL))
    cells, counts = np.unique(places, axis=0, return_counts=True)
    level = np.searchsorted([least for least, _ in DENSITIES], counts, side="right") - 1
    for number, (_, shade) in enumerate(DENSITIES):
        corners = cells[level == number] * CELL + (LEFT, TOP)
        if len(corners):
            yield shade, corners.tolist()


def _chains(chains: Sequence[Chain], frame: Frame) -> tuple[list[str], int]:
    """Thin lines through the seeds of the chains, the best first; returns how many chains are drawn."""
    kept: list[str] = []
    dropped: list[str] = []
    left, drawn = MOST_CHAIN_POINTS, 0
    for chain in chains[:MOST_CHAINS]:
        points = _thinned(frame.points(chain.documents, chain.works))
        if len(points) > left:
            break
        left -= len(points)
        drawn += 1
        line = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        (kept if chain.outcome == "passages" else dropped).append(line)
    parts = [f'<path class="chain" d="{"".join(kept)}"/>'] if kept else []
    if dropped:
        parts.insert(0, f'<path class="chain dropped" d="{"".join(dropped)}"/>')
    return parts, drawn


def _thinned(points: Array) -> list[list[float]]:
    """Points at least two pixels apart, and the first and the last."""
    cells = np.floor(points / 2)
    keep = np.ones(len(points), np.bool_)
    keep[1:] = (cells[1:] != cells[:-1]).any(axis=1)
    keep[-1] = True
    return points[keep].tolist()


def _passages(explanation: Explanation, frame: Frame) -> Iterable[str]:
    own = len(explanation.passages) - explanation.boilerplate
    for number, passage in enumerate(explanation.passages[:MOST_PASSAGES]):
        words = _text(f"passage {number + 1}: {_passage_words(passage)}")
        yield (
            f'<path class="passage{"" if number < own else " usual"}" d="M{_n(frame.x(passage.document_start))} '
            f"{_n(frame.y(passage.work_start))}L{_n(frame.x(passage.document_end))} {_n(frame.y(passage.work_end))}"
            f'"><title>{words}</title></path>'
        )


def _labels(explanation: Explanation, frame: Frame) -> Iterable[str]:
    """The identity of the longest passages, where there is room for it."""
    taken: list[tuple[float, float]] = []
    for passage in sorted(explanation.passages, key=lambda p: (-p.words, p.document_start, p.work_start)):
        if passage.identity is None or len(taken) == MOST_LABELS:
            break
        x = frame.x((passage.document_start + passage.document_end) / 2) + 10
        y = frame.y((passage.work_start + passage.work_end) / 2) + 18
        x, y = min(x, LEFT + frame.width - LABEL_WIDTH), min(y, TOP + frame.height - 4)
        if any(abs(x - a) < LABEL_WIDTH and abs(y - b) < LABEL_HEIGHT for a, b in taken):
            continue
        taken.append((x, y))
        yield f'<text class="label" x="{_n(x)}" y="{_n(y)}">{percent(passage.identity)}</text>'


def _line_entries(explanation: Explanation, drawn: int) -> Iterator[tuple[str, str]]:
    own = len(explanation.passages) - explanation.boilerplate
    yield (
        '<path class="passage" d="M6 0H22"/>',
        f"passage, with its identity ({own:,})"
        + (f"; the first {MOST_PASSAGES:,} are drawn" if own > MOST_PASSAGES else ""),
    )
    if explanation.boilerplate:
        yield '<path class="passage usual" d="M4 0H24"/>', f"boilerplate ({explanation.boilerplate:,})"
    made = sum(chain.outcome == "passages" for chain in explanation.chains)
    total = len(explanation.chains)
    some = f"; the best {drawn:,} of all are drawn" if drawn < total else ""
    yield '<path class="chain" d="M0 0H28"/>', f"chain that made passages ({made:,}){some}"
    if total > made:
        yield '<path class="chain dropped" d="M0 0H28"/>', f"chain dropped, or repeating a passage ({total - made:,})"
