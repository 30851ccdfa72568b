"""Filters and tags that every page may use: words for codes, numbers and dates as people read them, icons."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, npgettext, pgettext
from django.utils.translation import gettext as _

from registry import identifiers
from registry.search import highlights
from registry.search.query import parse
from registry.web import refusals, words
from registry.web.views import work_address

register = template.Library()

WRAPPED_LINE = re.compile(r"([^\n]{50,})\r?\n(?=[^\r\n])")

# Paths on a 16 × 16 grid, drawn with the colour of the text around them.
ICONS = {
    "cleared": "M3 8.5 6.5 12 13 4.5",
    "conditional": "M3 6.5 6 9.5 11.5 3.5 M4 13.5h8",
    "exception_claimed": "M8 2v12 M3 5h10 M3 5 1.5 9.5h3z M13 5l-1.5 4.5h3z",
    "contested": "M2 5.5h9 M8.5 3 11.5 5.5 8.5 8 M14 10.5H5 M7.5 8 4.5 10.5 7.5 13",
    "not_cleared": "M3.5 3.5l9 9 M12.5 3.5l-9 9",
    "unknown": "M5.5 6a2.5 2.5 0 1 1 3.6 2.2C8.3 8.7 8 9 8 10 M8 12.6v.4",
    "search": "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 1 0 0-9 M10.5 10.5 14 14",
    "arrow": "M3 8h10 M9 4l4 4-4 4",
    "warning": "M8 2 14.5 13.5h-13z M8 6.5v3.5 M8 11.7v.3",
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside a word; it says nothing that the word does not."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        ICONS.get(name.lower(), ICONS["unknown"]),
    )


@register.filter
def term(code: object) -> str:
    """The word for a code in the reader's language."""
    return words.term(code)


@register.filter
def code_points(text: str) -> str:
    """The characters of a text that are not plain ASCII, by their code points, each once: U+202E U+0430."""
    return " ".join(f"U+{ord(char):04X}" for char in dict.fromkeys(text) if not char.isascii())


@register.filter
def identifier(row: Any) -> str:
    """An identifier as people read it: 978-0-14-143951-8."""
    return identifiers.display(row.scheme, row.value)


@register.filter
def grouped(value: object) -> str:
    """196640 → 196 640, with narrow spaces that do not break; decimals keep their places."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Decimal) and value == value.to_integral():
        value = int(value)
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int | float | Decimal) else str(value)


@register.filter
def percent(share: float | None) -> str:
    """0.9814 → 98.1 %; a dash where nothing was measured, "< 0.1 %" for what would round to nothing."""
    if share is None:
        return "–"
    if 0 < share < 0.0005:
        return "<\u202f0.1\u202f%"
    return f"{share * 100:.1f}\u202f%"


@register.filter
def share_of(part: float, whole: float) -> float:
    """part ÷ whole, 0 where there is nothing."""
    return part / whole if whole else 0.0


@register.filter
def data_size(size_bytes: int) -> str:
    """1536 → 1.5 KiB."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            return f"{size:.0f}\u202f{unit}" if unit == "B" else f"{size:.1f}\u202f{unit}"
        size /= 1024
    return ""


@register.filter
def duration(seconds: int | None) -> str:
    """75 → 1:15, 3700 → 1:01:40."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


@register.filter
def day(value: Any) -> str:
    """A date or moment as ISO, to the day."""
    return value.strftime("%Y-%m-%d") if value else "–"


@register.filter
def moment(value: Any) -> str:
    """A moment as ISO to the minute, in UTC."""
    return value.strftime("%Y-%m-%d %H:%M UTC") if value else "–"


@register.filter
def named(row: Any) -> str:
    """A row's name in the reader's language where it has one."""
    chinese: str = getattr(row, "name_zh", "")
    return chinese if chinese and (get_language() or "").startswith("zh") else str(row)


@register.filter
def lang_of(language: str) -> SafeString:
    """A `lang` attribute for words in another language than the page's; nothing where none is recorded."""
    return format_html(' lang="{}"', language) if language else SafeString("")


@register.filter
def language_name(code: str) -> str:
    """zh → 中文 or Chinese; a code that is not known is shown as it is."""
    try:
        return str(get_language_info(code.lower())["name_translated"])
    except KeyError:
        return code


@register.filter
def marked(text: str, query: str) -> SafeString:
    """The text with what answers the query marked, however it is accented, misspelt or written."""
    pieces = highlights.pieces(text, parse(query))
    return format_html_join(
        "", "{}", ((format_html("<mark>{}</mark>", piece) if hit else piece,) for piece, hit in pieces)
    )


@register.filter
def marked_hit(hit: Any, query: str) -> SafeString:
    """The title of a search hit with what answers the query marked; a claim in the reader's language."""
    if hit.kind != "claim":
        return marked(hit.title, query)
    claim = hit.row
    return marked(f"{named(claim.subject)} {words.term(claim.relation)} {named(claim.object)}", query)


@register.filter
def rounded(count: int) -> int:
    """An estimated number with two digits that mean something: 237548 → 240000."""
    return round(count, 2 - len(str(abs(count))))


@register.simple_tag(takes_context=True)
def address_with(context: Context, **changes: object) -> str:
    """This page's query string with some names changed; an empty value takes the name away."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return "?" + query.urlencode()


@register.filter
def get(mapping: Mapping[str, Any] | None, key: str) -> Any:
    """mapping[key], or nothing."""
    return (mapping or {}).get(key)


@register.filter
def address(work: Any) -> str:
    """The page of a work."""
    return work_address(work)


@register.filter
def english(text: str) -> SafeString:
    """`lang="en"` for a text of the catalogue on a page in another language, unless it is Chinese itself."""
    is_chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text[:40])
    if is_chinese:
        return SafeString(' lang="zh"')
    return SafeString("") if (get_language() or "en").startswith("en") else SafeString(' lang="en"')


@register.filter
def colon(label: object) -> str:
    """A label before what it names, with the colon of the reader's language."""
    return pgettext("a label before what it names", "%(label)s:") % {"label": label}


@register.filter
def refusal(sentence: str) -> str:
    """What a service refused, in the reader's language where its sentence is known."""
    return refusals.said(sentence)


@register.filter
def plural(name: str, count: int) -> str:
    """The name of a kind for this many of it."""
    if name.startswith("work"):
        return npgettext("after a number", "work", "works", count)
    if name.startswith("dataset"):
        return npgettext("after a number", "dataset", "datasets", count)
    if name.startswith("model"):
        return npgettext("after a number", "model", "models", count)
    if name.startswith("claim"):
        return npgettext("after a number", "claim", "claims", count)
    return npgettext("after a number", "holder", "holders", count)


@register.filter
def flowing(text: str) -> str:
    """A passage as running text: where a source breaks its long lines is of no interest, empty lines and verse are."""
    return WRAPPED_LINE.sub(r"\1 ", text)


@register.filter
def kind_title(name: str) -> str:
    """The name of a kind as the title of its list."""
    titles = {
        "work": _("Works"),
        "dataset": _("Datasets"),
        "model": _("Models"),
        "holder": _("Holders"),
        "claim": _("Claims"),
    }
    return titles[name]
