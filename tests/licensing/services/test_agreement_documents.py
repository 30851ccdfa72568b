"""The document of an agreement: signed once, says what was agreed, is known again unchanged and by nobody's guess."""

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from licensing.models import Agreement, AgreementPaper, Grant
from licensing.rules.agreement import parse_terms
from licensing.services import agreement_documents
from licensing.services.agreement_documents import Standing
from registry.errors import InvalidInput, NotFound
from registry.merkle import signed_document
from registry.merkle.signed_document import PROOF, DocumentError
from registry.models import Entry
from registry.services import log
from tests import factories

pytestmark = pytest.mark.django_db
TERMS: dict[str, Any] = {
    "uses": ["pretraining", "rag_grounding"],
    "purposes": ["commercial"],
    "territory": ["EU", "JP"],
    "valid_from": "2026-01-01",
    "valid_to": "2099-12-31",
    "models": ["lamp-1"],
    "sublicensing": "affiliates",
    "affiliates": ["lab-eu"],
    "output_limits": {"verbatim_words": 50, "note": "No whole chapters."},
    "fee": {"model": "per_work", "amount": "12.50", "currency": "EUR", "per": "a year"},
    "attribution": True,
    "audit": True,
    "survival": "delete",
}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


def agreement_of(terms: dict[str, Any] | None = None, *, works: int = 2, titles: str = "Lamp") -> Agreement:
    press, lab = factories.actor(factories.organisation(name="Press")), factories.organisation(name="实验室 Lab")
    said = terms or TERMS
    row = Agreement.objects.create(
        granted_by=press.require_writer(),
        licensee=lab,
        terms=said,
        valid_from=said.get("valid_from"),
        valid_to=said.get("valid_to"),
        works=works,
    )
    for number in range(works):
        work = factories.work(f"{titles} {number}", by=press)
        Grant.objects.create(
            work=work,
            asserted_by=press.require_writer(),
            licensee=lab,
            agreement=row,
            uses=said["uses"],
            observed_at=datetime.date(2026, 1, 1),
        )
    row.refresh_from_db()
    return row


def test_the_document_is_signed_once_and_the_log_names_its_hash() -> None:
    agreement = agreement_documents.sign(agreement_of())
    again = agreement_documents.sign(agreement)
    assert again.signature == agreement.signature
    entry = Entry.objects.get(kind="agreement.signed")
    facts = json.loads(bytes(entry.leaf))["facts"]
    assert facts == {"agreement": agreement.public_id, "document_sha256": agreement.document_sha256}


def test_anybody_verifies_it_offline_with_the_registry_s_key() -> None:
    agreement = agreement_documents.sign(agreement_of())
    found = signed_document.verify(agreement_documents.file(agreement), log.verifier_key())
    assert (found.granted_by, found.licensee, found.works) == ("Press", "实验室 Lab", 2)
    assert found.address == f"http://testserver/agreements/{agreement.public_id}"
    assert found.sha256 == agreement.document_sha256
    assert found.key_pinned


def test_the_document_says_in_odrl_what_was_agreed_and_holds_the_terms_whole() -> None:
    agreement = agreement_documents.sign(agreement_of())
    said = json.loads(agreement_documents.file(agreement))
    assert parse_terms(said["colophon:terms"]) == parse_terms(TERMS)
    mining, grounding, passing_on = said["odrl:permission"]
    assert mining["odrl:action"]["rdf:value"] == {"@id": "tdm:mine"}
    assert grounding["odrl:action"] == {"@id": "colophon:use:rag_grounding"}
    assert passing_on["odrl:action"] == {"@id": "odrl:grantUse"}
    operands = {one["odrl:leftOperand"]["@id"] for one in mining["odrl:constraint"]}
    assert operands == {
        "odrl:purpose", "odrl:spatial", "odrl:dateTime", "colophon:model", "odrl:recipient", "colophon:verbatimWords",
    }  # fmt: skip
    duties = [duty["odrl:action"].get("@id") or duty["odrl:action"]["rdf:value"]["@id"] for duty in mining["odrl:duty"]]
    assert duties == ["odrl:attribute", "odrl:compensate", "colophon:submitToAudit"]
    assert said["odrl:obligation"][0]["odrl:action"] == {"@id": "odrl:delete"}
    assert [work["https://schema.org/name"] for work in sorted(said["colophon:works"], key=str)] != []
    assert len(said["colophon:works"]) == 2


def test_a_plain_licence_passes_nothing_on() -> None:
    agreement = agreement_documents.sign(agreement_of({"uses": ["evaluation"]}, works=1))
    said = json.loads(agreement_documents.file(agreement))
    assert said["odrl:prohibition"] == [{"odrl:action": {"@id": "odrl:grantUse"}}]
    assert "odrl:obligation" not in said
    assert "odrl:constraint" not in said["odrl:permission"][0]


