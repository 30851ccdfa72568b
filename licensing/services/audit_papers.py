"""The certificate of an audit on paper: one page that is made from the JSON certificate and names its hash."""

from ingest.models import Audit
from ingest.services import audit_certificates
from licensing.evidence import audit_certificate
from licensing.evidence.wording import LANGUAGES
from registry.errors import InvalidInput


def pdf(audit: Audit, language: str) -> bytes:
    """The certificate as a PDF in `en` or `zh-hans`; the same bytes whenever it is asked for.

    Raises Conflict before the log has numbered both entries, InvalidInput for another language.
    """
    if language not in LANGUAGES:
        cause = f"{language!r} is not one of {', '.join(LANGUAGES)}."
        raise InvalidInput(cause, errors=[{"parameter": "language", "cause": cause}])
    certified = audit_certificates.certify(audit)
    about = audit_certificate.about(audit, audit_certificates.written(certified))
    return audit_certificate.page(certified, about, language)


def file_name(audit: Audit) -> str:
    """What to call the page when somebody saves it."""
    return audit_certificate.file_name(audit)
