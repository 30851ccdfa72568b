"""What a dot plot shows inside its frame: seeds, chains, passages and their identity, each of bounded size."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from ingest.engine.dump import percent
from ingest.engine.explanation import AGREEING, IN_LINE, LONE, USUAL, Chain, Explanation
from ingest.engine.records import Array, Passage

MOST_DOTS = 20_000  # more become a grid
MOST_CHAINS = 4_000
MOST_CHAIN_POINTS = 20_000
MOST_PASSAGES = 4_000
MOST_LABELS = 14
CELL = 6.0  # of the grid
LONGEST, SHORTEST = 760.0, 380.0  # sides of the plot; both axes have one scale as far as that allows
LEFT, TOP, RIGHT, BOTTOM = 104.0, 92.0, 28.0, 62.0
LABEL_WIDTH, LABEL_HEIGHT = 56.0, 15.0
SHADES = ("d1", "d2", "d3", "d4")  # of a cell, by how many seeds are in it
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


def px(value: float) -> str:
    """To a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")


def escaped(words: str) -> str:
    """For XML: what cannot be shown, some of which XML forbids, becomes a replacement character."""
    return escape("".join(c if c.isprintable() else "\ufffd" for c in words), {'"': "&quot;"})


def passage_words(passage: Passage) -> str:
    identity = "" if passage.identity is None else f", identity {percent(passage.identity)}"
    return (
        f"document {passage.document_start:,} to {passage.document_end:,}, work {passage.work_start:,} to "
        f"{passage.work_end:,}, {passage.words:,} words{identity}"
    )


def draw_seeds(explanation: Explanation, frame: Frame) -> tuple[list[str], list[str], list[tuple[str, str]]]:
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
        marks = "".join(f"M{px(x)} {px(y)}{GLYPHS[kind]}" for x, y in dots.tolist())
        parts.append(f'<path class="{CLASSES[kind]}" d="{marks}"/>')
        sample = f'<path class="{CLASSES[kind]}" d="M14 0{GLYPHS[kind]}"/>'
        entries.append((sample, f"{KIND_NAMES[kind]} ({np.count_nonzero(seeds.kinds == kind):,})"))
    return [], parts, entries[::-1]


def _grids(points: Array, kinds: Array, frame: Frame) -> tuple[list[str], list[str], list[tuple[str, str]]]:
    """Too many dots: how many seeds of chains lie in each cell, and, as smaller squares, how many others."""
    clip = f'<rect x="{px(LEFT)}" y="{px(TOP)}" width="{px(frame.width)}" height="{px(frame.height)}"/>'
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
            marks = "".join(f"M{px(x)} {px(y)}h{px(side)}v{px(side)}h{px(-side)}z" for x, y in corners)
            parts.append(f'<path class="{name} {shade}" d="{marks}"/>')
            square = f'x="{px(8 * number + inset)}" y="{px(inset - 3)}" width="{px(side)}" height="{px(side)}"'
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


def draw_chains(chains: Sequence[Chain], frame: Frame) -> tuple[list[str], int]:
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
        line = "M" + "L".join(f"{px(x)} {px(y)}" for x, y in points)
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


def draw_passages(explanation: Explanation, frame: Frame) -> Iterable[str]:
    own = len(explanation.passages) - explanation.boilerplate
    for number, passage in enumerate(explanation.passages[:MOST_PASSAGES]):
        words = escaped(f"passage {number + 1}: {passage_words(passage)}")
        yield (
            f'<path class="passage{"" if number < own else " usual"}" d="M{px(frame.x(passage.document_start))} '
            f"{px(frame.y(passage.work_start))}L{px(frame.x(passage.document_end))} {px(frame.y(passage.work_end))}"
            f'"><title>{words}</title></path>'
        )


def draw_labels(explanation: Explanation, frame: Frame) -> Iterable[str]:
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
                yield f'<text class="label" x="{px(at[0])}" y="{px(at[1])}">{percent(passage.identity)}</text>'
                break


def _has_room(at: tuple[float, float], frame: Frame) -> bool:
    """Whether a label fits into the frame with its lower left corner there."""
    x, y = at
    return LEFT < x < LEFT + frame.width - LABEL_WIDTH and TOP + LABEL_HEIGHT < y < TOP + frame.height - 4
