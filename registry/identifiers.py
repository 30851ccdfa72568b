"""Identifiers of works and parties: one canonical spelling each, check digits verified.

| scheme | canonical | example |
|---|---|---|
| `isbn` | ISBN-13, digits only; an ISBN-10 is converted (ISO 2108), so is an SBN with hyphens | `9780141439518` |
| `issn` | with its hyphen (ISO 3297) | `0028-0836` |
| `doi` | lower case, without resolver (ISO 26324: letter case has no meaning) | `10.1000/182` |
| `isni` | 16 characters (ISO 27729) | `000000012281955X` |
| `orcid` | with hyphens | `0000-0002-1825-0097` |
| `iscc` | upper case, with its prefix (ISO 24138) | `ISCC:KAA4…` |
| `asin` | 10 characters, upper case; one that is an ISBN-10 is refused as such | `B000FA64PK` |
| `oclc` | number without leading zeros | `47928643` |
| `lccn` | normalised as the Library of Congress asks | `n78890351` |
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import mul
from urllib.parse import unquote

import iscc_lib
from stdnum import isbn as stdnum_isbn
from stdnum import isni as stdnum_isni
from stdnum import issn as stdnum_issn
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidFormat, InvalidLength, ValidationError

MAX_CHARS = 2048


class IdentifierError(ValueError):
    """A value that is not an identifier of its scheme.

    `code` is one of `SCHEME_UNKNOWN`, `IDENTIFIER_EMPTY`, `IDENTIFIER_LENGTH`, `IDENTIFIER_FORMAT`,
    `IDENTIFIER_CHECK_DIGIT`, `IDENTIFIER_RANGE` (no such number is given out), `ASIN_IS_ISBN` (then `instead` holds the
    scheme and value to use).
    """

    def __init__(self, code: str, scheme: str, value: str, cause: str, instead: tuple[str, str] | None = None) -> None:
        super().__init__(f"{value!r} is not a valid {scheme.upper()}: {cause}")
        self.code = code
        self.scheme = scheme
        self.value = value
        self.cause = cause
        self.instead = instead


@lru_cache(maxsize=1 << 14)
def normalise(scheme: str, value: str) -> str:
    """The canonical spelling of `value`, or `IdentifierError` with its cause.

    Accepts the forms in which people and files write identifiers: hyphens, spaces, full-width digits, `ISBN-13:`,
    `urn:isbn:`, resolver addresses.
    """
    normaliser = _NORMALISERS.get(scheme)
    if normaliser is None:
        raise IdentifierError("SCHEME_UNKNOWN", scheme, value, f"known schemes: {', '.join(SCHEMES)}")
    if len(value) > MAX_CHARS:
        raise IdentifierError("IDENTIFIER_LENGTH", scheme, value[:40] + "…", f"it has {len(value)} characters")
    if scheme == "isbn" and _is_plain_isbn(value):
        return value
    text = _fold(value)
    if not text:
        raise IdentifierError("IDENTIFIER_EMPTY", scheme, value, "it is empty")
    try:
        return normaliser(text)
    except _Refused as refused:
        raise IdentifierError(refused.code, scheme, value, refused.cause, refused.instead) from None
    except ValidationError as error:
        code = next((code for kind, code in _LIBRARY_CODES if isinstance(error, kind)), "IDENTIFIER_FORMAT")
        raise IdentifierError(code, scheme, value, _library_cause(scheme, text, error)) from None


def display(scheme: str, value: str) -> str:
    """A canonical value as people expect to read it: hyphenated ISBN, ISNI in groups of four."""
    if scheme == "isbn":
        return str(stdnum_isbn.format(value))
    if scheme == "isni":
        return " ".join(value[start : start + 4] for start in range(0, 16, 4))
    return value


def isbn10(isbn13: str) -> str | None:
    """The ISBN-10 of a canonical ISBN, or None: only numbers that begin with 978 have one."""
    return str(stdnum_isbn.to_isbn10(isbn13)) if isbn13.startswith("978") else None


def detect(text: str) -> list[tuple[str, str]]:
    """The identifiers that stand in a text such as a search query → (scheme, canonical value), in order of appearance.

    Only what cannot be mistaken counts: check digits must hold, eight bare digits are a date rather than an ISSN, and
    words in capitals are no ISCC unless they decode as one.
    """
    remaining = _fold(text[:MAX_CHARS])
    found: list[tuple[int, str, str]] = []
    for schemes, pattern in _PATTERNS:
        for match in pattern.finditer(remaining):
            for scheme in schemes:
                try:
                    found.append((match.start(), scheme, normalise(scheme, _trim(scheme, match.group()))))
                except IdentifierError:
                    continue
                break
        remaining = pattern.sub(lambda match: " " * len(match.group()), remaining)
    ordered = [(scheme, value) for _, scheme, value in sorted(found)]
    return list(dict.fromkeys(ordered))


class _Refused(Exception):
    def __init__(self, code: str, cause: str, instead: tuple[str, str] | None = None) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause
        self.instead = instead


_LIBRARY_CODES = (
    (InvalidChecksum, "IDENTIFIER_CHECK_DIGIT"),
    (InvalidLength, "IDENTIFIER_LENGTH"),
    (InvalidComponent, "IDENTIFIER_RANGE"),
    (InvalidFormat, "IDENTIFIER_FORMAT"),
)
_CAUSES = {
    "IDENTIFIER_CHECK_DIGIT": "the check digit is wrong",
    "IDENTIFIER_FORMAT": "it has characters that do not belong there",
}
_LENGTHS = {"isbn": "10 or 13", "issn": "8", "isni": "16", "orcid": "16"}


def _library_cause(scheme: str, text: str, error: ValidationError) -> str:
    if isinstance(error, InvalidLength):
        length = len(_compact(_strip_label(scheme, text)))
        return f"it has {length} characters, not {_LENGTHS[scheme]}"
    if isinstance(error, InvalidComponent):
        return "its prefix is not given out for this kind of identifier"
    return _CAUSES["IDENTIFIER_CHECK_DIGIT" if isinstance(error, InvalidChecksum) else "IDENTIFIER_FORMAT"]


def _fold(value: str) -> str:
    """Full-width forms to ASCII, all dashes to a hyphen, invisible marks dropped."""
    text = unicodedata.normalize("NFKC", value)
    folded = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Pd" or character == "\u2212":
            folded.append("-")
        elif category == "Zs" or character in "\t\n\r":
            folded.append(" ")
        elif category not in ("Cf", "Cc"):
            folded.append(character)
    return "".join(folded).strip()


_ISBN_WEIGHTS = (1, 3) * 6 + (1,)


def _is_plain_isbn(text: str) -> bool:
    """Whether it is an ISBN-13 in its canonical spelling, as nearly all of a feed's are: told without more ado."""
    if len(text) != len(_ISBN_WEIGHTS) or not (text.isascii() and text.isdigit()):
        return False
    return text.startswith(("978", "9791", "9798")) and sum(map(mul, map(int, text), _ISBN_WEIGHTS)) % 10 == 0


