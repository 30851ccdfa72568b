"""Where the marks of a timeline and the boxes of a lineage graph stand; pure. Sizes are units of the SVG's viewBox."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from licensing.selectors.lineage import Edge, Key, Lineage, Node

TIMELINE_WIDTH, LANE_HEIGHT, MARGIN = 1000.0, 34.0, 30.0
BOX_WIDTH, BOX_HEIGHT, GAP_X, GAP_Y = 190.0, 44.0, 90.0, 16.0
NAME_CHARS = 22


@dataclass(frozen=True)
class Event:
    """Something dated about a dataset; `on` to the year, month or day."""

    on: str
    kind: str  # release | claim | proceeding
    name: str
    address: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Mark:
    """An event with its place on the line; events of one kind share a lane."""

    event: Event
    x: float
    y: float


@dataclass(frozen=True)
class Timeline:
    """Marks, the years they stand between, and how high the picture is."""

    marks: tuple[Mark, ...]
    years: tuple[tuple[int, float], ...]
    lanes: tuple[tuple[str, float], ...]
    height: float


KINDS = ("release", "claim", "proceeding")


def timeline(events: Sequence[Event]) -> Timeline | None:
    """The dated events in lanes by kind; None where there are not two different days to draw a line between."""
    dated = sorted((event for event in events if re.match(r"[12]\d{3}", event.on)), key=lambda event: event.on)
    moments = [_moment(event.on) for event in dated]
    if len(set(moments)) < 2:
        return None
    first, last = int(min(moments)), int(max(moments)) + 1
    scale = (TIMELINE_WIDTH - 2 * MARGIN) / (last - first)
    kinds = [kind for kind in KINDS if any(event.kind == kind for event in dated)]
    lanes = {kind: MARGIN + LANE_HEIGHT * number for number, kind in enumerate(kinds)}
    marks = [
        Mark(event, round(MARGIN + (moment - first) * scale, 1), lanes[event.kind])
        for event, moment in zip(dated, moments, strict=True)
    ]
    step = max(1, (last - first) // 8)
    years = tuple((year, round(MARGIN + (year - first) * scale, 1)) for year in range(first, last + 1, step))
    return Timeline(tuple(marks), years, tuple(lanes.items()), MARGIN + LANE_HEIGHT * len(lanes) + 24)


def _moment(on: str) -> float:
    """A day as a year with its fraction; what is known to the year stands in its middle."""
    year, month, day = ([int(part) for part in on.split("-")] + [0, 0])[:3]
    return year + ((month - 1) / 12 if month else 0.5) + ((day - 1) / 372 if day else 0)


@dataclass(frozen=True)
class Box:
    """A node with its place; `label` fits into the box."""

    node: Node
    x: float
    y: float
    label: str

    @property
    def middle(self) -> float:
        return self.y + BOX_HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    """An edge as an SVG path from the right of one box to the left of another; one that goes back runs below."""

    edge: Edge
    path: str


@dataclass(frozen=True)
class Graph:
    """A lineage drawn: sources left, the dataset in its column, what came of it right."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def graph(lineage: Lineage, name: Any) -> Graph:
    """Columns by layer, in each the nodes in the order of their names; `name` says what a row is called."""
    layers = sorted({node.layer for node in lineage.nodes.values()})
    boxes: dict[Key, Box] = {}
    tallest = 1
    for column, layer in enumerate(layers):
        nodes = sorted(
            (node for node in lineage.nodes.values() if node.layer == layer), key=lambda node: name(node.row)
        )
        tallest = max(tallest, len(nodes))
        for row, node in enumerate(nodes):
            called = name(node.row)
            label = called if len(called) <= NAME_CHARS else f"{called[: NAME_CHARS - 1]}…"
            boxes[node.key] = Box(node, 10 + column * (BOX_WIDTH + GAP_X), 10 + row * (BOX_HEIGHT + GAP_Y), label)
    height = 10 + tallest * (BOX_HEIGHT + GAP_Y) + (40 if lineage.has_cycle else 0)
    arrows = tuple(Arrow(edge, _path(boxes[edge.source], boxes[edge.target], edge, height)) for edge in lineage.edges)
    return Graph(tuple(boxes.values()), arrows, 20 + len(layers) * (BOX_WIDTH + GAP_X) - GAP_X, height)


def _path(source: Box, target: Box, edge: Edge, height: float) -> str:
    start, end = source.x + BOX_WIDTH, target.x - 4
    if not edge.is_back:
        bend, high, low = (start + end) / 2, source.middle, target.middle
        return f"M{start:g} {high:g}C{bend:g} {high:g} {bend:g} {low:g} {end:g} {low:g}"
    floor, half = height - 8, BOX_WIDTH / 2
    return f"M{source.x + half:g} {source.y + BOX_HEIGHT:g}V{floor:g}H{target.x + half:g}V{target.y + BOX_HEIGHT + 4:g}"
