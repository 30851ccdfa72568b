"""Agreements: what two parties agreed on, concluded once, with a grant for each work that it reaches.

Nothing in an agreement is edited. It ends on its last day, or earlier by revocation, never with effect for days that
are over; what continues it is a new one.
"""

import datetime
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from licensing.models import Agreement, Channel, Grant, Offer
from licensing.models.policies import VerdictChange
from licensing.rules.agreement import Terms, parse_terms, terms_json
from licensing.rules.sublicences import Link, chain_of, refuse_sublicence
from licensing.rules.terms import Capacity, Verification
from licensing.selectors import granting as authority
from licensing.selectors.granting import SENTENCES, Authority, Why
from licensing.services import assertions, channel_events, granting, reevaluation, sublicences
from licensing.services.agreement_ends import follow_days, follow_renewal, revoke
from licensing.services.terms_input import read_terms, require_settled
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Organisation, User
from registry.services import copying, log

Json = dict[str, object]
__all__ = ["Concluded", "Deal", "agreement_facts", "conclude", "follow_days", "renew", "revoke", "sublicense"]


@dataclass(frozen=True)
class Deal:
    """What is agreed: between whom, on which terms, by which channel, and on what it rests."""

    granted_by: Organisation
    licensee: Organisation
    terms: Terms
    channel: str = Channel.DIRECT
    offer: Offer | None = None
    under: Agreement | None = None
    renews: Agreement | None = None
    signed_by: User | None = None
    accepted_by: User | None = None


@dataclass(frozen=True)
class Concluded:
    """An agreement, and of the works that it was to reach those that it does not: work's primary key → `Why`."""

    agreement: Agreement
    left_out: dict[int, str]


@transaction.atomic
def conclude(deal: Deal, works: Collection[int], *, actor: Actor, facts: Json | None = None) -> Concluded:
    """Make the agreement and a grant for each of these works (primary keys), in bulk, with one log entry.

    The grantor's authority is looked at now, whatever was found when the works were asked for. Works that it does not
    reach are left out with the reason. `facts` go into the log entry beside the agreement's own.
    Raises InvalidInput (terms that are not settled, or beyond those of the licence under it), Conflict (no work is
    left to grant, an organisation that licenses itself, a circle of sub-licences).
    """
    today = assertions.today()
    require_settled(deal.terms, on=today)
    proposed = authority.Proposed(deal.terms, deal.channel, deal.licensee.slug)
    if errors := authority.faults_of(proposed, on=today):
        raise InvalidInput(errors[0]["cause"], errors=errors)
    if deal.granted_by == deal.licensee:
        raise Conflict("An organisation needs no licence from itself.")
    if deal.under is not None:
        _require_passing_on(deal, deal.under)
    held = granting.hold_works(works)
    authorities, left_out = _authorities(deal, held, today)
    if not authorities:
        raise _nothing_left(left_out)
    key = copying.next_key(Entry)
    agreement = _create(deal, today, count=len(authorities), demo=all(held.works[pk].demo for pk in authorities))
    rows = granting.write(
        agreement,
        deal.terms,
        [held.works[pk] for pk in sorted(authorities)],
        authorities,
        entry=key,
        licensor=_licensor(deal),
        observed_at=today,
    )
    said = agreement_facts(agreement) | {"root": granting.root_of(rows), "left_out": len(left_out)} | (facts or {})
    subject = f"agreement:{agreement.public_id}"
    log.stage("agreement.concluded", subject=subject, facts=said, actor=actor, organisation=deal.granted_by, key=key)
    Agreement.objects.filter(pk=agreement.pk).update(entry=key)
    agreement.refresh_from_db()
    if agreement.valid_from is None or agreement.valid_from <= today:
        reevaluation.after(agreement, VerdictChange.Cause.GRANTED)
    channel_events.document(agreement)
    sublicences.tell(agreement, entry=key)
    channel_events.tell(
        channel_events.AGREEMENT_CONCLUDED,
        (deal.granted_by, deal.licensee),
        {"agreement": agreement.public_id, "works": agreement.works},
    )
    return Concluded(agreement, left_out)


