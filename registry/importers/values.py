"""Values as records write them: checked, with a remark for everything that was doubtful. Nothing is guessed."""

from __future__ import annotations

import re
import unicodedata
from array import array
from calendar import monthrange

from registry import countries
from registry.identifiers import IdentifierError, normalise
from registry.importers.languages import normalise_language
from registry.importers.rows import Message

MAX_TITLE_CHARS = 500
MAX_NAME_CHARS = 300
MAX_REFERENCE_CHARS = 200
MAX_DESCRIPTION_CHARS = 20_000
MAX_FIELD_CHARS = 100_000
FIRST_YEAR, LAST_YEAR = 1, 2100

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Explicit embeddings, overrides and isolates; plain LRM and RLM belong to Hebrew and Arabic titles.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u200b\u2060-\u2064\ufeff\u00ad]")
_WORD = re.compile(r"[^\W\d_]+")
_FORMULA = re.compile(r"[=@]|[+\-](?=[A-Za-z0-9(])")
_NUMBER = re.compile(r"[+\-][0-9.,]+")
_ISBN13 = re.compile(r"97[89][0-9]{10}")
# Nine digits were a number of their own before 1970, but in a table they are an ISBN that lost its zero
_CUT_SHORT = re.compile(r"[0-9]{7,9}|[0-9]{6,8}[Xx]")
_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_YEAR = re.compile(r"[\[(]?(?:c|ca\.?|circa|©|\(c\)|cop\.?|约)? ?([0-9]{4})[\])?.]{0,3}年?", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.年 ]{1,2}([0-9]{1,2})(?:[-/.月 ]{1,2}([0-9]{1,2})日?|月)?(?:[T ][0-9:.+Z-]+)?")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})?")


class Remarks:
    """What has to be said about one record, gathered while it is read."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def add(self, column: str, value: str, severity: str, code: str, cause: str, *, fix: str = "") -> None:
        """One remark; the value is cut to what a report shows."""
        self.messages.append(Message(column, value[:400], severity, code, cause, fix))


class Seen:
    """Which record first bore a key: 64-bit hashes in an open table, some 24 bytes a key however long it is."""

    def __init__(self) -> None:
        self._keys = array("q", bytes(8 * 1024))
        self._records = array("I", bytes(4 * 1024))
        self._count = 0

    def first(self, key: str, record: int) -> int:
        """The record that bore `key` before, or 0, and then it is noted for `record` (from 1)."""
        if 2 * self._count >= len(self._keys):
            self._grow()
        return self._place(hash(key), record)

    def _place(self, hashed: int, record: int) -> int:
        mask = len(self._keys) - 1
        slot = hashed & mask
        while self._records[slot]:
            if self._keys[slot] == hashed:
                return self._records[slot]
            slot = (slot + 1) & mask
        self._keys[slot], self._records[slot] = hashed, record
        self._count += 1
        return 0

    def _grow(self) -> None:
        keys, records, size = self._keys, self._records, 2 * len(self._keys)
        self._keys, self._records, self._count = array("q", bytes(8 * size)), array("I", bytes(4 * size)), 0
        for hashed, record in zip(keys, records, strict=True):
            if record:
                self._place(hashed, record)


def check_title(title: str, column: str, remarks: Remarks) -> str:
    """The title, spaces unified; remarks on one that is empty, too long, or not what it looks like."""
    text = check_text(title, column, remarks, MAX_TITLE_CHARS, severity="E")
    if not text and not title.strip():
        remarks.add(column, "", "E", "TITLE_MISSING", "the record has no title", fix="give the title of the work")
    return text


def check_text(
    value: str, column: str, remarks: Remarks, max_chars: int = MAX_FIELD_CHARS, *, severity: str = "W"
) -> str:
    """A line of text with its spaces unified, "" where it is too long; characters that deceive are remarked.

    `severity` is that of being too long: a warning where the record can do without the value.
    """
    if len(value) > max_chars:
        cause = f"it has {len(value)} characters; at most {max_chars} are taken, so it was left out"
        remarks.add(column, value, severity, "VALUE_TOO_LONG", cause, fix="shorten it")
        return ""
    if value.isascii() and value.isprintable():
        return " ".join(value.split()) if "  " in value or value[:1] == " " or value[-1:] == " " else value
    text = " ".join(value.split())
    _check_characters(text, column, remarks)
    return text


def _check_characters(text: str, column: str, remarks: Remarks) -> None:
    if found := _CONTROL.search(text):
        cause = "control characters stand in it, often the trace of a wrong encoding"
        severity = "E" if found.group() < " " else "W"
        remarks.add(column, text, severity, "CONTROL_CHARACTER", cause, fix="remove them, or choose the right encoding")
    if "\ufffd" in text:
        cause = "a character was lost: it was replaced by U+FFFD, or its bytes do not fit the encoding"
        remarks.add(
            column, text, "E", "CHARACTER_LOST", cause, fix="restore the character, or choose the right encoding"
        )
    if _BIDI.search(text):
        cause = "invisible characters turn the direction of writing, so that it reads otherwise than it is stored"
        remarks.add(column, text, "W", "BIDI_CONTROL", cause, fix="remove U+202A to U+202E and U+2066 to U+2069")
    if _INVISIBLE.search(text):
        cause = "invisible characters stand in it; whoever types it does not find it"
        remarks.add(
            column, text, "W", "INVISIBLE_CHARACTER", cause, fix="remove zero-width characters and soft hyphens"
        )
    if mixed := next((word for word in _WORD.findall(text) if _is_mixed(word)), None):
        cause = f"the word {mixed!r} mixes letters of scripts that look alike"
        remarks.add(column, text, "W", "MIXED_SCRIPT", cause, fix="write each word in one script")


def _is_mixed(word: str) -> bool:
    """Latin letters together with Cyrillic or Greek ones in one word; a lone Greek letter is a symbol (µm, βeta)."""
    if word.isascii():
        return False
    scripts = [unicodedata.name(character, "").partition(" ")[0] for character in word]
    latin, cyrillic, greek = (scripts.count(script) for script in ("LATIN", "CYRILLIC", "GREEK"))
    return bool((latin and cyrillic) or (greek and cyrillic) or (latin and greek > 1))


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet that opens this text would calculate it; a signed number is only a number."""
    return _FORMULA.match(text) is not None and not _NUMBER.fullmatch(text)


