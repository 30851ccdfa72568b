"""Pages say of model output what reaches the dataset, how sure, what was declared and measured, and what to do next."""

import datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from ingest.models import Audit
from licensing.models import Clearance, GeneratedPart
from licensing.services import clearances, generated_parts, output_reevaluation
from licensing.services.generated_parts import Part
from registry.actors import Actor
from registry.models import Dataset
from tests import factories
from tests.ingest.audited import audited
from tests.licensing import asked, outputs, scanned

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def member(lab: Actor, client: Client) -> Client:
    client.force_login(factories.person("member@lab.example", of=lab.organisation))
    return client


def decided(lab: Actor, share: str | None = "12.50", **question: bool) -> Clearance:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2025, 12, 31))
    scan = scanned.scan(lab, [(factories.work(), "copy")])
    if share is not None:
        said = Part(outputs.model(), "third_party", share_percent=Decimal(share), generated_to=DAY(2024, 5, 1))
        generated_parts.record(scan.release.dataset, said, actor=lab)
    values = {"use": "fine_tuning", "purpose": "commercial", "territory": "US"}
    return clearances.decide(clearances.request(scan=scan, actor=lab, **values, **question).pk)  # type: ignore[arg-type]


def measured(lab: Actor, held: Dataset) -> Audit:
    made = audited(lab).audit
    Audit.objects.filter(pk=made.pk).update(dataset=held)
    return made


