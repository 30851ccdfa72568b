"""Many rows at once: PostgreSQL's COPY, for writers of whole files."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from operator import attrgetter
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED

from registry.services.copy_stream import CopyStream

LINES_A_WRITE = 100
PENDING_LIST_BYTES = 64 << 20  # of the text indexes: merged less often than once a batch


def expect_many() -> None:
    """Prepare the transaction for many rows of what is searched."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL gin_pending_list_limit = {PENDING_LIST_BYTES >> 10}")


def next_keys(model: type[Model], count: int) -> list[int]:
    """`count` primary keys that nobody else gets, from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(name) FROM"  # whose name is asked for once, not for every key
            " (SELECT pg_get_serial_sequence(%s, %s)::regclass AS name OFFSET 0) sequence, generate_series(1, %s)",
            [f'"{model._meta.db_table}"', model._meta.pk.column, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert the rows; `columns` are those of the database. What is left out takes the database's default."""
    lists = [place for place, column in enumerate(columns) if column in _lists(model)]
    with connection.cursor() as cursor, cursor.copy(_copy_into(model, columns)) as copy:
        for row in rows:
            copy.write_row(_spelt(row, lists) if lists else row)


def insert_batches(model: type[Model], columns: Sequence[str], batches: Iterable[Iterable[str]]) -> None:
    """The same of batches of rows that are spelt already, in COPY's text format with its line's end: each column a
    plain word, or made by `json_column`; inside a transaction, whose connection makes nothing else meanwhile.

    The server stores while lines are made, and it checks the foreign keys of each batch while the next one's are, not
    those of all at the transaction's end, when nobody has anything to do. Raises IntegrityError for a row that names
    none.
    """
    into, check = _copy_into(model, columns), _check_foreign_keys(model)
    with connection.wrap_database_errors, CopyStream(connection.connection) as stream:
        for lines in batches:
            stream.send(into)
            waiting = iter(lines)
            while some := "".join(islice(waiting, LINES_A_WRITE)):
                stream.copy(some)
            stream.end_copy()
            if check:
                stream.send(check)


def _check_foreign_keys(model: type[Model]) -> str:
    """SQL that checks the foreign keys of what was inserted so far, and puts off what comes; "" for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(conname) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'f' AND condeferred ORDER BY conname",
            [connection.ops.quote_name(model._meta.db_table)],
        )
        names = ", ".join(row[0] for row in cursor.fetchall())
    return f"SET CONSTRAINTS {names} IMMEDIATE; SET CONSTRAINTS {names} DEFERRED" if names else ""


def json_column(text: str) -> str:
    """A JSON text in COPY's text format: its control characters are spelt with backslashes already."""
    return text.replace("\\", r"\\") if "\\" in text else text


def _copy_into(model: type[Model], columns: Sequence[str]) -> str:
    names = ", ".join(map(connection.ops.quote_name, columns))
    return f"COPY {connection.ops.quote_name(model._meta.db_table)} ({names}) FROM STDIN"


@cache
def _lists(model: type[Model]) -> frozenset[str]:
    """The columns that hold lists of text."""
    return frozenset(str(field.column) for field in model._meta.concrete_fields if isinstance(field, ArrayField))


def _spelt(row: Sequence[Any], lists: Sequence[int]) -> list[Any]:
    """The row with its lists as PostgreSQL writes them, in a third of the driver's time."""
    spelt = list(row)
    for place in lists:
        texts = [text.replace("\\", r"\\").replace('"', r"\"") for text in spelt[place]]
        spelt[place] = '{"' + '","'.join(texts) + '"}' if texts else "{}"
    return spelt


def next_key(model: type[Model]) -> int:
    """A primary key for a row that others are to name before it is written."""
    return next_keys(model, 1)[0]


def create_alike(pattern: Model, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows that are `pattern` but for their keys and for `columns`, whose values `rows` have."""
    model = type(pattern)
    fields = [field for field in model._meta.concrete_fields if field.db_default is NOT_PROVIDED]
    same = [field for field in fields if field.column not in columns and not field.primary_key]
    values = tuple(getattr(pattern, field.attname) for field in same)
    names = [str(model._meta.pk.column), *columns, *(str(field.column) for field in same)]
    keys = next_keys(model, len(rows))
    insert(model, names, ((key, *row, *values) for key, row in zip(keys, rows, strict=True)))


def create(rows: Sequence[Model]) -> None:
    """Insert new rows of one model, as `bulk_create` does, in a fraction of its time; they get their keys.

    Columns whose default the database knows (`recorded_at`) are left to it, and signals are not sent.
    """
    if not rows:
        return
    model = type(rows[0])
    fields = [field for field in model._meta.concrete_fields if field.db_default is NOT_PROVIDED]
    for row, key in zip(rows, next_keys(model, len(rows)), strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias
    values = attrgetter(*(field.attname for field in fields))
    insert(model, [str(field.column) for field in fields], map(values, rows))


def update(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Set `columns` of the rows whose primary key comes first in each of `rows`; call it inside a transaction."""
    if not rows:
        return
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    names = [key, *map(quote, columns)]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.copied")
        shape = f"SELECT {', '.join(names)} FROM {table} LIMIT 0"  # noqa: S608 (names of our own models, quoted)
        cursor.execute(f"CREATE TEMP TABLE copied ON COMMIT DROP AS {shape}")
        with cursor.copy(f"COPY copied ({', '.join(names)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        settings = ", ".join(f"{name} = copied.{name}" for name in names[1:])
        cursor.execute(f"UPDATE {table} SET {settings} FROM copied WHERE {table}.{key} = copied.{key}")  # noqa: S608
        cursor.execute("DROP TABLE copied")
