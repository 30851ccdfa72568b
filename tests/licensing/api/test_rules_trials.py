"""Operators try a change of the rules over the API; nobody else finds it."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from licensing.models import Verdict
from licensing.services import rules_trials
from registry import jobs
from registry.models import Job
from tests.licensing.services.test_rules_preview import changed, stored
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
__all__ = ["stored"]  # a fixture
ADDRESS = "/api/v1/rules-trials"


@pytest.fixture
def operator() -> clients.Person:
    person = clients.member()
    person.user.is_staff = True
    person.user.save(update_fields=["is_staff"])
    return person


def hand_in(person: clients.Person, files: dict[str, bytes], *scopes: str) -> Any:
    tables = [SimpleUploadedFile(f"{name}.toml", raw) for name, raw in files.items()]
    return clients.caller(person, *scopes).post(ADDRESS, {"tables": tables}, format="multipart")


def longer() -> dict[str, bytes]:
    return changed("copyright_terms", "life_plus = 70", "life_plus = 100")


def test_a_trial_is_made_followed_and_read(operator: clients.Person, stored: Verdict) -> None:
    made = hand_in(operator, longer())
    assert (made.status_code, made.json()["state"], made.json()["result"]) == (202, "queued", None)
    assert made.json()["tables"] == ["copyright_terms"]
    assert made["Location"] == f"{ADDRESS}/{made.json()['id']}"
    assert jobs.run(Job.objects.get(kind=rules_trials.JOB).pk) == Job.State.DONE
    found = clients.caller(operator).get(made["Location"]).json()
    result = found["result"]
    assert (found["state"], result["decided"], result["differing"]) == ("done", 1, 1)
    [reason] = result["reasons"]
    assert reason["before"] == {"verdict": "CLEARED", "code": "PD_TERM"}
    assert reason["after"] == {"verdict": "EXCEPTION_CLAIMED", "code": "EU4_OPEN"}
    assert [one["work"] for one in reason["examples"]] == [stored.work.public_id]
    assert result["changes"] == reason["examples"]
    listed = clients.caller(operator).get(ADDRESS).json()["results"]
    assert [row["id"] for row in listed] == [found["id"]]
    assert "result" not in listed[0]
    assert clients.caller(operator).post(f"{made['Location']}/cancel").status_code == 409


def test_works_that_are_not_published_are_not_named(operator: clients.Person, stored: Verdict) -> None:
    stored.work.visibility = "draft"
    stored.work.save(update_fields=["visibility"])
    made = hand_in(operator, longer())
    jobs.run(Job.objects.get(kind=rules_trials.JOB).pk)
    found = clients.caller(operator).get(made["Location"]).json()["result"]
    assert [row["work"] for row in found["changes"]] == [None]


def test_a_trial_that_waits_is_stopped(operator: clients.Person) -> None:
    made = hand_in(operator, longer())
    stopped = clients.caller(operator).post(f"{made['Location']}/cancel")
    assert (stopped.status_code, stopped.json()["state"]) == (202, "cancelled")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "empty"),
        ({"nonsense": b"a = 1"}, "There is no table nonsense"),
        ({"exceptions": b"a = ["}, "cannot be read"),
        ({"exceptions": b"#" * ((1 << 20) + 1)}, "larger than 1 MiB"),
    ],
    ids=["none", "unknown", "no TOML", "too large"],
)
def test_what_is_no_table_is_refused(operator: clients.Person, files: dict[str, bytes], said: str) -> None:
    answer = hand_in(operator, files)
    assert answer.status_code == 400
    assert said in " ".join(fault["cause"] for fault in answer.json()["errors"])
    assert not Job.objects.filter(kind=rules_trials.JOB).exists()


def test_for_whoever_is_no_operator_it_does_not_exist(operator: clients.Person) -> None:
    made = hand_in(operator, longer())
    stranger = clients.member()
    assert hand_in(stranger, longer()).status_code == 404
    for address in (ADDRESS, made["Location"]):
        assert clients.caller(stranger).get(address).status_code == 404
        assert clients.nobody().get(address).status_code == 404
    assert clients.caller(stranger).post(f"{made['Location']}/cancel").status_code == 404
    assert hand_in(operator, longer(), "clearances").status_code == 403  # a token without the scope
    assert Job.objects.filter(kind=rules_trials.JOB).count() == 1
