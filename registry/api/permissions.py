"""What a request may do before any object is looked at; objects are authorised in `access.py`."""

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from registry.models import Token


class ScopedOrReadOnly(BasePermission):
    """Anybody may read what is public; writing needs a sign-in, and a token needs the view's scope."""

    message = "Sign in or use a token with the scope this needs."

    def has_permission(self, request: Request, view: APIView) -> bool:
        token = request.auth
        if isinstance(token, Token):
            needed = "read" if request.method in SAFE_METHODS else getattr(view, "scope", None)
            return needed is not None and (needed in token.scopes or (needed == "read" and bool(token.scopes)))
        if request.method in SAFE_METHODS:
            return True
        return bool(request.user and request.user.is_authenticated)
