"""The page of a rightsholder about a class settlement: which works would be on its list, which not, and why."""

import csv
import io
from collections import Counter
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

import registry.access
from licensing.selectors import eligibility
from licensing.selectors.eligibility import ClassList, Judged
from licensing.selectors.notices import datasets_for
from licensing.web.forms import DayField
from registry.actors import ANONYMOUS
from registry.models import Dataset, Organisation, Proceeding, Source
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page

ROWS_PER_PAGE = 50
ANSWERS = {True: "eligible", False: "not_eligible", None: "open"}
COLUMNS = (
    "work", "title", "isbn", "first_published", "answer", "why", "conditions", "downloaded", "list", "list_of",
    "authority",
)  # fmt: skip


class EligibilityForm(AccessibleForm):
    """Which list, which works, and when the copy was made."""

    which = forms.ChoiceField(label=_("List"))
    dataset = forms.ChoiceField(label=_("Works"), required=False)
    downloaded = DayField(
        label=_("Copy downloaded on"), help_text=_("A registration counts that was made before. Empty: not known.")
    )
    list_of = DayField(
        label=_("Day of the list"), required=True, help_text=_("What was registered after it does not count.")
    )

    def __init__(self, *arguments: Any, datasets: list[Dataset], **names: Any) -> None:
        super().__init__(*arguments, **names)
        lists = [(row.key, row.name) for row in eligibility.class_lists().values()]
        own = [("", _("all works you speak for")), *((row.slug, str(row)) for row in datasets)]
        for name, options in (("which", lists), ("dataset", own)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = options
        if len(lists) == 1:
            self.fields["which"].widget = forms.HiddenInput()


@member_page
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The answers for the organisation's works, those on the list first; `?format=csv` for all of them as a table."""
    organisation = actor_of(request).organisation
    assert organisation is not None
    known = datasets_for(organisation)
    form = _form(request, known)
    context: dict[str, Any] = {"form": form, "known": known}
    if form.is_valid():
        found = eligibility.class_lists()[form.cleaned_data["which"]]
        rows = _rows(form, organisation, known)
        if request.GET.get("format") == "csv":
            return _csv(found, form, rows)
        context |= _context(request, found, rows)
    return render(request, "licensing/eligibility.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, known: list[Dataset]) -> EligibilityForm:
    """What was asked; the days that were not given are those of the list."""
    lists = eligibility.class_lists()
    chosen = lists.get(request.GET.get("which", "")) or next(iter(lists.values()))
    copied = chosen.copy_from(request.GET.get("dataset", ""))
    days = {"downloaded": copied.first_day().isoformat(), "list_of": chosen.snapshot_on.isoformat()}
    given = {name: request.GET[name] for name in ("which", "dataset", "downloaded", "list_of") if name in request.GET}
    return EligibilityForm({"which": chosen.key} | days | given, datasets=known)


def _rows(form: EligibilityForm, organisation: Organisation, known: list[Dataset]) -> list[Judged]:
    data = form.cleaned_data
    dataset = next((row for row in known if row.slug == data["dataset"]), None)
    works = eligibility.works(organisation, dataset)
    rows = list(eligibility.judged(works, downloaded=data["downloaded"], list_of=data["list_of"]))
    return sorted(rows, key=lambda row: list(ANSWERS).index(row.answer.eligible))


def _context(request: HttpRequest, found: ClassList, rows: list[Judged]) -> dict[str, Any]:
    counts = Counter(ANSWERS[row.answer.eligible] for row in rows)
    sources = {row.key: row for row in Source.objects.filter(key__in=found.sources)}
    slugs = [copy.dataset for copy in found.copies]
    names = {row.slug: str(row) for row in registry.access.datasets(ANONYMOUS).filter(slug__in=slugs)}
    query = request.GET.copy()
    query["format"] = "csv"
    query.pop("page", None)
    return {
        "list": found,
        "proceeding": Proceeding.objects.filter(key=found.proceeding).first(),
        "copies": [(names.get(copy.dataset, copy.dataset), copy) for copy in found.copies],
        "sources": [sources[key] for key in found.sources if key in sources],
        "counts": [(code, counts[code]) for code in ANSWERS.values()],
        "total": len(rows),
        "page": Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page")),
        "csv": query.urlencode(),
    }


def _csv(found: ClassList, form: EligibilityForm, rows: list[Judged]) -> HttpResponse:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    downloaded, list_of = form.cleaned_data["downloaded"], form.cleaned_data["list_of"]
    for row in rows:
        work, answer = row.work, row.answer
        isbn = " ".join(one.value for one in work.identifiers.all() if one.scheme == "isbn")
        conditions = " ".join(f"{step.code}={_said(step.holds)}" for step in answer.steps)
        said = [work.public_id, work.title, isbn, work.first_published, ANSWERS[answer.eligible], answer.sentence]
        writer.writerow(map(_cell, [*said, conditions, downloaded or "", found.key, list_of, answer.authority]))
    headers = {"Content-Disposition": content_disposition_header(True, f"eligibility-{found.key}.csv") or ""}
    return HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _said(holds: bool | None) -> str:
    return {True: "yes", False: "no", None: "open"}[holds]