def agreement_facts(agreement: Agreement) -> Json:
    """An agreement as the log records it."""
    return {
        "agreement": agreement.public_id,
        "channel": agreement.channel,
        "granted_by": agreement.granted_by.slug,
        "licensee": agreement.licensee.slug,
        "terms": agreement.terms,
        "valid_from": agreement.valid_from.isoformat() if agreement.valid_from else None,
        "valid_to": agreement.valid_to.isoformat() if agreement.valid_to else None,
        "works": agreement.works,
        "offer": agreement.offer.public_id if agreement.offer else None,
        "under": agreement.under.public_id if agreement.under else None,
        "renews": agreement.renews.public_id if agreement.renews else None,
    }


@transaction.atomic
def renew(
    agreement: Agreement, *, valid_to: datetime.date | None, actor: Actor, valid_from: datetime.date | None = None
) -> Concluded:
    """Continue an agreement on the same terms for a further term: a new one, which the grantor may give alone.

    `valid_from` None: the day after the old one's last, or today where that is over. Raises NotAllowed, Conflict
    (revoked, renewed already, no last day), InvalidInput (days in the wrong order).
    """
    if actor.require_writer() != agreement.granted_by:
        raise NotAllowed("Only the party that granted a licence can renew it.")
    held = Agreement.objects.select_for_update(no_key=True, of=("self",)).get(pk=agreement.pk)
    if held.revoked_at is not None or held.state == Agreement.State.REVOKED:
        raise Conflict("This agreement was revoked: what follows it is a new one.")
    if held.valid_to in (None, datetime.date.max):
        raise Conflict("This agreement has no last day, so there is nothing to renew.")
    if held.renewals.exists():
        raise Conflict("This agreement has been renewed already.")
    first = valid_from or max(held.valid_to + datetime.timedelta(days=1), assertions.today())
    if valid_to is not None and valid_to < first:
        cause = f"The renewal would end before it begins on {first.isoformat()}."
        raise InvalidInput(cause, errors=[{"pointer": "/valid_to", "cause": cause}])
    days = {
        "valid_from": first.isoformat(),
        "valid_to": valid_to.isoformat() if valid_to else None,
    }
    deal = Deal(
        granted_by=held.granted_by,
        licensee=held.licensee,
        terms=read_terms(dict(held.terms) | days),
        channel=held.channel,
        under=held.under,
        renews=held,
        signed_by=actor.user,
        accepted_by=held.accepted_by,
    )
    works = Grant.objects.filter(agreement=held).values_list("work_id", flat=True)
    concluded = conclude(deal, list(works), actor=actor)
    follow_renewal(held, concluded.agreement, actor)
    return concluded


@transaction.atomic
def sublicense(
    agreement: Agreement,
    *,
    licensee: Organisation,
    terms: Terms,
    actor: Actor,
    works: Collection[int] | None = None,
) -> Concluded:
    """Pass a licence on, as far as it permits: `works` None are all that it reaches. Raises as `conclude` does."""
    if actor.require_writer() != agreement.licensee:
        raise NotAllowed("Only the licensee can pass a licence on.")
    if works is None:
        works = list(Grant.objects.filter(agreement=agreement).values_list("work_id", flat=True))
    deal = Deal(
        granted_by=agreement.licensee,
        licensee=licensee,
        terms=terms,
        channel=agreement.channel,
        under=agreement,
        signed_by=actor.user,
    )
    return conclude(deal, works, actor=actor)


