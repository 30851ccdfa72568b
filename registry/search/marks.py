"""Rows that search has to look at again, for writers of many: `registry.search.sync.follow` comes to them otherwise."""

# ruff: noqa: S608 (the name of our own table)

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from registry.models import SearchStale
from registry.search import sync

TABLE = SearchStale._meta.db_table


def mark(kind_name: str, keys: Iterable[int]) -> None:
    """Name these rows, as the triggers do for what other tables say of a work."""
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {TABLE} (kind, key) SELECT %s, unnest(%s::bigint[])", [kind_name, list(keys)])


@contextmanager
def queued_at_once() -> Iterator[None]:
    """Whatever is marked meanwhile is left to jobs when it is over, each row once however often it was marked.

    For a transaction that changes the same rows in several tables; call it inside.
    """
    last = SearchStale.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    yield
    for name, keys in _take(last).items():
        sync.queue(name, sorted(keys))


def _take(after: int) -> dict[str, set[int]]:
    """Take the marks with a higher number away → the rows that they name, by kind; none that somebody follows now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {TABLE} WHERE id IN (SELECT id FROM {TABLE} WHERE id > %s FOR UPDATE SKIP LOCKED)"
            " RETURNING kind, key",
            [after],
        )
        keys: defaultdict[str, set[int]] = defaultdict(set)
        for name, key in cursor.fetchall():
            keys[name].add(key)
    return keys
