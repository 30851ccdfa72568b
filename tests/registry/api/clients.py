"""Callers of the API: with a token, with a session, or nobody."""

from dataclasses import dataclass

from rest_framework.test import APIClient

from registry.actors import Actor
from registry.models import Membership, Organisation, Token, User
from registry.models.base import new_public_id
from registry.services import organisations, tokens
from tests import factories


@dataclass(frozen=True)
class Person(Actor):
    """An actor who is certainly somebody, somewhere."""

    user: User
    organisation: Organisation


def member(of: Organisation | None = None, role: str = Membership.Role.OWNER) -> Person:
    """A person in an organisation, by default the owner of a new one."""
    user = User.objects.create_user(f"person-{new_public_id()}")
    organisation = of or factories.organisation()
    organisations.add_member(organisation=organisation, user=user, role=role, actor=factories.actor(organisation))
    return Person(name=f"user:{user.pk}", user=user, organisation=organisation, role=role)


def new_token(actor: Actor, *scopes: str, days: int = 90) -> tuple[Token, str]:
    """A token of this person, by default with every scope."""
    assert actor.organisation is not None
    chosen = list(scopes or tokens.SCOPES)
    return tokens.create(organisation=actor.organisation, name="script", scopes=chosen, actor=actor, days=days)


def bearer(secret: str) -> APIClient:
    """A caller that sends this token."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def caller(actor: Actor | None = None, *scopes: str) -> APIClient:
    """A caller with a token of this person, by default of somebody new, with every scope."""
    return bearer(new_token(actor or member(), *scopes)[1])


def stranger() -> APIClient:
    """A caller from an organisation that has to do with nothing here."""
    return caller()


def nobody() -> APIClient:
    """A caller without token or session."""
    return APIClient()
