"""The first step of axis 2: claims that contradict each other, and licences that do not match their source."""

from datetime import date
from itertools import combinations

from licensing.rules.case import AiRights, Assertion, Case, Kind
from licensing.rules.grants import is_for_licensee
from licensing.rules.licences import find_licence
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.terms import (
    HOLDER_CAPACITIES,
    Capacity,
    Scope,
    members,
    members_of_all,
    touches,
)

_DECLARING_CAPACITIES = frozenset({Capacity.PLATFORM, Capacity.LICENSEE, Capacity.OBSERVER})


def find_disputes(case: Case, covering_grants: tuple[Assertion, ...]) -> tuple[Reason, ...]:
    """Every contradiction that touches the question. `covering_grants` cover it, whatever their verification."""
    return (
        *_dispute_claims(case),
        *_dispute_grants(case, covering_grants),
        *_dispute_exclusive(case, covering_grants),
        *_dispute_licences(case),
    )


def _reaches(case: Case, assertion: Assertion) -> bool:
    return assertion.scope.runs_on(case.question.on) and touches(assertion.scope, case.question.asked)


def _overlap_there(case: Case, one: Scope, other: Scope) -> bool:
    shared = members_of_all(one.territory) & members_of_all(other.territory)
    return bool(shared & members(case.question.territory))


def _contest(case: Case, basis: str, *assertions: Assertion) -> Reason:
    return give_reason(
        "DISPUTE_OWNER",
        evidence=tuple(assertion.id for assertion in assertions),
        use=case.question.use.value,
        territory=case.question.territory,
        basis=basis,
    )


def _dispute_claims(case: Case) -> list[Reason]:
    """Exclusive claims of unrelated parties in the same right, territory and period.

    A publisher, agent, society or platform whose contract left the AI rights with the author does not claim them.
    """
    claims = [claim for claim in case.of_kind(Kind.OWNERSHIP) if _reaches(case, claim)]
    return [
        _contest(case, f"{one.asserted_by} and {other.asserted_by} each claim the exclusive right", one, other)
        for one, other in combinations(claims, 2)
        if are_rivals(one, other) and _overlap_there(case, one.scope, other.scope)
    ]


def are_rivals(one: Assertion, other: Assertion) -> bool:
    """Whether two claims exclude each other somewhere, some day: what makes a work disputed, whatever is asked."""
    if not (one.exclusive and other.exclusive) or one.is_related_to(other):
        return False
    if lacks_ai_rights(one) or lacks_ai_rights(other):
        return False
    first = max(one.scope.valid_from or date.min, other.scope.valid_from or date.min)
    last = min(one.scope.valid_to or date.max, other.scope.valid_to or date.max)
    return first <= last and bool(members_of_all(one.scope.territory) & members_of_all(other.scope.territory))


def lacks_ai_rights(claim: Assertion) -> bool:
    """Whether a claim of someone other than author or owner says that the AI rights were retained by another."""
    first_hand = claim.capacity in (Capacity.AUTHOR, Capacity.OWNER)
    return claim.ai_rights is AiRights.RETAINED and not first_hand


def _dispute_grants(case: Case, grants: tuple[Assertion, ...]) -> list[Reason]:
    """Another holder's reservation, takedown, denial or retained AI right against a grant that covers the question."""
    reasons = []
    for grant in grants:
        for objection in case.of_kind(Kind.RESERVATION, Kind.TAKEDOWN, Kind.DENIAL, Kind.OWNERSHIP):
            if objection.capacity not in HOLDER_CAPACITIES or not _reaches(case, objection):
                continue
            basis = _object(grant, objection)
            if basis is not None:
                reasons.append(_contest(case, basis, grant, objection))
    return reasons


def _dispute_exclusive(case: Case, grants: tuple[Assertion, ...]) -> list[Reason]:
    """A grant that covers the question against one by another holder to somebody else, where one of them is exclusive.

    Of a grant to others a case holds no more than that: who made it, and where both meet.
    """
    others = [other for other in case.of_kind(Kind.GRANT) if not is_for_licensee(case, other) and _reaches(case, other)]
    return [
        _contest(
            case,
            f"{grant.speaker} and {other.speaker} each granted this to different licensees, one of them exclusively",
            grant,
            other,
        )
        for grant in grants
        for other in others
        if (grant.exclusive or other.exclusive) and not grant.is_related_to(other)
    ]


def _object(grant: Assertion, objection: Assertion) -> str | None:
    """What a holder's statement says against a grant, None if nothing."""
    who, licensor = objection.asserted_by, grant.speaker
    if objection.kind is Kind.DENIAL:
        return f"{who} denies the grant recorded by {grant.asserted_by}" if objection.target == grant.id else None
    licensor_unknown = grant.capacity is Capacity.LICENSEE and grant.licensor is None
    if licensor_unknown or grant.is_related_to(objection):
        return None
    if objection.kind is Kind.OWNERSHIP:
        retained = objection.ai_rights is AiRights.RETAINED and not lacks_ai_rights(objection)
        return f"{licensor} granted a licence, but {who} claims to have retained the AI rights" if retained else None
    verb = "reserves the right" if objection.kind is Kind.RESERVATION else "demands removal"
    return f"{licensor} granted a licence, but {who}, another holder, {verb}"


def _dispute_licences(case: Case) -> list[Reason]:
    """A licence declared on the way that is not the one at the source."""
    licences = [licence for licence in case.of_kind(Kind.OPEN_LICENCE) if _reaches(case, licence)]
    holders = [licence for licence in licences if licence.capacity in HOLDER_CAPACITIES]
    reasons = []
    for declared in licences:
        if declared.upstream_licence is not None and not _is_same(declared.licence, declared.upstream_licence):
            reasons.append(_launder(declared, "its source", declared.upstream_licence))
        if declared.capacity not in _DECLARING_CAPACITIES:
            continue
        offered = [holder for holder in holders if not holder.is_related_to(declared)]
        if offered and not any(_is_same(declared.licence, holder.licence) for holder in offered):
            upstream = offered[0]
            reason = _launder(declared, f"what {upstream.asserted_by} gave", upstream.licence or "", upstream)
            reasons.append(reason)
    return reasons


def _launder(declared: Assertion, source: str, upstream: str, *more: Assertion) -> Reason:
    return give_reason(
        "LICENCE_LAUNDERED",
        evidence=tuple(assertion.id for assertion in (declared, *more)),
        declarer=declared.asserted_by,
        declared=declared.licence or "",
        source=source,
        upstream=upstream,
    )


def _is_same(one: str | None, other: str | None) -> bool:
    if (one or "").casefold() == (other or "").casefold():
        return True
    first, second = find_licence(one or ""), find_licence(other or "")
    return first is not None and first.dedication and second is not None and second.dedication
