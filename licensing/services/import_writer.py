"""Writing the records of an import: planned once more as the works stand now, a batch at a time, in one transaction.

What is written is remembered as leaves: the log's one entry names the Merkle roots over them.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from licensing.services import import_check, ownership, statements_bulk
from licensing.services.import_check import COUNTED, message_day
from licensing.services.import_editions import only_adds
from licensing.services.import_leaves import leaf_of, said_of
from licensing.services.import_plan import STATING_FORMATS, Action, Planned, Planner, in_turn, joined
from licensing.services.import_rows import worst
from licensing.services.statements_bulk import FedStatement
from registry.actors import Actor
from registry.errors import Conflict
from registry.merkle import tree
from registry.models import Entry, Import, ImportRow, RightsClaim, Work, WorkRevision
from registry.services import copying, log, works_bulk

BATCH_ROWS = 1_000


class Stored(NamedTuple):
    """What taking over needs of a row."""

    pk: int
    number: int
    action: str
    work_id: int | None
    leaf: bytes


def stored(batch: Import) -> Iterator[list[Stored]]:
    """The rows that are to be taken over, in order, some at a time."""
    last = 0
    rows = ImportRow.objects.filter(batch=batch, leaf__isnull=False).order_by("number")
    while found := list(rows.filter(number__gt=last).values_list(*Stored._fields)[:BATCH_ROWS]):
        yield list(map(Stored._make, found))
        last = found[-1][1]


class Writer:
    """Writes the rows of one import, and remembers what its log entry has to say."""

    def __init__(self, batch: Import, actor: Actor) -> None:
        self._batch, self._actor = batch, actor
        self._organisation = batch.organisation
        self._day = message_day(batch)
        self._planner = Planner(batch, observed_at=self._day)
        self._holder = ownership.holder_of(batch.organisation)
        self._reason = f"import {batch.public_id}"
        self._claimed: dict[str, Any] = {
            "capacity": batch.capacity,
            "ai_rights": batch.ai_rights,
            "observed_at": self._day,
            "evidence": f"Import of {batch.file_name}",
            "evidence_sha256": batch.sha256,
            "actor": actor,
            "holder": self._holder,
        }
        self._entry_key = copying.next_key(Entry)  # the rows name it from the first, so none is written twice
        self._claimed["entry"] = self._entry_key
        self._leaves, self._claim_leaves, self._statement_leaves = (tree.Frontier() for _ in range(3))
        self._counts: Counter[str] = Counter()
        self._hashes: dict[int, bytes] = {}  # of the leaves of rows that are being written, by their numbers

    def write(self, rows: Sequence[Stored]) -> None:
        """Plan the rows once more, as the works stand now, and write what follows."""
        stored = {row.number: row for row in rows}
        waiting = [said_of(row.leaf) for row in rows]
        while waiting:
            planned = self._planner.plan(waiting)
            editions = joined(planned, self._organisation.pk)
            now, later = in_turn([each for each in planned if each.said.number not in editions])
            self._write([*now, *(each for each in planned if each.said.number in editions)], stored)
            waiting = [each.said for each in later]
        for number in sorted(self._hashes):
            self._leaves.add(self._hashes[number])
        self._hashes.clear()

    def _write(self, planned: Sequence[Planned], stored: dict[int, Stored]) -> None:
        refused = [each for each in planned if each.action == Action.REFUSED]
        if refused and not self._batch.valid_rows_only:
            first = refused[0].said
            cause = first.faults[-1]["cause"]
            raise Conflict(f"Row {first.number} can no longer be taken over: {cause} Nothing was.", row=first.number)
        new = [each for each in planned if each.action == Action.NEW]
        keys = self._write_new(new)
        made = {each.said.public_id: keys[each.said.number] for each in new}
        updates = [each for each in planned if each.action == Action.UPDATE and each.held is not None]
        self._write_changes(updates)
        self._withdraw([each for each in planned if each.action == Action.DELETE])
        self._claim_new([(pk, public_id) for public_id, pk in made.items()])
        keys |= {each.said.number: made[each.said.public_id] for each in planned if each.said.public_id in made}
        known = [(each, self._work(each.held.pk, each)) for each in updates if each.held is not None]
        self._claim([work for _, work in known])
        of_new = [each for each in planned if each.said.number in keys and each.said.statements]
        stating = [(each, self._work(keys[each.said.number], each)) for each in of_new]
        self._state([*stating, *known], set(keys.values()))
        self._report(planned, stored, keys)

    def _write_new(self, planned: Sequence[Planned]) -> dict[int, int]:
        """Row number → primary key of the work that was made of it."""
        new = [works_bulk.NewWork(each.said.public_id, each.facts or {}, each.description) for each in planned]
        keys = works_bulk.write_new(new, organisation=self._organisation, claimants=[self._holder])
        return {each.said.number: key for each, key in zip(planned, keys, strict=True)}

    def _write_changes(self, planned: Sequence[Planned]) -> None:
        works_bulk.write_changes(
            [
                works_bulk.ChangedWork(each.held, each.facts or {}, each.description)
                for each in planned
                if each.held is not None and each.changes_facts
            ],
            organisation=self._organisation,
            change=WorkRevision.Change.IMPORTED,
            reason=self._reason,
            actor=self._actor.name,
            entry=self._entry_key,
        )

    def _withdraw(self, planned: Sequence[Planned]) -> None:
        works = [each.held for each in planned if each.held is not None]
        works_bulk.withdraw(works, reason=self._reason, actor=self._actor.name, entry=self._entry_key)

    def _work(self, pk: int, planned: Planned) -> Work:
        """The work as the statements' services take it, without asking for it again."""
        return Work(pk=pk, public_id=planned.said.public_id, registered_by=self._organisation, title=planned.said.title)

    def _claim_new(self, works: Sequence[tuple[int, str]]) -> None:
        leaves = ownership.claim_made(works, **self._claimed) if works else []
        self._counts["claims"] += len(leaves)
        for leaf in leaves:
            self._claim_leaves.add(tree.leaf_hash(leaf))

    def _claim(self, works: Sequence[Work]) -> None:
        """Claim works that were there; a claim that stands, one of a record before among them, is not made again."""
        if not works:
            return
        last = copying.next_key(RightsClaim)
        rows = ownership.claim_many(works=works, stage_log=False, **self._claimed)
        for row, work in zip(rows, works, strict=True):
            if row.pk > last:
                self._counts["claims"] += 1
                self._claim_leaves.add(tree.leaf_hash(ownership.claim_leaf(row, work)))

    def _state(self, standing: Sequence[tuple[Planned, Work]], made: Collection[int]) -> None:
        """What the records say about rights; of works that a feed says nothing about any more, nothing stands."""
        fed = [
            FedStatement(
                work,
                statement,
                self._day,
                sha256=hashlib.sha256(statement.raw).hexdigest() if statement.raw else "",
                address=f"import:{self._batch.public_id}#{each.said.number}",
            )
            for each, work in standing
            for statement in each.said.statements
        ]
        if not fed and self._batch.file_format not in STATING_FORMATS:
            return
        outcome = statements_bulk.record_many(
            fed,
            actor=self._actor,
            source_format=self._batch.file_format,
            works=[work for _, work in standing],
            capacity=self._batch.capacity,
            stage_log=False,
            made=made,
            adding={each.held.pk for each, _ in standing if each.held and only_adds(each.said, each.held)},
            entry=self._entry_key,
        )
        for row in (*outcome.recorded, *outcome.withdrawn):
            self._statement_leaves.add(tree.leaf_hash(statements_bulk.statement_leaf(row)))
        self._counts["statements"] += len(outcome.recorded)
        self._counts["statements_withdrawn"] += len(outcome.withdrawn)

    def _report(self, planned: Sequence[Planned], stored: dict[int, Stored], keys: dict[int, int]) -> None:
        """What became of each row; what was decided otherwise than in the dry run takes another leaf, or none."""
        made, other = [], []
        for each in planned:
            row = stored[each.said.number]
            work = keys.get(each.said.number) or (each.held.pk if each.held else None)
            leaf = leaf_of(each.said, self._batch.public_id) if each.writes else None
            if each.writes:
                assert leaf is not None
                self._hashes[each.said.number] = tree.leaf_hash(leaf)
            if row.action == each.action and leaf == row.leaf:
                if row.work_id != work:
                    made.append((row.pk, work))
                continue
            known = ImportRow.objects.values_list("faults", flat=True).get(pk=row.pk)
            faults = [*known, *(fault for fault in each.said.faults if fault not in known)]
            other.append((row.pk, work, str(each.action), leaf, import_check.dumped(faults), worst(faults)))
        copying.update(ImportRow, ["work_id"], made)
        copying.update(ImportRow, ["work_id", "action", "leaf", "faults", "severity"], other)

    def log(self) -> Entry | None:
        """The one entry of the import; None where nothing was written."""
        batch = self._batch
        if not (self._leaves.size or self._claim_leaves.size or self._statement_leaves.size):
            return None
        facts: dict[str, object] = {
            "file": batch.file_name,
            "sha256": batch.sha256,
            "format": batch.file_format,
            "capacity": batch.capacity,
            "ai_rights": batch.ai_rights,
            "counts": {name: batch.counts[name] for name in ("rows", *COUNTED.values())},
            "rows_root": self._leaves.root().hex(),
            "claims": self._counts["claims"],
            "claims_root": self._claim_leaves.root().hex(),
            "statements": self._counts["statements"],
            "statements_withdrawn": self._counts["statements_withdrawn"],
            "statements_root": self._statement_leaves.root().hex(),
        }
        subject = f"import:{batch.public_id}"
        return log.stage("import.applied", subject=subject, facts=facts, actor=self._actor, key=self._entry_key)
