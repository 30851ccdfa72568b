"""Registering works: the rows, the identifiers checked by the library, one log entry, search in step."""

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Contribution, Edition, Identifier, Organisation, Party, Registration, Work
from registry.models.base import new_public_id
from registry.search import sync
from registry.services import log
from registry.services.people import parties_of
from registry.services.work_facts import (
    AuthorFacts,
    EditionFacts,
    Pair,
    WorkFacts,
    check,
    checked_identifiers,
    edition_faults,
)

__all__ = ["AuthorFacts", "EditionFacts", "WorkFacts", "add_edition", "check", "register", "restore", "withdraw"]


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
    people = parties_of(facts.authors, organisation=organisation, is_public=_is_public(work))
    for position, (author, party) in enumerate(zip(facts.authors, people, strict=True)):
        placed = {"position": position}
        Contribution.objects.get_or_create(work=work, party=party, role=author.role, defaults=placed)
    for edition in facts.editions:  # before the work's own identifiers: one that is given for both is the edition's
        _create_edition(work, edition)
    _create_identifiers(work, None, facts.identifiers)
    for office, number, date in facts.registrations:
        Registration.objects.create(work=work, office=office, number=number, date=date)
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


def _is_public(work: Work) -> bool:
    return work.visibility == Work.Visibility.PUBLIC


@transaction.atomic
def add_edition(*, work: Work, facts: EditionFacts, actor: Actor) -> Edition:
    """Add one edition with its identifiers to a registered work.

    Raises NotAllowed (somebody else's work), InvalidInput, or Conflict (withdrawn, or another edition's identifier).
    """
    _require_registrant(work, actor)
    if work.withdrawn_at is not None:
        raise Conflict(f"“{work.title}” was withdrawn from the registry.")
    errors = list(edition_faults(facts, ""))
    if errors:
        raise InvalidInput(f"The edition was not added: {errors[0]['cause']}", errors=errors)
    for scheme, value in checked_identifiers(facts.identifiers, "")[0]:
        if Identifier.objects.filter(work=work, edition__isnull=False, scheme=scheme, value=value).exists():
            raise Conflict(f"{scheme} {value} is another edition's.", scheme=scheme, value=value)
    edition = _create_edition(work, facts)
    sync.refresh(work)
    logged = {"work": work.public_id} | _logged_edition(edition)
    log.stage("edition.added", subject=f"work:{work.public_id}", facts=logged, actor=actor)
    return edition


def _create_edition(work: Work, facts: EditionFacts) -> Edition:
    columns = ("title", "published", "publisher", "language", "translation", "source")
    people = [facts.translator] if facts.translator else []
    found = parties_of(people, organisation=work.registered_by, is_public=_is_public(work))
    edition = Edition.objects.create(
        work=work,
        translator=found[0] if found else None,
        **{name: getattr(facts, name) for name in columns},
    )
    _create_identifiers(work, edition, facts.identifiers)
    return edition


def _create_identifiers(work: Work, edition: Edition | None, pairs: Sequence[Pair]) -> None:
    """Write the identifiers in their canonical spelling. One that the work as such had becomes the edition's."""
    for scheme, value in checked_identifiers(pairs, "")[0]:
        row, _ = Identifier.objects.get_or_create(work=work, scheme=scheme, value=value, defaults={"edition": edition})
        if edition is not None and row.edition is None:
            row.edition = edition
            row.save(update_fields=["edition"])


def logged_facts(work: Work) -> dict[str, object]:
    """The facts of a work as the log records them: everything that a verdict may rest on."""
    return {
        "title": work.title,
        "subtitle": work.subtitle,
        "authors": [
            _logged_person(row.party) | {"role": row.role} for row in work.contributions.select_related("party")
        ],
        "kind": work.kind,
        "language": work.language,
        "first_published": work.first_published,
        "country": work.country,
        "authorship": work.authorship,
        "renewed": work.renewed,
        "source": work.source,
        "record_reference": work.record_reference,
        "identifiers": [str(row) for row in work.identifiers.all()],
        "editions": [_logged_edition(row) for row in work.editions.select_related("translator")],
        "registrations": [
            {"office": row.office, "number": row.number, "date": row.date.isoformat() if row.date else None}
            for row in work.registrations.all()
        ],
        "demo": work.demo,
        "visibility": work.visibility,
    }


def _logged_edition(edition: Edition) -> dict[str, object]:
    return {
        "id": edition.public_id,
        "title": edition.title,
        "published": edition.published,
        "publisher": edition.publisher,
        "language": edition.language,
        "translation": edition.translation,
        "translator": _logged_person(edition.translator) if edition.translator else None,
        "identifiers": [str(row) for row in edition.identifiers.all()],
    }


def _logged_person(party: Party) -> dict[str, str]:
    return {"name": party.name, "kind": party.kind, "born": party.born, "died": party.died}


@transaction.atomic
def withdraw(*, work: Work, reason: str, actor: Actor) -> None:
    """Take a work out of the registry's answers; its record and its history stay.

    Raises NotAllowed for somebody else's work and Conflict for one that was withdrawn before.
    """
    _require_registrant(work, actor)
    if not Work.objects.filter(pk=work.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This work was withdrawn before.")
    _record_standing("work.withdrawn", work, {"reason": reason}, actor)


@transaction.atomic
def restore(*, work: Work, actor: Actor) -> None:
    """Undo a withdrawal. Raises NotAllowed for somebody else's work and Conflict for one that stands."""
    _require_registrant(work, actor)
    if not Work.objects.filter(pk=work.pk, withdrawn_at__isnull=False).update(withdrawn_at=None):
        raise Conflict("This work is not withdrawn.")
    _record_standing("work.restored", work, {}, actor)


def _record_standing(kind: str, work: Work, facts: dict[str, object], actor: Actor) -> None:
    work.refresh_from_db(fields=["withdrawn_at"])
    log.stage(kind, subject=f"work:{work.public_id}", facts=facts, actor=actor)
    sync.refresh(work)


def _require_registrant(work: Work, actor: Actor) -> None:
    if actor.require_writer() != work.registered_by:
        raise NotAllowed("Only the organisation that registered a work can change it.", work=work.public_id)