def _compact(text: str) -> str:
    return text.replace("-", "").replace(" ", "").upper()


_LABELS = {
    "isbn": re.compile(r"(?:urn:)?(?:e-?|p-?)?i?sbn(?:[- ]?1[03](?=[: ]))?[: ]*", re.IGNORECASE),
    "issn": re.compile(
        r"(?:https?://portal\.issn\.org/resource/issn/|(?:urn:)?(?:e-?|p-?)?issn(?:-l)?[: ]*)", re.IGNORECASE
    ),
    "doi": re.compile(r"(?:https?://(?:dx\.)?doi\.org/|info:doi/|(?:urn:)?doi[: ] *)", re.IGNORECASE),
    "isni": re.compile(r"(?:https?://(?:www\.)?isni\.org/(?:isni/)?|(?:urn:)?isni[: ]*)", re.IGNORECASE),
    "orcid": re.compile(r"(?:https?://(?:www\.)?orcid\.org/|orcid(?: id)?[: ]*)", re.IGNORECASE),
    "iscc": re.compile(r"(?:urn:)?iscc[: ] *", re.IGNORECASE),
    "asin": re.compile(r"asin[: ]*", re.IGNORECASE),
    "oclc": re.compile(
        r"(?:https?://(?:www\.|search\.)?worldcat\.org/(?:[a-z]+/)?oclc/|\(ocolc\) *|oclc[: #]*)?(?:ocm|ocn|on)?",
        re.IGNORECASE,
    ),
    "lccn": re.compile(r"(?:https?://lccn\.loc\.gov/|info:lccn/|lccn[: ]+)", re.IGNORECASE),
}


