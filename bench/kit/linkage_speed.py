"""A long list against the works of a database, for the linkage bench: time by the clock and of processors."""

from __future__ import annotations

import argparse
import os
import random
import resource
import time
from collections import Counter
from typing import Any

from bench.kit.linkage_damage import damage
from bench.kit.linkage_decoys import decoy_of
from bench.kit.linkage_rows import row_of
from registry.linkage.facts import WorkFacts


def measured(given: argparse.Namespace) -> dict[str, Any]:
    """A long list against the works of a database, through the service that the command uses."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django  # noqa: PLC0415

    django.setup()
    from django.db import connection  # noqa: PLC0415

    from registry.actors import ANONYMOUS  # noqa: PLC0415
    from registry.models import Work  # noqa: PLC0415
    from registry.services import bulk_linking, linking  # noqa: PLC0415

    connection.settings_dict["NAME"] = f"bench_{given.database}"
    total = Work.objects.count()
    rng = random.Random(given.seed)
    keys = rng.sample(range(1, total + 1), min(given.rows, total) * 4 // 5)
    facts = [
        WorkFacts(pk, title, authors=(name,))
        for pk, title, name in Work.objects.filter(pk__in=keys).values_list("pk", "title", "contributions__party__name")
    ]
    rows = [damage(work, rng)[0] for work in facts]
    rows += [row_of(decoy_of(rng.choice(facts), rng.choice(facts), rng)[1]) for _ in range(given.rows - len(rows))]
    before = time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    told = list(bulk_linking.link(list(enumerate(rows, 1)), actor=ANONYMOUS))
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    right = sum(one["work"] == work.id for one, work in zip(told, facts, strict=False))
    start = time.perf_counter()
    for number in range(0, 200, linking.MAX_ROWS):
        linking.decide(rows[number : number + linking.MAX_ROWS], actor=ANONYMOUS)
    return {
        "works": total,
        "rows": len(rows),
        "seconds": round(seconds, 1),
        "processor_seconds": round(
            time.process_time() - before + after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime, 1
        ),
        "processes": min(os.cpu_count() or 1, bulk_linking.MOST_PROCESSES),
        "largest_process_mb": after.ru_maxrss // 1024,
        "decisions": dict(Counter(one["decision"] for one in told)),
        "rows_of_works_linked_right": round(right / max(1, len(facts)), 4),
        "few_rows_milliseconds_a_row": round((time.perf_counter() - start) / 200 * 1000, 1),
    }
