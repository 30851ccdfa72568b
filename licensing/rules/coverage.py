"""Axis 2: what authorises the use of a protected work, step by step; the first step that applies decides.

dispute → grant that covers the whole question → scope gap → open licence → reservation → exception → NO_EVIDENCE.
Later steps are listed as superseded. A gap never overrides an open licence that covers the question.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from licensing.rules.case import AiRights, Assertion, Case, Kind
from licensing.rules.disputes import find_disputes
from licensing.rules.exceptions import judge_exceptions, rests_on_exception
from licensing.rules.grants import find_grant_gaps, is_for_licensee
from licensing.rules.licences import Licence, find_licence
from licensing.rules.reasons import Reason, give_reason
from licensing.rules.terms import (
    HOLDER_CAPACITIES,
    Capacity,
    Verdict,
    Verification,
    covers,
    in_words,
)


@dataclass(frozen=True)
class Coverage:
    """What axis 2 found. `grant` is the covering grant where LIC_MATCH decided."""

    reasons: tuple[Reason, ...]
    grant: Assertion | None = None

    @property
    def decider(self) -> Reason:
        return next(reason for reason in self.reasons if not reason.superseded)

    @property
    def rests_on_exception(self) -> bool:
        return rests_on_exception(self.decider)


def judge_coverage(case: Case) -> Coverage:
    """Axis 2 of a case whose work is not in the public domain in the territory asked about."""
    own = [grant for grant in case.of_kind(Kind.GRANT) if is_for_licensee(case, grant)]
    covering = tuple(grant for grant in own if not find_grant_gaps(case, grant))
    disputes = find_disputes(case, covering)
    matches = _judge_covering(case, covering)
    gaps = [_explain_gap(case, grant) for grant in own if grant not in covering]
    licences, ignored = _judge_open_licences(case)
    if licences and licences[0].code == "OPEN_BY":
        authorised = [*matches, *licences, *gaps]
    else:
        authorised = [*matches, *gaps, *licences]
    is_licensed = any(reason.code in ("LIC_MATCH", "OPEN_BY") for reason in authorised)
    steps = [*disputes, *authorised, *judge_exceptions(case, is_licensed=is_licensed)]
    if not steps:
        steps = [_report_no_evidence(case)]
    decider = steps[0]
    later = [reason.supersede() for reason in (*steps[1:], *ignored)]
    offers = _list_offers(case, decider)
    grant = None
    if decider.code == "LIC_MATCH":
        grant = next(grant for grant in covering if grant.id == decider.evidence[0])
    return Coverage((decider, *offers, *later), grant)


def list_disputes(case: Case) -> tuple[Reason, ...]:
    """Only the first step: for works that axis 1 finds free, where the others say nothing."""
    own = [grant for grant in case.of_kind(Kind.GRANT) if is_for_licensee(case, grant)]
    return find_disputes(case, tuple(grant for grant in own if not find_grant_gaps(case, grant)))


_PROOF_WORDS = {
    Verification.DOCUMENT: "verified by a document",
    Verification.IDENTITY: "verified by the licensor's identity",
    Verification.COUNTER_SIGNED: "counter-signed",
}

# --- grants ------------------------------------------------------------------------------------------------------


def _explain_gap(case: Case, grant: Assertion) -> Reason:
    return give_reason(
        "LIC_SCOPE_GAP",
        evidence=(grant.id,),
        licensor=_name_licensor(grant),
        licensee=_name_licensee(case, grant),
        gaps="; ".join(find_grant_gaps(case, grant)),
    )


def _judge_covering(case: Case, grants: tuple[Assertion, ...]) -> list[Reason]:
    """Verified grants first, without duties before with duties; then those whose authority is not established."""
    matches, unverified = [], []
    for grant in grants:
        gap = _find_authority_gap(case, grant)
        if gap is None:
            matches.append(_match(case, grant))
        else:
            unverified.append(
                give_reason(
                    "AUTH_UNVERIFIED", evidence=(grant.id,), what="grant", licensor=_name_licensor(grant), gap=gap
                )
            )
    matches.sort(key=lambda reason: -reason.verdict.rank)
    return matches + unverified


def _find_authority_gap(case: Case, grant: Assertion) -> str | None:
    """Why it is not established that whoever granted could, None if it is."""
    if grant.capacity is Capacity.OBSERVER:
        return f"{grant.asserted_by} only observed it"
    if not grant.verification.reaches(Verification.DOCUMENT):
        done = "nobody has verified it" if grant.verification is Verification.NONE else "only the domain was verified"
        return f"{done}, and a document at least is needed"
    ended = _claims_ended_before(case, grant)
    if ended is not None:
        begins = grant.scope.valid_from
        return f"the last claim of {grant.speaker} ended on {ended}, before the licence began on {begins}"
    if grant.capacity in (Capacity.AUTHOR, Capacity.OWNER, Capacity.LICENSEE):
        return None
    said = _ai_rights_of(case, grant.speaker)
    if AiRights.RETAINED in said:
        return f"{grant.speaker} itself states that the AI rights were retained by the author"
    if AiRights.SILENT in said and AiRights.GRANTED not in said:
        return f"the contract that {grant.speaker} relies on is silent on AI rights"
    return None


def _claims_ended_before(case: Case, grant: Assertion) -> date | None:
    """The last day of a speaker's claims where all of them were over when the licence began; None where one stood."""
    begins = grant.scope.valid_from
    ends = [claim.scope.valid_to for claim in case.of_kind(Kind.OWNERSHIP) if claim.asserted_by == grant.speaker]
    known = [day for day in ends if day is not None]
    if begins is None or not known or len(known) < len(ends) or max(known) >= begins:
        return None
    return max(known)


