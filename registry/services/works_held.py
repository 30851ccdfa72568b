"""Works as they stand, many at once: their facts in the spelling of the log, in a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.models import Contribution, Edition, Identifier, Registration, Work

Facts = dict[str, Any]

WORK_COLUMNS = (
    *("title", "subtitle", "kind", "language", "first_published", "country", "authorship", "renewed", "source"),
    *("record_reference", "demo", "visibility"),
)
PERSON_COLUMNS = ("name", "kind", "born", "died")
EDITION_COLUMNS = ("title", "published", "publisher", "language", "translation")


@dataclass
class Held:
    """A work as it stands. `facts` are those of `works.logged_facts`, and the description, which the log leaves out."""

    pk: int
    public_id: str
    revision: int
    is_withdrawn: bool
    merged_into: int | None
    owner: int
    facts: Facts
    description: str
    editions: dict[str, int] = field(default_factory=dict)  # public id → primary key

    @property
    def reference(self) -> str:
        return str(self.facts["record_reference"])


def held(keys: Iterable[int]) -> dict[int, Held]:
    """The works with these primary keys, as they stand."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    found = _works(wanted)
    _add_people(found, wanted)
    _add_editions(found, wanted)
    registrations = Registration.objects.filter(work__any_of=wanted).order_by("date", "id")
    for work, office, number, date in registrations.values_list("work_id", "office", "number", "date"):
        facts = {"office": office, "number": number, "date": date.isoformat() if date else None}
        found[work].facts["registrations"].append(facts)
    return found


def _works(wanted: Sequence[int]) -> dict[int, Held]:
    plain = ("pk", "public_id", "revision", "withdrawn_at", "merged_into_id", "registered_by_id", "description")
    found: dict[int, Held] = {}
    for row in Work.objects.filter(pk__any_of=wanted).values_list(*plain, *WORK_COLUMNS):
        pk, public_id, revision, withdrawn_at, merged_into, owner, description, *values = row
        facts: Facts = dict(zip(WORK_COLUMNS, values, strict=True))
        facts |= {"authors": [], "identifiers": [], "editions": [], "registrations": []}
        is_withdrawn = withdrawn_at is not None
        found[pk] = Held(pk, public_id, revision, is_withdrawn, merged_into, owner, facts, description)
    return found


def _add_people(found: dict[int, Held], wanted: Sequence[int]) -> None:
    rows = Contribution.objects.filter(work__any_of=wanted).order_by("position", "id")
    people = [f"party__{name}" for name in PERSON_COLUMNS]
    for work, role, *person in rows.values_list("work_id", "role", *people):
        found[work].facts["authors"].append(dict(zip(PERSON_COLUMNS, person, strict=True)) | {"role": role})


def _add_editions(found: dict[int, Held], wanted: Sequence[int]) -> None:
    named: defaultdict[int | None, list[str]] = defaultdict(list)
    identifiers = Identifier.objects.filter(work__any_of=wanted).order_by("scheme", "value")
    for work, edition, scheme, value in identifiers.values_list("work_id", "edition_id", "scheme", "value"):
        found[work].facts["identifiers"].append(f"{scheme}:{value}")
        if edition is not None:
            named[edition].append(f"{scheme}:{value}")
    translators = [f"translator__{name}" for name in PERSON_COLUMNS]
    editions = Edition.objects.filter(work__any_of=wanted).order_by("published", "id")
    keys = ("pk", "work_id", "public_id", "translator_id")
    for pk, work, public_id, translator, *rest in editions.values_list(*keys, *EDITION_COLUMNS, *translators):
        values, person = rest[: len(EDITION_COLUMNS)], rest[len(EDITION_COLUMNS) :]
        facts: Facts = {"id": public_id} | dict(zip(EDITION_COLUMNS, values, strict=True))
        facts["translator"] = dict(zip(PERSON_COLUMNS, person, strict=True)) if translator else None
        facts["identifiers"] = named[pk]
        found[work].facts["editions"].append(facts)
        found[work].editions[public_id] = pk
