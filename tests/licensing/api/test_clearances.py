"""Clearances, verdicts, reports and their bundles over the API."""

import io
import zipfile

import pytest

from licensing.models import Clearance, Report
from licensing.services import clearances, reports
from registry import jobs
from registry.models import Job, Membership
from tests import factories
from tests.licensing import evidenced, scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def person():
    return clients.member()


@pytest.fixture
def scene():
    return evidenced.scene()


@pytest.fixture
def client(scene):
    return clients.caller(clients.member(scene.lab.organisation))


def question(scan, /, **fields):
    return {"scan": scan.public_id, "use": "pretraining", "territory": "DE"} | fields


def test_a_question_is_taken_and_answered_at_its_address(person):
    scan = scanned.scan(person, [(factories.work("Emma", first_published="1815", country="GB"), "copy")])
    client = clients.caller(person, "clearances")
    answer = client.post("/api/v1/clearances", question(scan, as_of="2026-11-01", policy="strict"))
    assert answer.status_code == 202, answer.json()
    body = answer.json()
    assert answer["Location"] == f"/api/v1/clearances/{body['id']}"
    assert (body["state"], body["totals"], body["blocks"]) == ("waiting", None, None)
    assert (body["territory"], body["purpose"], body["as_of"]) == ("DE", "commercial", "2026-11-01")
    assert (body["licensee"], body["policy"]) == (person.organisation.slug, "strict@1")
    clearances.decide_ready()
    assert jobs.run(Job.objects.get(kind="decide").pk) == "done"
    decided = client.get(answer["Location"]).json()
    assert (decided["state"], decided["totals"]["works"]) == ("decided", 1)
    assert decided["totals"]["verdicts"][client.get(f"{answer['Location']}/verdicts").json()["results"][0]["verdict"]]


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({"use": "reading"}, ["/use"]),
        ({"territory": "Atlantis"}, ["/territory"]),
        ({"territory": "XX", "policy": "mild"}, ["/territory", "/policy"]),
        ({"territory": "XX"}, ["/territory"]),
        ({"territory": "\x00"}, ["/territory"]),
        ({"as_of": "2026-02-30"}, ["/as_of"]),
        ({"reservation_search": "maybe"}, ["/reservation_search"]),
        ({"licensee": "org:other"}, ["/licensee"]),
        ({"scan": None}, ["/scan"]),
        ({"scan": "x" * 13}, ["/scan"]),
    ],
)
def test_a_wrong_question_is_refused_with_pointers(person, fields, pointers):
    answer = clients.caller(person).post("/api/v1/clearances", question(scanned.scan(person), **fields))
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert not Clearance.objects.exists()


def test_nobody_asks_about_anothers_scan(person):
    scan = scanned.scan(person)
    assert clients.stranger().post("/api/v1/clearances", question(scan)).status_code == 404
    assert clients.nobody().post("/api/v1/clearances", question(scan)).status_code == 401
    assert clients.caller(person, "read", "scans").post("/api/v1/clearances", question(scan)).status_code == 403
    viewer = clients.member(person.organisation, role=Membership.Role.VIEWER)
    assert clients.caller(viewer).post("/api/v1/clearances", question(scan)).status_code == 403


def test_a_verdict_comes_with_its_reasons_and_its_case(scene, client):
    address = f"/api/v1/clearances/{scene.clearance.public_id}/verdicts"
    row = client.get(address, {"work": scene.licensed.public_id}).json()["results"][0]
    assert row["reasons"][0]["sentence"]
    assert row["case"]["question"]["use"] == "pretraining"
    assert {reason["code"] for reason in row["reasons"]} >= {"LIC_MATCH"}
    verdicts = {row["verdict"] for row in client.get(address).json()["results"]}
    for verdict in verdicts:
        assert {row["verdict"] for row in client.get(address, {"verdict": verdict}).json()["results"]} == {verdict}
    assert client.get(f"{address}?blocks=true&status=RESERVED").status_code == 200
    assert client.get(f"{address}?verdict=FINE").status_code == 400