def _ai_rights_of(case: Case, speaker: str) -> set[AiRights | None]:
    """What a speaker's claims of the day say about AI rights; where none is left, what the ended ones said.

    So a claim that takes another's place counts instead of it, and taking one back establishes nothing.
    """
    claims = [claim for claim in case.of_kind(Kind.OWNERSHIP) if claim.asserted_by == speaker]
    standing = [claim for claim in claims if claim.scope.runs_on(case.question.on)]
    return {claim.ai_rights for claim in standing or claims}


def _match(case: Case, grant: Assertion) -> Reason:
    scope, duties = grant.scope, ", ".join(in_words(duty) for duty in sorted(grant.duties))
    begins = f" from {scope.valid_from.isoformat()}" if scope.valid_from else ""
    ends = f" to {scope.valid_to.isoformat()}" if scope.valid_to else ""
    return give_reason(
        "LIC_MATCH",
        evidence=(grant.id,),
        verdict=Verdict.CONDITIONAL if duties else Verdict.CLEARED,
        licensor=_name_licensor(grant),
        licensee=_name_licensee(case, grant),
        use=case.question.use.value,
        territory=case.question.territory,
        term=begins + ends,
        verification=grant.verification.value,
        proof=_PROOF_WORDS[grant.verification],
        duties=f", on these conditions: {duties}" if duties else "",
    )


def _name_licensor(grant: Assertion) -> str:
    if grant.capacity is Capacity.LICENSEE and grant.licensor is None:
        return f"a holder named in the contract that {grant.asserted_by} recorded"
    return grant.speaker


def _name_licensee(case: Case, grant: Assertion) -> str:
    licensee = case.question.licensee or ""
    if grant.licensee in (None, licensee):
        return licensee
    return f"{grant.licensee}, with which {licensee} is affiliated,"


# --- open licences -----------------------------------------------------------------------------------------------


