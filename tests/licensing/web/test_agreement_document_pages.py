"""The document's pages: its parties have it, nobody else; whoever brings it learns what it is worth and no more."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from licensing.models import Agreement
from licensing.services import agreement_documents
from tests import factories
from tests.licensing.services.test_agreement_documents import agreement_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def agreement() -> Agreement:
    return agreement_documents.sign(agreement_of(works=2))


def party(agreement: Agreement) -> Client:
    client = Client()
    client.force_login(factories.person("lab@example.org", of=agreement.licensee, role="viewer"))
    return client


def ask(content: bytes) -> str:
    file = SimpleUploadedFile("agreement.bin", content)
    return Client().post(reverse("verify"), {"file": file}).content.decode()


def said(page: str) -> str:
    """The answer of the page, without its form."""
    return page.split("<section")[1].split("</section>", maxsplit=1)[0]


def test_a_party_gets_the_document_in_every_form(agreement: Agreement) -> None:
    client = party(agreement)
    shown = client.get(reverse("agreement-document", args=[agreement.public_id])).content.decode()
    assert agreement.document_sha256 in shown
    twin = client.get(reverse("agreement-file", args=[agreement.public_id, "jsonld"]))
    assert twin.content == agreement_documents.file(agreement)
    assert twin["Content-Type"] == "application/ld+json"
    assert f"colophon-agreement-{agreement.public_id}.jsonld" in twin["Content-Disposition"]
    paper = client.get(reverse("agreement-file", args=[agreement.public_id, "pdf"]), {"language": "zh-hans"})
    assert (paper["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    address = reverse("agreement-file", args=[agreement.public_id, "pdf"])
    assert client.get(address, {"language": "de"}).status_code == 400


def test_strangers_find_no_document(agreement: Agreement) -> None:
    stranger = Client()
    stranger.force_login(factories.person("else@example.org", of=factories.organisation()))
    for address in (
        reverse("agreement-document", args=[agreement.public_id]),
        reverse("agreement-file", args=[agreement.public_id, "jsonld"]),
        reverse("agreement-file", args=[agreement.public_id, "pdf"]),
    ):
        assert stranger.get(address).status_code == 404
        assert Client().get(address).status_code == 302


def test_whoever_brings_the_document_learns_that_it_is_genuine_and_in_force(agreement: Agreement) -> None:
    for content in (agreement_documents.file(agreement), agreement_documents.pdf(agreement, "en")):
        shown = ask(content)
        assert "It is genuine and unchanged." in shown
        assert "in force today" in shown
        for secret in ("EUR", "12.50", "Lamp 0", agreement.licensee.slug):
            assert secret not in shown
    Agreement.objects.update(state="revoked")
    assert "revoked" in ask(agreement_documents.file(agreement))


def test_a_changed_document_and_a_made_up_one_get_the_same_answer(agreement: Agreement) -> None:
    changed = ask(agreement_documents.file(agreement).replace(b"12.50", b"02.50"))
    made_up = ask(b'{"@id": "http://testserver/agreements/000000000000"}')
    assert "This registry does not know this file." in changed
    for name in (agreement.public_id, agreement.granted_by.name):
        assert name not in changed
    assert said(changed) == said(made_up)


def test_without_a_file_the_field_says_so(db: None) -> None:
    refused = Client().post(reverse("verify"))
    assert refused.status_code == 422
    assert 'href="#id_file"' in refused.content.decode()


def test_a_document_that_is_not_made_yet_says_so() -> None:
    agreement = agreement_of(works=1)
    client = party(agreement)
    assert "is being made" in client.get(reverse("agreement-document", args=[agreement.public_id])).content.decode()
    assert client.get(reverse("agreement-file", args=[agreement.public_id, "jsonld"])).status_code == 404
