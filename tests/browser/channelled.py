"""A request that reached a publisher, an agreement that came of an offer, a template: something on every such page."""

import io
from dataclasses import dataclass
from typing import Any

from licensing.models import Agreement, Attachment, LicenceRequest, Negotiation, Offer, PassedOn, TermsTemplate
from licensing.services import (
    agreements,
    licence_requests,
    negotiations,
    ownership,
    splitting,
    standing_offers,
    sublicences,
    terms_templates,
)
from licensing.services.assertions import Scope
from licensing.services.licence_requests import Chosen
from licensing.services.terms_input import read_terms
from registry.actors import Actor
from registry.models import Work
from tests import factories

Json = dict[str, Any]
ASKED: Json = {
    "uses": ["fine_tuning"],
    "purposes": ["commercial"],
    "territory": ["EU"],
    "valid_from": "2026-01-01",
    "valid_to": "2039-12-31",
}
FEE: Json = {"model": "flat", "amount": "1200.00", "currency": "EUR", "per": "per year"}


@dataclass(frozen=True)
class Channelled:
    """What the pages of requests, agreements and offers are tried on. A firm asks, a publisher answers."""

    draft: LicenceRequest
    request: LicenceRequest
    negotiation: Negotiation
    attachment: Attachment
    agreement: Agreement
    passed_on: PassedOn
    offer: Offer
    template: TermsTemplate


def claim(work: Work, actor: Actor, *, verified: str = "document") -> None:
    """Say that this organisation is the publisher of a work, has its AI rights, and showed its contract."""
    ownership.claim(
        work=work,
        holder=ownership.holder_of(actor.require_writer()),
        scope=Scope(capacity="publisher", statement="Our contract.", verification=verified),
        exclusive=False,
        ai_rights="granted",
        actor=actor,
    )


def channel(firm: Actor, holder: Actor) -> Channelled:
    """Two works of a publisher: one is asked for and under negotiation, one was offered and accepted."""
    asked, offered = (
        factories.work(title, ["A. Living"], by=holder, first_published="2011", country="GB", language="en")
        for title in ("The Asked Lamp", "The Offered Lamp")
    )
    for work in (asked, offered):
        claim(work, holder)
    title = "Lamps for our model"
    draft = licence_requests.draft(title=title, terms=ASKED, chosen=Chosen(works=[asked.public_id]), actor=firm)
    sent = licence_requests.draft(
        title=title, terms=ASKED, chosen=Chosen(works=[asked.public_id]), message="May we?", actor=firm
    )
    licence_requests.send(sent, actor=firm)
    splitting.split(sent.pk)
    negotiation = Negotiation.objects.get(request=sent, holder=holder.organisation)
    papers = [negotiations.File("contract.pdf", io.BytesIO(b"%PDF-1.7 made up"), "application/pdf")]
    answer = negotiations.Answer(message="Gladly, at this price.", terms=ASKED | {"fee": FEE}, files=papers)
    step = negotiations.move(negotiation, "offer", holder, version=negotiation.version, answer=answer)
    passable = ASKED | {"fee": FEE, "sublicensing": "allowed"}
    published = standing_offers.publish(works=[offered, asked], terms=passable, actor=holder)
    offer = next(row for row in published.offers if row.work_id == offered.pk)
    concluded = standing_offers.accept(offer, actor=firm)
    asia = factories.organisation("acme-asia", "Acme Asia")
    within = read_terms(dict(concluded.agreement.terms) | {"sublicensing": "none", "uses": ["fine_tuning"]})
    given = agreements.sublicense(concluded.agreement, licensee=asia, terms=within, actor=firm).agreement
    passed_on = PassedOn.objects.get(agreement=given)
    sublicences.object_to(passed_on, message="Acme Asia trains models for others. Please say for which.", actor=holder)
    template = terms_templates.save(name="Our usual terms", terms=ASKED | {"fee": FEE}, actor=firm)
    return Channelled(
        draft=draft,
        request=LicenceRequest.objects.get(pk=sent.pk),
        negotiation=Negotiation.objects.get(pk=negotiation.pk),
        attachment=step.attachments.get(),
        agreement=concluded.agreement,
        passed_on=passed_on,
        offer=Offer.objects.get(pk=offer.pk),
        template=template,
    )
