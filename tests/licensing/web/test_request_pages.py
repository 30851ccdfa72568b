"""Requests, negotiations, agreements and offers on their pages: what is typed stays, what is another's is not there."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.models import Agreement, LicenceRequest, Negotiation, Offer, TermsTemplate, Verdict, VerdictChange
from licensing.rules.lifecycle import Move, State
from licensing.selectors.granting import Why
from licensing.services import licence_requests, negotiations, splitting
from licensing.web.agreements_words import BUTTONS, EXPLAINED, LOOKS, STATES, STEPS, WHY
from licensing.web.negotiations_forms import ProposalForm
from registry import jobs
from registry.errors import InvalidInput
from registry.models import Job
from tests import factories
from tests.browser.world import World
from tests.licensing.web.conftest import client_of

TERMS: dict[str, Any] = {
    "uses": ["fine_tuning"],
    "territory": ["EU"],
    "valid_to": "2039-12-31",
    "affiliates": "all",
    "sublicensing": "none",
    "fee_model": "flat",
    "fee_amount": "99.00",
    "fee_currency": "EUR",
}


@pytest.fixture
def rival(world: World) -> Client:
    return client_of(world.rival)


def tree(page: bytes) -> Any:
    return html.fromstring(page)


def text(answer: Any) -> str:
    return " ".join(tree(answer.content).text_content().split())


def move_address(world: World, move: str) -> str:
    return reverse("negotiation-move", args=[world.channelled.negotiation.public_id, move])


def test_what_is_missing_is_asked_for_with_the_words_of_the_question(lab: Client, world: World) -> None:
    address = f"{reverse('request-new')}?clearance={world.scene.clearance.public_id}"
    form = tree(lab.get(address).content).forms[-1]
    assert form.fields["title"] == "Corpus: pretraining in Germany"
    ticked = {box.get("value") for box in form.xpath(".//input[@type='checkbox'][@checked]")}
    assert ticked == {"NOT_CLEARED", "pretraining", "commercial", "DE"}
    answer = lab.post(address, dict(form.form_values()) | {"verdicts": "NOT_CLEARED"})
    made = LicenceRequest.objects.latest("pk")
    assert answer.headers["Location"] == reverse("request", args=[made.public_id])
    assert (made.clearance, made.terms["valid_from"]) == (world.scene.clearance, "2026-11-01")
    assert [row.work for row in made.requested_works.all()] == [world.scene.hostile]


def test_a_title_that_the_site_proposed_is_read_in_each_readers_language(lab: Client, world: World) -> None:
    address = f"{reverse('request-new')}?clearance={world.scene.clearance.public_id}"
    given = dict(tree(lab.get(address).content).forms[-1].form_values()) | {"verdicts": "NOT_CLEARED"}
    lab.post(address, given)
    kept = LicenceRequest.objects.latest("pk")
    lab.post(address, given | {"title": "Lamps for our model"})
    own = LicenceRequest.objects.latest("pk")
    chinese = {"Accept-Language": "zh-hans"}
    pages = [lab.get(reverse("request", args=[made.public_id]), headers=chinese).content for made in (kept, own)]
    heads = [tree(page).xpath("//h1")[0].text_content() for page in pages]
    assert (kept.title, heads[0]) == ("Corpus: pretraining in Germany", "Corpus：预训练，德国")
    assert heads[1] == "Lamps for our model"
    amended = dict(tree(lab.get(reverse("request-amend", args=[kept.public_id])).content).forms[-1].form_values())
    lab.post(reverse("request-amend", args=[kept.public_id]), amended | {"message": "May we?"})
    kept.refresh_from_db()
    assert kept.chosen_by["named"] == {"dataset": "Corpus", "use": "pretraining", "territory": "DE"}
    lab.post(reverse("request-amend", args=[kept.public_id]), amended | {"title": "Ours"})
    kept.refresh_from_db()
    assert (kept.title, "named" in kept.chosen_by) == ("Ours", False)


def test_faults_are_named_beside_their_fields_and_what_was_typed_stays(lab: Client, world: World) -> None:
    work = world.channelled.offer.work.public_id
    given = TERMS | {"title": "T", "fee_currency": "", "valid_from": "2040-01-01", "message": "Typed."}
    answer = lab.post(f"{reverse('request-new')}?work={work}", given)
    assert answer.status_code == 422
    page = tree(answer.content)
    assert {link.get("href") for link in page.xpath("//*[@id='summary']//a")} == {"#id_fee_currency", "#id_valid_to"}
    assert page.forms[-1].fields["message"].strip() == "Typed."
    assert page.forms[-1].fields["fee_amount"] == "99.00"
    assert not LicenceRequest.objects.filter(title="T").exists()


def test_a_list_that_names_no_work_says_which_line(lab: Client) -> None:
    answer = lab.post(reverse("request-new"), TERMS | {"title": "T", "listed": "9780000000002\nnonsense"})
    assert answer.status_code == 422
    assert "nonsense is not registered, or not an identifier." in text(answer)


def test_a_draft_says_who_will_be_asked_before_anybody_is(lab: Client, press: Client, world: World) -> None:
    draft = world.channelled.draft
    page = text(lab.get(reverse("request", args=[draft.public_id])))
    assert "Send it to 1 rightsholder" in page
    assert "Who will be asked" in page
    assert press.get(reverse("request", args=[draft.public_id])).status_code == 404
    assert lab.post(reverse("request-send", args=[draft.public_id])).status_code == 302
    assert "Finding out who can answer" in text(lab.get(reverse("request", args=[draft.public_id])))
    jobs.run(Job.objects.get(kind="split_request", state=Job.State.QUEUED, arguments__request_id=draft.pk).pk)
    assert "By rightsholder" in text(lab.get(reverse("request", args=[draft.public_id])))
    assert "waits for your answer" in text(press.get(reverse("inbox")))


def test_a_work_is_left_out_of_a_draft(lab: Client, world: World) -> None:
    draft = world.channelled.draft
    address = reverse("request-without", args=[draft.public_id])
    lab.post(address, {"work": [world.channelled.negotiation.requested_works.get().work.public_id, "x\0"]})
    assert draft.requested_works.count() == 0
    assert lab.post(reverse("request-send", args=[draft.public_id])).status_code == 409


def test_strangers_find_nothing_of_a_negotiation_or_an_agreement(rival: Client, world: World) -> None:
    made = world.channelled
    for name, key in (
        ("request", made.request),
        ("negotiation", made.negotiation),
        ("licence-agreement", made.agreement),
    ):
        assert rival.get(reverse(name, args=[key.public_id])).status_code == 404
        assert rival.get(reverse(name, args=["nothing"])).status_code == 404
    assert rival.post(move_address(world, "accept"), {"version": made.negotiation.version}).status_code == 404
    for name in ("desk", "inbox", "requests", "agreements", "offers", "terms-templates"):
        page = rival.get(reverse(name)).content.decode()
        assert made.request.title not in page
        assert made.agreement.public_id not in page
        assert made.template.name not in page


def test_the_thread_marks_what_differs_from_the_proposal_before(lab: Client, world: World) -> None:
    page = tree(lab.get(reverse("negotiation", args=[world.channelled.negotiation.public_id])).content)
    sheet = page.xpath("//dl[contains(@class, 'terms')]")[0]
    assert [mark.text_content() for mark in sheet.xpath(".//mark")] == ["flat fee: EUR 1200 per year"]
    assert [mark.text_content() for mark in sheet.xpath(".//del")] == ["not stated"]
    [first] = page.xpath("//section[contains(@class, 'answer')]//a[@role='button' and not(@class)]")
    assert first.text_content() == "Accept these terms"  # one answer is put first


def test_an_answer_to_an_outdated_state_is_told_so_and_keeps_what_was_typed(
    lab: Client, press: Client, world: World
) -> None:
    version = world.channelled.negotiation.version
    assert press.post(move_address(world, "retract"), {"version": version, "message": "Wait."}).status_code == 302
    answer = lab.post(move_address(world, "counter"), TERMS | {"version": version, "message": "Cheaper?"})
    assert answer.status_code == 409  # nothing is on the table that could be countered
    offer = {"version": Negotiation.objects.get(pk=world.channelled.negotiation.pk).version}
    assert press.post(move_address(world, "offer"), TERMS | offer).status_code == 302
    late = lab.post(move_address(world, "counter"), TERMS | {"version": version, "message": "Cheaper?"})
    assert late.status_code == 422
    assert "Somebody else has answered in this negotiation" in text(late)
    assert tree(late.content).forms[-1].fields["message"].strip() == "Cheaper?"


def test_a_message_carries_files_that_are_only_ever_saved(lab: Client, press: Client, world: World) -> None:
    sent = {"message": "See this.", "attachments": SimpleUploadedFile("<b>x.html", b"<script>alert(1)</script>")}
    assert lab.post(move_address(world, "message"), sent).status_code == 302
    page = press.get(reverse("negotiation", args=[world.channelled.negotiation.public_id]))
    assert "<b>x.html" not in page.content.decode()
    file = world.channelled.negotiation.steps.latest("pk").attachments.get()
    address = reverse("negotiation-file", args=[world.channelled.negotiation.public_id, file.public_id])
    answer = press.get(address)
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_granting_what_had_no_fee_says_that_it_is_free(press: Client, world: World) -> None:
    licence_requests.send(world.channelled.draft, actor=world.scene.lab)
    splitting.split(world.channelled.draft.pk)
    held = Negotiation.objects.get(request=world.channelled.draft)
    address = reverse("negotiation-move", args=[held.public_id, "grant"])
    assert "To grant what was asked is to grant it free of charge" in text(press.get(address))
    assert press.post(address, {"version": held.version}).status_code == 302
    agreement = Negotiation.objects.get(pk=held.pk).agreement
    assert agreement is not None
    assert agreement.terms["fee"]["model"] == "free"


def test_a_retracted_offer_is_never_granted_as_if_it_had_been_asked_for(press: Client, world: World) -> None:
    held = world.channelled.negotiation
    negotiations.move(held, "retract", world.scene.press, version=held.version)
    page = press.get(reverse("negotiation", args=[held.public_id])).content.decode()
    assert move_address(world, "offer") in page
    if Negotiation.objects.get(pk=held.pk).terms != world.channelled.request.terms:
        assert move_address(world, "grant") not in page
        assert press.get(move_address(world, "grant")).status_code == 409


def test_an_agreement_is_revoked_by_its_giver_with_a_reason(lab: Client, press: Client, world: World) -> None:
    address = reverse("licence-agreement-revoke", args=[world.channelled.agreement.public_id])
    assert lab.post(address, {"from_day": "2039-01-01", "reason": "No."}).status_code == 409
    assert press.post(address, {"from_day": "2001-01-01", "reason": "No."}).status_code == 422
    day = {"from_day": Agreement.objects.get(under=None).recorded_at.date().isoformat()}
    assert press.post(address, day).status_code == 422
    assert press.post(address, day | {"reason": "The heirs object."}).status_code == 302
    page = text(lab.get(reverse("licence-agreement", args=[world.channelled.agreement.public_id])))
    assert "The heirs object." in page
    assert Agreement.objects.get(under=None).state == Agreement.State.REVOKED


def test_an_agreement_is_renewed_by_a_new_one(press: Client, world: World) -> None:
    old = world.channelled.agreement
    answer = press.post(reverse("licence-agreement-renew", args=[old.public_id]), {"valid_to": "2045-12-31"})
    new = Agreement.objects.get(renews=old)
    assert answer.headers["Location"] == reverse("licence-agreement", args=[new.public_id])
    assert new.terms["valid_from"] == "2040-01-01"


def test_whoever_offers_sees_which_works_and_how_often_it_was_accepted(
    press: Client, lab: Client, world: World
) -> None:
    listed = text(press.get(reverse("offers")))
    assert "and 1 more work" in listed
    offer = reverse("offer", args=[world.channelled.offer.public_id])
    assert "accepted 1 time" in text(press.get(offer))
    assert "accepted" not in text(lab.get(offer))


def test_an_offer_is_accepted_in_a_minute_and_once(rival: Client, world: World) -> None:
    offer = world.channelled.offer
    assert "Accept this offer" in text(rival.get(reverse("offer", args=[offer.public_id])))
    accept = reverse("offer-accept", args=[offer.public_id])
    answer = rival.post(accept, {"which": "all"})
    made = Agreement.objects.get(licensee=world.scene.rival.organisation)
    assert answer.headers["Location"] == reverse("licence-agreement", args=[made.public_id])
    assert (made.works, made.channel) == (2, "standing_offer")
    again = rival.post(accept, {"which": "one"})
    assert again.status_code == 422
    assert "has accepted this offer already" in text(again)


def test_an_offer_is_published_for_what_was_claimed_and_taken_back(press: Client, world: World) -> None:
    answer = press.post(reverse("offer-new"), TERMS | {"which": "claimed", "uses": ["evaluation"]})
    made = Offer.objects.filter(uses=["evaluation"])
    assert answer.status_code == 302
    assert made.count() >= 2
    page = text(press.get(reverse("work", args=[made.earliest("pk").work.public_id]), follow=True))
    assert "evaluation: flat fee: EUR 99" in page
    away = reverse("offer-withdraw", args=[made.earliest("pk").public_id])
    assert press.post(away, {"which": "all", "reason": "Sold."}).status_code == 302
    assert not made.filter(withdrawn_at=None).exists()


def test_a_template_fills_a_form_in_and_is_kept_in_versions(lab: Client, world: World) -> None:
    template = world.channelled.template
    page = lab.get(f"{reverse('request-new')}?template={template.public_id}")
    assert tree(page.content).forms[-1].fields["fee_amount"] == "1200"
    address = reverse("terms-template", args=[template.public_id])
    assert lab.post(address, TERMS | {"name": template.name}).status_code == 302
    assert set(TermsTemplate.objects.values_list("version", flat=True)) == {1, 2}
    assert lab.post(reverse("terms-template-withdraw", args=[template.public_id])).status_code == 302
    assert "The template is removed." in text(lab.get(reverse("terms-templates")))
    assert template.name not in lab.get(reverse("terms-templates")).content.decode()


def test_a_viewer_reads_and_does_not_answer(lab: Client, world: World) -> None:
    world.lab.memberships.update(role="viewer")
    page = lab.get(reverse("negotiation", args=[world.channelled.negotiation.public_id]))
    assert page.status_code == 200
    assert b"/moves/" not in page.content
    assert lab.get(move_address(world, "accept")).status_code == 403
    assert lab.get(reverse("request-new")).status_code == 403


def test_every_state_move_and_reason_has_its_word() -> None:
    assert set(State) <= set(STATES)
    assert set(State) <= set(LOOKS)
    assert set(Move) == set(STEPS)
    assert set(BUTTONS) == set(EXPLAINED) == set(Move) - {Move.CHECK, Move.EXPIRE}
    assert set(WHY) == set(Why)


def test_the_desk_counts_every_answer_that_changed_and_names_the_question(lab: Client, world: World) -> None:
    given = world.verdict
    said: dict[str, Any] = {"clearance": given.clearance, "case": {}, "verdict": "CLEARED", "status": "LICENSED"}
    said |= {"blocks": False, "as_of": given.clearance.as_of}
    rows = [
        Verdict(clearance=given.clearance, work=factories.work(f"Lamp {number}"), verdict="UNKNOWN", blocks=True)
        for number in range(3)
    ]
    made = [*Verdict.objects.bulk_create(rows), given]
    for cause, times in (("stated", 1), ("dated", 200)):
        VerdictChange.objects.bulk_create(
            [VerdictChange(of=row, cause=cause, **said) for _ in range(times) for row in made]
        )
    page = text(lab.get(reverse("desk")))
    assert page.count("4 answers are different now") == 2  # however often the same answers changed since
    assert "pretraining · Germany" in page


def test_nobody_waits_for_an_answer_once_there_is_an_agreement(lab: Client, press: Client, world: World) -> None:
    found = world.channelled.negotiation
    Negotiation.objects.filter(pk=found.pk).update(respond_by="2026-01-01")
    address = reverse("negotiation", args=[found.public_id])
    assert "answer was due on 2026-01-01" in text(lab.get(address))
    lab.post(move_address(world, "accept"), {"version": found.version})
    for page in (text(press.get(address)), text(lab.get(address))):
        assert "granted" in page
        assert "answer was due" not in page
        assert "An answer is wanted by" not in page
    assert "record the delivery here" in text(press.get(address))
    tracked = text(lab.get(reverse("request", args=[found.request.public_id])))
    assert "2026-01-01" not in tracked.split("By rightsholder")[1].split("What is asked for")[0]


def test_a_work_that_is_not_part_of_a_negotiation_is_named_beside_the_field(press: Client, world: World) -> None:
    given = TERMS | {"version": world.channelled.negotiation.version, "leave_out": "nonsense"}
    assert press.post(move_address(world, "offer"), given).status_code in (409, 422)
    form = ProposalForm({**TERMS, "leave_out_more": "nonsense"}, works=[], more=True)
    form.is_valid()
    cause = "“nonsense” is no work of this negotiation."
    form.add_move_errors(InvalidInput(cause, errors=[{"pointer": "/left_out/nonsense", "cause": cause}]))
    assert form.errors["leave_out_more"] == [cause]


def test_the_desk_proposes_what_its_organisation_can_do(lab: Client, press: Client, world: World) -> None:
    Negotiation.objects.update(waits_for="")
    Offer.objects.update(withdrawn_at=world.channelled.negotiation.recorded_at)
    assert "New check" in text(lab.get(reverse("desk")))
    assert "Publish an offer" in text(press.get(reverse("desk")))
