"""Standing offers: published terms for many works that anybody who fits may accept, at once and in the open.

An offer is one row a work; offers that were published together share their log entry and can be accepted together.
Accepting concludes an agreement on the offer's terms. Of an offer that is exclusive, or limited in number, the last one
goes to exactly one of those who accept at once: the offers' rows are locked in the order of their keys.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from licensing.models import Agreement, Channel, Offer
from licensing.rules.agreement import Terms, parse_terms, terms_json
from licensing.rules.terms import in_words
from licensing.selectors import granting as authority
from licensing.selectors.granting import SENTENCES, Why
from licensing.selectors.licence_requests import acceptable
from licensing.services import agreement_threads, agreements, assertions, channel_events, granting
from licensing.services.terms_input import read_terms, require_settled
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.merkle import tree
from registry.models import Entry, Organisation, Work
from registry.models.base import new_public_id
from registry.services import copying, log

CHANNELS = (Channel.STANDING_OFFER, Channel.COLLECTIVE_OPT_IN, Channel.COLLECTIVE_EXTENDED, Channel.PLATFORM)
MAX_WORKS = 100_000


@dataclass(frozen=True)
class Published:
    """The offers that were made, and why some works have none: work's primary key → `Why`."""

    offers: list[Offer]
    left_out: dict[int, str]
    entry: Entry


@transaction.atomic
def publish(
    *,
    works: Collection[Work],
    terms: Mapping[str, Any],
    actor: Actor,
    channel: str = Channel.STANDING_OFFER,
    at_most: int | None = None,
    words: str = "",
    address: str = "",
) -> Published:
    """Offer these terms for these works, in bulk, with one log entry that carries their root.

    Works for which the organisation has no standing authority are left out with the reason. `at_most`: so many
    licensees a work and no more; an exclusive offer has one. Raises InvalidInput with every fault, Conflict where no
    work is left.
    """
    organisation = actor.require_writer()
    today = assertions.today()
    agreed = read_terms(dict(terms))
    require_settled(agreed, on=today)
    at_most = _limit(agreed, at_most, channel)
    proposed = authority.Proposed(agreed, channel, at_most=at_most)
    if errors := authority.faults_of(proposed, on=today):
        raise InvalidInput(errors[0]["cause"], errors=errors)
    held = granting.hold_works([work.pk for work in works])
    found = authority.authority_of(organisation, held.works.keys(), proposed, on=today)
    taken = _given_away(organisation, agreed, held.works.keys())
    left_out = dict(held.left_out) | {pk: one.why for pk, one in found.items() if one.why}
    left_out |= {pk: Why.EXCLUSIVE_ELSEWHERE for pk in taken if pk not in left_out}
    twice = _offered_already(organisation, agreed, held.works.keys(), channel=channel, at_most=at_most)
    left_out |= {pk: Why.OFFERED_ALREADY for pk in twice if pk not in left_out}
    able = {pk: one for pk, one in found.items() if pk not in left_out}
    if not able:
        sentences = " ".join(SENTENCES[why] for why in sorted(set(left_out.values())))
        raise Conflict(f"No work is left to offer. {sentences}".strip(), left_out=sorted(set(left_out.values())))
    key = copying.next_key(Entry)
    same = _columns(organisation, agreed) | {"channel": channel, "at_most": at_most, "entry_id": key}
    said = {"terms": words.strip(), "address": address}
    rows = [
        Offer(
            work=held.works[pk],
            capacity=one.capacity,
            verification=one.verification,
            demo=held.works[pk].demo,
            **same,
            **said,
        )
        for pk, one in sorted(able.items())
    ]
    Offer.objects.bulk_create(rows, batch_size=2_000)
    facts: dict[str, object] = {
        "offers": len(rows),
        "terms": terms_json(agreed),
        "channel": channel,
        "at_most": at_most,
        "root": tree.root(tree.leaf_hash(offer_leaf(row)) for row in rows).hex(),
    }
    entry = log.stage("offers.published", subject=f"offers:{new_public_id()}", facts=facts, actor=actor, key=key)
    return Published(rows, left_out, entry)


def _offered_already(
    organisation: Organisation, terms: Terms, works: Collection[int], *, channel: str, at_most: int | None
) -> set[int]:
    """The works for which the very same offer can be accepted: a second one would be accepted, and paid for, again."""
    same = Offer.objects.filter(acceptable(assertions.today()), asserted_by=organisation, work__in=works)
    same = same.filter(agreed_terms=terms_json(terms), channel=channel, at_most=at_most)
    return set(same.values_list("work_id", flat=True))


def _limit(terms: Terms, at_most: int | None, channel: str) -> int | None:
    errors = []
    if channel not in CHANNELS:
        errors.append({"pointer": "/channel", "cause": f"{channel!r} is not one of {', '.join(CHANNELS)}."})
    if at_most is not None and at_most < 1:
        errors.append({"pointer": "/at_most", "cause": "An offer can be accepted once at least."})
    if terms.exclusive and at_most not in (None, 1):
        errors.append({"pointer": "/at_most", "cause": "What is exclusive can be accepted once."})
    if errors:
        raise InvalidInput(errors[0]["cause"], errors=errors)
    return 1 if terms.exclusive else at_most


def _given_away(organisation: Organisation, terms: Terms, works: Collection[int]) -> set[int]:
    """Works that the organisation cannot offer like this, because of what it has granted to anybody."""
    nobody = Organisation(pk=0)
    return granting.kept_from(organisation, nobody, terms, works, on=assertions.today())


def _columns(organisation: Organisation, terms: Terms) -> dict[str, Any]:
    """What offers of one set have in common."""
    said = {"asserted_by": organisation, "observed_at": assertions.today(), "agreed_terms": terms_json(terms)}
    return granting.scope_columns(terms) | said


