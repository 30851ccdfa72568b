"""How fast the rules decide: in memory, from the database to stored verdicts, and the status of a whole catalogue.

`python -m bench.rules --works 200000` needs the services (`make up`) and makes a database of its own. Each figure is
the median of some runs and stands beside the way that does one work after the other, in the same run, as a ratio: a
busy machine slows both. Processor time, here and in the server's process, is little affected by what else runs. Writes
bench/results/rules.json.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import os
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection, transaction  # noqa: E402

from bench.kit import measure, rights_world, stages  # noqa: E402
from licensing.models import Clearance, Verdict  # noqa: E402
from licensing.rules.batch import decide_many  # noqa: E402
from licensing.rules.case import parse_case  # noqa: E402
from licensing.rules.verdict import decide, rules_version  # noqa: E402
from licensing.selectors import bulk_statuses, cases, standing  # noqa: E402
from licensing.services import clearances, findings, verdict_rows  # noqa: E402
from registry import memory  # noqa: E402
from registry.models import Work  # noqa: E402
from registry.services import copying  # noqa: E402

AIMS = {"pure": 100_000, "stored": 20_000, "status_seconds": 2.0, "status_works": 200_000}
ON = datetime.date(2025, 6, 1)


def main() -> None:
    """Measure, print, write."""
    given = _arguments()
    connection.settings_dict["TEST"]["NAME"] = f"test_colophon_rules_{os.getpid()}"
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        result = _measure(given)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)
    measure.write(result, given.out)
    print(given.out.read_text())


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--works", type=int, default=200_000, help="of the catalogue and of the scan")
    parser.add_argument("--pure", type=int, default=20_000, help="cases decided in memory")
    parser.add_argument("--peer", type=int, default=500, help="works done one after the other")
    parser.add_argument("--runs", type=int, default=5, help="of the rules in memory and of the statuses")
    parser.add_argument("--stored-runs", type=int, default=3, help="of a whole clearance")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=measure.RESULTS / "rules.json")
    return parser.parse_args()


def _measure(given: argparse.Namespace) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "bench": "rules",
        "machine": measure.machine(),
        "rules": rules_version(),
        "aims": AIMS,
        "works": given.works,
    }
    world = rights_world.build(given.works, given.seed)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    facts["statements"] = world.statements
    facts["stored"] = [_stored(world, territory, given) for territory in ("US", "DE")]
    facts["pure"] = _pure(given)
    facts["status"] = [_status(world, territory, given) for territory in ("US", "DE")]
    return facts


def _stored(world: rights_world.World, territory: str, given: argparse.Namespace) -> dict[str, Any]:
    """From the scan's matches to stored verdicts under a logged root; the log's entry is part of it.

    The server's processor time is that of the connection that writes, without the one that reads ahead."""
    rates, whole = [], stages.Stages()
    for _ in range(given.stored_runs):
        asked = _asked(world, territory)
        start = time.perf_counter()
        whole("whole", lambda key=asked.pk: clearances.decide(key))  # type: ignore[misc]
        rates.append(world.works / (time.perf_counter() - start))
    decided = Clearance.objects.get(pk=asked.pk)
    alone = _one_by_one(decided, given.peer)
    spread = stages.spread(rates)
    return {
        "territory": territory,
        "works_per_second": spread["median"],
        "spread": spread,
        "times_one_by_one": round(spread["median"] / alone, 1),
        "one_by_one_works_per_second": round(alone, 1),
        "microseconds_a_work": whole.each(world.works * given.stored_runs)["whole"],
        "stages_microseconds_a_work": _staged(world, territory),
        "verdicts": {word: row["works"] for word, row in decided.totals["verdicts"].items() if row["works"]},
        "bytes_a_verdict": _bytes_a_verdict(decided),
    }


def _asked(world: rights_world.World, territory: str) -> Clearance:
    return clearances.request(
        scan=world.scan, use="pretraining", purpose="commercial", territory=territory, as_of=ON, actor=world.firm
    )


def _staged(world: rights_world.World, territory: str) -> dict[str, dict[str, float]]:
    """The same a stage after the other, which overlap when it is done in earnest: read, decided, written
    (and the foreign keys checked). Rolled back. In an inner transaction nothing is read ahead."""
    with transaction.atomic(), transaction.atomic(), memory.no_cycle_search():
        clearance, tally, spent = _asked(world, territory), clearances.Tally(), stages.Stages()
        question, copy = clearances.question_of(clearance), clearances.copy_facts(clearance)
        writer = verdict_rows.Writer(question, copy, clearances.policy_of(clearance.policy))
        batches = writer.batches(spent("found", lambda: dict(findings.of_scan(world.scan))))
        while (rows := spent("read", lambda: next(batches, None))) is not None:
            lines = spent("decided", lambda rows=rows: list(clearances._lines(clearance, rows, tally)))  # type: ignore[misc]
            spent("written", lambda lines=lines: copying.insert_batches(Verdict, clearances.COLUMNS, [lines]))  # type: ignore[misc]
        transaction.set_rollback(True)
    return spent.each(world.works)


