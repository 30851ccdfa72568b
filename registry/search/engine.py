"""Search: one box, every kind, whichever engine answers.

An engine only proposes candidates. Rows come from PostgreSQL through `registry.access`, so that what an actor may not
see is in no hit and no total, and they are ordered by `registry.search.ranking`, the same for both. Identifiers go
straight to their work. When Elasticsearch is configured and does not answer, PostgreSQL does and the answer says so.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from registry.actors import ANONYMOUS, Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Identifier
from registry.models.base import ALPHABET
from registry.search import elasticsearch, postgres, ranking
from registry.search.kinds import KINDS, Kind
from registry.search.query import Query, parse

logger = logging.getLogger(__name__)

MAX_LIMIT = 200
PUBLIC_ID_CHARS = 12


class EngineUnknown(ColophonError):
    """There is no engine of this name here."""

    code = "SEARCH_ENGINE_UNKNOWN"


@dataclass(frozen=True)
class Hit:
    """One row that answers the query. `by` is "identifier" or "text"; `row` is the model's instance."""

    kind: str
    id: str
    title: str
    detail: str
    score: float
    by: str
    row: Any = field(repr=False, compare=False)


@dataclass(frozen=True)
class Hits:
    """A page of hits. `totals` counts all hits of each kind; `degraded`: the configured engine did not answer."""

    engine: str
    took_ms: float
    hits: tuple[Hit, ...]
    total: int
    totals: dict[str, int]
    degraded: bool = False
    offset: int = 0

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, or None on the last one."""
        end = self.offset + len(self.hits)
        return end if self.hits and end < self.total else None


@dataclass(frozen=True)
class _Found:
    kind: str
    pk: int
    score: float
    by: str
    text: str

    @property
    def order(self) -> tuple[bool, float, int, str, str, int]:
        """Identifiers first, then by score; of equals the shorter name, then always the same one."""
        names = self.text.partition("\n\n")[0]
        return (self.by != "identifier", -round(self.score, 6), len(names), names, self.kind, self.pk)


def search(
    text: str,
    kind: str | None = None,
    *,
    actor: Actor = ANONYMOUS,
    limit: int = 10,
    offset: int = 0,
    engine: str | None = None,
) -> Hits:
    """Find what the actor may see: works, datasets, models and holders, or one `kind`; best first, at most 200 a page.

    `engine` None: Elasticsearch when it is configured, else PostgreSQL, which also stands in when the other is away.
    A named engine is asked or fails. Any text is a valid query; one without letters or digits has no hits.
    Raises InvalidInput for an unknown kind, EngineUnknown, and EngineDown for a named engine that does not answer.
    """
    started = time.perf_counter()
    kinds = _kinds(kind)
    query = parse(text)
    name, found, degraded = _find(query, kinds, actor, engine)
    ordered = sorted(found, key=lambda one: one.order)
    start, end = max(0, offset), max(0, offset) + min(max(1, limit), MAX_LIMIT)
    return Hits(
        engine=name,
        hits=tuple(_load(ordered[start:end], actor)),
        total=len(ordered),
        totals={one.name: sum(hit.kind == one.name for hit in ordered) for one in kinds},
        degraded=degraded,
        offset=start,
        took_ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _kinds(name: str | None) -> list[Kind]:
    if name is None or name == "":
        return list(KINDS.values())
    if name not in KINDS:
        cause = f"{name!r} is not one of {', '.join(KINDS)}."
        raise InvalidInput(f"This cannot be searched: {cause}", errors=[{"pointer": "/kind", "cause": cause}])
    return [KINDS[name]]


def _find(query: Query, kinds: Sequence[Kind], actor: Actor, engine: str | None) -> tuple[str, list[_Found], bool]:
    """Return (engine that answered, everything found, whether it stood in for another)."""
    configured = elasticsearch.NAME if settings.ELASTICSEARCH_URL else postgres.NAME
    name = engine or configured
    if name not in ENGINES or (name == elasticsearch.NAME and not settings.ELASTICSEARCH_URL):
        raise EngineUnknown(f"There is no search engine {name!r} here; ELASTICSEARCH_URL names a server.", engine=name)
    direct = _by_identifier(query, kinds, actor)
    if direct:
        return name, direct, False
    try:
        return name, _by_text(query, kinds, actor, ENGINES[name]), False
    except elasticsearch.EngineDown as error:
        if engine is not None:
            raise
        logger.warning("search: PostgreSQL answers, Elasticsearch does not: %s", error.sentence)
        return postgres.NAME, _by_text(query, kinds, actor, postgres.candidates), True


def _by_identifier(query: Query, kinds: Sequence[Kind], actor: Actor) -> list[_Found]:
    """What carries an identifier of the query, or is addressed by it; empty sends the query on to the engine."""
    found: dict[tuple[str, int], _Found] = {}
    public_id = query.text.strip().lower()
    for kind in kinds:
        visible = kind.visible(actor)
        rows: list[tuple[int, str]] = []
        if len(public_id) == PUBLIC_ID_CHARS and set(public_id) <= set(ALPHABET):
            rows += visible.filter(public_id=public_id).values_list("pk", "search_text")
        for scheme, value in query.identifiers:
            if kind.name == "work":
                works = Identifier.objects.filter(scheme=scheme, value=value).values("work_id")
                rows += visible.filter(pk__in=works).values_list("pk", "search_text")
            elif kind.name == "holder" and scheme == "isni":
                rows += visible.filter(isni=value).values_list("pk", "search_text")
        for pk, text in rows:
            found[kind.name, pk] = _Found(kind.name, pk, 1.0, "identifier", text)
    return list(found.values())


def _by_text(
    query: Query, kinds: Sequence[Kind], actor: Actor, candidates: Callable[[Query, Kind, Actor], dict[int, str]]
) -> list[_Found]:
    found: list[_Found] = []
    for kind in kinds:
        rows = candidates(query, kind, actor)
        scores = ranking.score(query, list(rows.values()))
        for (pk, text), score in zip(rows.items(), scores, strict=True):
            if score >= ranking.MIN_SCORE:
                found.append(_Found(kind.name, pk, score, "text", text))
    return found


def _load(page: Sequence[_Found], actor: Actor) -> list[Hit]:
    """The rows of a page, once more through access: what became invisible meanwhile is left out."""
    rows: dict[tuple[str, int], Any] = {}
    for kind in KINDS.values():
        wanted = [one.pk for one in page if one.kind == kind.name]
        if wanted:
            loaded = kind.visible(actor).prefetch_related(*kind.shown).filter(pk__in=wanted)
            rows.update({(kind.name, row.pk): row for row in loaded})
    hits = []
    for one in page:
        row = rows.get((one.kind, one.pk))
        if row is None:
            continue
        detail = KINDS[one.kind].detail(row)
        title = KINDS[one.kind].title(row)
        hits.append(Hit(one.kind, row.public_id, title, detail, round(one.score, 4), one.by, row))
    return hits


ENGINES: dict[str, Callable[[Query, Kind, Actor], dict[int, str]]] = {
    postgres.NAME: postgres.candidates,
    elasticsearch.NAME: elasticsearch.candidates,
}
