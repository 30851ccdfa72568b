"""The rows of a grant that rests on an agreement: which works it can reach, and one grant a work, written in bulk."""

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from licensing.models import Agreement, Grant
from licensing.rules import terms as words
from licensing.rules.agreement import Terms, duties_of, overlaps, parse_terms
from licensing.rules.agreement_reading import NOBODY
from licensing.selectors import rival_grants
from licensing.selectors.granting import Authority, Why
from licensing.services import assertions
from registry.merkle import tree
from registry.models import Organisation, Work
from registry.services import copying, log

SOURCE = "agreement"


@dataclass(frozen=True)
class Held:
    """The works that a grant is to be about, locked until the transaction ends, and why some are left out."""

    works: dict[int, Work]
    left_out: dict[int, str]


def hold_works(keys: Collection[int]) -> Held:
    """Lock the works, in the order of their keys; a merged one is its survivor, a withdrawn one is left out."""
    merged = dict(
        Work.objects.filter(pk__any_of=list(keys), merged_into__isnull=False).values_list("pk", "merged_into_id")
    )
    wanted = {merged.get(key) or key for key in keys}
    rows = Work.objects.select_for_update(no_key=True, of=("self",)).only("public_id", "demo", "withdrawn_at")
    held = Held({}, {})
    for work in rows.filter(pk__any_of=wanted).order_by("pk"):
        if work.withdrawn_at is None:
            held.works[work.pk] = work
        else:
            held.left_out[work.pk] = Why.WITHDRAWN_WORK
    return held


def kept_from(
    granted_by: Organisation, licensee: Organisation, terms: Terms, works: Collection[int], *, on: datetime.date
) -> set[int]:
    """Of these works those that the same grantor has given to others in a way that leaves no room for these terms.

    Either was to be exclusive, and both reach some use by some licensee there on some day. What another organisation
    granted is not looked at: such grants stand side by side, and the rules call the work contested.
    """
    ends = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=Now())
    rows = Grant.objects.filter(ends, work__in=list(works), asserted_by=granted_by).exclude(licensee=licensee)
    rows = rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on))
    found: set[int] = set()
    known: dict[int, bool] = {}
    for grant in rows.select_related("agreement").order_by("pk"):
        if grant.agreement_id is None:
            excludes = (terms.exclusive or grant.exclusive) and overlaps(rival_grants.stated(grant), terms)
        else:
            if grant.agreement_id not in known:
                assert grant.agreement is not None
                other = parse_terms(grant.agreement.terms)
                known[grant.agreement_id] = (other.exclusive or terms.exclusive) and overlaps(other, terms)
            excludes = known[grant.agreement_id]
        if excludes:
            found.add(grant.work_id)
    return found


def scope_columns(terms: Terms) -> dict[str, Any]:
    """The part of terms that every statement has, as columns."""
    return {
        "uses": sorted(use.value for use in terms.uses),
        "purposes": sorted(purpose.value for purpose in terms.purposes or ()),
        "territory": list(terms.territory or ()),
        "valid_from": terms.valid_from,
        "valid_to": terms.valid_to,
    }


def grant_columns(terms: Terms) -> dict[str, Any]:
    """Terms as columns of a grant: its scope, its duties, and whom and what it is narrowed to."""
    narrowed = [NOBODY] if terms.affiliates == frozenset() else sorted(terms.affiliates or ())
    return scope_columns(terms) | {
        "duties": duties_of(terms),
        "affiliates": narrowed,
        "products": sorted(terms.products or ()),
        "model_names": sorted(terms.models or ()),
        "licensee_kinds": sorted(kind.value for kind in terms.licensee_kinds or ()),
        "exclusive": terms.exclusive,
    }


def verification_of(authority: Authority, *, both_acted: bool) -> str:
    """How far a grant is verified that was made here: where one party alone acted, as far as what it rests on.

    Where both did, it is counter-signed if somebody looked at the grantor's right itself (a document at least);
    otherwise as far as the claim it rests on, and no further: two accounts that agree prove no right.
    """
    verified = words.Verification(authority.verification)
    if both_acted and verified.reaches(words.Verification.DOCUMENT):
        return words.Verification.COUNTER_SIGNED
    return verified.value


def write(
    agreement: Agreement,
    terms: Terms,
    works: Sequence[Work],
    authorities: Mapping[int, Authority],
    *,
    entry: int,
    licensor: str = "",
    observed_at: datetime.date,
) -> list[Grant]:
    """One grant a work, in bulk, all naming the log entry `entry` that carries their root."""
    same = grant_columns(terms) | {"valid_from": agreement.valid_from, "valid_to": agreement.valid_to}
    rows = [
        Grant(
            work=work,
            asserted_by=agreement.granted_by,
            licensee=agreement.licensee,
            agreement=agreement,
            licensor=licensor,
            capacity=authorities[work.pk].capacity,
            verification=verification_of(authorities[work.pk], both_acted=agreement.under_id is None),
            observed_at=observed_at,
            source_format=SOURCE,
            demo=work.demo or agreement.demo,
            entry_id=entry,
            **same,
        )
        for work in works
    ]
    copying.create(rows)
    return rows


def grant_leaf(row: Grant) -> bytes:
    """The canonical JSON of one grant of many: what is hashed under the root in the log's entry."""
    names = ("duties", "affiliates", "products", "model_names", "licensee_kinds", "exclusive")
    said = {name: getattr(row, name) for name in names}
    return log.canonical(assertions.logged_scope(row) | said | {"grant": row.public_id, "licensee": row.licensee.slug})


def root_of(rows: Sequence[Grant]) -> str:
    """The Merkle root over these grants' leaves, in this order, as hex."""
    return tree.root(tree.leaf_hash(grant_leaf(row)) for row in rows).hex()
