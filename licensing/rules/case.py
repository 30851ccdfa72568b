"""Reading a case: one question, one work, how the copy was got, and every dated assertion about it.

`parse_case` turns the JSON of a case into the dataclasses of `facts` and refuses everything it does not know, so that
a misspelt field cannot silently change a verdict. Defaults are applied here and nowhere else.
"""

from typing import Any

from licensing.rules.facts import (
    Acquired,
    Acquisition,
    AiRights,
    Assertion,
    Author,
    Authorship,
    Bound,
    Case,
    Copy,
    Edition,
    Generation,
    Identity,
    Kind,
    Question,
    Registration,
    Relation,
    ReservationSearch,
    Signal,
    Work,
)
from licensing.rules.fields import CaseError, Fields, PartialDate, read_territory, read_text, read_word
from licensing.rules.provider_clauses import Act
from licensing.rules.terms import Capacity, LicenseeKind, Purpose, Scope, Use, Verification

__all__ = [
    "Acquired",
    "Acquisition",
    "AiRights",
    "Assertion",
    "Author",
    "Authorship",
    "Bound",
    "Case",
    "CaseError",
    "Copy",
    "Edition",
    "Generation",
    "Identity",
    "Kind",
    "PartialDate",
    "Question",
    "Registration",
    "Relation",
    "ReservationSearch",
    "Signal",
    "Work",
    "parse_assertion",
    "parse_case",
    "parse_work",
]

# signals that a machine reads; a reservation in one of these formats is machine-readable unless the case says otherwise
MACHINE_FORMATS = frozenset({"tdmrep", "rsl", "aipref", "robots", "robots.txt", "cawg", "c2pa", "odrl"})


def parse_case(obj: Any) -> Case:
    """The case in a decoded JSON document. Raises CaseError, which names the place with a JSON pointer."""
    fields = Fields(obj, "")
    question = _parse_question(Fields(fields.require("question"), fields.at("question")))
    raw_work, raw_copy, raw_generation = (fields.take(name) for name in ("work", "copy", "generated_by"))
    work = parse_work(Fields(raw_work, "/work")) if raw_work not in (None, {}) else None
    copy = _parse_copy(Fields(raw_copy, "/copy")) if raw_copy is not None else Copy()
    generation = _parse_generation(Fields(raw_generation, "/generated_by")) if raw_generation is not None else None
    assertions = [parse_assertion(Fields(value, pointer)) for value, pointer in fields.items("assertions") or []]
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
        model=fields.text("model"),
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


def parse_work(fields: Fields) -> Work:
    """The `work` of a case. Raises CaseError."""
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
        terms_forbid=fields.words("terms_forbid", Act),
        terms_clause=fields.text("terms_clause"),
        terms_verified=fields.flag("terms_verified"),
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


def parse_assertion(fields: Fields) -> Assertion:
    """One of a case's assertions. Raises CaseError."""
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
        models=fields.texts("models"),
        licensee_kinds=fields.words("licensee_kinds", LicenseeKind),
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