def _require_passing_on(deal: Deal, under: Agreement) -> None:
    """Raise where a licence cannot be passed on like this: not permitted, too far, or back where it came from."""
    Agreement.objects.select_for_update(no_key=True, of=("self",)).get(pk=under.pk)
    under.refresh_from_db()
    if under.state != Agreement.State.RUNNING or under.revoked_at is not None:
        raise Conflict("The licence that is to be passed on has ended.")
    licensor, licensee = deal.granted_by.slug, deal.licensee.slug
    refusals = refuse_sublicence(_chain(under), licensor=licensor, licensee=licensee, terms=deal.terms)
    beyond = [refusal for refusal in refusals if refusal.code == "beyond_agreement"]
    for refusal in refusals:
        if refusal.code == "not_the_licensee":
            raise NotAllowed(refusal.sentence)
        if refusal not in beyond:
            raise Conflict(refusal.sentence, reason=refusal.code)
    if beyond:
        errors = [{"pointer": refusal.pointer, "cause": refusal.sentence} for refusal in beyond]
        raise InvalidInput(errors[0]["cause"], errors=errors)


def _chain(agreement: Agreement) -> tuple[Link, ...]:
    """The agreement and those that it rests on, as the rules read them."""
    links: dict[str, Link] = {}
    at: Agreement | None = agreement
    while at is not None and at.public_id not in links:
        under = at.under.public_id if at.under is not None else None
        links[at.public_id] = Link(at.public_id, at.granted_by.slug, at.licensee.slug, parse_terms(at.terms), under)
        at = at.under
    return chain_of(agreement.public_id, links)


def _authorities(deal: Deal, held: granting.Held, today: datetime.date) -> tuple[dict[int, Authority], dict[int, str]]:
    """Work → on what it is granted, and the works that are left out with the reason."""
    left_out = dict(held.left_out)
    if deal.under is not None:
        found = _passed_on(deal.under, held.works)
    else:
        proposed = authority.Proposed(deal.terms, deal.channel, deal.licensee.slug)
        found = authority.authority_of(deal.granted_by, held.works.keys(), proposed, on=today)
    taken = granting.kept_from(deal.granted_by, deal.licensee, deal.terms, held.works.keys(), on=today)
    able: dict[int, Authority] = {}
    for pk, one in found.items():
        if one.why:
            left_out[pk] = one.why
        elif pk in taken:
            left_out[pk] = Why.EXCLUSIVE_ELSEWHERE
        else:
            able[pk] = one
    return able, left_out


def _passed_on(under: Agreement, works: Collection[int]) -> dict[int, Authority]:
    """On what a licensee passes works on: its own grant. One party alone says so, so it proves a document at most."""
    rows = Grant.objects.filter(agreement=under, work__in=list(works), withdrawn_at__isnull=True)
    verified = dict(rows.values_list("work_id", "verification"))
    levels = list(Verification)
    cap = levels.index(Verification.DOCUMENT)
    return {
        pk: Authority(Capacity.LICENSEE, levels[min(cap, levels.index(Verification(verified[pk])))])
        if pk in verified
        else Authority(why=Why.NOT_IN_LICENCE)
        for pk in works
    }


def _licensor(deal: Deal) -> str:
    """Whose will a sub-licence is in the end: who granted the first licence of the chain."""
    first = deal.under
    while first is not None and first.under is not None:
        first = first.under
    return f"org:{first.granted_by.slug}" if first is not None else ""


def _nothing_left(left_out: dict[int, str]) -> Conflict:
    counts = Counter(left_out.values())
    sentences = " ".join(SENTENCES[why] for why in counts)
    return Conflict(f"No work is left to grant. {sentences}".strip(), left_out=dict(counts))


def _create(deal: Deal, today: datetime.date, *, count: int, demo: bool) -> Agreement:
    return Agreement.objects.create(
        channel=deal.channel,
        granted_by=deal.granted_by,
        licensee=deal.licensee,
        terms=terms_json(deal.terms),
        valid_from=deal.terms.valid_from or today,
        valid_to=deal.terms.valid_to,
        works=count,
        offer=deal.offer,
        under=deal.under,
        renews=deal.renews,
        signed_by=deal.signed_by,
        accepted_by=deal.accepted_by,
        demo=demo,
    )
