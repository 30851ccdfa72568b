"""What licensing adds to search: the status of works for the question that is asked where none is, and where they were
found. Answered for batches of works, from today's records, by the rules.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

from licensing.models import Grant, Offer, OpenLicence, Reservation
from licensing.selectors import finds, standing
from registry.models import ClaimDecision, RightsClaim, Work
from registry.search import facets

DATED = (Grant, Reservation, Offer, OpenLicence, RightsClaim)


def contribute() -> None:
    """Have search keep both with its rows; called once, when the applications are ready."""
    facets.contribute("work", "status", of_works)
    facets.contribute("work", "dataset", datasets_of)


def of_works(keys: Sequence[int]) -> dict[int, list[str]]:
    """Work → its status for the default question as of today by the database's clock, in UTC."""
    question = standing.default_question(_today())
    found = standing.of_works([Work(pk=key) for key in keys], question)
    return {pk: [row.status] for pk, row in found.items()}


def datasets_of(keys: Sequence[int]) -> dict[int, Iterable[str]]:
    """Work → slugs of the public datasets in which published scans found it."""
    rows = finds.public_matches().filter(work__in=keys).order_by()
    found: dict[int, list[str]] = defaultdict(list)
    for pk, slug in rows.values_list("work_id", "scan__release__dataset__slug").distinct():
        found[pk].append(slug)
    return dict(found)


def turning(on: datetime.date, *, concluded: bool = True) -> set[int]:
    """Works about which a statement or a decision begins on this day, or a statement ended the day before.

    Their status may have changed. Without `concluded`, grants of agreements are left out, whose days have a follower of
    their own.
    """
    before = on - datetime.timedelta(days=1)
    found: set[int] = set()
    for model in DATED:
        rows = model._default_manager.filter(withdrawn_at__isnull=True)
        if model is Grant and not concluded:
            rows = rows.exclude(pk__in=Grant.objects.filter(agreement__isnull=False).values("pk"))
        found.update(rows.filter(valid_from=on).values_list("work_id", flat=True))
        found.update(rows.filter(valid_to=before).values_list("work_id", flat=True))
    decided = ClaimDecision.objects.filter(in_force_at__isnull=False, withdrawn_at__isnull=True, decided_on=on)
    found.update(decided.values_list("work_id", flat=True))
    return found


def _today() -> datetime.date:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date")
        day: datetime.date = cursor.fetchone()[0]
        return day
