"""Search over a million works: `python bench/search.py [FOLDER] [--works N] [--queries N] [--database NAME]`.

Makes works whose titles and names are drawn from FOLDER's catalogues (`gutenberg_metadata.csv.gz` and
`goodbooks-10k_books.csv.gz`; without them from the shelf's texts), loads them by COPY into a database of its own,
builds the Elasticsearch index where ELASTICSEARCH_TEST_URL names a server, and asks both engines what people would
type: title and author with slips, in any order, a word missing; beginnings for suggestions; facets. Peers in the same
run, when no `--engine` is named: every word by `ILIKE`, PostgreSQL's full text, the nearest by trigrams. With
`--database` the database is kept and used again. Writes bench/results/search.json.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

import django  # noqa: E402 (settings come first)
from django.conf import settings  # noqa: E402

django.setup()

from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from bench.kit import measure, titles  # noqa: E402
from registry import folding  # noqa: E402
from registry.models import Organisation, Party, Work  # noqa: E402
from registry.models.base import new_public_id  # noqa: E402
from registry.search import elasticsearch, engine, indices, sync, vocabulary  # noqa: E402
from registry.search.kinds import KINDS, PUBLIC, Columns, work_columns  # noqa: E402
from registry.search.selection import EVERYTHING, Selection  # noqa: E402
from registry.search.suggestions import suggest  # noqa: E402

PEOPLE_SHARE = 0.3
STATUSES = ("UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "UNKNOWN", "RESERVED", "RESERVED", "PUBLIC_DOMAIN", "OFFERED")
DATASETS = ("books3", "the-pile", "bookcorpus", "c4")
WARM_QUERIES = 10


def main() -> None:
    """Load, measure, write."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, default=ROOT / "samples", help="real titles, if there are any")
    options.add_argument("--works", type=int, default=1_000_000)
    options.add_argument("--queries", type=int, default=300)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--database", default="", help="keep the database under this name, or use it again")
    options.add_argument(
        "--engine", choices=list(engine.ENGINES), action="append", help="only this one; may be repeated"
    )
    options.add_argument("--out", type=Path, default=measure.RESULTS / "search.json")
    given = options.parse_args()
    original = connection.settings_dict["NAME"]
    name = f"bench_{given.database or os.getpid()}"
    is_new = _open(name)
    try:
        result = run(given, is_new)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = original
        if not given.database:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {connection.ops.quote_name(name)}")
    measure.write(result, given.out)


def _open(name: str) -> bool:
    """Connect to the database of this name, made and migrated when it is not there; returns whether it is new."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        is_new = cursor.fetchone() is None
        if is_new:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(name)}")
    connection.close()
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)
    return is_new


def load(catalogue: titles.Catalogue, count: int) -> None:
    """Write the works and their people by COPY, the search indexes afterwards."""
    holder = Organisation.objects.create(slug="bench", name="Bench")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname ~ '^(work|party)_search_'")
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {connection.ops.quote_name(name)}")
    people = catalogue.people(round(count * PEOPLE_SHARE))
    ids = [new_public_id() for _ in people]
    _copy(Party, _party_rows(people, ids))
    rng = random.Random(count)
    links: list[tuple[int, int]] = []
    _copy(Work, _work_rows(catalogue.works(count, people), ids, holder.pk, rng, links))
    with connection.cursor() as cursor:
        with cursor.copy("COPY registry_contribution (work_id, party_id, role, position) FROM STDIN") as copy:
            for work, party in links:
                copy.write_row((work, party, "author", 0))
        for _, definition in indexes:
            cursor.execute(definition)
        for table in ("registry_work", "registry_party"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        cursor.execute("VACUUM ANALYZE")
    for kind in KINDS.values():
        vocabulary.recount(kind)
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {vocabulary.TABLE}")


def _party_rows(people: Sequence[tuple[str, bool]], ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    for number, ((name, _), public_id) in enumerate(zip(people, ids, strict=True), start=1):
        columns = KINDS["holder"].document(Party(name=name)).columns
        yield {"id": number, "public_id": public_id, "name": name[:300], **columns._asdict()}


def _work_rows(
    works: Iterable[tuple[titles.Title, int]],
    ids: Sequence[str],
    organisation: int,
    rng: random.Random,
    links: list[tuple[int, int]],
) -> Iterator[dict[str, Any]]:
    for work, author in works:
        columns = work_columns(
            title=work.title,
            people=[work.author],
            language=work.language,
            first_published=work.year,
            kind="book",
            holders=[ids[author]],
        )
        added = [f"status:{rng.choice(STATUSES)}"]
        if rng.random() < 0.1:
            added.append(f"dataset:{rng.choice(DATASETS)}")
        columns.search_facets.extend(added)
        links.append((work.number + 1, author + 1))
        yield {
            "id": work.number + 1,
            "public_id": new_public_id(),
            "title": work.title[:500],
            "language": work.language,
            "first_published": work.year,
            "record_reference": str(work.number),
            "registered_by_id": organisation,
            **columns._asdict(),
        }


def _copy(model: Any, rows: Iterator[dict[str, Any]]) -> None:
    """COPY rows, with the model's own defaults for what they leave out."""
    blank = model()
    named = [field for field in model._meta.concrete_fields if field.column != "recorded_at"]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in named)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {model._meta.db_table} ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row([row.get(field.column, getattr(blank, field.attname)) for field in named])


