"""Terms as JSON: every fault is named with its place, and nothing is guessed.

In JSON an empty array, null and an absent key all say "not narrowed", except that terms name their uses.
`"affiliates": ["none"]` says that the licensee alone may use the work.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from licensing.rules.agreement_facts import Fee, FeeModel, OutputLimits, Sublicensing, Survival, Terms
from licensing.rules.currencies import CURRENCIES
from licensing.rules.fields import CaseError, escape, name_type, read_territory, read_text, read_word
from licensing.rules.terms import LicenseeKind, Purpose, Use, members

NOBODY = "none"
MOST_NAMES = 1_000
MOST_CHARACTERS = 4_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_AMOUNT = re.compile(r"(?:0|[1-9]\d{0,11})(?:\.\d{1,8})?", re.ASCII)
_SLUG = re.compile(r"[A-Za-z0-9_-]{1,50}", re.ASCII)  # as of registry.models.Organisation
_MAX_WORDS = 1_000_000
_KNOWN = tuple(Terms.__dataclass_fields__)

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True)
class TermsFault:
    """One thing that is wrong: where (a JSON pointer, "" = all of it), and what."""

    pointer: str
    cause: str


class TermsError(ValueError):
    """Terms that cannot be read. `faults` lists every fault; `pointer` and `cause` are those of the first."""

    code = "terms_malformed"

    def __init__(self, faults: Iterable[TermsFault]) -> None:
        self.faults = tuple(faults)
        self.pointer, self.cause = self.faults[0].pointer, self.faults[0].cause
        super().__init__("; ".join(f"{fault.pointer or '(whole terms)'}: {fault.cause}" for fault in self.faults))


def parse_terms(obj: Any) -> Terms:
    """The terms in a decoded JSON document. Raises TermsError, which lists every fault with its JSON pointer."""
    reader = _Reader(obj)
    terms = _read(reader) if isinstance(obj, dict) else None
    if terms is None or reader.faults:
        raise TermsError(reader.faults)
    return terms


def terms_json(terms: Terms) -> dict[str, Any]:
    """The terms as JSON values with every key present; `parse_terms` gives the same terms back."""
    limits, fee = terms.output_limits, terms.fee
    return {
        "uses": _sorted(terms.uses),
        "purposes": _sorted(terms.purposes),
        "territory": list(terms.territory or ()),
        "valid_from": terms.valid_from.isoformat() if terms.valid_from else None,
        "valid_to": terms.valid_to.isoformat() if terms.valid_to else None,
        "licensee_kinds": _sorted(terms.licensee_kinds),
        "affiliates": [NOBODY] if terms.affiliates == frozenset() else sorted(terms.affiliates or ()),
        "models": sorted(terms.models or ()),
        "products": sorted(terms.products or ()),
        "exclusive": terms.exclusive,
        "sublicensing": terms.sublicensing.value,
        "output_limits": None if limits is None else {"verbatim_words": limits.verbatim_words, "note": limits.note},
        "fee": None if fee is None else _fee_json(fee),
        "attribution": terms.attribution,
        "audit": terms.audit,
        "survival": terms.survival.value if terms.survival else None,
        "note": terms.note,
    }


def _sorted(words: Iterable[StrEnum] | None) -> list[str]:
    return sorted(word.value for word in words or ())


def _fee_json(fee: Fee) -> dict[str, Any]:
    amount = None if fee.amount is None else f"{fee.amount:f}"
    return {"model": fee.model.value, "amount": amount, "currency": fee.currency or None, "per": fee.per}


def fold_territory(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes sorted, without those that another one of them contains: DE, EU → EU."""
    unique = set(codes)
    return tuple(sorted(code for code in unique if not any(members(code) < members(other) for other in unique)))


