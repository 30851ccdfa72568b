"""The signed document of an agreement: made once, kept, shown to its parties, verified for whoever has it.

JSON-LD (ODRL) is what is signed; a PDF shows it in one language and is kept byte for byte, so that it is known again
by its hash. Nothing is said of an agreement to anybody who does not bring its document.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from django.db import IntegrityError, transaction

from ingest import blobs
from licensing.evidence import agreement as evidence
from licensing.evidence.wording import LANGUAGES
from licensing.models import Agreement, AgreementPaper
from licensing.services import assertions
from registry.actors import system
from registry.errors import InvalidInput, NotFound
from registry.merkle import bundle, signed_document
from registry.merkle.signed_document import PROOF, DocumentError
from registry.services import log

MAX_UPLOAD_BYTES = 32 << 20
PDF_MARK = b"%PDF-"


class Standing(StrEnum):
    """What an agreement whose document was brought is worth on the day it is asked about."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Finding:
    """A genuine document: of which agreement, in which form, and how that stands today."""

    agreement: Agreement
    form: str  # jsonld | pdf
    standing: Standing
    sha256: str


def sign_by_id(agreement_id: int) -> Agreement:
    """What the job does once an agreement is concluded."""
    return sign(Agreement.objects.get(pk=agreement_id))


def sign(agreement: Agreement) -> Agreement:
    """Make and sign the document, once, with an entry of the log that names its hash; a signed one is left as it is."""
    with transaction.atomic():
        rows = Agreement.objects.select_for_update(no_key=True, of=("self",))
        held = rows.select_related("granted_by", "licensee", "offer", "under", "renews", "entry").get(pk=agreement.pk)
        if held.signature:
            return held
        signed = signed_document.sign(evidence.document(held), log.signing_key(), log.verifier_key())
        held.document = signed
        held.document_sha256 = signed_document.content_sha256(signed)
        held.signature = signed[PROOF]["signature"]
        held.save(update_fields=["document", "document_sha256", "signature"])
        log.stage(
            "agreement.signed",
            subject=f"agreement:{held.public_id}",
            facts={"agreement": held.public_id, "document_sha256": held.document_sha256},
            actor=system("agreements", held.granted_by),
        )
    return held


def signed(agreement: Agreement) -> dict[str, object]:
    """The document with its proof. Raises NotFound while it is not signed."""
    if not agreement.signature:
        raise NotFound("The document of this agreement is being made. Ask again in a moment.")
    return dict(agreement.document)


def file(agreement: Agreement) -> bytes:
    """The document as the file that is handed out: canonical JSON."""
    return bundle.canonical_json(signed(agreement))


def pdf(agreement: Agreement, language: str) -> bytes:
    """The document as PDF in `en` or `zh-hans`: made when it is first asked for, the same bytes ever after."""
    if language not in LANGUAGES:
        cause = f"{language!r} is not one of {', '.join(LANGUAGES)}."
        raise InvalidInput(cause, errors=[{"pointer": "/language", "cause": cause}])
    paper = AgreementPaper.objects.filter(agreement=agreement, language=language).first()
    return _kept(paper) if paper else _kept(_make(agreement, language))


def _kept(paper: AgreementPaper) -> bytes:
    return blobs.read(paper.blob)


def _make(agreement: Agreement, language: str) -> AgreementPaper:
    content = evidence.page(signed(agreement), agreement.public_id, agreement.document_sha256, language)
    blob = blobs.put(content, f"agreements/{agreement.public_id}")
    facts = {"blob": blob.key, "size_bytes": blob.size_bytes, "sha256": blob.sha256}
    try:
        with transaction.atomic():
            return AgreementPaper.objects.create(agreement=agreement, language=language, **facts)
    except IntegrityError:  # somebody else asked at the same moment: what was kept first counts
        return AgreementPaper.objects.get(agreement=agreement, language=language)


def verify(content: bytes) -> Finding | None:
    """Whether this file is a document of an agreement here, as it was signed; None where it is not.

    A changed document, one that was never signed, and one of another registry are not told apart.
    """
    return _paper(content) if content.startswith(PDF_MARK) else _document(content)


def _paper(content: bytes) -> Finding | None:
    sha256 = hashlib.sha256(content).hexdigest()
    paper = AgreementPaper.objects.filter(sha256=sha256).select_related("agreement").first()
    return _finding(paper.agreement, "pdf", sha256) if paper else None


def _document(content: bytes) -> Finding | None:
    try:
        found = signed_document.verify(content)
        proof = signed_document.read(content)[PROOF]
    except DocumentError:
        return None
    number = found.address.rpartition("/")[2][:12].replace("\0", "")
    agreement = Agreement.objects.filter(public_id=number, document_sha256=found.sha256).first()
    if agreement is None or agreement.document[PROOF] != proof:  # somebody else signed the same words
        return None
    return _finding(agreement, "jsonld", found.sha256)


def _finding(agreement: Agreement, form: str, sha256: str) -> Finding:
    return Finding(agreement, form, standing(agreement), sha256)


def standing(agreement: Agreement) -> Standing:
    """How an agreement stands today."""
    today = assertions.today()
    if agreement.state == Agreement.State.REVOKED or (agreement.revoked_from and agreement.revoked_from <= today):
        return Standing.REVOKED
    if agreement.valid_to is not None and agreement.valid_to < today:
        return Standing.EXPIRED
    if agreement.valid_from is not None and agreement.valid_from > today:
        return Standing.NOT_YET
    return Standing.IN_FORCE
