"""What a registrant says about a work, and every fault of it: checked before a row is written."""

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from django.db.models import Model

from registry import countries, identifiers
from registry.models import Contribution, Edition, Identifier, Party, Registration, Work
from registry.models.base import PARTIAL_DATE

Fault = dict[str, str]
Pair = tuple[str, str]

MAX_OTHER_NAMES = 100
_HALF = re.compile("[\ud800-\udfff]")  # of a pair of surrogates
_PARTIAL_DATE = re.compile(PARTIAL_DATE)


@dataclass(frozen=True)
class AuthorFacts:
    """Somebody who made the work; dates are as recorded ("1775", "1775-12-16") or empty."""

    name: str
    born: str = ""
    died: str = ""
    role: str = Contribution.Role.AUTHOR
    name_zh: str = ""
    kind: str = Party.Kind.PERSON
    isni: str = ""  # in any spelling
    other_names: Sequence[str] = ()  # pen names, other spellings and scripts


@dataclass(frozen=True)
class EditionFacts:
    """One published form of the work."""

    title: str = ""
    published: str = ""
    publisher: str = ""
    language: str = ""
    translation: bool = False
    translator: AuthorFacts | None = None
    identifiers: Sequence[Pair] = ()
    source: str = ""
    id: str = ""  # of the edition that this is, where the work has it already


@dataclass(frozen=True)
class WorkFacts:
    """What a registrant says about a work. Empty means not recorded."""

    title: str
    authors: Sequence[AuthorFacts] = ()
    subtitle: str = ""
    language: str = ""
    kind: str = Work.Kind.BOOK
    first_published: str = ""
    country: str = ""
    authorship: str = Work.Authorship.INDIVIDUAL
    renewed: bool | None = None
    description: str = ""
    source: str = ""
    record_reference: str = ""
    identifiers: Sequence[Pair] = ()
    editions: Sequence[EditionFacts] = field(default_factory=tuple)
    registrations: Sequence[tuple[str, str, str | None]] = ()  # office, number, date
    demo: bool = False
    visibility: str = Work.Visibility.PUBLIC


def check(facts: WorkFacts, *, are_canonical: bool = False) -> list[Fault]:
    """Every fault of these facts, with JSON pointers; empty when they can be registered.

    are_canonical: the identifiers are what `checked_identifiers` returned.
    """
    return list(_faults(facts, are_canonical))


def _faults(facts: WorkFacts, are_canonical: bool) -> Iterator[Fault]:
    if not facts.title.strip():
        yield _fault("/title", "A work needs a title.")
    texts: tuple[str, ...] = ("title", "subtitle", "language", "kind", "authorship", "description", "source")
    texts += ("record_reference", "visibility")
    yield from text_faults(Work, {name: getattr(facts, name) for name in texts}, "")
    yield from date_faults("/first_published", facts.first_published)
    if facts.country and facts.country not in countries.CODES:
        yield _fault("/country", f"{facts.country!r} is not the two-letter code of a country, like GB (ISO 3166-1).")
    for number, author in enumerate(facts.authors):
        yield from _author_faults(author, f"/authors/{number}")
    if not are_canonical:
        yield from checked_identifiers(facts.identifiers, "/identifiers")[1]
    for number, edition in enumerate(facts.editions):
        yield from edition_faults(edition, f"/editions/{number}", are_canonical=are_canonical)
    yield from _shared_identifier_faults(facts.editions)
    for number, (office, reference, date) in enumerate(facts.registrations):
        yield from _registration_faults(office, reference, date, f"/registrations/{number}")


def edition_faults(edition: EditionFacts, pointer: str, *, are_canonical: bool = False) -> Iterator[Fault]:
    """Every fault of one edition."""
    texts = ("title", "publisher", "language", "source")
    yield from text_faults(Edition, {name: getattr(edition, name) for name in texts}, pointer)
    yield from date_faults(f"{pointer}/published", edition.published)
    if edition.translator:
        yield from _author_faults(edition.translator, f"{pointer}/translator")
    if not are_canonical:
        yield from checked_identifiers(edition.identifiers, f"{pointer}/identifiers")[1]


def checked_identifiers(pairs: Sequence[Pair], pointer: str) -> tuple[list[Pair], list[Fault]]:
    """Return (canonical identifiers, faults): every wrong one is reported, none is dropped silently."""
    good: list[Pair] = []
    faults: list[Fault] = []
    for number, (scheme, value) in enumerate(pairs):
        try:
            pair = (scheme, identifiers.normalise(scheme, value))
        except identifiers.IdentifierError as error:
            faults.append(_fault(f"{pointer}/{number}", str(error)))
            continue
        refused = list(text_faults(Identifier, {"scheme": scheme, "value": pair[1]}, f"{pointer}/{number}"))
        faults += refused
        if not refused and pair not in good:
            good.append(pair)
    return good, faults


