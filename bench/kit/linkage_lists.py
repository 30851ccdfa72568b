"""Whole lists against a catalogue, for the linkage bench: damaged rows of its works, and decoys."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from bench.kit import linkage_rows as rows_kit
from bench.kit.linkage_damage import damage
from bench.kit.linkage_decoys import Registered, decoy_of
from registry.linkage import decisions
from registry.linkage.catalogue import Catalogue, catalogue_of
from registry.linkage.facts import RowFacts, WorkFacts, read_work


def measured(works: Sequence[WorkFacts], listed: dict[int, RowFacts], given: argparse.Namespace) -> dict[str, Any]:
    """Whole lists: damaged rows of registered works of unseen authors, and decoys: rows of works that are not there."""
    rng = random.Random(given.seed + 1)
    unseen = [work for work in works if rows_kit.is_test(work.authors[0] if work.authors else work.title)]
    absent = {work.id for work in rng.sample(unseen, len(unseen) // 2)}
    registered = [work for work in works if work.id not in absent]
    catalogue = catalogue_of(registered)
    present = [work for work in unseen if work.id not in absent]
    rows = [(work, *damage(work, rng, listed.get(work.id))) for work in rng.sample(present, 4_000)]
    counts: Counter[str] = Counter()
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    start = time.perf_counter()
    for work, row, kind in rows:
        decision = catalogue.link(0, row).decision
        right = decision.work is not None and _is_same(catalogue, decision.work, work)
        name = "right" if right else "false" if decision.work is not None else decision.decision
        counts[name] += 1
        for one in kind.split(" + "):
            by_kind[one][name] += 1
    seconds = time.perf_counter() - start
    falsely = _decoys(catalogue, registered, [work for work in works if work.id in absent], given, rng)
    found = counts["right"] / len(rows)
    precision = counts["right"] / max(1, counts["right"] + counts["false"])
    return {
        "works": len(registered),
        "rows": len(rows),
        "milliseconds_a_row": round(seconds / len(rows) * 1000, 3),
        "counts": dict(counts),
        "precision": round(precision, 4),
        "recall_of_matches": round(found, 4),
        "recall_with_review": round((counts["right"] + counts["review"]) / len(rows), 4),
        "by_damage": {kind: dict(counted) for kind, counted in sorted(by_kind.items())},
        "decoys": falsely,
    }


def _is_same(catalogue: Catalogue, found: int, wanted: WorkFacts) -> bool:
    """The work itself, or a record of the catalogue that cannot be told from it."""
    if found == wanted.id:
        return True
    one, other = catalogue.facts_of(found), read_work(wanted)
    return decisions.are_one(one, other)


def _decoys(
    catalogue: Catalogue,
    registered: Sequence[WorkFacts],
    absent: Sequence[WorkFacts],
    given: argparse.Namespace,
    rng: random.Random,
) -> dict[str, Any]:
    """Rows of works that are not registered: those of the same authors and made-up ones close to a registered work.

    What the catalogue may hold after all is taken out by the rule of `Registered`.
    """
    known = Registered(registered)  # catalogues list the same book more than once
    rows: list[tuple[str, RowFacts]] = []
    taken_out = 0
    for work in absent:
        if len(rows) >= given.decoys // 2:
            break
        if known.holds(work):
            taken_out += 1
            continue
        rows.append(("absent", rows_kit.row_of(work)))
    while len(rows) < given.decoys:
        work = rng.choice(registered)
        name, decoy = decoy_of(work, rng.choice(registered), rng)
        if known.holds(decoy, made_of=work):
            taken_out += 1
            continue
        rows.append((name, rows_kit.row_of(decoy)))
    matched = []
    counts: Counter[str] = Counter()
    for kind, row in rows:
        decision = catalogue.link(0, row).decision
        counts[decision.decision] += 1
        if decision.decision == decisions.MATCH:
            assert decision.work is not None
            work = catalogue.work_of(decision.work)
            matched.append(
                {
                    "kind": kind,
                    "row": [row.title, row.author],
                    "work": [work.title, *work.authors],
                    "probability": decision.probability,
                }
            )
    return {
        "rows": len(rows),
        "taken_out": taken_out,
        "counts": dict(counts),
        "matched": len(matched),
        "list": matched[:60],
    }
