"""What a request may do before any object is looked at; objects are authorised in `access.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from registry.models import Token

if TYPE_CHECKING:  # rest_framework.views imports this module to find its default permissions
    from rest_framework.views import APIView


class ScopedOrReadOnly(BasePermission):
    """Anybody may read what is public; writing needs a sign-in, and a token needs a scope that fits.

    A view says with `scope` what writing needs, and with `read_scopes` which scopes permit to read it; None there means
    that any token may read, because what it shows is public or belongs to what every scope is for.
    """

    message = "Sign in or use a token with the scope this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        reads = request.method in SAFE_METHODS
        if not isinstance(token, Token):
            return reads or bool(request.user and request.user.is_authenticated)
        needed = scopes_for(view, reads=reads)
        if needed is None or needed & set(token.scopes):
            return True
        self.message = f"This token's scopes do not permit this; it needs {' or '.join(sorted(needed))}."
        return False


def scopes_for(view: object, *, reads: bool) -> set[str] | None:
    """The scopes of which a token needs one; None when any will do."""
    scope: str | None = getattr(view, "scope", None)
    if reads:
        wide: tuple[str, ...] | None = getattr(view, "read_scopes", ())
        return None if wide is None else {"read", *wide} | ({scope} if scope else set())
    return {scope} if scope else set()
