"""A small registry with something on every page: three organisations, a checked dataset, a bundle, public claims."""

import io
from dataclasses import dataclass

from allauth.account.models import EmailAddress

from ingest.models import Deposit, Scan
from ingest.services import deposits
from licensing.models import MemberExit, Notice, Observation, Offer, Policy, Report, Reservation, Verdict, WorkAddress
from licensing.services import (
    agreement_documents,
    decisions,
    member_exits,
    observations,
    offers,
    open_licences,
    ownership,
    policies,
    reports,
    reservations,
    work_addresses,
)
from licensing.services.assertions import Scope
from licensing.services.decisions import Terms
from registry import jobs
from registry.actors import Actor, of_user
from registry.models import (
    AIModel,
    ClaimDecision,
    Component,
    Dataset,
    DatasetFigure,
    Delivery,
    Domain,
    Import,
    ImportRow,
    Invitation,
    Job,
    Linkage,
    LinkageRow,
    Membership,
    Organisation,
    Party,
    Proceeding,
    ProvenanceClaim,
    Release,
    RightsClaim,
    Source,
    Token,
    User,
    Work,
)
from registry.services import domains, invitations, log, tokens, webhooks
from tests import factories
from tests.browser.channelled import Channelled, channel
from tests.ingest.audited import Audited, audited
from tests.licensing import noticed, outputs
from tests.licensing.evidenced import Scene, scene

PASSWORD = "a long enough phrase"
NOTICE_ACTS = ("detail", "send", "answer", "resolve", "withdraw", "letter", "works")


@dataclass(frozen=True)
class World:
    """What the pages are tried on."""

    scene: Scene
    lab: User
    press: User
    rival: User
    scan: Scan
    job: Job
    report: Report
    verdict: Verdict
    deposit: Deposit
    offer: Offer
    reservation: Reservation
    token: Token
    invitation: Invitation
    claim: RightsClaim
    domain: Domain
    policy: Policy
    proposal: ClaimDecision
    channelled: Channelled
    dataset: Dataset
    public_dataset: Dataset
    model: AIModel
    imported: Import
    linked: Linkage
    observation: Observation
    place: WorkAddress
    message: Delivery
    notice: Notice
    departure: MemberExit
    outputs: outputs.Made
    audited: Audited


def build(*, with_bundle: bool = False) -> World:
    """Write the rows, most of them through the services that the pages use. Making a real bundle takes a second."""
    made = scene()
    lab, press, rival = (
        _member(actor.require_writer(), name)
        for actor, name in ((made.lab, "lab"), (made.press, "press"), (made.rival, "rival"))
    )
    offer = offers.publish(work=made.licensed, terms="Ten a page.", scope=Scope(uses=["fine_tuning"]), actor=made.press)
    said = reservations.record(
        work=made.licensed, machine_readable=False, scope=Scope(territory=["EU"]), actor=made.press
    )
    open_licences.declare(work=made.chinese, licence="CC0-1.0", scope=Scope(), actor=made.press)
    text = io.BytesIO(b"The lamp. " * 200)
    deposit = deposits.keep(work=made.licensed, file=text, file_name="lamp.txt", actor=made.press)
    scan = made.clearance.scan
    job = jobs.open_parent("scan", organisation=scan.organisation, scan=scan.public_id)
    jobs.report(job, "matching", 3, 8)
    jobs.settle(job, Job.State.DONE)
    scan.job = job
    scan.save(update_fields=["job"])
    scan.skipped.create(name="broken.zip#inner.txt", cause_code="zip_truncated", cause="The archive ends too early.")
    make = reports.issue if with_bundle else reports.request
    report = make(clearance=made.clearance, actor=made.lab, language="zh-hans")
    actor = of_user(lab)
    invitation, _ = invitations.create(
        organisation=scan.organisation, email="new@example.org", role="viewer", actor=actor
    )
    token, _ = tokens.create(organisation=scan.organisation, name="nightly", scopes=["read"], actor=actor)
    webhooks.create(address="https://lab.example/in", events=["job.ended"], actor=made.lab)
    [message] = webhooks.emit("job.ended", scan.organisation, {"job": job.public_id})
    claim, domain, proposal = _dispute(made)
    public, model = _catalogue()
    log.sequence_all()
    return World(
        scene=made,
        lab=lab,
        press=press,
        rival=rival,
        scan=scan,
        job=job,
        report=report,
        verdict=made.clearance.verdicts.get(work=made.licensed),
        deposit=deposit,
        offer=offer,
        reservation=said,
        token=token,
        invitation=invitation,
        claim=claim,
        domain=domain,
        policy=policies.write(name="house", blocks={"UNKNOWN": True}, note="As our counsel asks.", actor=actor),
        proposal=proposal,
        channelled=_signed(channel(made.lab, made.press)),
        dataset=scan.release.dataset,
        public_dataset=public,
        model=model,
        imported=_imported(scan.organisation),
        linked=_linked(scan.organisation, made.licensed),
        observation=_observed(made),
        place=work_addresses.state(work=made.licensed, address="https://press.example/lamp", actor=made.press),
        message=message,
        notice=noticed.drafted(made),
        departure=member_exits.leave(society=made.press.require_writer(), actor=made.lab),
        outputs=outputs.scene(scan.release.dataset, made.lab),
        audited=audited(made.lab),
    )


