"""Every work that may be a candidate, indexed, and the decision on a row among them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from registry.linkage import decisions, facts
from registry.linkage.blocking import Index, part_of
from registry.linkage.decisions import Decision
from registry.linkage.facts import Known, Row, RowFacts, WorkFacts
from registry.linkage.keys import keys_of, texts_of

CACHED_WORKS = 50_000


@dataclass(frozen=True)
class Linked:
    """A row's decision with the facts of its candidates."""

    number: int
    decision: Decision
    works: dict[int, WorkFacts]


class Catalogue:
    """Works by their words; their facts are read when they are needed.

    read: the facts of the work at a position of the index.
    """

    def __init__(self, index: Index, read: Callable[[int], WorkFacts]) -> None:
        self.index = index
        self._read = read
        self._known: dict[int, tuple[WorkFacts, Known]] = {}

    def work(self, position: int) -> tuple[WorkFacts, Known]:
        """The facts of a work, and the same read."""
        found = self._known.get(position)
        if found is None:
            work = self._read(position)
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
        """Decide one row: where an identifier or title and author say it, without looking further."""
        row = facts.read_row(given)
        isbns = (*row.isbns, *row.restored)
        keys = keys_of([given.title], [given.author], isbns)
        held = self.index.held(keys)
        sure = [*self.index.carrying(isbns, held), *self.index.called(keys, held)]
        if sure:
            linked = self._decide(number, row, sure)
            if decisions.is_plain(linked.decision):
                return linked
        return self._decide(number, row, [*sure, *self.index.near(keys, held)])

    def _decide(self, number: int, row: Row, positions: Iterable[int]) -> Linked:
        found = [self.work(position) for position in dict.fromkeys(positions)]
        decision = decisions.decide(row, [known for _, known in found])
        return Linked(number, decision, {work.id: work for work, _ in found})


def catalogue_of(works: Iterable[WorkFacts]) -> Catalogue:
    """A catalogue of facts that are at hand, for tests and benchmarks."""
    kept = list(works)
    return Catalogue(Index([part_of(map(texts_of, kept))]), kept.__getitem__)
