"""Who takes part in most tests of the channels: a firm that asks and a press that answers."""

import pytest

from registry.actors import Actor
from tests import factories


@pytest.fixture
def firm() -> Actor:
    """Who asks."""
    return factories.actor(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def press() -> Actor:
    """Who is asked."""
    return factories.actor(factories.organisation("press", "The Press"))
