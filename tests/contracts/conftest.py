"""Each engine of search in turn, for whatever it has to promise."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.test import override_settings

from registry.models.base import new_public_id
from registry.search import indices, sync
from tests.kept import Kept, kept

KeptIndexed = tuple[Kept[Any], str]  # rows, and the prefix of the names of their indices
KeepIndexed = Callable[[Callable[[], Any]], AbstractContextManager[KeptIndexed]]


@pytest.fixture(params=["postgres", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)])
def engine_name(request: pytest.FixtureRequest, settings: Any) -> Iterator[str]:
    """The engine that answers; Elasticsearch with indices of this test's own, none of which is there yet."""
    cache.clear()
    if request.param == "postgres":
        yield "postgres"
        return
    settings.ELASTICSEARCH_URL = request.getfixturevalue("elasticsearch_url")
    settings.SEARCH_INDEX_PREFIX = own = f"test-{new_public_id()}"
    yield "elasticsearch"
    settings.SEARCH_INDEX_PREFIX = own
    indices.remove(indices.names())


@pytest.fixture(scope="module")
def keep_indexed(
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
    elasticsearch_address: str,
) -> KeepIndexed:
    """A function that keeps what another builds (tests/kept.py), known to every engine that runs here."""

    @contextmanager
    def keep_indexed(build: Callable[[], Any]) -> Iterator[KeptIndexed]:
        prefix = f"test-{new_public_id()}"
        server = override_settings(ELASTICSEARCH_URL=elasticsearch_address, SEARCH_INDEX_PREFIX=prefix)

        def built() -> Any:
            made = build()
            sync.rebuild()
            if elasticsearch_address:
                with server:
                    sync.rebuild()
            return made

        with kept(built, tmp_path_factory.mktemp("kept"), django_db_blocker) as rows:
            yield rows, prefix
        if elasticsearch_address:
            with server:
                indices.remove(indices.names())

    return keep_indexed
