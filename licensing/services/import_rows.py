"""One record of an import: what it says of a work, and every fault of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from licensing.services import statements_bulk
from registry import folding
from registry.importers.rows import DELETE, UPDATE, UPSERT, CatalogueRow, Message, Person, RightsStatement
from registry.models import Work
from registry.models.base import new_public_id
from registry.services.work_facts import AuthorFacts, EditionFacts, WorkFacts, check, checked_identifiers
from registry.services.works_held import Facts

Fault = dict[str, str]

SEVERITIES = "IQWEF"  # from a remark to the end of reading (ONIX Acknowledgement)
REFUSING = frozenset("EF")
VALUE_CHARS = 200
MAX_REFERENCE_CHARS = 200
BY_TITLE = "title:"  # begins a reference that stands in for one
UPLOAD_AGAIN = "Correct the value in the file and upload the file again."


@dataclass
class Said:
    """A record as it can be stored. `facts` in the spelling of `works.logged_facts`; None where it only withdraws."""

    number: int
    reference: str
    action: str
    title: str = ""
    facts: Facts | None = None
    description: str = ""
    statements: tuple[RightsStatement, ...] = ()
    faults: list[Fault] = field(default_factory=list)
    raw: str = ""
    public_id: str = field(default_factory=new_public_id)  # the work's, should it be new
    work_key: str = ""  # records of one sender that share it are editions of one work
    named: tuple[str, ...] = ()  # ISBNs of what is to be withdrawn

    @property
    def is_valid(self) -> bool:
        return not any(fault["severity"] in REFUSING for fault in self.faults)

    @property
    def isbns(self) -> list[str]:
        names = self.facts["identifiers"] if self.facts else []
        return [name.removeprefix("isbn:") for name in names if name.startswith("isbn:")]

    def add(  # noqa: PLR0917 (the parts of a fault, in the order in which a report shows them)
        self, column: str, value: str, severity: str, code: str, cause: str, fix: str = UPLOAD_AGAIN
    ) -> None:
        """Note a fault of the record."""
        self.faults.append(
            {
                "column": column,
                "value": value[:VALUE_CHARS],
                "severity": severity,
                "code": code,
                "cause": cause,
                "fix": fix,
            }
        )


def read(row: CatalogueRow, *, visibility: str, source: str, has_references: bool = True) -> Said:
    """What the record says, its identifiers in their canonical spelling, with every fault that was found in it.

    `has_references`: other records of the file have a reference, so one without is worth a remark.
    """
    said = Said(
        number=row.number,
        reference=row.reference.strip(),
        action=row.action,
        title=row.title.strip()[:500],
        faults=[message_fault(message) for message in row.messages],
        raw=row.raw,
        statements=row.statements,
        work_key=row.work_key,
    )
    if row.action not in (UPSERT, UPDATE, DELETE):
        said.add("", row.action, "E", "ACTION_UNKNOWN", "It is not known what is to be done with this record.")
    authors = [_author(person) for person in row.people]
    editions = [_edition(edition, said) for edition in row.editions]
    own = _identifiers(row.identifiers, said)
    if not said.reference:
        said.reference = _derived_reference(row, said, own, editions)
        if has_references and said.reference.startswith(BY_TITLE):
            cause = "Without a reference or an ISBN the work is recognised next time by title, author and year alone."
            said.add(
                "record_reference", "", "I", "REFERENCE_MISSING", cause, "Give each record a reference that stays."
            )
    if len(said.reference) > MAX_REFERENCE_CHARS:
        cause = f"The reference has {len(said.reference)} characters; {MAX_REFERENCE_CHARS} are possible."
        said.add("record_reference", said.reference, "E", "REFERENCE_TOO_LONG", cause)
        said.reference = said.reference[:MAX_REFERENCE_CHARS]
    if row.action == DELETE:
        pairs = [*own, *(pair for edition in editions for pair in edition.identifiers)]
        said.named = tuple(value for scheme, value in pairs if scheme == "isbn")
        return said
    facts = WorkFacts(
        title=row.title,
        subtitle=row.subtitle,
        authors=authors,
        language=row.language,
        kind=row.kind,
        first_published=row.first_published,
        country=row.country,
        description=row.description,
        source=source,
        record_reference=said.reference,
        identifiers=own,
        editions=editions,
        visibility=visibility,
    )
    refused = {fault["value"] for fault in said.faults if fault["severity"] in REFUSING}
    for fault in check(facts, are_canonical=True):
        column = fault["pointer"].strip("/")
        value = _value_at(facts, column)
        if row.action == UPDATE and column == "title" and not row.title:
            continue  # it says nothing of the title; the work has one
        if value not in refused:  # the reader has said why
            said.add(column, value, "E", "VALUE_REFUSED", fault["cause"])
    for fault in statements_bulk.said_faults(row.statements):
        said.add("rights", fault["pointer"], "E", "STATEMENT_REFUSED", fault["cause"])
    said.facts = _spelt(facts)
    said.description = row.description
    return said


def message_fault(message: Message) -> Fault:
    """A reader's remark as it is stored."""
    fault = {name: _storable(str(text)) for name, text in asdict(message).items()}
    fault["value"] = fault["value"][:VALUE_CHARS]
    fault |= {name: as_sentence(fault[name]) for name in ("cause", "fix")}
    return fault | {"severity": message.severity if message.severity in SEVERITIES else "E"}


