"""The pages of notices: from what was found to what became of it, by nobody but its own organisation."""

import pytest
from django.test import Client
from django.urls import reverse

from licensing.models import Notice
from licensing.services import notices
from registry.actors import Actor, of_user
from tests import factories
from tests.licensing.services.test_notices import found

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    organisation = factories.organisation(name="Press")
    return of_user(factories.person("rights@press.example", of=organisation), organisation)


@pytest.fixture
def client(press: Actor) -> Client:
    client = Client()
    assert press.user is not None
    client.force_login(press.user)
    return client


def post(client: Client, notice: Notice, step: str, **data: str) -> int:
    return client.post(reverse("notice-step", args=[notice.public_id, step]), data).status_code


def test_without_finds_the_page_says_what_to_do(client: Client) -> None:
    assert "No notice was drafted yet." in client.get(reverse("notices")).content.decode()
    shown = client.get(reverse("notice-new")).content.decode()
    assert "None of your works was found" in shown
    assert reverse("check-new") in shown


def test_a_notice_is_drafted_changed_sent_answered_and_resolved(client: Client, press: Actor) -> None:
    dataset, _ = found(press, "The Lamp")
    form = {"dataset": dataset.slug, "ask": "remove", "host_name": "Host", "language": "en"}
    assert client.post(reverse("notice-new"), form).status_code == 302
    notice = Notice.objects.get()
    page = reverse("notice", args=[notice.public_id])
    shown = client.get(page).content.decode()
    assert "The Lamp" in shown
    assert shown.split("<main")[1].count('role="button"') == 1
    changed = form | {"subject": "Please", "body": "Take it out."}
    assert client.post(reverse("notice-amend", args=[notice.public_id]), changed).status_code == 302
    assert post(client, notice, "send", by="email") == 422  # there is no address
    assert post(client, notice, "send", by="post") == 302
    day = notice.recorded_at.date().isoformat()
    assert post(client, notice, "answer", on=day, text="") == 422
    assert post(client, notice, "answer", on=day, text="We look into it.") == 302
    assert "We look into it." in client.get(page).content.decode()
    assert post(client, notice, "resolve", on=day, text="Done.") == 302
    assert post(client, notice, "withdraw", text="Too late.") == 422
    notice.refresh_from_db()
    assert notice.state == "resolved"


def test_a_check_of_one_s_own_can_be_the_ground(client: Client, press: Actor) -> None:
    from licensing.services import clearances  # noqa: PLC0415
    from tests.licensing import scanned  # noqa: PLC0415

    work = factories.work("The Lamp", by=press)
    scan = scanned.scan(press, [(work, "copy")])
    clearance = clearances.request(scan=scan, actor=press, use="pretraining", purpose="commercial", territory="DE")
    form = {"dataset": scan.release.dataset.slug, "ask": "license", "host_name": "Host", "language": "zh-hans"}
    address = f"{reverse('notice-new')}?clearance={clearance.public_id}"
    assert client.post(address, form).status_code == 302
    assert Notice.objects.get().clearance == clearance
    stranger = Client()
    stranger.force_login(factories.person("else@example.org", of=factories.organisation()))
    assert stranger.get(address).status_code == 404


def test_letter_and_works_are_files_for_the_organisation_alone(client: Client, press: Actor) -> None:
    dataset, _ = found(press, "The Lamp")
    letter = notices.Letter(host_name="Host")
    notice = notices.draft(notices.Basis(dataset), letter, actor=press)
    text = client.get(reverse("notice-letter", args=[notice.public_id]))
    assert (text["Content-Type"], "The Lamp" in text.content.decode()) == ("text/plain; charset=utf-8", True)
    table = client.get(reverse("notice-works", args=[notice.public_id]))
    assert f"works-{notice.public_id}.csv" in table["Content-Disposition"]
    stranger, viewer = Client(), Client()
    stranger.force_login(factories.person("else@example.org", of=factories.organisation()))
    viewer.force_login(factories.person("viewer@example.org", of=press.organisation, role="viewer"))
    for name in ("notice", "notice-letter", "notice-works", "notice-amend"):
        assert stranger.get(reverse(name, args=[notice.public_id])).status_code == 404, name
    assert viewer.get(reverse("notice", args=[notice.public_id])).status_code == 200
    assert post(viewer, notice, "send", by="post") == 403
    assert post(stranger, notice, "send", by="post") == 404
