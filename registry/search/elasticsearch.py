"""Candidates from Elasticsearch: every word by `term`, several questions in one request.

What the index holds is told in `registry.search.indices`. It only names rows; their texts come from PostgreSQL.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from registry import folding
from registry.actors import Actor
from registry.search import facets, postgres, reading
from registry.search.kinds import Kind, readers_of
from registry.search.query import Query
from registry.search.reading import Reading, Word
from registry.search.rows import Counted, Found, Rows
from registry.search.selection import EVERYTHING, Selection, most_common
from registry.search.server import EngineDown, alias, asked, client

NAME = "elasticsearch"

CANDIDATE_ROWS = 100  # what ranking sees of a kind
COMMON_ROWS = 5_000  # where words stand in more rows of a kind, who may see them is asked of the best alone
SUGGESTED_ROWS = 40
SPOKEN_SCORE = 20  # what a name in pinyin says in it: more than one rare word
SHOWN = ["responses." + part for part in ("hits.hits.fields", "aggregations", "status", "error")]
KEYS_ALONE = {"stored_fields": "_none_", "docvalue_fields": ["key"], "track_total_hits": False}  # no document is opened


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


def find(query: Query, kinds: Sequence[Kind], actor: Actor, selection: Selection, *, limit: int, enough: int) -> Found:
    """Kind → `complete` rows, and where there are fewer than `enough` of them also `candidates`; where there are
    `limit` of them, those that were chosen.

    Mostly one request: all is asked for at once, but no candidates where the only word stands in enough rows. Raises
    EngineDown.
    """
    if not query.tokens or not enough:
        return Found(complete(query, kinds, actor, EVERYTHING, limit))
    words = reading.read(query, kinds)
    unsure = [kind for kind in kinds if len(query.tokens) > 1 or words[kind.name][0].rows < enough]
    bodies = [_complete(query, kind, actor, EVERYTHING, limit) for kind in kinds]
    bodies += [_candidates(query, kind, actor, words[kind.name]) for kind in unsure]
    bodies += [_complete(query, kind, actor, selection, limit - 1) for kind in kinds if selection]
    replies = iter(map(_keys, _ask(bodies)))
    whole = {kind.name: next(replies) for kind in kinds}
    likely = {kind.name: next(replies) for kind in unsure}
    chosen = {kind.name: next(replies) for kind in kinds if selection}
    many = frozenset(name for name in chosen if len(whole[name]) >= limit)
    keys = {
        name: chosen[name]
        if name in many
        else list(dict.fromkeys([*held, *likely.get(name, ())]))
        if len(held) < enough
        else held
        for name, held in whole.items()
    }
    found = postgres.rows_by_key(kinds, keys, actor)
    few = [kind for kind in kinds if kind.name not in many and len(found[kind.name].keys() & whole[kind.name]) < enough]
    proposed = [kind for kind in few if kind in unsure and len(whole[kind.name]) < enough]
    more = _read_on(query, proposed, actor, {kind.name: words[kind.name] for kind in proposed}, found)
    more |= candidates(query, [kind for kind in few if kind not in proposed], actor)
    return Found({name: rows | more.get(name, {}) for name, rows in found.items()}, many)


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
        begun = {"bool": {"filter": filters, "should": [named]}}
        bodies.append({"query": begun, "sort": ["_score", "length", "key"], "size": SUGGESTED_ROWS})
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
    lines: list[dict[str, Any]] = []
    for body in bodies:
        lines += [{}, KEYS_ALONE | body]
    with asked():
        replies = list(client().msearch(index=alias(), searches=lines, filter_path=SHOWN)["responses"])
        for reply in replies:
            if "error" in reply:
                raise EngineDown(str(reply["error"].get("reason")), status=reply["status"])
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
    if query.spoken:
        should.append({"constant_score": {"filter": {"terms": {"tokens": query.spoken_tokens}}, "boost": SPOKEN_SCORE}})
    seen = [{"term": {"kind": kind.name}}, {"terms": {"readers": readers_of(actor)}}]
    if sum(word.rows for word in words) <= COMMON_ROWS:
        wanted = {"bool": {"filter": seen, "should": should, "minimum_should_match": 1}}
        return {"query": wanted, "size": CANDIDATE_ROWS}
    return {"query": {"bool": {"should": should}}, "post_filter": {"bool": {"filter": seen}}, "size": CANDIDATE_ROWS}
