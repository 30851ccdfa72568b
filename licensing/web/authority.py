"""Pages about authority: what an organisation says it may say, for one work and for many, and who confirms it."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

import registry.access
from licensing import access
from licensing.selectors import disputes
from licensing.services import ownership, verification
from licensing.services.assertions import UNPROVED, today
from licensing.web.authority_forms import OTHER, SELF, AuthorityForm, CounterSignForm, ManyForm
from licensing.web.forms import WithdrawForm
from licensing.web.listed_works import listed_works
from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput
from registry.models import Party, RightsClaim, Work
from registry.search import sync
from registry.services.people import parties_of
from registry.services.work_facts import AuthorFacts
from registry.web.pages import actor_of, cut, member_page
from registry.web.views import work_address

FIELDS = {"statement": "evidence", "source_sha256": "evidence_sha256", "source_address": "evidence_address"}
CLAIMED_AT_ONCE = 5_000


@member_page
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What the organisation says about itself, its domains, and what waits for proof."""
    actor = actor_of(request)
    own = disputes.with_standing(access.rights_claims(actor).filter(asserted_by=actor.organisation))
    standing = own.filter(withdrawn_at__isnull=True)
    unproved = standing.filter(verification__in=sorted(UNPROVED))
    rows = unproved if request.GET.get("unproved") else standing
    shown = cut(rows.order_by("-id"), request)
    context = {
        "actor": actor,
        "page": shown,
        "only_unproved": bool(request.GET.get("unproved")),
        "counts": {"claims": standing.count(), "unproved": unproved.count()},
        "domains": access.domains(actor),
        "disputed": _disputed(actor),
        "waiting": access.decisions(actor).filter(in_force_at=None, withdrawn_at=None),
        "unclaimed": _unclaimed(actor).count(),
    }
    return render(request, "licensing/authority.html", context)


def _disputed(actor: Actor) -> list[disputes.Dispute]:
    works = disputes.candidates(registry.access.works(actor)).filter(
        rights_claims__asserted_by=actor.organisation, rights_claims__exclusive=True
    )
    found = disputes.of_works(works.distinct()[:50], today())
    return [dispute for dispute in found.values() if dispute.is_open]


def _unclaimed(actor: Actor) -> QuerySet[Work]:
    """The organisation's works for which it has not said in which capacity it speaks."""
    claimed = RightsClaim.objects.filter(asserted_by=actor.organisation, withdrawn_at__isnull=True).values("work")
    stands = Work.objects.filter(withdrawn_at__isnull=True, merged_into__isnull=True)
    return stands.filter(registered_by=actor.organisation).exclude(pk__in=claimed)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest, public_id: str) -> HttpResponse:
    """State one's authority for a work; any organisation may, for any work it can see."""
    actor = actor_of(request)
    work = registry.access.work(actor, public_id)
    organisation = actor.require_writer()
    form = AuthorityForm(request.POST or None, request.FILES or None, work=work, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            ownership.claim(
                work=work,
                holder=_holder(form, work, actor),
                scope=form.to_scope(),
                exclusive=data["exclusive"],
                ai_rights=data["ai_rights"],
                actor=actor,
            )
        except InvalidInput as error:
            form.add_service_errors(error, FIELDS)
        else:
            messages.success(request, _("Your authority is recorded. Prove it, so that others can rely on it."))
            return redirect(f"{work_address(work)}#authority")
    rivals = access.rights_claims(actor).filter(work=work, withdrawn_at__isnull=True, exclusive=True)
    context = {"form": form, "work": work, "rivals": rivals.exclude(asserted_by=organisation)}
    return render(request, "licensing/authority_state.html", context, status=422 if form.errors else 200)


def _holder(form: AuthorityForm, work: Work, actor: Actor) -> Party:
    chosen = form.cleaned_data["holder"]
    organisation = actor.require_writer()
    if chosen == SELF:
        return ownership.holder_of(organisation)
    if chosen != OTHER:
        return form.people[chosen]
    named = AuthorFacts(name=form.cleaned_data["holder_name"].strip())
    is_public = work.visibility == Work.Visibility.PUBLIC
    [party] = parties_of([named], organisation=organisation, is_public=is_public)
    sync.refresh(party)
    return party


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def state_many(request: HttpRequest) -> HttpResponse:
    """The same authority for many works at once: all that were registered, or a list of identifiers."""
    actor = actor_of(request)
    actor.require_writer()
    form = ManyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        registered = data["which"] == "registered"
        works = list(_unclaimed(actor)[:CLAIMED_AT_ONCE]) if registered else listed_works(form, actor)
        if not works and not form.errors:
            form.add_error("which", _("There is no such work."))
        if not form.errors:
            claims = ownership.claim_many(
                works=works,
                capacity=data["capacity"],
                ai_rights=data["ai_rights"],
                exclusive=data["exclusive"],
                observed_at=today(),
                evidence=data["evidence"],
                evidence_address=data["evidence_address"],
                evidence_sha256=data["evidence_sha256"],
                actor=actor,
            )
            said = ngettext(
                "Your authority for %(number)s work is recorded.",
                "Your authority for %(number)s works is recorded.",
                len(claims),
            )
            messages.success(request, said % {"number": len(claims)})
            return redirect("authority")
    context = {"form": form, "unclaimed": _unclaimed(actor).count(), "at_once": CLAIMED_AT_ONCE}
    return render(request, "licensing/authority_many.html", context, status=422 if form.errors else 200)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Ask once more, then end the claim today; it stays on record for earlier days."""
    actor = actor_of(request)
    claim = access.own_rights_claim(actor, public_id)
    actor.require_writer()
    if claim.withdrawn_at is not None:
        raise Conflict("This claim was withdrawn before.")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        ownership.withdraw(claim, reason=form.cleaned_data["reason"], actor=actor)
        messages.success(request, _("It is withdrawn from today on."))
        return redirect(f"{work_address(claim.work)}#authority")
    return _about(request, "withdraw", claim, form)


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def counter_sign(request: HttpRequest, public_id: str) -> HttpResponse:
    """Confirm another organisation's claim, as the other side of its contract."""
    actor = actor_of(request)
    claim = access.rights_claim(actor, public_id)
    actor.require_writer()
    form = CounterSignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            verification.counter_sign(claim, capacity=data["capacity"], statement=data["statement"], actor=actor)
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("You have confirmed this claim."))
            return redirect(f"{work_address(claim.work)}#authority")
    return _about(request, "confirm", claim, form, may=verification.may_counter_sign(claim, actor))


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_counter_signature(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take one's confirmation back."""
    actor = actor_of(request)
    claim = access.rights_claim(actor, public_id)
    own = claim.counter_signatures.filter(organisation=actor.organisation, withdrawn_at__isnull=True)
    signature = own.first()
    if signature is None:
        raise Conflict("Your organisation has not confirmed this claim.")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        verification.withdraw_counter_signature(signature, reason=form.cleaned_data["reason"], actor=actor)
        messages.success(request, _("Your confirmation is taken back."))
        return redirect(f"{work_address(claim.work)}#authority")
    return _about(request, "unconfirm", claim, form)


def _about(request: HttpRequest, what: str, claim: RightsClaim, form: Any, **more: Any) -> HttpResponse:
    context = {"form": form, "claim": claim, "work": claim.work, "what": what, **more}
    return render(request, "licensing/claim.html", context, status=422 if form.errors else 200)