def _judge_open_licences(case: Case) -> tuple[list[Reason], list[Reason]]:
    """Reasons of the licences that count, the deciding one first, and of declarations that do not count.

    Of several licences that one party gives, the licensee takes the least burdensome; where several parties give
    licences, the strictest decides, also where one observer recorded them all.
    """
    best: dict[str, Reason] = {}
    ignored = []
    for assertion in case.of_kind(Kind.OPEN_LICENCE):
        if not covers(assertion.scope, case.question.asked):
            continue
        licence = find_licence(assertion.licence or "")
        if licence is None:
            ignored.append(_ignore("OPEN_UNRECOGNISED", assertion))
        elif not _is_authoritative(assertion, licence):
            ignored.append(_ignore("AUTH_UNVERIFIED", assertion))
        else:
            reason = _judge_licence(case, assertion, licence)
            known = best.get(assertion.speaker)
            if known is None or reason.verdict.rank > known.verdict.rank:
                best[assertion.speaker] = reason
    return sorted(best.values(), key=lambda reason: (reason.verdict.rank, reason.evidence)), ignored


def _is_authoritative(assertion: Assertion, licence: Licence) -> bool:
    """A holder's word counts; somebody else's needs a verified source, and never dedicates another's work."""
    if assertion.capacity in HOLDER_CAPACITIES:
        return True
    return assertion.verification.reaches(Verification.DOMAIN) and not licence.dedication


def _ignore(code: str, assertion: Assertion) -> Reason:
    if code == "OPEN_UNRECOGNISED":
        return give_reason(
            code, evidence=(assertion.id,), licence=assertion.licence or "", holder=assertion.asserted_by
        )
    gap = f"{assertion.asserted_by} is not a holder, and the statement's source is not verified"
    what = f"statement of the open licence {assertion.licence}"
    return give_reason(code, evidence=(assertion.id,), what=what, licensor=assertion.asserted_by, gap=gap)


def _name_giver(assertion: Assertion) -> str:
    """Who gave an open licence; an observer records another's gift and gives nothing."""
    if assertion.capacity in HOLDER_CAPACITIES:
        return assertion.speaker
    return f"{assertion.licensor or 'its holder'} (recorded by {assertion.asserted_by})"


def _judge_licence(case: Case, assertion: Assertion, licence: Licence) -> Reason:
    facts: dict[str, Any] = {"licence": licence.id, "holder": _name_giver(assertion)}
    evidence = (assertion.id,)
    if licence.non_commercial and case.question.is_commercial:
        return give_reason("OPEN_NC", evidence=evidence, purpose=case.question.purpose.value, **facts)
    if licence.no_derivatives:
        return give_reason("OPEN_ND", evidence=evidence, **facts)
    if licence.share_alike:
        return give_reason("OPEN_SA_MODEL", evidence=evidence, **facts)
    asks = "its author has to be named and its notice kept" if licence.attribution else "it asks for nothing"
    return give_reason("OPEN_BY", evidence=evidence, conditions=asks, **facts)


# --- the rest ----------------------------------------------------------------------------------------------------


def find_offers(case: Case) -> tuple[Assertion, ...]:
    """Standing offers that cover the whole question."""
    return tuple(
        offer
        for offer in case.of_kind(Kind.OFFER)
        if covers(offer.scope, case.question.asked) and offer.licensee in (None, case.question.licensee)
    )


def _list_offers(case: Case, decider: Reason) -> list[Reason]:
    """An offer keeps the verdict below it and adds the next step; where something better decided it is not listed."""
    if decider.code in ("LIC_MATCH", "OPEN_BY"):
        return []
    reasons = [
        give_reason(
            "LIC_OFFERED",
            evidence=(offer.id,),
            licensor=offer.asserted_by,
            use=case.question.use.value,
            territory=case.question.territory,
        )
        for offer in find_offers(case)
    ]
    return [replace(reason, verdict=decider.verdict) for reason in reasons]


def _report_no_evidence(case: Case) -> Reason:
    question = case.question
    return give_reason(
        "NO_EVIDENCE",
        use=question.use.value,
        purpose=question.purpose.value,
        territory=question.territory,
        on=question.on.isoformat(),
    )
