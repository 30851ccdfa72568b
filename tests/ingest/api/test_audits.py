"""The API of audits: hand outputs and a dataset in, poll, fetch the result; nobody is named, others find nothing."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ingest.models import Audit
from registry import jobs
from registry.models import Organisation
from tests import factories
from tests.ingest.audited import NAMES, OUTPUTS, audited
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


def allowed(of: Organisation, *scopes: str) -> dict[str, str]:
    return {"authorization": f"Bearer {clients.new_token(clients.member(of), *scopes)[1]}"}


def lines(*records: dict[str, str]) -> SimpleUploadedFile:
    return SimpleUploadedFile("a.jsonl", b"".join(json.dumps(record).encode() + b"\n" for record in records))


def post(path: str, headers: dict[str, str], **fields: Any) -> Any:
    return Client().post(f"/api/v1/{path}", fields, headers=headers)


def get(path: str, headers: dict[str, str]) -> Any:
    return Client().get(f"/api/v1/{path}", headers=headers)


def run(headers: dict[str, str], answer: Any) -> None:
    assert answer.status_code == 202, answer.content
    number = answer.headers["Location"].rpartition("/")[2]
    assert jobs.run(jobs.Job.objects.get(public_id=number).pk) == "done"


def test_outputs_and_a_dataset_are_handed_in_and_the_result_is_fetched() -> None:
    lab = factories.organisation()
    headers = allowed(lab, "scans")
    outputs = post(
        "output-corpora", headers, file=lines(*({"text": one.text} for one in OUTPUTS)), name="Answers", generator="c-1"
    )
    run(headers, outputs)
    corpus = outputs.json()["id"]
    assert get(f"output-corpora/{corpus}", headers).json()["outputs"] == len(OUTPUTS)

    dataset = lines({"text": OUTPUTS[0].text, "week": "1", "annotator": "Nadia"}, {"text": "Yes.", "week": "2"})
    asked = post("audits", headers, file=dataset, references=[corpus], seed=3, batch_field="week", title="Weeks")
    audit = asked.json()["id"]
    assert get(f"audits/{audit}/result", headers).status_code == 409
    run(headers, asked)
    told = get(f"audits/{audit}", headers).json()
    assert (told["state"], told["seed"], told["columns"]["batch"]) == ("done", 3, "week")
    result = get(f"audits/{audit}/result", headers).json()
    assert [(row["batch"], row["positive"]) for row in result["batches"]] == [("1", 1), ("2", 0)]
    assert [row["annotator"] for row in result["annotators"]] == ["annotator 1"]
    assert result["sample"] == told["sample"]


def test_several_files_are_one_dataset_and_records_and_faults_name_theirs() -> None:
    headers = allowed(factories.organisation(), "scans")
    outputs = post("output-corpora", headers, file=lines({"text": OUTPUTS[0].text}), name="Answers", generator="c-1")
    run(headers, outputs)
    first = SimpleUploadedFile("first.jsonl", b'{"text": "Yes.", "batch": "a"}\nno JSON\n')
    second = SimpleUploadedFile("second.jsonl", json.dumps({"text": OUTPUTS[0].text, "batch": "b"}).encode())
    asked = post("audits", headers, file=[second, first], references=[outputs.json()["id"]], seed=3)
    run(headers, asked)
    told = get(f"audits/{asked.json()['id']}", headers).json()
    assert (told["state"], told["file_name"]) == ("done", "2 files.tar")
    result = get(f"audits/{told['id']}/result", headers).json()
    assert [(row["batch"], row["positive"]) for row in result["batches"]] == [("a", 0), ("b", 1)]
    audit = Audit.objects.get()
    assert audit.skipped["first"][0]["name"] == "2 files.tar#first.jsonl#2"
    assert audit.shown is not None
    assert "2 files.tar#second.jsonl#1" in json.dumps(audit.shown)
    refused = post("audits", headers, file=[second, SimpleUploadedFile("none.jsonl", b"")], references=[], seed=1)
    assert "none.jsonl is empty" in refused.content.decode()


def test_faults_have_pointers_and_unknown_corpora_are_not_found() -> None:
    lab = factories.organisation()
    headers = allowed(lab, "scans")
    refused = post("audits", headers, file=lines({"text": "a"}), references=["0000000000zz"])
    assert refused.status_code == 404
    refused = post("audits", headers, file=lines({"text": "a"}), references=[], limit=2)
    assert refused.status_code == 400
    assert {fault["pointer"] for fault in refused.json()["errors"]} == {"/references", "/limit"}
    assert not Audit.objects.exists()


def test_others_find_nothing_and_names_are_nowhere() -> None:
    lab, other = factories.organisation(), factories.organisation()
    made = audited(factories.actor(lab))
    own, strange = allowed(lab, "scans"), allowed(other, "scans")
    for path in (f"audits/{made.audit.public_id}", f"audits/{made.audit.public_id}/result"):
        assert get(path, strange).status_code == 404
        said = get(path, own)
        assert said.status_code == 200
        assert not any(name in said.content.decode() for name in NAMES)
    assert get(f"output-corpora/{made.corpus.public_id}", strange).status_code == 404
    assert post(f"audits/{made.audit.public_id}/cancel", strange).status_code == 404
    assert get("audits", strange).json()["results"] == []
    assert get("audits", allowed(lab, "works")).status_code == 403


def test_an_audit_is_stopped_and_a_corpus_withdrawn() -> None:
    lab = factories.organisation()
    headers = allowed(lab, "scans")
    made = audited(factories.actor(lab))
    assert post(f"audits/{made.audit.public_id}/cancel", headers).status_code == 409
    withdrawn = post(f"output-corpora/{made.corpus.public_id}/withdraw", headers)
    assert (withdrawn.status_code, withdrawn.json()["state"]) == (200, "withdrawn")
    assert post(f"output-corpora/{made.corpus.public_id}/withdraw", headers).status_code == 409
