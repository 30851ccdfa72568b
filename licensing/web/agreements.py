"""Pages of agreements: what was agreed with whom, for which works, the document, and how it goes on or ends."""

import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from licensing import access
from licensing.models import Agreement
from licensing.selectors import licence_requests as selectors
from licensing.services import agreements
from licensing.services.assertions import today
from licensing.web import sublicences
from licensing.web.forms import DayField
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput
from registry.web.forms import AccessibleForm
from registry.web.pages import actor_of, cut, member_page

WORKS_PER_PAGE = 50
ENDING_DAYS = 60  # before its last day an agreement is shown as one that ends
State = Agreement.State


class RevokeForm(AccessibleForm):
    """From which day, and why."""

    from_day = DayField(
        label=gettext_lazy("From"),
        initial=today,
        required=True,
        help_text=gettext_lazy("The licence permits nothing from this day on."),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class RenewForm(AccessibleForm):
    """How long it goes on."""

    valid_to = DayField(label=gettext_lazy("New last day"), help_text=gettext_lazy("Empty: without a last day."))


@member_page
@require_safe
def agreement_list(request: HttpRequest) -> HttpResponse:
    """The organisation's agreements, given and held, newest first."""
    actor = actor_of(request)
    rows = access.agreements(actor).order_by("-id")
    wanted = request.GET.get("state", "")
    wanted = wanted if wanted in State.values else ""
    shown = cut(rows.filter(state=wanted) if wanted else rows, request)
    context = {"page": shown, "wanted": wanted, "states": State.values, "actor": actor}
    return render(request, "licensing/agreements.html", context)


@member_page
@require_safe
def agreement(request: HttpRequest, public_id: str) -> HttpResponse:
    """One agreement: its state, its terms, its works, its document."""
    actor = actor_of(request)
    found = access.agreement(actor, public_id)
    is_giver = found.granted_by == actor.organisation
    works = cut(selectors.grants_of(found), request, WORKS_PER_PAGE)
    context: dict[str, Any] = {
        "agreement": found,
        "is_giver": is_giver,
        "can_revoke": is_giver and actor.may_write and is_running(found),
        "can_renew": is_giver and actor.may_write and can_renew(found),
        "ends_soon": ends_soon(found, today()),
        "page": works,
        "negotiations": access.negotiations(actor).filter(agreement=found),
        "renewals": access.agreements(actor).filter(renews=found),
        "chain": sublicences.chain(actor, found),
        "told_above": sublicences.told_above(actor, found),
        "may_pass_on": actor.may_write and not sublicences.why_not(found, actor),
        "papers": found.papers.all(),
    }
    return render(request, "licensing/agreement.html", context)


def is_running(found: Agreement) -> bool:
    """Whether it is in force and nobody has said that it ends early."""
    return found.state == State.RUNNING and found.revoked_at is None


def can_renew(found: Agreement) -> bool:
    """Whether something may continue it."""
    return (
        found.valid_to is not None
        and found.revoked_at is None
        and found.state != State.REVOKED
        and not found.renewals.exists()
    )


def ends_soon(found: Agreement, on: datetime.date) -> bool:
    """Whether its last day is near."""
    return (
        is_running(found) and found.valid_to is not None and found.valid_to - on <= datetime.timedelta(days=ENDING_DAYS)
    )


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_agreement(request: HttpRequest, public_id: str) -> HttpResponse:
    """Say from when and why a licence is taken back, and what depends on it."""
    actor = actor_of(request)
    found = _given(actor, public_id)
    if not is_running(found):
        raise Conflict("This agreement has ended.", state=found.state)
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            agreements.revoke(found, reason=data["reason"], from_day=data["from_day"], actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error, {"from": "from_day"})
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("The agreement is revoked, and those who rely on it are told."))
            return redirect("licence-agreement", public_id=found.public_id)
    return _ask(request, found, form, "revoke")


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def renew_agreement(request: HttpRequest, public_id: str) -> HttpResponse:
    """Continue an agreement on the same terms for a further term."""
    actor = actor_of(request)
    found = _given(actor, public_id)
    if not can_renew(found):
        raise Conflict("This agreement cannot be renewed: it has no last day, was revoked, or was renewed before.")
    form = RenewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            concluded = agreements.renew(found, valid_to=form.cleaned_data["valid_to"], actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("A new agreement continues it on the same terms."))
            return redirect("licence-agreement", public_id=concluded.agreement.public_id)
    return _ask(request, found, form, "renew")


def _given(actor: Actor, public_id: str) -> Agreement:
    """An agreement that the actor's own organisation gave; the other party cannot end or renew it."""
    found = access.agreement(actor, public_id)
    organisation = actor.require_writer()
    if found.granted_by != organisation:
        raise Conflict("Only the party that granted a licence can revoke or renew it.")
    return found


def _ask(request: HttpRequest, found: Agreement, form: AccessibleForm, what: str) -> HttpResponse:
    context = {
        "agreement": found,
        "form": form,
        "what": what,
        "sublicences": found.sublicences.filter(state=State.RUNNING, revoked_at=None).count(),
    }
    return render(request, "licensing/agreement_end.html", context, status=422 if form.errors else 200)
