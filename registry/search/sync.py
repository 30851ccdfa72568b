"""Keeping search in step with the rows.

PostgreSQL's side is two columns of the row itself, written by `refresh` in the transaction that changes the names.
Elasticsearch's side follows by an outbox job. Nothing here is the truth: all of it can be rebuilt at any time, without
the site noticing, and `drift` says whether it has to be.
"""

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Model, Sum
from django.db.models.functions import Now

from registry import jobs
from registry.errors import Conflict
from registry.models import Contribution, Job
from registry.search import facets, indices, server, vocabulary
from registry.search.kinds import BY_MODEL, KINDS, Columns, Kind

logger = logging.getLogger(__name__)

BATCH_ROWS = 500
FOLLOWED_ROWS = 2_000  # looked at again in one transaction
COLUMNS = ["search_text", "search_tokens", "search_facets"]
REBUILD_LOCK = 0x73656172  # one rebuild at a time, whoever runs it
RETRY_SECONDS = 60
SLICE_SECONDS = 600  # how often `patrol` goes round
SLICES = 144  # a day of them
RANGE_KEYS = 5_000


def refresh(row: Model) -> None:
    """Write what search reads of this work, dataset, model or party; call it in the transaction that changes names."""
    refresh_many([row])


def refresh_many(rows: Iterable[Model]) -> int:
    """The same for many rows, of any kinds, in batches; with a work come its people. Returns how many rows changed."""
    keys: dict[str, set[int]] = {}
    for row in rows:
        keys.setdefault(BY_MODEL[type(row)].name, set()).add(row.pk)
    return refresh_keys(keys)


def refresh_keys(keys: Mapping[str, Iterable[int]]) -> int:
    """The same for primary keys by the name of their kind."""
    changed = 0
    wanted = {name: set(each) for name, each in keys.items()}
    wanted["holder"] = wanted.get("holder", set()) | _people(wanted.get("work", ()))
    with transaction.atomic():
        for name, each in wanted.items():
            for batch in _batches(sorted(each)):
                changed += _write_columns(KINDS[name], batch)
                transaction.on_commit(partial(vocabulary.learn, KINDS[name], batch))
                if settings.ELASTICSEARCH_URL:
                    jobs.enqueue("search_index", kind_name=name, keys=batch)
    return changed


def follow() -> int:
    """Look at the rows again of which other tables now say something else; returns how many there were.

    Triggers name them in the transaction of the change. Two that follow at once take different ones.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM registry_searchstale WHERE id IN (SELECT id FROM registry_searchstale ORDER BY id"
            " LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING kind, key",
            [FOLLOWED_ROWS],
        )
        keys: dict[str, set[int]] = {}
        for name, key in cursor.fetchall():
            keys.setdefault(name, set()).add(key)
        refresh_keys(keys)
    return sum(len(each) for each in keys.values())


def queue(kind_name: str, keys: Iterable[int]) -> None:
    """Leave jobs that bring search up to date for these rows: what other tables say of them changed, or a bulk writer
    wrote only what it knew itself (`kinds.work_columns`). Call it in the transaction that changes something.
    """
    for batch in _batches(keys):
        jobs.enqueue("search_index", kind_name=kind_name, keys=batch)


def _people(works: Iterable[int]) -> set[int]:
    """The parties that made these works, so that registering a work makes its authors findable too."""
    people: set[int] = set()
    for batch in _batches(works):
        people.update(Contribution.objects.filter(work__in=batch).values_list("party_id", flat=True))
    return people


def _write_columns(kind: Kind, keys: Sequence[int]) -> int:
    """Bring these rows' columns up to date. Locked in order, so that two writers never wait in a ring."""
    with transaction.atomic():
        list(kind.model.objects.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True).values_list("pk"))
        stale = []
        for row, columns, _ in _states(kind, keys):
            if columns != _held(row):
                row.search_text, row.search_tokens, row.search_facets = columns
                stale.append(row)
        kind.model.objects.bulk_update(stale, COLUMNS, batch_size=BATCH_ROWS)
    return len(stale)


def _states(kind: Kind, keys: Sequence[int]) -> Iterator[tuple[Any, Columns, tuple[str, ...]]]:
    """Each row with the columns that it should have and its readers, contributed facets included."""
    added = facets.contributed(kind.name, keys)
    for row in kind.rows().filter(pk__in=keys):
        document = kind.document(row)
        columns = document.columns
        if row.pk in added:
            columns = columns._replace(search_facets=sorted({*columns.search_facets, *added[row.pk]}))
        yield row, columns, document.readers


def _held(row: Any) -> Columns:
    return Columns(row.search_text, row.search_tokens, row.search_facets)


