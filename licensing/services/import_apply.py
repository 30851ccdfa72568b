"""Taking an import over: everything in one transaction, from the rows that the dry run stored.

Either all of it is there or none: a worker that is killed in the middle leaves nothing behind, and the next attempt
begins anew. Progress is told through a connection of its own, as nobody sees into the transaction.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from licensing.services import import_check, imports, ownership, statements_bulk
from licensing.services.import_check import COUNTED, apply_datasets, dataset_rows, message_day, rows_of
from licensing.services.import_editions import only_adds
from licensing.services.import_plan import STATING_FORMATS, Action, Planned, Planner, in_turn, joined
from licensing.services.import_rows import leaf_of, said_of, worst
from licensing.services.statements_bulk import FedStatement
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError, Conflict
from registry.importers.rows import DatasetRow
from registry.memory import at_rest
from registry.merkle import tree
from registry.models import Entry, Import, ImportRow, Membership, Work, WorkRevision
from registry.services import copying, log, works_bulk

BATCH_ROWS = 1_000
LOCK_POLL_SECONDS = 0.2
PENDING_LIST_BYTES = 64 << 20  # of the text indexes: merged less often than once a batch

Say = Callable[[str, int, int | None], None]


def apply(import_id: int, *, actor: str, claim: jobs.Claim | None = None) -> Import:
    """Take over what the dry run found, in the name of `actor`. One that is done is left as it is.

    Raises Conflict where all or nothing was asked for and a row can no longer be taken over.
    """
    batch = Import.objects.select_related("organisation").get(pk=import_id)
    if batch.state != Import.State.APPLYING:
        return batch
    try:
        with at_rest(), told(claim) as say, transaction.atomic():
            wait_for_turn(batch, say)
            batch.head["applied_from"] = _database_time()  # undoing finds by it what was ended meanwhile
            batch.entry = _take_over(batch, Actor(actor, organisation=batch.organisation, role=OWNER), say)
            batch.state = Import.State.DONE
            batch.ended_at = Now()
            batch.save(update_fields=["entry", "state", "ended_at", "counts", "head", "message_status"])
            if claim is not None:
                claim.guard()
    except jobs.LeaseLost:
        raise
    except jobs.Cancelled:
        imports.end(batch, Import.State.CANCELLED, "Stopped on request; nothing was taken over.")
        raise
    except ColophonError as error:
        imports.end(batch, Import.State.FAILED, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            imports.end(batch, Import.State.FAILED, imports.unforeseen(batch, claim))
        raise
    batch.refresh_from_db()
    return batch


OWNER = Membership.Role.OWNER  # who asked was a writer then; the job does what was asked


@contextmanager
def told(claim: jobs.Claim | None) -> Iterator[Say]:
    """Tell the job's progress from outside the transaction, which would keep it to itself."""
    if claim is None:
        yield lambda stage, done, total: None
        return
    if connection.in_atomic_block:  # a test's transaction: another connection would not see the job
        yield claim.progress
        return
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="import-progress") as speaker:
        try:
            yield lambda stage, done, total: speaker.submit(claim.progress, stage, done, total).result()
        finally:
            speaker.submit(connections.close_all).result()


