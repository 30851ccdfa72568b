"""Pages of standing offers: published for many works, read by everybody, accepted in a minute, taken back."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Count, Min, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

import registry.access
from licensing import access
from licensing.models import Offer
from licensing.selectors import licence_requests as selectors
from licensing.selectors.natural import natural
from licensing.services import standing_offers
from licensing.services.assertions import today
from licensing.services.standing_offers import MAX_WORKS
from licensing.web.agreements_forms import initial_of
from licensing.web.listed_works import listed_works
from licensing.web.offers_forms import AcceptForm, OfferForm, TakeBackForm
from registry.actors import Actor
from registry.errors import ColophonError, Conflict
from registry.models import RightsClaim, Work
from registry.web.pages import actor_of, cut, member_page, page

WORKS_PER_PAGE = 50
TICKED = 50  # works of an offer that can be chosen one by one


@member_page
@require_safe
def offer_list(request: HttpRequest) -> HttpResponse:
    """The organisation's own offers, those that were published together as one line."""
    actor = actor_of(request)
    own = Offer.objects.filter(asserted_by=actor.organisation).order_by()
    grouped = own.values("entry_id", "withdrawn_at").annotate(first=Min("pk"), works=Count("pk"), taken=Sum("accepted"))
    shown = cut(grouped.order_by("-first"), request)
    firsts = Offer.objects.in_bulk([row["first"] for row in shown.object_list])
    rows = [(firsts[row["first"]], row["works"], row["taken"]) for row in shown.object_list]
    return render(request, "licensing/offers.html", {"page": shown, "rows": rows, "actor": actor, "today": today()})


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def new_offer(request: HttpRequest) -> HttpResponse:
    """Publish terms that anybody who fits may accept, for many works at once."""
    actor = actor_of(request)
    organisation = actor.require_writer()
    about = registry.access.work(actor, request.GET["work"]) if request.GET.get("work") else None
    claimed = _claimed(actor)
    chosen = request.GET.get("template", "")
    if request.method == "POST":
        form = OfferForm(request.POST, about=about, claimed=claimed.count())
        if form.is_valid() and (made := _publish(form, actor, about, claimed)) is not None:
            _say_published(request, made)
            return redirect("offer", public_id=made.offers[0].public_id)
    else:
        terms = access.terms_template(actor, chosen).terms if chosen else {}
        form = OfferForm(initial=initial_of(terms), about=about, claimed=claimed.count())
    context = {
        "form": form,
        "about": about,
        "templates": selectors.templates(organisation),
        "chosen": chosen,
        "kept": [("work", about.public_id)] if about else [],
    }
    return render(request, "licensing/offer_new.html", context, status=422 if form.errors else 200)


def _claimed(actor: Actor) -> QuerySet[Work]:
    """The works that the organisation says it can speak for."""
    claims = RightsClaim.objects.filter(asserted_by=actor.organisation, withdrawn_at__isnull=True)
    return Work.objects.filter(registry.access.standing(), pk__in=claims.values("work")).order_by("pk")


def _publish(
    form: OfferForm, actor: Actor, about: Work | None, claimed: QuerySet[Work]
) -> standing_offers.Published | None:
    data = form.cleaned_data
    works: Sequence[Work] = [about] if about else list(claimed[:MAX_WORKS])
    if data.get("which") == "listed":
        works = listed_works(form, actor)
    if not works and not form.errors:
        form.add_error(None, _("There is no such work."))
    if form.errors:
        return None
    return form.attempt(
        lambda: standing_offers.publish(
            works=works,
            terms=form.to_terms(),
            channel=data["channel"],
            at_most=data["at_most"],
            words=data["words"],
            address=data["address"],
            actor=actor,
        )
    )


def _say_published(request: HttpRequest, made: standing_offers.Published) -> None:
    number = len(made.offers)
    said = ngettext(
        "The offer for %(number)d work is published.", "The offer for %(number)d works is published.", number
    )
    messages.success(request, said % {"number": number})
    if made.left_out:
        number = len(made.left_out)
        said = ngettext(
            "%(number)d work has no offer, because you have no standing authority for it or have given it away.",
            "%(number)d works have no offer, because you have no standing authority for them or have given them away.",
            number,
        )
        messages.warning(request, said % {"number": number})


