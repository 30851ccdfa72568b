"""A case: one question, one work, how the copy was got, and every dated assertion about it.

`parse_case` turns the JSON of a case into frozen dataclasses and refuses everything it does not know, so that a
misspelt field cannot silently change a verdict. Defaults are applied here and nowhere else.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from licensing.rules.fields import (
    CaseError,
    Fields,
    PartialDate,
    read_territory,
    read_text,
    read_word,
)
from licensing.rules.terms import (
    Asked,
    Capacity,
    LicenseeKind,
    Purpose,
    Scope,
    Use,
    Verification,
)

__all__ = [
    "Acquired",
    "Acquisition",
    "Assertion",
    "Author",
    "Authorship",
    "Case",
    "CaseError",
    "Copy",
    "Generation",
    "Kind",
    "PartialDate",
    "Question",
    "Relation",
    "Work",
    "parse_case",
]

# signals that a machine reads; a reservation in one of these formats is machine-readable unless the case says otherwise
MACHINE_FORMATS = frozenset({"tdmrep", "rsl", "aipref", "robots", "robots.txt", "cawg", "c2pa", "odrl"})


class Identity(StrEnum):
    STRONG = "strong"
    WEAK = "weak"


class Relation(StrEnum):
    COPY = "copy"
    PARTIAL = "partial"
    EXCERPT = "excerpt"
    QUOTATION = "quotation"


class Authorship(StrEnum):
    INDIVIDUAL = "individual"
    WORK_FOR_HIRE = "work_for_hire"
    LEGAL_ENTITY = "legal_entity"
    ANONYMOUS = "anonymous"


class Acquisition(StrEnum):
    LAWFUL = "lawful"
    LICENSED = "licensed"
    SHADOW_LIBRARY = "shadow_library"
    UNKNOWN = "unknown"


class ReservationSearch(StrEnum):
    EVIDENCED = "evidenced"
    NOT_DONE = "not_done"


class Kind(StrEnum):
    OWNERSHIP = "ownership"
    GRANT = "grant"
    OFFER = "offer"
    RESERVATION = "reservation"
    PREFERENCE = "preference"
    TAKEDOWN = "takedown"
    DENIAL = "denial"
    REGISTRATION = "registration"
    OPEN_LICENCE = "open_licence"


class AiRights(StrEnum):
    GRANTED = "granted"
    RETAINED = "retained"
    SILENT = "silent"


class Signal(StrEnum):
    ALLOW = "allow"
    DISALLOW = "disallow"


class Bound(StrEnum):
    ACCEPTED = "accepted"
    NOT_ACCEPTED = "not_accepted"
    UNKNOWN = "unknown"


class Acquired(StrEnum):
    OWN_API = "own_api"
    EXPERIMENT = "experiment"
    THIRD_PARTY = "third_party"
    RELAY = "relay"
    SCRAPED = "scraped"


@dataclass(frozen=True)
class Question:
    use: Use
    purpose: Purpose
    territory: str
    on: date
    licensee: str | None = None
    licensee_kind: LicenseeKind = LicenseeKind.COMPANY
    policy: str = "balanced"
    affiliates: tuple[str, ...] = ()
    product: str | None = None

    @property
    def asked(self) -> Asked:
        """The part that scopes are held against."""
        return Asked(self.use, self.purpose, self.territory, self.on)

    @property
    def is_commercial(self) -> bool:
        """Commercial purpose; a company's internal experiment serves its business and counts as commercial."""
        experiment = self.purpose is Purpose.INTERNAL_EXPERIMENT and self.licensee_kind is LicenseeKind.COMPANY
        return self.purpose is Purpose.COMMERCIAL or experiment

    @property
    def is_article_3(self) -> bool:
        """Research organisation or heritage institution that mines for research (Directive (EU) 2019/790, art. 3)."""
        institutions = (LicenseeKind.RESEARCH_ORGANISATION, LicenseeKind.CULTURAL_HERITAGE)
        return self.licensee_kind in institutions and self.purpose is Purpose.RESEARCH


@dataclass(frozen=True)
class Author:
    name: str | None
    died: PartialDate | None


@dataclass(frozen=True)
class Edition:
    id: str | None = None
    translation: bool = False
    published: PartialDate | None = None
    authors: tuple[Author, ...] = ()  # of a translation: its translators


@dataclass(frozen=True)
class Registration:
    office: str
    date: PartialDate | None


@dataclass(frozen=True)
class Work:
    id: str | None = None
    kind: str | None = None
    title: str | None = None
    first_published: PartialDate | None = None
    created: PartialDate | None = None
    country: str | None = None
    authors: tuple[Author, ...] = ()
    authorship: Authorship = Authorship.INDIVIDUAL
    isbn: tuple[str, ...] = ()
    registrations: tuple[Registration, ...] = ()
    identity: Identity = Identity.STRONG
    relation: Relation | None = None
    renewed: bool | None = None
    restored: bool | None = None
    edition: Edition | None = None


