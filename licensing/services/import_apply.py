"""Taking an import over: everything in one transaction, from the rows that the dry run stored.

Either all of it is there or none: a worker that is killed in the middle leaves nothing behind, and the next attempt
begins anew. Progress is told through a connection of its own, as nobody sees into the transaction.
"""

from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import Now

from licensing.services import import_check, import_states, job_faults
from licensing.services.import_check import COUNTED, apply_datasets, dataset_rows, rows_of
from licensing.services.import_plan import Action
from licensing.services.import_turns import Say, told, wait_for_turn
from licensing.services.import_writer import Writer, stored
from registry import jobs
from registry.actors import Actor
from registry.errors import ColophonError
from registry.importers.rows import DatasetRow
from registry.memory import at_rest
from registry.models import Entry, Import, ImportRow, Membership
from registry.search import marks
from registry.services import copying

OWNER = Membership.Role.OWNER  # who asked was a writer then; the job does what was asked


def apply(import_id: int, *, actor: str, claim: jobs.Claim | None = None) -> Import:
    """Take over what the dry run found, in the name of `actor`. One that is done is left as it is.

    Raises Conflict where all or nothing was asked for and a row can no longer be taken over.
    """
    batch = Import.objects.select_related("organisation").get(pk=import_id)
    if batch.state != Import.State.APPLYING:
        return batch
    try:
        with at_rest(), told(claim) as say, transaction.atomic(), marks.queued_at_once():
            wait_for_turn(batch, say)
            copying.expect_many()
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
        import_states.end(batch, Import.State.CANCELLED, "Stopped on request; nothing was taken over.")
        raise
    except ColophonError as error:
        import_states.end(batch, Import.State.FAILED, error.sentence)
        raise
    except Exception:
        if claim is None or claim.job.attempts >= settings.JOB_MAX_ATTEMPTS:
            import_states.end(batch, Import.State.FAILED, job_faults.unforeseen(batch, claim))
        raise
    batch.refresh_from_db()
    return batch


def _database_time() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return str(cursor.fetchone()[0].isoformat())


def _take_over(batch: Import, actor: Actor, say: Say) -> Entry | None:
    if batch.content == Import.Content.DATASETS:
        return _take_over_datasets(batch, say)
    writer = Writer(batch, actor)
    done, total = 0, batch.counts.get("rows", 0)
    for rows in stored(batch):
        say("registering", done, total)
        writer.write(rows)
        done = rows[-1].number
    say("recording", total, total)
    _count_again(batch)
    return writer.log()


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
