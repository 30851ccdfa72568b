"""Publishing kits over the API: one zip of a work, one of a holder."""

import io
import zipfile
from typing import Any

import pytest

from licensing.models import Reservation
from licensing.services import reservations, work_addresses
from licensing.services.assertions import Scope
from registry.models import Party, Work
from tests import factories
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def names(answer: Any) -> list[str]:
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content)).namelist()


@pytest.fixture
def work() -> Work:
    press = factories.actor(factories.organisation("press", "The Press"))
    [made] = asked.claimed(press)
    reservations.record(work=made, scope=Scope(uses=["pretraining"]), machine_readable=True, actor=press)
    work_addresses.state(work=made, address="https://press.example/book", actor=press)
    assert Reservation.objects.count() == 1
    return made


def test_anybody_downloads_the_kit_of_a_work(work: Work) -> None:
    found = names(clients.nobody().get(f"/api/v1/works/{work.public_id}/kit"))
    assert {".well-known/tdmrep.json", "license.xml", "robots.txt"} & {name.removeprefix("site/") for name in found}


def test_the_kit_of_a_holder_has_a_part_for_each_site(work: Work) -> None:
    holder = Party.objects.get(organisation__slug="press")
    assert names(clients.nobody().get(f"/api/v1/holders/{holder.public_id}/kit")) == ["press.example.zip"]


def test_there_is_none_of_what_nobody_may_know_of(work: Work) -> None:
    Work.objects.update(visibility=Work.Visibility.DRAFT)
    assert clients.stranger().get(f"/api/v1/works/{work.public_id}/kit").status_code == 404
    assert clients.nobody().get("/api/v1/holders/000000000000/kit").status_code == 404
