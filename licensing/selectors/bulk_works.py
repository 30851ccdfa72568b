"""The facts of many works for their cases: a statement of SQL a table, whatever the number of works."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from licensing.selectors import cases
from registry.models import Contribution, Identifier, Registration, Work

Some = QuerySet[Any] | RawSQL

COLUMNS = ("pk", "public_id", "kind", "authorship", "first_published", "country", "renewed")


def among(keys: Iterable[int]) -> RawSQL:
    """Keys for an `__in`, as one array and as its text: ten thousand parameters, or an array that the driver spells
    number by number, take longer to write than their rows to read."""
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, keys))}}}"])


class Known(NamedTuple):
    """What is recorded of a work, as far as a case asks: `cases.facts_of` takes the columns and the three lists."""

    pk: int
    # public id, kind, authorship, first published, country, renewed
    columns: tuple[str, str, str, str, str, bool | None]
    authors: Sequence[tuple[str, str]]  # name, died
    isbn: list[str]
    registrations: Sequence[tuple[str, Any]]  # office, date

    def facts(self) -> dict[str, Any]:
        """The `work` of a case, as `cases.work_facts` gives it for a work that was found as such."""
        return cases.facts_of(self.columns, self.authors, self.isbn, self.registrations)


def read(keys: Sequence[int]) -> Iterator[Known]:
    """What is recorded of these works, by public id. Everything is read when the first is given out."""
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
    for row in works:
        pk = row[0]
        yield Known(pk, row[1:], authors.get(pk, ()), isbn.get(pk, []), registered.get(pk, ()))
