"""How fast the rules decide: in memory, from the database to stored verdicts, and the status of a whole catalogue.

`python -m bench.rules --works 200000` needs the services (`make up`) and makes a database of its own. Each figure
stands beside the way that does one work after the other, in the same run. Writes bench/results/rules.json.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")

import django

django.setup()

from django.db import connection  # noqa: E402

from bench.kit import measure, rights_world  # noqa: E402
from licensing.models import Clearance, Verdict  # noqa: E402
from licensing.rules.batch import decide_many  # noqa: E402
from licensing.rules.case import parse_case  # noqa: E402
from licensing.rules.verdict import decide, rules_version  # noqa: E402
from licensing.selectors import bulk_statuses, cases, standing  # noqa: E402
from licensing.services import clearances, findings  # noqa: E402
from registry.models import Work  # noqa: E402

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
    parser.add_argument("--runs", type=int, default=5)
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
    """From the scan's matches to stored verdicts under a logged root; the log's entry is part of it."""
    asked = clearances.request(
        scan=world.scan, use="pretraining", purpose="commercial", territory=territory, as_of=ON, actor=world.firm
    )
    seconds, processor = _timed(lambda: clearances.decide(asked.pk))
    decided = Clearance.objects.get(pk=asked.pk)
    return {
        "territory": territory,
        "works_per_second": round(world.works / seconds),
        "seconds": round(seconds, 2),
        "own_processor_seconds": round(processor, 2),
        "verdicts": {word: row["works"] for word, row in decided.totals["verdicts"].items() if row["works"]},
        "one_by_one_works_per_second": round(_one_by_one(decided, given.peer)),
    }


def _one_by_one(clearance: Clearance, count: int) -> float:
    """The peer: read, decide and store each work alone, without storing (which only helps it)."""
    found = findings.of_scan(clearance.scan)
    keys = list(found)[:count]
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
    for case in Verdict.objects.order_by("?").values_list("case", flat=True)[: given.pure]:
        for name in ("question", "copy"):  # one object for one question, as whoever asks has it
            case[name] = same.setdefault(f"{name}{case[name]}", case[name])
        rows.append(case)
    rows.sort(key=lambda case: case["question"]["territory"])
    peers = rows[:: max(1, len(rows) // given.peer)]
    answers = list(decide_many(rows))
    alone = [decide(parse_case(row)) for row in peers]
    assert [answers[rows.index(row)].verdict for row in peers[:50]] == [answer.verdict for answer in alone[:50]]
    best = min(_timed(lambda: collections.deque(decide_many(rows), maxlen=0))[1] for _ in range(given.runs))
    warm = min(
        _timed(lambda: collections.deque(decide_many(rows * 10), maxlen=0))[1] for _ in range(given.runs)
    )  # fmt: skip
    one = min(_timed(lambda: [decide(parse_case(row)) for row in peers])[1] for _ in range(given.runs))
    decided = [parse_case(row) for row in peers]
    only = min(_timed(lambda: [decide(case) for case in decided])[1] for _ in range(given.runs))
    return {
        "cases": len(rows),
        "works_per_second": round(len(rows) * 10 / warm),
        "works_per_second_from_cold": round(len(rows) / best),
        "one_by_one_works_per_second": round(len(peers) / one),
        "one_by_one_without_parsing": round(len(peers) / only),
    }


def _status(world: rights_world.World, territory: str, given: argparse.Namespace) -> dict[str, Any]:
    question = cases.Question("pretraining", "commercial", territory, ON, world.firm.organisation)
    runs = [_timed(lambda: bulk_statuses.of_works(Work.objects.all(), question)) for _ in range(given.runs)]
    found = bulk_statuses.of_works(Work.objects.all(), question)
    some = list(Work.objects.order_by("?")[: given.peer])
    seconds, _ = _timed(lambda: standing.of_works(some, question))
    alone = standing.of_works(some, question)
    each = found.of_each()
    assert all(each[key] == row.status for key, row in alone.items())
    return {
        "territory": territory,
        "works": world.works,
        "seconds": round(sorted(run[0] for run in runs)[len(runs) // 2], 2),
        "fastest": round(min(run[0] for run in runs), 2),
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
