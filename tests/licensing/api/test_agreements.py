"""Documents of agreements over the API: for the parties to download, for whoever has one to verify."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Agreement
from licensing.services import agreement_documents, agreements
from registry.merkle import signed_document
from tests import factories
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def firm() -> clients.Person:
    return clients.member(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def press() -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def agreement(firm: clients.Person, press: clients.Person) -> Agreement:
    return asked.granted(press, firm, asked.claimed(press))


def verified(content: bytes) -> dict[str, Any]:
    form = {"file": SimpleUploadedFile("agreement", content)}
    answer = clients.nobody().post("/api/v1/verify", form, format="multipart")
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_both_parties_download_it_and_nobody_else(
    firm: clients.Person, press: clients.Person, agreement: Agreement
) -> None:
    address = f"/api/v1/agreements/{agreement.public_id}"
    assert clients.caller(firm).get(f"{address}/document").status_code == 404  # not signed yet
    agreement_documents.sign(agreement)
    for person in (firm, press):
        document = clients.caller(person).get(f"{address}/document")
        assert document["Content-Type"] == "application/ld+json"
        assert signed_document.verify(document.content)
        assert clients.caller(person).get(f"{address}/pdf?language=zh-hans").content.startswith(b"%PDF")
    assert clients.caller(firm).get(f"{address}/pdf?language=xx").status_code == 400
    for caller in (clients.stranger(), clients.nobody()):
        assert caller.get(f"{address}/document").status_code == 404
        assert caller.get(f"{address}/pdf").status_code == 404


def test_whoever_has_a_document_learns_whether_it_is_genuine_and_what_it_is_worth(
    firm: clients.Person, press: clients.Person, agreement: Agreement
) -> None:
    agreement_documents.sign(agreement)
    content = agreement_documents.file(Agreement.objects.get())
    found = verified(content)
    assert (found["genuine"], found["agreement"], found["form"]) == (True, agreement.public_id, "jsonld")
    assert found["standing"] == "in_force"
    agreements.revoke(agreement, reason="Not paid.", actor=press)
    assert verified(content)["standing"] == "revoked"
    changed = verified(content.replace(b"pretraining", b"fine_tuning"))
    assert (changed["genuine"], changed["agreement"], changed["standing"]) == (False, None, None)
    assert verified(b"%PDF-1.7 made up")["genuine"] is False
