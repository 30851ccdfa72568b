"""Candidates for the Reconciliation Service API 0.2: what is publicly known, told by name and refined by properties.

An identifier settles it. Otherwise the score is how well the name agrees, lowered by every property that contradicts;
a candidate is a match only where a second fact agrees too: a title alone never makes one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from rapidfuzz import fuzz

from registry import folding
from registry.actors import ANONYMOUS
from registry.models import AIModel, Dataset, Party, Work
from registry.search import engine
from registry.search.engine import Hit

TYPES: Mapping[str, tuple[str, str]] = {  # id → name, kind of search
    "/work": ("Work", "work"),
    "/dataset": ("Dataset", "dataset"),
    "/model": ("AI model", "model"),
    "/holder": ("Person or organisation", "holder"),
}
TYPE_OF_KIND = {kind: name for name, (_label, kind) in TYPES.items()}
MATCH_SCORE = 95.0
LEAD = 5.0  # by which a match has to be better than the next candidate
AGREES = 85.0  # of 100: names written a little differently are the same
WEIGHTS = {"author": 0.6, "developer": 0.6, "year": 0.9, "publisher": 0.97, "language": 0.95}  # of what contradicts
WORK_FACTS = ("contributions__party", "editions")
MAX_LIMIT, DEFAULT_LIMIT = 25, 5


@dataclass(frozen=True)
class Query:
    """One reconciliation query; `properties` by their id, every value as text."""

    text: str = ""
    types: tuple[str, ...] = ()
    limit: int = DEFAULT_LIMIT
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """An entity that may be meant; `score` 0–100, `features` are what it was made of."""

    id: str
    name: str
    description: str
    type: str
    score: float
    match: bool
    features: Mapping[str, float | bool]


def candidates(query: Query) -> list[Candidate]:
    """The public entities that may be meant, best first, at most `limit`."""
    found: dict[tuple[str, str], Hit] = {}
    for text in _texts(query):
        for kind in _kinds(query):
            hits = engine.search(text, kind, actor=ANONYMOUS, limit=2 * query.limit + 3).hits
            for hit in hits:
                known = found.get((hit.kind, hit.id))
                if known is None or (known.by, known.score) < (hit.by, hit.score):
                    found[hit.kind, hit.id] = hit
    prefetch_related_objects([hit.row for hit in found.values() if hit.kind == "work"], *WORK_FACTS)
    prefetch_related_objects([hit.row for hit in found.values() if hit.kind == "model"], "developer")
    scored = sorted((_scored(hit, query) for hit in found.values()), key=lambda one: (-one.score, one.name, one.id))
    return [_decided(scored, place) for place in range(len(scored[: query.limit]))]


def _kinds(query: Query) -> list[str]:
    """The kinds of the types asked for; works where none is named. A type that is not known finds nothing."""
    return [TYPES[name][1] for name in query.types or ("/work",) if name in TYPES]


def _texts(query: Query) -> list[str]:
    """What is looked for: identifiers, then the name, else the properties that name something."""
    identifiers = [value for name in ("isbn", "doi", "isni") for value in query.properties.get(name, ())]
    named = query.text or " ".join(
        value for name in ("title", "author", "publisher") for value in query.properties.get(name, ())[:1]
    )
    return [*identifiers[:5], *([named] if named else [])]


def _scored(hit: Hit, query: Query) -> Candidate:
    by_identifier = hit.by == "identifier"
    features: dict[str, float | bool] = {"identifier": by_identifier, "name": round(100 * hit.score, 1)}
    score = 100.0 * hit.score
    facts = _facts(hit.row)
    for name, weight in WEIGHTS.items():
        wanted, held = query.properties.get(name, ()), facts.get(name, ())
        if not wanted or not held:
            continue
        features[name] = agrees = any(_agree(name, one, other) for one in wanted for other in held)
        score *= 1.0 if agrees else weight
    contradicted = features.get("author") is False
    if by_identifier:
        score = 80.0 if contradicted else 100.0
    return Candidate(
        hit.id, hit.title, hit.detail, TYPE_OF_KIND[hit.kind], round(min(100.0, score), 2), False, features
    )


def _decided(scored: Sequence[Candidate], place: int) -> Candidate:
    """The candidate with its decision: good enough, better than the next, and held by a second fact."""
    one = scored[place]
    next_score = max((other.score for other in scored if other is not one), default=0.0)
    second_fact = one.features["identifier"] or one.features.get("author") or one.type in ("/dataset", "/model")
    is_match = bool(second_fact and one.score >= MATCH_SCORE and one.score - next_score >= LEAD)
    return Candidate(one.id, one.name, one.description, one.type, one.score, is_match, one.features)


def _facts(row: Any) -> dict[str, tuple[str, ...]]:
    """What a row has of the properties that are compared."""
    if isinstance(row, Work):
        people = [contribution.party for contribution in row.contributions.all()]
        editions = list(row.editions.all())
        years = {row.first_published[:4], *(edition.published[:4] for edition in editions)} - {""}
        return {
            "author": tuple(name for party in people for name in _names(party)),
            "year": tuple(years),
            "publisher": tuple({edition.publisher for edition in editions} - {""}),
            "language": (row.language,) if row.language else (),
        }
    if isinstance(row, AIModel):
        return {"developer": _names(row.developer), "year": (row.released_on[:4],) if row.released_on else ()}
    if isinstance(row, Dataset):
        return {"author": tuple(row.creators), "language": tuple(row.languages)}
    return {}


def _names(party: Party) -> tuple[str, ...]:
    return tuple(name for name in (party.public_id, party.name, party.name_zh, *party.other_names) if name)


def _agree(name: str, wanted: str, held: str) -> bool:
    if name == "year":
        years = re.findall(r"\d{4}", wanted)
        return any(abs(int(year) - int(held)) <= 1 for year in years) if held.isdigit() else False
    one, other = folding.fold(wanted), folding.fold(held)
    if name == "language":
        return one.split("-")[0] == other.split("-")[0]
    return bool(one and other) and fuzz.token_set_ratio(one, other) >= AGREES
