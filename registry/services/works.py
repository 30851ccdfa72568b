"""Registering works: the rows, the identifiers checked by the library, one log entry, search in step.

What may become of a work later is re-exported here: amend, publish, withdraw, restore (`work_changes`).
"""

from dataclasses import replace

from django.db import IntegrityError, transaction

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Edition, Identifier, Organisation, Work
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log, work_changes, work_states
from registry.services.work_changes import amend, publish, restore, withdraw
from registry.services.work_facts import (
    AuthorFacts,
    EditionFacts,
    WorkFacts,
    check,
    checked_identifiers,
    edition_faults,
)
from registry.services.work_states import facts_of, logged_facts

__all__ = [
    "AuthorFacts",
    "EditionFacts",
    "WorkFacts",
    "add_edition",
    "amend",
    "check",
    "facts_of",
    "logged_facts",
    "publish",
    "register",
    "restore",
    "withdraw",
]


@transaction.atomic
def register(facts: WorkFacts, *, actor: Actor) -> Work:
    """Write the work with its people, editions and identifiers, stage one log entry and bring search up to date.

    Raises InvalidInput with every fault, or Conflict when the organisation already has this record reference.
    """
    organisation = actor.require_writer()
    errors = check(facts)
    if errors:
        raise InvalidInput(f"“{facts.title}” was not registered: {errors[0]['cause']}", errors=errors)
    work = _create(facts, organisation)
    work_states.write(work, replace(facts, record_reference=work.record_reference))
    sync.refresh(work)
    log.stage("work.registered", subject=f"work:{work.public_id}", facts=logged_facts(work), actor=actor)
    return work


def _create(facts: WorkFacts, organisation: Organisation) -> Work:
    public_id = new_public_id()
    reference = facts.record_reference.strip() or public_id
    columns = ("language", "kind", "first_published", "country", "authorship", "renewed", "description", "source")
    try:
        with transaction.atomic():
            return Work.objects.create(
                public_id=public_id,
                title=facts.title.strip(),
                subtitle=facts.subtitle.strip(),
                record_reference=reference,
                registered_by=organisation,
                demo=facts.demo,
                visibility=facts.visibility,
                **{name: getattr(facts, name) for name in columns},
            )
    except IntegrityError as error:
        if "one_work_per_record_reference" not in str(error):
            raise
        sentence = f"{organisation} has already registered a work under {reference}."
        raise Conflict(sentence, record_reference=reference) from None


@transaction.atomic
def add_edition(*, work: Work, facts: EditionFacts, actor: Actor) -> Edition:
    """Add one edition with its identifiers to a registered work.

    Raises NotAllowed (somebody else's work), InvalidInput, or Conflict (withdrawn, or another edition's identifier).
    """
    held = work_changes.locked(work, actor)
    work_changes.require_standing(held)
    errors = list(edition_faults(facts, ""))
    if errors:
        raise InvalidInput(f"The edition was not added: {errors[0]['cause']}", errors=errors)
    for scheme, value in checked_identifiers(facts.identifiers, "")[0]:
        if Identifier.objects.filter(work=held, edition__isnull=False, scheme=scheme, value=value).exists():
            raise Conflict(f"{scheme} {value} is another edition's.", scheme=scheme, value=value)
    before = work_states.facts_of(held)
    known = [edition.id for edition in before.editions]

    def said(changed: Work) -> work_states.Json:
        made = changed.editions.exclude(public_id__in=known).get()
        return {"work": changed.public_id} | work_states.logged_edition(made)

    longer = replace(before, editions=[*before.editions, replace(facts, id="")])
    amended = amend(held, longer, actor=actor, kind="edition.added", said=said)
    return amended.editions.exclude(public_id__in=known).get()
