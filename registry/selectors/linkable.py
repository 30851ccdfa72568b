"""Registered works as linkage knows them, in one statement: titles, people, years, publishers, ISBNs."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from django.db import connection

from registry import access
from registry.actors import Actor
from registry.linkage.copied import work_of
from registry.linkage.facts import WorkFacts
from registry.models import Identifier

COPY_MEMORY = "256MB"  # for sorting and hashing of one statement over the whole catalogue


def visible_keys(actor: Actor) -> tuple[str, Sequence[Any]]:
    """SQL and parameters of the keys of works that may be candidates: what the actor may see and what stands."""
    rows = access.works(actor).filter(withdrawn_at__isnull=True, merged_into__isnull=True).order_by().values("id")
    return rows.query.sql_with_params()


def statement(keys: str) -> str:
    """A statement that gives every work of `keys` (SQL that selects ids) as one row of COLUMNS texts."""
    return _STATEMENT.replace("@keys", keys)


# Texts only: names of tables stand as they are in the database (a test runs this), values never do. \x1f parts the
# values of one column, \x1e those of one edition; `@keys` becomes what Django made of a query.
_STATEMENT = r"""
    WITH chosen AS MATERIALIZED (@keys)
    SELECT work.id, work.public_id, work.record_reference, work.title, work.subtitle, work.first_published,
      people.names, people.others, editions.titles, editions.said, identifiers.isbns
    FROM registry_work work JOIN chosen USING (id)
    LEFT JOIN (
      SELECT work_id,
        string_agg(party.name, E'\x1f' ORDER BY position, contribution.id) AS names,
        string_agg(
          nullif(
            concat_ws(E'\x1f', nullif(party.name_zh, ''), nullif(array_to_string(party.other_names, E'\x1f'), '')),
            ''
          ),
          E'\x1f'
        ) AS others
      FROM registry_contribution contribution JOIN registry_party party ON party.id = party_id
      WHERE role <> 'translator' AND work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) people ON people.work_id = work.id
    LEFT JOIN (
      SELECT work_id,
        string_agg(nullif(title, ''), E'\x1f') AS titles,
        string_agg(published || E'\x1e' || publisher, E'\x1f') AS said
      FROM registry_edition WHERE work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) editions ON editions.work_id = work.id
    LEFT JOIN (
      SELECT work_id, string_agg(value, E'\x1f') AS isbns
      FROM registry_identifier WHERE scheme = 'isbn' AND work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) identifiers ON identifiers.work_id = work.id
"""


def works(keys: Iterable[int]) -> dict[int, WorkFacts]:
    """The facts of these works; the caller has asked whether they may be seen."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(statement("SELECT unnest(%s::bigint[]) AS id"), [wanted])
        found = (work_of(row) for row in cursor.fetchall())
        return {work.id: work for work in found}


def by_isbn(isbns: Iterable[str], actor: Actor) -> dict[str, list[int]]:
    """ISBN → the works that carry it, themselves or an edition, and that the actor may see."""
    wanted = sorted(set(isbns))
    if not wanted:
        return {}
    rows = Identifier.objects.filter(
        scheme=Identifier.Scheme.ISBN,
        value__in=wanted,
        work__in=access.works(actor).filter(withdrawn_at__isnull=True, merged_into__isnull=True),
    )
    found: dict[str, list[int]] = {}
    for value, key in rows.values_list("value", "work_id").order_by("value", "work_id"):
        found.setdefault(value, []).append(key)
    return found


def copy_to(file: BinaryIO, actor: Actor) -> int:
    """Write every work that may be a candidate as COPY does, for `registry.linkage.bulk`; returns the bytes."""
    keys, parameters = visible_keys(actor)
    written = 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, false)", [COPY_MEMORY])
        try:
            with cursor.copy(f"COPY ({statement(keys)}) TO STDOUT", parameters) as copy:
                for block in copy:
                    written += file.write(block)
        finally:
            cursor.execute("RESET work_mem")
    return written
