"""What decisions about disputed claims end, and from which day: read by every case, so that verdicts follow them."""

import datetime
from collections import defaultdict
from collections.abc import Iterable

from licensing.models.assertions import Assertion
from licensing.rules.terms import HOLDER_CAPACITIES, members_of_all
from registry.models import ClaimDecision, RightsClaim, Work

ONE_DAY = datetime.timedelta(days=1)


def counts(decision: ClaimDecision) -> bool:
    """Whether a decision is in force: an agreement that waits for a side, and a withdrawn one, decide nothing."""
    return decision.in_force_at is not None and decision.withdrawn_at is None


def set_aside_on(claim: RightsClaim) -> datetime.date | None:
    """The first day on which the claim no longer counts, by the earliest decision in force; None when there is none."""
    days = [decision.decided_on for decision in claim.set_aside_by.all() if counts(decision)]
    return min(days) if days else None


class Settled:
    """The last days that decisions leave to claims, and to what was said on the strength of them.

    A claim that is set aside ends on the day before the decision's. So do the grants, reservations, offers and open
    licences that the same organisation stated as holder of that work, where the claim had their whole territory and no
    other claim of the organisation stands there: who does not hold the right neither gives it nor keeps it back.
    """

    def __init__(self, works: Iterable[Work]) -> None:
        self._by_speaker: dict[tuple[int, int], list[RightsClaim]] = defaultdict(list)
        self._days: dict[int, datetime.date] = {}
        for work in works:
            for claim in work.rights_claims.all():
                self._by_speaker[claim.work_id, claim.asserted_by_id].append(claim)
                if (day := set_aside_on(claim)) is not None:
                    self._days[claim.pk] = day

    def last_day(self, row: Assertion | RightsClaim) -> datetime.date | None:
        """The last day that counts; None where no decision touches the statement."""
        if isinstance(row, RightsClaim):
            day = self._days.get(row.pk)
        elif row.capacity in HOLDER_CAPACITIES:
            day = self._lost_on(row)
        else:
            day = None
        return day - ONE_DAY if day else None

    def _lost_on(self, row: Assertion) -> datetime.date | None:
        """The day from which the speaker no longer has the right that the statement rests on."""
        claims = self._by_speaker.get((row.work_id, row.asserted_by_id), [])
        if not any(claim.pk in self._days for claim in claims):
            return None
        wanted = members_of_all(row.territory or None)
        reaching = [claim for claim in claims if members_of_all(claim.territory or None) & wanted]
        lost = [claim for claim in reaching if claim.pk in self._days]
        stands = any(claim.pk not in self._days and claim.withdrawn_at is None for claim in reaching)
        reach = (
            members_of_all(None)
            if not lost
            else frozenset[str]().union(*(members_of_all(claim.territory or None) for claim in lost))
        )
        return max(self._days[claim.pk] for claim in lost) if lost and not stands and wanted <= reach else None
