"""The facts of a case: question, work, copy, generation and dated assertions, as frozen dataclasses.

They are made by `case.parse_case`, which also applies the defaults.
"""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from licensing.rules.fields import PartialDate
from licensing.rules.provider_clauses import Act
from licensing.rules.terms import Asked, Capacity, LicenseeKind, Purpose, Scope, Use, Verification


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
    CIRCUMVENTED = "circumvented"  # past a paywall or a technical protection, or beyond what an account was given for
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
    model: str | None = None

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
    terms_forbid: tuple[Act, ...] = ()
    terms_clause: str | None = None
    terms_verified: bool | None = None


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
    models: tuple[str, ...] = ()
    licensee_kinds: tuple[LicenseeKind, ...] = ()
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
