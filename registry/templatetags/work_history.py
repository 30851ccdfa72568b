"""What the registrant of a work may do with it, and how it came to be what it is, on the work's own page."""

from typing import Any

from django import template

from registry.models import Work
from registry.web.pages import actor_of

register = template.Library()


@register.inclusion_tag("registry/_work_history.html", takes_context=True)
def work_history(context: dict[str, Any], work: Work) -> dict[str, Any]:
    """The changes of a work, and the buttons of whoever may change it."""
    actor = actor_of(context["request"])
    is_own = actor.organisation is not None and actor.organisation == work.registered_by
    return {"work": work, "may_write": is_own and actor.may_write, "revisions": work.revisions.all() if is_own else []}
