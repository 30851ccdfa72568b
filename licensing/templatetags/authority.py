"""Who speaks for a work, on the work's own page."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from licensing import access
from licensing.selectors import disputes, settled
from licensing.services.assertions import today
from licensing.web.domains import CAUSES
from registry.models import RightsClaim, Work
from registry.templatetags.registry_words import icon
from registry.web import words
from registry.web.pages import actor_of

register = template.Library()

ICONS = {
    "none": "unknown",
    "domain": "conditional",
    "document": "cleared",
    "identity": "cleared",
    "counter-signed": "cleared",
}
SHOWN = 20


@register.inclusion_tag("licensing/_authority.html", takes_context=True)
def authority(context: dict[str, Any], work: Work) -> dict[str, Any]:
    """The claims to a work, how far each was verified, and where they contradict each other."""
    actor = actor_of(context["request"])
    rows = list(disputes.with_standing(RightsClaim.objects.filter(work=work)).order_by("pk"))
    dispute = disputes.of_work(work, today())
    rivals = {claim.pk for claim in dispute.open_claims} if dispute else set()
    claims = [(row, row.pk in rivals) for row in rows if row.withdrawn_at is None]
    return {
        "work": work,
        "actor": actor,
        "claims": claims[:SHOWN],
        "more": claims[SHOWN:],  # folded, but there: reasons of verdicts link to each of them
        "earlier": [row for row in rows if row.withdrawn_at is not None],
        "dispute": dispute,
        "decisions": [row for row in dispute.decisions if settled.counts(row)] if dispute else [],
        "waiting": access.decisions(actor).filter(work=work, in_force_at=None, withdrawn_at=None).count(),
        "may_state": actor.may_write and work.withdrawn_at is None,
        "user": actor.user,
    }


@register.simple_tag
def verification_chip(level: str) -> SafeString:
    """How far something was verified: icon and word."""
    chosen = ICONS.get(level, "unknown")
    return format_html('<span class="chip v-{}">{}<span>{}</span></span>', chosen, icon(chosen), words.term(level))


@register.filter
def set_aside_from(claim: RightsClaim) -> Any:
    """The day from which a decision has set a claim aside; None where none has."""
    return settled.set_aside_on(claim)


@register.filter
def cause(code: str) -> str:
    """Why a proof was not found, in words."""
    if code.startswith("STATUS_"):
        return f"HTTP {code.removeprefix('STATUS_')}"
    return str(CAUSES.get(code, code))
