"""Fetch and authorise for clearances, reports and assertions. What a caller may not see does not exist."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

import registry.access
from licensing.models import (
    Agreement,
    Attachment,
    Clearance,
    Grant,
    LicenceRequest,
    MemberExit,
    Negotiation,
    Notice,
    Observation,
    Offer,
    OpenLicence,
    Policy,
    Preference,
    Report,
    RequestedWork,
    Reservation,
    TermsTemplate,
    Verdict,
    VerdictChange,
    WorkAddress,
)
from registry.actors import Actor
from registry.models import ClaimDecision, Domain, Import, ImportRow, Linkage, LinkageRow, RightsClaim, Work


def clearances(actor: Actor) -> QuerySet[Clearance]:
    """The clearances of the actor's organisation."""
    if actor.organisation is None:
        return Clearance.objects.none()
    return Clearance.objects.filter(organisation=actor.organisation).select_related(
        "scan__release__dataset", "licensee"
    )


def clearance(actor: Actor, public_id: str) -> Clearance:
    """One clearance, or NotFound."""
    return registry.access.one(clearances(actor), "clearance", public_id=public_id)


def verdicts(actor: Actor) -> QuerySet[Verdict]:
    """The verdicts of the clearances this actor may see."""
    return Verdict.objects.filter(clearance__in=clearances(actor)).select_related("work")


def verdict(actor: Actor, public_id: str) -> Verdict:
    """One verdict, or NotFound."""
    rows = verdicts(actor).select_related("work", "clearance__scan", "clearance__licensee")
    return registry.access.one(rows, "verdict", public_id=public_id)


def policies(actor: Actor) -> QuerySet[Policy]:
    """The policies of the actor's organisation, every version; those of others do not exist."""
    if actor.organisation is None:
        return Policy.objects.none()
    rows = Policy.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "written_by", "entry")


def policy(actor: Actor, public_id: str) -> Policy:
    """One version of a policy, or NotFound."""
    return registry.access.one(policies(actor), "policy", public_id=public_id)


def reports(actor: Actor) -> QuerySet[Report]:
    """The reports of the actor's organisation."""
    if actor.organisation is None:
        return Report.objects.none()
    return Report.objects.filter(organisation=actor.organisation).select_related("clearance__scan__release__dataset")


def report(actor: Actor, public_id: str) -> Report:
    """One report, or NotFound."""
    return registry.access.one(reports(actor), "report", public_id=public_id)


def grants(actor: Actor, work: Work) -> QuerySet[Grant]:
    """Grants are seen by their two sides only: who gave them and who holds them."""
    if actor.organisation is None:
        return Grant.objects.none()
    sides = Q(asserted_by=actor.organisation) | Q(licensee=actor.organisation)
    return Grant.objects.filter(sides, work=work).select_related("asserted_by", "licensee")


def reservations(work: Work) -> QuerySet[Reservation]:
    """Reservations are public."""
    return Reservation.objects.filter(work=work).select_related("asserted_by")


def preferences(work: Work) -> QuerySet[Preference]:
    """What somebody would like, without giving or reserving a right, is public."""
    return Preference.objects.filter(work=work).select_related("asserted_by")


def offers(work: Work) -> QuerySet[Offer]:
    """Standing offers are public."""
    return Offer.objects.filter(work=work).select_related("asserted_by")


def open_licences(work: Work) -> QuerySet[OpenLicence]:
    """Open licences are public."""
    return OpenLicence.objects.filter(work=work).select_related("asserted_by")


def rights_claims(actor: Actor) -> QuerySet[RightsClaim]:
    """Who speaks for which work: public, for the works that this actor may see."""
    return RightsClaim.objects.filter(work__in=registry.access.works(actor)).select_related(
        "work", "holder", "asserted_by"
    )


def rights_claim(actor: Actor, public_id: str) -> RightsClaim:
    """One claim, or NotFound."""
    return registry.access.one(rights_claims(actor), "claim", public_id=public_id)


def own_rights_claim(actor: Actor, public_id: str) -> RightsClaim:
    """One claim that the actor's organisation made, or NotFound."""
    own = rights_claims(actor).filter(asserted_by=actor.organisation)
    return registry.access.one(own, "claim of your organisation", public_id=public_id)


def decisions(actor: Actor) -> QuerySet[ClaimDecision]:
    """Decisions about the works this actor may see. A proposal that waits is seen by its sides and by operators."""
    rows = ClaimDecision.objects.filter(work__in=registry.access.works(actor)).select_related("work", "proposed_by")
    if actor.user is not None and actor.user.is_staff:
        return rows
    decided = Q(in_force_at__isnull=False)
    if actor.organisation is None:
        return rows.filter(decided)
    side = Q(upheld__asserted_by=actor.organisation) | Q(set_aside__asserted_by=actor.organisation)
    return rows.filter(decided | Q(pk__in=ClaimDecision.objects.filter(side).values("pk")))


