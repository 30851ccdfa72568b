"""The page of paper of an audit: for its organisation alone, in both languages, the same bytes, never a name."""

import hashlib
import io

import pypdf
import pytest
from django.urls import reverse

from ingest.services import audit_certificates
from registry.actors import of_user
from registry.models import Entry, User
from registry.services import log
from tests import factories
from tests.ingest.audited import NAMES, Audited, audited
from tests.licensing.web.conftest import client_of
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.person("owner@example.org", of=factories.organisation(name="The Lab"))


@pytest.fixture
def made(owner: User) -> Audited:
    return audited(of_user(owner))


def text(content: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Certificate of a sampling audit"), ("zh-hans", "抽样审计证书")]
)
def test_the_page_names_its_json_and_nobody(owner: User, made: Audited, language: str, title: str) -> None:
    answer = client_of(owner).get(reverse("audit-page", args=[made.audit.public_id]), {"language": language})
    said = text(answer.content)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert title in said
    assert "The Lab" in said
    file = client_of(owner).get(reverse("audit-certificate", args=[made.audit.public_id])).content
    assert hashlib.sha256(file).hexdigest() in said
    assert not any(name in said for name in NAMES)


def test_the_bytes_stay_the_same_however_far_the_log_grows(owner: User, made: Audited) -> None:
    client = client_of(owner)
    addresses = [reverse(name, args=[made.audit.public_id]) for name in ("audit-page", "audit-certificate")]
    before = [client.get(address).content for address in addresses]
    log.stage("test.fact", subject="test:1", facts={}, actor=of_user(owner))
    log.sequence_all()
    assert [client.get(address).content for address in addresses] == before


def test_the_api_gives_the_same_page_and_refuses_another_language(owner: User, made: Audited) -> None:
    token = {"Authorization": f"Bearer {clients.new_token(of_user(owner))[1]}"}
    address = f"/api/v1/audits/{made.audit.public_id}/certificate.pdf"
    answer = client_of(owner).get(address, headers=token)
    assert answer.content == client_of(owner).get(reverse("audit-page", args=[made.audit.public_id])).content
    assert client_of(owner).get(address, {"language": "fr"}, headers=token).status_code == 400
    made.audit.refresh_from_db()
    file = client_of(owner).get(f"/api/v1/audits/{made.audit.public_id}/certificate", headers=token)
    assert file.content == audit_certificates.file(made.audit)


def test_there_is_none_before_the_log_has_numbered_both_entries(owner: User, made: Audited) -> None:
    Entry.objects.filter(pk=made.audit.result_entry_id or 0).update(position=None)
    assert client_of(owner).get(reverse("audit-page", args=[made.audit.public_id])).status_code == 409


def test_others_find_nothing(made: Audited) -> None:
    stranger = client_of(factories.person("other@example.org", of=factories.organisation()))
    assert stranger.get(reverse("audit-page", args=[made.audit.public_id])).status_code == 404
    assert stranger.get(f"/api/v1/audits/{made.audit.public_id}/certificate.pdf").status_code == 404
