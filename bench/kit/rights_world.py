"""Works with what publishers say of them, and a scan that found them all: as many as a measurement wants.

Each publisher says the same of all its books, as publishers do: who holds the right, a reservation of its own day, for
some a grant to the firm that asks, an offer, an open licence. Dates and authors differ from work to work.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from ingest.models import Match, Scan
from licensing.models import Grant, Offer, OpenLicence, Reservation
from registry.actors import Actor, system
from registry.models import Contribution, Identifier, Item, Organisation, Party, Registration, RightsClaim, Work
from registry.services import copying, datasets, organisations

PUBLISHERS = 40
DAY = datetime.date(2024, 6, 1)
EVERY_NINTH_ISBN = 9_780_000_000_000


@dataclass
class World:
    """The firm that asks, and its scan."""

    firm: Actor
    scan: Scan
    works: int
    statements: int


@transaction.atomic
def build(works: int, seed: int = 1) -> World:
    """Store the world; every work is found in a document of its own."""
    draw = random.Random(seed)
    presses = [
        organisations.create(slug=f"press-{n}", name=f"Press {n}", actor=system("bench")) for n in range(PUBLISHERS)
    ]
    holders = [Party(name=press.name) for press in presses]
    copying.create(holders)
    lab = organisations.create(slug="bench-firm", name="Firm", actor=system("bench"))
    firm = system("bench", lab)
    of = [draw.randrange(PUBLISHERS) for _ in range(works)]
    years = [draw.randint(1890, 2023) for _ in range(works)]
    rows = [
        Work(
            title=f"Book {number}",
            first_published=f"{years[number]}-{draw.randint(1, 12):02d}",
            country=draw.choice(["US", "GB", "DE", "CN", ""]),
            renewed=draw.choice([None, None, False, True]) if years[number] < 1964 else None,
            record_reference=f"bench-{number}",
            registered_by=presses[of[number]],
        )
        for number in range(works)
    ]
    copying.create(rows)
    _people(rows, years, draw)
    said = _statements(list(zip(rows, of, strict=True)), (presses, holders), lab, draw)
    return World(firm, _scan(rows, firm), works, said)


def _people(rows: list[Work], years: list[int], draw: random.Random) -> None:
    parties = [
        Party(name=f"Author {n}", died=str(year + draw.randint(0, 50)) if draw.random() < 0.6 else "")
        for n, year in enumerate(years)
    ]
    copying.create(parties)
    copying.create([Contribution(work=row, party=party) for row, party in zip(rows, parties, strict=True)])
    copying.create([Identifier(work=row, scheme="isbn", value=str(EVERY_NINTH_ISBN + n)) for n, row in enumerate(rows)])
    copying.create(
        [Registration(work=row, office="US", date=DAY) for n, row in enumerate(rows) if n % 3 == 0]
    )  # fmt: skip


def _statements(
    rows: list[tuple[Work, int]], of: tuple[list[Organisation], list[Party]], lab: Organisation, draw: random.Random
) -> int:
    """Ownership of all; a reservation of two in three; grants, offers and open licences of some publishers."""
    made: dict[Any, list[Any]] = {model: [] for model in (RightsClaim, Reservation, Grant, Offer, OpenLicence)}
    for row, number in rows:
        press, holder = of[0][number], of[1][number]
        day = DAY - datetime.timedelta(days=number)
        common: dict[str, Any] = {"work": row, "asserted_by": press, "capacity": "publisher", "observed_at": day}
        made[RightsClaim].append(RightsClaim(holder=holder, exclusive=True, valid_from=day, **common))
        if number % 3:
            made[Reservation].append(
                Reservation(territory=["EU"], valid_from=day, machine_readable=True, source_format="tdmrep", **common)
            )
        if number % 5 == 0:
            granted = common | {
                "licensee": lab,
                "uses": ["pretraining"],
                "territory": ["US"],
                "verification": "document",
            }
            made[Grant].append(Grant(duties=["attribution"], valid_from=day, **granted))
        if number % 7 == 0:
            made[Offer].append(Offer(uses=["pretraining"], **common))
        if draw.random() < 0.02:
            made[OpenLicence].append(OpenLicence(licence="CC-BY-4.0", **common))
    for written in made.values():
        copying.create(written)
    return sum(map(len, made.values()))


def _scan(rows: list[Work], firm: Actor) -> Scan:
    dataset = datasets.create_private(name="Corpus", actor=firm)
    release = datasets.add_release(dataset=dataset, version="1", actor=firm)
    scan = Scan.objects.create(
        release=release, organisation=firm.require_writer(), state=Scan.State.DONE, acquisition="lawful",
        copied_on=datetime.date(2025, 3, 1), documents=len(rows), words=1000 * len(rows), index_digest="sha256:00",
    )  # fmt: skip
    items = [
        Item(
            release=release,
            name=f"doc-{n}.txt",
            sha256="0" * 64,
            chars=6000,
            words=1000,
            letters=5000,
            position=n,
            metadata="{}",
        )
        for n in range(len(rows))
    ]
    copying.create(items)
    copying.create(
        [
            Match(
                scan=scan, item=item, work=row, relation="copy", precision="exact", coverage_document=0.5,
                coverage_work=0.95, matched_words=500, longest_verbatim_words=400, identity=0.99,
                passages="[]", boilerplate="[]",
            )
            for item, row in zip(items, rows, strict=True)
        ]
    )  # fmt: skip
    return scan
