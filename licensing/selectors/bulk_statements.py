"""What is said about many works, read by what is said: one statement of SQL a kind, whatever the number of works.

A publisher says the same of thousands of works. PostgreSQL groups the rows of a kind by everything that a case reads
of them; one row of each group is then read as `cases` reads it, and gives the words of all of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, DateField, Exists, F, IntegerField, Min, OuterRef, QuerySet, Value, When
from django.db.models.functions import TruncDate

from licensing.models import Grant
from licensing.models.assertions import Assertion
from licensing.selectors import cases, grouping, rival_grants
from licensing.selectors.bulk_works import Some, among
from licensing.selectors.settled import Settled
from registry.models import CounterSignature, Organisation, RightsClaim, Work

Json = dict[str, Any]

# Columns that no case reads: whatever is not named here tells statements apart.
UNREAD = frozenset({
    "id", "public_id", "work", "recorded_at", "withdrawn_at", "source_version", "source_address", "source_sha256",
    "statement", "demo", "entry", "agreement", "terms", "address", "at_most", "accepted", "agreed_terms",
    "holder", "evidence", "evidence_address", "evidence_sha256",
})  # fmt: skip


class Statements:
    """The statements about works: `forms` are their contents without ids, `works` and `ids` the works each is about
    and the ids of the statements, side by side."""

    def __init__(self) -> None:
        self.forms: list[Json] = []
        self.works: list[Sequence[int]] = []
        self.ids: list[Sequence[str]] = []

    def add(self, content: Json, works: Sequence[int], ids: Sequence[str]) -> None:
        """Statements of one content: the id of each, and the work that it is about."""
        if cases.in_force([content]):
            self.forms.append({name: value for name, value in content.items() if name != "id"})
            self.works.append(works)
            self.ids.append(ids)

    def about(self) -> dict[int, list[tuple[str, int]]]:
        """Work pk → the (id, form) of what is said of it, by id."""
        found: dict[int, list[tuple[str, int]]] = defaultdict(list)
        for number, (works, ids) in enumerate(zip(self.works, self.ids, strict=True)):
            for work, public_id in zip(works, ids, strict=True):
                found[work].append((public_id, number))
        for pairs in found.values():
            pairs.sort()
        return found


def of_works(
    works: Sequence[int] | QuerySet[Any], licensee: Organisation | None, *, with_ids: bool = True
) -> Statements:
    """The statements about these works that a question by the licensee may count; `works` may be a queryset of keys.

    Without ids, which take a third of the reading, `ids` is not to be read.
    """
    said = Statements()
    pks = works if isinstance(works, QuerySet) else among(works)
    settled = _settled(pks)
    if settled:
        _add_one_by_one(said, settled, licensee)
        pks = pks.exclude(pk__in=settled) if isinstance(pks, QuerySet) else among(set(works) - settled)
    signed = CounterSignature.objects.filter(claim=OuterRef("pk"), withdrawn_at__isnull=True)
    # whoever confirmed a claim is a matter of that claim alone
    alone = Case(When(Exists(signed), then=F("id")), default=Value(0), output_field=IntegerField())
    granted: list[int] = []
    claims = RightsClaim.objects.filter(work__in=pks).annotate(alone=alone)
    with grouping.by_hashing():
        _add_kind(said, claims, ["alone"], with_ids=with_ids)
        for model in cases.STATEMENTS:
            about = _add_kind(said, cases.countable(model, licensee).filter(work__in=pks), [], with_ids=with_ids)
            if model is Grant:
                granted = about
    for pk, rivals in rival_grants.of_works(among(granted), licensee).items() if granted else ():
        for row in rivals:
            said.add(row, [pk], [row["id"]])
    return said


def _settled(pks: Some) -> set[int]:
    """Works where a decision set a claim aside: it reaches other statements of that speaker, so they are read alone."""
    decided = RightsClaim.objects.filter(work__in=pks, set_aside_by__isnull=False)
    return set(decided.order_by().values_list("work_id", flat=True).distinct())


def _add_one_by_one(said: Statements, pks: Iterable[int], licensee: Organisation | None) -> None:
    works = list(cases.with_facts(Work.objects.filter(pk__in=pks)))
    for pk, rows in cases.assertions_about(works, licensee).items():
        for row in rows:
            said.add(row, [pk], [row["id"]])


def _add_kind(said: Statements, rows: QuerySet[Any], more: list[str], *, with_ids: bool) -> list[int]:
    """Add the statements, those of one content together; the works that they are about, each as often as it is."""
    model = rows.model
    read = [field.attname for field in model._meta.concrete_fields if field.name not in UNREAD]
    day = TruncDate("withdrawn_at", tzinfo=None, output_field=DateField())
    grouped = (
        rows.order_by()
        .annotate(withdrawn_on=day)
        .values(*read, *more, "withdrawn_on")
        .annotate(one=Min("pk"), works=ArrayAgg("work_id"))
    )
    if with_ids:
        found = list(grouped.annotate(ids=ArrayAgg("public_id")).values_list("one", "works", "ids"))
    else:
        found = [(one, works, []) for one, works in grouped.values_list("one", "works")]
    examples = _examples(model, [one for one, _, _ in found])
    nothing = Settled([])
    for one, works, ids in found:
        row = examples[one]
        content = cases.STATEMENTS[model](row, nothing) if model is not RightsClaim else cases.ownership(row, nothing)
        said.add(content, works, ids)
    return [work for _, works, _ in found for work in works]


def _examples(model: type[Assertion] | type[RightsClaim], pks: list[int]) -> dict[int, Any]:
    """One row of each group, with what a case reads of other tables."""
    rows: QuerySet[Any] = model._default_manager.filter(pk__in=among(pks)).order_by()
    if model is RightsClaim:
        rows = rows.select_related("asserted_by").prefetch_related(
            "set_aside_by", "counter_signatures__organisation"
        )  # fmt: skip
    else:
        rows = rows.select_related("asserted_by", *(["licensee"] if hasattr(model, "licensee") else []))
    return {row.pk: row for row in rows}
