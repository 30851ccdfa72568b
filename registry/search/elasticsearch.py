"""Candidates from Elasticsearch, and the index they come from.

The mapping needs no module or plugin: our own folded tokens in one `keyword` array, looked up by `term` and `prefix`.
So the same index runs on the minimal distribution, the full one and a hosted one. Readers ask an alias; each rebuild
makes a new index behind it.
"""

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

from registry import folding
from registry.actors import Actor
from registry.errors import ColophonError
from registry.search import facets, postgres, reading
from registry.search.kinds import Kind, readers_of
from registry.search.query import Query
from registry.search.reading import Reading, Word
from registry.search.rows import Counted, Rows
from registry.search.selection import EVERYTHING, Selection, most_common

if TYPE_CHECKING:
    import elasticsearch

NAME = "elasticsearch"

CANDIDATE_ROWS = 100  # what ranking sees of a kind
COMMON_ROWS = 5_000  # where words stand in more rows of a kind, who may see them is asked of the best alone
SUGGESTED_ROWS = 40
QUERY_SECONDS = 3
WRITE_SECONDS = 60
MERGE_SECONDS = 900
REST_SECONDS = 10  # after a failure PostgreSQL answers for so long before the server is asked again
NO_INDEX = 404
SHOWN = ["responses." + part for part in ("hits.hits.fields", "aggregations", "status", "error")]
KEYS_ALONE = {"stored_fields": "_none_", "docvalue_fields": ["key"], "track_total_hits": False}  # no document is opened

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "dynamic_templates": [{"facets": {"path_match": "facets.*", "mapping": {"type": "keyword"}}}],
    "properties": {
        "kind": {"type": "keyword"},
        "readers": {"type": "keyword"},
        "tokens": {"type": "keyword"},
        "facets": {"type": "object", "dynamic": True},
        "length": {"type": "integer"},
        "key": {"type": "long"},
        "digest": {"type": "keyword", "index": False},
    },
}
SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "gc_deletes": "1h",  # deletions keep their version for as long as a rebuild may take
}


class EngineDown(ColophonError):
    """Elasticsearch does not answer, or holds no index yet."""

    code = "SEARCH_ENGINE_DOWN"
    status = 503


logger = logging.getLogger(__name__)
_lock = threading.Lock()
_clients: dict[str, "elasticsearch.Elasticsearch"] = {}
_failed_at: dict[str, float] = {}


def client() -> "elasticsearch.Elasticsearch":
    """The client for ELASTICSEARCH_URL, one a process; raises EngineDown when none is configured."""
    address = settings.ELASTICSEARCH_URL
    if not address:
        raise EngineDown("ELASTICSEARCH_URL is not set.")
    with _lock:
        if address not in _clients:
            import elasticsearch  # noqa: PLC0415 (half a second that a site on PostgreSQL alone does not have to spend)

            logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # otherwise a line for every search
            _clients[address] = elasticsearch.Elasticsearch(address, request_timeout=QUERY_SECONDS, max_retries=0)
        return _clients[address]


def alias() -> str:
    """The name that readers ask."""
    return f"{settings.SEARCH_INDEX_PREFIX}-search"


def complete(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, limit: int) -> dict[str, Rows]:
    """Kind → the rows that hold every token and that the actor may see, at most `limit` of them, those whose name is
    just the query first, then those with short names. The texts are read from PostgreSQL. Raises EngineDown.
    """
    if not query.tokens:
        return {kind.name: {} for kind in kinds}
    return _load(kinds, _ask([_complete(query, kind, actor, selection, limit) for kind in kinds]), actor)


def _complete(query: Query, kind: Kind, actor: Actor, selection: Selection, limit: int) -> dict[str, Any]:
    named = {"constant_score": {"filter": {"term": {"tokens": folding.name_token(query.folded)}}}}
    return {
        "query": {"bool": {"filter": _chosen(query, kind, actor, selection), "should": [named]}},
        "sort": ["_score", "length", "key"],
        "size": limit,
    }