class _Reader:
    """Takes values out of one object and notes what is wrong with them instead of stopping at it."""

    def __init__(
        self, obj: Any, pointer: str = "", known: Iterable[str] = _KNOWN, faults: list[TermsFault] | None = None
    ) -> None:
        self.pointer = pointer
        self.faults: list[TermsFault] = [] if faults is None else faults
        self.values: dict[str, Any] = obj if isinstance(obj, dict) else {}
        if not isinstance(obj, dict):
            self.note("", f"expected an object, found {name_type(obj)}")
        known = tuple(known)
        for name in self.values:
            if name not in known:
                self.note(name, f"unknown field; known here: {', '.join(sorted(known))}")

    def note(self, name: str, cause: str) -> None:
        place = f"{self.pointer}/{escape(name)}" if name else self.pointer
        self.faults.append(TermsFault(place, cause))

    def one(self, name: str, read: Callable[[Any, str], Any]) -> Any:
        """The value read by `read`; None where absent, null or wrong."""
        return self._try(self.values.get(name), f"{self.pointer}/{name}", read)

    def _try(self, value: Any, place: str, read: Callable[[Any, str], Any]) -> Any:
        if value is None:
            return None
        try:
            return read(value, place)
        except CaseError as error:
            self.faults.append(TermsFault(error.pointer, error.cause))
            return None

    def many(self, name: str, read: Callable[[Any, str], Any]) -> list[Any] | None:
        """Every element that could be read; None where the list is absent, null or empty."""
        value = self.values.get(name)
        if value is None or value == []:
            return None
        if not isinstance(value, list):
            self.note(name, f"expected an array, found {name_type(value)}")
            return None
        if len(value) > MOST_NAMES:
            self.note(name, f"lists {len(value)} values; {MOST_NAMES} at most")
            return None
        places = [f"{self.pointer}/{name}/{number}" for number in range(len(value))]
        for place, element in zip(places, value, strict=True):
            if element is None:
                self.faults.append(TermsFault(place, "must not be null"))
        return [self._try(element, place, read) for place, element in zip(places, value, strict=True)]

    def words(self, name: str, vocabulary: type[Word]) -> frozenset[Word] | None:
        found = self.many(name, lambda value, place: read_word(value, vocabulary, place))
        return None if found is None else frozenset(word for word in found if word is not None)

    def names(self, name: str, read: Callable[[Any, str], str]) -> frozenset[str] | None:
        found = self.many(name, read)
        return None if found is None else frozenset(text for text in found if text is not None)

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if value is not None and not isinstance(value, bool):
            self.note(name, f"expected true or false, found {name_type(value)}")
            return False
        return bool(value)


def _read(reader: _Reader) -> Terms:
    territory = reader.many("territory", read_territory)
    terms = Terms(
        uses=reader.words("uses", Use) or frozenset(),
        purposes=reader.words("purposes", Purpose),
        territory=None if territory is None else fold_territory(code for code in territory if code is not None),
        valid_from=reader.one("valid_from", read_day),
        valid_to=reader.one("valid_to", read_day),
        licensee_kinds=reader.words("licensee_kinds", LicenseeKind),
        affiliates=_read_affiliates(reader),
        models=reader.names("models", _read_name),
        products=reader.names("products", _read_name),
        exclusive=reader.flag("exclusive"),
        sublicensing=reader.one("sublicensing", lambda value, place: read_word(value, Sublicensing, place))
        or Sublicensing.NONE,
        output_limits=_read_limits(reader),
        fee=_read_fee(reader),
        attribution=reader.flag("attribution"),
        audit=reader.flag("audit"),
        survival=reader.one("survival", lambda value, place: read_word(value, Survival, place)),
        note=reader.one("note", _read_words) or "",
    )
    if reader.values.get("uses") in (None, []):
        reader.note("uses", "is missing: terms name their uses")
    if terms.valid_from and terms.valid_to and terms.valid_to < terms.valid_from:
        reader.note("valid_to", f"lies before valid_from, {terms.valid_from.isoformat()}")
    return terms


def _read_affiliates(reader: _Reader) -> frozenset[str] | None:
    named = reader.names("affiliates", _read_slug)
    if named is None or NOBODY not in named:
        return named
    if named != {NOBODY}:
        reader.note("affiliates", f"{NOBODY!r} says that nobody but the licensee is meant; it stands alone")
    return frozenset()


