"""Pages of audits: flagged first, people as numbers, names for owners alone, examples side by side."""

import csv
import io
import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from ingest.models import Audit, OutputCorpus
from ingest.selectors import audits as told
from registry import jobs
from registry.actors import of_user
from registry.merkle import certificate
from registry.models import Entry, Job, Membership, User
from tests import factories
from tests.ingest.audited import NAMES, OUTPUTS, PASTED, Audited, audited
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return factories.person("owner@example.org", of=factories.organisation())


@pytest.fixture
def made(owner) -> Audited:
    return audited(of_user(owner))


def page(client: Client, name: str, *arguments: object, **query: str) -> str:
    answer = client.get(reverse(name, args=arguments), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_flagged_come_first_and_nobody_is_named(owner, made):
    shown = page(client_of(owner), "audit", made.audit.public_id)
    numbers = told.numbers(made.audit)
    section = shown[shown.index('id="annotators"') : shown.index('id="batches"')]
    places = {name: section.index(f"<bdi>annotator {number}</bdi>") for name, number in numbers.items()}
    assert {name for name in NAMES if places[name] < section.rindex(">flagged<")} == set(PASTED)
    assert not any(name in shown for name in NAMES)
    assert "What these figures can prove, and what not" in shown
    assert made.audit.sample in shown
    assert 'id="trend"' in shown


def test_an_owner_sees_names_and_the_log_says_so_and_an_editor_does_not(owner, made):
    client = client_of(owner)
    answer = client.post(reverse("audit-names", args=[made.audit.public_id]))
    assert all(name in answer.content.decode() for name in NAMES)
    assert answer.headers["Cache-Control"] == "no-store"
    assert Entry.objects.filter(kind="audit.names_shown").count() == 1
    Membership.objects.filter(user=owner).update(role=Membership.Role.EDITOR)
    assert client.post(reverse("audit-names", args=[made.audit.public_id])).status_code == 403
    assert "Show their names" not in page(client, "audit", made.audit.public_id)
    assert Entry.objects.filter(kind="audit.names_shown").count() == 1


def test_examples_show_the_record_beside_the_output(owner, made):
    number = told.numbers(made.audit)["Nadia"]
    shown = page(client_of(owner), "audit-examples", made.audit.public_id, "annotator", number)
    assert f"Examples of annotator {number}" in shown
    assert shown.count("Registered output") >= 1
    assert "chatbot-1" in shown
    assert not any(name in shown for name in NAMES)
    missing = reverse("audit-examples", args=[made.audit.public_id, "annotator", 11])
    assert client_of(owner).get(missing).status_code == 404


def test_an_example_says_by_what_it_was_told_for_a_copy(owner, made):
    number = told.numbers(made.audit)["Nadia"]
    address = ("audit-examples", made.audit.public_id, "annotator", number)
    assert " words of its own" in page(client_of(owner), *address)
    matches = [
        example["match"] for row in made.audit.result["annotators"] for example in row["examples"] if example["match"]
    ]
    assert {match["way"] for match in matches} == {"own words"}
    for match in matches:
        match |= {"way": "whole text", "own_words": 7}
    made.audit.save(update_fields=["result"])
    shown = page(client_of(owner), *address)
    assert "of the output, 100.0\u202f% the same wording: a copy of the whole text" in shown
    assert "words of its own" not in shown
    for match in matches:  # as an audit from before has them
        del match["way"], match["coverage_work"]
    made.audit.save(update_fields=["result"])
    assert "7 words of its own" in page(client_of(owner), *address)


def test_what_only_resembles_an_output_is_shown_apart_and_older_audits_are_shown_without(owner, made):
    number = told.numbers(made.audit)["Nadia"]
    [row] = [one for one in made.audit.result["annotators"] if one["annotator"] == "Nadia"]
    row["flagged"], row["resemblance"]["stands_out"] = False, True
    for example in row["examples"]:
        example["match"], example["resembles"] = None, example["match"]
    row["positive"] = 0
    made.audit.save(update_fields=["result"])
    client = client_of(owner)
    shown = page(client, "audit", made.audit.public_id)
    assert "The records of 1 more annotator agree with registered outputs more often" in shown
    section = shown[shown.index('id="annotators"') : shown.index('id="batches"')]
    assert section.count("stands out, p") == 2  # the other who pasted is flagged, and resembles as well
    examples = page(client, "audit-examples", made.audit.public_id, "annotator", number)
    assert "No drawn record was taken for model output." in examples
    assert "Resembles" in examples
    assert "the same wording; it may be by chance" in examples
    assert "Copy of" not in examples
    assert examples.count("Registered output") >= 1
    for one in (*made.audit.result["annotators"], *made.audit.result["batches"]):  # as an audit from before has them
        del one["resemblance"]
        for example in one["examples"]:
            del example["resembles"]
    made.audit.save(update_fields=["result"])
    assert "Resembles an output" not in page(client, "audit", made.audit.public_id)
    assert "No drawn record was taken" in page(client, "audit-examples", made.audit.public_id, "annotator", number)
    downloaded = b"".join(client.get(reverse("audit-results", args=[made.audit.public_id, "csv"])))
    rows = list(csv.DictReader(io.StringIO(downloaded.decode("utf-8-sig"))))
    assert {one["resembling"] for one in rows} == {""}


def test_the_download_has_every_row_without_names(owner, made):
    answer = client_of(owner).get(reverse("audit-results", args=[made.audit.public_id, "csv"]))
    content = b"".join(answer).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [row["kind"] for row in rows] == ["batch"] * 2 + ["annotator"] * 10
    assert all(int(row["resembling"]) >= int(row["copies"]) for row in rows)
    assert all(0 <= float(row["resembling_among_people"]) < 1 for row in rows)
    assert [bool(row["resembling_p_value"]) for row in rows] == [False] * 2 + [True] * 10
    assert not any(name in content for name in NAMES)
    whole = json.loads(b"".join(client_of(owner).get(reverse("audit-results", args=[made.audit.public_id, "json"]))))
    assert whole == json.loads(json.dumps(told.presented(made.audit)))


def test_the_certificate_that_the_page_offers_verifies(owner, made):
    client = client_of(owner)
    address = reverse("audit-certificate", args=[made.audit.public_id])
    assert f'href="{address}"' in page(client, "audit", made.audit.public_id)
    found = certificate.verify(client.get(address).content)
    assert (found.audit, found.sample) == (made.audit.public_id, made.audit.sample)


def test_the_planner_says_299_and_the_form_takes_it(owner, made):
    shown = page(client_of(owner), "audit-new", most="1", confidence="95")
    assert "draw 299 of each batch and find none" in shown
    assert 'name="sampled" value="299"' in shown
    assert "draw 29 of each batch" in page(client_of(owner), "audit-new", most="10", confidence="95")


def test_a_dataset_is_handed_in_and_its_page_shows_the_result(owner):
    client = client_of(owner)
    outputs = io.BytesIO(b"".join(json.dumps({"text": one.text}).encode() + b"\n" for one in OUTPUTS))
    outputs.name = "outputs.jsonl"
    answer = client.post(reverse("outputs-new"), {"file": outputs, "name": "Answers", "generator": "chatbot-1"})
    assert answer.status_code == 302
    corpus = OutputCorpus.objects.get()
    assert jobs.run(corpus.job_id or 0) == "done"
    dataset = io.BytesIO(json.dumps({"text": OUTPUTS[3].text, "batch": "b", "annotator": "Nadia"}).encode())
    dataset.name = "a.jsonl"
    answer = client.post(
        reverse("audit-new"),
        {"file": dataset, "references": [corpus.public_id], "limit": "1", "seed": "5", "batch_field": "batch",
         "annotator_field": "annotator"},
    )  # fmt: skip
    made = Audit.objects.get()
    assert answer.headers["Location"] == reverse("audit", args=[made.public_id])
    assert "being audited" in page(client, "audit", made.public_id)
    assert jobs.run(made.job_id or 0) == "done"
    assert "1 of the 1 records" in page(client, "audit", made.public_id)


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(owner, made):
    dataset = io.BytesIO(b"{}")
    dataset.name = "a.jsonl"
    given = {"file": dataset, "limit": "1", "title": "Spring", "seed": "-1"}
    answer = client_of(owner).post(reverse("audit-new"), given)
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="Spring"' in shown
    assert 'id="error_1_id_seed"' in shown or "id_seed_error" in shown
    assert not Job.objects.filter(kind="audit").exists()


def test_several_files_are_handed_in_at_once_and_an_empty_one_is_named(owner, made):
    def files() -> list[SimpleUploadedFile]:
        return [SimpleUploadedFile(f"{name}.jsonl", b'{"text": "Yes.", "batch": "b"}') for name in "ab"]

    given = {"references": [made.corpus.public_id], "limit": "1", "batch_field": "batch"}
    client = client_of(owner)
    refused = client.post(reverse("audit-new"), {**given, "file": [*files(), SimpleUploadedFile("c.jsonl", b"")]})
    assert refused.status_code == 422
    assert "c.jsonl is empty" in refused.content.decode()
    answer = client.post(reverse("audit-new"), {**given, "file": files()})
    assert answer.status_code == 302
    assert Audit.objects.latest("recorded_at").file_name == "2 files.tar"
    assert " multiple" in page(client, "audit-new")


def test_the_only_registered_outputs_are_chosen_and_of_several_none_are(owner, made):
    def chosen() -> list[str]:
        shown = page(client_of(owner), "audit-new")
        return re.findall(r'<input[^>]*name="references"[^>]*checked', shown)

    assert len(chosen()) == 1
    given = {"file": SimpleUploadedFile("a.jsonl", b'{"text": "Yes."}'), "limit": "1", "batch_field": "batch"}
    answer = client_of(owner).post(reverse("audit-new"), given)  # somebody unticked it
    assert not re.findall(r'<input[^>]*name="references"[^>]*checked', answer.content.decode())
    OutputCorpus.objects.create(
        organisation=made.corpus.organisation, name="Others", generator="other", state=made.corpus.state
    )
    assert chosen() == []


def test_without_registered_outputs_the_page_says_where_to_register_them(owner):
    shown = page(client_of(owner), "audit-new")
    assert reverse("outputs-new") in shown
    assert 'name="references"' not in shown


def test_others_find_nothing(made):
    stranger = client_of(factories.person("other@example.org", of=factories.organisation()))
    for name, *rest in (("audit",), ("audit-certificate",), ("audit-results", "csv"), ("audit-examples", "batch", 1)):
        assert stranger.get(reverse(name, args=[made.audit.public_id, *rest])).status_code == 404
    for name in ("audit-names", "audit-cancel"):
        assert stranger.post(reverse(name, args=[made.audit.public_id])).status_code == 404
    assert stranger.post(reverse("outputs-withdraw", args=[made.corpus.public_id])).status_code == 404
    assert "Answers" not in page(stranger, "outputs")
