"""Registered works as linkage knows them, in one statement: titles, people, years, publishers, ISBNs."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from django.db import connection

from registry import access
from registry.actors import Actor
from registry.linkage.bulk import work_of
from registry.linkage.facts import WorkFacts
from registry.models import Contribution, Edition, Identifier, Party, Work

COPY_MEMORY = "256MB"  # for sorting and hashing of one statement over the whole catalogue

_WORK, _EDITION, _IDENTIFIER = Work._meta.db_table, Edition._meta.db_table, Identifier._meta.db_table
_CONTRIBUTION, _PARTY = Contribution._meta.db_table, Party._meta.db_table


def visible_keys(actor: Actor) -> tuple[str, Sequence[Any]]:
    """SQL and parameters of the keys of works that may be candidates: what the actor may see and what stands."""
    rows = access.works(actor).filter(withdrawn_at__isnull=True, merged_into__isnull=True).order_by().values("id")
    return rows.query.sql_with_params()


def statement(keys: str) -> str:
    """A statement that gives every work of `keys` (SQL that selects ids) as one row of COLUMNS texts."""

    return _STATEMENT.replace("@keys", keys)


def _joined(value: str, order: str = "") -> str:
    """The aggregate of one column's values, with the separator between them."""
    return f"string_agg({value}, {_BETWEEN}{order and ' ORDER BY ' + order})"


_BETWEEN = r"E'\x1f'"
_OTHERS = (
    f"nullif(concat_ws({_BETWEEN}, nullif(party.name_zh, ''),"
    f" nullif(array_to_string(party.other_names, {_BETWEEN}), '')), '')"
)
_SAID = r"published || E'\x1e' || publisher"
# Tables, columns and separators of ours alone; `keys` is what Django made of a query
_STATEMENT = f"""
    WITH chosen AS MATERIALIZED (@keys)
    SELECT work.id, work.public_id, work.record_reference, work.title, work.subtitle, work.first_published,
      people.names, people.others, editions.titles, editions.said, identifiers.isbns
    FROM {_WORK} work JOIN chosen USING (id)
    LEFT JOIN (
      SELECT work_id, {_joined("party.name", "position, contribution.id")} AS names, {_joined(_OTHERS)} AS others
      FROM {_CONTRIBUTION} contribution JOIN {_PARTY} party ON party.id = party_id
      WHERE role <> 'translator' AND work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) people ON people.work_id = work.id
    LEFT JOIN (
      SELECT work_id, {_joined("nullif(title, '')")} AS titles, {_joined(_SAID)} AS said
      FROM {_EDITION} WHERE work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) editions ON editions.work_id = work.id
    LEFT JOIN (
      SELECT work_id, {_joined("value")} AS isbns
      FROM {_IDENTIFIER} WHERE scheme = 'isbn' AND work_id IN (SELECT id FROM chosen) GROUP BY work_id
    ) identifiers ON identifiers.work_id = work.id
"""  # noqa: S608


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
