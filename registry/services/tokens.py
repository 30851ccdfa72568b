"""Bearer tokens: scoped, expiring, shown once, kept as an HMAC with a pepper."""

import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Organisation, Token
from registry.services import log

SCOPES = (
    "read", "works", "imports", "linkages", "scans", "clearances", "licences", "reports", "jobs", "organisation",
)  # fmt: skip
DEFAULT_DAYS = 90
LONGEST_DAYS = 366
MARK = "col_"
PREFIX_CHARS = 12  # shown on pages, so that a person knows which token is which: the mark and 48 of 256 bits
USE_NOTED_EVERY = datetime.timedelta(minutes=10)  # one write in ten minutes, however often a token is used


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
    name = name.strip()
    errors = _faults(name=name, scopes=scopes, days=days)
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    secret = MARK + secrets.token_urlsafe(32)
    token = Token.objects.create(
        user=actor.user,
        organisation=organisation,
        name=name,
        prefix=secret[:PREFIX_CHARS],
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


def _faults(*, name: str, scopes: list[str], days: int) -> list[dict[str, str]]:
    errors = []
    if not 1 <= len(name) <= 100 or "\0" in name:
        errors.append({"pointer": "/name", "cause": "A token needs a name of at most 100 characters."})
    if not scopes:
        errors.append({"pointer": "/scopes", "cause": f"A token needs at least one of {', '.join(SCOPES)}."})
    for scope in sorted(set(scopes) - set(SCOPES)):
        errors.append({"pointer": "/scopes", "cause": f"{scope!r} is not one of {', '.join(SCOPES)}."})
    if not 1 <= days <= LONGEST_DAYS:
        errors.append({"pointer": "/days", "cause": f"A token lives 1 to {LONGEST_DAYS} days."})
    return errors


@transaction.atomic
def revoke(*, token: Token, actor: Actor) -> None:
    """End a token at once; ending it twice is not an error."""
    if Token.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=Now()):
        log.stage("token.revoked", subject=f"token:{token.public_id}", facts={}, actor=actor)


def find(secret: str) -> Token | None:
    """Return the live token with this secret, or None. Asked on every request, so a revoked one is refused at once.

    Live: not revoked, not expired by the database's clock, of an active person who is still in its organisation.
    """
    if not secret.startswith(MARK):
        return None
    live = Q(revoked_at__isnull=True, expires_at__gt=Now(), user__is_active=True)
    token = (
        Token.objects.filter(live, digest=digest_of(secret), user__memberships__organisation=F("organisation"))
        .select_related("user", "organisation")
        .first()
    )
    if token:
        _note_use(token)
    return token


def _note_use(token: Token) -> None:
    """Remember roughly when a token was last used."""
    if token.last_used_at and timezone.now() - token.last_used_at < USE_NOTED_EVERY:
        return
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=Now() - USE_NOTED_EVERY)
    Token.objects.filter(stale, pk=token.pk).update(last_used_at=Now())
