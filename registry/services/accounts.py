"""Accounts that end: closed by their person, or never begun; and what is forgotten with time."""

import datetime

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from registry.actors import Actor
from registry.errors import NotAllowed
from registry.models import Invitation, Membership, User
from registry.services import organisations

UNCONFIRMED_DAYS = 30  # how long an account may wait for its address to be confirmed
ANSWERED_DAYS = 90  # how long an invitation is kept after it was answered, revoked or became too old


@transaction.atomic
def close(*, actor: Actor) -> None:
    """Delete the account of whoever acts: memberships with their tokens, addresses, second factors, sessions.

    What they did stays in the log under their number, which nobody gets again. Raises NotAllowed when there is nobody,
    Conflict when an organisation would be left without an owner.
    """
    user = actor.user
    if user is None:
        raise NotAllowed("Sign in to close your account.")
    for membership in Membership.objects.filter(user=user).select_related("organisation").order_by("id"):
        leaving = Actor(name=actor.name, user=user, organisation=membership.organisation, role=membership.role)
        organisations.remove_member(organisation=membership.organisation, user=user, actor=leaving)
    Session.objects.filter(session_key__in=UserSession.objects.filter(user=user).values("session_key")).delete()
    user.delete()


def forget() -> None:
    """Remove what nobody needs any more: dead sessions, old invitations, accounts nobody confirmed, old counts."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.filter(~Exists(Session.objects.filter(session_key=OuterRef("session_key")))).delete()
    ended_before = now - datetime.timedelta(days=ANSWERED_DAYS)
    ended = Q(accepted_at__lt=ended_before) | Q(revoked_at__lt=ended_before) | Q(expires_at__lt=ended_before)
    Invitation.objects.filter(ended).delete()
    unconfirmed_accounts(now - datetime.timedelta(days=UNCONFIRMED_DAYS)).delete()
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(cache._table)  # type: ignore[attr-defined]  # the database cache's
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [now])  # noqa: S608 - the name is ours


def unconfirmed_accounts(before: datetime.datetime) -> QuerySet[User]:
    """Accounts made before then with which nobody ever signed in, nor could."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    signed_up = EmailAddress.objects.filter(user=OuterRef("pk"))
    never = User.objects.filter(date_joined__lt=before, last_login=None, is_staff=False, memberships=None)
    return never.filter(Exists(signed_up), ~Exists(confirmed))
