"""The facts of a work: read from its rows, as the log and its revisions keep them, and written to its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from registry.errors import Conflict
from registry.models import Contribution, Edition, Identifier, Party, Registration, Work
from registry.services.people import parties_of
from registry.services.work_facts import AuthorFacts, EditionFacts, Pair, WorkFacts, checked_identifiers

Json = dict[str, Any]

COLUMNS = (
    "title", "subtitle", "language", "kind", "first_published", "country", "authorship", "renewed", "description",
    "source", "record_reference",
)  # fmt: skip
EDITION_COLUMNS = ("title", "published", "publisher", "language", "translation", "source")


def facts_of(work: Work) -> WorkFacts:
    """What is on record about a work, in the shape in which it is registered and amended."""
    return WorkFacts(
        **{name: getattr(work, name) for name in COLUMNS},
        demo=work.demo,
        visibility=work.visibility,
        authors=[
            person_facts(row.party, row.role)
            for row in work.contributions.select_related("party").order_by("position", "id")
        ],
        identifiers=[(row.scheme, row.value) for row in work.identifiers.all() if row.edition_id is None],
        editions=[
            edition_facts(row) for row in work.editions.select_related("translator").prefetch_related("identifiers")
        ],
        registrations=[
            (row.office, row.number, row.date.isoformat() if row.date else None) for row in work.registrations.all()
        ],
    )


def person_facts(party: Party, role: str = Contribution.Role.AUTHOR) -> AuthorFacts:
    """A party as the facts of a work name it."""
    return AuthorFacts(
        name=party.name,
        born=party.born,
        died=party.died,
        role=role,
        name_zh=party.name_zh,
        kind=party.kind,
        isni=party.isni,
        other_names=list(party.other_names),
    )


def edition_facts(edition: Edition) -> EditionFacts:
    """An edition as the facts of a work name it, with the id that it keeps."""
    return EditionFacts(
        id=edition.public_id,
        **{name: getattr(edition, name) for name in EDITION_COLUMNS},
        translator=person_facts(edition.translator) if edition.translator else None,
        identifiers=[(row.scheme, row.value) for row in edition.identifiers.all()],
    )


def logged_facts(work: Work) -> Json:
    """The facts of a work as the log and its revisions record them: everything that a verdict may rest on."""
    return {
        **{name: getattr(work, name) for name in COLUMNS if name != "description"},
        "authors": [
            _logged_person(row.party) | {"role": row.role} for row in work.contributions.select_related("party")
        ],
        "identifiers": [str(row) for row in work.identifiers.all()],
        "editions": [logged_edition(row) for row in work.editions.select_related("translator")],
        "registrations": [
            {"office": row.office, "number": row.number, "date": row.date.isoformat() if row.date else None}
            for row in work.registrations.all()
        ],
        "demo": work.demo,
        "visibility": work.visibility,
    }


def logged_edition(edition: Edition) -> Json:
    """The facts of one edition as the log records them."""
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


def _logged_person(party: Party) -> Json:
    known = {"name": party.name, "kind": party.kind, "born": party.born, "died": party.died}
    return known | ({"isni": party.isni} if party.isni else {})


def revision_facts(work: Work) -> Json:
    """What a revision keeps: the logged facts, and the description, which is nothing that a verdict rests on."""
    return logged_facts(work) | {"description": work.description}


def of_revision(stored: Mapping[str, Any]) -> WorkFacts:
    """The facts that a revision kept, in the shape in which a work is amended."""
    return WorkFacts(
        **{name: stored[name] for name in COLUMNS if name in stored},
        authors=[_person_of(row) for row in stored["authors"]],
        identifiers=[_pair_of(text) for text in stored["identifiers"]],
        editions=[_edition_of(row) for row in stored["editions"]],
        registrations=[(row["office"], row["number"], row["date"]) for row in stored["registrations"]],
    )


def _edition_of(stored: Mapping[str, Any]) -> EditionFacts:
    columns = {name: stored[name] for name in ("id", *EDITION_COLUMNS) if name in stored}
    return EditionFacts(
        **columns,
        translator=_person_of(stored["translator"]) if stored["translator"] else None,
        identifiers=[_pair_of(text) for text in stored["identifiers"]],
    )


def _person_of(stored: Mapping[str, Any]) -> AuthorFacts:
    return AuthorFacts(**stored)


def _pair_of(text: str) -> Pair:
    scheme, _, value = text.partition(":")
    return scheme, value


def write(work: Work, facts: WorkFacts) -> None:
    """Make the rows of a work say these facts, which were checked; rows that say them already stay as they are.

    Visibility and `demo` are not facts that this changes. Raises Conflict where an edition would have to go that a
    text or a match rests on.
    """
    reference = work.record_reference
    for name in COLUMNS:
        value = getattr(facts, name)
        setattr(work, name, value.strip() if name in ("title", "subtitle", "record_reference") else value)
    work.record_reference = work.record_reference or reference  # a work always has one
    work.save(update_fields=COLUMNS)
    write_people(work, facts.authors)
    editions = write_editions(work, facts.editions)
    _write_identifiers(work, facts, editions)
    _write_registrations(work, facts.registrations)


def write_people(work: Work, authors: Sequence[AuthorFacts]) -> None:
    """Make the work's contributions those of these people, in this order."""
    parties = parties_of(authors, organisation=work.registered_by, is_public=is_public(work))
    pairs = [(party.pk, str(person.role)) for person, party in zip(authors, parties, strict=True)]
    wanted = list(dict.fromkeys(pairs))
    held = list(work.contributions.order_by("position", "id").values_list("party_id", "role"))
    if wanted == held:
        return
    work.contributions.all().delete()
    Contribution.objects.bulk_create(
        Contribution(work=work, party_id=party, role=role, position=position)
        for position, (party, role) in enumerate(wanted)
    )


