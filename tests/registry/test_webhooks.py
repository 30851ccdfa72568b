"""Webhooks: who is told, how a message is signed, what becomes of an answer, and that one waits for no other."""

import datetime
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from standardwebhooks.webhooks import Webhook as Reader
from standardwebhooks.webhooks import WebhookVerificationError

from registry import jobs
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Delivery, Entry, Job, Webhook
from registry.services import webhook_sending, webhooks
from tests import factories
from tests.registry import network_stub
from tests.registry.network_stub import Internet

ADDRESS = "https://hooks.example/in?key=1"
FACTS = {"negotiation": "0123456789ab"}


@pytest.fixture
def internet() -> Iterator[Internet]:
    with network_stub.running() as internet:
        internet.host("hooks.example")
        internet.page("hooks.example", "/in?key=1", "thanks")
        yield internet


@pytest.fixture
def press(db: None) -> Actor:
    return factories.actor()


@pytest.fixture
def hook(press: Actor) -> Webhook:
    return webhooks.create(address=ADDRESS, events=[], actor=press)[0]


def tell(hook: Webhook, event: str = "negotiation.moved") -> Delivery:
    [delivery] = webhooks.emit(event, hook.organisation, dict(FACTS))
    return delivery


def send(hook: Webhook, internet: Internet, *, again: bool = False) -> int:
    if again:
        Delivery.objects.filter(webhook=hook, state="waiting").update(next_at=Now())
    return webhook_sending.send_due(hook.pk, network=internet.network)


def test_a_message_is_signed_so_that_a_reader_of_the_standard_takes_it(press: Actor, internet: Internet) -> None:
    hook, secret = webhooks.create(address=ADDRESS, events=[], actor=press)
    delivery = tell(hook)
    assert send(hook, internet) == 1
    [(headers, body)] = internet.posted
    assert Reader(secret).verify(body, headers) == {
        "type": "negotiation.moved",
        "timestamp": json.loads(body)["timestamp"],
        "data": FACTS,
    }
    assert headers["webhook-id"] == f"msg_{delivery.public_id}"
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Reader(secret).verify(body.replace(b"moved", b"mOved"), headers)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.next_at) == ("delivered", 200, None)