def index(kind_name: str, keys: Sequence[int]) -> None:
    """What the job does: bring columns and, where it is configured, Elasticsearch up to date for these rows.

    While Elasticsearch is away nothing is lost: one repair stays queued until it answers.
    """
    wanted = {kind_name: set(keys)}
    if kind_name == "work":
        wanted["holder"] = _people(keys)
    batches = [(KINDS[name], batch) for name, each in wanted.items() for batch in _batches(sorted(each))]
    for kind, batch in batches:
        _write_columns(kind, batch)
        vocabulary.learn(kind, batch)
    if not settings.ELASTICSEARCH_URL:
        return
    try:
        names = indices.names()
        for kind, batch in batches:
            indices.write(_actions(kind, batch, names))
    except server.EngineDown as error:
        logger.warning("search: %s", error.sentence)
        _queue_repair()


def _actions(kind: Kind, keys: Sequence[int], names: Sequence[str]) -> list[dict[str, Any]]:
    version = _database_microseconds()  # before the rows are read
    sources = {row.pk: source(kind, row.pk, columns, readers) for row, columns, readers in _states(kind, keys)}
    return [indices.action(kind, pk, sources.get(pk), version=version, index=name) for pk in keys for name in names]


def source(kind: Kind, pk: int, columns: Columns, readers: Sequence[str]) -> dict[str, Any]:
    """What Elasticsearch holds of a row; `digest` tells two states of it apart, 16 hexadecimal characters."""
    parts = [*columns.search_tokens, "", *columns.search_facets, "", *readers]
    named: dict[str, list[str]] = {}
    for facet in columns.search_facets:
        name, _, value = facet.partition(":")
        named.setdefault(name, []).append(value)
    return {
        "kind": kind.name,
        "readers": list(readers),
        "tokens": columns.search_tokens,
        "facets": named,
        "length": len(columns.search_text),
        "key": pk,
        "digest": hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16],
    }


def _database_microseconds() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        return int(cursor.fetchone()[0])


def rebuild() -> dict[str, int]:
    """Write every row's columns anew and, where Elasticsearch is configured, a new index in the old one's place.

    The site goes on answering from the old one; changes made meanwhile reach both. Returns rows per kind. Raises
    Conflict when another rebuild is running and EngineDown when Elasticsearch is away.
    """
    with _only_one():
        target = None
        if settings.ELASTICSEARCH_URL:
            live = indices.live()
            indices.remove(name for name in indices.names() if name != live)  # of a rebuild that died
            target = indices.create()
        counts = {}
        for kind in KINDS.values():
            counts[kind.name] = 0
            for batch in _all_keys(kind):
                _write_columns(kind, batch)
                if target:
                    indices.write(_actions(kind, batch, [target]))
                counts[kind.name] += len(batch)
        _analyse()
        if target:
            indices.publish(target)
        return counts


def _analyse() -> None:
    """Have the planner count tokens and facets again, and count the words."""
    for kind in KINDS.values():
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(kind.table)} (search_tokens, search_facets)")
        vocabulary.recount(kind)


