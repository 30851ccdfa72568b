"""In which state an import is, who may act on it then, and how it ends without being taken over."""

from django.db.models.functions import Now

from registry.actors import Actor
from registry.errors import Conflict
from registry.models import Import, Job

State = Import.State

RUNNING = [State.CHECKING, State.APPLYING]


def require_own(batch: Import, actor: Actor) -> None:
    """Raises NotAllowed for who may not write, Conflict for another organisation's import."""
    if actor.require_writer() != batch.organisation:
        raise Conflict("Only the organisation that handed in a file can act on its import.")


def locked(batch: Import, *states: str) -> Import:
    """The import's row, locked for the rest of the transaction; Conflict unless it is in one of these states."""
    rows = Import.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation", "job")
    row = rows.get(pk=batch.pk)
    if row.state not in states:
        raise Conflict(f"This import is {row.get_state_display()}: that cannot be done now.", state=row.state)
    return row


def end(batch: Import, state: str, reason: str) -> None:
    """Close an import that was not taken over."""
    Import.objects.filter(pk=batch.pk).exclude(state=State.DONE).update(
        state=state, reason=reason.replace("\0", "\ufffd")[:2000], ended_at=Now()
    )


def close_broken() -> int:
    """Close the imports whose job ended without a result: quarantined, or cancelled while it waited. Run by beat."""
    broken = [Job.State.FAILED, Job.State.QUARANTINED, Job.State.CANCELLED]
    waiting = Import.objects.filter(state__in=RUNNING, job__state__in=broken).select_related("job")
    for batch in waiting:
        assert batch.job is not None
        stopped = batch.job.state == Job.State.CANCELLED
        end(batch, State.CANCELLED if stopped else State.FAILED, batch.job.reason)
    return len(waiting)
