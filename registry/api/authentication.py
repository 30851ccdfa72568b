"""Bearer tokens, and the actor of an API request."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from registry import actors
from registry.models import Membership, Token, User
from registry.services import tokens

REALM = 'Bearer realm="Colophon"'


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer col_…`. A wrong, expired or revoked token is 401, never silently anonymous (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        header = get_authorization_header(request).decode("latin-1")
        if not header:
            return None
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != "bearer":
            raise AuthenticationFailed("Write the token as “Authorization: Bearer col_…”.")
        token = tokens.find(secret.strip())
        if token is None:
            raise AuthenticationFailed("This token is unknown, expired or revoked.")
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return f'{REALM}, error="invalid_token"' if get_authorization_header(request) else REALM


def actor_of(request: Request) -> actors.Actor:
    """The actor behind a request: a token's holder within its scopes, a signed-in person, or nobody."""
    if not request.user or not request.user.is_authenticated:
        return actors.ANONYMOUS
    token = request.auth
    if not isinstance(token, Token):
        return actors.of_session(request.user, getattr(request, "session", {}))
    membership = Membership.objects.filter(user=token.user, organisation=token.organisation).first()
    return actors.Actor(
        name=f"token:{token.public_id}",
        user=token.user,
        organisation=token.organisation if membership else None,
        role=membership.role if membership else None,
        scopes=frozenset(token.scopes),
    )