def _observed(made: Scene) -> Observation:
    """A robots.txt that the lab handed in: its own evidence about somebody else's site."""
    said = b"User-agent: *\nDisallow: /\nContent-Usage: train-ai=n\n# No training of artificial intelligence, please.\n"
    row, _ = observations.hand_in(
        content=said, file_name="robots.txt", address="https://press.example/robots.txt", actor=made.lab
    )
    return row


def _signed(made: Channelled) -> Channelled:
    agreement_documents.sign(made.agreement)
    return made


def _imported(organisation: Organisation) -> Import:
    """A table that was looked at: one row is refused."""
    batch = Import.objects.create(
        organisation=organisation,
        file_name="titles.csv",
        file_format="csv",
        encoding="utf-8",
        size_bytes=512,
        sha256="ab" * 32,
        head={"columns": ["ref", "title"]},
        columns={"ref": "record_reference", "title": "title"},
        state=Import.State.CHECKED,
        message_status=Import.MessageStatus.PARTLY,
        counts={"rows": 2, "new": 1, "updated": 0, "unchanged": 0, "deleted": 0, "refused": 1, "warnings": 0, "cut": 0},
    )
    ImportRow.objects.create(batch=batch, number=1, reference="r1", action="new", title="The Lamp Again")
    fault = {
        "column": "title",
        "value": "",
        "severity": "E",
        "code": "TITLE_MISSING",
        "cause": "The record has no title.",
    }
    ImportRow.objects.create(
        batch=batch,
        number=2,
        reference="r2",
        action="refused",
        severity="E",
        faults=[fault | {"fix": "Give the title of the work."}],
        raw="r2,",
    )
    return batch


def _linked(organisation: Organisation, work: Work) -> Linkage:
    """A list of three rows: one that is a work, one that may be, one that is none."""
    linkage = Linkage.objects.create(
        organisation=organisation,
        file_name="shelf.csv",
        size_bytes=120,
        encoding="utf-8",
        columns={"title": "title", "author": "author"},
        state=Linkage.State.DONE,
        method="linkage 1",
        counts={"rows": 3, "match": 1, "review": 1, "none": 1},
    )
    candidate = {"key": work.pk, "work": work.public_id, "reference": work.record_reference, "by": "score"}
    reasons = ["title_subtitle", "author_missing"]
    rows = [
        (work.title, "match", work, 0.991, "key", [candidate | {"probability": 0.991, "reasons": ["title_equal"]}]),
        (
            f"{work.title}: a novel",
            "review",
            None,
            0.62,
            "score",
            [candidate | {"probability": 0.62, "reasons": reasons}],
        ),
        ("Something Else Entirely", "none", None, None, "score", []),
    ]
    for number, (title, decision, found, probability, by, candidates) in enumerate(rows, 1):
        LinkageRow.objects.create(
            linkage=linkage,
            number=number,
            facts={
                "title": title,
                "author": "",
                "year": "",
                "publisher": "",
                "isbn": "",
                "digest": f"{number:064}",
                "note": "",
            },
            decision=decision,
            work=found,
            probability=probability,
            by=by,
            candidates=candidates,
        )
    return linkage


