"""How many requests a minute the API takes from one caller, and the headers that tell them.

Counted in PostgreSQL, which every process and machine of the site shares: one statement a request. Headers: IETF draft
"RateLimit header fields for HTTP" (draft-ietf-httpapi-ratelimit-headers-10), Retry-After: RFC 9110, 10.2.3.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ErrorDetail, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from registry.actors import Actor
from registry.models import Token

WINDOW_SECONDS = 60
SQL = """
    INSERT INTO registry_requestcount (caller, minute, requests)
    VALUES (%s, date_trunc('minute', clock_timestamp()), 1)
    ON CONFLICT (caller, minute) DO UPDATE SET requests = registry_requestcount.requests + 1
    RETURNING requests, ceil(60 - extract(second FROM clock_timestamp()))::int
"""


@dataclass(frozen=True)
class Quota:
    """What a caller may send in a minute, what of it is left, and in how many seconds the next minute begins."""

    name: str
    limit: int
    left: int
    reset_seconds: int

    def write(self, response: HttpResponseBase) -> None:
        """Put the two RateLimit fields on a response."""
        response["RateLimit-Policy"] = f'"{self.name}";q={self.limit};w={WINDOW_SECONDS}'
        response["RateLimit"] = f'"{self.name}";r={max(0, self.left)};t={self.reset_seconds}'


class Exceeded(Throttled):
    """The caller sent more than a minute's requests."""

    default_code = "too_many_requests"

    def __init__(self, quota: Quota) -> None:
        sentence = f"{quota.limit} requests a minute are taken from one caller; go on in {quota.reset_seconds} seconds."
        super().__init__(wait=quota.reset_seconds)
        self.detail = ErrorDetail(sentence, code=self.default_code)


def count(request: Request, actor: Actor) -> Quota:
    """Count this request and return what is left of the minute, below zero when it was too many."""
    name, caller, limit = _caller(request, actor)
    with connection.cursor() as cursor:
        cursor.execute(SQL, [caller])
        requests, seconds = cursor.fetchone()
    return Quota(name, limit, limit - requests, seconds)


def _caller(request: Request, actor: Actor) -> tuple[str, str, int]:
    """Return (the policy's name, who is counted, requests a minute). Who is not known counts by network address."""
    if actor.user is not None and isinstance(request.auth, Token):
        return "token", f"token:{request.auth.public_id}", settings.API_REQUESTS_PER_MINUTE
    if actor.user is not None:
        return "person", f"user:{actor.user.pk}", settings.API_REQUESTS_PER_MINUTE
    address = BaseThrottle().get_ident(request)
    return "address", f"address:{address}"[:80], settings.API_ANONYMOUS_REQUESTS_PER_MINUTE
