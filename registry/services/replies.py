"""What the API remembers of requests, and for how long: replies to those with an Idempotency-Key, and counts."""

import datetime

from django.db.models.functions import Now

from registry.models import Reply, RequestCount

KEPT = datetime.timedelta(hours=24)
COUNTS_KEPT = datetime.timedelta(hours=1)


def forget() -> int:
    """Remove replies older than a day and counts older than an hour; returns how many replies."""
    RequestCount.objects.filter(minute__lt=Now() - COUNTS_KEPT).delete()
    return Reply.objects.filter(recorded_at__lt=Now() - KEPT).delete()[0]
