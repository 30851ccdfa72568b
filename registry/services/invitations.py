"""Invitations by e-mail: an owner asks, the one who proved to have that address accepts.

The link's secret is in the mail alone; the row keeps its HMAC. It is no key: it shows the invitation to whoever opens
it, and lets in only who is signed in and has verified the address that was invited.
"""

import datetime
import secrets

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from registry import access
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models import Invitation, Membership, Organisation
from registry.services import log, mail, organisations
from registry.services.tokens import digest_of

DAYS = 14
MAX_OPEN = 200  # of one organisation at a time
MARK = "inv_"  # so that no token is taken for an invitation, nor the other way round


@transaction.atomic
def create(*, organisation: Organisation, email: str, role: str, actor: Actor) -> tuple[Invitation, str]:
    """Invite an address into a role; returns the row and the link's secret, which nobody can read again.

    Raises NotAllowed (no owner), InvalidInput (address, role), or Conflict: a member, invited already, too many.
    """
    organisations.require_owner(organisation, actor)
    if actor.user is None:
        raise NotAllowed("An invitation is made by a person.")
    email = email.strip().lower()
    errors = _faults(email, role)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one at a time: no address twice
    waiting = access.open_invitations().filter(organisation=organisation)
    if organisation.members.filter(emailaddress__email=email, emailaddress__verified=True).exists():
        raise Conflict("This address belongs to a member. Change their role in the list.", why="member")
    if waiting.filter(email=email).exists():
        raise Conflict("This address is invited already. Send that invitation again, or revoke it.", why="invited")
    if waiting.count() >= MAX_OPEN:
        raise Conflict(f"{MAX_OPEN} invitations are open. Revoke some that are no longer needed.", why="too_many")
    secret = _new_secret()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        invited_by=actor.user,
        digest=digest_of(secret),
        expires_at=timezone.now() + datetime.timedelta(days=DAYS),
    )
    _log("invitation.created", invitation, actor, role=role)
    return invitation, secret


def _faults(email: str, role: str) -> list[dict[str, str]]:
    errors = []
    try:
        validate_email(email)
        if len(email) > 254:
            raise ValidationError("too long")
    except ValidationError:
        errors.append({"pointer": "/email", "cause": "This is not an e-mail address."})
    if role not in Membership.Role.values:
        errors.append({"pointer": "/role", "cause": f"{role!r} is not one of {', '.join(Membership.Role.values)}."})
    return errors


@transaction.atomic
def renew(*, invitation: Invitation, actor: Actor) -> str:
    """A new secret and 14 more days, to be sent again; the link that was sent before leads nowhere any more."""
    organisations.require_owner(invitation.organisation, actor)
    _lock(invitation)
    secret = _new_secret()
    invitation.digest = digest_of(secret)
    invitation.expires_at = timezone.now() + datetime.timedelta(days=DAYS)
    invitation.save(update_fields=["digest", "expires_at"])
    _log("invitation.renewed", invitation, actor)
    return secret


@transaction.atomic
def revoke(*, invitation: Invitation, actor: Actor) -> None:
    """Take an invitation back; doing that twice is not an error, but what was accepted stays."""
    organisations.require_owner(invitation.organisation, actor)
    open_ones = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True, accepted_at__isnull=True)
    if open_ones.update(revoked_at=Now()):
        _log("invitation.revoked", invitation, actor)


@transaction.atomic
def accept(*, invitation: Invitation, actor: Actor) -> Membership:
    """Join as invited. Raises NotAllowed without the invited address, NotFound when it is over."""
    if actor.user is None:
        raise NotAllowed("Sign in to accept an invitation.")
    if not is_addressed_to(invitation, actor):
        raise NotAllowed("This invitation is for another address. Sign in with it, or add it to your account.")
    _lock(invitation)
    if invitation.expires_at <= timezone.now():
        raise NotFound("This invitation is no longer open.")
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = actor.user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return organisations.join(
        organisation=invitation.organisation,
        user=actor.user,
        role=invitation.role,
        actor=actor,
        invitation=invitation.public_id,
    )


def is_addressed_to(invitation: Invitation, actor: Actor) -> bool:
    """Whether this person has verified the address that was invited."""
    addresses = EmailAddress.objects.filter(user=actor.user, verified=True, email__iexact=invitation.email)
    return actor.user is not None and addresses.exists()


def find(secret: str) -> Invitation | None:
    """The open invitation whose link has this secret, or None."""
    if not secret.startswith(MARK):
        return None
    return access.open_invitations().filter(digest=digest_of(secret)).select_related("organisation").first()


def deliver(invitation: Invitation, address: str) -> bool:
    """Mail the link; False when the mail server did not take it. The address holds the secret and is kept nowhere."""
    context = {
        "organisation": invitation.organisation,
        "role": invitation.role,
        "address": address,
        "expires_at": invitation.expires_at,
        "email": invitation.email,
        "site_url": settings.SITE_URL,
    }
    return mail.send(mail.compose("registry/email/invitation", invitation.email, context))


def _new_secret() -> str:
    return MARK + secrets.token_urlsafe(32)


def _lock(invitation: Invitation) -> None:
    """Hold the row and read it anew; raises NotFound when it was accepted or revoked meanwhile."""
    fresh = Invitation.objects.select_for_update().filter(
        pk=invitation.pk, accepted_at__isnull=True, revoked_at__isnull=True
    )
    found = fresh.first()
    if found is None:
        raise NotFound("This invitation is no longer open.")
    invitation.digest, invitation.expires_at = found.digest, found.expires_at


def _log(kind: str, invitation: Invitation, actor: Actor, **facts: object) -> None:
    log.stage(
        kind,
        subject=f"invitation:{invitation.public_id}",
        facts={"invitation": invitation.public_id, **facts},
        actor=actor,
        organisation=invitation.organisation,
    )
