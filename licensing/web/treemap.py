"""A treemap: rectangles whose areas are sizes, as square as may be; pure.

Squarified treemaps (Bruls, Huizing, van Wijk 2000): rows are filled along the shorter side as long as that keeps the
worst rectangle squarer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000.0, 520.0
MAX_PARTS = 40


@dataclass(frozen=True)
class Part:
    """What becomes a rectangle."""

    name: str
    size: float
    status: str
    address: str = ""
    count: int = 1  # datasets in it: more than one for what is too many to be drawn apart


@dataclass(frozen=True)
class Box:
    """A part with its place on the picture."""

    part: Part
    x: float
    y: float
    width: float
    height: float

    @property
    def has_room(self) -> bool:
        """Whether its name fits in."""
        return self.width >= 7.5 * min(len(self.part.name), 14) + 16 and self.height >= 30

    @property
    def label(self) -> str:
        """The name, cut to the room there is."""
        room = max(3, int((self.width - 14) / 10.5))
        return self.part.name if len(self.part.name) <= room else f"{self.part.name[: room - 1]}…"


def layout(parts: Sequence[Part], others: str) -> list[Box]:
    """Rectangles that fill WIDTH × HEIGHT, largest first; what is beyond MAX_PARTS becomes one called `others`."""
    ranked = sorted((part for part in parts if part.size > 0), key=lambda part: (-part.size, part.name))
    if len(ranked) > MAX_PARTS:
        rest = ranked[MAX_PARTS - 1 :]
        statuses = {part.status for part in rest}
        status = statuses.pop() if len(statuses) == 1 else "MIXED"
        size = sum(part.size for part in rest)
        ranked = [*ranked[: MAX_PARTS - 1], Part(others, size, status, count=len(rest))]
    total = sum(part.size for part in ranked)
    if not total:
        return []
    scale = WIDTH * HEIGHT / total
    return _squarify([(part, part.size * scale) for part in ranked])


def _squarify(areas: list[tuple[Part, float]]) -> list[Box]:
    boxes: list[Box] = []
    x, y, width, height = 0.0, 0.0, WIDTH, HEIGHT
    place = 0
    while place < len(areas):
        side = min(width, height)
        end = place + 1
        while end < len(areas) and _worst(areas[place : end + 1], side) <= _worst(areas[place:end], side):
            end += 1
        row = areas[place:end]
        depth = sum(area for _part, area in row) / side
        offset = 0.0
        for part, area in row:
            length = area / depth
            if width >= height:
                boxes.append(_box(part, x, y + offset, depth, length))
            else:
                boxes.append(_box(part, x + offset, y, length, depth))
            offset += length
        if width >= height:
            x, width = x + depth, width - depth
        else:
            y, height = y + depth, height - depth
        place = end
    return boxes


def _box(part: Part, x: float, y: float, width: float, height: float) -> Box:
    return Box(part, round(x, 2), round(y, 2), round(width, 2), round(height, 2))


def _worst(row: Sequence[tuple[Part, float]], side: float) -> float:
    """The largest ratio of sides in a row along `side`."""
    areas = [area for _part, area in row]
    total = sum(areas)
    return max(side**2 * max(areas) / total**2, total**2 / (side**2 * min(areas)))
