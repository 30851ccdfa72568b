"""A case as JSON Schema, for the API's description; `licensing.rules.case` decides whether one is well-formed."""

from collections.abc import Iterable
from typing import Any

from licensing.rules import facts, policy, provider_clauses, terms

Schema = dict[str, Any]

DAY: Schema = {"type": "string", "format": "date"}
PARTIAL: Schema = {"type": "string", "description": "1813, 1813-01 or 1813-01-28"}
TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
TERRITORY: Schema = {"type": "string", "description": "ISO 3166-1 alpha-2, EU, EEA or WORLD", "examples": ["DE"]}


def _words(vocabulary: Iterable[str]) -> Schema:
    return {"type": "string", "enum": [str(word) for word in vocabulary]}


def _some(items: Schema) -> Schema:
    return {"type": "array", "minItems": 1, "items": items}


def _object(required: list[str], **properties: Schema) -> Schema:
    shape: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return shape | ({"required": required} if required else {})


QUESTION = _object(
    ["use", "purpose", "territory", "on"],
    use=_words(terms.Use),
    purpose=_words(terms.Purpose),
    territory=TERRITORY,
    on=DAY,
    licensee=TEXT,
    licensee_kind=_words(terms.LicenseeKind) | {"default": "company"},
    policy=_words(policy.PROFILES) | {"default": policy.DEFAULT_PROFILE},
    affiliates={"type": "array", "items": TEXT},
    product=TEXT,
    model=TEXT,
)
AUTHORS: Schema = {"type": "array", "items": _object([], name=TEXT, died=PARTIAL)}
WORK = _object(
    [],
    id=TEXT,
    kind=TEXT,
    title=TEXT,
    first_published=PARTIAL,
    created=PARTIAL,
    country=TERRITORY,
    authors=AUTHORS,
    authorship=_words(facts.Authorship),
    isbn={"type": "array", "items": TEXT},
    registrations={"type": "array", "items": _object(["office"], office=TEXT, date=PARTIAL)},
    identity=_words(facts.Identity),
    relation=_words(facts.Relation),
    renewed=FLAG,
    restored=FLAG,
    edition=_object([], id=TEXT, translation=FLAG, published=PARTIAL, authors=AUTHORS),
)
COPY = _object(
    [],
    acquisition=_words(facts.Acquisition),
    copied_on=DAY,
    copied_in=TERRITORY,
    reservation_search=_words(facts.ReservationSearch),
)
GENERATION = _object(
    ["provider", "acquired"],
    provider=TEXT,
    model=TEXT,
    generated_on=DAY,
    terms=TEXT,
    bound_by_terms=_words(facts.Bound),
    acquired=_words(facts.Acquired),
    competing_model=FLAG,
    released=FLAG,
    terms_from=DAY,
    terms_to=DAY,
    terms_restrict_competing=FLAG,
    terms_forbid={"type": "array", "items": _words(provider_clauses.Act)},
    terms_clause=TEXT,
    terms_verified=FLAG,
)
ASSERTION = _object(
    ["id", "kind", "asserted_by"],
    id=TEXT,
    kind=_words(facts.Kind),
    asserted_by=TEXT,
    capacity=_words(terms.Capacity),
    verification=_words(terms.Verification),
    uses=_some(_words(terms.Use)),
    purposes=_some(_words(terms.Purpose)),
    territory=_some(TERRITORY),
    valid_from=DAY,
    valid_to=DAY,
    observed_at=DAY,
    recorded_at=DAY,
    source_format=TEXT,
    machine_readable=FLAG,
    signal=_words(facts.Signal),
    licensor=TEXT,
    licensee=TEXT,
    affiliates={"type": "array", "items": TEXT},
    duties={"type": "array", "items": TEXT},
    editions={"type": "array", "items": TEXT},
    products={"type": "array", "items": TEXT},
    models={"type": "array", "items": TEXT},
    licensee_kinds={"type": "array", "items": _words(terms.LicenseeKind)},
    exclusive=FLAG,
    ai_rights=_words(facts.AiRights),
    related={"type": "array", "items": TEXT},
    licence=TEXT,
    upstream_licence=TEXT,
    target=TEXT,
    note=TEXT,
    source=TEXT,
    sha256=TEXT,
    channel=TEXT,
    demo=FLAG,
)
CASE: Schema = _object(
    ["question"],
    question=QUESTION,
    work=WORK,
    copy=COPY,
    generated_by=GENERATION,
    assertions={"type": "array", "items": ASSERTION},
)
EXAMPLE: dict[str, Any] = {
    "question": {"use": "pretraining", "purpose": "commercial", "territory": "DE", "on": "2026-11-22"},
    "work": {"title": "Emma", "first_published": "1815", "country": "GB", "authors": [{"died": "1817"}]},
}