def find(query: Query, kinds: Sequence[Kind], actor: Actor, limit: int, enough: int) -> dict[str, Rows]:
    """Kind → `complete` rows, and where there are fewer than `enough` of them also `candidates`.

    Mostly one request: both are asked for at once unless the only word stands in enough rows. Raises EngineDown.
    """
    if not query.tokens or not enough:
        return complete(query, kinds, actor, EVERYTHING, limit)
    words = reading.read(query, kinds)
    asked = [kind for kind in kinds if len(query.tokens) > 1 or words[kind.name][0].rows < enough]
    bodies = [_complete(query, kind, actor, EVERYTHING, limit) for kind in kinds]
    replies = _ask([*bodies, *(_candidates(query, kind, actor, words[kind.name]) for kind in asked)])
    whole = dict(zip((kind.name for kind in kinds), map(_keys, replies), strict=False))
    likely = dict(zip((kind.name for kind in asked), map(_keys, replies[len(kinds) :]), strict=True))
    keys = {
        name: list(dict.fromkeys([*held, *likely.get(name, ())])) if len(held) < enough else held
        for name, held in whole.items()
    }
    found = postgres.rows_by_key(kinds, keys, actor)
    few = [kind for kind in kinds if sum(pk in found[kind.name] for pk in whole[kind.name]) < enough]
    proposed = [kind for kind in few if kind in asked and len(whole[kind.name]) < enough]
    more = _read_on(query, proposed, actor, {kind.name: words[kind.name] for kind in proposed}, found)
    more |= candidates(query, [kind for kind in few if kind not in proposed], actor)
    return {name: rows | more.get(name, {}) for name, rows in found.items()}


def candidates(query: Query, kinds: Sequence[Kind], actor: Actor) -> dict[str, Rows]:
    """Kind → the rows that the index proposes for the query or what it may mean, and that the actor may see.

    Raises EngineDown.
    """
    if not query.tokens or not kinds:
        return {kind.name: {} for kind in kinds}
    words = reading.read(query, kinds)
    found = _load(kinds, _ask([_candidates(query, kind, actor, words[kind.name]) for kind in kinds]), actor)
    return _read_on(query, kinds, actor, words, found)


def _read_on(
    query: Query, kinds: Sequence[Kind], actor: Actor, words: Reading, found: dict[str, Rows]
) -> dict[str, Rows]:
    """What was found, or where no row of these kinds holds much of the query what it is like."""
    proposed = {kind.name: found[kind.name] for kind in kinds}
    if not kinds or reading.is_covered(proposed, words):
        return proposed
    alike = reading.read_as_alike(query, words)
    if alike == words:
        return proposed
    return _load(kinds, _ask([_candidates(query, kind, actor, alike[kind.name]) for kind in kinds]), actor)


def beginning(query: Query, kinds: Sequence[Kind], actor: Actor) -> dict[str, Rows]:
    """Kind → rows that hold every word but the last of the query, and one that begins with that.

    Raises EngineDown.
    """
    last = query.words[-1] if query.words and query.folded.endswith(query.words[-1]) else ""
    named = {"constant_score": {"filter": {"term": {"tokens": folding.name_token(query.folded)}}}}
    bodies = []
    for kind in kinds:
        filters: list[dict[str, Any]] = [{"term": {"kind": kind.name}}, {"terms": {"readers": readers_of(actor)}}]
        filters += [{"term": {"tokens": token}} for token in query.tokens if token != last]
        if last:
            filters.append({"prefix": {"tokens": {"value": last}}})
        asked = {"bool": {"filter": filters, "should": [named]}}
        bodies.append({"query": asked, "sort": ["_score", "length", "key"], "size": SUGGESTED_ROWS})
    return _load(kinds, _ask(bodies), actor)


def counts(query: Query, kind: Kind, actor: Actor, selection: Selection) -> Counted:
    """How many rows that hold every token are chosen, and their facets. Raises EngineDown."""
    groups = {name: _any_of(name, group) for name, group in selection.groups().items()}
    aggregations: dict[str, Any] = {"total": {"filter": {"bool": {"filter": list(groups.values())}}}}
    for name in facets.names(kind.name):
        others = [group for other, group in groups.items() if other != name]
        values = {"terms": {"field": f"facets.{name}", "size": facets.VALUES}}
        aggregations[name] = {"filter": {"bool": {"filter": others}}, "aggs": {"values": values}}
    [reply] = _ask([{"query": {"bool": {"filter": _chosen(query, kind, actor)}}, "size": 0, "aggs": aggregations}])
    found = reply["aggregations"]
    counted = {
        name: most_common({row["key"]: row["doc_count"] for row in found[name]["values"]["buckets"]})
        for name in facets.names(kind.name)
    }
    return Counted(found["total"]["doc_count"], {name: rows for name, rows in counted.items() if rows}, is_exact=True)


