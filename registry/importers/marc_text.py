"""Text of MARC fields: the punctuation of catalogue cards taken off, and fields in the original script found."""

from __future__ import annotations

import re

from pymarc import Field, Record

_LINK = re.compile(r"([0-9]{3})-([0-9]{2})")
_INITIAL = re.compile(r"(?:^|[\s.-])\w\.$|(?:^|\s)(?:Jr|Sr|St|etc|Co|Inc|Ltd|Bros)\.$|\.\.\.$", re.IGNORECASE)


def clean(text: str) -> str:
    """Without the ISBD punctuation at its end: "Flatland :" → Flatland; initials and "Jr." keep their full stop."""
    text = " ".join(text.split())
    while text and text[-1] in "/:;,=؛،":
        text = text[:-1].rstrip()
    if text.endswith(".") and not _INITIAL.search(text):
        text = text[:-1].rstrip()
    return text


def joined(field: Field, codes: str) -> str:
    """Subfields of these codes in their order, cleaned, with commas between."""
    return ", ".join(part for subfield in field if subfield.code in codes and (part := clean(subfield.value)))


def linked(record: Record, field: Field) -> Field | None:
    """The field 880 that holds the same in the original script."""
    link = _LINK.match(field.get("6", "") or "")
    if not link or link.group(1) != "880" or link.group(2) == "00":
        return None
    for other in record.get_fields("880"):
        back = _LINK.match(other.get("6", "") or "")
        if back and back.group(1) == field.tag and back.group(2) == link.group(2):
            return other
    return None


def statement_end(value: str) -> str:
    """An LCCN without what older records append: "75577579 //r91" → 75577579."""
    number = re.match(r"[^\w]*([a-z]{0,3} *[0-9][0-9 -]*)", value.strip())
    return number.group(1).strip() if number else ""
