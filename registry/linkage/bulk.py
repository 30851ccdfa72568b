"""Long lists against large catalogues: `python -m registry.linkage.bulk WORKS ROWS OUT SHARE SHARES`.

A process of its own for each share of the rows, so that several cores work and the memory goes back afterwards. WORKS
is what PostgreSQL's COPY wrote (columns of `registry.selectors.linkable`), ROWS a JSON array a line, OUT JSON Lines.
"""

import gc
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.linkage import decisions, facts
from registry.linkage.blocking import Index, rows_of, texts_of
from registry.linkage.decisions import Decision
from registry.linkage.facts import Known, RowFacts, WorkFacts

BETWEEN, WITHIN = "\x1f", "\x1e"  # between values of one column, and within one of editions
TOLD_EVERY_ROWS = 500
CACHED_WORKS = 50_000


def work_of(columns: Sequence[str | None]) -> WorkFacts:
    """One row of the statement of works as facts; empty columns may be None or ""."""
    key, public_id, reference, title, subtitle, first, names, others, titles, said, isbns = columns
    editions = [one.partition(WITHIN) for one in split(said)]
    return WorkFacts(
        id=int(key or 0),
        public_id=public_id or "",
        reference=reference or "",
        title=title or "",
        subtitle=subtitle or "",
        other_titles=tuple(one for one in dict.fromkeys(split(titles)) if one != title),
        authors=split(names),
        other_names=tuple(one for one in split(others) if one),
        years=facts.years_of([first, *(published for published, _, _ in editions)]),
        publishers=tuple(dict.fromkeys(publisher for _, _, publisher in editions if publisher)),
        isbns=split(isbns),
    )


def split(value: str | None) -> tuple[str, ...]:
    """The values of one column."""
    return tuple(value.split(BETWEEN)) if value else ()


@dataclass(frozen=True)
class Linked:
    """A row's decision with the facts of its candidates."""

    number: int
    decision: Decision
    works: dict[int, WorkFacts]


class Catalogue:
    """Every work that may be a candidate, indexed; facts are read when they are needed."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rows: list[str] = []
        self.index = Index(self._texts(lines))
        self._known: dict[int, tuple[WorkFacts, Known]] = {}

    def _texts(self, lines: Iterable[str]) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
        for line in lines:
            self._rows.append(line)
            columns = next(rows_of([line]))
            title = f"{columns[3]}: {columns[4]}" if columns[4] else columns[3]
            yield (title, *split(columns[8])), (*split(columns[6]), *split(columns[7])), split(columns[10])

    def work(self, position: int) -> tuple[WorkFacts, Known]:
        """The facts of a work, and the same read."""
        found = self._known.get(position)
        if found is None:
            work = work_of(next(rows_of([self._rows[position]])))
            found = work, facts.read_work(work)
            if len(self._known) >= CACHED_WORKS:
                self._known.clear()
            self._known[position] = found
        return found

    def work_of(self, key: int) -> WorkFacts:
        """The facts of a work by its id, among those that were read lately."""
        return next(work for work, _ in self._known.values() if work.id == key)

    def facts_of(self, key: int) -> Known:
        """The same, read."""
        return facts.read_work(self.work_of(key))

    def link(self, number: int, given: RowFacts) -> Linked:
        """Decide one row."""
        row = facts.read_row(given)
        found = [self.work(position) for position in self.index.near(given, row)]
        decision = decisions.decide(row, (known for _, known in found))
        return Linked(number, decision, {work.id: work for work, _ in found})


def catalogue_of(works: Iterable[WorkFacts]) -> Catalogue:
    """A catalogue of facts that are at hand, for tests and benchmarks."""
    found = Catalogue(())
    kept = list(works)
    found.index = Index(texts_of(work) for work in kept)
    found._known = {place: (work, facts.read_work(work)) for place, work in enumerate(kept)}
    return found


def told(linked: Linked) -> dict[str, Any]:
    """A decision as one JSON object: keys of works with what a page shows of them, so that nothing is asked twice."""
    return {
        "row": linked.number,
        "decision": linked.decision.decision,
        "work": linked.decision.work,
        "probability": linked.decision.probability,
        "by": linked.decision.by,
        "note": linked.decision.note,
        "candidates": [
            {
                "key": one.work,
                "work": linked.works[one.work].public_id,
                "reference": linked.works[one.work].reference,
                "probability": one.probability,
                "by": one.by,
                "reasons": list(one.reasons),
            }
            for one in linked.decision.candidates
        ],
    }


def link_share(works: Path, rows: Path, out: Path, share: int, shares: int, *, say: Callable[[int], None]) -> None:
    """Link every row whose place belongs to this share; rows: [number, title, author, year, publisher, isbn]."""
    with works.open(encoding="utf-8", newline="\n") as lines:
        catalogue = Catalogue(lines)
    done = 0
    with rows.open(encoding="utf-8", newline="\n") as lines, out.open("w", encoding="utf-8", newline="\n") as stream:
        for place, line in enumerate(lines):
            if place % shares != share:
                continue
            number, *values = json.loads(line)
            stream.write(json.dumps(told(catalogue.link(number, RowFacts(*values))), ensure_ascii=False) + "\n")
            done += 1
            if done % TOLD_EVERY_ROWS == 0:
                say(done)
    say(done)


def _say(done: int) -> None:
    sys.stdout.write(f"{done}\n")
    sys.stdout.flush()


def main() -> None:
    """One share; the number of rows done goes to standard output, a line each time."""
    works, rows, out, share, shares = sys.argv[1:6]
    gc.disable()  # millions of texts and hardly a cycle: looking for some would take a third of the time
    link_share(Path(works), Path(rows), Path(out), int(share), int(shares), say=_say)


if __name__ == "__main__":
    main()
