"""Where a request stands as a whole: how many of its negotiations and works are in which state, and when it is over."""

from collections import Counter

from django.db.models import Count
from django.db.models.functions import Now

from licensing.models import LicenceRequest, Negotiation
from licensing.rules.lifecycle import BEFORE_GRANT, State

OVER = LicenceRequest.State.CLOSED


def count(request: LicenceRequest) -> dict[str, object]:
    """`negotiations` and `works` by state, `unanswerable` works that nobody can answer for, `left_out` ones.

    A work that its rightsholder left out is in no state: what was granted is what the agreement holds.
    """
    rows = Negotiation.objects.filter(request=request)
    by_state: Counter[str] = Counter()
    works: Counter[str] = Counter()
    unanswerable = 0
    for state, holder, number in rows.values_list("state", "holder_id", "works"):
        if holder is None and (state in BEFORE_GRANT or not number):
            unanswerable += number
            continue
        by_state[state] += 1
        works[state] += number
    left_out = request.requested_works.exclude(left_out="")
    theirs = left_out.filter(negotiation__holder__isnull=False).order_by().values_list("negotiation__state")
    works.subtract(dict(theirs.annotate(rows=Count("pk"))))
    return {
        "negotiations": dict(sorted(by_state.items())),
        "works_by_state": {state: number for state, number in sorted(works.items()) if number > 0},
        "works": request.requested_works.count(),
        "unanswerable": unanswerable,
        "left_out": left_out.count(),
    }


def follow(request: LicenceRequest) -> None:
    """Count again, and close the request once no negotiation with a holder is still before its end."""
    LicenceRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    counts = count(request)
    waiting = Negotiation.objects.filter(
        request=request, holder__isnull=False, state__in=[State(state).value for state in BEFORE_GRANT]
    )
    is_over = not waiting.exists()
    rows = LicenceRequest.objects.filter(pk=request.pk)
    rows.update(counts=counts)
    if is_over:
        rows.filter(state=LicenceRequest.State.OPEN).update(state=OVER, closed_at=Now())
    else:
        rows.filter(state=OVER).update(state=LicenceRequest.State.OPEN, closed_at=None)
