"""Names in the cells of tables, where a cell is made to cost time."""

import time

import pytest

from registry.importers.names import are_inverted, read_people
from registry.importers.values import Remarks

LONG = 200_000


@pytest.mark.parametrize("filling", [" ", "\t", "\n ", "(", "[ ", "1", "- ", ". ", "\u3000", ";", ","])
def test_a_long_cell_is_read_in_time_that_grows_with_its_length(filling: str) -> None:
    began = time.process_time()
    cell = f"Ann Author{filling * (LONG // len(filling))}x"
    are_inverted([cell])
    read_people(cell, "author", "author", Remarks(), inverted=False)
    assert time.process_time() - began < 5  # by the square of the length it takes hours


def test_spaces_between_the_parts_of_a_name_say_nothing() -> None:
    people = read_people("  Ann \t Author  (1901-1980) \n\n  Ben   Writer", "author", "a", Remarks(), inverted=False)
    assert [(person.name, person.born) for person in people] == [("Ann Author", "1901"), ("Ben Writer", "")]