def offer_leaf(row: Offer) -> bytes:
    """The canonical JSON of one offer of many: what is hashed under the root in the log's entry."""
    said = {name: getattr(row, name) for name in ("agreed_terms", "channel", "at_most", "terms", "address")}
    return log.canonical(assertions.logged_scope(row) | said | {"offer": row.public_id})


@transaction.atomic
def accept(offer: Offer, *, actor: Actor, works: Collection[Work] | None = None) -> agreements.Concluded:
    """Accept an offer for its work, or for `works` of those that were offered together: an agreement on its terms.

    Its deliveries, use reports and payment records go into its thread (`agreement_threads`), as of any other agreement.

    Raises Conflict (taken back, over, taken by others, held already, whoever offered it has no authority any more),
    NotAllowed (offered to other kinds of licensee), InvalidInput (works that are not part of the offer).
    """
    licensee = actor.require_writer()
    held = _hold(offer, works)
    terms = _acceptable(held, licensee)
    concluded = agreements.conclude(
        agreements.Deal(
            granted_by=offer.asserted_by,
            licensee=licensee,
            terms=terms,
            channel=offer.channel,
            offer=offer,
            signed_by=None,
            accepted_by=actor.user,
        ),
        [row.work_id for row in held],
        actor=actor,
        facts={"offers": len(held)},
    )
    taken = [row.pk for row in held if row.work_id not in concluded.left_out]
    Offer.objects.filter(pk__in=taken).update(accepted=F("accepted") + 1)
    agreement_threads.begin(concluded.agreement, actor=actor)
    facts: dict[str, object] = {
        "offer": offer.public_id,
        "agreement": concluded.agreement.public_id,
        "licensee": licensee.slug,
        "works": concluded.agreement.works,
    }
    channel_events.tell(channel_events.OFFER_ACCEPTED, (offer.asserted_by,), facts)
    return concluded


def _hold(offer: Offer, works: Collection[Work] | None) -> list[Offer]:
    """The offers that are accepted, locked: the one, or those published with it for these works."""
    rows = Offer.objects.select_for_update(no_key=True, of=("self",)).select_related("work").order_by("pk")
    if works is None:
        return list(rows.filter(pk=offer.pk))
    wanted = {work.pk: work for work in works}
    together = rows.filter(asserted_by=offer.asserted_by_id, work__in=wanted)
    held = list(together.filter(entry=offer.entry_id) if offer.entry_id else together.filter(pk=offer.pk))
    missing = wanted.keys() - {row.work_id for row in held}
    if missing:
        errors = [
            {"pointer": f"/works/{number}", "cause": "This work is not part of the offer."}
            for number, pk in enumerate(wanted)
            if pk in missing
        ]
        raise InvalidInput("Some of these works are not part of the offer.", errors=errors[:1000])
    if not held:
        cause = "Name at least one work."
        raise InvalidInput(cause, errors=[{"pointer": "/works", "cause": cause}])
    return held


def _acceptable(held: Sequence[Offer], licensee: Organisation) -> Terms:
    """The terms, if this licensee can accept all these offers now; raises with the first reason why not."""
    first = held[0]
    if first.agreed_terms is None:
        raise Conflict("This offer says its terms in words only. Send a request for a licence instead.")
    terms = parse_terms(first.agreed_terms)
    if any(row.withdrawn_at is not None for row in held):
        raise Conflict("This offer was taken back.", reason="withdrawn")
    if terms.valid_to is not None and terms.valid_to < assertions.today():
        raise Conflict(f"This offer ended on {terms.valid_to.isoformat()}.", reason="ended")
    if terms.licensee_kinds is not None and licensee.kind not in terms.licensee_kinds:
        kinds = ", ".join(sorted(in_words(kind) for kind in terms.licensee_kinds))
        raise NotAllowed(f"This is offered to other kinds of licensees: {kinds}.")
    running = Agreement.objects.filter(offer__in=held, licensee=licensee, state=Agreement.State.RUNNING)
    if running.filter(revoked_at=None).exists():
        raise Conflict("Your organisation has accepted this offer already.", reason="held_already")
    if gone := [row for row in held if row.at_most is not None and row.accepted >= row.at_most]:
        titles = ", ".join(f"“{row.work.title}”" for row in gone[:3])
        more = f" and {len(gone) - 3} more" if len(gone) > 3 else ""
        raise Conflict(f"Others have accepted this offer as often as it was made: {titles}{more}.", reason="taken")
    return terms


@transaction.atomic
def withdraw(offer: Offer, *, reason: str, actor: Actor, together: bool = False) -> int:
    """Take an offer back, or with `together` all that were published with it; returns how many. Agreements stay."""
    organisation = actor.require_writer()
    if organisation != offer.asserted_by:
        raise NotAllowed("Only the organisation that made an offer can take it back.")
    rows = Offer.objects.filter(withdrawn_at__isnull=True, asserted_by=organisation)
    rows = rows.filter(entry=offer.entry_id) if together and offer.entry_id else rows.filter(pk=offer.pk)
    ids = sorted(rows.select_for_update(no_key=True).values_list("public_id", flat=True))
    if not ids:
        raise Conflict("This offer was taken back before.")
    count = Offer.objects.filter(public_id__in=ids).update(withdrawn_at=Now())
    root = tree.root(tree.leaf_hash(public_id.encode()) for public_id in ids).hex()
    facts: dict[str, object] = {"offers": count, "root": root, "reason": reason.strip()}
    log.stage("offer.withdrawn", subject=f"offer:{offer.public_id}", facts=facts, actor=actor)
    return count
