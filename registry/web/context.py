"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest

from registry import actors


def site(request: HttpRequest) -> dict[str, object]:
    """The site's address and the organisation the signed-in person acts for."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"site_url": settings.SITE_URL, "acting_for": None}
    return {"site_url": settings.SITE_URL, "acting_for": actors.of_user(user).organisation}
