"""How fast files of many records become works: an ONIX feed and a table, checked and applied, beside row by row.

`python bench/imports.py --records 20000 --peer 300` needs the services (`make up`) and makes a database of its own.
`--gigabyte` imports a feed of 1 GB and records how much memory it takes as it goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
django.setup()

from django.db import connection  # noqa: E402
from django.utils.module_loading import autodiscover_modules  # noqa: E402

from bench.kit.onix_feed import isbn, write_feed  # noqa: E402
from ingest import catalogues  # noqa: E402
from licensing.services import import_apply, import_check, imports  # noqa: E402
from licensing.services.import_rows import read  # noqa: E402
from registry.actors import Actor, system  # noqa: E402
from registry.importers.rows import CatalogueRow  # noqa: E402
from registry.models import Import  # noqa: E402
from registry.services import organisations, works  # noqa: E402
from registry.services.work_facts import EditionFacts, WorkFacts  # noqa: E402

RESULTS = Path(__file__).parent / "results" / "imports.json"
SAMPLE_SECONDS = 1.0
POINTS = 40  # of memory over time that the results hold


def main() -> None:
    """Measure, print a table, write the results."""
    arguments = _arguments()
    autodiscover_modules("tasks")  # as a worker has, before it takes a job
    connection.settings_dict["TEST"]["NAME"] = f"test_colophon_imports_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-imports-") as folder:
            result = _measure(arguments, Path(folder))
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result, indent=2))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000, help="of the ONIX feed")
    parser.add_argument("--rows", type=int, default=10_000, help="of the table")
    parser.add_argument("--peer", type=int, default=300, help="records registered one by one")
    parser.add_argument("--gigabyte", type=float, default=0.0, help="also a feed of so many GB, for its memory")
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def _measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    load = os.getloadavg()[0]
    feed = folder / "feed.xml"
    write_feed(feed, records=arguments.records)
    onix = _import(feed, _actor("bench-onix"))
    again = _import(feed, _actor("bench-onix"))
    revised = folder / "revised.xml"
    write_feed(revised, records=arguments.records, revision=1)
    changed = _import(revised, _actor("bench-onix"))
    peer = _one_by_one(feed, arguments.peer, _actor("bench-peer"))
    table = folder / "table.csv"
    _write_table(table, arguments.rows)
    csv = _import(table, _actor("bench-csv"))
    result: dict[str, Any] = {
        "onix": onix,
        "onix_again": again,
        "onix_revised": changed,
        "csv": csv,
        "row_by_row": peer,
        "times_row_by_row": round(onix["records_per_second"] / peer["records_per_second"], 1),
        "targets": {"onix_records_per_second": 1000, "csv_seconds_for_10000": 30},
        "load_at_start": round(load, 2),
        "processors": os.cpu_count(),
    }
    if arguments.gigabyte:
        large = folder / "large.xml"
        write_feed(large, size_bytes=int(arguments.gigabyte * 1e9), seed=7)
        result["large"] = _import(large, _actor("bench-large"), sampled=True)
    return result


def _actor(slug: str) -> Actor:
    return system("bench", organisations.create(slug=slug, name=slug, actor=system("bench")))


def _import(path: Path, actor: Actor, *, sampled: bool = False) -> dict[str, Any]:
    """Check and apply one file; seconds of each and records per second of both together."""
    memory = _Memory() if sampled else None
    began, worked, asked = time.perf_counter(), _processor_seconds(), _database_seconds()
    batch = imports.take(file=path, file_name=path.name, actor=actor)
    imports.begin_check(batch=batch, actor=actor)
    batch = import_check.check(batch.pk)
    checked = time.perf_counter()
    imports.begin_apply(batch=batch, actor=actor, valid_rows_only=True)
    batch = import_apply.apply(batch.pk, actor=actor.name)
    ended = time.perf_counter()
    assert batch.state == Import.State.DONE, batch.reason
    found = {
        "megabytes": round(path.stat().st_size / 1e6, 1),
        "counts": batch.counts,
        "check_seconds": round(checked - began, 2),
        "apply_seconds": round(ended - checked, 2),
        "seconds": round(ended - began, 2),
        "own_processor_seconds": round(_processor_seconds() - worked, 2),
        "database_processor_seconds": round(_database_seconds() - asked, 2),
        "records_per_second": round(batch.counts["rows"] / (ended - began), 1),
    }
    return found | ({"memory_megabytes": memory.stop()} if memory else {})


def _processor_seconds() -> float:
    """Of this process and of those that it waited for."""
    return sum(os.times()[:4])


def _one_by_one(feed: Path, count: int, actor: Actor) -> dict[str, Any]:
    """The peer: the same records through `works.register`, one transaction and log entry each."""
    reading = catalogues.Reading(feed, name=feed.name)
    try:
        rows = [row for row, _ in zip(reading, range(count), strict=False) if isinstance(row, CatalogueRow)]
    finally:
        reading.close()
    began = time.perf_counter()
    for row in rows:
        facts = read(row, visibility="public", source="bench").facts or {}
        works.register(_facts(facts), actor=actor)
    seconds = time.perf_counter() - began
    return {"records": len(rows), "seconds": round(seconds, 2), "records_per_second": round(len(rows) / seconds, 1)}


def _facts(facts: dict[str, Any]) -> WorkFacts:
    editions = [
        EditionFacts(
            title=edition["title"],
            published=edition["published"],
            publisher=edition["publisher"],
            language=edition["language"],
            identifiers=[tuple(name.split(":", 1)) for name in edition["identifiers"]],
        )
        for edition in facts["editions"]
    ]
    people = [
        works.AuthorFacts(name=author["name"], role=author["role"], kind=author["kind"]) for author in facts["authors"]
    ]
    return WorkFacts(
        title=facts["title"],
        subtitle=facts["subtitle"],
        language=facts["language"],
        authors=people,
        editions=editions,
        record_reference=facts["record_reference"],
    )


def _write_table(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("record_reference,title,author,year,publisher,isbn,language\n")
        for number in range(rows):
            file.write(
                f"t{number},The {number}th Example of a Title,Author {number % 977} Example,"
                f"{1950 + number % 70},Example Press,{isbn(500_000_000 + number)},en\n"
            )


class _Memory:
    """Resident memory now and then while an import goes on: of this process, of the one that parses, of the database's.

    Of the database's process only what is its own: what it shares with others is the size of their common cache.
    """

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._database = _database_process()
        self._samples: list[tuple[float, float, float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(SAMPLE_SECONDS):
            parser = sum(_megabytes(pid, "VmRSS") for pid in _children())
            own, database = _megabytes(os.getpid(), "VmRSS"), _megabytes(self._database, "RssAnon")
            self._samples.append((time.perf_counter() - self._began, own, parser, database))

    def stop(self) -> dict[str, Any]:
        """At a tenth of each process's way, at its end, at most; and seconds, worker, parser, database over time."""
        self._ended.set()
        self._thread.join()
        found: dict[str, Any] = {}
        for place, name in enumerate(("worker", "parser", "database"), 1):
            values = [sample[place] for sample in self._samples if sample[place]] or [0.0]
            tenth = values[len(values) // 10]
            figures = {"at_a_tenth": tenth, "at_the_end": values[-1], "most": max(values)}
            found[name] = {name: round(value, 1) for name, value in figures.items()}
        step = max(1, len(self._samples) // POINTS)
        return found | {"over_time": [[round(value, 1) for value in sample] for sample in self._samples[::step]]}


def _children() -> list[int]:
    found = []
    for path in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(pid) for pid in path.read_text().split()]
    return found


def _megabytes(pid: int, name: str) -> float:
    """What /proc says of a process on this machine; 0 of one that is not there."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:")), 0.0)


def _database_process() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def _database_seconds() -> float:
    """Processor seconds of the database's process for this one; 0 where it runs on another machine."""
    try:
        values = Path(f"/proc/{_database_process()}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(values[11]) + int(values[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
