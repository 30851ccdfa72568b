"""Pages about a dataset's generated parts: whose terms reach it, and what its owner records of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing import output_access
from licensing.rules.facts import Bound
from licensing.rules.terms import Purpose, Use
from licensing.selectors import audit_shares, declaration_check, output_terms
from licensing.selectors.output_terms import OutputAnswer, OutputQuestion
from licensing.services import generated_parts
from licensing.services.assertions import today
from licensing.services.generated_parts import Part
from licensing.web import legal_questions, output_words, words
from licensing.web.forms import DayField, PlaceField, choices
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import AIModel
from registry.templatetags.registry_words import named
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, member_page, page

COMPETING = {"": None, "yes": True, "no": False}


class QuestionForm(AccessibleForm):
    """What is to be done with the dataset."""

    use = forms.ChoiceField(label=gettext_lazy("Use"), choices=lambda: choices(words.USES, Use), initial="fine_tuning")
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"), choices=lambda: choices(words.PURPOSES, Purpose), initial="commercial"
    )
    competing = forms.ChoiceField(
        label=gettext_lazy("The model would compete with the provider's"),
        required=False,
        choices=lambda: [("", _("not recorded")), ("yes", _("yes")), ("no", _("no"))],
    )
    released = forms.BooleanField(label=gettext_lazy("What is made is released"), required=False)
    acceptance = forms.ChoiceField(
        label=gettext_lazy("Whoever uses it"),
        required=False,
        choices=lambda: [("", _("as your declarations say")), *output_words.choices("acceptance")],
    )
    territory = PlaceField(
        label=gettext_lazy("Country of the account"),
        required=False,
        max_length=8,
        help_text=gettext_lazy("Some terms are for some countries only: DE, CH, US. Empty: all of them."),
    )
    on = DayField(label=gettext_lazy("On"), help_text=gettext_lazy("Empty: today."))

    def question(self) -> OutputQuestion:
        """What was typed, as the selector takes it."""
        data = self.cleaned_data
        return OutputQuestion(
            use=data["use"],
            purpose=data["purpose"],
            territory=data["territory"],
            on=data["on"] or today(),
            competing=COMPETING[data["competing"]],
            released=data["released"],
            acceptance=Bound(data["acceptance"]) if data["acceptance"] else None,
        )


class PartForm(AccessibleForm):
    """What a model wrote of one's own dataset."""

    model = forms.ChoiceField(
        label=gettext_lazy("Model that wrote it"),
        help_text=gettext_lazy(
            "Take no other model for one that is not listed: its terms would be others. An operator of this registry"
            " adds it to the catalogue."
        ),
    )
    acquired = forms.ChoiceField(
        label=gettext_lazy("How you got it"), choices=lambda: output_words.choices("acquired"), widget=forms.RadioSelect
    )
    share_percent = forms.DecimalField(
        label=gettext_lazy("Share of the dataset, in per cent"), required=False, max_digits=5, decimal_places=2
    )
    records = forms.IntegerField(label=gettext_lazy("Records"), required=False)
    generated_from = DayField(label=gettext_lazy("First day of the output"))
    generated_to = DayField(
        label=gettext_lazy("Last day of the output"),
        help_text=gettext_lazy("Without a day nobody can say which version of the terms applied."),
    )
    prompts = forms.CharField(
        label=gettext_lazy("Where the prompts came from"),
        required=False,
        max_length=generated_parts.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    cleaning = forms.CharField(
        label=gettext_lazy("What was done to the output afterwards"),
        required=False,
        max_length=generated_parts.MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    declaration = forms.ChoiceField(label=gettext_lazy("Declared as"), required=False)

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        rows = AIModel.objects.select_related("developer").order_by("developer__name", "name")
        self.models = {row.slug: row for row in rows}
        self.declarations = {row.public_id: row for row in output_access.use_declarations(actor)}
        models = [(slug, f"{named(row.developer)}: {named(row)}") for slug, row in self.models.items()]
        declared = [("", _("no declaration")), *((key, row.title) for key, row in self.declarations.items())]
        for name, offered in (("model", models), ("declaration", declared)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = offered

    def part(self) -> Part:
        """What was typed, as the service takes it."""
        data = dict(self.cleaned_data)
        model, declaration = self.models[data.pop("model")], self.declarations.get(data.pop("declaration"))
        return Part(model=model, declaration=declaration, **data)


@page
@require_safe
def dataset_terms(request: HttpRequest, slug: str) -> HttpResponse:
    """Whose terms reach the dataset, through which path, and what that means for a use of it."""
    actor = actor_of(request)
    dataset = registry.access.dataset(actor, slug)
    form = QuestionForm(request.GET if "use" in request.GET else None)
    answer: OutputAnswer | None = None
    asked: OutputQuestion | None = None
    if not form.is_bound:
        asked = OutputQuestion("fine_tuning", "commercial", "", today())
    elif form.is_valid():
        asked = form.question()
    if asked is not None:
        answer = output_terms.judge(dataset, asked, actor)
    codes = [one.reason.code for one in answer.answers] if answer else []
    context = {
        "dataset": dataset,
        "form": form,
        "question": asked,
        "answer": answer,
        "cited": legal_questions.cited(actor, codes, asked.on) if asked else [],
        "findings": declaration_check.check(dataset, actor),
        "audits": audit_shares.for_page(dataset, actor.organisation),
        "is_own": actor.organisation is not None and dataset.organisation == actor.organisation,
    }
    return render(request, "licensing/dataset_terms.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_part(request: HttpRequest, slug: str) -> HttpResponse:
    """Record what a model wrote of one's own dataset."""
    actor = actor_of(request)
    dataset = registry.access.dataset(actor, slug)
    if actor.require_writer() != dataset.organisation:
        raise NotAllowed("What models wrote of a dataset is recorded by the organisation whose dataset it is.")
    form = PartForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_valid():
        try:
            generated_parts.record(dataset, form.part(), actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, _("It is recorded."))
            return redirect("dataset", slug=dataset.slug)
    context = {"form": form, "dataset": dataset}
    return render(request, "licensing/generated_new.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def withdraw_part(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a record back."""
    actor = actor_of(request)
    part = output_access.own_generated_part(actor, public_id)
    generated_parts.withdraw(part, actor=actor)
    messages.success(request, _("The record is taken back."))
    return redirect("dataset", slug=part.dataset.slug)
