"""A world of three organisations, and clients of their members."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from registry.models import User
from tests.browser.world import World, build
from tests.kept import Kept, shelved


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture(scope="module")
def shelved_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Kept[World]:
    return shelved(build, lambda: tmp_path_factory.mktemp("world"), django_db_blocker)


@pytest.fixture
def world(db: None, shelved_world: Kept[World], settings: Any, tmp_path: Path) -> World:
    return shelved_world.copy(settings, tmp_path)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def lab(world: World) -> Client:
    return client_of(world.lab)


@pytest.fixture
def press(world: World) -> Client:
    return client_of(world.press)
