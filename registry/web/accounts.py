"""Pages about belonging: found an organisation, its members and invitations, leaving, whom one acts for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import access
from registry.actors import CHOSEN, Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Invitation, Membership
from registry.services import invitations, organisations
from registry.web import words
from registry.web.account_forms import InvitationForm, OrganisationForm
from registry.web.adapters import INVITATION
from registry.web.pages import View, actor_of, member_page, page

sensitive = reauthentication_required(app="allauth.account")


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


@member_page
@require_safe
def organisation(request: HttpRequest) -> HttpResponse:
    """The organisation one acts for: who belongs to it, and for owners whom it invited."""
    return _organisation(request, InvitationForm())


def _organisation(request: HttpRequest, form: InvitationForm, status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "actor": actor,
        "form": form,
        "is_owner": actor.role == Membership.Role.OWNER,
        "members": access.members(actor).order_by("since", "id"),
        "roles": [(role, words.term(role)) for role in Membership.Role.values],
        "invitations": access.invitations(actor),
        "now": timezone.now(),
    }
    return render(request, "registry/organisation.html", context, status=status)


@member_page
@require_POST
@sensitive
@limited("invite")
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody by e-mail."""
    actor = actor_of(request)
    organisations.require_owner(access.organisation(actor), actor)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            made, secret = invitations.create(organisation=access.organisation(actor), **form.cleaned_data, actor=actor)
        except InvalidInput as error:
            form.add_service_errors(error)
        except Conflict as error:
            form.add_error("email", error.sentence)
        else:
            _send(request, made, secret)
            return redirect("organisation")
    return _organisation(request, form, status=422)


@member_page
@require_POST
@sensitive
@limited("invite")
def invite_again(request: HttpRequest, public_id: str) -> HttpResponseBase:
    """Send an invitation anew, with a new link."""
    actor = actor_of(request)
    chosen = access.invitation(actor, public_id)
    refusal = ratelimit.consume_or_429(request, action="invite_again", key=chosen.public_id)
    if refusal:
        return refusal
    _send(request, chosen, invitations.renew(invitation=chosen, actor=actor))
    return redirect("organisation")


def _send(request: HttpRequest, invitation: Invitation, secret: str) -> None:
    address = request.build_absolute_uri(f"{reverse('invitation')}?secret={secret}")
    if invitations.deliver(invitation, address):
        messages.success(request, _("The invitation is on its way to %(email)s.") % {"email": invitation.email})
    else:
        sentence = _("The mail to %(email)s could not be sent. Send the invitation again in a few minutes.")
        messages.warning(request, sentence % {"email": invitation.email})


@member_page
@require_POST
def revoke(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take an invitation back."""
    actor = actor_of(request)
    invitations.revoke(invitation=access.invitation(actor, public_id), actor=actor)
    messages.success(request, _("The invitation is revoked; its link leads nowhere any more."))
    return redirect("organisation")


@member_page
@require_POST
@sensitive
def set_role(request: HttpRequest, member: int) -> HttpResponse:
    """Give a member another role."""
    actor = actor_of(request)
    chosen = access.member(actor, member)
    organisations.add_member(
        organisation=chosen.organisation, user=chosen.user, role=request.POST.get("role", ""), actor=actor
    )
    messages.success(request, _("The role is changed."))
    return redirect("organisation")


@member_page
@require_POST
@sensitive
def remove(request: HttpRequest, member: int) -> HttpResponse:
    """End somebody's membership and their tokens in it."""
    actor = actor_of(request)
    chosen = access.member(actor, member)
    organisations.require_owner(chosen.organisation, actor)
    organisations.remove_member(organisation=chosen.organisation, user=chosen.user, actor=actor)
    messages.success(request, _("They no longer belong to the organisation, and their tokens for it are revoked."))
    return redirect("organisation")


@member_page
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the organisation one acts for, after being told what that ends."""
    actor = actor_of(request)
    left = access.organisation(actor)
    if request.method != "POST":
        return render(request, "registry/organisation_leave.html", {"organisation": left})
    assert actor.user is not None
    organisations.remove_member(organisation=left, user=actor.user, actor=actor)
    request.session.pop(CHOSEN, None)
    messages.success(request, _("You no longer belong to %(name)s.") % {"name": left.name})
    return redirect("account")


@member_page
@require_POST
@sensitive
def require_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask a second factor of everybody who acts for the organisation, or no longer."""
    actor = actor_of(request)
    required = request.POST.get("required") == "1"
    organisations.require_second_factor(organisation=access.organisation(actor), required=required, actor=actor)
    said = _("From now on a second factor is needed.") if required else _("A second factor is no longer needed.")
    messages.success(request, said)
    return redirect("organisation")


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
