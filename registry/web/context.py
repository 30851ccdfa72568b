"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from registry.models import Organisation
from registry.web.pages import actor_of


def site(request: HttpRequest) -> dict[str, object]:
    """The site's address and the organisation the signed-in person acts for, which is read only where it is shown."""

    def acting_for() -> Organisation | None:
        return actor_of(request).organisation if hasattr(request, "user") else None

    return {"site_url": settings.SITE_URL, "acting_for": SimpleLazyObject(acting_for)}