def timed(run: Callable[[str], Any], questions: Sequence[str]) -> tuple[dict[str, float], list[Any]]:
    """Milliseconds of asking each once, after some warming up: median, 95th and 99th percentile, and of this process's
    processor alone, which other programs do not lengthen; the machine's load at the end; and the answers.
    """
    for question in questions[:WARM_QUERIES]:
        run(question)
    milliseconds, answers = [], []
    busy = time.process_time()
    for question in questions[WARM_QUERIES:]:
        start = time.perf_counter()
        answers.append(run(question))
        milliseconds.append((time.perf_counter() - start) * 1000)
    ordered = sorted(milliseconds)
    facts = {
        "cpu_ms": (time.process_time() - busy) * 1000 / len(ordered),
        "load": os.getloadavg()[0],
        "p50_ms": statistics.median(ordered),
        "p95_ms": ordered[int(len(ordered) * 0.95)],
        "p99_ms": ordered[int(len(ordered) * 0.99)],
    }
    return {name: round(value, 1) for name, value in facts.items()}, answers


def asked(count: int, works: int, seed: int) -> list[titles.Title]:
    """Works to look for, drawn from the table."""
    rng = random.Random(seed)
    keys = [rng.randrange(works) + 1 for _ in range(count)]
    rows = {work.pk: work for work in Work.objects.filter(pk__in=keys).prefetch_related("contributions__party")}
    return [
        titles.Title(pk, rows[pk].title, rows[pk].author_names, rows[pk].language, rows[pk].first_published)
        for pk in keys
    ]


def search_facts(name: str, wanted: Sequence[titles.Title], seed: int) -> dict[str, Any]:
    """Noisy queries on one engine: time, and how often the work is among the first ten."""
    questions = [titles.noisy(work, seed + number) for number, work in enumerate(wanted)]
    facts, answers = timed(lambda text: engine.search(text, "work", engine=name), questions)
    pairs = list(zip(wanted[WARM_QUERIES:], answers, strict=True))
    found = sum(_is_among(work, [hit.row for hit in hits.hits]) for work, hits in pairs)
    missed = [
        [question, work.title, work.author]
        for question, (work, hits) in zip(questions[WARM_QUERIES:], pairs, strict=True)
        if not _is_among(work, [hit.row for hit in hits.hits])
    ]
    everything, _ = timed(lambda text: engine.search(text, engine=name), questions)
    return {**facts, "recall_at_10": round(found / len(pairs), 4), "every_kind": everything, "missed": missed[:10]}


def _is_among(work: titles.Title, rows: Sequence[Any]) -> bool:
    """The same work, or one that bears the same title and author and cannot be told apart."""
    return any(row.pk == work.number or (row.title, row.author_names) == (work.title, work.author) for row in rows)


def run(given: argparse.Namespace, is_new: bool) -> dict[str, Any]:
    """Everything that the result holds."""
    facts: dict[str, Any] = {"bench": "search", "machine": measure.machine(), "seed": given.seed, "works": given.works}
    if is_new:
        start = time.perf_counter()
        load(titles.read(given.folder, ROOT / "samples" / "shelf", given.seed), given.works)
        facts["load_seconds"] = round(time.perf_counter() - start, 1)
    wanted = asked(given.queries + WARM_QUERIES, given.works, given.seed)
    there = [name for name in engine.ENGINES if name != elasticsearch.NAME or _has_index()]
    names = given.engine or there
    for name in names:
        found = search_facts(name, wanted, given.seed)
        facts[name] = found | {"suggestions": suggestion_facts(name, wanted[:60]), "facets": facet_facts(name)}
    if not given.engine:
        facts["peers"] = peer_facts(wanted, given.seed)
    return facts


