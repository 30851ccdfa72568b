"""Pages about disputes: which works, who claims what, and how it ends."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

import registry.access
from licensing import access
from licensing.selectors import disputes
from licensing.services import decisions
from licensing.services.assertions import today
from licensing.web.dispute_forms import AgreementForm, DecisionForm, StatementOnlyForm
from licensing.web.forms import WithdrawForm
from licensing.web.operators import operator_page
from registry.actors import Actor
from registry.errors import ColophonError, InvalidInput, NotFound
from registry.models import Work
from registry.web.pages import actor_of, cut, member_page, page


@page
@require_safe
def dispute_list(request: HttpRequest) -> HttpResponse:
    """The works that are disputed, and those whose dispute was settled; a member may ask for their own."""
    actor = actor_of(request)
    works = disputes.candidates(registry.access.works(actor)).order_by("-pk")
    own = bool(request.GET.get("mine")) and actor.organisation is not None
    if own:
        works = works.filter(rights_claims__asserted_by=actor.organisation, rights_claims__exclusive=True).distinct()
    shown = cut(works, request)
    found = disputes.of_works(shown.object_list, today())
    rows = [found[work.pk] for work in shown.object_list if work.pk in found]
    return render(request, "licensing/disputes.html", {"page": shown, "rows": rows, "own": own, "actor": actor})


@page
@require_safe
def dispute(request: HttpRequest, public_id: str) -> HttpResponse:
    """One work's dispute: the claims side by side, decisions, and what this reader can do."""
    actor = actor_of(request)
    work, found = _dispute(actor, public_id)
    visible = set(access.decisions(actor).filter(work=work).values_list("pk", flat=True))
    own = [claim for claim in found.open_claims if claim.asserted_by == actor.organisation]
    context = {
        "work": work,
        "dispute": found,
        "decisions": [(row, decisions.waits_for(row)) for row in found.decisions if row.pk in visible],
        "own": own if actor.may_write else [],
        "actor": actor,
        "is_operator": _is_operator(actor),
    }
    return render(request, "licensing/dispute.html", context)


def _dispute(actor: Actor, public_id: str) -> tuple[Work, disputes.Dispute]:
    work = registry.access.work(actor, public_id)
    found = disputes.of_work(work, today())
    if found is None:
        raise NotFound("No claims to this work contradict each other.")
    return work, found


def _is_operator(actor: Actor) -> bool:
    return actor.user is not None and actor.user.is_staff


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def concede(request: HttpRequest, public_id: str) -> HttpResponse:
    """Give one's own claim up in favour of those it contradicts."""
    actor = actor_of(request)
    claim = access.own_rights_claim(actor, public_id)
    actor.require_writer()
    form = StatementOnlyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            decisions.concede(claim=claim, statement=form.cleaned_data["statement"], actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        else:
            messages.success(request, _("You have given way. The claim counts no longer from today on."))
            return redirect("dispute", public_id=claim.work.public_id)
    context = {"form": form, "claim": claim, "work": claim.work, "what": "concede"}
    return render(request, "licensing/claim.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, public_id: str) -> HttpResponse:
    """Write down what the claimants agreed, for the others to confirm."""
    actor = actor_of(request)
    work, found = _dispute(actor, public_id)
    actor.require_writer()
    form = AgreementForm(request.POST or None, claims=[claim for claim in found.claims if not claim.withdrawn_at])

    def record() -> None:
        decisions.propose(
            work=work,
            terms=form.to_terms(),
            upheld=form.chosen("upheld"),
            set_aside=form.chosen("set_aside"),
            actor=actor,
        )

    said = _("Your proposal waits for the other sides.")
    return _decide(request, work, form, record, what="agreement", said=said)


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, public_id: str) -> HttpResponse:
    """Record what a court or the registry decided: for operators."""
    actor = actor_of(request)
    work, found = _dispute(actor, public_id)
    form = DecisionForm(request.POST or None, claims=[claim for claim in found.claims if not claim.withdrawn_at])

    def record() -> None:
        decisions.decide(
            work=work,
            ground=form.cleaned_data["ground"],
            terms=form.to_terms(),
            upheld=form.chosen("upheld"),
            set_aside=form.chosen("set_aside"),
            actor=actor,
        )

    return _decide(request, work, form, record, what="decision", said=_("The decision is recorded."))


def _decide(request: HttpRequest, work: Work, form: Any, record: Any, *, what: str, said: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            record()
        except InvalidInput as error:
            form.add_service_errors(error)
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, said)
            return redirect("dispute", public_id=work.public_id)
    context = {"form": form, "work": work, "what": what}
    return render(request, "licensing/decision.html", context, status=422 if form.errors else 200)


@member_page
@require_POST
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """Agree to a proposal."""
    actor = actor_of(request)
    found = decisions.confirm(decision=access.decision(actor, public_id), actor=actor)
    settled = found.in_force_at is not None
    messages.success(
        request,
        _("All sides have confirmed: the dispute is settled.") if settled else _("You have confirmed the agreement."),
    )
    return redirect("dispute", public_id=found.work.public_id)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, public_id: str) -> HttpResponse:
    """Refuse a proposal, or take one's own back."""
    return _withdraw(request, public_id, "refuse")


@operator_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take a decision back, after an appeal for example: for operators."""
    return _withdraw(request, public_id, "withdraw")


def _withdraw(request: HttpRequest, public_id: str, what: str) -> HttpResponse:
    actor = actor_of(request)
    found = access.decision(actor, public_id)
    form = WithdrawForm(request.POST or None)

    def record() -> None:
        decisions.withdraw(decision=found, reason=form.cleaned_data["reason"], actor=actor)

    said = _("It is withdrawn: the dispute is open again.")
    return _decide(request, found.work, form, record, what=what, said=said)
