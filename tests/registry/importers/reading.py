"""Opening catalogues in tests: files from bytes, rows as a list, messages by code."""

from pathlib import Path

import pytest

from registry.importers.opening import open_catalogue
from registry.importers.rows import CatalogueError, CatalogueRow, FileHead

SAMPLES = Path(__file__).parents[3] / "samples" / "catalogues"


def read(path: Path, **options: object) -> tuple[FileHead, list[CatalogueRow]]:
    head, rows = open_catalogue(path, name=path.name, **options)  # type: ignore[arg-type]
    return head, list(rows)  # type: ignore[arg-type]


def read_bytes(folder: Path, data: bytes, **options: object) -> tuple[FileHead, list[CatalogueRow]]:
    path = folder / "handed-in"
    path.write_bytes(data)
    return read(path, **options)


def read_one(folder: Path, data: bytes, **options: object) -> CatalogueRow:
    _, rows = read_bytes(folder, data, **options)
    assert len(rows) == 1
    return rows[0]


def refusal(folder: Path, data: bytes, **options: object) -> CatalogueError:
    with pytest.raises(CatalogueError) as caught:
        read_bytes(folder, data, **options)
    return caught.value


def codes(row: CatalogueRow) -> set[str]:
    return {f"{message.severity} {message.code}" for message in row.messages}