def _ask(bodies: Sequence[dict[str, Any]]) -> list[Any]:
    """Answers to several searches, asked in one request."""
    address = settings.ELASTICSEARCH_URL
    if time.monotonic() - _failed_at.get(address, float("-inf")) < REST_SECONDS:
        raise EngineDown("It did not answer a moment ago.")
    lines: list[dict[str, Any]] = []
    for body in bodies:
        lines += [{}, KEYS_ALONE | body]
    try:
        with _reported():
            replies = list(client().msearch(index=alias(), searches=lines, filter_path=SHOWN)["responses"])
        for reply in replies:
            if "error" in reply:
                raise EngineDown(str(reply["error"].get("reason")), status=reply["status"])
    except EngineDown as error:
        if error.facts.get("status") != NO_INDEX:
            _failed_at[address] = time.monotonic()
        raise
    return replies


def _load(kinds: Sequence[Kind], replies: Sequence[Any], actor: Actor) -> dict[str, Rows]:
    """What the hits are, in their order, from PostgreSQL: text and facets of those that the actor may see."""
    keys = {kind.name: _keys(reply) for kind, reply in zip(kinds, replies, strict=True)}
    return postgres.rows_by_key(kinds, keys, actor)


def _keys(reply: Any) -> list[int]:
    return [hit["fields"]["key"][0] for hit in reply.get("hits", {}).get("hits", ())]


def _chosen(query: Query, kind: Kind, actor: Actor, selection: Selection = EVERYTHING) -> list[dict[str, Any]]:
    """Filters: every token, what the actor may see, what was chosen."""
    filters: list[dict[str, Any]] = [{"term": {"kind": kind.name}}, {"terms": {"readers": readers_of(actor)}}]
    filters += [{"term": {"tokens": token}} for token in query.tokens]
    return filters + [_any_of(name, group) for name, group in selection.groups().items()]


def _any_of(name: str, group: Iterable[str]) -> dict[str, Any]:
    """A row has one of these facets, "name:value" each; a span of years has two names."""
    by_name: dict[str, list[str]] = {}
    for text in sorted(group):
        facet, _, value = text.partition(":")
        by_name.setdefault(facet, []).append(value)
    return {"bool": {"should": [{"terms": {f"facets.{facet}": values}} for facet, values in by_name.items()]}}


def _candidates(query: Query, kind: Kind, actor: Actor, words: Sequence[Word]) -> dict[str, Any]:
    """Any word makes a candidate; rare words and more words make a better one (BM25 without lengths).

    A filter beside the words keeps the server from leaving out rows that cannot be among the best. Where very many rows
    of this kind hold a word, it is therefore asked afterwards: those it drops are few.
    """
    should: list[dict[str, Any]] = []
    for word in words:
        meant = [{"term": {"tokens": {"value": one}}} for one in word.meant]
        should.append({"dis_max": {"queries": meant}} if len(meant) > 1 else meant[0])
    for run in query.runs:  # one character of three may be wrong
        characters = [{"term": {"tokens": {"value": char}}} for char in dict.fromkeys(run)]
        if len(characters) > 2:
            should.append({"bool": {"should": characters, "minimum_should_match": len(characters) - 1}})
    seen = [{"term": {"kind": kind.name}}, {"terms": {"readers": readers_of(actor)}}]
    if sum(word.rows for word in words) <= COMMON_ROWS:
        asked = {"bool": {"filter": seen, "should": should, "minimum_should_match": 1}}
        return {"query": asked, "size": CANDIDATE_ROWS}
    return {"query": {"bool": {"should": should}}, "post_filter": {"bool": {"filter": seen}}, "size": CANDIDATE_ROWS}


def action(kind: Kind, pk: int, source: dict[str, Any] | None, *, version: int, index: str) -> dict[str, Any]:
    """One line of a bulk request: index what `sync.source` gives, or delete it when there is none any more.

    `version` is the database's time before the row was read, in microseconds: what was read earlier never replaces what
    was read later, whoever writes first.
    """
    line = {"_index": index, "_id": f"{kind.name}:{pk}", "version": version, "version_type": "external_gte"}
    if source is None:
        return {**line, "_op_type": "delete"}
    return {**line, "_op_type": "index", "_source": source}


def write(actions: Iterable[dict[str, Any]]) -> int:
    """Send bulk actions; returns how many took effect. Older versions and absent deletions are no errors.

    Raises EngineDown when the server cannot be reached or refuses a document.
    """
    done = 0
    from elasticsearch import helpers  # noqa: PLC0415

    with _reported():
        for succeeded, reply in helpers.streaming_bulk(_writer(), actions, raise_on_error=False, max_retries=2):
            status = next(iter(reply.values()))["status"]
            if not succeeded and status not in (404, 409):
                raise EngineDown(f"A document was refused: {reply}")
            done += bool(succeeded)
    return done


