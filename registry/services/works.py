"""Registering works: the rows, the identifiers checked by the library, one log entry, one index job."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models.functions import Now

from registry import identifiers, jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput
from registry.models import Contribution, Edition, Identifier, Party, Registration, Work
from registry.models.base import PARTIAL_DATE, new_public_id
from registry.search import folding
from registry.services import log


@dataclass(frozen=True)
class AuthorFacts:
    """Somebody who made the work; dates are as recorded ("1775", "1775-12-16") or empty."""

    name: str
    born: str = ""
    died: str = ""
    role: str = Contribution.Role.AUTHOR
    name_zh: str = ""
    kind: str = Party.Kind.PERSON


@dataclass(frozen=True)
class EditionFacts:
    """One published form of the work."""

    title: str = ""
    published: str = ""
    publisher: str = ""
    language: str = ""
    translation: bool = False
    translator: AuthorFacts | None = None
    identifiers: Sequence[tuple[str, str]] = ()
    source: str = ""


@dataclass(frozen=True)
class WorkFacts:
    """What a registrant says about a work. Empty means not recorded."""

    title: str
    authors: Sequence[AuthorFacts] = ()
    subtitle: str = ""
    language: str = ""
    kind: str = Work.Kind.BOOK
    first_published: str = ""
    country: str = ""
    authorship: str = Work.Authorship.INDIVIDUAL
    renewed: bool | None = None
    description: str = ""
    source: str = ""
    record_reference: str = ""
    identifiers: Sequence[tuple[str, str]] = ()
    editions: Sequence[EditionFacts] = field(default_factory=tuple)
    registrations: Sequence[tuple[str, str, str | None]] = ()  # office, number, date
    demo: bool = False


def checked_identifiers(pairs: Sequence[tuple[str, str]], pointer: str) -> tuple[list[tuple[str, str]], list[dict]]:
    """Return (canonical identifiers, errors): every wrong one is reported, none is dropped silently."""
    good: list[tuple[str, str]] = []
    errors: list[dict[str, str]] = []
    for number, (scheme, value) in enumerate(pairs):
        try:
            pair = (scheme, identifiers.normalise(scheme, value))
        except identifiers.IdentifierError as error:
            errors.append({"pointer": f"{pointer}/{number}", "cause": str(error)})
            continue
        if pair not in good:
            good.append(pair)
    return good, errors


def check(facts: WorkFacts) -> list[dict[str, str]]:
    """Every fault of these facts, with JSON pointers; empty when they can be registered."""
    errors: list[dict[str, str]] = []
    if not facts.title.strip():
        errors.append({"pointer": "/title", "cause": "A work needs a title."})
    if facts.kind not in Work.Kind.values:
        errors.append({"pointer": "/kind", "cause": f"{facts.kind!r} is not one of {', '.join(Work.Kind.values)}."})
    dates = [("/first_published", facts.first_published)]
    dates += [(f"/editions/{number}/published", edition.published) for number, edition in enumerate(facts.editions)]
    for number, author in enumerate(facts.authors):
        dates += [(f"/authors/{number}/born", author.born), (f"/authors/{number}/died", author.died)]
    for pointer, value in dates:
        if value and not re.fullmatch(PARTIAL_DATE, value):
            errors.append({"pointer": pointer, "cause": f"{value!r} is not a date like 1813, 1813-01 or 1813-01-28."})
    errors += checked_identifiers(facts.identifiers, "/identifiers")[1]
    for number, edition in enumerate(facts.editions):
        errors += checked_identifiers(edition.identifiers, f"/editions/{number}/identifiers")[1]
    return errors


@transaction.atomic
def register(facts: WorkFacts, *, actor: Actor) -> Work:
    """Write the work with its people, editions and identifiers, stage one log entry and the search job.

    Raises InvalidInput with every fault, or Conflict when the organisation already has this record reference.
    """
    organisation = actor.require_writer()
    errors = check(facts)
    if errors:
        raise InvalidInput(f"“{facts.title}” was not registered: {errors[0]['cause']}", errors=errors)
    public_id = new_public_id()
    reference = facts.record_reference or public_id
    if Work.objects.filter(registered_by=organisation, record_reference=reference).exists():
        raise Conflict(f"{organisation} has already registered a work under {reference}.", record_reference=reference)
    work = Work.objects.create(
        public_id=public_id,
        title=facts.title.strip(),
        subtitle=facts.subtitle.strip(),
        language=facts.language,
        kind=facts.kind,
        first_published=facts.first_published,
        country=facts.country,
        authorship=facts.authorship,
        renewed=facts.renewed,
        description=facts.description,
        source=facts.source,
        record_reference=reference,
        registered_by=organisation,
        demo=facts.demo,
    )
    for position, author in enumerate(facts.authors):
        Contribution.objects.create(work=work, party=party_of(author), role=author.role, position=position)
    _add_identifiers(work, None, facts.identifiers)
    for edition in facts.editions:
        add_edition(work, edition)
    for office, number, date in facts.registrations:
        Registration.objects.create(work=work, office=office, number=number, date=date)
    refresh_search(work)
    log.stage("work.registered", subject=f"work:{public_id}", facts=logged_facts(work), actor=actor)
    jobs.enqueue("search_index", organisation=organisation, work_id=work.pk)
    return work


def party_of(author: AuthorFacts) -> Party:
    """The party with this name and these dates, made if it is new. Two people of one name differ by their dates."""
    party, _ = Party.objects.get_or_create(
        name=author.name.strip(),
        born=author.born,
        died=author.died,
        kind=author.kind,
        defaults={"name_zh": author.name_zh},
    )
    return party


def add_edition(work: Work, facts: EditionFacts) -> Edition:
    """Add one edition with its identifiers (part of the caller's transaction)."""
    edition = Edition.objects.create(
        work=work,
        title=facts.title,
        published=facts.published,
        publisher=facts.publisher,
        language=facts.language,
        translation=facts.translation,
        translator=party_of(facts.translator) if facts.translator else None,
        source=facts.source,
    )
    _add_identifiers(work, edition, facts.identifiers)
    return edition


def _add_identifiers(work: Work, edition: Edition | None, pairs: Sequence[tuple[str, str]]) -> None:
    for scheme, value in checked_identifiers(pairs, "")[0]:
        Identifier.objects.get_or_create(work=work, scheme=scheme, value=value, defaults={"edition": edition})


def refresh_search(work: Work) -> None:
    """Write the folded words that search on PostgreSQL reads."""
    text = " ".join([work.title, work.subtitle, work.author_names])
    work.search_text = folding.fold(text)
    work.search_tokens = folding.tokens(text)
    work.save(update_fields=["search_text", "search_tokens"])


def logged_facts(work: Work) -> dict[str, object]:
    """The facts of a work as the log records them."""
    return {
        "title": work.title,
        "authors": [
            {"name": row.party.name, "born": row.party.born, "died": row.party.died, "role": row.role}
            for row in work.contributions.select_related("party")
        ],
        "kind": work.kind,
        "language": work.language,
        "first_published": work.first_published,
        "country": work.country,
        "record_reference": work.record_reference,
        "identifiers": [f"{row.scheme}:{row.value}" for row in work.identifiers.all()],
        "editions": [
            {
                "id": row.public_id,
                "published": row.published,
                "publisher": row.publisher,
                "translation": row.translation,
            }
            for row in work.editions.all()
        ],
        "demo": work.demo,
    }


@transaction.atomic
def withdraw(*, work: Work, reason: str, actor: Actor) -> None:
    """Take a work out of the registry's answers; its record and its history stay. Withdrawing twice is a Conflict."""
    if actor.require_writer() != work.registered_by:
        raise Conflict("Only the organisation that registered a work can withdraw it.")
    if not Work.objects.filter(pk=work.pk, withdrawn_at__isnull=True).update(withdrawn_at=Now()):
        raise Conflict("This work was withdrawn before.")
    log.stage("work.withdrawn", subject=f"work:{work.public_id}", facts={"reason": reason}, actor=actor)
    jobs.enqueue("search_index", organisation=work.registered_by, work_id=work.pk)


@transaction.atomic
def restore(*, work: Work, actor: Actor) -> None:
    """Undo a withdrawal."""
    if actor.require_writer() != work.registered_by:
        raise Conflict("Only the organisation that registered a work can restore it.")
    if not Work.objects.filter(pk=work.pk, withdrawn_at__isnull=False).update(withdrawn_at=None):
        raise Conflict("This work is not withdrawn.")
    log.stage("work.restored", subject=f"work:{work.public_id}", facts={}, actor=actor)
    jobs.enqueue("search_index", organisation=work.registered_by, work_id=work.pk)