def test_the_signature_is_that_of_the_specification() -> None:
    # the example of the Standard Webhooks specification and its libraries
    signer = Reader("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.datetime.fromtimestamp(1614265330, tz=datetime.UTC)
    signed = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_secret_is_stored_sealed_and_a_new_one_signs_from_then_on(press: Actor, internet: Internet) -> None:
    hook, secret = webhooks.create(address=ADDRESS, events=[], actor=press)
    assert secret.startswith("whsec_")
    assert secret not in hook.secret
    assert webhooks.shown(webhooks.unsealed(hook)) == secret
    renewed = webhooks.renew_secret(hook, actor=press)
    tell(hook)
    send(hook, internet)
    [(headers, body)] = internet.posted
    Reader(renewed).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Reader(secret).verify(body, headers)


def test_a_secret_that_another_key_sealed_is_a_failure_with_its_reason(hook: Webhook, settings, internet) -> None:
    delivery = tell(hook)
    settings.TOKEN_PEPPER = "another"
    send(hook, internet)
    delivery.refresh_from_db()
    assert "site's key was changed" in delivery.cause
    assert internet.posted == []


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("HTTPS://Hooks.Example", "https://hooks.example/"), (" https://hooks.example:443/in ", "https://hooks.example/in"),
        ("https://bücher.example/x?y=1", "https://xn--bcher-kva.example/x?y=1"),
    ],
)  # fmt: skip
def test_an_address_is_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert webhooks.normalise(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "", "hooks.example", "http://hooks.example/", "https://", "https://localhost/", "https://10.0.0.1/",
        "https://[::1]/", "https://hooks.example:8443/", "https://user:secret@hooks.example/", "https://hooks.example/#x",
        "https://hooks.example/a b", "https://hooks.example/ü", "https://machine/", "https://hooks.example:x/",
        "https://co.uk/", "https://hooks.example/" + "x" * 500, "ftp://hooks.example/", "https://hooks.internal/",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        webhooks.normalise(typed)
    assert refused.value.errors[0]["pointer"] == "/address"


def test_an_address_is_told_once_of_known_events_and_an_organisation_has_at_most_ten(press: Actor) -> None:
    webhooks.create(address=ADDRESS, events=["job.ended"], actor=press)
    with pytest.raises(Conflict):
        webhooks.create(address=ADDRESS, events=[], actor=press)
    with pytest.raises(InvalidInput) as unknown:
        webhooks.create(address="https://b.example/", events=["job.ended", "made.up"], actor=press)
    assert unknown.value.errors[0]["pointer"] == "/events"
    for number in range(1, webhooks.MAX_WEBHOOKS):
        webhooks.create(address=f"https://hooks.example/{number}", events=[], actor=press)
    with pytest.raises(Conflict):
        webhooks.create(address="https://hooks.example/more", events=[], actor=press)


def test_only_its_own_organisation_changes_a_webhook(hook: Webhook) -> None:
    stranger = factories.actor()
    for change in (webhooks.test, webhooks.renew_secret, webhooks.withdraw, webhooks.enable):
        with pytest.raises(Conflict):
            change(hook, actor=stranger)
    with pytest.raises(NotAllowed):
        webhooks.create(address=ADDRESS, events=[], actor=replace(stranger, role="viewer"))


def test_only_chosen_events_of_the_own_organisation_are_told(press: Actor) -> None:
    chosen, _ = webhooks.create(address=ADDRESS, events=["job.ended", "offer.accepted"], actor=press)
    webhooks.create(address=ADDRESS, events=[], actor=factories.actor())
    assert webhooks.emit("negotiation.moved", chosen.organisation, {}) == []
    assert [row.webhook for row in webhooks.emit("offer.accepted", chosen.organisation, {})] == [chosen]
    with pytest.raises(ValueError, match="events"):
        webhooks.emit("made.up", chosen.organisation, {})


def test_what_is_rolled_back_was_never_told(hook: Webhook) -> None:
    with transaction.atomic():
        tell(hook)
        transaction.set_rollback(True)
    assert not Delivery.objects.exists()
    assert not Job.objects.filter(kind="webhooks").exists()


def test_events_in_a_row_wait_for_one_worker(hook: Webhook, internet: Internet) -> None:
    for _ in range(3):
        tell(hook)
    [job] = Job.objects.filter(kind="webhooks")
    assert job.queue == "webhooks"
    assert send(hook, internet) == 3
    assert [json.loads(body)["data"] for _, body in internet.posted] == [FACTS] * 3


def test_a_failure_is_tried_again_with_growing_pauses_under_the_same_id(hook: Webhook, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", "no", status=500)
    delivery = tell(hook)
    pauses = []
    for _ in range(webhook_sending.MAX_ATTEMPTS):
        assert send(hook, internet, again=True) == 0
        wait = Delivery.objects.annotate(wait=F("next_at") - Now()).get(pk=delivery.pk).wait
        pauses.append(wait and round(wait.total_seconds() / 5) * 5)
    delivery.refresh_from_db()
    assert pauses == [5, 60, 300, 1800, 7200, 21600, 43200, 86400, None]
    assert (delivery.state, delivery.status, delivery.cause) == ("failed", 500, "It answered with status 500.")
    assert {headers["webhook-id"] for headers, _ in internet.posted} == {f"msg_{delivery.public_id}"}
    hook.refresh_from_db()
    assert hook.failures == webhook_sending.MAX_ATTEMPTS


def test_nothing_is_sent_before_its_time(hook: Webhook, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", "no", status=503)
    tell(hook)
    send(hook, internet)
    internet.page("hooks.example", "/in?key=1", "thanks")
    assert send(hook, internet) == 0
    assert len(internet.posted) == 1
    assert send(hook, internet, again=True) == 1
    hook.refresh_from_db()
    assert hook.failures == 0


def test_gone_disables_at_once_and_what_waits_is_given_up(hook: Webhook, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", "gone", status=410)
    tell(hook)
    tell(hook)
    send(hook, internet)
    hook.refresh_from_db()
    assert hook.disabled_at is not None
    assert "410" in hook.disabled_reason
    assert len(internet.posted) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert webhooks.emit("job.ended", hook.organisation, {}) == []
    assert Entry.objects.filter(kind="webhook.disabled", subject=f"webhook:{hook.public_id}").count() == 1


def test_failing_again_and_again_disables_with_the_reason_until_somebody_enables(
    hook: Webhook, press: Actor, internet: Internet
) -> None:
    internet.page("hooks.example", "/in?key=1", "no", status=500)
    Webhook.objects.update(failures=webhook_sending.FAILURES_TO_DISABLE - 1)
    delivery = tell(hook)
    send(hook, internet)
    hook.refresh_from_db()
    assert hook.disabled_reason == "20 attempts in a row failed. The last one: It answered with status 500."
    delivery.refresh_from_db()
    with pytest.raises(Conflict):
        webhooks.redeliver(delivery, actor=press)
    with pytest.raises(Conflict):
        webhooks.test(hook, actor=press)
    webhooks.enable(hook, actor=press)
    internet.page("hooks.example", "/in?key=1", "thanks")
    webhooks.redeliver(Delivery.objects.get(pk=delivery.pk), actor=press)
    assert send(hook, internet) == 1
    assert internet.posted[0][0]["webhook-id"] == internet.posted[1][0]["webhook-id"]


def test_a_redirect_is_not_followed(hook: Webhook, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", "", status=302, Location="/elsewhere")
    internet.page("hooks.example", "/elsewhere", "thanks")
    delivery = tell(hook)
    send(hook, internet)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status) == ("waiting", 302)
    assert "redirects" in delivery.cause
    assert internet.got == [("hooks.example", "/in?key=1")]


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1", "fd00::1"])
def test_an_address_inside_is_never_told(hook: Webhook, internet: Internet, address: str) -> None:
    internet.host("hooks.example", address)
    delivery = tell(hook)
    webhook_sending.send_due(hook.pk, network=replace(internet.network, allowed=()))
    delivery.refresh_from_db()
    assert "not public" in delivery.cause
    assert internet.posted == []


def test_an_endless_answer_is_cut_and_counts(hook: Webhook, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", b"x" * 3_000_000, Content_Encoding="gzip")
    delivery = tell(hook)
    assert send(hook, internet) == 1
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_a_webhook_that_hangs_is_left_and_stalls_no_other(hook: Webhook, internet: Internet) -> None:
    ended = threading.Event()
    internet.host("slow.example")

    def hang(connection: socket.socket) -> None:
        ended.wait(10)

    internet.pages["slow.example", "/"] = hang
    slow, _ = webhooks.create(address="https://slow.example/", events=[], actor=factories.actor())
    for _ in range(5):
        tell(slow)
    tell(hook)
    hasty = replace(internet.network, total_seconds=0.3)
    begun = time.monotonic()
    assert webhook_sending.send_due(slow.pk, network=hasty) == 0
    took = time.monotonic() - begun
    ended.set()
    assert 0.5 < took < 3  # two attempts, then the others have their turn
    assert Delivery.objects.filter(webhook=slow, attempts=1).count() == webhook_sending.FAILURES_A_JOB
    assert "no answer within" in Delivery.objects.filter(webhook=slow).order_by("id")[0].cause
    assert send(hook, internet) == 1
    assert webhook_sending.NETWORK.total_seconds == 15


def test_two_workers_never_send_the_same_message(hook: Webhook) -> None:
    tell(hook)
    assert webhook_sending._take(hook.pk) is not None
    assert webhook_sending._take(hook.pk) is None


def test_a_test_is_tried_once(hook: Webhook, press: Actor, internet: Internet) -> None:
    internet.page("hooks.example", "/in?key=1", "no", status=404)
    delivery = webhooks.test(hook, actor=press)
    send(hook, internet)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 1, 404)
    assert json.loads(internet.posted[0][1])["type"] == "webhook.test"


def test_what_was_removed_is_told_nothing_and_keeps_no_secret(hook: Webhook, press: Actor, internet: Internet) -> None:
    tell(hook)
    webhooks.withdraw(hook, actor=press)
    hook.refresh_from_db()
    assert hook.secret == ""
    assert send(hook, internet, again=True) == 0
    assert internet.posted == []
    assert webhook_sending.enqueue_due() == 0


def test_what_is_due_again_gets_a_job_unless_one_is_there(hook: Webhook) -> None:
    tell(hook)
    assert webhook_sending.enqueue_due() == 0
    Job.objects.update(state=Job.State.DONE)
    assert webhook_sending.enqueue_due() == 1
    assert webhook_sending.enqueue_due() == 0


def test_the_end_of_a_job_is_told_once_to_those_who_had_a_webhook_by_then(press: Actor) -> None:
    organisation = press.require_writer()
    early = jobs.open_parent("scan", organisation=organisation)
    jobs.settle(early, Job.State.DONE)
    Job.objects.filter(pk=early.pk).update(ended_at=Now() - datetime.timedelta(seconds=1))
    webhooks.create(address=ADDRESS, events=[], actor=press)
    late = jobs.open_parent("scan", organisation=organisation)
    child = Job.objects.create(kind="scan_read", organisation=organisation, parent=late)
    other = jobs.open_parent("scan", organisation=factories.organisation())
    for job in (late, other):
        jobs.settle(job, Job.State.FAILED, "The archive ends too early.")
    Job.objects.filter(pk=late.pk).update(ended_at=Now() + datetime.timedelta(seconds=1))
    jobs.cancel(child)
    assert webhooks.tell_ended_jobs() == 1
    assert webhooks.tell_ended_jobs() == 0
    told = Delivery.objects.get()
    facts = {"job": late.public_id, "kind": "scan", "state": "failed", "reason": "The archive ends too early."}
    assert (told.event, told.payload) == ("job.ended", facts)
