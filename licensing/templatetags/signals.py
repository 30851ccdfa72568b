"""What templates need to show signals."""

from django import template

from licensing.selectors import signals as reading
from licensing.selectors.signals import SaidThen
from licensing.services.assertions import today
from licensing.web import signals_words
from registry.models import Work

register = template.Library()
WORDS = {"origin": signals_words.ORIGINS, "format": signals_words.FORMATS, "says": signals_words.SAYS}


@register.filter
def signal_word(code: str, vocabulary: str) -> str:
    """A code of a signal in the reader's language."""
    return str(WORDS[vocabulary].get(code, code))


@register.simple_tag
def work_signals(work: Work) -> SaidThen:
    """What machines say of a work today, for pretraining, as everybody may know it."""
    return reading.said(work, today(), use="pretraining")
