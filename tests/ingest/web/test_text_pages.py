"""Texts handed in on a page: dropped, kept or never stored; withdrawn after a second question."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ingest.models import Deposit
from registry.models import Membership, User, Work
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


@pytest.fixture
def work() -> Work:
    return factories.work("The Lamp", by=factories.actor(factories.organisation("press", "Press")))


@pytest.fixture
def press(client: Client, work: Work) -> Client:
    user = User.objects.create_user(username="press@example.org", password="x")
    Membership.objects.create(user=user, organisation=work.registered_by, role="owner")
    client.force_login(user)
    return client


def text(content: bytes = b"The lamp was lit before supper. " * 50, name: str = "lamp.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize("mode", Deposit.Mode.values)
def test_a_text_is_taken_as_it_was_asked(press: Client, work: Work, mode: str) -> None:
    answer = press.post(f"/works/{work.public_id}/text", {"file": text(), "mode": mode})
    deposit = Deposit.objects.get()
    assert answer.status_code == 302
    assert deposit.mode == mode
    is_here = mode != Deposit.Mode.FINGERPRINT_ONLY
    assert bool(deposit.blob) == is_here
    page = press.get(answer.headers["Location"]).content.decode()
    assert ("The text is here" in page) == is_here, "nobody is told that a text is held that is not"
    assert f'<a href="/works/{work.public_id}"><bdi>The Lamp</bdi></a>' in page, "the job leads back to the work"


def test_each_choice_says_what_it_protects(press: Client, work: Work) -> None:
    page = press.get(f"/works/{work.public_id}/text").content.decode()
    for choice in ("A .fp file made at home", "Store only its fingerprint", "Drop it once", "Keep it"):
        assert choice in page
    assert "whoever gets hold of the fingerprint can confirm it" in page
    assert "colophon fingerprint" in page


@pytest.mark.parametrize(("form", "field"), [({"mode": "kept"}, "file"), ({"file": True, "mode": "published"}, "mode")])
def test_faults_are_said(press: Client, work: Work, form: dict[str, object], field: str) -> None:
    form = {name: text() if value is True else value for name, value in form.items()}
    answer = press.post(f"/works/{work.public_id}/text", form)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_an_unreadable_file_is_said_beside_the_field(press: Client, work: Work) -> None:
    form = {"file": text(b"PK\x03\x04 this is no archive", "book.epub"), "mode": "fingerprint_only"}
    answer = press.post(f"/works/{work.public_id}/text", form)
    assert answer.status_code == 422
    assert "file" in answer.context["form"].errors
    assert not Deposit.objects.exists()


def test_withdrawing_a_text_asks_first(press: Client, work: Work) -> None:
    press.post(f"/works/{work.public_id}/text", {"file": text(), "mode": "kept"})
    place = f"/deposits/{Deposit.objects.get().public_id}/withdraw"
    assert "Withdraw this text?" in press.get(place).content.decode()
    assert press.post(place).status_code == 302
    assert Deposit.objects.get().withdrawn_at is not None
    assert press.post(place).status_code == 409
