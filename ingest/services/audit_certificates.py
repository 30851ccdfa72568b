"""The certificate of an audit: its result and the log's two entries, in a file that verifies offline."""

from typing import Any

from django.conf import settings

from ingest.models import Audit
from ingest.selectors import audits as selectors
from registry.errors import Conflict
from registry.merkle import certificate
from registry.models import Entry
from registry.services import receipts


def certify(audit: Audit) -> dict[str, Any]:
    """The certificate as JSON (`registry.merkle.certificate`), people as numbers.

    Raises Conflict before the end, and in the moment until both entries have their numbers in the log.
    """
    result = selectors.presented(audit)
    if result is None or audit.sample_entry is None or audit.result_entry is None:
        raise Conflict("This audit has no result yet.", state=audit.state)
    sampled, concluded = _entry(audit.sample_entry), _entry(audit.result_entry)
    if sampled["log"] is None or concluded["log"] is None:
        raise Conflict("The log has not numbered this audit's entries yet. Ask again in a minute.")
    return {
        "format": certificate.FORMAT,
        "audit": audit.public_id,
        "address": f"{settings.SITE_URL}/audits/{audit.public_id}",
        "sampled": sampled,
        "concluded": concluded,
        "result": result,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {"record": bytes(entry.leaf).decode(), "log": receipts.place_in_log(entry)}
