"""Policies over the API: written, listed, chosen in a question, and none of anybody else's."""

import pytest

from tests.licensing import scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def test_a_policy_is_written_and_chosen_in_a_question() -> None:
    person = clients.member()
    caller = clients.bearer(clients.new_token(person)[1])
    made = caller.post("/api/v1/policies", {"name": "house", "blocks": {"UNKNOWN": True}}, format="json")
    assert (made.status_code, made.json()["policy"]) == (201, "house@1")
    assert caller.get(made["Location"]).json()["blocks"]["UNKNOWN"] is True
    scan = scanned.scan(person)
    asked = {"scan": scan.public_id, "use": "pretraining", "territory": "DE", "policy": "house"}
    answer = caller.post("/api/v1/clearances", asked, format="json")
    assert (answer.status_code, answer.json()["policy"]) == (202, "house@1")
    refused = caller.post("/api/v1/clearances", asked | {"policy": "nobodys"}, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/policy"
    assert caller.post(f"{made['Location']}/withdraw").json()["withdrawn_at"]


def test_what_a_policy_may_not_ask_for_is_refused_with_its_place() -> None:
    caller = clients.bearer(clients.new_token(clients.member())[1])
    answer = caller.post("/api/v1/policies", {"name": "mild", "blocks": {"NOT_CLEARED": False}}, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/blocks/NOT_CLEARED"


def test_policies_of_others_do_not_exist() -> None:
    own, other = (clients.bearer(clients.new_token(clients.member())[1]) for _ in range(2))
    address = own.post("/api/v1/policies", {"name": "house"}, format="json")["Location"]
    assert other.get(address).status_code == 404
    assert other.post(f"{address}/withdraw").status_code == 404
    assert other.get("/api/v1/policies").json()["results"] == []
