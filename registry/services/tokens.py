"""Bearer tokens: scoped, expiring, shown once, kept as an HMAC with a pepper."""

import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Organisation, Token
from registry.services import log

SCOPES = ("read", "works", "scans", "clearances", "reports", "jobs")
DEFAULT_DAYS = 90
MARK = "col_"


def digest_of(secret: str) -> str:
    """HMAC-SHA256 of the token with the pepper, hex: what is stored and compared."""
    return hmac.new(settings.TOKEN_PEPPER.encode(), secret.encode(), hashlib.sha256).hexdigest()


@transaction.atomic
def create(
    *, organisation: Organisation, name: str, scopes: list[str], actor: Actor, days: int = DEFAULT_DAYS
) -> tuple[Token, str]:
    """Make a token for the actor; returns the row and the secret, which nobody can read again."""
    if actor.user is None or actor.organisation != organisation:
        raise NotAllowed("A token is made by a person, for an organisation they belong to.")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes or not 1 <= days <= 366:
        raise InvalidInput(
            "A token needs at least one known scope and a life of 1 to 366 days.",
            errors=[{"pointer": "/scopes", "cause": f"unknown scope {scope}"} for scope in unknown],
        )
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=actor.user,
        organisation=organisation,
        name=name,
        prefix=secret[:10],
        digest=digest_of(secret),
        scopes=sorted(set(scopes)),
        expires_at=timezone.now() + datetime.timedelta(days=days),
    )
    log.stage(
        "token.created",
        subject=f"token:{token.public_id}",
        facts={"scopes": token.scopes, "expires_at": token.expires_at.isoformat()},
        actor=actor,
    )
    return token, secret


@transaction.atomic
def revoke(*, token: Token, actor: Actor) -> None:
    """End a token at once; ending it twice is not an error."""
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=Now()):
        log.stage("token.revoked", subject=f"token:{token.public_id}", facts={}, actor=actor)


def find(secret: str) -> Token | None:
    """Return the live token with this secret, or None; expiry is judged by the database's clock."""
    return (
        Token.objects.filter(digest=digest_of(secret), revoked_at__isnull=True, expires_at__gt=Now())
        .filter(Q(user__is_active=True))
        .select_related("user", "organisation")
        .first()
    )