def page(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_result_says_what_reaches_the_dataset_and_what_share_was_measured(lab: Actor, member: Client) -> None:
    made = decided(lab, None)
    audit = measured(lab, made.scan.release.dataset)
    output_reevaluation.run("audit", None)
    shown = page(member, f"/clearances/{made.public_id}")
    assert "Model output in the dataset: what changed since" in shown
    assert f"/audits/{audit.public_id}" in shown
    assert "60 records" in shown or "120 records" in shown
    assert "near-copies of output of chatbot-1" in shown


def test_terms_that_block_are_in_the_headline_with_the_way_they_came_and_the_next_step(
    lab: Actor, member: Client
) -> None:
    outputs.question("terms-privity", "TOU_PRIVITY")
    made = decided(lab, competing=True)
    shown = page(member, f"/clearances/{made.public_id}")
    assert "Terms on model output in the dataset block this use." in shown
    assert "TOU_PRIVITY" in shown
    assert "Talker</bdi>" in shown
    assert "12.50 %" in shown
    assert "Decided again from its stored facts a moment ago: the same answer." in shown
    assert "so no single work carries the limit" in shown
    assert "Have a lawyer of your organisation answer the open question." in shown
    assert "audit a sample of the dataset" in shown


def test_a_dataset_that_one_model_wrote_says_so(lab: Actor, member: Client) -> None:
    made = decided(lab, "100", competing=True)
    assert "every work found in it carries the same limit" in page(member, f"/clearances/{made.public_id}")


def test_what_is_not_recorded_of_the_use_is_asked_for(lab: Actor, member: Client) -> None:
    made = decided(lab)
    shown = page(member, f"/clearances/{made.public_id}")
    assert "Whether terms on model output in the dataset allow this use is not known." in shown
    assert "Ask again and say whether what you make competes" in shown


def test_an_audit_that_found_more_is_not_hidden_by_a_later_one(lab: Actor, member: Client) -> None:
    clearance = decided(lab, share=None)
    held = clearance.scan.release.dataset
    first = measured(lab, held)
    Audit.objects.filter(pk=first.pk).update(title="The whole set")
    later = Audit.objects.get(pk=first.pk)
    later.pk, later.public_id, later.title, later.ended_at = None, "laterlater00", "A small look", timezone.now()
    later._state.adding = True
    later.save()
    again = clearances.request(scan=clearance.scan, actor=lab, use="fine_tuning", purpose="commercial", territory="DE")
    shown = page(member, f"/clearances/{clearances.decide(again.pk).public_id}")
    assert "Audits before that one:" in shown
    assert shown.count(f'href="/audits/{first.public_id}"') >= 1
    assert shown.count('href="/audits/laterlater00"') >= 1


def test_nothing_on_record_is_said_and_is_no_proof(lab: Actor, member: Client) -> None:
    made = decided(lab, None)
    assert "That is no proof that none did." in page(member, f"/clearances/{made.public_id}")


def test_from_a_result_and_its_check_the_dataset_is_found_and_what_a_model_wrote_is_recorded(
    lab: Actor, member: Client
) -> None:
    clearance = decided(lab, share=None)
    held = clearance.scan.release.dataset
    for address in (f"/clearances/{clearance.public_id}", f"/checks/{clearance.scan.public_id}"):
        assert f'href="/datasets/{held.slug}"' in page(member, address)
    assert f'href="/datasets/{held.slug}/generated/new"' in page(member, f"/clearances/{clearance.public_id}")


def test_ones_own_private_datasets_are_listed_before_those_of_the_catalogue(lab: Actor, member: Client) -> None:
    outputs.dataset("aardvark")
    own = decided(lab, share=None).scan.release.dataset
    shown = page(member, "/datasets")
    assert shown.index(f"/datasets/{own.slug}") < shown.index("/datasets/aardvark")
    assert '<input type="hidden" name="kind" value="dataset">' in shown


def test_a_record_taken_back_stands_beside_the_answer_that_was_given(lab: Actor, member: Client) -> None:
    made = decided(lab, competing=True)
    generated_parts.withdraw(GeneratedPart.objects.get(), actor=lab)
    asked.run_jobs(output_reevaluation.JOB)
    shown = page(member, f"/clearances/{made.public_id}")
    assert "Nothing is on record of model output in it any more." in shown
    assert "TOU_PRIVITY" in shown


def test_an_answer_that_model_output_changed_stands_on_the_desk(lab: Actor, member: Client) -> None:
    made = decided(lab, None, competing=True)
    held = made.scan.release.dataset
    assert "terms on model output" not in page(member, "/desk")
    for accepted in ("own_api", "third_party"):
        said = Part(outputs.model(), accepted, share_percent=Decimal(5), generated_to=DAY(2024, 5, 1))
        generated_parts.record(held, said, actor=lab)
        asked.run_jobs(output_reevaluation.JOB)
    desk = page(member, "/desk")
    assert desk.count(f'href="/clearances/{made.public_id}#model-output-now"') == 1
    assert "terms on model output in it block the use now" in desk
    stranger = Client()
    stranger.force_login(factories.person("other@rival.example", of=factories.organisation("Rival")))
    assert made.public_id not in page(stranger, "/desk")


def test_the_page_of_terms_shows_an_audit_to_its_organisation_alone(lab: Actor, member: Client) -> None:
    held = outputs.dataset("answers")
    audit = measured(lab, held)
    shown = page(member, "/datasets/answers/terms")
    assert audit.sample in shown
    assert "week 0" in shown
    stranger = Client()
    assert audit.public_id not in page(stranger, "/datasets/answers/terms")
    stranger.force_login(factories.person("other@firm.example", of=factories.organisation()))
    assert audit.public_id not in page(stranger, "/datasets/answers/terms")


def test_an_audit_is_said_to_be_of_a_dataset_on_its_page(lab: Actor, member: Client) -> None:
    held, audit = outputs.dataset("answers"), audited(lab).audit
    address = f"/audits/{audit.public_id}/about"
    assert member.post(address, {"dataset": "nothing"}).status_code == 422
    assert member.post(address, {"dataset": "Answers"}).status_code == 302
    audit.refresh_from_db()
    assert audit.dataset == held
    shown = page(member, f"/audits/{audit.public_id}")
    assert "/datasets/answers/terms" in shown
    assert "The dataset as a whole:" in shown
    stranger = Client()
    stranger.force_login(factories.person("other@firm.example", of=factories.organisation()))
    assert stranger.post(address, {"dataset": "answers"}).status_code == 404


def test_a_viewer_reads_and_does_not_say(lab: Actor) -> None:
    audit = audited(lab).audit
    reader = Client()
    reader.force_login(factories.person("viewer@lab.example", of=lab.organisation, role="viewer"))
    assert "Members who may write record it." in page(reader, f"/audits/{audit.public_id}/about")
    assert reader.post(f"/audits/{audit.public_id}/about", {"dataset": ""}).status_code == 403