def indices() -> list[str]:
    """Every index of ours, the one behind the alias and any that is being built; writes go to all of them."""
    with _reported():
        return sorted(_writer().indices.get(index=f"{alias()}-*", expand_wildcards="open"))


def live_index() -> str | None:
    """The index behind the alias, None before the first rebuild."""
    with _reported():
        if not _writer().indices.exists_alias(name=alias()):
            return None
        return next(iter(_writer().indices.get_alias(name=alias())))


def create_index() -> str:
    """Make an empty index that is not asked yet, and return its name."""
    name = f"{alias()}-{time.time_ns() // 1_000_000}"
    with _reported():
        _writer().indices.create(index=name, mappings=MAPPING, settings={"index": SETTINGS})
    return name


def publish(index: str) -> None:
    """Point the alias at this index in one step and remove the others."""
    others = [name for name in indices() if name != index]
    steps: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias()}}]
    steps += [{"remove_index": {"index": other}} for other in others]
    with _reported():
        _writer().indices.refresh(index=index)
        _merge(index)
        _writer().indices.update_aliases(actions=steps)
    _failed_at.pop(settings.ELASTICSEARCH_URL, None)


def _merge(index: str) -> None:
    """Put the index into one segment, in which searches take half the time; without it they are only slower."""
    try:
        with _reported():
            _writer().options(request_timeout=MERGE_SECONDS).indices.forcemerge(index=index, max_num_segments=1)
    except EngineDown as error:
        logger.warning("search: the new index is used as it is: %s", error.sentence)


def remove(names: Iterable[str]) -> None:
    """Delete indices by name; one that is gone already is no error."""
    with _reported():
        for name in names:
            _writer().indices.delete(index=name, ignore_unavailable=True)


def refresh() -> None:
    """Make what was written visible to searches now rather than within a second."""
    with _reported():
        _writer().indices.refresh(index=alias(), ignore_unavailable=True)


def digests(index: str, kind: Kind, keys: list[int]) -> dict[int, str]:
    """The digests under which these rows stand in the index; rows that are not there are left out."""
    with _reported():
        reply = _writer().mget(index=index, ids=[f"{kind.name}:{pk}" for pk in keys], source_includes=["digest"])
    found = (row for row in reply["docs"] if row.get("found"))
    return {int(row["_id"].partition(":")[2]): row["_source"]["digest"] for row in found}


def keys(index: str, kind: Kind, first: int = 0, end: int | None = None) -> Iterator[int]:
    """The primary keys of the rows of this kind that the index holds, from `first` up to but not including `end`."""
    from elasticsearch import helpers  # noqa: PLC0415

    span = {"gte": first} if end is None else {"gte": first, "lt": end}
    filters = [{"term": {"kind": kind.name}}, {"range": {"key": span}}]
    body = {"query": {"bool": {"filter": filters}}, "_source": False}
    with _reported():
        for row in helpers.scan(_writer(), index=index, query=body, size=5000):
            yield int(row["_id"].partition(":")[2])


def rows_by_range(index: str, kind: Kind, size: int) -> dict[int, tuple[int, int]]:
    """First key of each range of `size` keys → number and sum of the keys of this kind that the index holds there."""
    histogram = {"field": "key", "interval": size, "min_doc_count": 1}
    ranges = {"histogram": histogram, "aggs": {"total": {"sum": {"field": "key"}}}}
    with _reported():
        reply = _writer().search(
            index=index, size=0, query={"term": {"kind": kind.name}}, aggs={"ranges": ranges}, request_cache=False
        )
    buckets = reply["aggregations"]["ranges"]["buckets"]
    return {int(row["key"]): (row["doc_count"], int(row["total"]["value"])) for row in buckets}


def _writer() -> "elasticsearch.Elasticsearch":
    return client().options(request_timeout=WRITE_SECONDS)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn the client's errors into EngineDown; `status` is HTTP's, or 0 when there was no answer."""
    import elasticsearch  # noqa: PLC0415

    try:
        yield
    except (elasticsearch.ApiError, elasticsearch.TransportError) as error:
        status = error.status_code if isinstance(error, elasticsearch.ApiError) else 0
        raise EngineDown(f"{type(error).__name__}: {error.message}", status=status) from error