def test_filters_of_clearances_know_their_vocabulary(scene, client):
    found = client.get("/api/v1/clearances?territory=DE&use=pretraining&state=decided").json()["results"]
    assert [row["id"] for row in found] == [scene.clearance.public_id]
    for query in ("territory=Atlantis", "use=reading", "purpose=fun", "state=open", "blocks=1", "territory=%00"):
        assert client.get(f"/api/v1/clearances?{query}").status_code == 400, query


def test_a_report_is_made_and_its_bundle_downloaded(scene, client):
    answer = client.post("/api/v1/reports", {"clearance": scene.clearance.public_id, "language": "zh-hans"})
    assert answer.status_code == 202, answer.json()
    body = answer.json()
    assert answer["Location"] == f"/api/v1/jobs/{body['job']}"
    assert (body["state"], body["bundle"]) == ("waiting", None)
    early = client.get(f"/api/v1/reports/{body['id']}/bundle")
    assert (early.status_code, early["Content-Type"]) == (409, "application/problem+json")
    assert jobs.run(Job.objects.get(public_id=body["job"]).pk) == "done"
    ready = client.get(f"/api/v1/reports/{body['id']}").json()
    assert ready["state"] == "ready"
    download = client.get(ready["bundle"], HTTP_ACCEPT="application/zip")
    content = b"".join(download.streaming_content)
    assert download["Content-Type"] == "application/zip"
    assert "attachment" in download["Content-Disposition"]
    assert len(content) == ready["size_bytes"] == int(download["Content-Length"])
    assert "manifest.json" in zipfile.ZipFile(io.BytesIO(content)).namelist()


def test_a_report_of_an_undecided_clearance_is_a_conflict(person):
    client = clients.caller(person)
    asked = client.post("/api/v1/clearances", question(scanned.scan(person))).json()
    answer = client.post("/api/v1/reports", {"clearance": asked["id"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    assert client.post("/api/v1/reports", {"clearance": asked["id"], "language": "fr"}).status_code == 400


def test_clearance_verdicts_report_and_bundle_do_not_exist_for_others(scene, client):
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    clearance = f"/api/v1/clearances/{scene.clearance.public_id}"
    addresses = [clearance, f"{clearance}/verdicts"]
    addresses += [f"/api/v1/reports/{report.public_id}", f"/api/v1/reports/{report.public_id}/bundle"]
    for other in (clients.nobody(), clients.stranger(), clients.caller(clients.member(scene.press.organisation))):
        assert [other.get(address).status_code for address in addresses] == [404] * 4
        assert other.get("/api/v1/clearances").json()["results"] == []
        assert other.get("/api/v1/reports").json()["results"] == []
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200, 409]
    wanted = {"clearance": scene.clearance.public_id}
    assert clients.stranger().post("/api/v1/reports", wanted).status_code == 404
    assert clients.nobody().post("/api/v1/reports", wanted).status_code == 401
    assert Report.objects.count() == 1


def test_scopes_of_clearances_and_reports_are_two(scene):
    person = clients.member(scene.lab.organisation)
    verdicts = f"/api/v1/clearances/{scene.clearance.public_id}/verdicts"
    assert clients.caller(person, "clearances").get(verdicts).status_code == 200
    assert clients.caller(person, "reports").get(verdicts).status_code == 403
    asked = {"clearance": scene.clearance.public_id}
    assert clients.caller(person, "clearances").post("/api/v1/reports", asked).status_code == 403


def test_lists_take_a_fixed_number_of_queries(scene, client, django_assert_max_num_queries):
    for _ in range(4):
        reports.request(clearance=scene.clearance, actor=scene.lab)
        clearances.request(
            scan=scene.clearance.scan, use="evaluation", purpose="research", territory="US", actor=scene.lab
        )
    client.get("/api/v1/reports")
    for address in ("reports", "clearances", f"clearances/{scene.clearance.public_id}/verdicts"):
        with django_assert_max_num_queries(7):  # one counts the request, two look up what verdicts cite
            assert len(client.get(f"/api/v1/{address}").json()["results"]) >= 3
