"""What begins or ends by its own day: search, and the answers that depend on it, look at it when the day has come.

Days are followed one after another from the last that was finished, each in one transaction with the mark that it is:
a worker or a clock that stood still for a week follows seven days when it is back, and no day is followed twice.
"""

import datetime

from django.db import transaction

from licensing.models import FollowedDays
from licensing.models.policies import VerdictChange
from licensing.selectors import statuses
from licensing.services import assertions, dependents, output_dependents
from registry.search import sync

KIND = "statements"
MOST_DAYS = 400  # that one call follows; the next goes on where it stopped


def follow() -> int:
    """Follow the days up to today (UTC, the database's clock) that are not followed; returns how many there were.

    Where no day was ever followed it begins with today. Safe to call at any time and by several at once.
    """
    today = assertions.today()
    yesterday = today - datetime.timedelta(days=1)
    FollowedDays.objects.get_or_create(kind=KIND, defaults={"until": yesterday})
    count = 0
    while count < MOST_DAYS and _follow_next(today):
        count += 1
    return count


@transaction.atomic
def _follow_next(today: datetime.date) -> bool:
    """Follow the first day that is not followed; False where today is."""
    mark = FollowedDays.objects.select_for_update().get(kind=KIND)
    if mark.until >= today:
        return False
    day = mark.until + datetime.timedelta(days=1)
    sync.queue("work", sorted(statuses.turning(day)))
    dependents.after_statements(statuses.turning(day, concluded=False), VerdictChange.Cause.DATED)
    output_dependents.follow_day(day)
    mark.until = day
    mark.save(update_fields=["until"])
    return True
