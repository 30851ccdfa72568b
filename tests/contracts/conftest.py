"""Each engine of search in turn, for whatever it has to promise."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from registry.models.base import new_public_id
from registry.search import indices


@pytest.fixture(params=["postgres", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine_name(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    cache.clear()
    if request.param == "postgres":
        yield "postgres"
        return
    settings.ELASTICSEARCH_URL = request.getfixturevalue("elasticsearch_url")
    settings.SEARCH_INDEX_PREFIX = f"test-{new_public_id()}"
    yield "elasticsearch"
    indices.remove(indices.names())
