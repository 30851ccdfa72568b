"""Words, chips and sheets of requests, negotiations and agreements, for templates."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from licensing import access
from licensing.models import Clearance, LicenceRequest, Verdict
from licensing.selectors import licence_requests as selectors
from licensing.selectors.notices import Basis, has_works
from licensing.services import licence_requests
from licensing.services.assertions import today
from licensing.web import agreements_sheet, agreements_words, requests_changes, requests_titles, words
from registry.models import Dataset, Work
from registry.templatetags.registry_words import icon
from registry.web.pages import actor_of

register = template.Library()

VOCABULARIES = {
    "state": agreements_words.STATES,
    "request": agreements_words.REQUEST_STATES,
    "agreement": agreements_words.AGREEMENT_STATES,
    "step": agreements_words.STEPS,
    "button": agreements_words.BUTTONS,
    "explained": agreements_words.EXPLAINED,
    "side": agreements_words.SIDES,
    "channel": agreements_words.CHANNELS,
    "cause": agreements_words.CAUSES,
    "sublicence_step": agreements_words.SUBLICENCE_STEPS,
    "sublicence_button": agreements_words.SUBLICENCE_BUTTONS,
    "why": agreements_words.WHY,
    "what_to_do": agreements_words.WHAT_TO_DO,
}


@register.filter
def channel_word(code: object, vocabulary: str) -> str:
    """The word for a code of one vocabulary of the channels."""
    return words.said(VOCABULARIES[vocabulary], code)


@register.filter
def request_title(request: LicenceRequest | str | None) -> str:
    """A request's title, in the reader's language where the site had proposed it; "" where there is no request."""
    return requests_titles.title_of(request) if isinstance(request, LicenceRequest) else ""


@register.filter
def reason_left_out(code: str) -> str:
    """Why a work was left out: in the reader's language where it is a code, else as somebody wrote it."""
    return str(agreements_words.WHY.get(code, code))


@register.simple_tag
def state_chip(state: str) -> SafeString:
    """The state of a negotiation as icon and word in a frame."""
    return _chip(agreements_words.LOOKS.get(state, "unknown"), words.said(agreements_words.STATES, state))


@register.simple_tag
def agreement_chip(state: str) -> SafeString:
    """The state of an agreement as icon and word in a frame."""
    look = agreements_words.AGREEMENT_LOOKS.get(state, "unknown")
    return _chip(look, words.said(agreements_words.AGREEMENT_STATES, state))


@register.simple_tag
def passed_on_chip(state: str) -> SafeString:
    """Whether somebody objects to a sub-licence, as icon and word in a frame."""
    look = agreements_words.SUBLICENCE_LOOKS.get(state, "unknown")
    return _chip(look, words.said(agreements_words.SUBLICENCE_STATES, state))


def _chip(look: str, said: str) -> SafeString:
    return format_html('<span class="chip v-{}">{}<span>{}</span></span>', look, icon(look), said)


@register.inclusion_tag("licensing/_terms.html")
def terms_sheet(terms: Mapping[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Terms as a sheet; clauses that nobody narrowed are folded away, those that differ never are."""
    rows = agreements_sheet.sheet(terms, before)
    return {
        "shown": [row for row in rows if row.narrows or row.differs],
        "folded": [row for row in rows if not (row.narrows or row.differs)],
        "compared": bool(before),
        "differs": any(row.differs for row in rows),
    }


@register.filter
def fee_of(terms: Mapping[str, Any] | None) -> str:
    """What is paid under these terms, in words."""
    return agreements_sheet.fee(terms)


@register.inclusion_tag("licensing/_since.html")
def since(clearance: Clearance) -> dict[str, Any]:
    """What became of a clearance's answers since they were given, each with the reason."""
    return {"since": requests_changes.of_clearance(clearance), "clearance": clearance}


@register.inclusion_tag("licensing/_since_verdict.html")
def since_verdict(verdict: Verdict) -> dict[str, Any]:
    """What became of one answer since it was given."""
    return {"changes": requests_changes.of_verdict(verdict)}


@register.inclusion_tag("licensing/_request_missing.html", takes_context=True)
def request_missing(context: Mapping[str, Any], clearance: Clearance) -> dict[str, Any]:
    """The button that asks for what is missing, where anything is, and the requests that were made before."""
    actor = actor_of(context["request"])
    blocks = clearance.policy.get("blocks", {})
    now = selectors.totals_now(clearance)
    missing = sum(works for code, works in now.items() if code in licence_requests.MISSING or blocks.get(code))
    made = access.licence_requests(actor).filter(clearance=clearance).order_by("-id")
    return {"clearance": clearance, "missing": missing, "made": made, "may_write": actor.may_write}


@register.inclusion_tag("licensing/_get_licence.html", takes_context=True)
def get_licence(context: Mapping[str, Any], work: Work) -> dict[str, Any]:
    """How to get a licence for a work here: offers that can be accepted at once, and asking for one."""
    actor = actor_of(context["request"])
    offers = selectors.open_offers(work, today()).order_by("pk")
    is_own = actor.organisation is not None and actor.organisation == work.registered_by
    return {
        "work": work,
        "offers": [row for row in offers if row.asserted_by != actor.organisation],
        "own": [row for row in offers if row.asserted_by == actor.organisation],
        "is_own": is_own,
        "may_write": actor.may_write,
        "may_ask": not is_own and work.withdrawn_at is None and (actor.user is None or actor.may_write),
    }


@register.inclusion_tag("licensing/_host_notice.html", takes_context=True)
def host_notice(context: Mapping[str, Any], about: Clearance | Dataset) -> dict[str, Any]:
    """The button that drafts a notice to a dataset's host, for an organisation some of whose works were found there."""
    actor = actor_of(context["request"])
    if isinstance(about, Clearance):
        basis, query = Basis(about.scan.release.dataset, about.scan.release, about), f"clearance={about.public_id}"
    else:
        basis, query = Basis(about), f"dataset={about.slug}"
    shown = actor.may_write and actor.organisation is not None and has_works(actor.organisation, basis)
    return {"shown": shown, "query": query}