def decision(actor: Actor, public_id: str) -> ClaimDecision:
    """One decision, or NotFound."""
    return registry.access.one(decisions(actor), "decision", public_id=public_id)


def domains(actor: Actor) -> QuerySet[Domain]:
    """The domains on the list of the actor's organisation."""
    if actor.organisation is None:
        return Domain.objects.none()
    return Domain.objects.filter(organisation=actor.organisation, withdrawn_at__isnull=True).select_related(
        "organisation"
    )


def domain(actor: Actor, public_id: str) -> Domain:
    """One of the organisation's domains, or NotFound."""
    return registry.access.one(domains(actor), "domain", public_id=public_id)


def imports(actor: Actor) -> QuerySet[Import]:
    """The files of many records that the actor's organisation handed in."""
    if actor.organisation is None:
        return Import.objects.none()
    rows = Import.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "job", "entry", "undo_entry")


def import_(actor: Actor, public_id: str) -> Import:
    """One import, or NotFound."""
    return registry.access.one(imports(actor), "import", public_id=public_id)


def import_rows(actor: Actor, batch: Import) -> QuerySet[ImportRow]:
    """The rows of an import that this actor may see."""
    rows = ImportRow.objects.filter(batch=batch, batch__in=imports(actor))
    return rows.select_related("work__merged_into", "dataset").defer("leaf", "raw")


def linkages(actor: Actor) -> QuerySet[Linkage]:
    """The lists that the actor's organisation had linked."""
    if actor.organisation is None:
        return Linkage.objects.none()
    return Linkage.objects.filter(organisation=actor.organisation).select_related("organisation", "job")


def linkage(actor: Actor, public_id: str) -> Linkage:
    """One list, or NotFound."""
    return registry.access.one(linkages(actor), "linkage", public_id=public_id)


def linkage_rows(actor: Actor, found: Linkage) -> QuerySet[LinkageRow]:
    """The rows of a list that this actor may see."""
    rows = LinkageRow.objects.filter(linkage=found, linkage__in=linkages(actor))
    return rows.select_related("work__merged_into", "decided_work__merged_into", "decided_by", "linkage")


def linkage_row(actor: Actor, found: Linkage, number: int) -> LinkageRow:
    """One row of a list by its number, or NotFound."""
    return registry.access.one(linkage_rows(actor, found), "row", number=str(number))


def licence_requests(actor: Actor) -> QuerySet[LicenceRequest]:
    """What the actor's organisation asks for; nobody else sees a request as a whole."""
    if actor.organisation is None:
        return LicenceRequest.objects.none()
    rows = LicenceRequest.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "clearance", "job", "entry")


def licence_request(actor: Actor, public_id: str) -> LicenceRequest:
    """One request of the actor's organisation, or NotFound."""
    return registry.access.one(licence_requests(actor), "licence request", public_id=public_id)


def negotiations(actor: Actor) -> QuerySet[Negotiation]:
    """The negotiations of which the actor's organisation is a side: the firm's, and the holder's once all is sent."""
    if actor.organisation is None:
        return Negotiation.objects.none()
    firm = Q(request__organisation=actor.organisation)
    holder = Q(holder=actor.organisation) & ~Q(state="enquiry")
    rows = Negotiation.objects.filter(firm | holder)
    return rows.select_related("request__organisation", "holder", "party", "agreement")


def negotiation(actor: Actor, public_id: str) -> Negotiation:
    """One negotiation, or NotFound."""
    return registry.access.one(negotiations(actor), "negotiation", public_id=public_id)


def requested_works(actor: Actor, found: Negotiation) -> QuerySet[RequestedWork]:
    """The works of a negotiation that this actor is a side of."""
    rows = RequestedWork.objects.filter(negotiation=found, negotiation__in=negotiations(actor))
    return rows.select_related("work")


def attachments(actor: Actor, found: Negotiation) -> QuerySet[Attachment]:
    """The files of a negotiation that this actor is a side of."""
    return Attachment.objects.filter(step__negotiation=found, step__negotiation__in=negotiations(actor))


def attachment(actor: Actor, found: Negotiation, public_id: str) -> Attachment:
    """One file of a negotiation, or NotFound."""
    return registry.access.one(attachments(actor, found), "file", public_id=public_id)


def agreements(actor: Actor) -> QuerySet[Agreement]:
    """The agreements of which the actor's organisation is a party. Nobody else sees them or their terms."""
    if actor.organisation is None:
        return Agreement.objects.none()
    rows = Agreement.objects.filter(Q(granted_by=actor.organisation) | Q(licensee=actor.organisation))
    return rows.select_related("granted_by", "licensee", "offer", "under", "renews", "entry")


