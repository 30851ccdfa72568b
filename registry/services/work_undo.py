"""Undoing a change of a work: always a new change, which restores what was before."""

from django.db import transaction

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Work, WorkRevision
from registry.services import work_changes, work_merges, work_states
from registry.services.work_changes import Change

KINDS = {Change.WITHDRAWN.value: "work.withdrawn", Change.RESTORED.value: "work.restored"}


@transaction.atomic
def undo(*, work: Work, number: int, actor: Actor, revision: int | None = None) -> Work:
    """Undo the change that ended revision `number`: its facts hold again, whatever was amended since.

    A merge and a split are undone as long as nothing was built on them, a withdrawal by restoring and the reverse.
    Returns the work. Raises InvalidInput (no such revision), Conflict (not possible any more, with the reason), and
    what `work_changes.amend` raises.
    """
    row = work.revisions.filter(number=number).first()
    if row is None:
        cause = f"“{work.title}” has no revision {number}."
        raise InvalidInput(cause, errors=[{"pointer": "/number", "cause": cause}])
    if reason := why_not(row):
        raise Conflict(reason, work=work.public_id, number=number)
    if "merged_from" in row.facts:
        work_merges.unmerge(survivor=work, number=number, actor=actor, revision=revision)
    elif "split_into" in row.facts:
        work_merges.unsplit(work=work, number=number, actor=actor, revision=revision)
    elif _entry_kind(row) == "work.withdrawn":
        work_changes.restore(work=work, actor=actor, revision=revision, change=Change.UNDONE)
    elif _entry_kind(row) == "work.restored":
        undone = f"restoring at revision {number} undone"
        work_changes.withdraw(work=work, reason=undone, actor=actor, revision=revision, change=Change.UNDONE)
    else:
        facts, reason = work_states.of_revision(row.facts), f"back to the facts of revision {number}"
        work_changes.amend(work, facts, actor=actor, change=Change.UNDONE, reason=reason, revision=revision)
    work.refresh_from_db()
    return work


def why_not(row: WorkRevision) -> str:
    """The sentence that says why this change cannot be undone at all; empty where it can be, or could be later."""
    kind = _entry_kind(row)
    if kind == "work.published":
        return "A publication cannot be undone: others may have seen the work. Withdraw it instead."
    if kind == "work.merged":
        return "This work was merged into another: undo that in the history of the other one."
    if kind == "work.unmerged":
        return "A merge that was undone can be made again; it is not undone twice."
    return ""


def _entry_kind(row: WorkRevision) -> str:
    """What the log calls the change (of an undone one, what undoing it did); an import has one entry for all works."""
    known = row.entry.kind if row.entry else ""
    return known if known.startswith("work.") else KINDS.get(row.change, "")
