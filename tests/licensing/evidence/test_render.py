"""The PDF: same facts and date, same bytes; what is typeset is text, never markup."""

import datetime
import io
from typing import Any

import pypdf
import pytest

from licensing.evidence import render
from licensing.evidence.render import ReportNotRendered, pdf

DAY = datetime.date(2026, 11, 22)
HASH = "0123456789abcdef" * 4


def document(*blocks: dict) -> dict:
    return {
        "title": "Title 标题", "subtitle": "Subtitle", "running": "r", "footer": "f", "page": "{n} of {m}",
        "blocks": list(blocks),
    }  # fmt: skip


def text(made: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)


def test_the_same_facts_and_date_give_the_same_bytes() -> None:
    said = document({"kind": "text", "text": "Once."})
    assert pdf(said, language="en", on=DAY) == pdf(said, language="en", on=DAY)
    assert pdf(said, language="en", on=DAY) != pdf(said, language="en", on=DAY - datetime.timedelta(days=1))


def test_a_document_says_that_it_is_an_archival_and_tagged_one() -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf(document(), language="en", on=DAY)))
    root: Any = reader.root_object
    xmp = root["/Metadata"].get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert reader.metadata is not None
    assert reader.metadata.title == "Title 标题"
    assert reader.metadata.creation_date == datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


def test_markup_in_facts_is_shown_and_not_run() -> None:
    hostile = '#read("/etc/passwd") $x^2$ *bold* <label> @ref \\ `raw` //comment'
    shown = text(pdf(document({"kind": "text", "text": hostile}), language="en", on=DAY))
    assert " ".join(shown.split()).count(hostile) == 1


def test_a_long_hash_breaks_in_a_narrow_column_and_can_be_copied_whole() -> None:
    table = {"kind": "table", "header": ["a", "b"], "rows": [["x", {"mono": HASH}]], "widths": [4, 1], "numbers": []}
    made = pdf(document(table), language="en", on=DAY)
    assert HASH in "".join(text(made).split())


def test_characters_without_a_glyph_are_named_in_every_kind_of_block() -> None:
    made = pdf(
        document(
            {"kind": "heading", "level": 1, "text": "h\U0001f600"},
            {"kind": "list", "items": [["i\U0001f600", {"mark": "m\U0001f600"}]]},
            {"kind": "facts", "rows": [["l\U0001f600", {"strong": "s\U0001f600"}]]},
            {"kind": "text", "text": [{"title": "繁體\U0001f600"}]},
        ),
        language="zh-hans",
        on=DAY,
    )
    assert text(made).count("[U+1F600]") == 6


def test_pages_are_counted() -> None:
    many = [{"kind": "text", "text": f"Paragraph {number}."} for number in range(120)]
    assert "2 of 3" in text(pdf(document(*many), language="en", on=DAY))


def test_what_cannot_be_typeset_is_an_error_with_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "_printable", lambda value: value)
    with pytest.raises(ReportNotRendered, match="could not be typeset"):
        pdf(document({"kind": "text", "text": "\U00020bb7"}), language="en", on=DAY)
