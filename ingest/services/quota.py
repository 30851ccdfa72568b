"""How much an organisation may have scanned in a day: what keeps the index from being asked for every guess."""

import datetime

from django.conf import settings
from django.utils import timezone

from ingest.models import Scan
from registry.actors import Actor
from registry.errors import ColophonError
from registry.models import Organisation

DAY = datetime.timedelta(days=1)


class QuotaExceeded(ColophonError):
    """The organisation has had as much scanned in the last 24 hours as it may."""

    code = "QUOTA_EXCEEDED"
    status = 429

    def __init__(self, sentence: str, *, retry_after_seconds: int, **facts: object) -> None:
        super().__init__(sentence, retry_after_seconds=retry_after_seconds, **facts)
        self.retry_after_seconds = retry_after_seconds


def require(actor: Actor, more_bytes: int = 0) -> None:
    """Raise QuotaExceeded where these bytes are too many beside those of the last 24 hours (SCAN_DAILY_BYTES).

    The organisation's row is locked until the transaction ends, so that two scans at once do not share what is left.
    Operators' commands have no limit, and 0 sets none.
    """
    limit = settings.SCAN_DAILY_BYTES
    if not limit or actor.user is None or actor.organisation is None:
        return
    Organisation.objects.select_for_update(no_key=True).get(pk=actor.organisation.pk)
    since = timezone.now() - DAY
    recent = Scan.objects.filter(organisation=actor.organisation, recorded_at__gt=since).order_by("recorded_at")
    used, freed_at = 0, timezone.now()
    for recorded_at, inputs in recent.values_list("recorded_at", "inputs"):
        freed_at = recorded_at + DAY if not used else freed_at
        used += sum(row["size_bytes"] for row in inputs)
    if used + more_bytes <= limit and (more_bytes or used < limit):
        return
    sentence = (
        f"{actor.organisation} may have {_size(limit)} scanned in 24 hours; {_size(used)} were, and this is"
        f" {_size(more_bytes)} more. The operator of this registry sets the limit."
    )
    wait = max(1, int((freed_at - timezone.now()).total_seconds()))
    raise QuotaExceeded(sentence, retry_after_seconds=wait, limit_bytes=limit, used_bytes=used)


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} bytes"
