"""The facts of many works for their cases: a statement of SQL a table, whatever the number of works."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from licensing.selectors import cases
from registry.models import Contribution, Identifier, Registration, Work

COLUMNS = ("pk", "public_id", "kind", "authorship", "first_published", "country", "renewed")


def facts(pks: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Work pk → its facts, as `cases.work_facts` gives them for a work that was found as such; by public id."""
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
