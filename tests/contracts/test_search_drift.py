"""Search that lost a part of its index finds it out and puts it right, whichever engine answers."""

import random

import pytest

from registry.models import Work
from registry.search import engine, indices, sync
from registry.search.kinds import KINDS
from tests import factories

pytestmark = pytest.mark.django_db

ROWS = 600
LOST = ROWS // 100


@pytest.fixture
def works(engine_name: str) -> list[Work]:
    """A catalogue of several hundred works, each with a word that no other has, in step with its index."""
    press = factories.organisation("north-press")
    rows = [
        Work(title=f"Almanac {_word(number)}", registered_by=press, record_reference=str(number))
        for number in range(ROWS)
    ]
    Work.objects.bulk_create(rows)
    sync.rebuild()
    assert sync.drift() == sync.Drift(rows=ROWS, columns=0, missing=0, stale=0, surplus=0)
    return rows


def _word(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in f"{number:04d}") + "vault"


@pytest.fixture
def lost(works: list[Work], engine_name: str) -> list[Work]:
    """One work in a hundred, anywhere in the catalogue, of which the engine that answers knows nothing any more."""
    chosen = random.Random(16).sample(works, LOST)
    if engine_name == "elasticsearch":
        [index] = indices.names()
        version = sync._database_microseconds()
        kind = KINDS["work"]
        assert indices.write(indices.action(kind, row.pk, None, version=version, index=index) for row in chosen) == LOST
        indices.refresh()
    else:
        Work.objects.filter(pk__in=[row.pk for row in chosen]).update(search_text="", search_tokens=[])
    assert not any(_is_found(row) for row in chosen)
    return chosen


def _is_found(work: Work) -> bool:
    return [hit.row.pk for hit in engine.search(work.title, "work").hits][:1] == [work.pk]


def _expected(engine_name: str) -> tuple[int, int]:
    """What is reported: (columns, missing)."""
    return (0, LOST) if engine_name == "elasticsearch" else (LOST, 0)


def test_one_in_a_hundred_lost_rows_are_reported_and_repaired(lost: list[Work], engine_name: str) -> None:
    found = sync.drift(repair=True)
    assert (found.columns, found.missing) == _expected(engine_name)
    assert (found.rows, found.stale, found.surplus) == (ROWS, 0, 0)
    assert sync.drift().none
    assert all(_is_found(row) for row in lost)


def test_one_round_of_the_patrol_brings_all_of_them_back(lost: list[Work], engine_name: str) -> None:
    found = sync.patrol(1)  # whichever slice of the rows it is the turn of
    assert (found.columns, found.missing) == _expected(engine_name)
    assert (found.stale, found.surplus) == (0, 0)
    assert sync.drift().none
    assert all(_is_found(row) for row in lost)