def agreement(actor: Actor, public_id: str) -> Agreement:
    """One agreement, or NotFound."""
    return registry.access.one(agreements(actor), "agreement", public_id=public_id)


def agreement_grants(actor: Actor, found: Agreement) -> QuerySet[Grant]:
    """The grants of an agreement that this actor is a party of."""
    rows = Grant.objects.filter(agreement=found, agreement__in=agreements(actor))
    return rows.select_related("work", "asserted_by", "licensee")


def standing_offers(actor: Actor) -> QuerySet[Offer]:
    """The offers for works that this actor may see: offers are public."""
    rows = Offer.objects.filter(work__in=registry.access.works(actor))
    return rows.select_related("work", "asserted_by", "entry")


def standing_offer(actor: Actor, public_id: str) -> Offer:
    """One offer, or NotFound."""
    return registry.access.one(standing_offers(actor), "offer", public_id=public_id)


def terms_templates(actor: Actor) -> QuerySet[TermsTemplate]:
    """The templates of the actor's organisation, every version that was not removed."""
    if actor.organisation is None:
        return TermsTemplate.objects.none()
    rows = TermsTemplate.objects.filter(organisation=actor.organisation, withdrawn_at__isnull=True)
    return rows.select_related("organisation")


def terms_template(actor: Actor, public_id: str) -> TermsTemplate:
    """One template, or NotFound."""
    return registry.access.one(terms_templates(actor), "template", public_id=public_id)


def member_exits(actor: Actor) -> QuerySet[MemberExit]:
    """Who left which society: seen by the member and the society."""
    if actor.organisation is None:
        return MemberExit.objects.none()
    rows = MemberExit.objects.filter(Q(society=actor.organisation) | Q(organisation=actor.organisation))
    return rows.select_related("society", "organisation")


def member_exit(actor: Actor, public_id: str) -> MemberExit:
    """One exit, or NotFound."""
    return registry.access.one(member_exits(actor), "exit", public_id=public_id)


def verdict_changes(actor: Actor) -> QuerySet[VerdictChange]:
    """What became of the verdicts of the clearances that this actor may see."""
    rows = VerdictChange.objects.filter(clearance__in=clearances(actor))
    return rows.select_related("of__work", "clearance")


def observations(actor: Actor) -> QuerySet[Observation]:
    """What was read of publishers' machines: by the registry, by who speaks for the work that stands there, by oneself.

    What a firm handed in of somebody else's site is its own evidence, and nobody else's business.
    """
    public = registry.access.standing()
    standing = WorkAddress.objects.filter(withdrawn_at__isnull=True, work__in=Work.objects.filter(public))
    speaks = standing.filter(host=OuterRef("host"), stated_by=OuterRef("organisation"))
    own = Q(organisation=actor.organisation) if actor.organisation else Q(pk__in=[])
    of_public_work = Q(work__in=Work.objects.filter(public), work__registered_by=F("organisation"))
    known = Q(origin=Observation.Origin.FETCH) | Exists(speaks) | of_public_work
    return (
        Observation.objects.filter(known | own).select_related("organisation", "entry", "job", "work").defer("content")
    )


def observation(actor: Actor, public_id: str) -> Observation:
    """One observation, or NotFound."""
    return registry.access.one(observations(actor), "observation", public_id=public_id)


def work_addresses(actor: Actor) -> QuerySet[WorkAddress]:
    """Where works stand on the web, for the works that this actor may see."""
    rows = WorkAddress.objects.filter(work__in=registry.access.works(actor), withdrawn_at__isnull=True)
    return rows.select_related("work", "stated_by")


def own_work_address(actor: Actor, public_id: str) -> WorkAddress:
    """One address that the actor's organisation stated, or NotFound."""
    own = work_addresses(actor).filter(stated_by=actor.organisation)
    return registry.access.one(own, "address of your organisation", public_id=public_id)


def notices(actor: Actor) -> QuerySet[Notice]:
    """The notices of the actor's organisation; nobody else sees them here."""
    if actor.organisation is None:
        return Notice.objects.none()
    rows = Notice.objects.filter(organisation=actor.organisation)
    return rows.select_related("organisation", "dataset", "release", "clearance", "drafted_by")


def notice(actor: Actor, public_id: str) -> Notice:
    """One notice, or NotFound."""
    return registry.access.one(notices(actor), "notice", public_id=public_id)


def tombstone(public_id: str) -> Work | None:
    """A work that everybody knew and that was withdrawn: since when and by whom is said, nothing else."""
    gone = Work.objects.filter(withdrawn_at__isnull=False, merged_into=None, visibility=Work.Visibility.PUBLIC)
    return gone.select_related("registered_by").filter(public_id=public_id[:12].replace("\0", "")).first()
