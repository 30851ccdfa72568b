"""Who speaks for a work, on the work's own page."""

from typing import Any

from django import template

from registry.models import RightsClaim, Work
from registry.web.pages import actor_of

register = template.Library()


@register.inclusion_tag("licensing/_authority.html", takes_context=True)
def authority(context: dict[str, Any], work: Work) -> dict[str, Any]:
    """The claims to a work with their capacity and how far each was verified."""
    claims = RightsClaim.objects.filter(work=work, withdrawn_at__isnull=True).select_related("holder", "asserted_by")
    return {"work": work, "claims": claims, "actor": actor_of(context["request"])}
