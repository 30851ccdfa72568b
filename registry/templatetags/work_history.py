"""What the registrant of a work may do with it, and how it came to be what it is, on the work's own page."""

from typing import Any

from django import template

from registry.models import Work
from registry.selectors import history
from registry.services import work_states, work_undo
from registry.web.pages import actor_of

register = template.Library()


@register.inclusion_tag("registry/_work_history.html", takes_context=True)
def work_history(context: dict[str, Any], work: Work) -> dict[str, Any]:
    """The changes of a work for its own organisation, newest first, and the buttons of whoever may change it."""
    actor = actor_of(context["request"])
    if actor.organisation is None or actor.organisation != work.registered_by:
        return {"work": work, "is_own": False}
    rows = list(work.revisions.select_related("entry"))
    steps = history.steps(rows, work_states.revision_facts(work)) if rows else []
    return {
        "work": work,
        "is_own": True,
        "may_write": actor.may_write,
        "is_draft": not work_states.is_public(work),
        "steps": [(step, work_undo.why_not(step.row)) for step in steps],
        "csrf_token": context.get("csrf_token"),
    }
