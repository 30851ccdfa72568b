"""A worker is killed while it imports, files come twice at once, hostile ones too: nothing is half written."""

import io
from contextlib import suppress
from pathlib import Path

import pytest

from bench.kit.onix_feed import write_feed
from licensing.services import import_undo, imports
from registry import jobs
from registry.actors import Actor, system
from registry.errors import ColophonError, Conflict
from registry.models import Contribution, Edition, Entry, Identifier, Import, ImportRow, Job, Party, RightsClaim, Work
from registry.services import organisations
from tests import workers
from tests.licensing.services.imported import ROWS, looked_at, table, taken_over

RECORDS = 3_000

fault = pytest.mark.fault
on_workers = pytest.mark.django_db(transaction=True)


@pytest.fixture
def press() -> Actor:
    return system("test", organisations.create(slug="example-press", name="Example Press", actor=system("test")))


def rows_of(actor: Actor) -> dict[str, object]:
    """Everything an import writes of an organisation's works, without keys and ids."""
    own = {"work__registered_by": actor.organisation}
    return {
        "works": list(
            Work.objects.filter(registered_by=actor.organisation)
            .order_by("record_reference")
            .values_list("record_reference", "title", "language", "first_published", "revision", "search_text")
        ),
        "people": sorted(
            Contribution.objects.filter(**own).values_list("work__record_reference", "party__name", "role")
        ),
        "editions": sorted(
            Edition.objects.filter(**own).values_list("work__record_reference", "publisher", "published")
        ),
        "identifiers": sorted(
            Identifier.objects.filter(**own).values_list("work__record_reference", "scheme", "value")
        ),
        "claims": sorted(RightsClaim.objects.filter(**own).values_list("work__record_reference", "capacity")),
    }


@fault
@pytest.mark.worker
@on_workers
def test_a_worker_killed_while_it_imports_leaves_nothing_and_the_next_one_does_it_all(
    service_environment: dict[str, str], tmp_path: Path, press: Actor
) -> None:
    feed = tmp_path / "feed.xml"
    write_feed(feed, records=RECORDS)
    workers.empty_broker()
    batch = imports.take(file=feed, file_name="feed.xml", actor=press)
    imports.request_check(batch=batch, actor=press)
    worker = workers.start(service_environment, tmp_path / "worker.log")
    try:
        workers.wait_until(lambda: state_of(batch) == Import.State.CHECKED, meanwhile=jobs.sweep, seconds=120)
        imports.request_apply(batch=batch, actor=press)
        assert batch.job is not None
        workers.wait_until(lambda: progress_of(batch) >= RECORDS // 3, meanwhile=jobs.sweep)
        worker.kill()
        assert not Work.objects.exists()
        assert not Entry.objects.filter(kind="import.applied").exists()
        assert state_of(batch) == Import.State.APPLYING
        worker = workers.start(service_environment, tmp_path / "worker.log")
        workers.wait_until(lambda: state_of(batch) == Import.State.DONE, meanwhile=jobs.sweep, seconds=180)
    finally:
        worker.stop()
    clean = system("test", organisations.create(slug="clean-press", name="Clean Press", actor=system("test")))
    taken_over(feed.read_bytes(), clean, name="feed.xml")
    assert rows_of(press) == rows_of(clean)
    assert len(rows_of(press)["editions"]) == RECORDS  # type: ignore[arg-type]  # some are of one work
    assert Entry.objects.filter(kind="import.applied", subject=f"import:{batch.public_id}").count() == 1


def progress_of(batch: Import) -> int:
    assert batch.job is not None
    return Job.objects.get(pk=batch.job.pk).done


def state_of(batch: Import) -> str:
    return str(Import.objects.values_list("state", flat=True).get(pk=batch.pk))


@pytest.mark.django_db
def test_a_file_that_is_being_worked_on_is_not_taken_a_second_time(press: Actor) -> None:
    data = table(*ROWS)
    first = imports.take(file=io.BytesIO(data), file_name="books.csv", actor=press)
    imports.request_check(batch=first, actor=press)
    with pytest.raises(Conflict, match="being worked on") as refused:
        imports.take(file=io.BytesIO(data), file_name="books.csv", actor=press)
    assert refused.value.facts["import"] == first.public_id
    assert Import.objects.count() == 1


HOSTILE = {
    "entity bomb": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b']><ONIXMessage release="3.0"><Product><RecordReference>&b;</RecordReference></Product></ONIXMessage>',
    "external entity": b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><ONIXMessage release="3.0"/>',
    "cut off": b'<?xml version="1.0"?><ONIXMessage release="3.0"><Product><RecordReference>r1</RecordRef',
    "wrong namespace": b'<?xml version="1.0"?><ONIXMessage xmlns="urn:of-another" release="3.0"/>',
    "a field of 10 MB": table(f"r1,{'x' * 10_000_000},A,2001,,,en"),
    "bytes of no encoding": table("r1,T\x80\x81\xfe\xff,A,2001,,,en").replace(b"T", b"\xff\x80\x00"),
    "formula cells": table("r1,\"=cmd|' /C calc'!A0\",A,2001,,,en"),
    "dates that are none": table("r1,T,A,0000,,,en", "r2,U,A,99999999,,,en"),
    "bidi title": table("r1,Safe\u202eelttit,A,2001,,,en"),
    "nothing but a head": table(),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.django_db
def test_a_hostile_file_ends_as_a_report_or_a_refusal(press: Actor, name: str) -> None:
    with suppress(ColophonError):  # refused with a sentence
        looked_at(HOSTILE[name], press, name="hostile")
    batch = Import.objects.filter(state=Import.State.CHECKED).first()
    assert not Import.objects.filter(state=Import.State.CHECKING).exists()
    for row in ImportRow.objects.filter(batch=batch, action="refused"):
        assert row.faults[0]["cause"]
    assert not Work.objects.exists()


@pytest.mark.django_db
def test_what_a_command_left_behind_when_it_was_killed_does_not_stand_in_the_way(press: Actor) -> None:
    left = imports.take(file=io.BytesIO(table(*ROWS)), file_name="books.csv", actor=press)
    imports.begin_check(batch=left, actor=press)
    assert taken_over(table(*ROWS), press).state == Import.State.DONE
    left.refresh_from_db()
    assert (left.state, Work.objects.count()) == (Import.State.FAILED, 3)


@pytest.mark.django_db
def test_people_survive_an_import_that_is_taken_back(press: Actor) -> None:
    batch = taken_over(table(*ROWS), press)
    people = Party.objects.count()
    import_undo.undo(batch.pk, actor=press.name)
    assert Party.objects.count() == people
