"""The certificate of an audit: its result and the log's two entries, in a file that verifies offline.

Both entries are proven under the first checkpoint that covers them, so a certificate is the same bytes whenever it is
asked for, however far the log has grown.
"""

import hashlib
from typing import Any

from django.conf import settings

from ingest.models import Audit
from ingest.selectors import audits as selectors
from registry.errors import Conflict
from registry.merkle import certificate, checkpoint
from registry.merkle.bundle import canonical_json
from registry.models import Checkpoint, Entry
from registry.services import log, receipts


def certify(audit: Audit) -> dict[str, Any]:
    """The certificate as JSON (`registry.merkle.certificate`), people as numbers.

    Raises Conflict before the end, and in the moment until both entries have their numbers in the log.
    """
    result = selectors.presented(audit)
    if result is None or audit.sample_entry is None or audit.result_entry is None:
        raise Conflict("This audit has no result yet.", state=audit.state)
    positions = [entry.position for entry in (audit.sample_entry, audit.result_entry)]
    covering = None if None in positions else _covering(max(position or 0 for position in positions))
    if covering is None:
        raise Conflict("The log has not numbered this audit's entries yet. Ask again in a minute.")
    return {
        "format": certificate.FORMAT,
        "audit": audit.public_id,
        "address": f"{settings.SITE_URL}/audits/{audit.public_id}",
        "sampled": _entry(audit.sample_entry, covering),
        "concluded": _entry(audit.result_entry, covering),
        "result": result,
    }


def file(audit: Audit) -> bytes:
    """The certificate as the file that is handed out: canonical JSON. Raises Conflict as `certify` does."""
    return written(certify(audit))


def written(certified: dict[str, Any]) -> bytes:
    """A certificate in its one spelling, with `format` first, by which the commands know it."""
    first = canonical_json({"format": certified["format"]})[:-1]
    rest = canonical_json({name: value for name, value in certified.items() if name != "format"})
    return first + b"," + rest[1:] + b"\n"


def file_name(audit: Audit) -> str:
    """What to call the JSON certificate when somebody saves it."""
    return f"colophon-audit-{audit.public_id}.json"


def sha256(content: bytes) -> str:
    """The hash by which the page of paper names the file: hex."""
    return hashlib.sha256(content).hexdigest()


def is_numbered(audit: Audit) -> bool:
    """Whether a certificate can be had."""
    entries = (audit.sample_entry, audit.result_entry)
    return audit.result is not None and all(entry is not None and entry.position is not None for entry in entries)


def _covering(position: int) -> Checkpoint | None:
    """The first checkpoint over this entry: the same one for ever; the newest where the log's key was changed since."""
    first = Checkpoint.objects.filter(size__gt=position).order_by("size").first()
    if first is None:
        return None
    try:
        checkpoint.verify(first.note, log.verifier_key())
    except checkpoint.CheckpointError:
        return receipts.latest()
    return first


def _entry(entry: Entry, under: Checkpoint) -> dict[str, Any]:
    return {"record": bytes(entry.leaf).decode(), "log": receipts.place_in_log(entry, under)}
