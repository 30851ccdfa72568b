"""Who left which society's repertoire by when: what it can grant no more."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q

from licensing.models import MemberExit
from registry.models import Organisation, RightsClaim


class Exits:
    """Who left which society, on that day or before: all of an organisation's works, or those named."""

    def __init__(self, rows: Iterable[MemberExit]) -> None:
        self._all: set[tuple[int, int]] = set()
        self._named: set[tuple[int, str]] = set()
        for row in rows:
            if row.works:
                self._named |= {(row.society_id, public_id) for public_id in row.works}
            else:
                self._all.add((row.society_id, row.organisation_id))

    def __bool__(self) -> bool:
        return bool(self._all or self._named)

    def reach(self, society: int, work: str, holders: Iterable[int]) -> bool:
        """Whether a work of these holders left the society."""
        return (society, work) in self._named or any((society, holder) in self._all for holder in holders)


def exits(on: datetime.date, *, society: Organisation | None = None, channel: str = "") -> Exits:
    """The exits that count on a day: from one society or all, from one of its channels or any."""
    rows = MemberExit.objects.filter(withdrawn_at__isnull=True, leaves_on__lte=on)
    if society is not None:
        rows = rows.filter(society=society)
    if channel:
        rows = rows.filter(Q(channels=[]) | Q(channels__contains=[channel]))
    return Exits(rows)


def left_works(society: Organisation, works: Collection[int], *, on: datetime.date, channel: str) -> set[int]:
    """Of these works (primary keys) those that members took out of a society's repertoire on that day or before."""
    left = exits(on, society=society, channel=channel)
    if not left:
        return set()
    rows = RightsClaim.objects.filter(work__in=list(works), withdrawn_at__isnull=True).exclude(asserted_by=society)
    holders: dict[int, set[int]] = defaultdict(set)
    ids: dict[int, str] = {}
    for pk, public_id, speaker in rows.values_list("work_id", "work__public_id", "asserted_by_id"):
        holders[pk].add(speaker)
        ids[pk] = public_id
    return {pk for pk, public_id in ids.items() if left.reach(society.pk, public_id, holders[pk])}