def _bytes_a_verdict(clearance: Clearance) -> int:
    """What a stored verdict takes, without its indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT avg(pg_column_size(verdict.*)) FROM licensing_verdict verdict WHERE clearance_id = %s",
            [clearance.pk],
        )
        return round(cursor.fetchone()[0])


def _one_by_one(clearance: Clearance, count: int) -> float:
    """The peer: read, decide and store each work alone, without storing (which only helps it)."""
    found = dict(islice(findings.of_scan(clearance.scan), count))
    keys = list(found)
    question, copy = clearances.question_of(clearance), clearances.copy_facts(clearance)

    def run() -> None:
        for key in keys:
            work = cases.with_facts(Work.objects.filter(pk=key)).get()
            about = cases.assertions_about([work], clearance.licensee)[key]
            facts = cases.work_facts(work, relation=found[key].texts[0].relation)
            clearances.answer_of(cases.case(question, facts, copy, about), clearance.policy)

    return len(keys) / _timed(run)[0]


def _pure(given: argparse.Namespace) -> dict[str, Any]:
    """Stored cases, decided again in memory: parsing is part of it. Processor time of one core."""
    rows: list[dict[str, Any]] = []
    same: dict[str, Any] = {}
    stored: Any = Verdict.objects.order_by("?").values_list("case", flat=True)
    for case in stored[: given.pure]:
        for name in ("question", "copy"):  # one object for one question, as whoever asks has it
            case[name] = same.setdefault(f"{name}{case[name]}", case[name])
        rows.append(case)
    rows.sort(key=lambda case: case["question"]["territory"])
    peers = rows[:: max(1, len(rows) // given.peer)]
    answers = list(decide_many(rows))
    alone = [decide(parse_case(row)) for row in peers]
    assert [answers[rows.index(row)].verdict for row in peers[:50]] == [answer.verdict for answer in alone[:50]]
    parsed = [parse_case(row) for row in peers]
    rates: dict[str, list[float]] = collections.defaultdict(list)
    for _ in range(given.runs):  # in turns, so that whatever slows one slows the others
        for name, cases_of, run in (
            ("many", len(rows) * 10, lambda: collections.deque(decide_many(rows * 10), maxlen=0)),
            ("from_cold", len(rows), lambda: collections.deque(decide_many(rows), maxlen=0)),
            ("one_by_one", len(peers), lambda: [decide(parse_case(row)) for row in peers]),
            ("one_by_one_parsed", len(peers), lambda: [decide(case) for case in parsed]),
        ):
            rates[name].append(cases_of / _timed(run)[1])
    found = {name: stages.spread(values) for name, values in rates.items()}
    return {
        "cases": len(rows),
        "works_per_second": found["many"]["median"],
        "times_one_by_one": round(found["many"]["median"] / found["one_by_one"]["median"], 1),
        **found,
    }


def _status(world: rights_world.World, territory: str, given: argparse.Namespace) -> dict[str, Any]:
    question = cases.Question("pretraining", "commercial", territory, ON, world.firm.organisation)
    spent = stages.Stages()
    clocks = []
    for _ in range(given.runs):
        start = time.perf_counter()
        found = spent("status", lambda: bulk_statuses.of_works(Work.objects.all(), question))
        clocks.append(time.perf_counter() - start)
    some = list(Work.objects.order_by("?")[: given.peer])
    seconds, _ = _timed(lambda: standing.of_works(some, question))
    alone = standing.of_works(some, question)
    each = found.of_each()
    assert all(each[key] == row.status for key, row in alone.items())
    return {
        "territory": territory,
        "works": world.works,
        "seconds": stages.spread(clocks, 2),
        "times_row_by_row": round(seconds / len(some) * world.works / sorted(clocks)[len(clocks) // 2], 1),
        "microseconds_a_work": spent.each(world.works * given.runs)["status"],
        "counts": found.counts(),
        "row_by_row_seconds_for_as_many": round(seconds / len(some) * world.works, 1),
    }


def _timed(run: Callable[[], Any]) -> tuple[float, float]:
    """Seconds by the clock and of this process's processor time."""
    start, own = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - start, time.process_time() - own


if __name__ == "__main__":
    main()
