"""Drafts from what is on record: own records and audits alone, by page, API and command."""

import datetime
import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from ingest.models import Audit
from licensing.models import UseDeclaration
from licensing.services import filings
from registry.actors import of_user
from registry.errors import InvalidInput, NotAllowed, NotFound
from registry.models import Dataset, User
from tests import factories
from tests.ingest.audited import NAMES, audited
from tests.licensing import outputs
from tests.licensing.web.conftest import client_of
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.person("owner@example.org", of=factories.organisation(name="The Lab"))


@pytest.fixture
def held(owner: User) -> Dataset:
    """A private dataset with a recorded part, its declaration and an audit."""
    actor = of_user(owner)
    made = outputs.dataset("answers", of=actor.organisation)
    outputs.scene(made, actor)
    UseDeclaration.objects.update(state="approved", begins_on=datetime.date(2023, 1, 1))
    Audit.objects.filter(pk=audited(actor).audit.pk).update(dataset=made)
    return made


def text(filing) -> str:
    return filings.file(filing, "md").decode()


def test_a_draft_rests_on_own_records_and_audits(owner: User, held: Dataset) -> None:
    filing = filings.draft("eu-summary", actor=of_user(owner), datasets=["answers"], name="Helper 2")
    said = text(filing)
    assert "Talker of Maker wrote 12.50 % of Answers" in said
    assert "A sampling audit of Answers" in said
    assert "The Lab" in said
    assert "Paraphrases for the classifier" in text(filings.draft("ab2013", actor=of_user(owner), datasets=["answers"]))


@pytest.mark.parametrize("fault", ["draft", "another provider"])
def test_a_purpose_is_told_only_from_a_declaration_that_speaks_for_the_model(
    owner: User, held: Dataset, fault: str
) -> None:
    drafted = {"state": "draft", "begins_on": None}
    facts = drafted if fault == "draft" else {"provider": outputs.provider("elsewhere"), "model": None}
    UseDeclaration.objects.filter(title="Paraphrases for the classifier").update(**facts)
    said = text(filings.draft("ab2013", actor=of_user(owner), datasets=["answers"]))
    assert "Talker of Maker wrote" in said
    assert "Paraphrases for the classifier" not in said


def test_another_organisation_sees_neither_record_nor_audit(owner: User, held: Dataset) -> None:
    stranger = factories.actor()
    with pytest.raises(NotFound):
        filings.draft("eu-summary", actor=stranger, datasets=["answers"])
    Dataset.objects.filter(pk=held.pk).update(visibility="public")
    said = text(filings.draft("eu-summary", actor=stranger, datasets=["answers"]))
    assert "Talker" not in said
    assert "sampling audit" not in said


def test_a_model_of_ones_own_brings_the_datasets_that_are_established(owner: User) -> None:
    actor = of_user(owner)
    maker = outputs.provider("lab")
    maker.organisation = actor.organisation
    maker.save()
    helper = outputs.model("helper", maker)
    known, rumoured = outputs.dataset("known"), outputs.dataset("rumoured")
    outputs.claim(helper, "trained_on", known)
    outputs.claim(helper, "trained_on", rumoured, "alleged")
    outputs.part(known, outputs.model("talker", outputs.provider()), "third_party")
    filing = filings.draft("eu-summary", actor=actor, model="helper")
    assert (filing.subject, "a part of Known" in text(filing), "Rumoured" in text(filing)) == ("Helper", True, False)


def test_what_cannot_be_drafted_is_said_at_the_parameter(owner: User) -> None:
    actor = of_user(owner)
    outputs.model("talker")
    with pytest.raises(InvalidInput) as refused:
        filings.draft("eu-summary", actor=actor, model="talker")
    assert refused.value.errors[0]["parameter"] == "model"
    with pytest.raises(InvalidInput) as refused:
        filings.draft("ab2013", actor=actor, name="x" * 201)
    assert {fault["parameter"] for fault in refused.value.errors} == {"name", "dataset"}
    with pytest.raises(NotAllowed):
        filings.draft("ab2013", actor=factories.actor().__class__(name="user:1"), datasets=[])


def test_the_page_shows_the_draft_and_offers_its_files(owner: User, held: Dataset) -> None:
    client = client_of(owner)
    answer = client.get(reverse("filings"), {"kind": "ab2013", "dataset": "answers", "name": "Helper & Co"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Draft for a person to check" in page
    assert "Used: the developer had models write parts" in page
    address = "/filings/ab2013.html?name=Helper+%26+Co&amp;dataset=answers"
    assert address in page
    file = client.get(address.replace("&amp;", "&"))
    assert (file["Content-Type"], file["Content-Disposition"][:10]) == ("text/html; charset=utf-8", "attachment")
    assert b"Helper &amp; Co" in file.content
    assert client.get(reverse("filings"), {"kind": "ab2013"}).status_code == 422
    assert client.get(reverse("filings")).status_code == 200
    stranger = client_of(factories.person("other@example.org", of=factories.organisation()))
    assert stranger.get(address.replace("&amp;", "&")).status_code == 404


def test_the_api_drafts_in_each_form(owner: User, held: Dataset) -> None:
    caller = clients.caller(of_user(owner))
    told = caller.get("/api/v1/filings/eu-summary?dataset=answers&name=Helper").json()
    assert told["sections"][1]["fields"][0]["statements"][0]["text"] == "Yes."
    for form, kind in (("md", "text/markdown"), ("html", "text/html")):
        answer = caller.get(f"/api/v1/filings/ab2013?dataset=answers&form={form}")
        assert answer["Content-Type"].startswith(kind)
    assert caller.get("/api/v1/filings/eu-summary?form=docx&dataset=answers").status_code == 400
    assert caller.get("/api/v1/filings/other?dataset=answers").status_code == 404
    assert clients.caller().get("/api/v1/filings/eu-summary?dataset=answers").status_code == 404


def test_the_record_of_an_audit_names_no_annotator_and_is_its_organisations_alone(owner: User, held: Dataset) -> None:
    audit = Audit.objects.get()
    address = reverse("audit-record", args=[audit.public_id, "md"])
    said = client_of(owner).get(address).content.decode()
    assert "抽样不足 4,000 条" in said
    assert audit.sample in said
    assert not any(name in said for name in NAMES)
    api = f"/api/v1/audits/{audit.public_id}/gbt45654"
    assert clients.caller(of_user(owner)).get(api).json()["kind"] == "gbt45654"
    assert clients.caller().get(api).status_code == 404
    stranger = client_of(factories.person("other@example.org", of=factories.organisation()))
    assert stranger.get(address).status_code == 404


def test_the_command_writes_the_same_draft(owner: User, held: Dataset, tmp_path, capsys) -> None:
    actor = of_user(owner)
    assert actor.organisation is not None
    slug, out = actor.organisation.slug, tmp_path / "draft.json"
    call_command("filing", "eu-summary", organisation=slug, dataset=["answers"], form="json", out=out)
    told = json.loads(out.read_bytes())
    assert told == json.loads(filings.file(filings.draft("eu-summary", actor=actor, datasets=["answers"]), "json"))
    audit = Audit.objects.get()
    call_command("filing", "gbt45654", organisation=slug, audit=audit.public_id)
    assert "抽样检查记录" in capsys.readouterr().out
    for options in ({"organisation": "nobody"}, {"organisation": slug}):
        with pytest.raises(CommandError):
            call_command("filing", "gbt45654", **options)
    with pytest.raises(CommandError, match="INVALID_INPUT"):
        call_command("filing", "ab2013", organisation=slug)