def check_isbn(value: str, column: str, remarks: Remarks) -> str:
    """The canonical ISBN-13, or "" with a remark that says what happened to the number."""
    if _ISBN13.fullmatch(value) and not value.startswith("9790") and _checks_13(value):
        return value
    if _EXPONENT.fullmatch(value):
        cause = "a spreadsheet rounded the ISBN to an exponent; its last digits are lost"
        fix = "format the column as text in the source and export it again"
        remarks.add(column, value, "W", "ISBN_ROUNDED", cause, fix=fix)
        return ""
    if _CUT_SHORT.fullmatch(value.strip()):
        return _refuse_cut_short(value, column, remarks)
    try:
        return normalise("isbn", value)
    except IdentifierError as error:
        codes = {"IDENTIFIER_CHECK_DIGIT": "ISBN_CHECK_DIGIT", "IDENTIFIER_RANGE": "ISBN_RANGE"}
        code = codes.get(error.code, "ISBN_FORMAT")
        severity = "E" if code == "ISBN_CHECK_DIGIT" else "W"
        remarks.add(column, value, severity, code, error.cause, fix="correct the number, or leave it out")
        return ""


def _refuse_cut_short(value: str, column: str, remarks: Remarks) -> str:
    padded = value.strip().upper().zfill(10)
    cause = "it is too short for an ISBN: a spreadsheet took it for a number and dropped the zeros before it"
    fix = "format the column as text in the source and export it again"
    if _checks_10(padded):
        fix = f"if {padded} is meant, write it so; {fix}"
    remarks.add(column, value, "W", "ISBN_ZEROS_LOST", cause, fix=fix)
    return ""


def _checks_13(digits: str) -> bool:
    numbers = digits.encode()
    return (sum(numbers[::2]) + 3 * sum(numbers[1::2]) - 48 * 25) % 10 == 0


