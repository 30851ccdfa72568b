"""A sub-licence as its licensors see it: to whom, for what, until when; what was said about it, and saying more."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from licensing import access
from licensing.models import Agreement, PassedOn
from licensing.selectors.natural import natural
from licensing.services import sublicences
from licensing.web import agreements_sheet
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, cut, member_page

State = PassedOn.State
WORKS_PER_PAGE = 50
TAKES: dict[str, Callable[..., Any]] = {
    "object": sublicences.object_to,
    "answer": sublicences.answer,
    "settle": sublicences.settle,
}
# what the licensors of a sub-licence may know of its terms: what is done with their works, not what is paid for it
SHOWN = frozenset({"uses", "purposes", "territory", "days", "sublicensing", "output_limits", "survival"})


class MessageForm(AccessibleForm):
    """What is said."""

    message = forms.CharField(
        label=gettext_lazy("Message"), max_length=sublicences.MAX_MESSAGE, widget=forms.Textarea(attrs={"rows": 5})
    )


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def sublicence(request: HttpRequest, public_id: str) -> HttpResponse:
    """One sub-licence with its thread; posting says the next thing."""
    actor = actor_of(request)
    found = access.sublicence(actor, public_id)
    steps = steps_of(actor, found)
    grants = access.sublicence_grants(actor, found).order_by(natural("work__title"), "pk")
    form = MessageForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        actor.require_writer()
        step = request.POST.get("step", "")
        if step not in TAKES:
            raise NotFound("There is no such step.")
        if form.is_valid() and _take(step, found, form, actor):
            messages.success(request, said(step))
            return redirect("sublicence", public_id=found.public_id)
        steps = [step, *(each for each in steps if each != step)]
    context = {
        "row": found,
        "agreement": found.agreement,
        "terms": [row for row in agreements_sheet.sheet(found.agreement.terms) if row.key in SHOWN],
        "is_holder": found.holder == actor.organisation,
        "is_party": found.agreement.granted_by == actor.organisation,
        "thread": found.steps.select_related("organisation", "user", "entry"),
        "steps": steps,
        "form": form,
        "page": cut(grants, request, WORKS_PER_PAGE),
    }
    return render(request, "licensing/sublicence.html", context, status=422 if form.errors else 200)


def steps_of(actor: Actor, found: PassedOn) -> list[str]:
    """What this actor may say next, the most likely first."""
    if not actor.may_write:
        return []
    possible = {step for step, states in sublicences.AFTER.items() if State(found.state) in states}
    if found.holder == actor.organisation:
        running = found.agreement.state == Agreement.State.RUNNING
        steps = ["settle"] if State.SETTLED in possible else []
        return [*steps, "object"] if State.OBJECTED in possible and running else steps
    return ["answer"] if State.ANSWERED in possible else []


def _take(step: str, found: PassedOn, form: MessageForm, actor: Actor) -> bool:
    try:
        TAKES[step](found, message=form.cleaned_data["message"], actor=actor)
    except InvalidInput as error:
        form.add_service_errors(error)
    except ColophonError as error:
        form.add_error(None, error.sentence)
    return not form.errors


def said(step: str) -> str:
    """What is said once a step is on record."""
    return {
        "object": _("Your objection is on record, and whoever passed the licence on is told."),
        "answer": _("Your answer is on record, and whoever objected is told."),
        "settle": _("It is on record that your objection is settled."),
    }[step]