def wait_for_turn(batch: Import, say: Say) -> None:
    """One import of an organisation at a time is taken over; the others wait here, and then see what it wrote."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [imports.LOCK_CLASS, batch.organisation_id])
            if cursor.fetchone()[0]:
                cursor.execute(f"SET LOCAL gin_pending_list_limit = {PENDING_LIST_BYTES >> 10}")
                return
        say("waiting for another import", 0, None)
        time.sleep(LOCK_POLL_SECONDS)


def _database_time() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return str(cursor.fetchone()[0].isoformat())


def _take_over(batch: Import, actor: Actor, say: Say) -> Entry | None:
    if batch.content == Import.Content.DATASETS:
        return _take_over_datasets(batch, say)
    writer = _Writer(batch, actor)
    done, total = 0, batch.counts.get("rows", 0)
    for rows in _stored(batch):
        say("registering", done, total)
        writer.write(rows)
        done = rows[-1].number
    say("recording", total, total)
    _count_again(batch)
    return writer.log()


class _Stored(NamedTuple):
    """What taking over needs of a row."""

    pk: int
    number: int
    action: str
    work_id: int | None
    leaf: bytes


def _stored(batch: Import) -> Iterator[list[_Stored]]:
    """The rows that are to be taken over, in order, some at a time."""
    last = 0
    rows = ImportRow.objects.filter(batch=batch, leaf__isnull=False).order_by("number")
    while found := list(rows.filter(number__gt=last).values_list(*_Stored._fields)[:BATCH_ROWS]):
        yield list(map(_Stored._make, found))
        last = found[-1][1]


class _Writer:
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
        self._leaves, self._claim_leaves, self._statement_leaves = bytearray(), bytearray(), bytearray()
        self._counts: Counter[str] = Counter()
        self._hashes: dict[int, bytes] = {}  # of the leaves of rows that are being written, by their numbers
        self._claimed_works: set[int] = set()

    def write(self, rows: Sequence[_Stored]) -> None:
        """Plan the rows once more, as the works stand now, and write what follows."""
        stored = {row.number: row for row in rows}
        waiting = [said_of(row.leaf) for row in rows]
        while waiting:
            planned = self._planner.plan(waiting)
            editions = joined(planned, self._organisation.pk)
            now, later = in_turn([each for each in planned if each.said.number not in editions])
            self._write([*now, *(each for each in planned if each.said.number in editions)], stored)
            waiting = [each.said for each in later]
        self._leaves += b"".join(self._hashes[number] for number in sorted(self._hashes))
        self._hashes.clear()

    def _write(self, planned: Sequence[Planned], stored: dict[int, _Stored]) -> None:
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
        self._claimed_works.update(pk for pk, _ in works)
        leaves = ownership.claim_made(works, **self._claimed) if works else []
        self._counts["claims"] += len(leaves)
        for leaf in leaves:
            self._claim_leaves += tree.leaf_hash(leaf)

    def _claim(self, works: Sequence[Work]) -> None:
        """Works that this import has claimed with a record before are not claimed again."""
        works = [work for work in works if work.pk not in self._claimed_works]
        self._claimed_works.update(work.pk for work in works)
        rows = ownership.claim_many(works=works, stage_log=False, **self._claimed) if works else []
        for row, work in zip(rows, works, strict=True):
            if row.entry_id == self._entry_key:
                self._counts["claims"] += 1
                self._claim_leaves += tree.leaf_hash(ownership.claim_leaf(row, work))

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
            self._statement_leaves += tree.leaf_hash(statements_bulk.statement_leaf(row))
        self._counts["statements"] += len(outcome.recorded)
        self._counts["statements_withdrawn"] += len(outcome.withdrawn)

    def _report(self, planned: Sequence[Planned], stored: dict[int, _Stored], keys: dict[int, int]) -> None:
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
        if not (self._leaves or self._claim_leaves or self._statement_leaves):
            return None
        facts: dict[str, object] = {
            "file": batch.file_name,
            "sha256": batch.sha256,
            "format": batch.file_format,
            "capacity": batch.capacity,
            "ai_rights": batch.ai_rights,
            "counts": {name: batch.counts[name] for name in ("rows", *COUNTED.values())},
            "rows_root": _root(self._leaves),
            "claims": self._counts["claims"],
            "claims_root": _root(self._claim_leaves),
            "statements": self._counts["statements"],
            "statements_withdrawn": self._counts["statements_withdrawn"],
            "statements_root": _root(self._statement_leaves),
        }
        subject = f"import:{batch.public_id}"
        return log.stage("import.applied", subject=subject, facts=facts, actor=self._actor, key=self._entry_key)


def _root(hashes: bytearray) -> str:
    """The Merkle root over leaf hashes that lie end to end, as hex."""
    return tree.root(bytes(hashes[start : start + 32]) for start in range(0, len(hashes), 32)).hex()


def _count_again(batch: Import) -> None:
    """The counts as they became; a work that somebody changed since the dry run may have moved from one to another."""
    found = ImportRow.objects.filter(batch=batch).aggregate(
        **{name: Count("pk", filter=Q(action=action)) for action, name in COUNTED.items()},
        warnings=Count("pk", filter=Q(severity="W")),
    )
    batch.counts |= found
    batch.message_status = import_check.status_of(batch.counts, batch.head)


def _take_over_datasets(batch: Import, say: Say) -> Entry | None:
    with rows_of(batch) as rows:
        given: list[Any] = [row for row in rows if isinstance(row, DatasetRow)]
    say("registering", 0, len(given))
    applied = apply_datasets(batch, given, dry_run=False)
    ImportRow.objects.filter(batch=batch).delete()
    import_check.store(batch, dataset_rows(batch, given, applied.outcomes))
    keys = {outcome.number: outcome.dataset_id for outcome in applied.outcomes}
    made = ImportRow.objects.filter(batch=batch, action=Action.NEW).values_list("pk", "number")
    copying.update(ImportRow, ["dataset_id"], [(pk, keys[number]) for pk, number in made])
    _count_again(batch)
    return applied.entry