# Of books before 1970. Nine bare digits are nearly always an ISBN whose zero a spreadsheet took for a number's
SBN_CHARS = 9
_SBN = re.compile("sbn", re.IGNORECASE)


def _strip_label(scheme: str, text: str) -> str:
    label = _LABELS[scheme].match(text)
    return text[label.end() :].strip() if label else text


def _normalise_isbn(text: str) -> str:
    written = _strip_label("isbn", text)
    number = _compact(written)
    if len(number) == SBN_CHARS and written.upper() == number and not _SBN.match(text):
        cause = "it has 9 characters: the zero before them was lost, or it is an SBN, which is written with hyphens"
        raise _Refused("IDENTIFIER_LENGTH", cause)
    if number.startswith("9790"):
        raise _Refused("IDENTIFIER_RANGE", "numbers that begin with 979-0 are for printed music (ISMN)")
    return str(stdnum_isbn.validate(number, convert=True))


def _normalise_issn(text: str) -> str:
    return str(stdnum_issn.format(stdnum_issn.validate(_compact(_strip_label("issn", text)))))


def _normalise_doi(text: str) -> str:
    label = _LABELS["doi"].match(text)
    name = text[label.end() :].strip() if label else text
    if label and label.group().lower().startswith("http"):
        name = unquote(name)
    prefix, _, suffix = name.partition("/")
    if not re.fullmatch(r"10\.\d{4,9}(?:\.\d+)*", prefix, re.ASCII):
        raise _Refused("IDENTIFIER_FORMAT", "it does not begin with 10., a registrant's number and a slash")
    if not suffix or " " in suffix or not suffix.isprintable():
        raise _Refused("IDENTIFIER_FORMAT", "what follows the slash is empty or has spaces in it")
    # DOI names are case-insensitive for ASCII letters only
    return re.sub(r"[A-Z]+", lambda match: match.group().lower(), f"{prefix}/{suffix}")


def _normalise_isni(text: str) -> str:
    return str(stdnum_isni.validate(_compact(_strip_label("isni", text))))


# The blocks of ISNI numbers that are set aside for ORCID, without check digits
_ORCID_BLOCKS = ((15_000_000, 35_000_000), (900_000_000_000, 900_100_000_000))


def _normalise_orcid(text: str) -> str:
    number = str(stdnum_isni.validate(_compact(_strip_label("orcid", text))))
    if not any(first <= int(number[:15]) <= last for first, last in _ORCID_BLOCKS):
        raise _Refused(
            "IDENTIFIER_RANGE", "this number is an ISNI outside the blocks set aside for ORCID", ("isni", number)
        )
    return "-".join(number[start : start + 4] for start in range(0, 16, 4))


def _normalise_iscc(text: str) -> str:
    code = _compact(_strip_label("iscc", text))
    try:
        digest = iscc_lib.iscc_decode(code)[4]
        data = base64.b32decode(code + "=" * (-len(code) % 8))
    except ValueError:
        raise _Refused("IDENTIFIER_FORMAT", "it does not decode as an ISCC") from None
    # a two-byte header, then the digest whose length the header tells; the library overlooks what follows
    if len(data) != 2 + len(digest) or base64.b32encode(data).decode().rstrip("=") != code:
        raise _Refused("IDENTIFIER_LENGTH", "its length is not the one that its header tells")
    return f"ISCC:{code}"


