"""Model output over the API: which terms applied, opinions, the register, generated parts, what reaches a dataset."""

import datetime

import pytest

from registry.models import Dataset
from tests.licensing import outputs
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> clients.Person:
    return clients.member()


@pytest.fixture
def held(lab: clients.Person) -> Dataset:
    return outputs.dataset("held", lab.organisation)


@pytest.fixture
def made(lab: clients.Person, held: Dataset) -> outputs.Made:
    return outputs.scene(held, lab)


def test_which_terms_applied_is_one_call_for_everybody(made: outputs.Made) -> None:
    nobody = clients.nobody()
    address = "/api/v1/provider-terms/applied?provider=maker&on=2023-06-01"
    answer = nobody.get(f"{address}&acceptance=accepted").json()
    assert [row["key"] for row in answer["applied"]] == ["LicenseRef-maker-2023"]
    assert answer["applied"][0]["clauses"][0]["act"] == "develop_competing_model"
    assert {clause["binding"] for clause in answer["applied"][0]["clauses"]} == {"binds"}
    assert nobody.get(address).json()["questions"] == ["terms-privity", "terms-enforceability"]
    gap = nobody.get("/api/v1/provider-terms/applied?provider=maker&on=2024-02-10").json()
    assert (gap["code"], gap["applied"], gap["gaps"][0]["cause"]) == ("TOU_VERSION_UNKNOWN", [], "between")


def test_a_wrong_question_names_its_parameter(made: outputs.Made) -> None:
    nobody = clients.nobody()
    wrong = nobody.get("/api/v1/provider-terms/applied?provider=maker&on=soon")
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (400, "on")
    other = nobody.get("/api/v1/provider-terms/applied?provider=maker&on=2023-06-01&territory=XX")
    assert other.json()["errors"][0]["parameter"] == "territory"
    assert nobody.get("/api/v1/provider-terms/applied?provider=nobody&on=2023-06-01").status_code == 404


def test_the_account_chooses_the_terms_and_the_last_sighting_is_told(made: outputs.Made) -> None:
    seen = [DAY(2026, 9, 21)]
    row = outputs.version("api", DAY(2026, 1, 1), "train_other_model", document="business_terms", seen_on=seen)
    row.clauses.update(exception="embeddings")
    address = "/api/v1/provider-terms/applied?provider=maker&account=business_terms"
    (found,) = clients.nobody().get(f"{address}&on=2026-05-05").json()["applied"]
    assert (found["key"], found["seen_until"], found["verified"]) == ("api", "2026-09-21", False)
    assert found["clauses"][0]["exception"] == "embeddings"
    (gap,) = clients.nobody().get(f"{address}&on=2026-09-22").json()["gaps"]
    assert gap["cause"] == "not_seen_since"
    wrong = clients.nobody().get(f"{address[:-14]}nobody&on=2026-05-05")
    assert (wrong.status_code, wrong.json()["errors"][0]["parameter"]) == (400, "account")


def test_versions_are_listed_with_their_clauses(made: outputs.Made) -> None:
    rows = clients.nobody().get("/api/v1/provider-terms").json()["results"]
    assert {row["key"] for row in rows} == {"LicenseRef-maker-2023", "LicenseRef-maker-2024"}
    one = clients.nobody().get(f"/api/v1/provider-terms/{made.terms.public_id}").json()
    assert one["clauses"][0]["excerpt_sha256"]


def test_opinions_are_ones_own_organisations(lab: clients.Person, made: outputs.Made) -> None:
    own, other = clients.caller(lab), clients.stranger()
    address = "/api/v1/legal-questions/terms-privity/opinions"
    body = {"answer": "depends", "reasoning": "On notice.", "signed_as": "B. Counsel"}
    answer = own.post(address, body, format="json")
    assert (answer.status_code, answer.json()["supersedes"]) == (201, made.opinion.public_id)
    assert len(own.get(address).json()["results"]) == 2
    assert other.get(address).json()["results"] == []
    assert clients.nobody().get("/api/v1/legal-questions/terms-privity").json()["reason_codes"] == ["TOU_PRIVITY"]
    viewer = clients.caller(clients.member(lab.organisation, "viewer"))
    assert viewer.post(address, body, format="json").status_code == 403


