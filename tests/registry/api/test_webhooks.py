"""The API of webhooks: the secret is told once, strangers find nothing, messages can be read and sent again."""

import pytest
from django.db import connection

from registry.models import Delivery, Reply, Webhook
from registry.services import webhooks
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
LIST = "/api/v1/webhooks"
GIVEN = {"address": "https://hooks.example/in", "events": ["job.ended", "agreement.ended"]}


def test_a_webhook_is_made_and_its_secret_is_in_that_answer_alone() -> None:
    caller = clients.caller()
    made = caller.post(LIST, GIVEN, format="json")
    assert made.status_code == 201
    assert made.json()["secret"].startswith("whsec_")
    assert made.json()["events"] == ["agreement.ended", "job.ended"]
    shown = caller.get(made.headers["Location"])
    assert shown.json() == {name: value for name, value in made.json().items() if name != "secret"}
    [listed] = caller.get(LIST).json()["results"]
    assert listed == shown.json()


def test_a_repeated_request_gets_the_secret_again_and_nothing_readable_is_stored() -> None:
    caller = clients.caller()
    first, second = (caller.post(LIST, GIVEN, format="json", headers={"Idempotency-Key": "one"}) for _ in range(2))
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    secret = first.json()["secret"].encode()
    assert secret not in bytes(Reply.objects.get().body)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(w)::text FROM registry_webhook w")
        assert secret.decode() not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({"address": "http://hooks.example/"}, "/address"),
        ({"address": "https://127.0.0.1/"}, "/address"),
        ({"address": "https://hooks.example/", "events": ["made.up"]}, "/events/0"),
        ({"events": []}, "/address"),
    ],
)
def test_what_is_wrong_is_named(given: dict[str, object], pointer: str) -> None:
    refused = clients.caller().post(LIST, given, format="json")
    assert refused.status_code == 400
    assert [fault["pointer"] for fault in refused.json()["errors"]] == [pointer]


def test_messages_are_listed_and_sent_again() -> None:
    member = clients.member()
    caller = clients.caller(member)
    hook = Webhook.objects.get(public_id=caller.post(LIST, GIVEN, format="json").json()["id"])
    tested = caller.post(f"{LIST}/{hook.public_id}/test")
    assert (tested.status_code, tested.json()["event"]) == (202, "webhook.test")
    webhooks.emit("job.ended", member.organisation, {"job": "0123456789ab"})
    messages = f"{LIST}/{hook.public_id}/deliveries"
    [ended] = caller.get(f"{messages}?event=job.ended").json()["results"]
    assert (ended["payload"], ended["state"]) == ({"job": "0123456789ab"}, "waiting")
    again = f"{messages}/{ended['id']}/again"
    assert caller.post(again).status_code == 409
    Delivery.objects.update(state="failed", attempts=9)
    assert (
        caller.post(again).status_code,
        caller.get(f"{messages}?state=waiting").json()["results"][0]["attempts"],
    ) == (202, 0)


def test_a_new_secret_an_end_and_a_new_beginning() -> None:
    caller = clients.caller()
    made = caller.post(LIST, GIVEN, format="json").json()
    address = f"{LIST}/{made['id']}"
    assert caller.post(f"{address}/secret").json()["secret"] != made["secret"]
    assert caller.post(f"{address}/enable").status_code == 409
    Webhook.objects.update(disabled_at=Webhook.objects.get().recorded_at, disabled_reason="It is gone.")
    assert caller.get(address).json()["disabled_reason"] == "It is gone."
    assert caller.post(f"{address}/test").status_code == 409
    assert caller.post(f"{address}/enable").json()["disabled_at"] is None
    assert caller.post(f"{address}/remove").status_code == 204
    assert caller.get(address).status_code == 404
    assert caller.post(LIST, GIVEN, format="json").status_code == 201


def test_strangers_find_nothing_and_viewers_change_nothing() -> None:
    member = clients.member()
    hook, _ = webhooks.create(address="https://hooks.example/in", events=[], actor=member)
    webhooks.emit("job.ended", member.organisation, {})
    address = f"{LIST}/{hook.public_id}"
    for stranger in (clients.stranger(), clients.nobody()):
        assert stranger.get(LIST).json()["results"] == []
        assert stranger.get(address).status_code == 404
        assert stranger.get(f"{address}/deliveries").status_code == 404
    assert clients.stranger().post(f"{address}/remove").status_code == 404
    viewer = clients.caller(clients.member(of=member.organisation, role="viewer"))
    assert viewer.get(address).status_code == 200
    assert viewer.post(f"{address}/test").status_code == 403
    unscoped = clients.caller(member, "works")
    assert unscoped.post(LIST, GIVEN, format="json").status_code == 403
