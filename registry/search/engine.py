"""Search: one box, every kind, whichever engine answers.

An engine only proposes rows. They come from PostgreSQL through `registry.access`, so that what an actor may not see is
in no hit, no total and no facet, and they are ordered by `registry.search.ranking`, the same for both. Identifiers go
straight to their work. When Elasticsearch is configured and does not answer, PostgreSQL does and the answer says so.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from registry.actors import ANONYMOUS, Actor
from registry.errors import ColophonError, InvalidInput
from registry.models import Identifier
from registry.models.base import ALPHABET
from registry.search import elasticsearch, facets, postgres, ranking
from registry.search.kinds import KINDS, Columns, Kind, readers_of
from registry.search.query import Query, parse
from registry.search.rows import Counted, Found, Rows
from registry.search.selection import EVERYTHING, Counts, Selection, count
from registry.search.server import EngineDown

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

MAX_LIMIT = 200
MAX_OFFSET = 10_000
PUBLIC_ID_CHARS = 12
ENOUGH_COMPLETE = 10  # with so many rows that hold every word, rows that hold most of them are not looked for
RANKED_ROWS = 300  # of a kind; of more rows that hold every word the shortest are listed, and all are counted
PHRASE_ROWS = 2_000  # rows with every word among which a phrase is looked for
KEPT_ROWS = 5_000  # counts of more rows than this are kept for a minute
KEPT_SECONDS = 60
MEANT_SCORE = 0.3  # a row this near may be what was meant when nothing was found

ENGINES: dict[str, ModuleType] = {postgres.NAME: postgres, elasticsearch.NAME: elasticsearch}


class EngineUnknown(ColophonError):
    """There is no engine of this name here."""

    code = "SEARCH_ENGINE_UNKNOWN"


@dataclass(frozen=True)
class Hit:
    """One row that answers the query. `by` is "identifier", "text" or "facet"; `row` is the model's instance."""

    kind: str
    id: str
    title: str
    detail: str
    score: float
    by: str
    row: Any = field(repr=False, compare=False)


