"""Taking an import back: new works are withdrawn, changed ones get their facts back, as one act with one log entry."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Model, OuterRef
from django.db.models.functions import Now

from licensing.services import import_states, job_faults
from licensing.services.import_apply import OWNER
from licensing.services.import_plan import Action
from licensing.services.import_turns import Say, told, wait_for_turn
from licensing.services.statements_bulk import MODELS
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError, Conflict
from registry.merkle import tree
from registry.models import Entry, Import, ImportRow, Job, RightsClaim, WorkRevision
from registry.search import marks
from registry.services import copying, log, works_bulk
from registry.services.works_held import Facts, Held, held

BATCH_ROWS = 1_000
LEEWAY = datetime.timedelta(hours=1)  # an entry is written a moment before or after what it is about
WRITTEN = [Action.NEW, Action.UPDATE, Action.DELETE]


@transaction.atomic
def request(*, batch: Import, actor: Actor) -> Job:
    """Have an import taken back by a worker. Raises Conflict when there is nothing (or nothing more) to take back."""
    begin(batch=batch, actor=actor)
    job = jobs.enqueue("import_undo", organisation=batch.organisation, import_id=batch.pk, actor=actor.name)
    Import.objects.filter(pk=batch.pk).update(job=job)
    batch.refresh_from_db()
    return job


@transaction.atomic
def begin(*, batch: Import, actor: Actor) -> None:
    """Whether the import can be taken back now; raises Conflict with the reason why not."""
    import_states.require_own(batch, actor)
    row = import_states.locked(batch, Import.State.DONE)
    if row.undo_entry_id is not None:
        raise Conflict("This import was taken back before.")
    if row.entry_id is None:
        raise Conflict("This import changed nothing: there is nothing to take back.")
    if row.content == Import.Content.DATASETS:
        raise Conflict("Descriptions of datasets are not taken back as a whole: import the earlier file again.")
    if row.job is not None and row.job.kind == "import_undo" and not row.job.ended:
        raise Conflict("This import is being taken back already.")


def undo(import_id: int, *, actor: str, claim: jobs.Claim | None = None) -> Import:
    """Take back what the import wrote, all in one transaction. One that was taken back is left as it is.

    A work that somebody changed since then stays as it is; how many there are stands in the counts.
    """
    batch = Import.objects.select_related("organisation").get(pk=import_id)
    if batch.undo_entry_id is not None or batch.state != Import.State.DONE:
        return batch
    try:
        with told(claim) as say, transaction.atomic(), marks.queued_at_once():
            wait_for_turn(batch, say)
            copying.expect_many()
            _take_back(batch, Actor(actor, organisation=batch.organisation, role=OWNER), say)
            if claim is not None:
                claim.guard()
    except (jobs.LeaseLost, jobs.Cancelled):
        raise
    except ColophonError as error:
        _say_why(batch, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            _say_why(batch, job_faults.unforeseen(batch, claim))
        raise
    batch.refresh_from_db()
    return batch


def _say_why(batch: Import, reason: str) -> None:
    Import.objects.filter(pk=batch.pk).update(reason=f"It could not be taken back: {reason}"[:2000])


def _take_back(batch: Import, actor: Actor, say: Say) -> None:
    reason = f"import {batch.public_id} taken back"
    counts: Counter[str] = Counter()
    leaves = tree.Frontier()
    total = sum(batch.counts.get(name, 0) for name in ("new", "updated", "deleted"))
    for rows in _written(batch):
        say("taking back", counts["seen"], total)
        counts["seen"] += len(rows)
        for act, work in _take_back_some(batch, rows, reason, actor, counts):
            leaf = {"act": act, "import": batch.public_id, "revision": work.revision, "work": work.public_id}
            leaves.add(tree.leaf_hash(log.canonical(leaf)))
    withdrawn = _withdraw_statements(batch)
    taken = {name: counts[name] for name in ("withdrawn", "restored", "left")}
    facts: dict[str, object] = taken | {"statements": withdrawn, "rows_root": leaves.root().hex()}
    entry = log.stage("import.undone", subject=f"import:{batch.public_id}", facts=facts, actor=actor)
    WorkRevision.objects.filter(reason=reason, entry__isnull=True).update(entry=entry)
    Import.objects.filter(pk=batch.pk).update(undo_entry=entry, counts=batch.counts | {"undone": taken}, reason="")


def _written(batch: Import) -> Iterator[list[ImportRow]]:
    last = 0
    rows = ImportRow.objects.filter(batch=batch, action__in=WRITTEN, work__isnull=False).order_by("number")
    while found := list(rows.filter(number__gt=last).defer("leaf", "raw")[:BATCH_ROWS]):
        yield found
        last = found[-1].number


def _take_back_some(
    batch: Import, rows: Sequence[ImportRow], reason: str, actor: Actor, counts: Counter[str]
) -> list[tuple[str, Held]]:
    """Take back what became of some rows → what was done to which work."""
    works = held(row.work_id for row in rows if row.work_id is not None)
    changes = _changes(batch, works)
    before = _before(batch, works, changes)
    new, restored, rest = [], [], 0
    done = {row.work_id for row in rows if row.action == Action.NEW}
    done |= set(WorkRevision.objects.filter(work__in=list(works), reason=reason).values_list("work_id", flat=True))
    for row in rows:
        work = works.get(row.work_id or 0)
        if work is None or work.owner != batch.organisation_id or work.merged_into is not None:
            rest += 1
        elif row.action == Action.NEW and not work.is_withdrawn and work.revision == 1 + changes[work.pk]:
            new.append(work)
        elif row.action != Action.NEW and work.pk in done:
            continue  # another record about a work that is taken back with the first one
        elif row.action != Action.NEW and work.pk in before:
            restored.append(work)
            done.add(work.pk)
        elif row.action != Action.UPDATE or not _only_stated(work, batch):
            rest += 1
    works_bulk.withdraw(new, reason=reason, actor=actor.name, change=WorkRevision.Change.UNDONE)
    again = [work for work in restored if _was_withdrawn(rows, work)]
    works_bulk.write_changes(
        [_changed_back(work, before[work.pk]) for work in restored],
        organisation=batch.organisation,
        change=WorkRevision.Change.UNDONE,
        reason=reason,
        actor=actor.name,
    )
    works_bulk.set_withdrawn([work.pk for work in again])
    counts["withdrawn"] += len(new)
    counts["restored"] += len(restored)
    counts["left"] += rest
    return [*(("withdrawn", work) for work in new), *(("restored", work) for work in restored)]


def _changes(batch: Import, works: dict[int, Held]) -> Counter[int]:
    """How often the import changed each work: a new one once more for each further record that is an edition of it."""
    rows = WorkRevision.objects.filter(work__in=list(works), reason=f"import {batch.public_id}")
    return Counter(rows.values_list("work_id", flat=True))


def _before(batch: Import, works: dict[int, Held], changes: Counter[int]) -> dict[int, Facts]:
    """The facts before the import, of works that nobody has changed since."""
    rows = WorkRevision.objects.filter(work__in=list(works), reason=f"import {batch.public_id}")
    found: dict[int, Facts] = {}
    for work, number, facts in rows.order_by("number").values_list("work_id", "number", "facts"):
        if works[work].revision == number + changes[work]:
            found.setdefault(work, facts)
    return found


def _only_stated(work: Held, batch: Import) -> bool:
    """Whether the import left the work's facts alone and only said something about its rights."""
    return not WorkRevision.objects.filter(work=work.pk, reason=f"import {batch.public_id}").exists()


