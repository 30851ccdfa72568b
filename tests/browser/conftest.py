"""Chromium on the live site: one browser for all tests, a registry with something on every page for each."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client

from registry.models import User
from tests.browser.world import World, build

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the thread of the test


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives Chromium; without it the tests are skipped by name."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(pytest.mark.skip(reason="Chromium: none is installed (apt-get install chromium)"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """How pytest-playwright starts the browser."""
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture
def world(transactional_db: None, settings: Any, tmp_path: Path) -> World:
    """The registry that the pages show, with its files in a folder of this test's."""
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"
    return build(with_bundle=True)


def session_cookie(user: User) -> tuple[str, str]:
    """Name and value of the cookie of somebody who signed in."""
    client = Client()
    client.force_login(user)
    name = site_settings.SESSION_COOKIE_NAME
    return name, client.cookies[name].value
