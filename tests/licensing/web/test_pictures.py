"""Pictures: areas are sizes, nothing overlaps, what is dated stands in its year."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.web import pictures, treemap
from licensing.web.pictures import Event
from licensing.web.treemap import HEIGHT, MAX_PARTS, WIDTH, Box, Part


def parts(sizes: list[float]) -> list[Part]:
    return [Part(f"part {number}", size, "UNKNOWN") for number, size in enumerate(sizes)]


def overlap(one: Box, other: Box) -> float:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, across) * max(0.0, down)


@given(st.lists(st.floats(min_value=0.5, max_value=1000), min_size=1, max_size=30))
def test_areas_are_sizes_and_no_two_overlap(sizes: list[float]) -> None:
    boxes = treemap.layout(parts(sizes), "others")
    assert len(boxes) == len(sizes)
    scale = WIDTH * HEIGHT / sum(sizes)
    for box in boxes:
        assert box.width * box.height == pytest.approx(box.part.size * scale, rel=0.05, abs=30)
        assert box.x >= -0.1 and box.x + box.width <= WIDTH + 0.5  # noqa: PT018
        assert box.y >= -0.1 and box.y + box.height <= HEIGHT + 0.5  # noqa: PT018
    assert all(overlap(one, other) < 30 for one, other in combinations(boxes, 2))


def test_what_is_too_many_becomes_one_and_what_has_no_size_none() -> None:
    boxes = treemap.layout(parts([1.0] * 100 + [0.0] * 5), "others")
    assert len(boxes) == MAX_PARTS
    others = next(box for box in boxes if box.part.name == "others")
    assert (others.part.count, others.part.size) == (61, 61.0)
    assert treemap.layout(parts([0.0]), "others") == []


def test_events_stand_in_their_year_and_one_day_is_no_line() -> None:
    events = [Event("2020-12-31", "release", "1"), Event("2023", "claim", "said"), Event("2021-07", "claim", "said")]
    line = pictures.timeline(events)
    assert line is not None
    assert [mark.event.on for mark in line.marks] == ["2020-12-31", "2021-07", "2023"]
    assert [mark.x for mark in line.marks] == sorted(mark.x for mark in line.marks)
    assert pictures.timeline(events[:1]) is None
    assert pictures.timeline([Event("", "claim", "undated")]) is None
