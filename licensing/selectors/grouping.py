"""How PostgreSQL groups rows by all that is said in them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

SETTINGS = {"enable_sort": "off", "work_mem": "64MB"}


@contextmanager
def by_hashing() -> Iterator[None]:
    """Group by hashing meanwhile. Statements fall into few groups, which the planner cannot know: it would sort them,
    comparing a dozen columns that are mostly equal, in twice the time. Only for this transaction, and put back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['current_setting(%s)'] * len(SETTINGS))}", list(SETTINGS))
        before = dict(zip(SETTINGS, cursor.fetchone() or (), strict=True))
        _set(before | SETTINGS)
        yield
        _set(before)


def _set(values: dict[str, str]) -> None:
    with connection.cursor() as cursor:
        names = ", ".join(["set_config(%s, %s, true)"] * len(values))
        cursor.execute(f"SELECT {names}", [part for pair in values.items() for part in pair])