def _dispute(made: Scene) -> tuple[RightsClaim, Domain, ClaimDecision]:
    """A song that two say is theirs alone, an agreement that waits for one of them, and a domain to be proved."""
    song = factories.work("Whose Song", by=made.press, first_published="2005", country="GB", language="en")
    claims = [
        ownership.claim(
            work=song,
            holder=ownership.holder_of(actor.require_writer()),
            scope=Scope(capacity="publisher", statement="Contract of 1 March 2019, clause 4."),
            exclusive=True,
            ai_rights="granted",
            actor=actor,
        )
        for actor in (made.press, made.rival)
    ]
    said = Terms("The claimants settled out of court.")
    proposal = decisions.propose(work=song, terms=said, upheld=claims[:1], set_aside=claims[1:], actor=made.press)
    return claims[0], domains.add(name="press.example", actor=made.press), proposal


def _member(organisation: Organisation, name: str) -> User:
    address = f"{name}@example.org"
    user = User.objects.create_user(username=address, email=address, password=PASSWORD)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    Membership.objects.create(user=user, organisation=organisation, role=Membership.Role.OWNER)
    return user


def _catalogue() -> tuple[Dataset, AIModel]:
    source = Source.objects.create(key="paper", title="A paper about a heap", address="https://example.org/paper")
    heap = Dataset.objects.create(slug="the-heap", name="The Heap", name_zh="大堆", description="Text of many kinds.")
    part = Dataset.objects.create(slug="part-of-heap", name="Part of the Heap", declared_licence="MIT")
    release = Release.objects.create(dataset=heap, version="1", released_on="2020-12-31")
    Component.objects.create(release=release, dataset=part, raw_gib="100.96", weight_percent="12.07", source=source)
    for value in ("196640", "196639"):
        DatasetFigure.objects.create(dataset=heap, name="books", value=value, unit="books", source=source)
    maker = Party.objects.create(name="Maker of models", kind=Party.Kind.ORGANISATION)
    model = AIModel.objects.create(slug="model-one", name="Model One", developer=maker, released_on="2023-02")
    for status in (ProvenanceClaim.Status.ALLEGED, ProvenanceClaim.Status.DENIED):
        claim = ProvenanceClaim.objects.create(
            key=f"one-{status}",
            subject_model=model,
            relation=ProvenanceClaim.Relation.TRAINED_ON,
            object_dataset=heap,
            status=status,
        )
        claim.sources.add(source)
    case = Proceeding.objects.create(key="case", name="Authors v. Maker", opened_on="2023-07", court="A court")
    case.datasets.add(heap)
    case.ai_models.add(model)
    return heap, model


