"""Chance alone makes no match, also where the letters of a work cannot be compared."""

from pathlib import Path

import pytest

from ingest.engine.index import Index, write_segment
from ingest.engine.mapper import map_text
from ingest.engine.params import REGISTRY_1
from ingest.engine.records import IndexRecord
from ingest.engine.sketch import sketch_text

SHELF = Path(__file__).parents[3] / "samples" / "shelf" / "texts"
WORKS = ["joyce-the-dead", "rowlandson-narrative", "swift-a-modest-proposal", "zhang-chao-youmengying"]


def text_of(name: str) -> str:
    return (SHELF / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("work", WORKS)
def test_a_long_document_shares_nothing_with_the_only_work_of_a_segment(tmp_path: Path, work: str) -> None:
    """All hashes that look alike by chance then belong to one record."""
    record = IndexRecord(work, None, sketch_text(text_of(work), REGISTRY_1), None)
    write_segment(tmp_path / "one.seg", [record], REGISTRY_1)
    with Index.open(tmp_path / "one.seg") as index:
        assert map_text(index, text_of("doctorow-down-and-out")) == []
        (found,) = map_text(index, text_of(work))
    assert (found.work, found.relation, found.precision) == (work, "copy", "sketch")