def test_every_change_is_noticed_and_another_spelling_is_none() -> None:
    agreement = agreement_documents.sign(agreement_of())
    said = json.loads(agreement_documents.file(agreement))
    assert signed_document.verify(json.dumps(said, indent=2).encode()).sha256 == agreement.document_sha256
    changes: list[dict[str, object]] = [
        {"colophon:terms": TERMS | {"audit": False}},
        {"@id": "http://testserver/agreements/000000000000"},
        {"added": 1},
        {PROOF: said[PROOF] | {"context": "colophon-agreement/2"}},
        {PROOF: said[PROOF] | {"signature": "AAAA"}},
    ]
    for change in changes:
        with pytest.raises(DocumentError):
            signed_document.verify(json.dumps(said | change).encode())
        assert agreement_documents.verify(json.dumps(said | change).encode()) is None
    with pytest.raises(DocumentError, match="another key"):
        signed_document.verify(json.dumps(said).encode(), "other+00000000+AAAA")
    twice = agreement_documents.file(agreement).replace(b'{"@context"', b'{"added":1,"added":1,"@context"', 1)
    with pytest.raises(DocumentError, match="twice"):
        signed_document.verify(twice)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff\xfe", b"%PDF-1.7 nothing", b"[" * 100_000, b'{"a": NaN}']
)
def test_what_is_no_document_is_found_to_be_none(content: bytes) -> None:
    assert agreement_documents.verify(content) is None


def test_a_document_tells_whether_it_is_still_in_force() -> None:
    agreement = agreement_documents.sign(agreement_of())
    content = agreement_documents.file(agreement)

    def standing() -> Standing:
        found = agreement_documents.verify(content)
        assert found is not None
        assert found.form == "jsonld"
        return found.standing

    assert standing() is Standing.IN_FORCE
    Agreement.objects.update(valid_from=datetime.date(2098, 1, 1))
    assert standing() is Standing.NOT_YET
    Agreement.objects.update(valid_from=None, valid_to=datetime.date(2020, 1, 1))
    assert standing() is Standing.EXPIRED
    Agreement.objects.update(revoked_from=datetime.date(2019, 1, 1), state="revoked")
    assert standing() is Standing.REVOKED


def test_what_somebody_else_signed_is_not_genuine_here() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    from registry.merkle import checkpoint  # noqa: PLC0415

    agreement = agreement_documents.sign(agreement_of())
    other = Ed25519PrivateKey.generate()
    forged = signed_document.sign(
        dict(agreement.document), other, checkpoint.verifier_key(other, "colophon.invalid/log")
    )
    content = json.dumps(forged).encode()
    assert signed_document.verify(content).sha256 == agreement.document_sha256
    assert agreement_documents.verify(content) is None


def test_the_pdf_is_kept_byte_for_byte_and_known_again_in_both_languages() -> None:
    agreement = agreement_documents.sign(agreement_of(works=12))
    for language in ("en", "zh-hans"):
        content = agreement_documents.pdf(agreement, language)
        assert content.startswith(b"%PDF-")
        assert agreement_documents.pdf(agreement, language) == content
        found = agreement_documents.verify(content)
        assert found is not None
        assert (found.agreement, found.form) == (agreement, "pdf")
        assert agreement_documents.verify(content + b" ") is None
    assert AgreementPaper.objects.count() == 2
    with pytest.raises(InvalidInput):
        agreement_documents.pdf(agreement, "de")


def test_an_agreement_that_is_not_signed_yet_has_no_document() -> None:
    agreement = agreement_of(works=1)
    with pytest.raises(NotFound):
        agreement_documents.file(agreement)
    with pytest.raises(NotFound):
        agreement_documents.pdf(agreement, "en")


def test_the_client_verifies_it_and_names_what_is_wrong(tmp_path: Path) -> None:
    agreement = agreement_documents.sign(agreement_of(works=1))
    file, key = tmp_path / "agreement.jsonld", tmp_path / "key.txt"
    file.write_bytes(agreement_documents.file(agreement))
    key.write_text(log.verifier_key())

    def verify(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "colophon", "verify", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    code, said = verify(str(file), "--key", str(key))
    assert code == 0
    assert "the pinned key" in said
    assert "Press" in said
    code, said = verify(str(file), "--json")
    assert (code, json.loads(said)["sha256"]) == (0, agreement.document_sha256)
    file.write_bytes(file.read_bytes().replace(b"Press", b"Prass"))
    code, said = verify(str(file))
    assert (code, "does not verify" in said) == (1, True)