def _has_index() -> bool:
    """Whether there is a server; its index is made from the columns as they are when it is not there."""
    settings.ELASTICSEARCH_URL = os.environ.get("ELASTICSEARCH_TEST_URL", "")
    settings.SEARCH_INDEX_PREFIX = str(connection.settings_dict["NAME"]).replace("_", "-")
    if not settings.ELASTICSEARCH_URL:
        return False
    if indices.live() is None:
        index = indices.create()
        for name in ("work", "holder"):
            indices.write(_documents(KINDS[name], index))
        indices.publish(index)
    return True


def _documents(kind: Any, index: str) -> Iterator[dict[str, Any]]:
    rows = kind.model.objects.order_by("pk").values_list("pk", "search_text", "search_tokens", "search_facets")
    for pk, *columns in rows.iterator(chunk_size=2_000):
        source = sync.source(kind, pk, Columns(*columns), (PUBLIC,))
        yield indices.action(kind, pk, source, version=1, index=index)


def suggestion_facts(name: str, wanted: Sequence[titles.Title]) -> dict[str, float]:
    """Suggestions for the first letters of names, as they are asked for while somebody types."""
    beginnings = [f"{work.title} {work.author}"[:length] for work in wanted for length in (3, 6, 10, 15)]
    return timed(lambda text: suggest(text, engine=name), beginnings)[0]


def facet_facts(name: str) -> dict[str, Any]:
    """The catalogue without a query, and common words, narrowed down; the counts of a minute ago do not help."""
    chosen = {
        "everything": ("", EVERYTHING),
        "Chinese, on offer, 1950 to 1999": ("", Selection({"language": ("zh",), "status": ("OFFERED",)}, (1950, 1999))),
        "history": ("history", EVERYTHING),
        "history, reserved": ("history", Selection({"status": ("RESERVED",)})),
    }
    found = {}
    for label, (text, selection) in chosen.items():
        first = []
        for _ in range(5):
            cache.clear()
            hits = engine.search(text, "work", engine=name, selection=selection)
            first.append(hits.took_ms)
        again = engine.search(text, "work", engine=name, selection=selection)
        found[label] = {
            "rows": hits.total,
            "exact": hits.is_exact,
            "p50_ms": statistics.median(first),
            "again_ms": again.took_ms,
        }
    return found


def peer_facts(wanted: Sequence[titles.Title], seed: int) -> dict[str, Any]:
    """What one statement does: every word by ILIKE, PostgreSQL's own full text, the nearest by trigrams.

    The last two have the indexes that they need, made here.
    """
    questions = [titles.noisy(work, seed + number) for number, work in enumerate(wanted)]
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("CREATE INDEX IF NOT EXISTS peer_trigram ON registry_work USING gin (search_text gin_trgm_ops)")
        cursor.execute(
            "CREATE INDEX IF NOT EXISTS peer_words ON registry_work USING gin (to_tsvector('simple', search_text))"
        )
        cursor.execute("ANALYZE registry_work")
        cursor.execute("SET statement_timeout = 20000")
    peers = {
        "ILIKE over every word": (_by_ilike, 12),
        "full text (tsvector)": (_by_full_text, 60),
        "trigrams (word_similarity)": (_by_trigrams, 40),
    }
    found = {}
    for label, (ask, number) in peers.items():
        facts, answers = timed(ask, questions[: WARM_QUERIES + number])
        pairs = list(zip(wanted[WARM_QUERIES:], answers, strict=False))
        recall = sum(work.number in keys for work, keys in pairs) / len(pairs)
        found[label] = facts | {"recall_at_10": round(recall, 4), "queries": number}
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    return found


def _keys(sql: str, parameters: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return [row[0] for row in cursor.fetchall()]


def _by_ilike(text: str) -> list[int]:
    words = folding.fold(text).split()
    held = " AND ".join(["search_text ILIKE %s"] * len(words))
    return _keys(f"SELECT id FROM registry_work WHERE {held} LIMIT 10", [f"%{word}%" for word in words])


def _by_full_text(text: str) -> list[int]:
    found = "to_tsvector('simple', search_text)"
    asked = "plainto_tsquery('simple', %s)"
    sql = f"SELECT id FROM registry_work WHERE {found} @@ {asked} ORDER BY ts_rank({found}, {asked}) DESC LIMIT 10"
    return _keys(sql, [folding.fold(text)] * 2)


def _by_trigrams(text: str) -> list[int]:
    sql = "SELECT id FROM registry_work WHERE search_text %%> %s ORDER BY search_text <->> %s LIMIT 10"
    return _keys(sql, [folding.fold(text)] * 2)


if __name__ == "__main__":
    main()