def as_sentence(text: str) -> str:
    """The text with a capital and a full stop, as people read it in a report."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if not text or text[-1] in ".!?…。" else ".")


def worst(faults: Sequence[Fault]) -> str:
    """The highest severity among the faults; "" where there is none."""
    return max((fault["severity"] for fault in faults), key=SEVERITIES.index, default="")


def _storable(text: str) -> str:
    return text.replace("\0", "\ufffd")


def _author(person: Person) -> AuthorFacts:
    return AuthorFacts(
        name=person.name.strip(),
        born=person.born,
        died=person.died,
        role=person.role,
        kind=person.kind,
        isni=person.isni,
        other_names=person.other_names,
    )


def _edition(edition: Any, said: Said) -> EditionFacts:
    return EditionFacts(
        title=edition.title.strip(),
        published=edition.published,
        publisher=edition.publisher.strip(),
        language=edition.language,
        translation=edition.translation,
        identifiers=_identifiers(edition.identifiers, said),
        source=edition.note,
    )


def _identifiers(pairs: Sequence[tuple[str, str]], said: Said) -> list[tuple[str, str]]:
    """The ones that are well formed. A reader that spoke of a faulty one has said enough."""
    good, faults = checked_identifiers(pairs, "")
    mentioned = {fault["value"] for fault in said.faults}
    for fault in faults:
        scheme, value = pairs[int(fault["pointer"].strip("/").split("/")[0])]
        if value[:VALUE_CHARS] not in mentioned:
            said.add(scheme, value, "W", "IDENTIFIER_LEFT_OUT", f"{fault['cause']} The work is known without it.")
    return good


def _derived_reference(
    row: CatalogueRow, said: Said, own: Sequence[tuple[str, str]], editions: Sequence[EditionFacts]
) -> str:
    """What stands in for a reference that the record does not give: it stays the same when the file comes again."""
    pairs = [*own, *(pair for edition in editions for pair in edition.identifiers)]
    isbn = next((value for scheme, value in pairs if scheme == "isbn"), None)
    if isbn:
        return f"isbn:{isbn}"
    if row.action == DELETE:
        said.add("record_reference", "", "E", "REFERENCE_MISSING", "It does not say which work is to be withdrawn.")
        return ""
    year = next((edition.published[:4] for edition in editions if edition.published), row.first_published[:4])
    parts = [row.title, row.subtitle, *(person.name for person in row.people[:1]), year]
    return f"{BY_TITLE}{hashlib.sha256('|'.join(map(folding.fold, parts)).encode()).hexdigest()[:32]}"


def _value_at(facts: WorkFacts, column: str) -> str:
    """The value that a pointer names, for the report."""
    found: Any = facts
    for part in column.split("/"):
        try:
            found = found[int(part)] if isinstance(found, list | tuple) else getattr(found, part)
        except (AttributeError, IndexError, ValueError):
            return ""
    return _storable(found[:VALUE_CHARS]) if isinstance(found, str) else ""


def _spelt(facts: WorkFacts) -> Facts:
    """The facts in the spelling of the log, with what else is said of the people."""
    editions = [
        {
            "title": edition.title,
            "published": edition.published,
            "publisher": edition.publisher,
            "language": edition.language,
            "translation": edition.translation,
            "identifiers": [f"{scheme}:{value}" for scheme, value in edition.identifiers],
            "source": edition.source,
        }
        for edition in facts.editions
    ]
    names = [f"{scheme}:{value}" for scheme, value in facts.identifiers]
    names += [name for edition in editions for name in edition["identifiers"]]  # type: ignore[attr-defined]
    return {
        "title": facts.title.strip(),
        "subtitle": facts.subtitle.strip(),
        "authors": [_spelt_author(author) for author in facts.authors],
        "kind": facts.kind,
        "language": facts.language,
        "first_published": facts.first_published,
        "country": facts.country,
        "authorship": Work.Authorship.INDIVIDUAL.value,
        "renewed": None,
        "source": facts.source,
        "record_reference": facts.record_reference,
        "identifiers": sorted(set(names)),
        "editions": editions,
        "registrations": [],
        "demo": False,
        "visibility": facts.visibility,
    }


def _spelt_author(author: AuthorFacts) -> Facts:
    facts: Facts = {
        "name": author.name,
        "kind": author.kind,
        "born": author.born,
        "died": author.died,
        "role": author.role,
    }
    if author.isni:
        facts["isni"] = author.isni
    if author.other_names:
        facts["other_names"] = list(author.other_names)
    return facts
