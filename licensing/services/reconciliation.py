"""Candidates for the Reconciliation Service API 0.2: what is publicly known, told by name and refined by properties.

Works are weighed by linkage: the score is its calibrated probability in per cent, and it decides what is a match.
Datasets, models and holders go by how well the name agrees, lowered by every property that contradicts.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, prefetch_related_objects
from rapidfuzz import fuzz

import registry.access
from registry import folding
from registry.actors import ANONYMOUS
from registry.linkage.facts import RowFacts
from registry.models import AIModel, Dataset, Identifier, Party, Work
from registry.models.base import ALPHABET
from registry.search import engine, suggestions
from registry.search.engine import Hit
from registry.search.query import parse
from registry.services import linking

TYPES: Mapping[str, tuple[str, str]] = {  # id → name, kind of search
    "/work": ("Work", "work"),
    "/dataset": ("Dataset", "dataset"),
    "/model": ("AI model", "model"),
    "/holder": ("Person or organisation", "holder"),
}
TYPE_OF_KIND = {kind: name for name, (_label, kind) in TYPES.items()}
ID_CHARS = 12
MATCH_SCORE = 95.0
LEAD = 5.0  # by which a match has to be better than the next candidate
AGREES = 85.0  # of 100: names written a little differently are the same
WEIGHTS = {"author": 0.6, "developer": 0.6, "year": 0.9, "language": 0.95}  # of what contradicts
MAX_LIMIT, DEFAULT_LIMIT = 25, 5
MAX_SUGGESTED = 200  # of a kind


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


def candidates(queries: Mapping[str, Query]) -> dict[str, list[Candidate]]:
    """For each query the public entities that may be meant, best first, at most its `limit`."""
    about_works = {name: query for name, query in queries.items() if "work" in _kinds(query)}
    works = dict(zip(about_works, _works(list(about_works.values())), strict=True))
    found = {}
    for name, query in queries.items():
        kinds = [kind for kind in _kinds(query) if kind != "work"]
        named = _named(query, kinds) if kinds else []
        if not query.types:  # works are meant; beside them only what has this very name, or this identifier
            very_name = folding.fold(query.text)
            named = [one for one in named if one.features["identifier"] or folding.fold(one.name) == very_name]
        both = [*works.get(name, []), *named]
        found[name] = sorted(both, key=lambda one: (-one.score, one.name, one.id))[: query.limit]
    return found


def suggested(prefix: str, types: Sequence[str], skipped: int, count: int) -> list[Hit]:
    """The public entities that may be meant while a name, an identifier or an id of ours is typed; best first.

    First names that begin so, then what a search finds, which reaches to the MAX_SUGGESTED-th of a kind. Of no type
    that is known there are none; without types of all.
    """
    kinds = [TYPES[name][1] for name in types or TYPES if name in TYPES]
    begun = suggestions.suggest(prefix, kinds[0] if len(kinds) == 1 else None, limit=suggestions.MAX_SUGGESTIONS).hits
    found = {(hit.kind, hit.id): hit for hit in begun if hit.kind in kinds}
    end = skipped + count
    if len(found) < end:
        searched = [hit for kind in kinds for hit in engine.search(prefix, kind, limit=min(end, MAX_SUGGESTED)).hits]
        for hit in sorted(searched, key=lambda one: (one.by != "identifier", -one.score, len(one.title), one.id)):
            found.setdefault((hit.kind, hit.id), hit)
    return list(found.values())[skipped:end]


def _works(queries: Sequence[Query]) -> list[list[Candidate]]:
    """Works as linkage weighs them, and what an identifier of ours or a DOI leads to."""
    rows = [
        RowFacts(
            title=query.text or next(iter(query.properties.get("title", ())), ""),
            author=" ; ".join(query.properties.get("author", ())),
            year=next(iter(query.properties.get("year", ())), ""),
            publisher=next(iter(query.properties.get("publisher", ())), ""),
            isbn=next(iter(query.properties.get("isbn", ())), ""),
        )
        for query in queries
    ]
    limit = max((query.limit for query in queries), default=DEFAULT_LIMIT)
    linked = linking.candidates(rows, actor=ANONYMOUS, limit=limit) if rows else []
    return [_with_identified(query, found) for query, found in zip(queries, linked, strict=True)]


def _with_identified(query: Query, linked: Sequence[linking.Candidate]) -> list[Candidate]:
    """What linkage found, and beside it the works that the query names by an identifier or by our own id."""
    found = {one.public_id: _linked(one) for one in linked}
    for text in (query.text, *query.properties.get("doi", ())):
        works = _identified(text)
        for work in works:
            described = " · ".join(said for said in (work.author_names, work.first_published[:4]) if said)
            features: dict[str, float | bool] = {"identifier": True}
            found[work.public_id] = Candidate(
                work.public_id, work.title, described, "/work", 100.0, len(works) == 1, features
            )
    return list(found.values())


def _identified(text: str) -> list[Work]:
    """The public works that carry an identifier in this text, or have it as their id."""
    own = text.strip().lower()
    named = Q(pk__in=[])
    if len(own) == ID_CHARS and set(own) <= set(ALPHABET):
        named = Q(public_id=own)
    for scheme, value in parse(text).identifiers:
        named |= Q(pk__in=Identifier.objects.filter(scheme=scheme, value=value).values("work_id"))
    if named == Q(pk__in=[]):
        return []
    works = registry.access.works(ANONYMOUS).filter(named).prefetch_related("contributions__party")
    return list(works.order_by("pk")[:MAX_LIMIT])


def _linked(one: linking.Candidate) -> Candidate:
    described = " · ".join(text for text in (", ".join(one.authors), str(one.year or "")) if text)
    features: dict[str, float | bool] = {"identifier": one.by == "isbn", **one.features}
    score = round(100 * one.probability, 2)
    return Candidate(one.public_id, one.title, described, "/work", score, one.match, features)


def _named(query: Query, kinds: Sequence[str]) -> list[Candidate]:
    """Datasets, models and holders, by their name."""
    found: dict[tuple[str, str], Hit] = {}
    for text in _texts(query):
        for kind in kinds:
            for hit in engine.search(text, kind, actor=ANONYMOUS, limit=2 * query.limit + 3).hits:
                known = found.get((hit.kind, hit.id))
                if known is None or known.score < hit.score:
                    found[hit.kind, hit.id] = hit
    prefetch_related_objects([hit.row for hit in found.values() if hit.kind == "model"], "developer")
    scored = sorted((_scored(hit, query) for hit in found.values()), key=lambda one: (-one.score, one.name, one.id))
    return [_decided(scored, place, is_typed=bool(query.types)) for place in range(len(scored))]


def _kinds(query: Query) -> list[str]:
    """The kinds of the types asked for, which are none for a type that is not known.

    Where none is named, all kinds for a name, and works for properties alone. Where nothing is said, none.
    """
    if not query.text and not any(query.properties.values()):
        return []
    named = query.types or (TYPES if query.text else ("/work",))
    return [TYPES[name][1] for name in named if name in TYPES]


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
    if by_identifier:
        score = 100.0
    return Candidate(
        hit.id, hit.title, hit.detail, TYPE_OF_KIND[hit.kind], round(min(100.0, score), 2), False, features
    )


def _decided(scored: Sequence[Candidate], place: int, *, is_typed: bool) -> Candidate:
    """The candidate with its decision: good enough, and better than the next.

    A name alone tells no person apart, and where no type was named it may as well be that of a work.
    """
    one = scored[place]
    next_score = max((other.score for other in scored if other is not one), default=0.0)
    is_told_apart = bool(one.features["identifier"]) or (is_typed and one.type != "/holder")
    is_match = is_told_apart and one.score >= MATCH_SCORE and one.score - next_score >= LEAD
    return replace(one, match=is_match)


def _facts(row: Any) -> dict[str, tuple[str, ...]]:
    """What a row has of the properties that are compared."""
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