@contextmanager
def _only_one() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [REBUILD_LOCK])
        if not cursor.fetchone()[0]:
            raise Conflict("Search is being rebuilt already.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [REBUILD_LOCK])


@dataclass(frozen=True)
class Drift:
    """How far search is from the rows: `columns` in PostgreSQL; `missing`, `stale`, `surplus` in Elasticsearch."""

    rows: int
    columns: int
    missing: int
    stale: int
    surplus: int

    @property
    def none(self) -> bool:
        return not (self.columns or self.missing or self.stale or self.surplus)


def drift(*, repair: bool = False) -> Drift:
    """Compare every row with what search holds of it and, if asked, put right what differs. Raises EngineDown."""
    name = indices.live() if settings.ELASTICSEARCH_URL else None
    if settings.ELASTICSEARCH_URL and name is None:
        raise server.EngineDown("There is no index yet: run search_rebuild.")
    if name:
        indices.refresh()
    counts = dict.fromkeys(("rows", "columns", "missing", "stale", "surplus"), 0)
    for kind in KINDS.values():
        for batch in _all_keys(kind):
            counts["rows"] += len(batch)
            wrong, missing, stale = _compare(kind, batch, name)
            counts["columns"] += len(wrong)
            counts["missing"] += len(missing)
            counts["stale"] += len(stale)
            if repair and (wrong or missing or stale):
                index(kind.name, sorted({*wrong, *missing, *stale}))
        surplus = list(_surplus(kind, name)) if name else []
        counts["surplus"] += len(surplus)
        if repair and surplus:
            index(kind.name, surplus)
    return Drift(**counts)


def _compare(kind: Kind, keys: Sequence[int], name: str | None) -> tuple[list[int], list[int], list[int]]:
    """Return keys whose columns are out of date, keys the index lacks, keys it has an older state of."""
    held = indices.digests(name, kind, list(keys)) if name else {}
    wrong, missing, stale = [], [], []
    for row, columns, readers in _states(kind, keys):
        if columns != _held(row):
            wrong.append(row.pk)
        if name and row.pk not in held:
            missing.append(row.pk)
        elif name and held[row.pk] != source(kind, row.pk, columns, readers)["digest"]:
            stale.append(row.pk)
    return wrong, missing, stale


def _surplus(kind: Kind, name: str) -> Iterator[int]:
    """Keys that the index holds and the table does not."""
    for batch in _batches(indices.keys(name, kind)):
        there = set(kind.model.objects.filter(pk__in=batch).values_list("pk", flat=True))
        yield from (pk for pk in batch if pk not in there)


def patrol(slice_number: int | None = None) -> Drift:
    """Find and repair what is missing, stale or surplus, a bit of it each time: every ten minutes the number of rows in
    each range of keys, rows without a token, and one of `SLICES` slices of all rows compared to the letter; a day
    covers them all.

    `slice_number` None: the one whose turn it is by the clock. Does nothing while a rebuild runs. Raises EngineDown.
    """
    number = int(time.time() // SLICE_SECONDS) % SLICES if slice_number is None else slice_number
    name = indices.live() if settings.ELASTICSEARCH_URL else None
    if settings.ELASTICSEARCH_URL and name is None:
        raise server.EngineDown("There is no index yet: run search_rebuild.")
    counts = dict.fromkeys(("rows", "columns", "missing", "stale", "surplus"), 0)
    with _only_one():
        if name:
            indices.refresh()
        for kind in KINDS.values():
            for start in _uneven(kind, name) if name else ():
                held, there = {*indices.keys(str(name), kind, start, start + RANGE_KEYS)}, _range(kind, start)
                counts["missing"] += len(there - held)
                counts["surplus"] += len(held - there)
                for batch in _batches(sorted(there ^ held)):
                    index(kind.name, batch)
            for batch in _batches(_blank(kind)):
                _set_right(kind, batch, name, counts)
            for batch in _batches(_slice(kind, number)):
                _set_right(kind, batch, name, counts)
            if number == 0:
                vocabulary.recount(kind)
    return Drift(**counts)


def _set_right(kind: Kind, keys: list[int], name: str | None, counts: dict[str, int]) -> None:
    wrong, missing, stale = _compare(kind, keys, name)
    for what, found in (("rows", keys), ("columns", wrong), ("missing", missing), ("stale", stale)):
        counts[what] += len(found)
    if wrong or missing or stale:
        index(kind.name, sorted({*wrong, *missing, *stale}))


def _blank(kind: Kind) -> list[int]:
    """Keys of rows that hold no token, by the index: a bulk writer forgot them, or their name has no word at all."""
    rows = kind.model.objects.filter(search_tokens=[]).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:FOLLOWED_ROWS])


def _slice(kind: Kind, number: int) -> Iterable[int]:
    """The keys of one slice: a range, so that the table is read in order."""
    last = kind.model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    size = last // SLICES + 1
    rows = kind.model.objects.filter(pk__gte=number * size, pk__lt=(number + 1) * size).order_by("pk")
    return rows.values_list("pk", flat=True).iterator()


def _range(kind: Kind, start: int) -> set[int]:
    rows = kind.model.objects.filter(pk__gte=start, pk__lt=start + RANGE_KEYS)
    return set(rows.order_by().values_list("pk", flat=True))


def _uneven(kind: Kind, name: str) -> list[int]:
    """Where ranges of keys begin that hold other rows in the index than in the table, by their number and sum."""
    ranges = kind.model.objects.order_by().values(start=F("pk") / RANGE_KEYS * RANGE_KEYS)
    rows = ranges.annotate(number=Count("pk"), total=Sum("pk")).values_list("start", "number", "total")
    here = {start: (number, int(total)) for start, number, total in rows}
    there = indices.rows_by_range(name, kind, RANGE_KEYS)
    return sorted(start for start in {*here, *there} if here.get(start) != there.get(start))


def repair() -> None:
    """What the repair job does: put right what was missed, or come back in a minute when the server is still away."""
    if not settings.ELASTICSEARCH_URL:
        return
    try:
        found = indices.live() and drift(repair=True)
        logger.info("search: repaired %s", found)
    except server.EngineDown:
        _queue_repair()


def _queue_repair() -> None:
    """One repair, a minute from now, unless one is waiting."""
    with transaction.atomic():
        if Job.objects.filter(kind="search_repair", state=Job.State.QUEUED).exists():
            return
        job = jobs.enqueue("search_repair")
        Job.objects.filter(pk=job.pk).update(not_before=Now() + timedelta(seconds=RETRY_SECONDS))


def _all_keys(kind: Kind) -> Iterator[list[int]]:
    """Every primary key in order, in batches; rows that are added meanwhile come with their own job."""
    last = 0
    while batch := list(
        kind.model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH_ROWS]
    ):
        yield batch
        last = batch[-1]


def _batches(keys: Iterable[int]) -> Iterator[list[int]]:
    batch: list[int] = []
    for key in keys:
        batch.append(key)
        if len(batch) == BATCH_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
