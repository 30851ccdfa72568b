"""The indices of Elasticsearch: what they hold, how they are written, replaced and compared with the rows.

The mapping needs no module or plugin: our own folded tokens in one `keyword` array, looked up by `term` and `prefix`.
So the same index runs on the minimal distribution, the full one and a hosted one. Readers ask an alias; each rebuild
makes a new index behind it.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import Any

from registry.search.kinds import Kind
from registry.search.server import EngineDown, alias, ask_again, reported, writer

MERGE_SECONDS = 900

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

logger = logging.getLogger(__name__)


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

    with reported():
        for succeeded, reply in helpers.streaming_bulk(writer(), actions, raise_on_error=False, max_retries=2):
            status = next(iter(reply.values()))["status"]
            if not succeeded and status not in (404, 409):
                raise EngineDown(f"A document was refused: {reply}")
            done += bool(succeeded)
    return done


def names() -> list[str]:
    """Every index of ours, the one behind the alias and any that is being built; writes go to all of them."""
    with reported():
        return sorted(writer().indices.get(index=f"{alias()}-*", expand_wildcards="open"))


def live() -> str | None:
    """The index behind the alias, None before the first rebuild."""
    with reported():
        if not writer().indices.exists_alias(name=alias()):
            return None
        return next(iter(writer().indices.get_alias(name=alias())))


def create() -> str:
    """Make an empty index that is not asked yet, and return its name."""
    name = f"{alias()}-{time.time_ns() // 1_000_000}"
    with reported():
        writer().indices.create(index=name, mappings=MAPPING, settings={"index": SETTINGS})
    return name


def publish(index: str) -> None:
    """Point the alias at this index in one step and remove the others."""
    others = [name for name in names() if name != index]
    steps: list[dict[str, Any]] = [{"add": {"index": index, "alias": alias()}}]
    steps += [{"remove_index": {"index": other}} for other in others]
    with reported():
        writer().indices.refresh(index=index)
        _merge(index)
        writer().indices.update_aliases(actions=steps)
    ask_again()


def _merge(index: str) -> None:
    """Put the index into one segment, in which searches take half the time; without it they are only slower."""
    try:
        with reported():
            writer().options(request_timeout=MERGE_SECONDS).indices.forcemerge(index=index, max_num_segments=1)
    except EngineDown as error:
        logger.warning("search: the new index is used as it is: %s", error.sentence)


def remove(unused: Iterable[str]) -> None:
    """Delete indices by name; one that is gone already is no error."""
    with reported():
        for name in unused:
            writer().indices.delete(index=name, ignore_unavailable=True)


def refresh() -> None:
    """Make what was written visible to searches now rather than within a second."""
    with reported():
        writer().indices.refresh(index=alias(), ignore_unavailable=True)


def digests(index: str, kind: Kind, keys: list[int]) -> dict[int, str]:
    """The digests under which these rows stand in the index; rows that are not there are left out."""
    with reported():
        reply = writer().mget(index=index, ids=[f"{kind.name}:{pk}" for pk in keys], source_includes=["digest"])
    found = (row for row in reply["docs"] if row.get("found"))
    return {int(row["_id"].partition(":")[2]): row["_source"]["digest"] for row in found}


def keys(index: str, kind: Kind, first: int = 0, end: int | None = None) -> Iterator[int]:
    """The primary keys of the rows of this kind that the index holds, from `first` up to but not including `end`."""
    from elasticsearch import helpers  # noqa: PLC0415

    span = {"gte": first} if end is None else {"gte": first, "lt": end}
    filters = [{"term": {"kind": kind.name}}, {"range": {"key": span}}]
    body = {"query": {"bool": {"filter": filters}}, "_source": False}
    with reported():
        for row in helpers.scan(writer(), index=index, query=body, size=5000):
            yield int(row["_id"].partition(":")[2])


def rows_by_range(index: str, kind: Kind, size: int) -> dict[int, tuple[int, int]]:
    """First key of each range of `size` keys → number and sum of the keys of this kind that the index holds there."""
    histogram = {"field": "key", "interval": size, "min_doc_count": 1}
    ranges = {"histogram": histogram, "aggs": {"total": {"sum": {"field": "key"}}}}
    with reported():
        reply = writer().search(
            index=index, size=0, query={"term": {"kind": kind.name}}, aggs={"ranges": ranges}, request_cache=False
        )
    buckets = reply["aggregations"]["ranges"]["buckets"]
    return {int(row["key"]): (row["doc_count"], int(row["total"]["value"])) for row in buckets}
