"""Words about model output on pages."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.translation import get_language, pgettext

from licensing.evidence.wording import LANGUAGES, wording
from licensing.models import TermsClause
from licensing.rules.reasons import Reason
from licensing.selectors.provider_terms import TermsGap
from licensing.web import output_words
from licensing.web.reason_words import PLAIN

register = template.Library()


@register.filter
def output_word(code: object, table: str) -> str:
    """The word for a code of that table of `licensing.web.output_words`."""
    return output_words.said(table, code)


@register.filter
def output_list(codes: Any, table: str) -> str:
    """The words for several codes, as the reader's language lists them."""
    return pgettext("between the items of a list", ", ").join(output_words.said(table, code) for code in codes)


@register.filter
def acts(clauses: Iterable[TermsClause]) -> str:
    """What several clauses are about, as a list."""
    return output_list([clause.act for clause in clauses], "act")


@register.filter
def plain_reason(code: str) -> str:
    """What a reason says in plain words."""
    return str(PLAIN.get(code, code))


@register.filter
def gap_sentence(gap: TermsGap) -> str:
    """Why no version of a document is known, in the reader's language, or as it is recorded."""
    language = (get_language() or "en").lower()
    try:
        return wording(language).gap(gap.why)
    except KeyError:
        return gap.sentence


@register.filter
def reason_sentence(reason: Reason) -> str:
    """The sentence of a reason in the reader's language, or as the rules recorded it."""
    language = (get_language() or "en").lower()
    said = wording(language).reason(reason.code, reason.params) if language in LANGUAGES else None
    return said or reason.sentence
