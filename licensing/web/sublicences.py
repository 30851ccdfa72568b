"""Passing a licence on: what it rests on, what rests on it, and the form that gives a part of it to somebody."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from licensing import access
from licensing.models import Agreement, PassedOn
from licensing.rules.agreement import Sublicensing
from licensing.services import agreements
from licensing.services.agreements import Concluded
from licensing.services.assertions import today
from licensing.services.terms_input import read_terms
from licensing.web.agreements_forms import TermsForm, initial_of
from licensing.web.listed_works import ListedField, listed_works
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput
from registry.models import Organisation
from registry.web.pages import actor_of, member_page

MOST_LINKS = 20  # of a chain; longer ones are not shown to their root
LEAD = ("licensee", "which", "listed")
OF_THE_LICENSEE = ("circular_sublicence", "not_an_affiliate")  # refusals that another licensee would mend
# how a clause that goes beyond the licence begins (licensing.rules.agreement_algebra) → the field it is about
CLAUSES = {
    "uses": "uses",
    "purposes": "purposes",
    "territory": "territory",
    "begins": "valid_from",
    "has no first day": "valid_from",
    "ends": "valid_to",
    "has no last day": "valid_to",
    "licensee kinds": "licensee_kinds",
    "affiliates": "affiliates",
    "models": "models",
    "products": "products",
    "is exclusive": "exclusive",
    "sub-licensing": "sublicensing",
    "trained weights": "survival",
    "attribution": "attribution",
    "audit": "audit",
    "output limits": "output_note",
    "output of": "verbatim_words",
}


@dataclass(frozen=True)
class Chain:
    """What an agreement rests on, the root first, and what rests on it: agreements of others as licensors see them."""

    above: list[Agreement | None]  # None: one of which the reader is no party
    below: list[Agreement]
    told: list[PassedOn]  # further ones that rest on it, of which the reader is no party but was told

    def __bool__(self) -> bool:
        return bool(self.above or self.below or self.told)


def chain(actor: Actor, found: Agreement) -> Chain:
    """The chain of sub-licences through one agreement, as far as this actor may see it."""
    visible = access.agreements(actor)
    above: list[Agreement | None] = []
    at = found.under
    while at is not None and len(above) < MOST_LINKS:
        above.append(visible.filter(pk=at.pk).first())
        at = at.under
    below = list(visible.filter(under=found).order_by("pk"))
    told = access.sublicences(actor).filter(over=found, holder=actor.organisation).order_by("pk")
    return Chain(above[::-1], below, list(told))


def told_above(actor: Actor, found: Agreement) -> list[PassedOn]:
    """Of a sub-licence that the actor gave: the licensors above it who were told, and whether they object."""
    return list(access.sublicences(actor).filter(agreement=found, agreement__granted_by=actor.organisation))


def why_not(found: Agreement, actor: Actor) -> str:
    """Why the actor cannot pass a licence on, as one sentence; "" where it can be tried."""
    if found.licensee != actor.organisation:
        return _("Only the licensee can pass a licence on.")
    if found.terms.get("sublicensing", Sublicensing.NONE) == Sublicensing.NONE:
        return _("This licence may be passed on to nobody.")
    if found.state != Agreement.State.RUNNING or found.revoked_at is not None:
        return _("This licence has ended, so there is nothing to pass on.")
    return ""


class PassOnForm(TermsForm):
    """To whom, for which works and on which terms a licence is passed on."""

    licensee = forms.CharField(
        label=gettext_lazy("To whom"),
        max_length=80,
        help_text=gettext_lazy("The short name of the organisation: example-lab."),
    )
    which = forms.ChoiceField(
        label=gettext_lazy("For which works"),
        choices=[
            ("all", gettext_lazy("all works of this licence")),
            ("listed", gettext_lazy("those in this list")),
        ],
        initial="all",
        widget=forms.RadioSelect,
    )
    listed = ListedField(
        label=gettext_lazy("List of works"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One a line: an ISBN, a DOI, another identifier, or a work's number here."),
    )

    def __init__(self, *arguments: Any, **names: Any) -> None:
        super().__init__(*arguments, **names)
        self.fields["fee_model"].required = True
        self.fields["fee_model"].error_messages["required"] = _("Say what is paid, also where it is free.")

    def clean_licensee(self) -> Organisation:
        """The organisation with this short name."""
        found = Organisation.objects.filter(slug=self.cleaned_data["licensee"].strip().lower()).first()
        if found is None:
            raise forms.ValidationError(_("There is no organisation of this short name."))
        return found

    def clean(self) -> dict[str, Any]:
        """A list where one is meant."""
        data = super().clean()
        if data.get("which") == "listed" and not data.get("listed") and "listed" not in self.errors:
            self.add_error("listed", _("List at least one work."))
        return data

    def lead(self) -> list[Any]:
        """The fields above the terms."""
        return [self[name] for name in LEAD]

    def add_terms_errors(self, error: InvalidInput) -> None:
        """Faults beside their fields; what goes beyond the licence stands with the clause it is about."""
        beyond = [fault for fault in error.errors if fault["pointer"] == "/terms"]
        for fault in beyond:
            clause = fault["cause"].partition(": ")[2]
            self.add_error(next((CLAUSES[word] for word in CLAUSES if clause.startswith(word)), None), fault["cause"])
        others = [fault for fault in error.errors if fault not in beyond]
        if others or not beyond:
            super().add_terms_errors(InvalidInput(error.sentence, errors=others))


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def pass_on(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give a part of what a licence permits to somebody else, where the licence allows that."""
    actor = actor_of(request)
    found = access.agreement(actor, public_id)
    actor.require_writer()
    if reason := why_not(found, actor):
        raise Conflict(reason)
    form = PassOnForm(request.POST if request.method == "POST" else None, initial=_initial(found))
    if form.is_valid() and (made := _pass_on(form, found, actor)) is not None:
        _say(request, made)
        return redirect("licence-agreement", public_id=made.agreement.public_id)
    context = {"agreement": found, "form": form, "chain": chain(actor, found)}
    return render(request, "licensing/agreement_pass_on.html", context, status=422 if form.errors else 200)


def _initial(found: Agreement) -> dict[str, Any]:
    """The most that can be passed on from today; what is paid is another matter, and nothing is passed on further."""
    begins = max(filter(None, [found.valid_from, today()]))
    own = {"fee": None, "exclusive": False, "sublicensing": "none", "valid_from": begins.isoformat()}
    return initial_of(dict(found.terms) | own)


def _pass_on(form: PassOnForm, found: Agreement, actor: Actor) -> Concluded | None:
    data = form.cleaned_data
    works = [work.pk for work in listed_works(form, actor)] if data["which"] == "listed" else None
    if form.errors:
        return None
    try:
        terms = read_terms(form.to_terms())
        return agreements.sublicense(found, licensee=data["licensee"], terms=terms, works=works, actor=actor)
    except InvalidInput as error:
        form.add_terms_errors(error)
    except ColophonError as error:
        form.add_error("licensee" if error.facts.get("reason") in OF_THE_LICENSEE else None, error.sentence)
    return None


def _say(request: HttpRequest, made: Concluded) -> None:
    messages.success(request, _("The licence is passed on. It ends at the latest when this one ends."))
    if made.left_out:
        number = len(made.left_out)
        said = ngettext(
            "%(number)d work is not in it, because this licence does not reach it.",
            "%(number)d works are not in it, because this licence does not reach them.",
            number,
        )
        messages.warning(request, said % {"number": number})