@dataclass(frozen=True)
class Copy:
    acquisition: Acquisition = Acquisition.UNKNOWN
    copied_on: date | None = None
    copied_in: str | None = None
    reservation_search: ReservationSearch = ReservationSearch.EVIDENCED


@dataclass(frozen=True)
class Generation:
    """Where the text is a model's output: whose, when, under which terms, how it was got, for what it is used."""

    provider: str
    model: str | None
    generated_on: date | None
    terms: str | None
    bound_by_terms: Bound
    acquired: Acquired
    competing_model: bool | None
    released: bool
    terms_from: date | None
    terms_to: date | None
    terms_restrict_competing: bool | None


@dataclass(frozen=True)
class Assertion:
    id: str
    kind: Kind
    asserted_by: str
    capacity: Capacity = Capacity.OBSERVER
    verification: Verification = Verification.NONE
    scope: Scope = field(default_factory=Scope)
    observed_at: date | None = None
    recorded_at: date | None = None
    source_format: str | None = None
    machine_readable: bool = False
    signal: Signal | None = None
    licensor: str | None = None
    licensee: str | None = None
    affiliates: tuple[str, ...] = ()
    duties: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    exclusive: bool = False
    ai_rights: AiRights | None = None
    related: tuple[str, ...] = ()
    licence: str | None = None
    upstream_licence: str | None = None
    target: str | None = None

    @property
    def speaker(self) -> str:
        """The party whose will this is: of a contract that the licensee recorded, the licensor where it is named."""
        return self.licensor or self.asserted_by

    def is_related_to(self, other: "Assertion") -> bool:
        """Whether both come from one party or from parties of which one names the other as related."""
        return self.speaker == other.speaker or other.speaker in self.related or self.speaker in other.related


@dataclass(frozen=True)
class Case:
    """What a verdict is computed from. `work` is None where the text is model output that matched no registered work.

    `assertions` are kept sorted by id: their order in the file has no meaning.
    """

    question: Question
    work: Work | None
    copy: Copy
    generated_by: Generation | None
    assertions: tuple[Assertion, ...]

    def of_kind(self, *kinds: Kind) -> tuple[Assertion, ...]:
        return tuple(assertion for assertion in self.assertions if assertion.kind in kinds)


def parse_case(obj: Any) -> Case:
    """The case in a decoded JSON document. Raises CaseError, which names the place with a JSON pointer."""
    fields = Fields(obj, "")
    question = _parse_question(Fields(fields.require("question"), fields.at("question")))
    raw_work, raw_copy, raw_generation = (fields.take(name) for name in ("work", "copy", "generated_by"))
    work = _parse_work(Fields(raw_work, "/work")) if raw_work not in (None, {}) else None
    copy = _parse_copy(Fields(raw_copy, "/copy")) if raw_copy is not None else Copy()
    generation = _parse_generation(Fields(raw_generation, "/generated_by")) if raw_generation is not None else None
    assertions = [_parse_assertion(Fields(value, pointer)) for value, pointer in fields.items("assertions") or []]
    fields.close()
    if work is None and generation is None:
        raise CaseError("/work", "is missing, and /generated_by does not say that the text is model output")
    _refuse_repeated_ids(assertions)
    return Case(question, work, copy, generation, tuple(sorted(assertions, key=lambda assertion: assertion.id)))


def _refuse_repeated_ids(assertions: list[Assertion]) -> None:
    first_at: dict[str, int] = {}
    for number, assertion in enumerate(assertions):
        if assertion.id in first_at:
            earlier = f"/assertions/{first_at[assertion.id]}"
            raise CaseError(f"/assertions/{number}/id", f"{assertion.id!r} is already the id of {earlier}")
        first_at[assertion.id] = number


def _parse_question(fields: Fields) -> Question:
    use = fields.required_word("use", Use)
    purpose = fields.required_word("purpose", Purpose)
    territory = read_territory(fields.require("territory"), fields.at("territory"))
    fields.require("on")
    on = fields.day("on")
    assert on is not None
    question = Question(
        use=use,
        purpose=purpose,
        territory=territory,
        on=on,
        licensee=fields.text("licensee"),
        licensee_kind=fields.word("licensee_kind", LicenseeKind) or LicenseeKind.COMPANY,
        policy=fields.text("policy") or "balanced",
        affiliates=fields.texts("affiliates"),
        product=fields.text("product"),
    )
    fields.close()
    return question


def _parse_authors(fields: Fields) -> tuple[Author, ...]:
    authors = []
    for value, pointer in fields.items("authors") or []:
        author = Fields(value, pointer)
        authors.append(Author(author.text("name"), author.partial_date("died")))
        author.close()
    return tuple(authors)


def _parse_edition(fields: Fields) -> Edition:
    edition = Edition(
        id=fields.text("id"),
        translation=bool(fields.flag("translation")),
        published=fields.partial_date("published"),
        authors=_parse_authors(fields),
    )
    fields.close()
    return edition


