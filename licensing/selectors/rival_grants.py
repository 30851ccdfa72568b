"""Grants by others that contradict a licensee's own, where one of both was to be exclusive: they make a work contested.

A licensee learns that somebody else granted the same, and who; not to whom, nor on which terms: the reach that is shown
is the part that both have in common. Its id tells nothing either.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q

from licensing.models import Grant
from licensing.rules import terms as words
from licensing.rules.agreement import Terms, intersect, overlaps
from licensing.rules.terms import HOLDER_CAPACITIES
from registry.models import Organisation

Json = dict[str, Any]
OTHERS = "others"  # the licensee of a grant to anybody else


def of_works(pks: Any, licensee: Organisation | None) -> dict[int, list[Json]]:
    """Work pk → the grants by others that contradict the licensee's, as assertions of a case (`pks`: keys, a query)."""
    if licensee is None:
        return {}
    holders = [capacity.value for capacity in HOLDER_CAPACITIES]
    standing = Grant.objects.filter(withdrawn_at__isnull=True, capacity__in=holders)
    own = standing.filter(Q(licensee=licensee) | Q(affiliates__contains=[licensee.slug]), work__in=pks)
    same = own.filter(work=OuterRef("work"))
    against = standing.filter(work__in=own.values("work")).exclude(
        Q(licensee=licensee) | Q(affiliates__contains=[licensee.slug])
    )
    rivals = against.filter(Q(exclusive=True) | Exists(same.filter(exclusive=True)))
    rows = list(rivals.select_related("asserted_by").order_by("pk"))
    if not rows:
        return {}
    mine: dict[int, list[Grant]] = defaultdict(list)
    for grant in own.filter(work__in=[row.work_id for row in rows]).order_by("pk"):
        mine[grant.work_id].append(grant)
    found: dict[int, list[Json]] = defaultdict(list)
    for row in rows:
        if said := _said(row, mine[row.work_id]):
            found[row.work_id].append(said)
    return found


def _said(rival: Grant, own: Sequence[Grant]) -> Json | None:
    """A rival grant as far as it contradicts one of the licensee's own, None where it does not."""
    for grant in own:
        if grant.asserted_by_id == rival.asserted_by_id or not (grant.exclusive or rival.exclusive):
            continue
        one, other = stated(grant), stated(rival)
        shared = intersect(one, other) if overlaps(one, other) else None
        if shared is not None:
            return _as_assertion(rival, shared)
    return None


def _as_assertion(rival: Grant, shared: Terms) -> Json:
    facts: Json = {
        "id": hashlib.sha256(rival.public_id.encode()).hexdigest()[:12],
        "kind": "grant",
        "asserted_by": f"org:{rival.asserted_by.slug}",
        "capacity": rival.capacity,
        "verification": rival.verification,
        "licensee": OTHERS,
        "duties": [],
        "exclusive": rival.exclusive,
        "uses": sorted(use.value for use in shared.uses),
        "valid_from": shared.valid_from.isoformat() if shared.valid_from else None,
        "valid_to": shared.valid_to.isoformat() if shared.valid_to else None,
        "observed_at": rival.observed_at.isoformat(),
    }
    if shared.purposes:
        facts["purposes"] = sorted(purpose.value for purpose in shared.purposes)
    if shared.territory:
        facts["territory"] = list(shared.territory)
    return facts


def stated(grant: Grant) -> Terms:
    """The reach of a grant, as terms."""
    return Terms(
        uses=frozenset(map(words.Use, grant.uses)),
        purposes=frozenset(map(words.Purpose, grant.purposes)) or None,
        territory=tuple(grant.territory) or None,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        exclusive=grant.exclusive,
    )
