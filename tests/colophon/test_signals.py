"""Signals and notices from the shell."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from ingest.models import Match
from licensing.models import Notice, Observation
from licensing.services.assertions import today
from registry.models import Work
from tests import factories
from tests.colophon.calls import Run
from tests.colophon.conftest import SignIn
from tests.licensing import asked, scanned
from tests.registry.api import clients

pytestmark = pytest.mark.django_db(transaction=True)
ROBOTS = "User-agent: GPTBot\nDisallow: /\n"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def press(transactional_db: None) -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def work(press: clients.Person, sign_in: SignIn) -> Work:
    sign_in(press)
    return asked.claimed(press)[0]


def test_a_file_is_handed_in_and_what_was_said_is_told_by_day(run: Run, work: Work, tmp_path: Path) -> None:
    assert run("signals", "place", work.public_id, "https://press.example/book", "--since", "2020-01-01").code == 0
    path = tmp_path / "robots.txt"
    path.write_text(ROBOTS)
    made = run("signals", "submit", path, "--address", "https://press.example/robots.txt",
               "--observed-at", "2022-03-01T12:00:00Z", "--json")  # fmt: skip
    assert made.code == 0, made.error
    assert Observation.objects.get().public_id == made.json["id"]
    said = run("signals", "said", work.public_id, "--on", "2022-06-01", "--agent", "GPTBot", "--json").json
    assert [row["observation"] for row in said["rules"]] == [made.json["id"]]
    before = run("signals", "said", work.public_id, "--on", "2021-06-01")
    assert (before.code, "Nothing was said." in before.out.decode()) == (0, True)
    assert made.json["id"] in run("signals", "ls", "--host", "press.example").out.decode()
    assert "robots" in run("signals", "show", made.json["id"]).out.decode()
    assert run("signals", "submit", tmp_path / "none.txt").code == 2


def test_the_kit_is_written_whole_or_not_at_all(run: Run, work: Work, tmp_path: Path) -> None:
    target = tmp_path / "kit.zip"
    assert run("signals", "kit", work.public_id, "--out", target).code == 0
    assert "LOSS.json" in zipfile.ZipFile(target).namelist()
    assert run("signals", "kit", "0000000000zz", "--out", tmp_path / "none.zip").code == 2
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == ["kit.zip"]


def test_a_notice_goes_from_the_draft_to_the_end(run: Run, press: clients.Person, work: Work, tmp_path: Path) -> None:
    dataset = scanned.scan(press, [(work, Match.Relation.COPY)]).release.dataset.slug
    made = run("notice", "draft", "--dataset", dataset, "--host", "Heap Hosting", "--ask", "license", "--json")
    assert (made.code, made.json["works"]) == (0, 1), made.error
    number, day = made.json["id"], today().isoformat()
    body = tmp_path / "letter.txt"
    body.write_text("Please take a licence.")
    assert "Please take a licence." in run("notice", "amend", number, "--body", body).out.decode()
    assert run("notice", "letter", number, "--out", tmp_path).code == 0
    assert "Heap Hosting" in (tmp_path / f"notice-{number}.txt").read_text()
    assert run("notice", "send", number, "--by", "email").code == 2  # there is no address
    assert run("notice", "send", number, "--by", "post").code == 0
    assert run("notice", "answer", number, "--on", day, "--text", "They will.").code == 0
    assert run("notice", "resolve", number, "--on", day, "--text", "They did.").code == 0
    assert Notice.objects.get().state == "resolved"
    assert "They did." in run("notice", "show", number).out.decode()
    assert number in run("notice", "ls", "--state", "resolved").out.decode()
    assert run("notice", "withdraw", number, "--reason", "x").code == 2
