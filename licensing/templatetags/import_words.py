"""Words of imports for templates."""

from django import template

from licensing.web.import_words import ACTION_WORDS, FIELD_WORDS, SEVERITY_WORDS

register = template.Library()


@register.filter
def action_word(code: str) -> str:
    """What becomes of a row."""
    return str(ACTION_WORDS.get(code, code))


@register.filter
def severity_word(code: str) -> str:
    """How grave a fault is."""
    return str(SEVERITY_WORDS.get(code, code))


@register.simple_tag
def import_fields() -> list[tuple[str, str]]:
    """The fields a column can be: (code, word)."""
    return [(code, str(word)) for code, word in FIELD_WORDS.items()]
