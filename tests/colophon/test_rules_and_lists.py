"""Class settlements and trials of changed rules from the shell."""

from pathlib import Path
from typing import Any

import pytest

from licensing.services import rules_trials
from registry import jobs
from registry.models import Job
from tests import factories
from tests.colophon.calls import Run
from tests.colophon.conftest import SignIn
from tests.licensing.services.test_rules_preview import changed, stored
from tests.registry.api import clients

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["stored"]  # a fixture


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


def test_works_of_a_class_settlement_are_listed_with_their_answers(
    run: Run, transactional_db: None, sign_in: SignIn
) -> None:
    press = clients.member(factories.organisation("press", "The Press"))
    sign_in(press)
    assert "You speak for no work" in run("eligibility", "works").out.decode()
    work = factories.work("Emma", by=press, first_published="2011")
    shown = run("eligibility", "works", "--downloaded", "unknown", "--list-of", "2025-10-17").out.decode()
    assert work.public_id in shown
    assert "1 would not be on it, as of 2025-10-17." in shown
    [row] = run("eligibility", "works", "--class-list", "bartz-v-anthropic", "--json").json
    assert (row["work"], row["eligible"], row["steps"][0]["code"]) == (work.public_id, False, "NUMBER")
    assert run("eligibility", "works", "--downloaded", "soon").code == 2
    assert run("eligibility", "works", "--dataset", "nowhere").code == 2
    assert "pilimi 2022-07" in run("eligibility", "lists").out.decode()


def test_an_operator_tries_a_change_and_others_find_nothing(
    run: Run, stored: Any, sign_in: SignIn, tmp_path: Path
) -> None:
    operator = clients.member()
    operator.user.is_staff = True
    operator.user.save(update_fields=["is_staff"])
    sign_in(operator)
    file = tmp_path / "copyright_terms.toml"
    file.write_bytes(changed("copyright_terms", "life_plus = 70", "life_plus = 100")["copyright_terms"])
    made = run("rules", "try", file, "--no-wait", "--json")
    assert made.code == 0, made.error
    number = made.json["id"]
    assert jobs.run(Job.objects.get(kind=rules_trials.JOB).pk) == Job.State.DONE
    shown = run("rules", "show", number)
    assert (shown.code, "1 of 1 stored verdicts would differ." in shown.out.decode()) == (1, True)
    assert "CLEARED PD_TERM" in shown.out.decode()
    assert number in run("rules", "ls").out.decode()
    assert run("rules", "cancel", number).code == 2  # it has ended
    assert run("rules", "try", tmp_path / "none.toml").code == 2
    sign_in(clients.member())
    hidden = run("rules", "show", number)
    assert (hidden.code, "nothing" in hidden.error) == (2, True)