def _was_withdrawn(rows: Sequence[ImportRow], work: Held) -> bool:
    """Whether the import had brought a withdrawn work back."""
    return any(row.work_id == work.pk and any(fault["code"] == "WORK_RESTORED" for fault in row.faults) for row in rows)


def _changed_back(work: Held, facts: dict[str, Any]) -> works_bulk.ChangedWork:
    plain = {name: value for name, value in facts.items() if name != "description"}
    return works_bulk.ChangedWork(work, plain, str(facts.get("description", work.description)))


def _withdraw_statements(batch: Import) -> int:
    """Claims and statements that the import recorded end today, and those that it had ended stand again."""
    assert batch.entry_id is not None
    models: dict[str, type[Model]] = {"claim": RightsClaim, **MODELS}
    ended = 0
    for kind, model in models.items():
        own = model._default_manager.filter(asserted_by=batch.organisation)
        while_applied = (batch.head.get("applied_from"), batch.ended_at)
        of_feed = own if model is RightsClaim else own.filter(source_format=batch.file_format)
        of_import = Exists(ImportRow.objects.filter(batch=batch, work=OuterRef("work")))
        ended_then = of_feed.filter(of_import, withdrawn_at__range=while_applied)
        ended_then.exclude(public_id__in=_withdrawn_by_hand(kind, batch)).update(withdrawn_at=None)
        ended += own.filter(entry=batch.entry_id, withdrawn_at__isnull=True).update(withdrawn_at=Now())
    return ended


def _withdrawn_by_hand(kind: str, batch: Import) -> list[str]:
    """The public ids of what somebody withdrew while the import ran: that has a log entry of its own, and stays so."""
    assert batch.ended_at is not None
    since = datetime.datetime.fromisoformat(batch.head["applied_from"]) - LEEWAY
    logged = Entry.objects.filter(kind=f"{kind}.withdrawn", staged_at__range=(since, batch.ended_at + LEEWAY))
    return [subject.partition(":")[2] for subject in logged.values_list("subject", flat=True)]