def together(actor: Actor, found: Offer) -> QuerySet[Offer]:
    """The offers that were published with this one and stand as it does."""
    rows = access.standing_offers(actor).filter(asserted_by=found.asserted_by_id)
    rows = rows.filter(entry=found.entry_id) if found.entry_id else rows.filter(pk=found.pk)
    stands = rows.filter(withdrawn_at__isnull=found.withdrawn_at is None)
    return stands.order_by(natural("work__title"), "pk")


@page
@require_safe
def offer(request: HttpRequest, public_id: str) -> HttpResponse:
    """An offer for everybody to read: its terms, its works, and how to accept it."""
    actor = actor_of(request)
    found = access.standing_offer(actor, public_id)
    rows = together(actor, found)
    is_own = actor.organisation is not None and actor.organisation == found.asserted_by
    context = {
        "offer": found,
        "number": rows.count(),
        "page": cut(rows, request, WORKS_PER_PAGE),
        "is_own": is_own,
        "may_write": actor.may_write,
        "actor": actor,
        "why_not": why_not(found),
        "taken": rows.aggregate(times=Sum("accepted"))["times"] if is_own else None,
        "left": None if found.at_most is None else max(0, found.at_most - found.accepted),
    }
    return render(request, "licensing/offer.html", context)


def why_not(found: Offer) -> str:
    """Why an offer cannot be accepted here now, as one sentence; "" where it can."""
    if found.withdrawn_at is not None:
        return _("This offer was taken back.")
    if found.agreed_terms is None:
        return _("This offer says its terms in words only. Ask for a licence instead.")
    if found.valid_to is not None and found.valid_to < today():
        return _("This offer has ended.")
    if found.at_most is not None and found.accepted >= found.at_most:
        return _("Others have accepted this offer as often as it was made.")
    return ""


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def accept_offer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Read what is agreed, choose the works, and accept: an agreement on exactly these terms."""
    actor = actor_of(request)
    found = access.standing_offer(actor, public_id)
    actor.require_writer()
    if found.asserted_by == actor.organisation:
        raise Conflict("An organisation needs no licence from itself.")
    if reason := why_not(found):
        raise Conflict(reason)
    rows = together(actor, found)
    number = rows.count()
    shown = [row.work for row in rows[:TICKED]]
    form = AcceptForm(request.POST or None, works=shown, number=number, about=found.work)
    if request.method == "POST" and form.is_valid():
        try:
            concluded = standing_offers.accept(found, works=_chosen(form, found, rows), actor=actor)
        except ColophonError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("The agreement is concluded. It is on record, with a grant for each work."))
            return redirect("licence-agreement", public_id=concluded.agreement.public_id)
    context = {"offer": found, "form": form, "number": number}
    return render(request, "licensing/offer_accept.html", context, status=422 if form.errors else 200)


def _chosen(form: AcceptForm, found: Offer, rows: QuerySet[Offer]) -> list[Work] | None:
    which = form.cleaned_data.get("which", "one")
    if which == "all":
        return [row.work for row in rows]
    if which == "some":
        wanted = set(form.cleaned_data["works"])
        return [row.work for row in rows if row.work.public_id in wanted]
    return None


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw_offer(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take an offer back, for one work or for all that it was published for; agreements stay."""
    actor = actor_of(request)
    own = access.standing_offers(actor).filter(asserted_by=actor.organisation)
    found: Any = registry.access.one(own, "offer of your organisation", public_id=public_id)
    actor.require_writer()
    if found.withdrawn_at is not None:
        raise Conflict("This offer was taken back before.")
    number = together(actor, found).count()
    form = TakeBackForm(request.POST or None, number=number)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        count = standing_offers.withdraw(found, reason=data["reason"], together=data.get("which") == "all", actor=actor)
        said = ngettext("%(number)d offer is taken back.", "%(number)d offers are taken back.", count)
        messages.success(request, said % {"number": count})
        return redirect("offers")
    context = {"offer": found, "form": form, "number": number}
    return render(request, "licensing/offer_withdraw.html", context, status=422 if form.errors else 200)