@dataclass(frozen=True)
class Hits:
    """A page of hits.

    `totals` counts what answers of each kind, `total` all of them; `listed` of them can be paged through, the best.
    `facets`: facet → value → how many, each counted without what was chosen of it. `is_exact` False: very many rows
    were counted by a sample. `degraded`: the configured engine did not answer. `meant`: a name that may have been meant
    when nothing was found.
    """

    engine: str
    took_ms: float
    hits: tuple[Hit, ...]
    total: int
    totals: dict[str, int]
    degraded: bool = False
    offset: int = 0
    listed: int = 0
    facets: Counts = field(default_factory=dict)
    is_exact: bool = True
    meant: str = ""

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins, or None on the last one."""
        end = self.offset + len(self.hits)
        return end if self.hits and end < self.listed else None


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


@dataclass
class _Answer:
    """What was found, in order, and how many there are of each kind."""

    found: list[_Found]
    totals: dict[str, int]
    facets: Counts = field(default_factory=dict)
    is_exact: bool = True
    meant: str = ""


def search(
    text: str,
    kind: str | None = None,
    *,
    actor: Actor = ANONYMOUS,
    limit: int = 10,
    offset: int = 0,
    engine: str | None = None,
    selection: Selection = EVERYTHING,
) -> Hits:
    """Find what the actor may see: works, datasets, models, holders and claims, or one `kind`; best first, at most 200
    a page. Without a text, what was chosen by kind and facets, the newest first.

    `engine` None: Elasticsearch when it is configured, else PostgreSQL, which also stands in when the other is away.
    A named engine is asked or fails. Any text is a valid query; one without letters or digits has no hits.
    Raises InvalidInput for an unknown kind, EngineUnknown, and EngineDown for a named engine that does not answer.
    """
    started = time.perf_counter()
    kinds = kinds_of(kind)
    start = min(max(0, offset), MAX_OFFSET)
    end = start + min(max(1, limit), MAX_LIMIT)
    query = parse(text)
    is_browsing = not text.strip() and (kind or selection)

    def answer(asked: ModuleType) -> _Answer:
        if is_browsing:
            return _browse(kinds, actor, selection, asked, end)
        return _by_identifier(query, kinds, actor) or _by_text(query, kinds, actor, selection, asked)

    name, found, degraded = ask(answer, engine)
    page = found.found[start:end]
    total = sum(found.totals.values())
    return Hits(
        engine=name,
        hits=tuple(_load(page, actor)),
        total=total,
        totals=found.totals,
        degraded=degraded,
        offset=start,
        listed=min(total, MAX_OFFSET) if is_browsing else len(found.found),
        facets=found.facets,
        is_exact=found.is_exact,
        meant=found.meant,
        took_ms=round((time.perf_counter() - started) * 1000, 1),
    )


def every(
    text: str, kind: str, *, actor: Actor, selection: Selection = EVERYTHING, limit: int = MAX_OFFSET
) -> list[int]:
    """The keys of the rows of a kind that hold every word of a text, for whoever takes all of them and not the best:
    at most `limit`, those with short names first. Raises InvalidInput for an unknown kind.
    """
    [known] = kinds_of(kind)
    query = parse(text)

    def answer(asked: ModuleType) -> dict[str, Rows]:
        rows: dict[str, Rows] = asked.complete(query, [known], actor, selection, limit)
        return rows

    _name, found, _degraded = ask(answer, None)
    said = [pk for pk, row in found[known.name].items() if not query.phrases or query.is_said(row.text)]
    return said[:limit]


def kinds_of(name: str | None) -> list[Kind]:
    """Every kind, or the one of this name; raises InvalidInput for a name that is none."""
    if name is None or name == "":
        return list(KINDS.values())
    if name not in KINDS:
        cause = f"{name!r} is not one of {', '.join(KINDS)}."
        raise InvalidInput(f"This cannot be searched: {cause}", errors=[{"pointer": "/kind", "cause": cause}])
    return [KINDS[name]]


def ask(run: Callable[[ModuleType], Answer], engine: str | None) -> tuple[str, Answer, bool]:
    """Return (engine that answered, its answer, whether it stood in for another)."""
    configured = elasticsearch.NAME if settings.ELASTICSEARCH_URL else postgres.NAME
    name = engine or configured
    if name not in ENGINES or (name == elasticsearch.NAME and not settings.ELASTICSEARCH_URL):
        raise EngineUnknown(f"There is no search engine {name!r} here; ELASTICSEARCH_URL names a server.", engine=name)
    try:
        return name, run(ENGINES[name]), False
    except EngineDown as error:
        if engine is not None:
            raise
        logger.warning("search: PostgreSQL answers, Elasticsearch does not: %s", error.sentence)
        return postgres.NAME, run(postgres), True


def _by_identifier(query: Query, kinds: Sequence[Kind], actor: Actor) -> _Answer | None:
    """What carries an identifier of the query, or is addressed by it; None sends the query on to the engine."""
    found: dict[tuple[str, int], tuple[_Found, Sequence[str]]] = {}
    public_id = query.text.strip().lower()
    is_public_id = len(public_id) == PUBLIC_ID_CHARS and set(public_id) <= set(ALPHABET)
    for kind in kinds if is_public_id or query.identifiers else ():
        visible = kind.visible(actor)
        rows: list[tuple[int, str, list[str]]] = []
        if is_public_id:
            rows += visible.filter(public_id=public_id).values_list("pk", "search_text", "search_facets")
        for scheme, value in query.identifiers:
            if kind.name == "work":
                works = Identifier.objects.filter(scheme=scheme, value=value).values("work_id")
                rows += visible.filter(pk__in=works).values_list("pk", "search_text", "search_facets")
            elif kind.name == "holder" and scheme in ("isni", "orcid"):  # an ORCID is an ISNI written in groups
                rows += visible.filter(isni=value.replace("-", "")).values_list("pk", "search_text", "search_facets")
        for pk, text, told in rows:
            found[kind.name, pk] = (_Found(kind.name, pk, 1.0, "identifier", text), told)
    if not found:
        return None
    ordered = sorted((one for one, _ in found.values()), key=lambda one: one.order)
    totals = {kind.name: sum(one.kind == kind.name for one in ordered) for kind in kinds}
    names = {name for kind in kinds for name in facets.names(kind.name)}
    return _Answer(ordered, totals, count((told for _, told in found.values()), EVERYTHING, names))


def _by_text(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, engine: ModuleType) -> _Answer:
    """Rows that hold every word; where these are few, also those that hold most of it or what it may mean."""
    found = _found(query, kinds, actor, selection, engine)
    answer = _Answer([], {})
    nearest: list[_Found] = []
    for kind in kinds:
        rows = found.rows[kind.name]
        counted = None
        if kind.name in found.many or (len(rows) > RANKED_ROWS and not query.phrases):
            counted = _counted(query, kind, actor, selection, engine)
            if selection and kind.name not in found.many:  # more than the engine knew of when it was asked
                rows = engine.complete(query, [kind], actor, selection, RANKED_ROWS)[kind.name]
        accepted = _rank(query, kind, rows, nearest)
        chosen = [one for one in accepted if selection.accepts(rows[one.pk].facets)]
        if counted is None:
            told = count((rows[one.pk].facets for one in accepted), selection, facets.names(kind.name))
            counted = Counted(len(chosen), told, is_exact=True)
        _add(answer, kind, sorted(chosen, key=lambda one: one.order)[:RANKED_ROWS], counted)
    answer.found.sort(key=lambda one: one.order)
    if not answer.found and not selection and nearest:
        answer.meant = _meant(min(nearest, key=lambda one: one.order), actor)
    return answer


def _found(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, engine: ModuleType) -> Found:
    """What the engine brings; of a phrase the rows that say it."""
    if not query.phrases:
        found: Found = engine.find(query, kinds, actor, selection, limit=RANKED_ROWS + 1, enough=ENOUGH_COMPLETE)
        return found
    held: dict[str, Rows] = engine.find(query, kinds, actor, EVERYTHING, limit=PHRASE_ROWS, enough=0).rows
    return Found(
        {name: {pk: row for pk, row in rows.items() if query.is_said(row.text)} for name, rows in held.items()}
    )


def _rank(query: Query, kind: Kind, rows: Rows, nearest: list[_Found]) -> list[_Found]:
    """The rows that answer the query; those that only come near are added to `nearest`."""
    accepted = []
    scores = ranking.score(query, [row.text for row in rows.values()])
    for (pk, row), score in zip(rows.items(), scores, strict=True):
        if score >= ranking.MIN_SCORE:
            accepted.append(_Found(kind.name, pk, score, "text", row.text))
        elif score >= MEANT_SCORE:
            nearest.append(_Found(kind.name, pk, score, "text", row.text))
    return accepted


def _add(answer: _Answer, kind: Kind, found: list[_Found], counted: Counted) -> None:
    """Put one kind's hits, their number and their facets into the answer."""
    answer.found += found
    answer.totals[kind.name] = max(counted.total, len(found))
    answer.facets.update(counted.facets)
    answer.is_exact &= counted.is_exact


