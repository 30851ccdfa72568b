"""Snapshots carry what a check needs, what the asker may know, and never a text."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.engine.index import Index
from ingest.services import deposits
from licensing.formats.snapshot import Snapshot, SnapshotError
from licensing.services import grants, reservations, snapshots
from licensing.services.assertions import Scope
from registry import jobs
from registry.actors import Actor
from registry.models import Entry, Job
from registry.services import works
from registry.services.works import AuthorFacts, EditionFacts
from tests import factories

pytestmark = pytest.mark.django_db

ALICE = Path(__file__).resolve().parents[3] / "samples" / "shelf" / "texts" / "carroll-alice.txt"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def test_the_index_inside_finds_works_but_holds_no_text(press: Actor, tmp_path: Path) -> None:
    work = factories.work("Alice", by=press)
    deposits.keep(work=work, path=ALICE, mode="kept", actor=press)
    for job in Job.objects.filter(kind="fingerprint"):
        assert jobs.run(job.pk) == Job.State.DONE
    path = tmp_path / "registry.snapshot"
    said = snapshots.export(path)
    with Index.open_zip(path) as index:
        assert index.digest == said["index"]
        assert [record.work for segment in index.segments for record in segment.records] == [work.public_id]
        assert all(record.text is None for segment in index.segments for record in segment.records)
    assert b"Rabbit-Hole" not in path.read_bytes()
    assert b"down the rabbit" not in path.read_bytes().lower()


def test_grants_travel_only_to_the_one_who_holds_them(press: Actor, tmp_path: Path) -> None:
    work = factories.work("A Book", by=press)
    lab, rival = factories.organisation(), factories.organisation()
    grant = grants.issue(work=work, licensee=lab, scope=Scope(uses=["pretraining"]), actor=press)
    reservations.record(work=work, scope=Scope(territory=["EU"]), machine_readable=True, actor=press)
    kinds = {}
    for organisation in (lab, rival, None):
        path = tmp_path / "one.snapshot"
        snapshots.export(path, organisation=organisation)
        with Snapshot(path) as opened:
            kinds[organisation] = [said["kind"] for said in opened.works()[work.public_id].assertions]
        if organisation is not lab:
            assert grant.public_id.encode() not in path.read_bytes()
    assert kinds == {lab: ["grant", "reservation"], rival: ["reservation"], None: ["reservation"]}


def test_a_translation_travels_with_its_own_facts(press: Actor, tmp_path: Path) -> None:
    edition = EditionFacts(translation=True, published="2010", translator=AuthorFacts(name="T. Lebt"))
    work = factories.work("Emma", by=press, editions=[edition])
    path = tmp_path / "one.snapshot"
    snapshots.export(path)
    with Snapshot(path) as opened:
        [facts] = opened.works()[work.public_id].editions.values()
    assert facts["translation"] is True
    assert facts["authors"] == [{"name": "T. Lebt", "died": None}]


def test_withdrawn_works_stay_at_home(press: Actor, tmp_path: Path) -> None:
    work = factories.work("A Book", by=press)
    works.withdraw(work=work, reason="sold", actor=press)
    path = tmp_path / "one.snapshot"
    assert snapshots.export(path)["works"] == 0
    with Snapshot(path) as opened:
        assert opened.works() == {}


def test_a_snapshot_is_logged_under_its_digest_and_tells_on_whoever_changes_it(press: Actor, tmp_path: Path) -> None:
    factories.work("A Book", by=press)
    path = tmp_path / "one.snapshot"
    digest = snapshots.export(path)["snapshot"]
    assert digest.encode() in bytes(Entry.objects.get(kind="snapshot.exported").leaf)
    with Snapshot(path) as opened:
        assert opened.digest == digest
        opened.verify()
        offset = next(info for info in zipfile.ZipFile(path).infolist() if info.filename == "rules.json").header_offset
    raw = bytearray(path.read_bytes())
    raw[offset + 60] ^= 1
    path.write_bytes(raw)
    with Snapshot(path) as opened, pytest.raises(SnapshotError, match=r"rules\.json"):
        opened.verify()
