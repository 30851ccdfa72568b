"""The one place from which the channels of authorisation tell the outside what happened, and have it documented."""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec

from licensing.models import Agreement
from registry import jobs
from registry.models import Organisation

REQUEST_RECEIVED = "request.received"
REQUEST_SENT = "request.sent"
REQUEST_ANSWERABLE = "request.answerable"
NEGOTIATION_MOVED = "negotiation.moved"
AGREEMENT_CONCLUDED = "agreement.concluded"
AGREEMENT_ENDED = "agreement.ended"
OFFER_ACCEPTED = "offer.accepted"
PASSED_ON = "licence.passed_on"
SUBLICENCE_MOVED = "sublicence.moved"
CLEARANCE_CHANGED = "clearance.changed"
DEADLINE = "deadline.near"

DOCUMENT_JOB = "agreement_document"
_WEBHOOKS = "registry.services.webhooks"


def tell(event: str, organisations: Iterable[Organisation | None], facts: dict[str, object]) -> None:
    """Announce an event to these organisations, in the caller's transaction: what is rolled back was never told."""
    if find_spec(_WEBHOOKS) is None:
        return
    emit = import_module(_WEBHOOKS).emit
    for organisation in organisations:
        if organisation is not None:
            emit(event, organisation, facts)


def document(agreement: Agreement) -> None:
    """Have the signed document of an agreement made by a worker, in the caller's transaction."""
    if jobs.handler_of(DOCUMENT_JOB) is not None:
        jobs.enqueue(DOCUMENT_JOB, organisation=agreement.granted_by, agreement_id=agreement.pk)
