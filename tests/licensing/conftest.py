"""What tests of several folders want: the starting catalogue, which takes two seconds to load."""

from pathlib import Path
from typing import Any

import pytest

from licensing.services import catalogue
from tests.kept import Kept, shelved


@pytest.fixture(scope="module")
def shelved_catalogue(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Kept[Any]:
    return shelved(catalogue.load, lambda: tmp_path_factory.mktemp("catalogue"), django_db_blocker)


@pytest.fixture
def loaded(db: None, shelved_catalogue: Kept[Any], settings: Any, tmp_path: Path) -> Any:
    """The catalogue is there; what a test changes of it is undone."""
    return shelved_catalogue.copy(settings, tmp_path / "catalogue")
