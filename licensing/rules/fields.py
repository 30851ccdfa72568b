"""Strict reading of JSON objects: every field is known, of the right type and spelt from its vocabulary.

A problem names its place with a JSON pointer (RFC 6901), counted from the case's root.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from licensing.rules.terms import find_territory

Word = TypeVar("Word", bound=StrEnum)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].+)?", re.ASCII)
_PARTIAL_DATE = re.compile(r"(-?\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


class CaseError(ValueError):
    """A malformed case. `pointer` is the place ("" = the whole document), `cause` what is wrong there."""

    code = "case_malformed"

    def __init__(self, pointer: str, cause: str) -> None:
        super().__init__(f"{pointer or '(whole case)'}: {cause}")
        self.pointer = pointer
        self.cause = cause


@dataclass(frozen=True, order=True)
class PartialDate:
    """A date known to the year, month or day: "1813", "1813-01", "1813-01-28"; years before the era are negative."""

    year: int
    month: int | None = None
    day: int | None = None

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        parts = [f"{part:02d}" for part in (self.month, self.day) if part is not None]
        return "-".join([f"{sign}{abs(self.year):04d}", *parts])


class Fields:
    """One JSON object while it is read. `close()` refuses whatever was not asked for."""

    def __init__(self, value: Any, pointer: str) -> None:
        if not isinstance(value, dict):
            raise CaseError(pointer, f"expected an object, found {name_type(value)}")
        self.values: dict[str, Any] = value
        self.pointer = pointer
        self.known: set[str] = set()

    def at(self, name: str) -> str:
        """Pointer of a field of this object."""
        return f"{self.pointer}/{escape(name)}"

    def take(self, name: str) -> Any:
        """The raw value, None where absent."""
        self.known.add(name)
        return self.values.get(name)

    def require(self, name: str) -> Any:
        value = self.take(name)
        if value is None:
            raise CaseError(self.at(name), "is missing" if name not in self.values else "must not be null")
        return value

    def text(self, name: str) -> str | None:
        value = self.take(name)
        return None if value is None else read_text(value, self.at(name))

    def required_text(self, name: str) -> str:
        return read_text(self.require(name), self.at(name))

    def flag(self, name: str) -> bool | None:
        value = self.take(name)
        if value is not None and not isinstance(value, bool):
            raise CaseError(self.at(name), f"expected true or false, found {name_type(value)}")
        return value

    def word(self, name: str, vocabulary: type[Word]) -> Word | None:
        value = self.take(name)
        return None if value is None else read_word(value, vocabulary, self.at(name))

    def required_word(self, name: str, vocabulary: type[Word]) -> Word:
        return read_word(self.require(name), vocabulary, self.at(name))

    def day(self, name: str) -> date | None:
        value = self.take(name)
        return None if value is None else read_day(value, self.at(name))

    def partial_date(self, name: str) -> PartialDate | None:
        value = self.take(name)
        return None if value is None else read_partial_date(value, self.at(name))

    def territory(self, name: str) -> str | None:
        value = self.take(name)
        return None if value is None else read_territory(value, self.at(name))

    def items(self, name: str) -> list[tuple[Any, str]] | None:
        """The elements of an array, each with its pointer; None where absent."""
        value = self.take(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise CaseError(self.at(name), f"expected an array, found {name_type(value)}")
        return [(element, f"{self.at(name)}/{number}") for number, element in enumerate(value)]

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(read_text(element, pointer) for element, pointer in self.items(name) or [])

    def words(self, name: str, vocabulary: type[Word]) -> tuple[Word, ...]:
        return tuple(read_word(element, vocabulary, pointer) for element, pointer in self.items(name) or [])

    def scope(self, name: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...] | None:
        """A dimension of a scope: absent or null is "no restriction", so that an empty array is refused."""
        elements = self.items(name)
        if elements is None:
            return None
        if not elements:
            raise CaseError(self.at(name), "must not be empty; leave it out where nothing is restricted")
        return tuple(read(element, pointer) for element, pointer in elements)

    def close(self) -> None:
        for name in self.values:
            if name not in self.known:
                known = ", ".join(sorted(self.known))
                raise CaseError(self.at(name), f"unknown field; known here: {known}")


def escape(name: str) -> str:
    """A member name as a JSON pointer token."""
    return name.replace("~", "~0").replace("/", "~1")


def name_type(value: Any) -> str:
    """What JSON calls the type of `value`."""
    if value is None:
        return "null"
    names: list[tuple[type | tuple[type, ...], str]] = [
        (bool, "a boolean"),
        ((int, float), "a number"),
        (str, "a string"),
        (list, "an array"),
        (dict, "an object"),
    ]
    return next((name for kind, name in names if isinstance(value, kind)), type(value).__name__)


def read_text(value: Any, pointer: str) -> str:
    if not isinstance(value, str):
        raise CaseError(pointer, f"expected a string, found {name_type(value)}")
    if not value.strip():
        raise CaseError(pointer, "must not be empty")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise CaseError(pointer, "holds half a surrogate pair, which is not text") from None
    return value


def read_word(value: Any, vocabulary: type[Word], pointer: str) -> Word:
    if not isinstance(value, str):
        raise CaseError(pointer, f"expected a string, found {name_type(value)}")
    try:
        return vocabulary(value)
    except ValueError:
        known = ", ".join(vocabulary)
        raise CaseError(pointer, f"unknown value {value!r}; known: {known}") from None


def read_territory(value: Any, pointer: str) -> str:
    code = find_territory(read_text(value, pointer))
    if code is None:
        raise CaseError(pointer, f"unknown territory {value!r}; use an ISO 3166-1 alpha-2 code, EU, EEA or WORLD")
    return code


def read_day(value: Any, pointer: str) -> date:
    """A day as YYYY-MM-DD; of a time stamp (ISO 8601) only the day counts."""
    text = read_text(value, pointer)
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    raise CaseError(pointer, f"{value!r} is not a date; write YYYY-MM-DD")


def read_partial_date(value: Any, pointer: str) -> PartialDate:
    text = read_text(value, pointer)
    found = _PARTIAL_DATE.fullmatch(text)
    if found is None:
        raise CaseError(pointer, f"{value!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    try:
        # 2000 stands in for years that datetime cannot hold; it is a leap year, as every fourth one may be
        date(year if year > 0 else 2000, month or 1, day or 1)
    except ValueError:
        raise CaseError(pointer, f"{value!r} is not a day of the calendar") from None
    return PartialDate(year, month, day)
