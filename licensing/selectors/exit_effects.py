"""What an exit of a member means: which society there is to leave, and what falls out of its licences."""

import json
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from licensing.models import Agreement, Grant, MemberExit
from licensing.selectors import granting
from registry.models import Capacity, Entry, Organisation, RightsClaim, Work

CHANNELS = ("collective_opt_in", "collective_extended")
SHOWN = 100  # agreements of a society that are looked through for one exit


@dataclass(frozen=True)
class Loss:
    """An agreement of the society, and for how many works it ends by an exit or has ended."""

    agreement: Agreement
    works: int


def societies(organisation: Organisation) -> list[tuple[Organisation, int]]:
    """Who speaks here as a society, with the number of this organisation's own works among theirs; most first."""
    standing = RightsClaim.objects.filter(withdrawn_at__isnull=True)
    own = standing.filter(asserted_by=organisation).values("work")
    theirs = standing.filter(capacity=Capacity.SOCIETY).exclude(asserted_by=organisation)
    shared = Count("work", distinct=True, filter=Q(work__in=own))
    counted = dict(theirs.order_by().values("asserted_by").annotate(own=shared).values_list("asserted_by", "own"))
    rows = Organisation.objects.filter(pk__in=counted).order_by("name")
    return sorted(((row, counted[row.pk]) for row in rows), key=lambda pair: -pair[1])


def works_of(exit_: MemberExit) -> QuerySet[Work]:
    """The works that an exit names, or all that the member claims; none that was withdrawn or merged."""
    claimed = RightsClaim.objects.filter(asserted_by=exit_.organisation, withdrawn_at__isnull=True).values("work")
    which = Q(public_id__in=exit_.works) if exit_.works else Q(pk__in=claimed)
    return Work.objects.filter(which, withdrawn_at__isnull=True, merged_into__isnull=True).order_by("title", "pk")


def losses(exit_: MemberExit) -> list[Loss]:
    """The society's agreements from which works fall out: as recorded once it took effect, before that as it stands."""
    rows = Agreement.objects.filter(granted_by=exit_.society, channel__in=exit_.channels or CHANNELS)
    rows = rows.select_related("granted_by", "licensee").order_by("-pk")
    return _ended(exit_, rows) if exit_.effective_at is not None else _to_end(exit_, rows)


def _ended(exit_: MemberExit, rows: QuerySet[Agreement]) -> list[Loss]:
    """What the log says about the day on which it took effect."""
    subjects = [f"agreement:{public_id}" for public_id in rows.values_list("public_id", flat=True)]
    entries = Entry.objects.filter(kind="agreement.left_by_member", subject__in=subjects)
    said = [json.loads(bytes(leaf))["facts"] for leaf in entries.values_list("leaf", flat=True)]
    counted = {one["agreement"]: one["grants"] for one in said if one["member_exit"] == exit_.public_id}
    found = rows.filter(public_id__in=list(counted))[:SHOWN]
    return [Loss(agreement, counted[agreement.public_id]) for agreement in found]


def _to_end(exit_: MemberExit, rows: QuerySet[Agreement]) -> list[Loss]:
    """What will end on the member's day if nothing changes until then."""
    standing = Grant.objects.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Now()))
    standing = standing.filter(work__in=works_of(exit_))
    found = []
    for agreement in rows.filter(grants__in=standing).distinct()[:SHOWN]:
        keys = list(standing.filter(agreement=agreement).values_list("work_id", flat=True))
        left = granting.left_works(exit_.society, keys, on=exit_.leaves_on, channel=agreement.channel)
        if left:
            found.append(Loss(agreement, len(left)))
    return found
