"""Pages of a publisher: record a reservation, a grant, an offer or an open licence for one's work, and withdraw it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

import registry.access
from licensing import access
from licensing.services import assertions, grants, offers, open_licences, reservations
from licensing.web.forms import WithdrawForm
from licensing.web.statement_forms import STATEMENT_FORMS, GrantForm, OfferForm, OpenLicenceForm, ReservationForm
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models import Work
from registry.web.pages import actor_of, member_page
from registry.web.views import work_address

FIELDS = {"uses": "uses", "territory": "territory"}


def _reserve(form: Any, work: Work, actor: Actor) -> None:
    said = form.cleaned_data["machine_readable"]
    reservations.record(work=work, scope=form.to_scope(), machine_readable=said, actor=actor)


def _grant(form: Any, work: Work, actor: Actor) -> None:
    data = form.cleaned_data
    grants.issue(work=work, licensee=data["licensee"], duties=data["duties"], scope=form.to_scope(), actor=actor)


def _offer(form: Any, work: Work, actor: Actor) -> None:
    data = form.cleaned_data
    offers.publish(work=work, terms=data["terms"], address=data["address"], scope=form.to_scope(), actor=actor)


def _declare(form: Any, work: Work, actor: Actor) -> None:
    open_licences.declare(work=work, licence=form.cleaned_data["licence"], scope=form.to_scope(), actor=actor)


RECORD: dict[type, Callable[[Any, Work, Actor], None]] = {
    ReservationForm: _reserve,
    GrantForm: _grant,
    OfferForm: _offer,
    OpenLicenceForm: _declare,
}


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_statement(request: HttpRequest, public_id: str, kind: str) -> HttpResponse:
    """One form a kind of statement; what was typed stays typed when something is wrong."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    if actor.require_writer() != work.registered_by:
        raise NotAllowed("Statements are made here by the organisation that registered the work.")
    if kind not in STATEMENT_FORMS:
        raise NotFound(f"There is no statement of the kind {kind}.")
    form = STATEMENT_FORMS[kind](request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            RECORD[type(form)](form, work, actor)
        except InvalidInput as error:
            form.add_service_errors(error, FIELDS)
        else:
            messages.success(request, _("It is recorded, and its log entry is on its way."))
            return redirect(work_address(work))
    context = {"form": form, "work": work, "kind": kind}
    return render(request, "licensing/statement.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_statement(request: HttpRequest, public_id: str, kind: str, statement: str) -> HttpResponse:
    """Ask once more, then end the statement today; it stays on record for earlier days."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    own = _statements(kind, actor, work).filter(asserted_by=actor.organisation)
    row = registry.access.one(own, "statement", public_id=statement)
    actor.require_writer()
    if row.withdrawn_at is not None:
        raise Conflict("This statement was withdrawn before.")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        log_kind = kind.replace("-", "_")
        assertions.withdraw(row, kind=log_kind, reason=form.cleaned_data["reason"], actor=actor)
        messages.success(request, _("It is withdrawn from today on."))
        return redirect(work_address(work))
    context = {"form": form, "work": work, "kind": kind, "row": row}
    return render(request, "licensing/withdraw.html", context, status=422 if form.errors else 200)


def _statements(kind: str, actor: Actor, work: Work) -> QuerySet[Any]:
    rows: dict[str, QuerySet[Any]] = {
        "reservation": access.reservations(work),
        "preference": access.preferences(work),
        "grant": access.grants(actor, work),
        "offer": access.offers(work),
        "open-licence": access.open_licences(work),
    }
    if kind not in rows:
        raise NotFound(f"There is no statement of the kind {kind}.")
    return rows[kind]
