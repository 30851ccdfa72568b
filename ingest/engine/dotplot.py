"""An explanation as a picture: a dot plot, the document from left to right and the work from the bottom up.

One SVG file without scripts: readable on light and on dark pages, kinds told apart by shape and not by colour alone,
of bounded size whatever the texts, and the same bytes for the same explanation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from ingest.engine.dump import percent, why
from ingest.engine.explanation import AGREEING, IN_LINE, LONE, USUAL, Chain, Explanation, Side
from ingest.engine.records import Array, Passage

MOST_DOTS = 20_000  # more become a grid
MOST_CHAINS = 4_000
MOST_CHAIN_POINTS = 20_000
MOST_PASSAGES = 4_000
MOST_LABELS = 14
CELL = 6.0  # of the grid
LONGEST, SHORTEST = 760.0, 380.0  # sides of the plot; both axes have one scale as far as that allows
LEFT, TOP, RIGHT, BOTTOM = 104.0, 92.0, 28.0, 62.0
LEGEND_ROW, LEGEND_WIDTH = 22.0, 860.0
LABEL_WIDTH, LABEL_HEIGHT = 56.0, 15.0
NAME_CHARS = 42
SHADES = ("d1", "d2", "d3", "d4")  # of a cell, by how many seeds are in it
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
    cells, dots, seed_entries = _dots(explanation, frame)
    chains, drawn = _chains(explanation.chains, frame)
    thinner = ' class="thinner"' if len(explanation.passages) > MANY_PASSAGES else ""
    body = [
        *cells,
        f"<g{thinner}>",
        *_passages(explanation, frame),
        "</g>",
        *chains,
        *dots,
        *_labels(explanation, frame),
        *_axes(explanation, frame),
    ]
    width = max(LEFT + frame.width + RIGHT, LEGEND_WIDTH)
    below = TOP + frame.height + BOTTOM
    legend, height = _legend([*_line_entries(explanation), *seed_entries], _notes(explanation, drawn), width, below)
    heading = _heading(explanation)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
            f'height="{_n(height)}" role="img" aria-labelledby="plot-title plot-description">',
            f'<title id="plot-title">{_text(heading[0])}</title>',
            f'<desc id="plot-description">{_text(_description(explanation))}</desc>',
            f"<style>{STYLE}</style>",
            f'<rect class="page" width="{_n(width)}" height="{_n(height)}"/>',
            *(
                f'<text class="{"small" if n else "title"}" x="16" y="{26 + 20 * n}">{_text(line)}</text>'
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
        label = f'<text class="small" x="36" y="4">{_text(words)}</text>'
        parts.append(f'<g transform="translate({_n(x)} {_n(y)})">{mark}{label}</g>')
    y = top + LEGEND_ROW * -(-len(entries) // 2) + 4
    for note in notes:
        parts.append(f'<text class="small" x="22" y="{_n(y)}">{_text(note)}</text>')
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


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(words: str) -> str:
    """For XML: what cannot be shown, some of which XML forbids, becomes a replacement character."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in words), {'"': "&quot;"})


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
    passages = "; ".join(_passage_words(p) for p in longest)
    return (
        f"Dot plot. From left to right the document, {document.chars:,} characters; from the bottom up the work, "
        f"{work.chars:,} characters. Seeds: {counts['agreeing']:,} agreeing, {counts['in_line']:,} in line, "
        f"{counts['lone']:,} lone, {counts['common']:,} common. {_many(len(explanation.chains), 'chain')}, "
        f"{_many(len(explanation.passages), 'passage')}{', the longest: ' + passages if passages else ''}. "
        f"{why(explanation)}"
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
    x_name, y_name = f"characters of the document ({document.chars:,})", f"characters of the work ({work.chars:,})"
    yield f'<text class="middle" x="{middle}" y="{_n(bottom + 37)}">{x_name}</text>'
    at = _n((top + bottom) / 2)
    yield f'<text class="middle" transform="translate(26 {at}) rotate(-90)">{y_name}</text>'


def _dots(explanation: Explanation, frame: Frame) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """The seeds, as cells of a grid or as dots, and their entries in the legend."""
    seeds = explanation.seeds
    points = frame.points(seeds.documents, seeds.works)
    halves = np.round(points * 2) / 2  # nobody sees two dots on the same half pixel
    shown = {kind: np.unique(halves[seeds.kinds == kind], axis=0) for kind in (LONE, USUAL, IN_LINE, AGREEING)}
    if sum(len(dots) for dots in shown.values()) > MOST_DOTS:
        return _grids(points, seeds.kinds, frame)
    parts, entries = [], []
    for kind, dots in shown.items():
        if not len(dots):
            continue
        marks = "".join(f"M{_n(x)} {_n(y)}{GLYPHS[kind]}" for x, y in dots.tolist())
        parts.append(f'<path class="{CLASSES[kind]}" d="{marks}"/>')
        sample = f'<path class="{CLASSES[kind]}" d="M14 0{GLYPHS[kind]}"/>'
        entries.append((sample, f"{KIND_NAMES[kind]} ({np.count_nonzero(seeds.kinds == kind):,})"))
    return [], parts, entries[::-1]


def _grids(points: Array, kinds: Array, frame: Frame) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Too many dots: how many seeds of chains lie in each cell, and, as smaller squares, how many others."""
    clip = f'<rect x="{_n(LEFT)}" y="{_n(TOP)}" width="{_n(frame.width)}" height="{_n(frame.height)}"/>'
    parts, entries = [f'<clipPath id="plot-area">{clip}</clipPath><g clip-path="url(#plot-area)">'], []
    others = np.isin(kinds, (LONE, USUAL))
    for name, some, inset, words in (
        ("cells", ~others, 0.0, "seeds of chains in a cell"),
        ("apart", others, 1.6, "lone and common seeds in a cell"),
    ):
        if not some.any():
            continue
        side = CELL - 2 * inset
        cells, counts = _cells(points[some], frame)
        least = _densities(int(counts.max()))
        levels = np.searchsorted(least, counts, side="right") - 1
        sample = ""
        for number, shade in enumerate(SHADES[: len(least)]):
            corners = (cells[levels == number] + inset).tolist()
            marks = "".join(f"M{_n(x)} {_n(y)}h{_n(side)}v{_n(side)}h{_n(-side)}z" for x, y in corners)
            parts.append(f'<path class="{name} {shade}" d="{marks}"/>')
            square = f'x="{_n(8 * number + inset)}" y="{_n(inset - 3)}" width="{_n(side)}" height="{_n(side)}"'
            sample += f'<rect class="{name} {shade}" {square}/>'
        steps = ", ".join(f"{count:,}" for count in least)
        entries.append((sample, f"{words}: from {steps} on ({np.count_nonzero(some):,} in all)"))
    return [*parts, "</g>"], [], entries


def _densities(most: int) -> list[int]:
    """Up to four numbers of seeds from which cells are darker, in equal steps of their logarithm."""
    return sorted({round(most ** (n / 4)) for n in range(4)})


def _cells(points: Array, frame: Frame) -> tuple[Array, Array]:
    """Upper left corners of the cells that hold points (float64[n, 2]), and how many each holds."""
    last = (int(np.ceil(frame.width / CELL)) - 1, int(np.ceil(frame.height / CELL)) - 1)
    places = np.clip(np.floor((points - (LEFT, TOP)) / CELL), 0, last).astype(np.int64)
    cells, counts = np.unique(places, axis=0, return_counts=True)
    return cells * CELL + (LEFT, TOP), counts


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
    """The identity of the longest passages, beside the middle of each, where there is room for it."""
    taken: list[tuple[float, float]] = []
    for passage in sorted(explanation.passages, key=lambda p: (-p.words, p.document_start, p.work_start)):
        if passage.identity is None or len(taken) == MOST_LABELS:
            break
        x = frame.x((passage.document_start + passage.document_end) / 2)
        y = frame.y((passage.work_start + passage.work_end) / 2)
        for right, down in ((10, 18), (-LABEL_WIDTH - 8, -8), (24, 6)):
            at = x + right, y + down
            if _has_room(at, frame) and not any(
                abs(at[0] - a) < LABEL_WIDTH and abs(at[1] - b) < LABEL_HEIGHT for a, b in taken
            ):
                taken.append(at)
                yield f'<text class="label" x="{_n(at[0])}" y="{_n(at[1])}">{percent(passage.identity)}</text>'
                break


def _has_room(at: tuple[float, float], frame: Frame) -> bool:
    """Whether a label fits into the frame with its lower left corner there."""
    x, y = at
    return LEFT < x < LEFT + frame.width - LABEL_WIDTH and TOP + LABEL_HEIGHT < y < TOP + frame.height - 4


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
