"""Pages of a person about belonging: found an organisation, accept an invitation, whom one acts for, the end."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import access
from registry.actors import CHOSEN, Actor
from registry.errors import Conflict, InvalidInput
from registry.services import accounts as account_service
from registry.services import invitations, organisations
from registry.web.account_forms import OrganisationForm
from registry.web.adapters import INVITATION
from registry.web.pages import View, actor_of, page

CONFLICTS = {  # a service's `why`, in the reader's language
    "member": _lazy("This address belongs to a member. Change their role in the list."),
    "invited": _lazy("This address is invited already. Send that invitation again, or revoke it."),
    "too_many": _lazy("Very many invitations are open. Revoke some that are no longer needed."),
    "only_owner": _lazy("An organisation keeps an owner: make somebody else one first."),
    "second_factor": _lazy("Set up your own second factor first."),
}

sensitive = reauthentication_required(app="allauth.account")


def said(error: Conflict) -> str:
    """What stands in the way, in the reader's language."""
    return str(CONFLICTS.get(str(error.facts.get("why")), error.sentence))


def person_page(view: View) -> View:
    """A page for everybody who is signed in, with an organisation or without."""

    @page
    @wraps(view)
    def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *arguments, **names)

    return answer


def limited(action: str) -> Callable[[View], View]:
    """So many POSTs of a person and no more (ACCOUNT_RATE_LIMITS); then 429."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *arguments: Any, **names: Any) -> HttpResponseBase:
            refusal = ratelimit.consume_or_429(request, action=action, user=request.user)
            return refusal or view(request, *arguments, **names)

        return answer

    return decorate


@person_page
@require_http_methods(["GET", "HEAD", "POST"])
@limited("found_organisation")
def found(request: HttpRequest) -> HttpResponse:
    """Make an organisation and own it, or see which invitations wait."""
    actor = actor_of(request)
    form = OrganisationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = organisations.create(**form.cleaned_data, actor=Actor(name=actor.name, user=actor.user))
        except InvalidInput as error:
            form.add_service_errors(error)
        except Conflict:
            form.add_error("slug", _("Another organisation has this short name."))
        else:
            request.session[CHOSEN] = made.public_id
            messages.success(request, _("%(name)s is here. Invite those who work with you.") % {"name": made.name})
            return redirect("organisation")
    context = {"form": form, "actor": actor, "waiting": access.invitations_to(actor)}
    return render(request, "registry/organisation_new.html", context, status=422 if form.errors else 200)


@person_page
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive
def close(request: HttpRequest) -> HttpResponse:
    """Close one's account, after being told what that ends."""
    if request.method != "POST":
        return render(request, "registry/account_close.html")
    try:
        account_service.close(actor=actor_of(request))
    except Conflict as error:
        messages.warning(request, said(error))
        return redirect("account")
    logout(request)
    messages.success(request, _("Your account is closed."))
    return redirect("home")


@person_page
@require_POST
def act_for(request: HttpRequest) -> HttpResponse:
    """Choose which of one's organisations this session acts for."""
    chosen = access.one(
        access.memberships(actor_of(request)).select_related("organisation"),
        "organisation",
        organisation__slug=request.POST.get("organisation", ""),
    )
    request.session[CHOSEN] = chosen.organisation.public_id
    after = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    return redirect(after if is_ours else reverse("account"))


@page
@require_safe
def invitation(request: HttpRequest) -> HttpResponse:
    """What an invitation's link shows. Its secret leaves the address at once: addresses are kept and passed on."""
    secret = request.GET.get("secret", "")
    if secret:
        opened = invitations.find(secret)
        if opened is not None:
            request.session[INVITATION] = opened.public_id
        else:
            request.session.pop(INVITATION, None)
        return redirect("invitation")
    shown = access.open_invitations().filter(public_id=request.session.get(INVITATION, "")).first()
    if shown is None:
        request.session.pop(INVITATION, None)
    actor = actor_of(request)
    context = {
        "invitation": shown,
        "actor": actor,
        "is_for_you": shown is not None and invitations.is_addressed_to(shown, actor),
    }
    response = render(request, "registry/invitation.html", context)
    response["Cache-Control"] = "no-store"
    return response


@person_page
@require_POST
def accept(request: HttpRequest, public_id: str) -> HttpResponse:
    """Join as invited."""
    actor = actor_of(request)
    chosen = access.one(access.invitations_to(actor), "invitation", public_id=public_id)
    membership = invitations.accept(invitation=chosen, actor=actor)
    request.session.pop(INVITATION, None)
    request.session[CHOSEN] = membership.organisation.public_id
    messages.success(request, _("You now belong to %(name)s.") % {"name": membership.organisation.name})
    return redirect("organisation")
