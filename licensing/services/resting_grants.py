"""How far grants and offers are verified follows the claims on which they rest, when somebody looks at those later.

A grant made here is as good as the grantor's right was when it was given. Once that right is verified, or found to be
less than it seemed, so are the grants that rest on it, what was passed on of them, and what is offered.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.db.models.functions import Now

from licensing.models import Agreement, Grant, Offer
from licensing.rules.agreement import parse_terms
from licensing.rules.terms import Verification
from licensing.selectors import granting as authority
from licensing.services import assertions, granting
from registry.merkle import tree
from registry.models import Organisation, RightsClaim
from registry.services import log

LEVELS = list(Verification)
Change = tuple[str, str, str]  # public id, level before, level now


@dataclass
class Followed:
    """The grants that are verified otherwise now, and how many offers are."""

    grants: list[Change] = field(default_factory=list)
    offers: int = 0

    def facts(self) -> dict[str, object]:
        """For the log; nothing where nothing followed."""
        if not self.grants and not self.offers:
            return {}
        return {"grants": len(self.grants), "grants_root": root_of("grant", self.grants), "offers": self.offers}


def root_of(kind: str, changes: Iterable[Change]) -> str:
    """The Merkle root over what was verified otherwise, in this order, as hex."""
    leaves = (log.canonical({kind: public_id, "before": was, "verification": now}) for public_id, was, now in changes)
    return tree.root(tree.leaf_hash(leaf) for leaf in leaves).hex()


def follow(organisation: Organisation, works: Collection[int]) -> Followed:
    """Bring what an organisation granted and offers for these works in line with its claims as they are verified now.

    Whether a claim carries a grant is asked of the same rules as when it was given. A grant that no claim carries any
    more stays as it was: that it was given is a fact, and what it is worth the rules say. Queries grow with
    agreements, not with works.
    """
    followed = Followed()
    agreements = Agreement.objects.filter(granted_by=organisation, under=None, grants__work__any_of=list(works))
    for agreement in agreements.select_related("licensee").distinct().order_by("pk"):
        rows = {row.work_id: row for row in _standing(agreement, works)}
        proposed = authority.Proposed(parse_terms(agreement.terms), agreement.channel, agreement.licensee.slug)
        found = authority.authority_of(organisation, rows.keys(), proposed, on=assertions.today())
        level = {
            pk: granting.verification_of(one, both_acted=True)
            for pk, one in found.items()
            if not one.why and one.capacity == rows[pk].capacity
        }
        _apply(agreement, rows, level, followed)
    followed.offers = _offers(organisation, works)
    return followed


def _standing(agreement: Agreement, works: Collection[int]) -> Iterable[Grant]:
    ends = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Now())
    return Grant.objects.filter(ends, agreement=agreement, work__any_of=list(works)).order_by("pk")


def _apply(agreement: Agreement, rows: dict[int, Grant], level: dict[int, str], followed: Followed) -> None:
    """Write the levels of an agreement's grants, then those of what was passed on: a document at most."""
    changed = {pk: word for pk, word in level.items() if rows[pk].verification != word}
    followed.grants += [(rows[pk].public_id, rows[pk].verification, word) for pk, word in changed.items()]
    for word in set(changed.values()):
        Grant.objects.filter(pk__any_of=[rows[pk].pk for pk in changed if changed[pk] == word]).update(
            verification=word
        )
    if not changed:
        return
    cap = LEVELS.index(Verification.DOCUMENT)
    for under in agreement.sublicences.order_by("pk"):
        below = {row.work_id: row for row in _standing(under, changed)}
        lowered = {pk: LEVELS[min(cap, LEVELS.index(Verification(changed[pk])))].value for pk in below}
        _apply(under, below, lowered, followed)


def _offers(organisation: Organisation, works: Collection[int]) -> int:
    """Offers are verified as far as the best standing claim in the same capacity is."""
    claims = RightsClaim.objects.filter(
        asserted_by=organisation, work__any_of=list(works), withdrawn_at__isnull=True, set_aside_by__isnull=True
    )
    best: dict[tuple[int, str], str] = {}
    for work, capacity, word in claims.values_list("work_id", "capacity", "verification"):
        known = best.get((work, capacity), Verification.NONE)
        best[work, capacity] = max(known, word, key=lambda each: LEVELS.index(Verification(each)))
    rows = Offer.objects.filter(
        asserted_by=organisation, work__any_of=list(works), withdrawn_at__isnull=True, agreed_terms__isnull=False
    )
    changed: dict[str, list[int]] = {}
    for pk, work, capacity, was in rows.values_list("pk", "work_id", "capacity", "verification"):
        if (word := best.get((work, capacity), was)) != was:
            changed.setdefault(word, []).append(pk)
    return sum(Offer.objects.filter(pk__any_of=pks).update(verification=word) for word, pks in changed.items())