def _read_limits(reader: _Reader) -> OutputLimits | None:
    if reader.values.get("output_limits") is None:
        return None
    inner = _Reader(reader.values["output_limits"], "/output_limits", ("verbatim_words", "note"), reader.faults)
    limits = OutputLimits(inner.one("verbatim_words", _read_count), inner.one("note", _read_words) or "")
    if isinstance(reader.values["output_limits"], dict) and not any(
        inner.values.get(name) not in (None, "") for name in inner.values
    ):
        reader.note("output_limits", "says nothing; state verbatim_words or a note, or null where nothing is limited")
    return limits


def _read_fee(reader: _Reader) -> Fee | None:
    if reader.values.get("fee") is None:
        return None
    inner = _Reader(reader.values["fee"], "/fee", ("model", "amount", "currency", "per"), reader.faults)
    model = inner.one("model", lambda value, place: read_word(value, FeeModel, place))
    amount = inner.one("amount", read_amount)
    currency = inner.one("currency", read_currency) or ""
    per = inner.one("per", _read_words) or ""
    has_amount, has_currency = (inner.values.get(name) is not None for name in ("amount", "currency"))
    if isinstance(reader.values["fee"], dict) and inner.values.get("model") is None:
        inner.note("model", f"is missing; known: {', '.join(FeeModel)}")
    if has_currency and not has_amount:
        inner.note("amount", "is missing: a currency without an amount says nothing")
    if has_amount and not has_currency:
        inner.note("currency", "is missing: an amount without a currency says nothing")
    if model is FeeModel.FREE and (has_amount or has_currency):
        inner.note("amount" if has_amount else "currency", "contradicts the model: what is free has no amount")
    return None if model is None else Fee(model, amount, currency, per)


def read_day(value: Any, place: str) -> date:
    """A day as text, YYYY-MM-DD. Raises CaseError."""
    text = read_text(value, place)
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CaseError(place, f"{value!r} is not a day; write YYYY-MM-DD")


def _read_words(value: Any, place: str) -> str:
    """Words of a person; the empty text is none."""
    if value == "":
        return ""
    text = read_text(value, place).strip()
    if len(text) > MOST_CHARACTERS:
        raise CaseError(place, f"has {len(text)} characters; {MOST_CHARACTERS} at most")
    if "\0" in text:
        raise CaseError(place, "holds a NUL character, which is not text")
    return text


def _read_name(value: Any, place: str) -> str:
    text = _read_words(read_text(value, place), place)
    if len(text) > 120:
        raise CaseError(place, f"has {len(text)} characters; 120 at most")
    return text


def _read_slug(value: Any, place: str) -> str:
    text = read_text(value, place)
    if not _SLUG.fullmatch(text):
        raise CaseError(place, f"{value!r} is not the short name of an organisation, as in its address")
    return text


def _read_count(value: Any, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise CaseError(place, f"expected a whole number, found {name_type(value)}")
    if not 0 <= value <= _MAX_WORDS:
        raise CaseError(place, f"{value} is out of range; 0 to {_MAX_WORDS}")
    return value


def read_amount(value: Any, place: str) -> Decimal:
    """An amount as text, so that no digit is lost; trailing zeros beyond the second decimal mean nothing."""
    text = read_text(value, place)
    if not _AMOUNT.fullmatch(text):
        raise CaseError(place, f"{value!r} is not an amount; write digits with a point, as in 12.50")
    whole, _, cents = text.partition(".")
    cents = cents.rstrip("0")
    return Decimal(f"{whole}.{cents.ljust(2, '0')}" if cents else whole)


def read_currency(value: Any, place: str) -> str:
    """The code of a currency in use (ISO 4217), in capitals. Raises CaseError."""
    text = read_text(value, place)
    if text not in CURRENCIES:
        raise CaseError(place, f"unknown currency {value!r}; use an ISO 4217 code, as EUR")
    return text
