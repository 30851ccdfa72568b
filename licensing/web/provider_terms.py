"""Pages about providers' terms: which applied when, their versions over time, and one version with its clauses."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from licensing import output_access
from licensing.rules.facts import Bound
from licensing.selectors import provider_terms
from licensing.services.assertions import today
from licensing.web import output_words, terms_pictures
from licensing.web.forms import DayField, PlaceField
from licensing.web.legal_questions import asked_in
from registry.models import AIModel
from registry.templatetags.registry_words import named
from registry.web.forms import AccessibleForm
from registry.web.pages import page


class AppliedForm(AccessibleForm):
    """Whose model, on which day, and whether the terms had been accepted."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    model = forms.ChoiceField(
        label=gettext_lazy("Model"),
        required=False,
        help_text=gettext_lazy("A model with a licence of its own stands under that alone."),
    )
    on = DayField(label=gettext_lazy("Output of the day"), required=True)
    acceptance = forms.ChoiceField(
        label=gettext_lazy("Whoever made it"), choices=lambda: output_words.choices("acceptance"), initial="unknown"
    )
    account = forms.ChoiceField(
        label=gettext_lazy("Account"), choices=lambda: output_words.choices("account"), required=False
    )
    territory = PlaceField(
        label=gettext_lazy("Country of the account"),
        required=False,
        max_length=8,
        help_text=gettext_lazy("Some terms are for some countries only: DE, CH, US. Empty: all of them."),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.providers = {row.key: row for row in output_access.providers()}
        models = AIModel.objects.filter(developer__in=self.providers.values()).select_related("developer")
        self.models = {row.slug: row for row in models.order_by("developer__name", "name")}
        for name, rows in (
            ("provider", [(key, named(row)) for key, row in self.providers.items()]),
            ("model", [("", _("any other")), *((slug, _named_of(row)) for slug, row in self.models.items())]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = rows

    def clean(self) -> dict[str, Any]:
        """A model is asked about with its own provider."""
        data = super().clean() or self.cleaned_data
        chosen = self.models.get(data.get("model") or "")
        if chosen is not None and data.get("provider") != chosen.developer.key:
            self.add_error("model", _("This is not a model of the chosen provider."))
        return data


def _named_of(row: AIModel) -> str:
    return f"{named(row.developer)}: {named(row)}"


@page
@require_safe
def terms_of_providers(request: HttpRequest) -> HttpResponse:
    """Who has terms on record, and the question which of them applied to output of a day."""
    is_asked = "on" in request.GET or "provider" in request.GET
    form = AppliedForm(request.GET if is_asked else None, initial={"on": today()})
    answer = None
    if is_asked and form.is_valid():
        data = form.cleaned_data
        answer = provider_terms.applied_on(
            form.providers[data["provider"]],
            data["on"],
            model=form.models.get(data["model"]),
            acceptance=Bound(data["acceptance"]),
            territory=data["territory"],
            account=data["account"],
        )
    questions = {row.key: row for row in output_access.legal_questions()}
    asked = answer.questions if answer else ()
    context = {
        "form": form,
        "answer": answer,
        "questions": [(asked_in(row), row) for key in asked if (row := questions.get(key))],
        "providers": output_access.providers(),
    }
    return render(request, "licensing/provider_terms.html", context, status=422 if form.errors else 200)


@page
@require_safe
def terms_of_provider(request: HttpRequest, key: str) -> HttpResponse:
    """A provider's documents, each with its versions in order and what changed between them."""
    provider = output_access.provider(key)
    streams = provider_terms.timeline(provider)
    context = {"provider": provider, "streams": streams, "picture": terms_pictures.draw(streams, today())}
    return render(request, "licensing/provider_terms_of.html", context)


@page
@require_safe
def terms_version(request: HttpRequest, public_id: str) -> HttpResponse:
    """One version: its days, where its text was read, its clauses about output."""
    found = output_access.terms_version(public_id)
    return render(request, "licensing/terms_version.html", {"terms": found, "clauses": found.clauses.all()})