def _normalise_asin(text: str) -> str:
    code = _strip_label("asin", text).replace(" ", "").upper()
    if len(_compact(code)) == 10 and re.fullmatch(r"[0-9]{9}[0-9X]", _compact(code)):
        number = str(stdnum_isbn.validate(_compact(code), convert=True))
        raise _Refused("ASIN_IS_ISBN", f"it is the ISBN-10 of {display('isbn', number)}", ("isbn", number))
    if len(code) != 10:
        raise _Refused("IDENTIFIER_LENGTH", f"it has {len(code)} characters, not 10")
    if not re.fullmatch(r"[A-Z][A-Z0-9]{9}", code):
        raise _Refused("IDENTIFIER_FORMAT", "it is not a letter followed by nine letters or digits")
    return code


def _normalise_oclc(text: str) -> str:
    number = _strip_label("oclc", text)
    if not re.fullmatch(r"[0-9]{1,14}", number) or not int(number):
        raise _Refused("IDENTIFIER_FORMAT", "it is not a number of 1 to 14 digits")
    return str(int(number))


def _normalise_lccn(text: str) -> str:
    """As the Library of Congress's "LCCN Namespace" says: blanks out, suffix off, serial padded to six digits."""
    code = _strip_label("lccn", text).replace(" ", "").partition("/")[0].lower()
    prefix, hyphen, serial = code.partition("-")
    if hyphen:
        code = prefix + serial.zfill(6)
    if not re.fullmatch(r"(?:[a-z]{0,3}[0-9]{8}|[a-z]{0,2}[0-9]{10})", code):
        raise _Refused("IDENTIFIER_FORMAT", "it is not a prefix of letters, a year and a serial number of six digits")
    return code


_NORMALISERS: dict[str, Callable[[str], str]] = {
    "isbn": _normalise_isbn,
    "issn": _normalise_issn,
    "doi": _normalise_doi,
    "isni": _normalise_isni,
    "orcid": _normalise_orcid,
    "iscc": _normalise_iscc,
    "asin": _normalise_asin,
    "oclc": _normalise_oclc,
    "lccn": _normalise_lccn,
}
SCHEMES = tuple(_NORMALISERS)

# What stands in a text, tried in this order; the schemes of a row are tried in turn on each hit
_PATTERNS: tuple[tuple[tuple[str, ...], re.Pattern[str]], ...] = (
    (
        ("doi",),
        re.compile(r"(?:https?://(?:dx\.)?doi\.org/)?(?<![0-9.])10\.\d{4,9}(?:\.\d+)*/\S+", re.ASCII | re.IGNORECASE),
    ),
    (("iscc",), re.compile(r"\biscc:[a-z2-7]{10,110}\b|\b[A-Z][A-Z2-7]{15,109}\b", re.ASCII | re.IGNORECASE)),
    (("orcid", "isni"), re.compile(r"(?<![0-9A-Za-z])(?:\d{4}[- ]?){3}\d{3}[\dXx](?![0-9A-Za-z])", re.ASCII)),
    (("isbn",), re.compile(r"(?<![0-9A-Za-z])97[89](?:[- ]?\d){10}(?![0-9A-Za-z])", re.ASCII)),
    (("isbn",), re.compile(r"(?<![0-9A-Za-z])\d(?:[- ]?\d){8}[- ]?[\dXx](?![0-9A-Za-z])", re.ASCII)),
    (
        ("issn",),
        re.compile(
            r"(?<![0-9A-Za-z-])\d{4}-\d{3}[\dXx](?![0-9A-Za-z-])|\bissn[: ]*\d{7}[\dXx]\b", re.ASCII | re.IGNORECASE
        ),
    ),
    (("asin",), re.compile(r"\bB0[0-9A-Z]{8}\b", re.ASCII)),
)


def _trim(scheme: str, text: str) -> str:
    """Punctuation of the sentence around a DOI does not belong to it, nor does a bracket that it does not open."""
    if scheme != "doi":
        return text
    while text:
        last = text[-1]
        unopened = last in ")]>}" and text.count(last) > text.count("([<{"[")]>}".index(last)])
        if last not in ".,;:!?\"'”’" and not unopened:
            break
        text = text[:-1]
    return text