def is_public(work: Work) -> bool:
    """Whether the work is no draft."""
    return work.visibility == Work.Visibility.PUBLIC


def write_editions(work: Work, wanted: Sequence[EditionFacts]) -> list[Edition]:
    """The editions of these facts, in their order: those that were there, changed where they differ, and new ones."""
    held = {row.public_id: row for row in work.editions.prefetch_related("identifiers")}
    by_identifier = {str(mark): row.public_id for row in held.values() for mark in row.identifiers.all()}
    translators = parties_of(
        [edition.translator for edition in wanted if edition.translator],
        organisation=work.registered_by,
        is_public=is_public(work),
    )
    found: list[Edition] = []
    for facts in wanted:
        translator = translators.pop(0) if facts.translator else None
        row = held.pop(_known_as(facts, held, by_identifier), None)
        found.append(_write_edition(row or Edition(work=work), facts, translator))
    for row in held.values():
        _require_unused(row)
        row.delete()
    return found


def _known_as(facts: EditionFacts, held: Mapping[str, Edition], by_identifier: Mapping[str, str]) -> str:
    """The public id of the edition that these facts are about, empty for a new one."""
    if facts.id in held:
        return facts.id
    for scheme, value in checked_identifiers(facts.identifiers, "")[0]:
        if (public_id := by_identifier.get(f"{scheme}:{value}", "")) in held:
            return public_id
    said = (facts.title, facts.published, facts.publisher, facts.language)
    same = (key for key, row in held.items() if (row.title, row.published, row.publisher, row.language) == said)
    return next(same, "")


def _write_edition(row: Edition, facts: EditionFacts, translator: Party | None) -> Edition:
    values = {name: getattr(facts, name) for name in EDITION_COLUMNS} | {"translator_id": translator and translator.pk}
    if row.pk is not None and all(getattr(row, name) == value for name, value in values.items()):
        return row
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def _require_unused(edition: Edition) -> None:
    """Refuse to delete what texts or matches point at: what was found there is on record."""
    for relation in Edition._meta.get_fields(include_hidden=True):
        if not relation.auto_created or not relation.one_to_many or relation.related_model is Identifier:
            continue
        model: Any = relation.related_model
        if model._default_manager.filter(**{relation.field.name: edition}).exists():  # type: ignore[union-attr]
            sentence = f"The edition “{edition}” cannot be taken away: texts or matches rest on it."
            raise Conflict(sentence, edition=edition.public_id)


def _write_identifiers(work: Work, facts: WorkFacts, editions: Sequence[Edition]) -> None:
    """An identifier that is given for the work and for one of its editions is the edition's."""
    wanted: dict[Pair, int | None] = dict.fromkeys(checked_identifiers(facts.identifiers, "")[0])
    for edition, said in zip(editions, facts.editions, strict=True):
        wanted |= dict.fromkeys(checked_identifiers(said.identifiers, "")[0], edition.pk)
    held = {(row.scheme, row.value): row for row in Identifier.objects.filter(work=work)}
    gone = [row.pk for pair, row in held.items() if pair not in wanted]
    if gone:
        Identifier.objects.filter(pk__in=gone).delete()
    moved = [row for pair, row in held.items() if pair in wanted and row.edition_id != wanted[pair]]
    for row in moved:
        row.edition_id = wanted[row.scheme, row.value]
    Identifier.objects.bulk_update(moved, ["edition"])
    Identifier.objects.bulk_create(
        Identifier(work=work, edition_id=edition, scheme=pair[0], value=pair[1])
        for pair, edition in wanted.items()
        if pair not in held
    )


def _write_registrations(work: Work, wanted: Sequence[tuple[str, str, str | None]]) -> None:
    rows = work.registrations.all()
    held = [(row.office, row.number, row.date.isoformat() if row.date else None) for row in rows]
    if sorted(map(repr, held)) == sorted(repr(tuple(row)) for row in wanted):
        return
    rows.delete()
    Registration.objects.bulk_create(
        Registration(work=work, office=office, number=number, date=date) for office, number, date in wanted
    )
