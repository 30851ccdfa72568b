"""Who may grant a use of a work: read from the standing claims, before a request is sent and again before a grant.

A claim of a holder counts while it stands: not withdrawn, not set aside by a decision, within its own days. Whoever
speaks with another's right (publisher, agent, society, platform) needs the AI rights of it; a claim that says that the
author kept them gives nothing. Of several claims to one work the best is asked; where claims exclude each other nobody
is chosen, because choosing would decide the dispute.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import F, Prefetch, Q

from licensing.models import Channel
from licensing.rules import channels
from licensing.rules import facts as rules
from licensing.rules.agreement import Terms
from licensing.rules.terms import Capacity as RuleCapacity
from licensing.rules.terms import Verification
from licensing.selectors import disputes, settled
from licensing.selectors.repertoires import Exits, exits, left_works
from registry.models import Capacity, CounterSignature, Organisation, RightsClaim

AiRights = RightsClaim.AiRights
FIRST_HAND = (Capacity.OWNER, Capacity.AUTHOR)
# Who is asked first: whose right it is, then whoever has it by contract, then those who speak for many.
ORDER = (Capacity.OWNER, Capacity.AUTHOR, Capacity.PUBLISHER, Capacity.AGENT, Capacity.PLATFORM, Capacity.SOCIETY)
_RIGHTS = (AiRights.GRANTED, AiRights.SILENT, AiRights.RETAINED)


class Why(StrEnum):
    """Why a work is asked of nobody, or is not part of a grant. Stored as it is, put in words by `SENTENCES`."""

    NOBODY_KNOWN = "nobody_known"
    NOT_HERE = "not_here"
    DISPUTED = "disputed"
    AI_RIGHTS_RETAINED = "ai_rights_retained"
    OWN = "own"
    NO_CLAIM = "no_claim"
    SET_ASIDE = "set_aside"
    EXCLUSIVE_ELSEWHERE = "exclusive_elsewhere"
    WITHDRAWN_WORK = "withdrawn_work"
    NOT_IN_LICENCE = "not_in_licence"
    OFFERED_ALREADY = "offered_already"
    # of licensing.rules.channels: what stands against a grant by this claim
    CAPACITY = "capacity_not_of_channel"
    MANDATE_MISSING = "mandate_missing"
    CLAIM_ENDED = "authority_lapsed"
    NOT_BEGUN = "authority_not_begun"
    TERRITORY = "beyond_territory"
    ENDS_BEFORE = "beyond_authority"
    LEFT_REPERTOIRE = "member_left"


SENTENCES: dict[str, str] = {
    Why.NOBODY_KNOWN: "Nobody has claimed rights in this work here.",
    Why.NOT_HERE: "The rightsholder is known by name but answers nobody here yet.",
    Why.DISPUTED: "Several parties each claim the exclusive right; a grant by one of them would stay contested.",
    Why.AI_RIGHTS_RETAINED: "Whoever claims this work says that the AI rights stayed with the author.",
    Why.OWN: "The organisation that asks claims this work itself.",
    Why.NO_CLAIM: "The rightsholder has no standing claim to this work.",
    Why.SET_ASIDE: "A decision set the rightsholder's claim to this work aside.",
    Why.EXCLUSIVE_ELSEWHERE: "The rightsholder has given a licence that keeps it from giving this one.",
    Why.WITHDRAWN_WORK: "The work was withdrawn from the registry.",
    Why.NOT_IN_LICENCE: "The licence that the sub-licence rests on does not reach this work.",
    Why.OFFERED_ALREADY: "The very same offer for this work stands already.",
    Why.CAPACITY: "In its capacity the rightsholder cannot speak through this channel.",
    Why.MANDATE_MISSING: "The mandate of whoever speaks for the rightsholder has not been shown and verified.",
    Why.CLAIM_ENDED: "The rightsholder's claim to this work has ended.",
    Why.NOT_BEGUN: "The rightsholder's claim to this work has not begun yet.",
    Why.TERRITORY: "The rightsholder's claim to this work does not reach the whole territory of the terms.",
    Why.ENDS_BEFORE: "The rightsholder's claim to this work ends before the terms do.",
    Why.LEFT_REPERTOIRE: "The work left the society's repertoire.",
}


@dataclass(frozen=True)
class Addressee:
    """Who is asked about one work: an organisation, or nobody with the reason and, if known, the party's key.

    `established`: whether the claim can be relied on unasked, because somebody verified it and it says that the AI
    rights are its maker's.
    """

    organisation: int | None = None
    party: int | None = None
    established: bool = False
    why: str = ""


@dataclass(frozen=True)
class Proposed:
    """What is to be granted or offered: by which channel, on which terms, to whom (None: to whoever accepts)."""

    terms: Terms
    channel: str = Channel.DIRECT
    licensee: str | None = None
    at_most: int | None = None

    def proposal(self, authority: channels.Authority, on: datetime.date, *, has_left: bool) -> channels.Proposal:
        """The same as the rules of channels read it."""
        return channels.Proposal(
            channels.Channel(self.channel),
            channels.Act.OFFER if self.licensee is None else channels.Act.GRANT,
            authority,
            on,
            terms=self.terms,
            licensee=self.licensee,
            at_most=self.at_most,
            has_left=has_left,
        )


@dataclass(frozen=True)
class Authority:
    """On what an organisation may grant: its best claim's capacity and verification, or why it may not."""

    capacity: str = ""
    verification: str = Verification.NONE
    why: str = ""


