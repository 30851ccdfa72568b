"""Imports over the API: handed in, looked at, taken over, fetched back; what is not one's own does not exist."""

import io
import json
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from licensing.services import import_apply, import_check
from registry.models import Import, Membership, Organisation, Work
from tests.licensing.services.imported import ROWS, table
from tests.registry.api import clients

pytestmark = pytest.mark.django_db

IMPORTS = "/api/v1/imports"


@dataclass(frozen=True)
class Person:
    """Somebody of an organisation, and their caller of the API."""

    organisation: Organisation
    client: APIClient


def somebody() -> Person:
    member = clients.member()
    return Person(member.organisation, clients.caller(member))


@pytest.fixture
def press() -> Person:
    return somebody()


def upload(person: Person, data: bytes, name: str = "books.csv", **fields: Any) -> Any:
    file = io.BytesIO(data)
    file.name = name
    return person.client.post(IMPORTS, {"file": file} | fields, format="multipart")


def content_of(answer: Any) -> bytes:
    """What a download gives."""
    return b"".join(answer.streaming_content)


def looked_at(person: Person, data: bytes, **fields: Any) -> Any:
    """The import after its dry run."""
    answer = upload(person, data, **fields)
    assert answer.status_code == 202, answer.content
    import_check.check(Import.objects.get(public_id=answer.json()["id"]).pk)
    return person.client.get(f"{IMPORTS}/{answer.json()['id']}").json()


def test_a_file_is_looked_at_applied_and_acknowledged(press: Person) -> None:
    found = looked_at(press, table(*ROWS))
    assert (found["state"], found["counts"]["new"], found["message_status"]) == ("checked", 3, "00")
    rows = press.client.get(f"{IMPORTS}/{found['id']}/rows?action=new&limit=2").json()
    assert [row["reference"] for row in rows["results"]] == ["r1", "r2"]
    answer = press.client.post(f"{IMPORTS}/{found['id']}/apply", {}, format="json")
    assert (answer.status_code, answer["Location"]) == (202, f"/api/v1/jobs/{answer.json()['job']}")
    import_apply.apply(Import.objects.get().pk, actor="user:1")
    done = press.client.get(f"{IMPORTS}/{found['id']}").json()
    assert (done["state"], Work.objects.count()) == ("done", 3)
    assert done["entry"]
    said = content_of(press.client.get(f"{IMPORTS}/{found['id']}/acknowledgement?form=json"))
    assert [row["status"] for row in json.loads(said)["records"]] == ["00", "00", "00"]
    xml = content_of(press.client.get(f"{IMPORTS}/{found['id']}/acknowledgement"))
    assert b"<RecordReference>r1</RecordReference>" in xml


def test_a_refused_row_is_409_for_all_and_can_be_left_out(press: Person) -> None:
    found = looked_at(press, table(*ROWS, "r4,=1+2,Nobody,0000,,,en", "r5,,Nobody,2001,,,en"))
    assert found["counts"]["refused"] >= 1
    answer = press.client.post(f"{IMPORTS}/{found['id']}/apply", {}, format="json")
    assert (answer.status_code, "refused" in answer.json()["detail"]) == (409, True)
    refused = content_of(press.client.get(f"{IMPORTS}/{found['id']}/refused")).decode("utf-8-sig")
    assert "colophon_cause" in refused.splitlines()[0]
    assert not any(cell.startswith("=") for line in refused.splitlines() for cell in line.split(","))
    answer = press.client.post(f"{IMPORTS}/{found['id']}/apply", {"valid_rows_only": True}, format="json")
    assert answer.status_code == 202


def test_columns_are_named_as_a_json_object(press: Person) -> None:
    data = table("Book of Examples,Ann Author", head="Spalte 1,Spalte 2")
    assert "title" in upload(press, data).json()["detail"]
    assert not Import.objects.exists()
    found = looked_at(press, data, columns=json.dumps({"Spalte 1": "title"}))
    assert found["counts"]["new"] == 1
    for wrong in ("[]", "{", '{"Spalte 1": 3}', '{"Spalte 9": "title"}', '{"Spalte 1": "shoe size"}'):
        assert upload(press, data, columns=wrong).status_code == 400, wrong


def test_what_is_no_catalogue_is_400_and_what_is_too_large_413(press: Person, settings: Any) -> None:
    assert "PDF" in upload(press, b"%PDF-1.7").json()["detail"]
    assert upload(press, b"").status_code == 400
    settings.IMPORT_MAX_BYTES = 100
    answer = upload(press, table(*ROWS))
    assert (answer.status_code, "100 bytes" in answer.json()["detail"]) == (413, True)
    assert not Import.objects.exists()


def test_a_stranger_finds_nothing_and_a_viewer_may_only_read(press: Person) -> None:
    found = looked_at(press, table(*ROWS))
    rival = somebody()
    for part in ("", "/rows", "/refused", "/acknowledgement"):
        assert rival.client.get(f"{IMPORTS}/{found['id']}{part}").status_code == 404
    for act in ("apply", "cancel", "undo"):
        assert rival.client.post(f"{IMPORTS}/{found['id']}/{act}", {}, format="json").status_code == 404
    assert rival.client.get(IMPORTS).json()["results"] == []
    Membership.objects.filter(organisation=press.organisation).update(role="viewer")
    assert press.client.get(f"{IMPORTS}/{found['id']}").status_code == 200
    assert press.client.post(f"{IMPORTS}/{found['id']}/apply", {}, format="json").status_code == 403
    assert upload(press, table(*ROWS)).status_code == 403


def test_an_import_is_cancelled_once(press: Person) -> None:
    found = looked_at(press, table(*ROWS))
    assert press.client.post(f"{IMPORTS}/{found['id']}/cancel").json()["state"] == "cancelled"
    assert press.client.post(f"{IMPORTS}/{found['id']}/cancel").status_code == 409
    assert press.client.post(f"{IMPORTS}/{found['id']}/apply", {}, format="json").status_code == 409