def _checks_10(digits: str) -> bool:
    values = [10 if digit == "X" else int(digit) for digit in digits]
    return sum(weight * digit for weight, digit in zip(range(10, 0, -1), values, strict=True)) % 11 == 0


def check_identifier(scheme: str, value: str, column: str, remarks: Remarks) -> str:
    """The canonical identifier, or "" with a remark."""
    if scheme == "isbn":
        return check_isbn(value, column, remarks)
    try:
        return normalise(scheme, value)
    except IdentifierError as error:
        code = error.code if error.code != "IDENTIFIER_CHECK_DIGIT" else f"{scheme.upper()}_CHECK_DIGIT"
        severity = "E" if error.code == "IDENTIFIER_CHECK_DIGIT" else "W"
        cause = f"no {scheme.upper()}: {error.cause}"
        remarks.add(column, value, severity, code, cause, fix="correct the identifier, or leave it out")
        return ""


def check_language(value: str, column: str, remarks: Remarks) -> str:
    """The BCP 47 tag, or "" with a query where the language is not known."""
    text = value.strip()
    language = normalise_language(text) if text else ""
    if language is None:
        cause = "this language code or name is not known here; it was left out"
        remarks.add(column, text, "Q", "LANGUAGE_UNKNOWN", cause, fix="use a code of ISO 639: en, eng, zh-Hans")
        return ""
    return language


def check_country(value: str, column: str, remarks: Remarks) -> str:
    """The code of ISO 3166-1, or "" with a query."""
    code = {"UK": "GB", "USA": "US"}.get(value.strip().upper(), value.strip().upper())
    if not code or code in countries.CODES:
        return code
    cause = "this is no two-letter country code; it was left out"
    remarks.add(column, value, "Q", "COUNTRY_UNKNOWN", cause, fix="use a code of ISO 3166-1: GB, US, CN")
    return ""


def check_date(value: str, column: str, remarks: Remarks) -> str:
    """2019, 2019-05 or 2019-05-31 of a date as people and systems write it; "" with a remark for what is no date.

    Where day and month cannot be told apart, the year alone is kept.
    """
    text = " ".join(value.split())
    if not text:
        return ""
    if not text.strip("0") or not text.strip("9"):
        return join_date(("0",), value, column, remarks)
    for pattern in (_YEAR, _YEAR_FIRST, _COMPACT):
        if match := pattern.fullmatch(text):
            return join_date(match.groups(), value, column, remarks)
    if match := _YEAR_LAST.fullmatch(text):
        first, second, year = match.groups()
        if int(first) <= 12 and int(second) <= 12 and first != second:
            cause = "day and month cannot be told apart; only the year was taken"
            remarks.add(column, value, "Q", "DATE_AMBIGUOUS", cause, fix="write dates as 2019-05-31")
            return join_date((year,), value, column, remarks)
        day, month = (first, second) if int(second) <= 12 else (second, first)
        return join_date((year, month, day), value, column, remarks)
    cause = "this cannot be read as a date; it was left out"
    remarks.add(column, value, "W", "DATE_UNREADABLE", cause, fix="write dates as 2019, 2019-05 or 2019-05-31")
    return ""


def join_date(parts: tuple[str | None, ...], value: str, column: str, remarks: Remarks) -> str:
    """Year, month and day in digits as one date, as far as they are given; "" with a remark where it is none."""
    year, month, day = (int(part) if part else 0 for part in (*parts, None, None)[:3])
    is_day = day <= 28 or (day <= 31 and 1 <= month <= 12 and day <= monthrange(year or 1, month)[1])
    if FIRST_YEAR <= year <= LAST_YEAR and month <= 12 and is_day and (month or not day):
        written = f"{year:04d}"
        if month:
            written += f"-{month:02d}"
        return written + f"-{day:02d}" if month and day else written
    cause = "there is no such date; it was left out"
    remarks.add(column, value, "W", "DATE_IMPOSSIBLE", cause, fix="correct it, or leave it empty if it is not known")
    return ""
