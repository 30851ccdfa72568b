"""Rows cross from the process that parses to the one that stores, and come out as they went in."""

import pickle
from pathlib import Path

import pytest

from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueError, DatasetRow, Message, from_json, to_json
from tests.registry.importers.reading import SAMPLES


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[ow]*.*")), ids=lambda path: path.name)
def test_heads_and_rows_survive_as_json(path: Path) -> None:
    head, rows = open_catalogue(path, name=path.name)
    for item in (head, *rows):
        assert from_json(to_json(item)) == item
        assert pickle.loads(pickle.dumps(item)) == item


def test_rows_of_datasets_survive_as_json() -> None:
    row = DatasetRow(3, "set", "Set", {"languages": ["English"]}, (Message("a", "b", "W", "CODE", "cause"),), "raw")
    assert from_json(to_json(row)) == row


def test_what_is_none_of_them_is_refused() -> None:
    with pytest.raises(KeyError):
        from_json(b'["Other", {}]')
    with pytest.raises(TypeError):
        from_json(b'["DatasetRow", {"number": 1, "secret": 2}]')


def test_an_error_survives_pickling_with_its_facts() -> None:
    error = pickle.loads(pickle.dumps(CatalogueError("FILE_EMPTY", "feed.xml", 0, "it is empty")))
    assert (error.code, error.file, error.record, error.cause) == ("FILE_EMPTY", "feed.xml", 0, "it is empty")


def test_a_message_never_carries_more_than_200_characters_of_a_value() -> None:
    assert len(Message("a", "x" * 5000, "E", "CODE", "cause").value) == 200