def test_a_use_is_declared_approved_and_ended(lab: clients.Person, made: outputs.Made) -> None:
    own = clients.caller(lab)
    body = {"title": "Summaries", "model": "talker", "purpose": "synthetic_data", "destinations": ["training"]}
    answer = own.post("/api/v1/use-declarations", body | {"datasets": ["held"]}, format="json")
    assert answer.status_code == 201
    address = answer["Location"]
    assert own.post(f"{address}/approve", {}, format="json").json()["state"] == "approved"
    assert own.post(f"{address}/end", {"reason": "Done."}, format="json").json()["state"] == "ended"
    assert own.post(f"{address}/end", {}, format="json").status_code == 409
    assert clients.stranger().get(address).status_code == 404
    wrong = own.post("/api/v1/use-declarations", body | {"model": "none", "datasets": ["no"]}, format="json")
    assert [fault["pointer"] for fault in wrong.json()["errors"]] == ["/model", "/datasets/0"]
    bare = {"title": "Odd", "purpose": "product"}
    assert own.post("/api/v1/use-declarations", bare, format="json").json()["errors"][0]["pointer"] == "/provider"


def test_a_dataset_says_what_contradicts_the_register(lab: clients.Person, made: outputs.Made) -> None:
    found = clients.caller(lab).get("/api/v1/datasets/held/contradictions").json()
    assert [row["cause"] for row in found] == ["not_approved", "goes_nowhere"]
    assert found[0]["declaration"] == made.declaration.public_id
    assert clients.stranger().get("/api/v1/datasets/held/contradictions").status_code == 404


def test_generated_parts_are_recorded_and_taken_back(lab: clients.Person, made: outputs.Made) -> None:
    own = clients.caller(lab)
    address = "/api/v1/datasets/held/generated"
    body = {"model": "talker", "acquired": "relay", "share_percent": "40", "generated_to": "2023-08-01"}
    answer = own.post(address, body, format="json")
    assert (answer.status_code, answer.json()["own"]) == (201, True)
    assert own.post(address, body | {"share_percent": "60"}, format="json").json()["errors"][0]["pointer"] == (
        "/share_percent"
    )
    assert own.post(f"{address}/{answer.json()['id']}/withdraw").status_code == 204
    assert len(own.get(address).json()["results"]) == 1


def test_whose_terms_reach_a_dataset_with_the_path_and_the_cited_opinion(
    lab: clients.Person, held: Dataset, made: outputs.Made
) -> None:
    student = outputs.model("student", outputs.provider("campus"))
    outputs.claim(student, "trained_on", held)
    answers = outputs.dataset("answers")
    outputs.claim(answers, "generated_by", student)
    own = clients.caller(lab)
    query = "use=fine_tuning&competing=yes&acceptance=not_accepted"
    found = own.get(f"/api/v1/datasets/answers/output-terms?{query}").json()
    assert found["verdict"] == "CONTESTED"
    (reason,) = (row for row in found["reasons"] if row["generator"] == "talker")
    assert (reason["code"], reason["way"]) == ("TOU_PRIVITY", "Answers ← Student ← Held ← Talker")
    assert [step["relation"] for step in reason["path"]] == ["generated_by", "trained_on", "generated_by"]
    assert reason["questions"][0]["opinion"]["answer"] == "no"
    stranger = clients.stranger().get(f"/api/v1/datasets/answers/output-terms?{query}").json()
    assert {row["generator"] for row in stranger["reasons"]} == {"student"}  # the dataset between is private
    assert own.get("/api/v1/datasets/answers/output-terms").status_code == 400
