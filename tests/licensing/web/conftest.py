"""A world of three organisations, and clients of their members."""

from pathlib import Path

import pytest
from django.test import Client

from registry.models import User
from tests.browser.world import World, build


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def world(db: None) -> World:
    return build()


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
