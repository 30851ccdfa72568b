"""An organisation writes a policy, chooses it in a check, and sees its versions."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from licensing.models import Clearance, Policy
from tests.browser.world import World


def test_a_policy_is_written_shown_and_chosen_for_a_question(lab: Client, world: World) -> None:
    form = {"name": "press-desk", "blocks": ["CONTESTED", "EXCEPTION_CLAIMED"], "note": "Ask the desk."}
    answer = lab.post("/policies/new", form)
    row = Policy.objects.get(name="press-desk")
    assert answer["Location"] == f"/policies/{row.public_id}"
    assert {word for word, blocks in row.blocks.items() if blocks} == {"NOT_CLEARED", "CONTESTED", "EXCEPTION_CLAIMED"}
    page = lab.get(answer["Location"]).content.decode()
    assert "press-desk@1" in page
    assert "EXCEPTION_CLAIMED = true" in page
    assert "press-desk@1" in lab.get("/policies").content.decode()
    question = {
        "use": "pretraining", "purpose": "commercial", "territory": ["US"], "as_of": "2026-11-01",
        "policy": "press-desk", "reservation_search": "evidenced",
    }  # fmt: skip
    assert lab.post(f"/checks/{world.scan.public_id}", question).status_code == 302
    assert Clearance.objects.latest("id").policy["profile"] == "press-desk"


def test_the_next_version_begins_with_the_last(lab: Client, world: World) -> None:
    page = lab.get("/policies/new?name=house").content.decode()
    assert 'value="house"' in page
    assert "As our counsel asks." in page
    lab.post("/policies/new", {"name": "house", "blocks": ["CONDITIONAL"]})
    assert [row.version for row in Policy.objects.filter(name="house").order_by("version")] == [1, 2]


def test_a_file_that_asks_for_too_much_is_refused_beside_the_file(lab: Client, world: World) -> None:
    upload = SimpleUploadedFile("own.toml", b"authorises = ['UNKNOWN']")
    answer = lab.post("/policies/new", {"name": "mild", "upload": upload})
    assert answer.status_code == 422
    assert "asks for more than a policy may" in str(answer.context["form"].errors["upload"])
    assert not Policy.objects.filter(name="mild").exists()
    good = SimpleUploadedFile("own.toml", b"[blocks]\nUNKNOWN = true\n")
    assert lab.post("/policies/new", {"name": "mild", "upload": good}).status_code == 302


def test_a_withdrawn_policy_is_not_offered_any_longer(lab: Client, press: Client, world: World) -> None:
    address = f"/policies/{world.policy.public_id}"
    assert press.post(f"{address}/withdraw").status_code == 404
    assert 'value="house"' in lab.get("/checks/new").content.decode()
    assert lab.post(f"{address}/withdraw").status_code == 302
    assert 'value="house"' not in lab.get("/checks/new").content.decode()
    assert "Withdrawn" in lab.get(address).content.decode()
