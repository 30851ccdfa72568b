"""Values of properties for the data extension of the Reconciliation Service API 0.2: what the public may know."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, prefetch_related_objects

import registry.access
from licensing.rules.terms import Purpose
from licensing.selectors import standing
from licensing.selectors.cases import Question
from registry.actors import ANONYMOUS
from registry.models import AIModel, Dataset, Identifier, Party, Work
from registry.models.base import ALPHABET

ID_CHARS = 12
Value = dict[str, Any]  # {"str": …} | {"int": …} | {"id": …, "name": …}
Row = Work | Dataset | AIModel | Party


@dataclass(frozen=True)
class Property:
    """What can be asked about entities of these types; `entities`: the type of its values, if they are entities."""

    id: str
    name: str
    description: str
    types: tuple[str, ...]
    entities: str = ""


PROPERTIES = (
    Property("title", "Title", "the title as registered", ("/work",)),
    Property("author", "Author", "persons and organisations that wrote it", ("/work", "/dataset")),
    Property("holder", "Holder", "who claims a right in it", ("/work",), "/holder"),
    Property("year", "Year", "of first publication, or of release", ("/work", "/model")),
    Property("publisher", "Publisher", "of any edition", ("/work",)),
    Property("isbn", "ISBN", "of any edition", ("/work",)),
    Property("doi", "DOI", "of the work or an edition", ("/work",)),
    Property("language", "Language", "as recorded", ("/work", "/dataset")),
    Property("status", "Licensing status", "for the use, territory and day in the settings", ("/work",)),
    Property("verdict", "Verdict", "for the use, territory and day in the settings", ("/work",)),
    Property("address", "Address", "the permanent page", ("/work", "/dataset", "/model", "/holder")),
    Property("declared_licence", "Declared licence", "as its publisher wrote it", ("/dataset", "/model")),
    Property("terms", "Terms of providers", "whose terms restrict it by contract", ("/dataset",)),
    Property("origin", "Origin", "where it came from", ("/dataset",)),
    Property("developer", "Developer", "who made it", ("/model",), "/holder"),
    Property("isni", "ISNI", "international standard name identifier", ("/holder",)),
    Property("country", "Country", "ISO 3166 code", ("/work", "/holder")),
)
BY_ID = {row.id: row for row in PROPERTIES}


def rows(ids: Sequence[str]) -> dict[str, Row]:
    """The public entities among these ids, by id."""
    querysets: Sequence[Any] = (
        registry.access.works(ANONYMOUS),
        registry.access.datasets(ANONYMOUS),
        AIModel.objects.select_related("developer"),
        registry.access.parties(ANONYMOUS),
    )
    known = [one for one in ids if len(one) == ID_CHARS and set(one) <= set(ALPHABET)]  # others are no ids of ours
    found: dict[str, Row] = {}
    for queryset in querysets:
        found |= {row.public_id: row for row in queryset.filter(public_id__in=known)}
    works: list[Model] = [row for row in found.values() if isinstance(row, Work)]
    prefetch_related_objects(works, "contributions__party", "editions", "identifiers", "rights_claims__holder")
    return found


def values(
    found: Mapping[str, Row], property_id: str, settings: Mapping[str, Any], address: Callable[[Row], str]
) -> dict[str, list[Value]]:
    """The values of one property for these entities, by id.

    `settings`: `as_of` (a date) always; `use` and `territory` of a status; `limit`, of values.
    """
    if property_id in ("status", "verdict"):
        return _standings(found, property_id, settings)
    limit = settings.get("limit") or 0
    read = {key: _read(row, property_id, address) for key, row in found.items()}
    return {key: held[:limit] if limit else held for key, held in read.items()}


def _standings(found: Mapping[str, Row], property_id: str, settings: Mapping[str, Any]) -> dict[str, list[Value]]:
    on: datetime.date = settings["as_of"]
    usual = standing.default_question(on)
    question = Question(
        settings.get("use") or usual.use, Purpose.COMMERCIAL.value, settings.get("territory") or usual.territory, on
    )
    works = {key: row for key, row in found.items() if isinstance(row, Work)}
    stand = standing.of_works(works.values(), question)
    return {key: [{"str": getattr(stand[works[key].pk], property_id)}] if key in works else [] for key in found}


def _read(row: Row, name: str, address: Callable[[Row], str]) -> list[Value]:
    if name == "address":
        return [{"str": address(row)}]
    if isinstance(row, Work):
        return _of_work(row, name)
    if isinstance(row, Dataset):
        said: dict[str, Sequence[str]] = {
            "author": row.creators,
            "language": row.languages,
            "declared_licence": [row.declared_licence],
            "terms": [one.get("provider", one["name"]) for one in row.licences if one["kind"] == "terms"],
            "origin": [row.origin],
        }
        return _strings(said.get(name, []))
    if isinstance(row, AIModel):
        if name == "developer":
            return [_entity(row.developer)]
        return _strings({"year": [row.released_on[:4]], "declared_licence": [row.licence]}.get(name, []))
    return _strings({"isni": [row.isni], "country": [row.country]}.get(name, []))


def _of_work(row: Work, name: str) -> list[Value]:
    if name == "author":
        return _strings([one.party.name for one in row.contributions.all() if one.role == "author"])
    if name == "holder":
        claims = [claim for claim in row.rights_claims.all() if claim.withdrawn_at is None]
        return [_entity(holder) for holder in {claim.holder_id: claim.holder for claim in claims}.values()]
    if name == "year":
        return [{"int": int(row.first_published[:4])}] if row.first_published else []
    if name == "publisher":
        return _strings([edition.publisher for edition in row.editions.all()])
    if name in Identifier.Scheme.values:
        return _strings([mark.value for mark in row.identifiers.all() if mark.scheme == name])
    return _strings({"title": [row.title], "language": [row.language], "country": [row.country]}.get(name, []))


def _strings(texts: Sequence[str]) -> list[Value]:
    return [{"str": text} for text in dict.fromkeys(texts) if text]


def _entity(party: Party) -> Value:
    return {"id": party.public_id, "name": party.name}
