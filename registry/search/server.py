"""The connection to Elasticsearch: its address, its client, and its errors as one of ours."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from registry.errors import ColophonError

if TYPE_CHECKING:
    import elasticsearch

QUERY_SECONDS = 3
WRITE_SECONDS = 60
REST_SECONDS = 10  # after a failure PostgreSQL answers for so long before the server is asked again
NO_INDEX = 404


class EngineDown(ColophonError):
    """Elasticsearch does not answer, or holds no index yet."""

    code = "SEARCH_ENGINE_DOWN"
    status = 503


_lock = threading.Lock()
_clients: dict[str, "elasticsearch.Elasticsearch"] = {}
_failed_at: dict[str, float] = {}


def client() -> "elasticsearch.Elasticsearch":
    """The client for ELASTICSEARCH_URL, one a process; raises EngineDown when none is configured."""
    address = settings.ELASTICSEARCH_URL
    if not address:
        raise EngineDown("ELASTICSEARCH_URL is not set.")
    with _lock:
        if address not in _clients:
            import elasticsearch  # noqa: PLC0415 (half a second that a site on PostgreSQL alone does not have to spend)

            logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # otherwise a line for every search
            _clients[address] = elasticsearch.Elasticsearch(address, request_timeout=QUERY_SECONDS, max_retries=0)
        return _clients[address]


def writer() -> "elasticsearch.Elasticsearch":
    """The same client with the patience that writing takes."""
    return client().options(request_timeout=WRITE_SECONDS)


def alias() -> str:
    """The name that readers ask."""
    return f"{settings.SEARCH_INDEX_PREFIX}-search"


@contextmanager
def reported() -> Iterator[None]:
    """Turn the client's errors into EngineDown; `status` is HTTP's, or 0 when there was no answer."""
    import elasticsearch  # noqa: PLC0415

    try:
        yield
    except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
        status = error.status_code if isinstance(error, elasticsearch.ApiError) else 0
        raise EngineDown(f"{type(error).__name__}: {error.message}", status=status) from error


@contextmanager
def asked() -> Iterator[None]:
    """For questions of readers: the same, and after a failure the server is not asked again for a while."""
    address = settings.ELASTICSEARCH_URL
    if time.monotonic() - _failed_at.get(address, float("-inf")) < REST_SECONDS:
        raise EngineDown("It did not answer a moment ago.")
    try:
        with reported():
            yield
    except EngineDown as error:
        if error.facts.get("status") != NO_INDEX:
            _failed_at[address] = time.monotonic()
        raise


def ask_again() -> None:
    """Forget what failed: the server answers, or there is an index now."""
    _failed_at.pop(settings.ELASTICSEARCH_URL, None)
