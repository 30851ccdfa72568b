"""Statements made on pages reach the same services, and withdrawing asks first."""

import pytest
from django.test import Client

from licensing.models import Grant, Offer, OpenLicence, Reservation
from registry.models import Entry
from tests.browser.world import World


def address(world: World, kind: str) -> str:
    return f"/works/{world.scene.hostile.public_id}/statements/{kind}"


def test_a_reservation_is_recorded_with_its_scope_and_log_entry(press: Client, world: World) -> None:
    form = {
        "uses": ["pretraining", "fine_tuning"],
        "territory": ["EU"],
        "other_territories": "kr, uk",
        "valid_from": "2026-01-01",
        "capacity": "publisher",
        "machine_readable": "on",
        "source_address": "https://press.example.org/tdm",
    }
    assert press.post(address(world, "reservation"), form).status_code == 302
    row = Reservation.objects.filter(work=world.scene.hostile).latest("id")
    assert (row.uses, row.territory) == (["pretraining", "fine_tuning"], ["EU", "KR", "GB"])
    assert (row.machine_readable, row.capacity, row.verification) == (True, "publisher", "none")
    assert Entry.objects.filter(subject=f"reservation:{row.public_id}", kind="reservation.recorded").exists()


def test_a_grant_goes_to_the_licensee_that_is_named(press: Client, world: World) -> None:
    lab = world.scene.lab.organisation
    assert lab is not None
    form = {"licensee": lab.slug, "uses": ["evaluation"], "capacity": "owner", "duties": "attribution, deletion"}
    assert press.post(address(world, "grant"), form).status_code == 302
    grant = Grant.objects.get(work=world.scene.hostile)
    assert (grant.licensee, grant.uses, grant.duties) == (lab, ["evaluation"], ["attribution", "deletion"])


@pytest.mark.parametrize(
    ("kind", "form", "field"),
    [
        ("grant", {"licensee": "nobody", "uses": ["evaluation"]}, "licensee"),
        ("grant", {"licensee": "press"}, "uses"),
        ("offer", {"terms": ""}, "terms"),
        ("offer", {"terms": "x", "other_territories": "Atlantis"}, "other_territories"),
        ("open-licence", {"licence": ""}, "licence"),
        ("reservation", {"machine_readable": "on"}, "source_address"),
        ("reservation", {"valid_from": "2026-02-02", "valid_to": "2026-01-01"}, "valid_to"),
        ("reservation", {"source_address": "javascript:alert(1)"}, "source_address"),
    ],
)
def test_faults_are_said_and_nothing_is_recorded(
    press: Client, world: World, kind: str, form: dict[str, object], field: str
) -> None:
    answer = press.post(address(world, kind), {"capacity": "owner"} | form)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    models = (Grant, Offer, OpenLicence)
    assert not any(model._default_manager.filter(work=world.scene.hostile).exists() for model in models)


def test_withdrawing_asks_first_and_wants_a_reason(press: Client, world: World) -> None:
    place = f"/works/{world.scene.licensed.public_id}/statements/offer/{world.offer.public_id}/withdraw"
    assert "Withdraw this statement?" in press.get(place).content.decode()
    assert press.post(place, {"reason": ""}).status_code == 422
    assert press.post(place, {"reason": "sold out"}).status_code == 302
    world.offer.refresh_from_db()
    assert world.offer.withdrawn_at is not None
    assert press.post(place, {"reason": "again"}).status_code == 409


def test_others_cannot_speak_for_a_work(lab: Client, world: World) -> None:
    assert lab.post(address(world, "open-licence"), {"licence": "CC0-1.0", "capacity": "owner"}).status_code == 403
    assert not OpenLicence.objects.filter(work=world.scene.hostile).exists()