def addressees(works: Collection[int], on: datetime.date) -> dict[int, Addressee]:
    """Work pk → who is asked, in a number of queries that does not grow with the works."""
    claims = _claims(works)
    left = exits(on)
    return {pk: _addressee(claims.get(pk, []), on, left) for pk in works}


def authority_of(
    organisation: Organisation, works: Collection[int], deal: Proposed, *, on: datetime.date
) -> dict[int, Authority]:
    """Work pk → on what the organisation may do this there, or why not; in a fixed number of queries.

    The claims are read here; what may come of which is the rules' (`licensing.rules.channels`).
    """
    claims = _claims(works, Q(asserted_by=organisation))
    collective = channels.RULES[channels.Channel(deal.channel)].members_may_leave
    left = left_works(organisation, works, on=on, channel=deal.channel) if collective else set()
    judge = _Judge(deal, on)
    return {pk: judge.authority(claims.get(pk, []), has_left=pk in left) for pk in works}


def faults_of(deal: Proposed, *, on: datetime.date) -> list[dict[str, str]]:
    """What the channel has against the terms themselves, whoever speaks, with JSON pointers."""
    channel = channels.Channel(deal.channel)
    speaker = min(channels.RULES[channel].speakers, default=Capacity.OBSERVER)
    authority = channels.Authority(RuleCapacity(speaker), Verification.DOCUMENT, rules.AiRights.GRANTED)
    mandated = replace(authority, has_mandate=True)
    found = channels.refusals(deal.proposal(mandated, on, has_left=False))
    return [{"pointer": refusal.pointer, "cause": refusal.sentence} for refusal in found]


def channel_for(organisation: Organisation, works: Collection[int]) -> str:
    """The channel of what an organisation grants when it is asked: by the capacities in which it claims the works."""
    rows = RightsClaim.objects.filter(asserted_by=organisation, work__in=list(works), withdrawn_at__isnull=True)
    found = set(rows.order_by().values_list("capacity", flat=True).distinct())
    for channel in (Channel.DIRECT, Channel.COLLECTIVE_OPT_IN, Channel.PLATFORM):
        if found & {speaker.value for speaker in channels.RULES[channels.Channel(channel)].speakers}:
            return channel
    return Channel.DIRECT


def _claims(works: Collection[int], which: Q | None = None) -> dict[int, list[Any]]:
    signatures = CounterSignature.objects.filter(withdrawn_at__isnull=True).select_related("organisation")
    rows = RightsClaim.objects.filter(which or Q(), work__in=list(works)).order_by("pk")
    rows = (
        rows.annotate(of=F("work__public_id"))
        .select_related("holder", "asserted_by")
        .prefetch_related("set_aside_by", Prefetch("counter_signatures", signatures))
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.work_id].append(row)
    return found


def _stands(claim: RightsClaim, on: datetime.date) -> bool:
    last = disputes.last_day(claim)
    return (claim.valid_from is None or claim.valid_from <= on) and (last is None or on <= last)


