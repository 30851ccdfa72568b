"""What services refuse, in the reader's language.

Services speak English: their sentences go to the API, the log and the shell as they are. Pages know them again by their
shape, facts and all, and say the same in the language of whoever reads. What nobody put down here stays in English.
"""

import re
from collections.abc import Iterable

from django.utils.translation import get_language, gettext

_FACT = re.compile(r"%\((\w+)\)s")
_BETWEEN_SENTENCES = re.compile(r"(?<=[.?!]) (?=[A-Z“])")
_SHAPES: dict[str, re.Pattern[str]] = {}


def register(templates: Iterable[str]) -> None:
    """Sentences that services say, with `%(name)s` for each fact; marked for translation where they are listed."""
    for template in templates:
        pieces = _FACT.split(template)
        shape = "".join(f"(?P<{piece}>.+?)" if number % 2 else re.escape(piece) for number, piece in enumerate(pieces))
        _SHAPES[template] = re.compile(shape, re.DOTALL)


def said(sentence: str) -> str:
    """A service's sentence, or several, for this reader."""
    if (get_language() or "en").startswith("en"):
        return sentence
    whole = _one(sentence)
    return whole if whole is not None else " ".join(_one(one) or one for one in _BETWEEN_SENTENCES.split(sentence))


def _one(sentence: str) -> str | None:
    plain = gettext(sentence) if sentence else ""
    if plain != sentence:
        return plain
    for template, shape in _SHAPES.items():
        found = shape.fullmatch(sentence)
        if found is not None:
            facts = {name: said(fact) if " " in fact else fact for name, fact in found.groupdict().items()}
            return gettext(template) % facts
    return None
