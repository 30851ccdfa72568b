"""A world of three organisations, and clients of their members."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from registry.models import User
from tests.browser.world import World, build
from tests.kept import Kept, kept


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture(scope="module")
def kept_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept[World]]:
    with kept(build, tmp_path_factory.mktemp("world"), django_db_blocker) as world:
        yield world


@pytest.fixture
def world(db: None, kept_world: Kept[World], settings: Any, tmp_path: Path) -> World:
    return kept_world.copy(settings, tmp_path)


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
