"""What is said about a work, or by a holder, as policies for their own sites: what everybody may read, on a day."""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

import registry.access
from licensing.formats.kit import Subject
from licensing.formats.onix_rights import CONDITIONS
from licensing.formats.places import parse
from licensing.formats.policy import Effect, Payment, Policy, Rule
from licensing.models import Offer, OpenLicence, Preference, Reservation, WorkAddress
from licensing.models.assertions import Assertion
from licensing.rules import terms
from licensing.rules.licences import find_licence, spelt
from registry.actors import Actor
from registry.models import Organisation, Party, Work

MODELS: tuple[type[Assertion], ...] = (Reservation, Preference, Offer, OpenLicence)
SPEAKING = sorted({*terms.HOLDER_CAPACITIES, terms.Capacity.PLATFORM})
MAX_WORKS = 500
FEES = {"free": "free", "royalty": "use", "subscription": "subscription", "contribution": "contribution"}


def of_work(work: Work, on: datetime.date) -> Subject:
    """The kit of one work: at its first address, else at its page here."""
    rules = _rules([work], on)[work.pk]
    place = WorkAddress.objects.filter(work=work, withdrawn_at__isnull=True).order_by("id").first()
    holder = work.registered_by.name
    if place is None:
        address = f"{settings.SITE_URL}/works/{work.public_id}"
        alone = Policy(tuple(rules), target=address, holder=holder)
        return Subject(replace(alone, target=""), alone, address)
    where = parse(place.address, pattern=True)
    target = place.address.removesuffix("*")
    return Subject(
        site=Policy(tuple(replace(rule, path=where.path) for rule in rules), holder=holder),
        alone=Policy(tuple(rules), target=target, holder=holder),
        address=target,
        origin=target[: -len(where.path.removesuffix("*"))] if where.path != "*" else target,
    )


def of_holder(party: Party, works: Iterable[Work], on: datetime.date) -> tuple[list[tuple[str, Subject]], list[str]]:
    """The kit of a holder, one a host on which its works stand: (host, what is said there), and the works that stand at
    no address, by title. At most MAX_WORKS works are looked at."""
    listed = list(works)[:MAX_WORKS]
    rules = _rules(listed, on, party.organisation)
    hosts: dict[str, list[Rule]] = defaultdict(list)
    placed = set()
    for row in WorkAddress.objects.filter(work__in=listed, withdrawn_at__isnull=True).order_by("host", "address", "id"):
        placed.add(row.work_id)
        path = parse(row.address, pattern=True).path
        hosts[row.host] += [replace(rule, path=path) for rule in rules[row.work_id]]
    found = [
        (
            host,
            Subject(Policy(tuple(dict.fromkeys(said)), holder=party.name), None, f"https://{host}/", f"https://{host}"),
        )
        for host, said in hosts.items()
    ]
    return found, [work.title for work in listed if work.pk not in placed and rules[work.pk]]


def works_of(party: Party, actor: Actor) -> QuerySet[Work]:
    """The works that the actor may see and that the party made, translated or claims a right in."""
    theirs = Q(contributions__party=party) | Q(rights_claims__holder=party, rights_claims__withdrawn_at=None)
    named = registry.access.works(actor).filter(theirs).values("pk")
    works = Work.objects.filter(pk__in=named).prefetch_related("contributions__party")
    return works.order_by("first_published", "title", "pk")


def _rules(works: Sequence[Work], on: datetime.date, by: Organisation | None = None) -> dict[int, list[Rule]]:
    """Work pk → what stands of those who speak for it on a day, each thing once."""
    found: dict[int, dict[Rule, None]] = defaultdict(dict)
    stands = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    for model in MODELS:
        rows = model._default_manager.filter(
            stands, work__in=works, withdrawn_at__isnull=True, capacity__in=SPEAKING
        ).order_by("id")
        for row in rows.filter(asserted_by=by) if by else rows:
            found[row.work_id][_rule(row)] = None
    return {work.pk: list(found[work.pk]) for work in works}


def _rule(row: Any) -> Rule:
    common: dict[str, Any] = {
        "uses": tuple(row.uses),
        "purposes": tuple(row.purposes),
        "territory": tuple(row.territory),
        "valid_from": row.valid_from.isoformat() if row.valid_from else "",
        "valid_to": row.valid_to.isoformat() if row.valid_to else "",
    }
    if isinstance(row, Reservation):
        return Rule(Effect.RESERVE, **common)
    if isinstance(row, Preference):
        allows = row.signal == Preference.Signal.ALLOW
        return Rule(Effect.PREFER_ALLOW if allows else Effect.PREFER_DISALLOW, **common)
    if isinstance(row, Offer):
        return Rule(Effect.OFFER, policy_address=row.address, payment=_payment(row), **common)
    return Rule(Effect.PERMIT, duties=_duties(row.licence), policy_address=_page(row.licence), **common)


def _duties(licence: str) -> tuple[str, ...]:
    """What a licence asks for, whoever wrote it: MIT asks for the author's name as well as CC-BY-4.0 does."""
    known = find_licence(licence)
    return tuple(duty for duty in CONDITIONS.values() if known is not None and getattr(known, duty))


def _page(licence: str) -> str:
    """SPDX's page of one licence; of an expression (MIT OR Apache-2.0) there is none."""
    name = spelt(licence)
    return "" if " " in name else f"https://spdx.org/licenses/{name}.html"


def _payment(row: Offer) -> Payment | None:
    fee = (row.agreed_terms or {}).get("fee")
    if not isinstance(fee, dict):
        return None
    model = FEES.get(str(fee.get("model", "")), "use")
    return Payment(model, str(fee.get("amount") or ""), str(fee.get("currency") or ""))
