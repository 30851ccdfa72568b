"""`manage.py observe`: what a machine said is kept from the command line, without a worker."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from licensing.models import Observation, Reservation
from licensing.services import work_addresses
from registry.models import Job
from tests import factories
from tests.licensing.formats.crawled import robots, warc
from tests.licensing.services.observed import RESERVED, TDMREP

pytestmark = pytest.mark.django_db


def observe(*arguments: str) -> dict[str, object]:
    out = StringIO()
    call_command("observe", *arguments, "--json", stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


def test_a_file_gives_statements_about_the_works_of_who_hands_it_in(tmp_path: Path) -> None:
    press = factories.actor(factories.organisation("a-press"))
    work = factories.work("The Lamp", by=press)
    work_addresses.state(work=work, address="https://press.example/books/lamp", actor=press)
    path = tmp_path / "tdmrep.json"
    path.write_bytes(RESERVED)
    said = ("--address", TDMREP, "--on", "2025-03-01", "--organisation", "a-press")
    assert observe(str(path), *said)["recorded"] == 1
    assert Reservation.objects.get(work=work).observed_at.isoformat() == "2025-03-01"
    assert observe(str(path), *said)["recorded"] == 0


def test_crawl_records_are_gone_through_at_once(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(warc(robots()))
    assert len(observe(str(path))["observations"]) == 2  # type: ignore[arg-type]
    assert Observation.objects.get(host="press.example").observed_at.year == 2024
    assert Job.objects.get().state == "done"


def test_what_cannot_be_is_said_and_nothing_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(b"x")
    for arguments in (
        ["https://127.0.0.1/"],
        [str(path), "--on", "yesterday"],
        [str(path), "--address", "ftp://x.example"],
    ):
        with pytest.raises(CommandError) as refused:
            call_command("observe", *arguments)
        assert refused.value.returncode == 2
    assert Observation.objects.count() == 0