def arguments(world: World, name: str) -> dict[str, str]:
    """What stands in the addresses of a route."""
    clearance, work = world.scene.clearance, world.scene.licensed
    private = {"slug": world.dataset.slug}
    negotiation = world.channelled.negotiation.public_id
    known: dict[str, dict[str, str]] = {
        "work": {"address": work.public_id},
        "dataset": private,
        "model": {"slug": world.model.slug},
        "holder": {"public_id": world.model.developer.public_id},
        "entity": {"public_id": work.public_id},
        "reconcile-suggest": {"what": "entity"},
        "log-entry": {"position": "0"},
        "reason": {"code": "LIC_MATCH"},
        "text": {"public_id": work.public_id},
        "edition": {"public_id": work.public_id, "edition": "new"},
        "api-deposit-list": {"work": work.public_id},
        "api-deposit-detail": {"work": work.public_id, "public_id": world.deposit.public_id},
        "text-withdraw": {"public_id": world.deposit.public_id},
        "statement": {"public_id": work.public_id, "kind": "reservation"},
        "statement-withdraw": {"public_id": work.public_id, "kind": "offer", "statement": world.offer.public_id},
        "token-revoke": {"public_id": world.token.public_id},
        "invitation-again": {"public_id": world.invitation.public_id},
        "invitation-revoke": {"public_id": world.invitation.public_id},
        "invitation-accept": {"public_id": world.invitation.public_id},
        "member-role": {"member": str(world.lab.memberships.get().pk)},
        "member-remove": {"member": str(world.lab.memberships.get().pk)},
        "mfa_edit_webauthn": {"pk": "1"},
        "mfa_remove_webauthn": {"pk": "1"},
        "account_confirm_email": {"key": "made-up"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "made-up"},
        "authority-state": {"public_id": work.public_id},
        "claim-withdraw": {"public_id": world.claim.public_id},
        "domain": {"public_id": world.domain.public_id},
        "policy": {"public_id": world.policy.public_id},
        "request": {"public_id": world.channelled.request.public_id},
        "request-amend": {"public_id": world.channelled.draft.public_id},
        "negotiation": {"public_id": negotiation},
        "negotiation-file": {"public_id": negotiation, "attachment": world.channelled.attachment.public_id},
        "negotiation-move": {"public_id": negotiation, "move": "counter"},
        "licence-agreement": {"public_id": world.channelled.agreement.public_id},
        "sublicence": {"public_id": world.channelled.passed_on.public_id},
        "api-sublicence-work-list": {"sublicence": world.channelled.passed_on.public_id},
        "offer": {"public_id": world.channelled.offer.public_id},
        "notice": {"public_id": world.notice.public_id},
        "notice-step": {"public_id": world.notice.public_id, "step": "send"},
        "agreement-file": {"public_id": world.channelled.agreement.public_id, "form": "jsonld"},
        "terms-template": {"public_id": world.channelled.template.public_id},
        "dispute": {"public_id": world.claim.work.public_id},
        "decision-refuse": {"public_id": world.proposal.public_id},
        "verification": {"kind": "claim", "public_id": world.claim.public_id},
        "claims-verify": {"slug": world.claim.asserted_by.slug},
        "job": {"public_id": world.job.public_id},
        "webhook": {"public_id": world.message.webhook.public_id},
        "webhook-again": {"public_id": world.message.webhook.public_id, "message": world.message.public_id},
        "api-delivery-list": {"webhook": world.message.webhook.public_id},
        "api-delivery-again": {"webhook": world.message.webhook.public_id, "public_id": world.message.public_id},
        "check": {"public_id": world.scan.public_id},
        "clearance": {"public_id": clearance.public_id},
        "verdict": {"public_id": world.verdict.public_id},
        "match": {"public_id": world.scan.matches.get(work=work).public_id},
        "report": {"public_id": world.report.public_id},
        "import": {"public_id": world.imported.public_id},
        "linkage": {"public_id": world.linked.public_id},
        "audit": {"public_id": world.audited.audit.public_id},
        "audit-results": {"public_id": world.audited.audit.public_id, "form": "csv"},
        "audit-record": {"public_id": world.audited.audit.public_id, "form": "html"},
        "api-audit-record": {"audit": world.audited.audit.public_id},
        "filing-file": {"kind": "eu-summary", "form": "html"},
        "api-filing": {"kind": "ab2013"},
        "api-audit-page": {"audit": world.audited.audit.public_id},
        "audit-examples": {"public_id": world.audited.audit.public_id, "kind": "batch", "number": "1"},
        "outputs-withdraw": {"public_id": world.audited.corpus.public_id},
        "signal": {"public_id": world.observation.public_id},
        "address-withdraw": {"public_id": work.public_id, "address": world.place.public_id},
        "api-work-address-withdraw": {"public_id": world.place.public_id},
        "api-work-signals": {"work": work.public_id},
        "api-holder-kit": {"holder": world.model.developer.public_id},
        "member-exit": {"public_id": world.departure.public_id},
        "rules-trial": {"public_id": world.job.public_id},
        "api-member-exit-detail": {"public_id": world.departure.public_id},
        "provider-terms-of": {"key": world.outputs.terms.provider.key or ""},
        "terms-version": {"public_id": world.outputs.terms.public_id},
        "legal-question": {"key": world.outputs.question.key},
        "opinion-new": {"key": world.outputs.question.key},
        "declaration": {"public_id": world.outputs.declaration.public_id},
        "declaration-step": {"public_id": world.outputs.declaration.public_id, "step": "approve"},
        "generated-withdraw": {"public_id": world.outputs.part.public_id},
        "dataset-terms": private,
        "api-provider-terms-detail": {"public_id": world.outputs.terms.public_id},
        "api-legal-question-detail": {"key": world.outputs.question.key},
        "api-opinion-list": {"question": world.outputs.question.key},
        "api-use-declaration-detail": {"public_id": world.outputs.declaration.public_id},
        "api-generated-part-list": {"dataset": world.dataset.slug},
        "api-generated-part-withdraw": {"dataset": world.dataset.slug, "public_id": world.outputs.part.public_id},
        "api-contradictions": {"dataset": world.dataset.slug},
        "api-output-terms": {"dataset": world.dataset.slug},
        "generated-new": private,
        "work-kit-file": {"public_id": work.public_id, "name": "license.xml"},
        "linkage-decision": {"public_id": world.linked.public_id, "number": "2"},
        "linkage-results": {"public_id": world.linked.public_id, "form": "csv"},
        "api-linkage-row-list": {"linkage_id": world.linked.public_id},
        "api-linkage-row-decision": {"linkage_id": world.linked.public_id, "number": "2"},
        "api-linkage-row-undo": {"linkage_id": world.linked.public_id, "number": "2"},
        "api-import-row-list": {"import_id": world.imported.public_id},
        "api-work-detail": {"public_id": work.public_id},
        "api-dataset-detail": private,
        "api-model-detail": {"slug": world.model.slug},
        "api-item-list": {"release": world.scan.release.public_id},
        "api-job-detail": {"public_id": world.job.public_id},
        "api-scan-detail": {"public_id": world.scan.public_id},
        "api-match-list": {"scan": world.scan.public_id},
        "api-clearance-detail": {"public_id": clearance.public_id},
        "api-verdict-list": {"clearance": clearance.public_id},
        "api-verdict-change-list": {"clearance": clearance.public_id},
        "api-step-list": {"negotiation": negotiation},
        "api-requested-work-list": {"negotiation": negotiation},
        "api-attachment-list": {"negotiation": negotiation},
        "api-attachment-content": {"negotiation": negotiation, "public_id": world.channelled.attachment.public_id},
        "api-grant-list": {"agreement": world.channelled.agreement.public_id},
        "api-report-detail": {"public_id": world.report.public_id},
        "api-log-entry": {"position": "0"},
    }
    alike = {
        "claim-concede": "claim-withdraw",
        "claim-confirm": "claim-withdraw",
        "claim-unconfirm": "claim-withdraw",
        "api-authority-detail": "claim-withdraw",
        "api-authority-withdraw": "claim-withdraw",
        **dict.fromkeys((f"webhook-{act}" for act in ("test", "enable", "secret", "remove")), "webhook"),
        **dict.fromkeys((f"api-webhook-{act}" for act in ("detail", "test", "enable", "secret", "remove")), "webhook"),
        "domain-check": "domain",
        "domain-remove": "domain",
        "api-domain-detail": "domain",
        "api-domain-check": "domain",
        "api-domain-remove": "domain",
        "policy-withdraw": "policy",
        "declaration-amend": "declaration",
        "api-use-declaration-approve": "declaration",
        "api-use-declaration-discard": "declaration",
        "api-use-declaration-end": "declaration",
        "request-without": "request-amend",
        "request-send": "request-amend",
        "request-cancel": "request",
        "licence-agreement-revoke": "licence-agreement",
        "licence-agreement-renew": "licence-agreement",
        "licence-agreement-pass-on": "licence-agreement",
        "member-exit-withdraw": "member-exit",
        "rules-trial-stop": "rules-trial",
        **dict.fromkeys((f"api-sublicence-{act}" for act in ("detail", "object", "answer", "settle")), "sublicence"),
        "api-rules-trial-detail": "rules-trial",
        "api-rules-trial-cancel": "rules-trial",
        "agreement-document": "licence-agreement",
        **dict.fromkeys(("notice-amend", "notice-letter", "notice-works"), "notice"),
        "offer-accept": "offer",
        "offer-withdraw": "offer",
        "terms-template-withdraw": "terms-template",
        "api-policy-detail": "policy",
        **dict.fromkeys((f"api-licence-request-{act}" for act in ("detail", "send", "cancel")), "request"),
        "api-licence-request-preview": "request-amend",
        "api-clearance-now": "api-clearance-detail",
        "api-clearance-output": "api-clearance-detail",
        "api-work-kit": "api-work-signals",
        **dict.fromkeys((f"api-notice-{act}" for act in NOTICE_ACTS), "notice"),
        "api-member-exit-withdraw": "api-member-exit-detail",
        **dict.fromkeys((f"api-negotiation-{act}" for act in ("detail", "moves", "files")), "negotiation"),
        **dict.fromkeys(
            (f"api-agreement-{act}" for act in ("detail", "document", "pdf", "revoke", "renew", "sublicences")),
            "licence-agreement",
        ),
        **dict.fromkeys((f"api-offer-{act}" for act in ("detail", "accept", "withdraw")), "offer"),
        **dict.fromkeys((f"api-terms-template-{act}" for act in ("detail", "remove")), "terms-template"),
        "api-policy-withdraw": "policy",
        "agreement": "dispute",
        "decision": "dispute",
        "decision-confirm": "decision-refuse",
        "decision-withdraw": "decision-refuse",
        "api-decision-detail": "decision-refuse",
        "job-cancel": "job",
        "check-cancel": "check",
        "check-resume": "check",
        "check-withhold": "check",
        "report-request": "clearance",
        "signal-raw": "signal",
        "api-observation-detail": "signal",
        "api-observation-raw": "signal",
        "work-signals": "text",
        "work-kit": "text",
        "work-kit-zip": "text",
        "holder-kit": "holder",
        "holder-kit-zip": "holder",
        **dict.fromkeys(("audit-about", "audit-cancel", "audit-names", "audit-certificate", "audit-page"), "audit"),
        **dict.fromkeys(
            (f"api-audit-{act}" for act in ("about", "detail", "cancel", "result", "certificate")), "audit"
        ),
        **dict.fromkeys((f"api-output-corpus-{act}" for act in ("detail", "withdraw")), "outputs-withdraw"),
        "linkage-cancel": "linkage",
        "linkage-review": "linkage",
        "api-linkage-detail": "linkage",
        "api-linkage-cancel": "linkage",
        "api-linkage-results": "linkage",
        "import-columns": "import",
        "import-apply": "import",
        "import-cancel": "import",
        "import-undo": "import",
        "import-refused": "import",
        "import-acknowledgement": "import",
        "api-import-detail": "import",
        "api-import-apply": "import",
        "api-import-cancel": "import",
        "api-import-undo": "import",
        "api-import-refused": "import",
        "api-import-acknowledgement": "import",
        "report-bundle": "report",
        "api-job-cancel": "api-job-detail",
        "api-report-bundle": "api-report-detail",
        "api-deposit-withdraw": "api-deposit-detail",
    } | dict.fromkeys(
        (
            *("receipt", "receipt-file", "work-amend", "work-merge", "work-split", "work-withdraw", "work-restore"),
            *("work-publish", "work-undo"),
            *(f"api-work-{act}" for act in ("revisions", "receipt", "withdraw", "restore", "publish")),
            *(f"api-work-{act}" for act in ("merge", "split", "undo")),
        ),
        "text",
    )
    return known.get(alike.get(name, name), {})


def actor(user: User) -> Actor:
    """The actor of a person."""
    return of_user(user)
