"""Filters for licensing's pages: words for verdicts, statuses, uses, places and reasons; the bar's chips."""

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ingest import sureness
from licensing.selectors import declared
from licensing.web import answers, words
from licensing.web.addresses import address_of
from registry.templatetags.registry_words import icon

register = template.Library()

VOCABULARIES = {
    "use": words.USES,
    "purpose": words.PURPOSES,
    "policy": words.POLICIES,
    "axis": words.AXES,
    "status": words.STATUSES,
    "declared": words.DECLARED,
    "verdict": words.VERDICTS,
    "likelihood": words.LIKELIHOODS,
    "reason": words.REASONS,
    "statement": words.STATEMENTS,
}
STATUS_ICONS = {
    "LICENSED": "cleared",
    "PUBLIC_DOMAIN": "cleared",
    "OPEN_LICENCE": "conditional",
    "OFFERED": "arrow",
    "RESERVED": "not_cleared",
    "TERMS_RESTRICTED": "warning",
    "DISPUTED": "contested",
}


@register.filter
def word(code: object, vocabulary: str) -> str:
    """The word for a code of one vocabulary."""
    return words.said(VOCABULARIES[vocabulary], code)


@register.filter
def row_of_file(address: str) -> str:
    """The row that the address of a statement from an imported file names: import:easq6gy32hsr#7 → 7."""
    return address.rpartition("#")[2]


@register.filter(name="sureness")
def how_sure(confidence: float | None) -> str:
    """How sure a match is: 0.99812 → 99.8 %; never 0 or 100 %, a dash where it was not estimated."""
    return sureness.in_percent(confidence).replace(" ", "\u202f")


@register.filter
def likelihood(confidence: float) -> str:
    """The same in words."""
    return words.said(words.LIKELIHOODS, sureness.likelihood(confidence))


@register.filter
def word_list(codes: Sequence[str], vocabulary: str) -> str:
    """Several words; an empty list narrows nothing."""
    if not codes:
        return _("every one")
    return _(", ").join(word(code, vocabulary) for code in codes)


@register.filter
def place(code: str) -> str:
    """A territory's name."""
    return words.territory(code)


@register.filter
def place_list(codes: Sequence[str]) -> str:
    """Several territories; an empty list is everywhere."""
    if not codes:
        return _("everywhere")
    return _(", ").join(words.territory(code) for code in codes)


@register.simple_tag
def verdict_chip(code: str) -> SafeString:
    """Icon and word, on a pattern of its own: colour says nothing alone."""
    return format_html(
        '<span class="chip v-{}">{}<span>{}</span></span>', code.lower(), icon(code), words.said(words.VERDICTS, code)
    )


@register.simple_tag
def status_chip(code: str) -> SafeString:
    """A status as icon and word in a frame."""
    drawn = icon(STATUS_ICONS.get(code, "unknown"))
    return format_html(
        '<span class="chip s-{}">{}<span>{}</span></span>', code.lower(), drawn, words.said(words.STATUSES, code)
    )


@register.filter
def page_address(row: Any) -> str:
    """The page of a work, dataset, model or holder."""
    return address_of(row)


@register.filter
def declared_status(dataset: Any) -> str:
    """What a dataset's declared licences amount to."""
    return declared.status(dataset)


@register.simple_tag
def declared_chip(code: str) -> SafeString:
    """What is declared for a dataset: a word of its own, because it is no status that rules gave."""
    drawn = icon(STATUS_ICONS.get(code, "unknown"))
    return format_html(
        '<span class="chip s-{}">{}<span>{}</span></span>', code.lower(), drawn, words.said(words.DECLARED, code)
    )


@register.filter
def asks(row: Any) -> str:
    """A clearance's question as one sentence."""
    return answers.asked(row.use, row.purpose, row.territory, row.as_of, row.licensee)
