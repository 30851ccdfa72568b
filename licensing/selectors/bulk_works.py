"""The facts of many works for their cases: a statement of SQL a table, whatever the number of works."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from licensing.selectors import cases
from registry.models import Contribution, Identifier, Registration, Work

Some = QuerySet[Any] | RawSQL

COLUMNS = ("pk", "public_id", "kind", "authorship", "first_published", "country", "renewed")


def among(keys: Iterable[int]) -> RawSQL:
    """Keys for an `__in`, as one array: ten thousand parameters take longer to write than their rows to read."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(keys)])


def facts(keys: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Work pk → its facts, as `cases.work_facts` gives them for a work that was found as such; by public id."""
    pks = among(keys)
    authors: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = Contribution.objects.filter(work__in=pks, role=Contribution.Role.AUTHOR).order_by("position", "id")
    for pk, name, died in rows.values_list("work_id", "party__name", "party__died"):
        authors[pk].append((name, died))
    isbn: dict[int, list[str]] = defaultdict(list)
    numbers = Identifier.objects.filter(work__in=pks, scheme=Identifier.Scheme.ISBN).order_by("value")
    for pk, value in numbers.values_list("work_id", "value"):
        isbn[pk].append(value)
    registered: dict[int, list[tuple[str, Any]]] = defaultdict(list)
    entries = Registration.objects.filter(work__in=pks, date__isnull=False).order_by("date")
    for pk, office, date in entries.values_list("work_id", "office", "date"):
        registered[pk].append((office, date))
    works = Work.objects.filter(pk__in=pks).order_by("public_id").values_list(*COLUMNS)
    return {
        pk: cases.facts_of(tuple(work), authors.get(pk, ()), isbn.get(pk, []), registered.get(pk, ()))
        for pk, *work in works
    }
