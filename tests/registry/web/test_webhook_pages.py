"""The pages of webhooks: a secret that is seen once, messages with their fate, what a viewer may not do."""

import pytest
from django.test import Client
from django.urls import reverse

from registry.models import Delivery, Organisation, Webhook
from registry.services import webhooks
from tests import factories

pytestmark = pytest.mark.django_db
FORM = {"address": "https://hooks.example/in", "events": ["job.ended"]}


@pytest.fixture
def press() -> Organisation:
    return factories.organisation(name="Press")


@pytest.fixture
def client(press: Organisation) -> Client:
    client = Client()
    client.force_login(factories.person("editor@example.org", of=press, role="editor"))
    return client


def hook_of(press: Organisation) -> Webhook:
    return webhooks.create(address="https://hooks.example/in", events=[], actor=factories.actor(press))[0]


def test_an_empty_list_has_one_sentence_and_one_button(client: Client) -> None:
    shown = client.get(reverse("webhooks")).content.decode()
    assert "No address is told anything yet." in shown
    assert shown.count('role="button"') == 1


def test_a_webhook_is_added_and_its_secret_is_shown_once(client: Client, press: Organisation) -> None:
    made = client.post(reverse("webhook-new"), FORM)
    hook = Webhook.objects.get(organisation=press)
    secret = webhooks.shown(webhooks.unsealed(hook))
    assert secret in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    assert secret not in client.get(reverse("webhook", args=[hook.public_id])).content.decode()


def test_a_wrong_address_is_refused_beside_its_field_and_what_was_typed_stays(client: Client) -> None:
    refused = client.post(reverse("webhook-new"), FORM | {"address": "http://hooks.example/in"})
    shown = refused.content.decode()
    assert refused.status_code == 422
    assert "begins with https://" in shown
    assert 'value="http://hooks.example/in"' in shown
    assert 'href="#id_address"' in shown
    assert not Webhook.objects.exists()


def test_the_page_says_what_became_of_each_message(client: Client, press: Organisation) -> None:
    hook = hook_of(press)
    page = reverse("webhook", args=[hook.public_id])
    assert "Nothing was sent yet" in client.get(page).content.decode()
    client.post(reverse("webhook-test", args=[hook.public_id]))
    Delivery.objects.update(state="failed", status=500, cause="It answered with status 500.", attempts=1)
    shown = client.get(page).content.decode()
    assert "It answered with status 500." in shown
    message = Delivery.objects.get()
    client.post(reverse("webhook-again", args=[hook.public_id, message.public_id]))
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 0)


def test_a_disabled_webhook_says_why_and_can_be_enabled(client: Client, press: Organisation) -> None:
    hook = hook_of(press)
    Webhook.objects.update(disabled_at=hook.recorded_at, disabled_reason="The address answered that it is gone.")
    page = reverse("webhook", args=[hook.public_id])
    assert "The address answered that it is gone." in client.get(page).content.decode()
    client.post(reverse("webhook-enable", args=[hook.public_id]))
    assert Webhook.objects.get().disabled_at is None
    assert client.post(reverse("webhook-remove", args=[hook.public_id])).status_code == 302
    assert client.get(page).status_code == 404


def test_others_find_nothing_and_a_viewer_changes_nothing(client: Client, press: Organisation) -> None:
    hook = hook_of(press)
    stranger, viewer = Client(), Client()
    stranger.force_login(factories.person("stranger@example.org", of=factories.organisation()))
    viewer.force_login(factories.person("viewer@example.org", of=press, role="viewer"))
    for name in ("webhook-test", "webhook-enable", "webhook-secret", "webhook-remove"):
        address = reverse(name, args=[hook.public_id])
        assert stranger.post(address).status_code == 404, name
        assert viewer.post(address).status_code == 403, name
    assert viewer.get(reverse("webhook-new")).status_code == 403
    assert "<form" not in viewer.get(reverse("webhook", args=[hook.public_id])).content.decode().split("<main")[1]
