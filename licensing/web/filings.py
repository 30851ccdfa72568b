"""Drafts of filings about synthetic data: chosen on a page, read there, taken away as a file."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

import ingest.access
import registry.access
from licensing.formats.filing import FORMS, Filing
from licensing.selectors import filing_facts
from licensing.services import filings
from registry.actors import Actor
from registry.errors import InvalidInput
from registry.templatetags.registry_words import named
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page

KINDS = (
    ("eu-summary", gettext_lazy("EU: public summary of training content, section 2.5 (AI Act, Article 53(1)(d))")),
    ("ab2013", gettext_lazy("California: synthetic data generation (AB 2013, Civil Code § 3111)")),
)
FIELDS = ("kind", "name", "model", "dataset")


class FilingForm(AccessibleForm):
    """What is to be drafted, about which system and data."""

    kind = forms.ChoiceField(label=gettext_lazy("Filing"), choices=KINDS, widget=forms.RadioSelect)
    name = forms.CharField(
        label=gettext_lazy("What your system or model is called"), required=False, max_length=filings.MAX_NAME
    )
    model = forms.ChoiceField(label=gettext_lazy("Model in the catalogue"), required=False)
    dataset = forms.MultipleChoiceField(
        label=gettext_lazy("Datasets that train it"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *arguments: Any, actor: Actor, chosen: list[str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        models = filing_facts.own_models(actor)
        rows = {row.slug: row for row in filings.chosen_datasets(actor)}
        rows |= {row.slug: row for row in registry.access.datasets(actor).filter(slug__in=chosen)}
        offered = {
            "model": [("", "–"), *((row.slug, named(row)) for row in models)],
            "dataset": [(slug, named(row)) for slug, row in rows.items()],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        if not models:
            del self.fields["model"]
        self.has_choice = bool(rows or models)


@member_page
@require_safe
def filing(request: HttpRequest) -> HttpResponse:
    """Choose what to draft; what is drafted stands below with its files."""
    actor = actor_of(request)
    asked = "kind" in request.GET
    form = FilingForm(request.GET if asked else None, actor=actor, chosen=_chosen(request))
    drafted: Filing | None = None
    if asked and form.is_valid():
        data = form.cleaned_data
        try:
            drafted = filings.draft(
                data["kind"], actor=actor, datasets=data["dataset"], model=data.get("model", ""), name=data["name"]
            )
        except InvalidInput as error:
            for fault in error.errors:
                field = fault.get("parameter")
                form.add_error(field if field in form.fields else None, fault["cause"])
    context = {"form": form, "filing": drafted, "files": _files(request, drafted) if drafted else []}
    return render(request, "licensing/filings.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> list[str]:
    return [slug for slug in request.GET.getlist("dataset") if "\0" not in slug][: filings.MAX_DATASETS]


def _files(request: HttpRequest, drafted: Filing) -> list[tuple[str, str]]:
    """Form → the query of its file."""
    query = [(name, value) for name in FIELDS[1:] for value in request.GET.getlist(name) if value]
    return [(form, f"/filings/{drafted.kind}.{form}?{urlencode(query)}") for form in FORMS]


@member_page
@require_safe
def filing_file(request: HttpRequest, kind: str, form: str) -> HttpResponse:
    """The draft as a file."""
    get = request.GET
    found = filings.draft(
        kind, actor=actor_of(request), datasets=_chosen(request), model=get.get("model", ""), name=get.get("name", "")
    )
    return answer(found, form)


@member_page
@require_safe
def sampling_record(request: HttpRequest, public_id: str, form: str) -> HttpResponse:
    """The sampling record of one audit, after GB/T 45654, as a file."""
    return answer(filings.sampling_record(ingest.access.audit(actor_of(request), public_id)), form)


def answer(found: Filing, form: str) -> HttpResponse:
    """The file to be saved; never shown as a page of the site."""
    disposition = content_disposition_header(as_attachment=True, filename=filings.file_name(found, form)) or ""
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return HttpResponse(filings.file(found, form), content_type=filings.media_type(form), headers=headers)
