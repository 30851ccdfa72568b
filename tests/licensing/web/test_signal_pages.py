"""Pages of signals: hand in, read a site, what was said on a day, where a work stands, files for one's own site."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from licensing.formats import aipref, robots, rsl, tdmrep
from licensing.models import Observation, Reservation
from registry.models import Job
from tests.browser.world import World
from tests.licensing.services.observed import RESERVED

pytestmark = pytest.mark.django_db


def handed_in(client: Client, content: bytes = RESERVED, **fields: Any) -> Any:
    file = SimpleUploadedFile("tdmrep.json", content)
    given = {"address": "https://press.example/.well-known/tdmrep.json", "observed_on": "2025-03-01"} | fields
    return client.post(reverse("signal-new"), {"file": file} | given)


def test_a_file_that_is_handed_in_leads_to_its_page_with_its_rules(world: World, lab: Client) -> None:
    answer = handed_in(lab)
    assert answer.status_code == 302
    page = lab.get(answer.headers["Location"]).content.decode()
    assert "reserved" in page
    assert "/books/*" in page
    assert handed_in(lab).headers["Location"] == answer.headers["Location"]


def test_the_bytes_come_back_as_they_were_and_no_browser_shows_them(world: World, lab: Client) -> None:
    row = world.observation
    answer = lab.get(reverse("signal-raw", args=[row.public_id]))
    assert answer.content.startswith(b"User-agent: *")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"address": "https://u:p@press.example/x"}, "a name or a password"),
        ({"observed_on": "2999-01-01"}, "still to come"),
        ({"work": "000000000000"}, "There is no work"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    world: World, lab: Client, fields: dict[str, Any], sentence: str
) -> None:
    answer = handed_in(lab, **fields)
    assert answer.status_code in (422, 404)
    assert sentence in answer.content.decode()
    [typed] = fields.values()
    assert f'value="{typed}"' in answer.content.decode()


def test_a_site_is_read_by_a_job_and_an_inner_address_by_nobody(world: World, lab: Client) -> None:
    answer = lab.post(reverse("signal-read"), {"address": "press.example"})
    job = Job.objects.get(kind="signals_fetch")
    assert answer.headers["Location"] == reverse("job", args=[job.public_id])
    assert lab.post(reverse("signal-read"), {"address": "https://127.0.0.1/"}).status_code == 422


def test_what_was_said_on_a_day_is_shown_with_the_reason_it_counts(world: World, press: Client) -> None:
    said = b'[{"location": "/lamp", "tdm-reservation": 1}]'
    handed_in(press, said)
    work = world.scene.licensed
    page = press.get(reverse("work-signals", args=[work.public_id]), {"on": "2025-03-02"}).content.decode()
    assert "It counts here" in page
    before = press.get(reverse("work-signals", args=[work.public_id]), {"on": "2025-02-01"}).content.decode()
    assert "Nothing had been read by" in before
    assert Reservation.objects.filter(work=work, source_format="tdmrep").count() == 1
    assert "What machines say of it" in press.get(reverse("work", args=[work.public_id]), follow=True).content.decode()


def test_who_speaks_for_a_work_says_where_it_stands_and_takes_it_back(world: World, press: Client, lab: Client) -> None:
    address = reverse("work-signals", args=[world.scene.licensed.public_id])
    assert press.post(address, {"address": "https://press.example/more/*"}).status_code == 302
    assert lab.post(address, {"address": "https://lab.example/x"}).status_code == 403
    back = reverse("address-withdraw", args=[world.scene.licensed.public_id, world.place.public_id])
    assert lab.post(back).status_code == 404
    assert press.post(back).status_code == 302
    assert "press.example/lamp<" not in press.get(address).content.decode()


def test_the_kit_of_a_work_says_what_its_reservation_says_and_is_one_zip(world: World, client: Client) -> None:
    number = world.scene.licensed.public_id
    page = client.get(reverse("work-kit", args=[number])).content.decode()
    assert "things it cannot say" in page
    content = client.get(reverse("work-kit-zip", args=[number])).content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert "LOSS.json" in packed.namelist()
        [policy] = tdmrep.read(packed.read("tdmrep.json")).policies
        assert policy.rules[0].path == "/lamp"
        assert json.loads(packed.read("LOSS.json"))["files"]["tdmrep.json"]["place"] == "/.well-known/tdmrep.json"
    one = client.get(reverse("work-kit-file", args=[number, "license.xml"]))
    assert rsl.read(one.content).policies
    assert client.get(reverse("work-kit-file", args=[number, "nothing.txt"])).status_code == 404


def test_the_registry_says_the_same_of_its_own_pages_in_three_formats(world: World, client: Client) -> None:
    [policy] = tdmrep.read(client.get("/.well-known/tdmrep.json").content).policies
    assert policy.rules[0].effect == "prefer_allow"
    assert rsl.read(client.get("/license.xml").content).policies[0].rules[0].effect == "permit"
    text = client.get("/robots.txt").content
    assert {rule.path for rule in robots.read(text).policies[0].rules} >= {"", "/clearances", "/checks"}
    assert robots.licence_addresses(text)
    assert aipref.read_robots(text).policies


def test_what_a_firm_handed_in_is_nobody_elses_business(world: World, lab: Client, client: Client) -> None:
    row = Observation.objects.get(pk=world.observation.pk)
    assert client.get(reverse("signal", args=[row.public_id])).status_code == 404
    assert lab.get(reverse("signal", args=[row.public_id])).status_code == 200
