"""A shelf: works with their texts and rights in TOML files, registered through the services that the pages use.

`samples/` is one. Loading is repeatable: what is there already, by record reference, stays as it is; a text whose
fingerprint is still being made is waited for, and one that failed is handed in again.
"""

import datetime
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.models import Deposit
from ingest.services import deposits
from licensing.models import Grant, Offer, OpenLicence, Reservation
from licensing.services import grants, offers, open_licences, reservations
from licensing.services.assertions import Scope
from registry.actors import Actor, system
from registry.errors import ColophonError, InvalidInput
from registry.models import Job, Organisation, Work
from registry.services import organisations, works
from registry.services.works import AuthorFacts, WorkFacts

PART = "shelf"


@dataclass(frozen=True)
class Loaded:
    """What a load did: every work of the shelf, how many are new, and the jobs of texts not fingerprinted yet."""

    works: list[Work]
    registered: int
    statements: int
    jobs: list[Job]


def read(path: Path) -> dict[str, Any]:
    """Parse one TOML file; raises InvalidInput naming the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path.name}: {error}", file=path.name) from None


def load(folder: Path) -> Loaded:
    """Register the works of `folder/shelf/works.toml`, hand in their texts and record `folder/rights.toml`."""
    rights = read(folder / "rights.toml")
    with _naming("rights.toml", "organisations"):
        actors = {row["slug"]: _organisation_actor(row) for row in rights["organisations"]}
        registrar = actors[rights["organisations"][0]["slug"]]
    loaded: list[Work] = []
    jobs: list[Job] = []
    registered = 0
    for number, row in enumerate(read(folder / "shelf" / "works.toml").get("works", []), start=1):
        with _naming("shelf/works.toml", row.get("record_reference", f"row {number}")):
            work, is_new = _work(row, registrar)
            registered += is_new
            loaded.append(work)
            job = _text(work, folder / row["text"], row["deposit"], registrar)
            if job:
                jobs.append(job)
    by_reference = {work.record_reference: work for work in loaded}
    statements = 0
    for number, row in enumerate(rights.get("assertions", []), start=1):
        with _naming("rights.toml", row.get("id", f"assertion {number}")):
            work = by_reference[row["record_reference"]]
            statements += _statement(row, work, actors[_slug(row["asserted_by"])])
    return Loaded(loaded, registered, statements, jobs)


@contextmanager
def _naming(file: str, row: str) -> Iterator[None]:
    """Say of which file and row a fault is."""
    try:
        yield
    except (KeyError, IndexError) as error:
        raise InvalidInput(f"{file}: {row}: {error} is missing or unknown.", file=file, row=row) from None
    except ColophonError as error:
        raise InvalidInput(f"{file}: {row}: {error.sentence}", file=file, row=row) from None


def _text(work: Work, path: Path, mode: str, actor: Actor) -> Job | None:
    """Hand in the work's text unless a standing deposit has its fingerprint; returns the job to wait for, if any."""
    standing = Deposit.objects.filter(work=work, withdrawn_at__isnull=True)
    if standing.filter(fingerprint__segments__retired_at__isnull=True, fingerprint__segments__isnull=False).exists():
        return None
    waiting = standing.exclude(job=None).exclude(job__state__in=Job.ENDED).order_by("id").last()
    return waiting.job if waiting else deposits.keep(work=work, path=path, mode=mode, actor=actor).job


def _organisation_actor(row: dict[str, Any]) -> Actor:
    known = row["kind"] in Organisation.Kind.values  # "publisher", "agent": what a company is by trade
    kind = row["kind"] if known else Organisation.Kind.COMPANY
    organisation = organisations.create(
        slug=row["slug"], name=row["name"], kind=kind, demo=row["demo"], actor=system(PART)
    )
    return system(PART, organisation)


def _work(row: dict[str, Any], actor: Actor) -> tuple[Work, bool]:
    reference = row["record_reference"]
    existing = Work.objects.filter(registered_by=actor.organisation, record_reference=reference).first()
    if existing:
        return existing, False
    authors = [
        AuthorFacts(
            name=author["name"],
            born=author.get("born", ""),
            died=author.get("died", ""),
            kind=author.get("kind", "person"),
        )
        for author in row.get("authors", [])
    ]
    pairs = [(scheme, value) for scheme, values in row.get("identifiers", {}).items() for value in values]
    facts = WorkFacts(
        title=row["title"],
        subtitle=row.get("subtitle", ""),
        authors=authors,
        language=row.get("language", ""),
        kind=row.get("kind", Work.Kind.BOOK),
        authorship=row.get("authorship", Work.Authorship.INDIVIDUAL),
        first_published=row.get("first_published", ""),
        country=row.get("country", ""),
        description=row.get("dates", ""),
        source=" · ".join(part for part in (row.get("source"), row.get("address")) if part),
        record_reference=reference,
        identifiers=pairs,
    )
    return works.register(facts, actor=actor), True


def _slug(party: str) -> str:
    return party.removeprefix("org:")


def _statement(row: dict[str, Any], work: Work, actor: Actor) -> bool:
    """Record one row of rights.toml unless it stands there already; True when it is new."""
    kind = row["kind"]
    models = {"grant": Grant, "reservation": Reservation, "offer": Offer, "open_licence": OpenLicence}
    rows = models[kind]._default_manager
    if rows.filter(work=work, asserted_by=actor.organisation, statement=row["statement"]).exists():
        return False
    scope = _scope(row)
    if kind == "grant":
        licensee = Organisation.objects.filter(slug=_slug(row["licensee"])).first()
        if licensee is None:
            raise InvalidInput(f"there is no organisation {row['licensee']}")
        grants.issue(work=work, licensee=licensee, scope=scope, duties=row.get("duties", []), actor=actor)
    elif kind == "reservation":
        reservations.record(work=work, scope=scope, machine_readable=row["machine_readable"], actor=actor)
    elif kind == "offer":
        address = row.get("source_address", "")
        offers.publish(work=work, scope=scope, terms=row["statement"], address=address, actor=actor)
    else:
        open_licences.declare(work=work, licence=row["licence"], scope=scope, actor=actor)
    return True


def _scope(row: dict[str, Any]) -> Scope:
    return Scope(
        capacity=row["capacity"],
        licensor=row.get("holder", ""),
        verification=row["verification"],
        uses=row.get("uses", ()),
        purposes=row.get("purposes", ()),
        territory=row.get("territory", ()),
        valid_from=_day(row.get("valid_from")),
        valid_to=_day(row.get("valid_to")),
        observed_at=_day(row.get("observed_at")),
        source_format=row.get("source_format", ""),
        source_address=row.get("source_address", ""),
        statement=row["statement"],
        demo=row["demo"],
    )


def _day(value: object) -> datetime.date | None:
    if value is None or isinstance(value, datetime.date):
        return value
    return datetime.date.fromisoformat(str(value))
