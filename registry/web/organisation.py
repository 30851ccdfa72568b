"""Pages of an organisation: its members and invitations, roles, leaving, the second factor it wants."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from registry import access
from registry.actors import CHOSEN
from registry.errors import Conflict, InvalidInput
from registry.models import Invitation, Membership
from registry.services import invitations, organisations
from registry.web import words
from registry.web.account_forms import InvitationForm
from registry.web.accounts import limited, said, sensitive
from registry.web.pages import actor_of, member_page


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
            form.add_error("email", said(error))
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
    role = request.POST.get("role", "")
    try:
        organisations.add_member(organisation=chosen.organisation, user=chosen.user, role=role, actor=actor)
    except Conflict as error:
        messages.warning(request, said(error))
    else:
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
    try:
        organisations.remove_member(organisation=chosen.organisation, user=chosen.user, actor=actor)
    except Conflict as error:
        messages.warning(request, said(error))
    else:
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
    try:
        organisations.remove_member(organisation=left, user=actor.user, actor=actor)
    except Conflict as error:
        messages.warning(request, said(error))
        return redirect("organisation")
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
    try:
        organisations.require_second_factor(organisation=access.organisation(actor), required=required, actor=actor)
    except Conflict as error:
        messages.warning(request, said(error))
        return redirect("mfa_index")
    done = _("From now on a second factor is needed.") if required else _("A second factor is no longer needed.")
    messages.success(request, done)
    return redirect("organisation")
