"""Pages of the register of a firm's use of providers' models: declared, approved, ended, and what contradicts it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

import registry.access
from licensing import output_access
from licensing.models import UseDeclaration
from licensing.selectors import declaration_check
from licensing.services import use_declarations
from licensing.services.opinions import may_answer
from licensing.services.use_declarations import Declared
from licensing.web import output_words
from licensing.web.forms import DayField
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import AIModel, Dataset, Party
from registry.templatetags.registry_words import named
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, cut, member_page


class DeclarationForm(AccessibleForm):
    """Which model of whom is used for what, under which terms, and where its output may go."""

    title = forms.CharField(label=gettext_lazy("What it is"), max_length=200)
    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    model = forms.ChoiceField(label=gettext_lazy("Model"), required=False)
    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"), choices=lambda: output_words.choices("declared"))
    destinations = forms.MultipleChoiceField(
        label=gettext_lazy("Its output may go into"),
        choices=lambda: output_words.choices("destination"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: nowhere. Output found elsewhere contradicts it."),
    )
    datasets = forms.CharField(
        label=gettext_lazy("Only these datasets"),
        required=False,
        help_text=gettext_lazy("By their names, or as in their addresses, with commas. Empty: any of yours."),
    )
    models_trained = forms.CharField(
        label=gettext_lazy("Only these models of yours"),
        required=False,
        help_text=gettext_lazy("With commas. Empty: any."),
    )
    account = forms.CharField(label=gettext_lazy("Account"), required=False, max_length=200)
    acceptance = forms.ChoiceField(
        label=gettext_lazy("The provider's terms"),
        choices=lambda: output_words.choices("accepting"),
        initial="unknown",
    )
    terms = forms.ChoiceField(label=gettext_lazy("Version that was accepted"), required=False)
    accepted_on = DayField(label=gettext_lazy("Accepted on"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=use_declarations.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *arguments: Any, actor: Actor, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.actor = actor
        self.models = {
            row.slug: row for row in AIModel.objects.select_related("developer").order_by("developer__name", "name")
        }
        makers = {row.developer_id for row in self.models.values()}
        makers |= set(output_access.providers().values_list("pk", flat=True))
        self.providers = {row.public_id: row for row in Party.objects.filter(pk__in=makers).order_by("name")}
        self.versions = {row.key: row for row in output_access.provider_terms()}
        self._offer("provider", [("", "–"), *((key, named(row)) for key, row in self.providers.items())])
        models = [(slug, f"{named(row.developer)}: {named(row)}") for slug, row in self.models.items()]
        self._offer("model", [("", _("any of this provider")), *models])
        self._offer("terms", [("", "–"), *((key, row.title) for key, row in self.versions.items())])

    def _offer(self, name: str, rows: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = rows

    def clean_datasets(self) -> list[Any]:
        """The datasets of these short names, or of these names, that the actor may see."""
        return [self._dataset(said) for said in _split(self.cleaned_data["datasets"])]

    def _dataset(self, said: str) -> Dataset:
        visible = registry.access.datasets(self.actor)
        found = list(visible.filter(slug=said)) or list(visible.filter(name=said)[:2])
        if not found:
            raise forms.ValidationError(_("There is no dataset “%(slug)s”.") % {"slug": said})
        if len(found) > 1:
            cause = _("Several datasets are called “%(name)s”: write it as in the address of the one you mean.")
            raise forms.ValidationError(cause % {"name": said})
        return found[0]

    def declared(self) -> Declared:
        """What was typed, as the service takes it."""
        data = self.cleaned_data
        plain = {name: data[name] for name in ("title", "purpose", "destinations", "account", "acceptance", "note")}
        return Declared(
            **plain,
            provider=self.providers[data["provider"]],
            model=self.models.get(data["model"]),
            terms=self.versions.get(data["terms"]),
            accepted_on=data["accepted_on"],
            datasets=data["datasets"],
            models_trained=_split(data["models_trained"]),
        )


class ApproveForm(AccessibleForm):
    """From when on it covers output."""

    begins_on = DayField(label=gettext_lazy("Covers output from"), help_text=gettext_lazy("Empty: today. Not earlier."))


class EndForm(AccessibleForm):
    """Its last day, and why it ends."""

    ended_on = DayField(label=gettext_lazy("Last day"), help_text=gettext_lazy("Empty: today."))
    reason = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class DiscardForm(AccessibleForm):
    """Nothing is asked: that it is sent is the answer."""


# step → its form, what carries it out, what is said afterwards
STEPS: dict[str, tuple[type[AccessibleForm], Callable[..., Any], str | Promise]] = {
    "approve": (ApproveForm, use_declarations.approve, gettext_lazy("The use is approved.")),
    "end": (EndForm, use_declarations.end, gettext_lazy("The use has ended.")),
    "discard": (DiscardForm, use_declarations.discard, gettext_lazy("The draft is gone.")),
}


def _split(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _initial(row: UseDeclaration) -> dict[str, Any]:
    return {
        "title": row.title,
        "provider": row.provider.public_id,
        "model": row.model.slug if row.model else "",
        "purpose": row.purpose,
        "destinations": row.destinations,
        "datasets": ", ".join(row.datasets.values_list("slug", flat=True)),
        "models_trained": ", ".join(row.models_trained),
        "account": row.account,
        "acceptance": row.acceptance,
        "terms": row.terms.key if row.terms else "",
        "accepted_on": row.accepted_on,
        "note": row.note,
    }


@member_page
@require_safe
def declaration_list(request: HttpRequest) -> HttpResponse:
    """The register, newest first, and the datasets that contradict it."""
    actor = actor_of(request)
    context = {
        "page": cut(output_access.use_declarations(actor), request),
        "flagged": declaration_check.flagged(actor),
        "may_write": actor.may_write,
    }
    return render(request, "licensing/declarations.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_declaration(request: HttpRequest) -> HttpResponse:
    """Declare a use; what was typed stays typed when something is wrong."""
    actor = actor_of(request)
    actor.require_writer()
    form = DeclarationForm(request.POST if request.method == "POST" else None, actor=actor)
    if form.is_valid():
        try:
            row = use_declarations.draft(form.declared(), actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            return redirect("declaration", public_id=row.public_id)
    return render(request, "licensing/declaration_new.html", {"form": form}, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def amend_declaration(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change a draft."""
    actor = actor_of(request)
    row = output_access.use_declaration(actor, public_id)
    actor.require_writer()
    if row.state != UseDeclaration.State.DRAFT:
        raise Conflict("What was approved is not edited: end it, and declare another use.")
    form = DeclarationForm(request.POST if request.method == "POST" else None, actor=actor, initial=_initial(row))
    if form.is_valid():
        try:
            use_declarations.amend(row, form.declared(), actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            return redirect("declaration", public_id=row.public_id)
    context = {"form": form, "declaration": row}
    return render(request, "licensing/declaration_new.html", context, status=422 if form.errors else 200)


@member_page
@require_safe
def declaration(request: HttpRequest, public_id: str) -> HttpResponse:
    """One use with its steps, and what is to be done next."""
    actor = actor_of(request)
    row = output_access.use_declaration(actor, public_id)
    context = {
        "declaration": row,
        "events": row.events.select_related("user", "entry"),
        "parts": output_access.generated_parts(actor).filter(declaration=row),
        "may_write": actor.may_write,
        "may_approve": may_answer(actor) and row.state == UseDeclaration.State.DRAFT,
        "may_end": actor.may_write and row.state == UseDeclaration.State.APPROVED,
    }
    return render(request, "licensing/declaration.html", context)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, public_id: str, step: str) -> HttpResponse:
    """Approve a draft or discard it, or end an approved use."""
    actor = actor_of(request)
    row = output_access.use_declaration(actor, public_id)
    if step == "approve" and not may_answer(actor):
        raise NotAllowed("A use is approved by an owner or a lawyer of your organisation.")
    if step != "approve":
        actor.require_writer()
    shape, take, said = STEPS[step]
    form = shape(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            take(row, actor=actor, **form.cleaned_data)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, str(said))
            return redirect("declarations") if step == "discard" else redirect("declaration", public_id=row.public_id)
    context = {"form": form, "declaration": row, "step": step}
    return render(request, "licensing/declaration_step.html", context, status=422 if form.errors else 200)