def text_faults(model: type[Model], values: Mapping[str, str], pointer: str) -> Iterator[Fault]:
    """What the columns of `model` cannot hold: characters that are none, too many of them, words of no vocabulary."""
    for name, value in values.items():
        longest, known = _limits(model, name)
        if known:
            if value not in known:
                yield _fault(f"{pointer}/{name}", f"{value!r} is not one of {', '.join(known)}.")
        elif not value:
            continue
        elif "\0" in value or not (value.isascii() or _HALF.search(value) is None):
            yield _fault(f"{pointer}/{name}", "It holds a character that cannot be stored (NUL, or half a surrogate).")
        elif longest and len(value) > longest:
            yield _fault(f"{pointer}/{name}", f"It has {len(value)} characters; {longest} are possible.")


@cache
def _limits(model: type[Model], name: str) -> tuple[int | None, tuple[str, ...]]:
    """How many characters a column takes, and the words of its vocabulary."""
    column = model._meta.get_field(name)
    known = tuple(str(word) for word, _ in getattr(column, "choices", None) or ())
    return getattr(column, "max_length", None), known


def _author_faults(author: AuthorFacts, pointer: str) -> Iterator[Fault]:
    if not author.name.strip():
        yield _fault(f"{pointer}/name", "An author needs a name.")
    texts = {"name": author.name, "name_zh": author.name_zh, "kind": author.kind}
    yield from text_faults(Party, texts, pointer)
    yield from text_faults(Contribution, {"role": author.role}, pointer)
    yield from _other_name_faults(author, pointer)
    faults = [*date_faults(f"{pointer}/born", author.born), *date_faults(f"{pointer}/died", author.died)]
    yield from faults
    if author.died and not faults and author.died < author.born[: len(author.died)]:
        yield _fault(f"{pointer}/died", f"{author.died} is before {author.born}, the date of birth.")


def _other_name_faults(author: AuthorFacts, pointer: str) -> Iterator[Fault]:
    if author.isni:
        try:
            identifiers.normalise("isni", author.isni)
        except identifiers.IdentifierError as error:
            yield _fault(f"{pointer}/isni", str(error))
    if len(author.other_names) > MAX_OTHER_NAMES:
        yield _fault(f"{pointer}/other_names", f"More than {MAX_OTHER_NAMES} other names are given.")
    for number, name in enumerate(author.other_names[:MAX_OTHER_NAMES]):
        for fault in text_faults(Party, {"name": name}, ""):
            yield _fault(f"{pointer}/other_names/{number}", fault["cause"])


def date_faults(pointer: str, value: str) -> Iterator[Fault]:
    """A date that is none would make every case about the work malformed, so the calendar is asked too."""
    if not value:
        return
    try:
        if not (value.isascii() and _PARTIAL_DATE.fullmatch(value)):
            raise ValueError
        datetime.date.fromisoformat(value + "0000-01-01"[len(value) :])
    except ValueError:
        yield _fault(pointer, f"{value!r} is not a date like 1813, 1813-01 or 1813-01-28.")


def _shared_identifier_faults(editions: Sequence[EditionFacts]) -> Iterator[Fault]:
    """An identifier names one edition: which of two it names has to be said, not guessed."""
    if len(editions) < 2:
        return
    seen: dict[Pair, int] = {}
    for number, edition in enumerate(editions):
        for pair in checked_identifiers(edition.identifiers, "")[0]:
            first = seen.setdefault(pair, number)
            if first != number:
                cause = f"{pair[0]} {pair[1]} is given for edition {first + 1} as well."
                yield _fault(f"/editions/{number}/identifiers", cause)


def _registration_faults(office: str, reference: str, date: str | None, pointer: str) -> Iterator[Fault]:
    if office not in countries.CODES:
        yield _fault(f"{pointer}/office", f"{office!r} is not the two-letter code of a country, like US (ISO 3166-1).")
    yield from text_faults(Registration, {"number": reference}, pointer)
    try:
        datetime.date.fromisoformat(date or "0001-01-01")
    except ValueError:
        yield _fault(f"{pointer}/date", f"{date!r} is not a date like 1998-05-01.")


def _fault(pointer: str, cause: str) -> Fault:
    return {"pointer": pointer, "cause": cause}
