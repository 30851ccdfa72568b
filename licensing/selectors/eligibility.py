"""Which works of an organisation would be on the list of a class settlement, by what the registry has on record."""

import datetime
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from licensing.rules.eligibility import OFFICE, Eligibility, judge
from licensing.rules.fields import PartialDate, read_partial_date
from licensing.selectors.notices import Basis, spoken_for, works_for
from registry.models import Dataset, Organisation, Work

FILE = Path(__file__).with_name("class_lists.toml")


@dataclass(frozen=True)
class Copy:
    """A source from which the defendant copied, and when ("2021-06": known to the month)."""

    dataset: str
    downloaded: str
    source: str
    verified: bool

    def first_day(self) -> datetime.date:
        """The earliest day that the date can mean: what was registered before it was registered before the copy."""
        day = read_partial_date(self.downloaded, "/downloaded")
        return datetime.date(day.year, day.month or 1, day.day or 1)


@dataclass(frozen=True)
class Cutoff:
    """A day before which a work had to be registered for the list, whichever copy it was in."""

    day: datetime.date
    note: str
    source: str
    verified: bool


@dataclass(frozen=True)
class ClassList:
    """A list of works with its day; `sources` and `proceeding` are keys of the catalogue."""

    key: str
    name: str
    proceeding: str
    snapshot_on: datetime.date
    snapshot_note: str
    works: int
    sources: tuple[str, ...]
    authorities: tuple[str, ...]
    verified: bool
    copies: tuple[Copy, ...]
    cutoff: Cutoff | None = None

    def copy_from(self, dataset: str) -> Copy:
        """The copy made from a dataset; the first one where there is none of it, or no dataset is named."""
        return next((copy for copy in self.copies if copy.dataset == dataset), self.copies[0])


@dataclass(frozen=True)
class Judged:
    """A work with its answer."""

    work: Work
    answer: Eligibility


@lru_cache(maxsize=1)
def class_lists() -> dict[str, ClassList]:
    """Key → list, as the data file has them."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["class_lists"]
    return {row["key"]: _read(row) for row in rows}


def _read(row: dict[str, Any]) -> ClassList:
    facts = row | {name: tuple(row[name]) for name in ("sources", "authorities")}
    facts["copies"] = tuple(Copy(**copy) for copy in row["copies"])
    facts["cutoff"] = Cutoff(**row["cutoff"]) if "cutoff" in row else None
    return ClassList(**facts)


def works(organisation: Organisation, dataset: Dataset | None) -> QuerySet[Work]:
    """What the organisation speaks for: all of it, or what checks that it may know of found in a dataset."""
    own = spoken_for(organisation)
    if dataset is not None:
        own = own.filter(pk__in=[work.pk for work in works_for(organisation, Basis(dataset))])
    return own.order_by("title", "pk").prefetch_related("identifiers", "registrations", "contributions__party")


def judged(rows: Iterable[Work], *, downloaded: datetime.date | None, list_of: datetime.date) -> Iterator[Judged]:
    """Each work held against the conditions; `downloaded` None: the day of the copy is not known."""
    for work in rows:
        yield Judged(work, _judge(work, downloaded, list_of))


def _judge(work: Work, downloaded: datetime.date | None, list_of: datetime.date) -> Eligibility:
    numbers = [(row.scheme, row.value) for row in work.identifiers.all()]
    entries = [row.date for row in work.registrations.all() if row.office == OFFICE]
    published = read_partial_date(work.first_published, "/first_published") if work.first_published else None
    return judge(
        isbn=tuple(sorted(value for scheme, value in numbers if scheme == "isbn")),
        asin=tuple(sorted(value for scheme, value in numbers if scheme == "asin")),
        published=published,
        registrations=tuple(PartialDate(day.year, day.month, day.day) if day else None for day in entries),
        downloaded=downloaded,
        list_of=list_of,
    )
