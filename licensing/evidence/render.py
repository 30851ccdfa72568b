"""The PDF: blocks in, PDF/A-2a out (tagged, fonts embedded). The same blocks and date give the same bytes."""

import json
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Literal

import typst

from licensing.evidence.glyphs import FONT_FOLDER, printable
from registry.errors import ColophonError

Json = dict[str, Any]

TEMPLATE = Path(__file__).with_name("report.typ")
FONTS = ("Noto Sans", "Noto Sans CJK SC")
STANDARD: Literal["a-2a"] = "a-2a"
REGIONS = {"en": ("en", "gb"), "zh-hans": ("zh", "cn")}


class ReportNotRendered(ColophonError):
    """The typesetter refused the document."""

    code = "REPORT_NOT_RENDERED"


def pdf(document: Json, *, language: str, on: date) -> bytes:
    """Typeset `document` (title, subtitle, running, footer, page and blocks, as `layout.document` makes them).

    `on` is the document's date; no clock is read. Characters without a glyph become [U+XXXXX].
    """
    lang, region = REGIONS[language]
    facts = _printable(document) | {
        "lang": lang,
        "region": region,
        "fonts": list(FONTS),
        "author": "Colophon",
        "date": [on.year, on.month, on.day],
    }
    try:
        made = typst.compile(
            TEMPLATE,
            sys_inputs={"facts": json.dumps(facts, ensure_ascii=True)},
            font_paths=[FONT_FOLDER],
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards=[STANDARD],
            timestamp=int(datetime.combine(on, time(), UTC).timestamp()),
        )
    except typst.TypstError as error:
        raise ReportNotRendered(f"The PDF could not be typeset: {error}") from error
    return made


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {name: _printable(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value