def _keeps_from(claim: RightsClaim) -> bool:
    """Whether a claim says itself that the AI rights are another's."""
    return claim.ai_rights == AiRights.RETAINED and claim.capacity not in FIRST_HAND


def _rank(claim: RightsClaim) -> tuple[int, int, int, int]:
    """Lowest first: whose the AI rights are, how far that was verified, in which capacity, since when it is known."""
    first_hand = claim.capacity in FIRST_HAND
    rights = 0 if first_hand else _RIGHTS.index(AiRights(claim.ai_rights))
    verified = len(Verification) - list(Verification).index(Verification(claim.verification))
    return rights, verified, ORDER.index(Capacity(claim.capacity)), claim.pk


def _addressee(claims: list[Any], on: datetime.date, left: Exits) -> Addressee:
    standing = [claim for claim in claims if _stands(claim, on)]
    if any(pair.ended is None for pair in disputes.find_rivals([c for c in standing if c.exclusive], on)):
        return Addressee(why=Why.DISPUTED)
    speaking = [claim for claim in standing if claim.capacity in ORDER and not _left(claim, standing, left)]
    able = sorted((claim for claim in speaking if not _keeps_from(claim)), key=_rank)
    if able:
        best = able[0]
        known = best.ai_rights == AiRights.GRANTED or best.capacity in FIRST_HAND
        return Addressee(best.asserted_by_id, None, known and best.verification != Verification.NONE)
    if speaking:
        return Addressee(why=Why.AI_RIGHTS_RETAINED)
    told = [claim for claim in standing if claim.capacity not in ORDER]  # of a holder, who may or may not be here
    for claim in told:
        if claim.holder.organisation_id is not None:
            return Addressee(claim.holder.organisation_id)
    if told:
        return Addressee(party=told[0].holder_id, why=Why.NOT_HERE)
    return Addressee(why=Why.NOBODY_KNOWN)


def _left(claim: Any, standing: list[Any], left: Exits) -> bool:
    if not left or claim.capacity != Capacity.SOCIETY:
        return False
    others = [other.asserted_by_id for other in standing if other.asserted_by_id != claim.asserted_by_id]
    return left.reach(claim.asserted_by_id, claim.of, others)


class _Judge:
    """Holds claims against one proposal; claims that say the same are judged once."""

    def __init__(self, deal: Proposed, on: datetime.date) -> None:
        self._deal, self._on = deal, on
        self._known: dict[tuple[channels.Authority, bool], str] = {}

    def authority(self, claims: list[Any], *, has_left: bool) -> Authority:
        """The best claim against which nothing stands, or what stands against the best one."""
        if not claims:
            return Authority(why=Why.NO_CLAIM)
        ranked = sorted((claim for claim in claims if claim.capacity in ORDER), key=_rank)
        judged = [(self._against(claim, has_left=has_left), claim) for claim in ranked]
        for against, claim in judged:
            if not against:
                return Authority(claim.capacity, claim.verification)
        if not judged:
            return Authority(why=Why.NO_CLAIM)
        against, claim = next((one for one in judged if _stands(one[1], self._on)), judged[0])
        was_set_aside = against == Why.CLAIM_ENDED and settled.set_aside_on(claim) is not None
        return Authority(why=Why.SET_ASIDE if was_set_aside else against)

    def _against(self, claim: Any, *, has_left: bool) -> str:
        stated = _as_authority(claim)
        if (known := self._known.get((stated, has_left))) is None:
            found = channels.refusals(self._deal.proposal(stated, self._on, has_left=has_left))
            known = self._known[stated, has_left] = found[0].code if found else ""
        return known


def _as_authority(claim: Any) -> channels.Authority:
    """A claim as the rules of channels read it; what ended it early is its last day."""
    return channels.Authority(
        capacity=RuleCapacity(claim.capacity),
        verification=Verification(claim.verification),
        ai_rights=rules.AiRights(claim.ai_rights),
        territory=tuple(claim.territory) or None,
        valid_from=claim.valid_from,
        valid_to=disputes.last_day(claim),
        has_mandate=bool(claim.evidence_sha256),
    )
