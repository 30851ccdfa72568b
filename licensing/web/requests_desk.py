"""The home of an organisation: what waits for it, by its day, and what changed for it lately."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

import registry.access
from licensing import access, output_access
from licensing.models import Agreement, LicenceRequest, Negotiation, Offer, PassedOn, Step, UseDeclaration
from licensing.rules.lifecycle import BEFORE_GRANT, Side
from licensing.selectors import disputes
from licensing.selectors import licence_requests as selectors
from licensing.services.assertions import today
from licensing.services.opinions import may_answer
from licensing.web.agreements import ENDING_DAYS
from registry.actors import Actor
from registry.models import RightsClaim, Work
from registry.web.pages import actor_of, member_page

SHOWN = 10
NEWS = 15


@dataclass(frozen=True)
class Change:
    """What happened to one clearance at once: how many works, why, when."""

    clearance: Any
    cause: str
    works: int
    when: datetime.datetime


@member_page
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What waits, most urgent first; then what others did."""
    actor = actor_of(request)
    assert actor.organisation is not None
    on = today()
    waiting = _waiting(actor)
    context = {
        "actor": actor,
        "today": on,
        "counts": selectors.waiting_for(actor.organisation, on),
        "waiting": waiting[:SHOWN],
        "more": max(0, waiting.count() - SHOWN),
        "drafts": access.licence_requests(actor).filter(state=LicenceRequest.State.DRAFT).order_by("-id")[:SHOWN],
        "ending": _ending(actor, on),
        "uses": _uses(actor),
        "decisions": access.decisions(actor)
        .filter(
            Q(upheld__asserted_by=actor.organisation) | Q(set_aside__asserted_by=actor.organisation),
            in_force_at=None,
            withdrawn_at=None,
        )
        .distinct()[:SHOWN],
        "objections": _objections(actor),
        "passed_on": _passed_on(actor),
        "disputed": _disputed(actor, on),
        "unclaimed": _unclaimed(actor),
        "unproved": access.domains(actor).filter(verified_at=None).count(),
        "may_offer": RightsClaim.objects.filter(asserted_by=actor.organisation, withdrawn_at=None).exists(),
        "has_offers": Offer.objects.filter(asserted_by=actor.organisation, withdrawn_at=None).exists(),
        "news": _news(actor),
        "changes": _changes(actor),
        "output_changes": _output_changes(actor),
    }
    return render(request, "licensing/desk.html", context)


def _waiting(actor: Actor) -> Any:
    """The negotiations in which it is this organisation's turn, those with the nearest day first."""
    mine = Q(holder=actor.organisation, waits_for=Side.HOLDER.value)
    mine |= Q(request__organisation=actor.organisation, waits_for=Side.FIRM.value)
    rows = access.negotiations(actor).filter(mine, state__in=[state.value for state in BEFORE_GRANT])
    return rows.order_by(F("respond_by").asc(nulls_last=True), "-changed_at", "-pk")


def _uses(actor: Actor) -> Any:
    """Declared uses of models that this person may approve."""
    rows = output_access.use_declarations(actor).filter(state=UseDeclaration.State.DRAFT)
    return rows[:SHOWN] if may_answer(actor) else rows.none()


def _ending(actor: Actor, on: datetime.date) -> Any:
    """The agreements whose last day is near and which nothing continues yet."""
    rows = access.agreements(actor).filter(state=Agreement.State.RUNNING, revoked_at=None, renewals=None)
    return rows.filter(valid_to__lte=on + datetime.timedelta(days=ENDING_DAYS)).order_by("valid_to")[:SHOWN]


def _objections(actor: Actor) -> Any:
    """Sub-licences about which it is this organisation's turn: to answer an objection, or to settle it."""
    answer = Q(agreement__granted_by=actor.organisation, state=PassedOn.State.OBJECTED)
    settle = Q(holder=actor.organisation, state=PassedOn.State.ANSWERED)
    rows = access.sublicences(actor).filter(answer | settle, agreement__state=Agreement.State.RUNNING)
    return rows.order_by("pk")[:SHOWN]


def _passed_on(actor: Actor) -> Any:
    """The latest sub-licences of licences that this organisation gave."""
    return access.sublicences(actor).filter(holder=actor.organisation).order_by("-pk")[:SHOWN]


def _disputed(actor: Actor, on: datetime.date) -> int:
    works = disputes.candidates(registry.access.works(actor)).filter(
        rights_claims__asserted_by=actor.organisation, rights_claims__exclusive=True
    )
    return sum(1 for found in disputes.of_works(works.distinct()[:50], on).values() if found.is_open)


def _unclaimed(actor: Actor) -> int:
    """The organisation's own works for which nobody can be asked, because it has not said that it speaks for them."""
    claimed = RightsClaim.objects.filter(asserted_by=actor.organisation, withdrawn_at__isnull=True).values("work")
    own = Work.objects.filter(registered_by=actor.organisation, withdrawn_at__isnull=True, merged_into__isnull=True)
    return own.exclude(pk__in=claimed).count()


def _news(actor: Actor) -> Any:
    """What the other sides of the organisation's negotiations did lately."""
    rows = Step.objects.filter(negotiation__in=Negotiation.objects.filter(pk__in=access.negotiations(actor)))
    rows = rows.exclude(organisation=actor.organisation).exclude(organisation=None)
    return rows.select_related("negotiation__request", "organisation").order_by("-pk")[:NEWS]


def _output_changes(actor: Actor) -> Any:
    """The latest change of each clearance's answer about model output, those of late first."""
    rows = access.output_changes(actor)
    latest = rows.order_by().values("clearance").annotate(last=Max("pk")).values("last")
    found = rows.filter(pk__in=latest).select_related("clearance__scan__release__dataset")
    return found.order_by("-pk")[:SHOWN]


def _changes(actor: Actor) -> list[Change]:
    """The clearances whose answers are different now, latest first; every work counts, however many changed since."""
    groups = (
        access.verdict_changes(actor)
        .order_by()
        .values("clearance", "cause", "agreement")
        .annotate(works=Count("of", distinct=True), when=Max("recorded_at"), last=Max("pk"))
        .order_by("-last")[:SHOWN]
    )
    found = list(groups)
    named = access.clearances(actor).select_related("scan__release__dataset")
    rows = named.in_bulk({row["clearance"] for row in found})
    return [Change(rows[row["clearance"]], row["cause"], row["works"], row["when"]) for row in found]
