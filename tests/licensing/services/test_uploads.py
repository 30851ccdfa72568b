"""What people hand in is bounded, goes when nobody needs it, and an unforeseen error tells nobody what it is about."""

import datetime
import io
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now

from ingest import blobs
from ingest.services import leftovers, uploads
from ingest.services.uploads import FileTooLarge, StorageFull
from licensing.services import import_apply, import_check, import_files, import_states, imports, linkages
from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict
from registry.models import Import, Linkage, Membership
from tests import factories
from tests.licensing.services.imported import ROWS, looked_at, table, taken_over

pytestmark = pytest.mark.django_db

LIST = b"title,author\nThe First Book,Ann Author\n"
SECRET = 'violates constraint "work_once", Key (title)=(The Hidden Manuscript)'


@pytest.fixture
def member() -> Actor:
    organisation = factories.organisation()
    user = factories.person("ann@press.example", of=organisation)
    return Actor(user.username, organisation=organisation, role=Membership.Role.OWNER, user=user)


def listed(actor: Actor, content: bytes = LIST) -> Linkage:
    return linkages.take(file=io.BytesIO(content), file_name="list.csv", actor=actor)


def test_unfinished_files_are_bounded_and_finished_ones_make_room(
    member: Actor, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    data = table(*ROWS)
    settings.UPLOADS_KEPT_BYTES = 2 * len(data) + 20
    done = taken_over(data, member)
    waiting = looked_at(data, member)
    with django_capture_on_commit_callbacks(execute=True):
        listed(member)
    assert [blobs.exists(row.blob) for row in (waiting, done)] == [True, False]
    there = blobs.owners("imports")
    with pytest.raises(StorageFull, match="Confirm, stop or withdraw some"):
        looked_at(data, member)
    with pytest.raises(StorageFull):
        listed(member, LIST * 10)
    assert (Import.objects.count(), Linkage.objects.count()) == (2, 1)
    assert blobs.owners("imports") == there
    imports.cancel(batch=waiting, actor=member)
    assert looked_at(data, member).state == Import.State.CHECKED
    assert looked_at(data, factories.actor()).state == Import.State.CHECKED  # others, and operators, are not concerned


def test_files_go_thirty_days_after_the_end_or_unconfirmed_and_reports_stay(
    member: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    failed = looked_at(table(*ROWS, "r9,,Nobody,1900,,,"), member)
    import_states.end(failed, Import.State.FAILED, "no")
    forgotten, young, link = looked_at(table(ROWS[0]), member), looked_at(table(ROWS[1]), member), listed(member)
    linkages.end(link, Linkage.State.DONE, "")
    old = Now() - datetime.timedelta(days=31)
    Import.objects.filter(pk=failed.pk).update(ended_at=old)
    Linkage.objects.update(ended_at=old)
    Import.objects.filter(pk=forgotten.pk).update(recorded_at=old)
    with django_capture_on_commit_callbacks(execute=True):
        assert leftovers.remove() == 3
    assert [blobs.exists(row.blob) for row in (young, failed, forgotten, link)] == [True, False, False, False]
    forgotten.refresh_from_db()
    assert (forgotten.state, forgotten.reason) == (Import.State.CANCELLED, uploads.UNCONFIRMED)
    failed.refresh_from_db()
    assert b"r9" in b"".join(import_files.refused_rows(failed).content)
    with pytest.raises(Conflict, match="is gone"):
        imports.begin_check(batch=failed, actor=member)
    assert leftovers.remove() == 0


def test_a_list_that_is_too_large_is_refused_before_it_is_copied(
    member: Actor, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.IMPORT_MAX_BYTES = len(LIST) - 1
    path = tmp_path / "list.csv"
    path.write_bytes(LIST)
    with pytest.raises(FileTooLarge):
        listed(member)
    monkeypatch.setattr(blobs, "put", lambda *_: pytest.fail("it was copied"))
    with pytest.raises(FileTooLarge):
        linkages.take(file=path, file_name="list.csv", actor=member)
    with pytest.raises(FileTooLarge):
        imports.take(file=path, file_name="list.csv", actor=member)


def test_an_unforeseen_error_is_logged_and_people_get_a_sentence_without_it(
    member: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IntegrityError(SECRET)

    checking, applying, link = looked_at(table(ROWS[0]), member), looked_at(table(ROWS[1]), member), listed(member)
    imports.begin_check(batch=checking, actor=member)
    imports.begin_apply(batch=applying, actor=member)
    monkeypatch.setattr(import_check, "_check", fail)
    monkeypatch.setattr(import_apply, "_take_over", fail)
    monkeypatch.setattr(linkages, "_run", fail)
    for call in (
        lambda: import_check.check(checking.pk),
        lambda: import_apply.apply(applying.pk, actor=member.name),
        lambda: linkages.run(link.pk),
    ):
        with pytest.raises(IntegrityError):
            call()
    for row in (checking, applying, link):
        row.refresh_from_db()
        assert (row.state, row.reason) == ("failed", jobs.said_of_fault(None))
    assert caplog.text.count(SECRET) >= 3