def _parse_registrations(fields: Fields) -> tuple[Registration, ...]:
    registrations = []
    for value, pointer in fields.items("registrations") or []:
        entry = Fields(value, pointer)
        registrations.append(Registration(entry.required_text("office"), entry.partial_date("date")))
        entry.close()
    return tuple(registrations)


def _parse_work(fields: Fields) -> Work:
    raw_edition = fields.take("edition")
    relation = fields.word("relation", Relation)
    identity = fields.word("identity", Identity)
    if identity is None:
        identity = Identity.WEAK if relation is Relation.QUOTATION else Identity.STRONG
    work = Work(
        id=fields.text("id"),
        kind=fields.text("kind"),
        title=fields.text("title"),
        first_published=fields.partial_date("first_published"),
        created=fields.partial_date("created"),
        country=fields.territory("country"),
        authors=_parse_authors(fields),
        authorship=fields.word("authorship", Authorship) or Authorship.INDIVIDUAL,
        isbn=fields.texts("isbn"),
        registrations=_parse_registrations(fields),
        identity=identity,
        relation=relation,
        renewed=fields.flag("renewed"),
        restored=fields.flag("restored"),
        edition=None if raw_edition is None else _parse_edition(Fields(raw_edition, fields.at("edition"))),
    )
    fields.close()
    return work


def _parse_copy(fields: Fields) -> Copy:
    copy = Copy(
        acquisition=fields.word("acquisition", Acquisition) or Acquisition.UNKNOWN,
        copied_on=fields.day("copied_on"),
        copied_in=fields.territory("copied_in"),
        reservation_search=fields.word("reservation_search", ReservationSearch) or ReservationSearch.EVIDENCED,
    )
    fields.close()
    return copy


def _parse_generation(fields: Fields) -> Generation:
    generation = Generation(
        provider=fields.required_text("provider"),
        model=fields.text("model"),
        generated_on=fields.day("generated_on"),
        terms=fields.text("terms"),
        bound_by_terms=fields.word("bound_by_terms", Bound) or Bound.UNKNOWN,
        acquired=fields.required_word("acquired", Acquired),
        competing_model=fields.flag("competing_model"),
        released=bool(fields.flag("released")),
        terms_from=fields.day("terms_from"),
        terms_to=fields.day("terms_to"),
        terms_restrict_competing=fields.flag("terms_restrict_competing"),
    )
    fields.close()
    return generation


def _parse_scope(fields: Fields) -> Scope:
    uses = fields.scope("uses", lambda value, pointer: read_word(value, Use, pointer))
    purposes = fields.scope("purposes", lambda value, pointer: read_word(value, Purpose, pointer))
    territory = fields.scope("territory", read_territory)
    valid_from, valid_to = fields.day("valid_from"), fields.day("valid_to")
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        raise CaseError(fields.at("valid_to"), f"lies before valid_from, {valid_from.isoformat()}")
    return Scope(
        uses=None if uses is None else frozenset(uses),
        purposes=None if purposes is None else frozenset(purposes),
        territory=territory,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _parse_assertion(fields: Fields) -> Assertion:
    kind = fields.required_word("kind", Kind)
    source_format = fields.text("source_format")
    machine_readable = fields.flag("machine_readable")
    if machine_readable is None:
        machine_readable = (source_format or "").lower() in MACHINE_FORMATS
    for name in ("note", "source", "sha256", "channel"):
        fields.text(name)  # kept with the facts, no rule reads them
    fields.flag("demo")
    assertion = Assertion(
        id=fields.required_text("id"),
        kind=kind,
        asserted_by=fields.required_text("asserted_by"),
        capacity=fields.word("capacity", Capacity) or Capacity.OBSERVER,
        verification=fields.word("verification", Verification) or Verification.NONE,
        scope=_parse_scope(fields),
        observed_at=fields.day("observed_at"),
        recorded_at=fields.day("recorded_at"),
        source_format=source_format,
        machine_readable=machine_readable,
        signal=fields.word("signal", Signal),
        licensor=fields.text("licensor"),
        licensee=fields.text("licensee"),
        affiliates=fields.texts("affiliates"),
        duties=tuple(read_text(value, pointer) for value, pointer in fields.items("duties") or []),
        editions=fields.texts("editions"),
        products=fields.texts("products"),
        exclusive=bool(fields.flag("exclusive")),
        ai_rights=fields.word("ai_rights", AiRights),
        related=fields.texts("related"),
        licence=fields.text("licence"),
        upstream_licence=fields.text("upstream_licence"),
        target=fields.text("target"),
    )
    fields.close()
    if kind is Kind.GRANT and assertion.licensee is None:
        raise CaseError(fields.at("licensee"), "is missing: a grant names its licensee")
    if kind is Kind.OPEN_LICENCE and assertion.licence is None:
        raise CaseError(fields.at("licence"), "is missing: an open licence is named by its SPDX identifier")
    return assertion
