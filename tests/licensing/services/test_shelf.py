"""A shelf of works from files: repeatable, and every fault named by file and row."""

from pathlib import Path

import pytest

from ingest.models import Deposit, Fingerprint
from licensing.models import Grant, Reservation
from licensing.services import shelf
from registry import jobs
from registry.errors import InvalidInput
from registry.models import Entry, Job, Organisation, Work

pytestmark = pytest.mark.django_db

TEXTS = Path(__file__).resolve().parents[3] / "samples" / "shelf" / "texts"

RIGHTS = """
[[organisations]]
slug = "shelf"
name = "Shelf"
kind = "observer"
demo = false

[[organisations]]
slug = "lab"
name = "Lab (demo)"
kind = "company"
demo = true

[[assertions]]
id = "reservation-1"
record_reference = "one"
kind = "reservation"
asserted_by = "org:shelf"
capacity = "observer"
verification = "none"
territory = ["EU"]
machine_readable = true
observed_at = 2026-01-20
statement = "All rights reserved."
demo = true

[[assertions]]
id = "grant-1"
record_reference = "one"
kind = "grant"
asserted_by = "org:shelf"
capacity = "owner"
verification = "document"
licensee = "org:lab"
uses = ["pretraining"]
observed_at = 2026-01-20
statement = "Contract."
demo = true
"""
WORKS = """
[[works]]
record_reference = "one"
title = "The Gift of the Magi"
authors = [{ name = "O. Henry", born = "1862", died = "1910" }]
first_published = "1905"
country = "US"
text = "magi.txt"
deposit = "transient"
"""


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"
    made = tmp_path / "samples"
    (made / "shelf").mkdir(parents=True)
    (made / "rights.toml").write_text(RIGHTS, encoding="utf-8")
    (made / "shelf" / "works.toml").write_text(WORKS, encoding="utf-8")
    (made / "magi.txt").write_bytes((TEXTS / "o-henry-the-gift-of-the-magi.txt").read_bytes())
    return made


def test_loading_again_changes_nothing_and_waits_for_nothing(folder: Path) -> None:
    first = shelf.load(folder)
    assert (first.registered, first.statements, len(first.jobs)) == (1, 2, 1)
    assert jobs.run(first.jobs[0].pk) == Job.State.DONE
    entries = Entry.objects.count()

    again = shelf.load(folder)
    assert (again.works, again.registered, again.statements, again.jobs) == (first.works, 0, 0, [])
    assert Entry.objects.count() == entries
    assert [model._default_manager.count() for model in (Work, Deposit, Grant, Reservation)] == [1, 1, 1, 1]


def test_a_text_that_is_still_being_fingerprinted_is_waited_for_and_not_handed_in_again(folder: Path) -> None:
    first = shelf.load(folder)
    assert shelf.load(folder).jobs == first.jobs
    assert Deposit.objects.count() == 1


def test_a_text_that_failed_is_handed_in_again(folder: Path) -> None:
    text = (folder / "magi.txt").read_bytes()
    (folder / "magi.txt").write_bytes(b"too short")
    assert jobs.run(shelf.load(folder).jobs[0].pk) == Job.State.FAILED
    (folder / "magi.txt").write_bytes(text)
    assert jobs.run(shelf.load(folder).jobs[0].pk) == Job.State.DONE
    assert Fingerprint.objects.count() == 1
    assert shelf.load(folder).jobs == []


def test_a_trade_that_is_no_kind_of_organisation_is_a_company(folder: Path) -> None:
    shelf.load(folder)
    assert Organisation.objects.get(slug="shelf").kind == "company"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("shelf/works.toml", 'first_published = "1905"', 'first_published = "1905-13"', r"works\.toml: one: .*1905-13"),
        (
            "shelf/works.toml",
            'text = "magi.txt"',
            'text = "no.txt"',
            r"works\.toml: one: no\.txt: there is no such file",
        ),
        ("shelf/works.toml", 'title = "The Gift of the Magi"', "", r"works\.toml: one: 'title' is missing"),
        ("rights.toml", 'record_reference = "one"', 'record_reference = "two"', r"rights\.toml: reservation-1: 'two'"),
        ("rights.toml", 'asserted_by = "org:shelf"', 'asserted_by = "org:nobody"', r"reservation-1: 'nobody'"),
        ("rights.toml", 'territory = ["EU"]', 'territory = ["Atlantis"]', r"reservation-1: 'Atlantis' is not"),
        ("rights.toml", 'licensee = "org:lab"', 'licensee = "org:nobody"', r"grant-1: .*nobody"),
        ("rights.toml", 'kind = "grant"', 'kind = "gift"', r"grant-1: 'gift'"),
        ("rights.toml", "[[organisations]]", "[[organisations", r"rights\.toml: "),
    ],
)
def test_a_fault_is_named_by_file_and_row(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        shelf.load(folder)
