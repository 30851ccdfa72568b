"""Every sample catalogue is imported, and imported again without a trace."""

from pathlib import Path

import pytest

from registry.actors import system
from registry.models import Entry, ImportRow, Work
from registry.services import organisations
from tests.licensing.services.imported import taken_over

pytestmark = pytest.mark.django_db

CATALOGUES = Path(__file__).parents[3] / "samples" / "catalogues"
FILES = ("onix.xml", "onix-short.xml", "works.csv", "works-gb18030.csv", "works.xlsx", "works.mrc", "epubs.zip")


@pytest.mark.parametrize("name", FILES)
def test_a_sample_is_imported_once(name: str) -> None:
    press = system("test", organisations.create(slug="example-press", name="Example Press", actor=system("test")))
    data = (CATALOGUES / name).read_bytes()
    first = taken_over(data, press, name=name, valid_rows_only=True)
    assert first.counts["new"] > 0
    works, entries = Work.objects.count(), Entry.objects.count()
    again = taken_over(data, press, name=name, valid_rows_only=True)
    changed = ImportRow.objects.filter(batch=again).exclude(action__in=["unchanged", "refused"])
    assert [(row.number, row.action, row.reference) for row in changed] == []
    assert (Work.objects.count(), Entry.objects.count()) == (works, entries)
