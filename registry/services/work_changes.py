"""Changes of a registered work: each keeps the facts from before it, so that every change can be seen and undone.

A change is one transaction: the rows, the revision, one log entry for each work whose facts it changes, search in step.
The work's row is locked first, so that of two changes at once the second sees the first; whoever names the revision
that they read (`revision`) is told when it is no longer the latest, and nothing of theirs is written.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from registry.actors import Actor
from registry.errors import ColophonError, Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Work, WorkRevision
from registry.search import sync
from registry.services import log, work_states
from registry.services.people import parties_of
from registry.services.work_facts import WorkFacts, check

Change = WorkRevision.Change
Json = dict[str, Any]


class RevisionConflict(ColophonError):
    """Somebody else changed the work since it was read; nothing of this change was written."""

    code = "REVISION_CONFLICT"
    status = 412


@transaction.atomic
def amend(
    work: Work,
    facts: WorkFacts,
    *,
    actor: Actor,
    change: str = Change.AMENDED,
    reason: str = "",
    revision: int | None = None,
    kind: str = "work.amended",
    said: Callable[[Work], Json] | None = None,
) -> Work:
    """Make these the facts of the work, all of them; visibility and `demo` stay. The same facts again change nothing.

    `kind` and `said` are the log entry's, where it is about more than the facts. Raises InvalidInput with every fault,
    NotAllowed (somebody else's work), RevisionConflict, or Conflict: withdrawn, merged, another work of the
    organisation has the record reference, or an edition would go that a text or a match rests on.
    """
    held = locked(work, actor, revision)
    require_standing(held)
    errors = check(facts)
    if errors:
        raise InvalidInput(f"“{facts.title}” was not changed: {errors[0]['cause']}", errors=errors)
    before = work_states.revision_facts(held)
    try:
        with transaction.atomic():
            work_states.write(held, facts)
    except IntegrityError as error:
        if "one_work_per_record_reference" not in str(error):
            raise
        sentence = f"{held.registered_by} has already registered a work under {facts.record_reference}."
        raise Conflict(sentence, record_reference=facts.record_reference) from None
    after = work_states.revision_facts(held)
    if after == before:
        return held
    logged = said(held) if said else {"facts": work_states.logged_facts(held)}
    return record(held, change, before, kind=kind, said=logged, reason=reason, actor=actor)


def locked(work: Work, actor: Actor, revision: int | None = None) -> Work:
    """The work's row, locked until the transaction ends. Raises NotAllowed and RevisionConflict."""
    held = Work.objects.select_for_update(of=("self",)).select_related("registered_by").get(pk=work.pk)
    if actor.require_writer() != held.registered_by:
        raise NotAllowed("Only the organisation that registered a work can change it.", work=held.public_id)
    if revision is not None and revision != held.revision:
        sentence = f"“{held.title}” was changed meanwhile: it is at revision {held.revision}, not {revision}."
        raise RevisionConflict(sentence, work=held.public_id, revision=held.revision)
    return held


def require_standing(work: Work) -> None:
    """Raise Conflict for a work that was withdrawn or merged into another."""
    if work.merged_into is not None:
        other = work.merged_into
        raise Conflict(f"“{work.title}” was merged into “{other.title}”.", merged_into=other.public_id)
    if work.withdrawn_at is not None:
        raise Conflict(f"“{work.title}” was withdrawn from the registry; restore it first.", work=work.public_id)


def record(
    work: Work, change: str, before: Mapping[str, Any], *, kind: str, said: Json, actor: Actor, reason: str = ""
) -> Work:
    """Count the change, write the log entry and the revision that it ends, and bring search up to date."""
    number = work.revision
    work.revision = number + 1
    work.save(update_fields=["revision"])
    facts: dict[str, object] = {"revision": work.revision, **({"reason": reason} if reason else {}), **said}
    entry: Entry = log.stage(kind, subject=f"work:{work.public_id}", facts=facts, actor=actor)
    WorkRevision.objects.create(
        work=work, number=number, change=change, facts=dict(before), reason=reason, actor=actor.name, entry=entry
    )
    sync.refresh(work)
    return work


@transaction.atomic
def withdraw(*, work: Work, reason: str, actor: Actor, revision: int | None = None, change: str = "") -> None:
    """Take a work out of the registry's answers; its record and its history stay.

    Raises NotAllowed for somebody else's work and Conflict for one that was withdrawn or merged before.
    """
    held = locked(work, actor, revision)
    if held.withdrawn_at is not None:
        raise Conflict("This work was withdrawn before.")
    require_standing(held)
    _stand(held, withdrawn=True)
    before = work_states.revision_facts(held)
    record(held, change or Change.WITHDRAWN, before, kind="work.withdrawn", said={}, reason=reason, actor=actor)
    _take_over(work, held)


@transaction.atomic
def restore(*, work: Work, actor: Actor, reason: str = "", revision: int | None = None, change: str = "") -> None:
    """Undo a withdrawal. Raises NotAllowed for somebody else's work and Conflict for one that stands."""
    held = locked(work, actor, revision)
    if held.withdrawn_at is None:
        raise Conflict("This work is not withdrawn.")
    _stand(held, withdrawn=False)
    before = work_states.revision_facts(held)
    record(held, change or Change.RESTORED, before, kind="work.restored", said={}, reason=reason, actor=actor)
    _take_over(work, held)


def _stand(work: Work, *, withdrawn: bool) -> None:
    Work.objects.filter(pk=work.pk).update(withdrawn_at=Now() if withdrawn else None)
    work.refresh_from_db(fields=["withdrawn_at"])


def _take_over(work: Work, held: Work) -> None:
    """Tell the caller's object what became of its row."""
    work.withdrawn_at, work.revision, work.visibility = held.withdrawn_at, held.revision, held.visibility


@transaction.atomic
def publish(*, work: Work, actor: Actor, reason: str = "", revision: int | None = None) -> Work:
    """Make a draft public, for good: its names, people and identifiers are shown to everybody from now on.

    Raises NotAllowed, RevisionConflict, or Conflict for a work that is public already, withdrawn or merged.
    """
    held = locked(work, actor, revision)
    require_standing(held)
    if work_states.is_public(held):
        raise Conflict(f"“{held.title}” is public already.")
    facts = work_states.facts_of(held)
    before = work_states.revision_facts(held)
    held.visibility = Work.Visibility.PUBLIC
    held.save(update_fields=["visibility"])
    work_states.write_people(held, facts.authors)  # whom drafts alone named everybody may know now
    translators = [edition.translator for edition in facts.editions if edition.translator]
    parties_of(translators, organisation=held.registered_by, is_public=True)
    said = {"facts": work_states.logged_facts(held)}
    record(held, Change.PUBLISHED, before, kind="work.published", said=said, reason=reason, actor=actor)
    _take_over(work, held)
    return held
