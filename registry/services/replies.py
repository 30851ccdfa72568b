"""How long the replies to requests with an Idempotency-Key are kept."""

import datetime

from django.db.models.functions import Now

from registry.models import Reply

KEPT = datetime.timedelta(hours=24)


def forget() -> int:
    """Remove replies older than a day; returns how many."""
    return Reply.objects.filter(recorded_at__lt=Now() - KEPT).delete()[0]