def _browse(kinds: Sequence[Kind], actor: Actor, selection: Selection, engine: ModuleType, end: int) -> _Answer:
    """What was chosen by facets, the newest first, kind after kind."""
    answer = _Answer([], {})
    for kind in kinds:
        counted = _counted(parse(""), kind, actor, selection, engine)
        rows = kind.visible(actor)
        for group in selection.groups().values():
            rows = rows.filter(search_facets__overlap=sorted(group))
        keys = rows.order_by("-pk").values_list("pk", flat=True)[: end - len(answer.found)]
        _add(answer, kind, [_Found(kind.name, pk, 1.0, "facet", "") for pk in keys], counted)
    return answer


def _counted(query: Query, kind: Kind, actor: Actor, selection: Selection, engine: ModuleType) -> Counted:
    """The engine's counts, kept for a minute where there are many rows: what everybody sees who opens the catalogue."""
    groups = sorted((name, sorted(group)) for name, group in selection.groups().items())
    asked = json.dumps(
        [connection.settings_dict["NAME"], engine.NAME, kind.name, readers_of(actor), query.tokens, groups]
    )
    key = f"search-counts:{hashlib.sha256(asked.encode()).hexdigest()}"
    counted: Counted | None = cache.get(key)
    if counted is None:
        counted = engine.counts(query, kind, actor, selection)
        if counted.total > KEPT_ROWS:
            cache.set(key, counted, KEPT_SECONDS)
    return counted


def _meant(nearest: _Found, actor: Actor) -> str:
    return next((hit.title for hit in _load([nearest], actor)), "")


def hits_of(found: Sequence[tuple[str, int, float]], actor: Actor) -> list[Hit]:
    """Hits for (kind, primary key, score), in their order; what the actor may not see is left out."""
    return _load([_Found(kind, pk, score, "text", "") for kind, pk, score in found], actor)


def _load(page: Sequence[_Found], actor: Actor) -> list[Hit]:
    """The rows of a page, once more through access: what became invisible meanwhile is left out."""
    rows: dict[tuple[str, int], Any] = {}
    for kind in KINDS.values():
        wanted = [one.pk for one in page if one.kind == kind.name]
        if wanted:
            visible = kind.visible(actor).filter(pk__in=wanted).order_by().defer(*Columns._fields)
            rows.update({(kind.name, row.pk): row for row in kind.shown(visible)})
    hits = []
    for one in page:
        row = rows.get((one.kind, one.pk))
        if row is None:
            continue
        detail = KINDS[one.kind].detail(row)
        title = KINDS[one.kind].title(row)
        hits.append(Hit(one.kind, row.public_id, title, detail, round(one.score, 4), one.by, row))
    return hits
