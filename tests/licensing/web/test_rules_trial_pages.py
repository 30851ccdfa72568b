"""Operators try a change of the rules on a page: a job decides again, the page says what would differ and why."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.models import Verdict
from licensing.services import rules_trials
from registry import jobs
from registry.models import Job, User
from tests import factories
from tests.licensing.services.test_rules_preview import changed, stored
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db
__all__ = ["stored"]  # a fixture


@pytest.fixture
def operator() -> Client:
    return client_of(User.objects.create_user(username="op@example.org", password="x", is_staff=True))


def tree(answer: Any) -> Any:
    """A page's document."""
    return html.fromstring(answer.content)


def hand_in(client: Client, files: dict[str, bytes]) -> Any:
    tables = [SimpleUploadedFile(f"{name}.toml", raw) for name, raw in files.items()]
    return client.post(reverse("rules-trials"), {"tables": tables})


def words(answer: Any) -> str:
    return " ".join(tree(answer).text_content().split())


def test_a_change_is_tried_by_a_worker_and_shown_by_reason_with_examples(operator: Client, stored: Verdict) -> None:
    answer = hand_in(operator, changed("copyright_terms", "life_plus = 70", "life_plus = 100"))
    job = Job.objects.get(kind=rules_trials.JOB)
    page = reverse("rules-trial", args=[job.public_id])
    assert answer.headers["Location"] == page
    waiting = operator.get(page)
    assert "It is safe to close this page" in words(waiting)
    assert tree(waiting).xpath("//*[@id='trial']/@hx-get") == [page]
    assert jobs.run(job.pk) == Job.State.DONE
    shown = words(operator.get(page))
    assert "1 of 1 stored verdict would differ." in shown
    assert "PD_TERM" in shown
    assert "EU4_OPEN" in shown
    assert "Old" in shown
    stored.refresh_from_db()
    assert stored.verdict == "CLEARED"
    listed = words(operator.get(reverse("rules-trials")))
    assert "copyright_terms" in listed


def test_works_that_are_not_published_are_not_named(operator: Client, stored: Verdict) -> None:
    stored.work.visibility = "draft"
    stored.work.save(update_fields=["visibility"])
    hand_in(operator, changed("copyright_terms", "life_plus = 70", "life_plus = 100"))
    job = Job.objects.get(kind=rules_trials.JOB)
    jobs.run(job.pk)
    shown = words(operator.get(reverse("rules-trial", args=[job.public_id])))
    assert "a work that is not published" in shown


def test_a_change_that_changes_nothing_says_so(operator: Client, stored: Verdict) -> None:
    hand_in(operator, changed("copyright_terms", "life_plus = 70", "life_plus = 70 # as before"))
    job = Job.objects.get(kind=rules_trials.JOB)
    jobs.run(job.pk)
    assert "would stay as it is, to the word" in words(operator.get(reverse("rules-trial", args=[job.public_id])))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "This field is required."),
        ({"nonsense": b"a = 1"}, "There is no table nonsense; there are"),
        ({"exceptions": b"a = ["}, "The table exceptions cannot be read"),
        ({"exceptions": b"\xff"}, "The table exceptions cannot be read"),
        ({"exceptions": b"#" * ((1 << 20) + 1)}, "larger than 1 MiB"),
    ],
)
def test_what_is_no_table_is_refused_before_a_worker_sees_it(
    operator: Client, files: dict[str, bytes], said: str
) -> None:
    answer = hand_in(operator, files)
    assert (answer.status_code, said in words(answer)) == (422, True)
    assert not Job.objects.filter(kind=rules_trials.JOB).exists()


def test_tables_that_the_rules_cannot_work_with_end_the_trial_with_the_reason(
    operator: Client, stored: Verdict
) -> None:
    hand_in(operator, {"copyright_terms": b"nothing = true"})
    job = Job.objects.get(kind=rules_trials.JOB)
    assert jobs.run(job.pk) == Job.State.FAILED
    shown = words(operator.get(reverse("rules-trial", args=[job.public_id])))
    assert "The rules cannot work with these tables" in shown


def test_a_trial_that_waits_can_be_stopped(operator: Client) -> None:
    hand_in(operator, changed("copyright_terms", "life_plus = 70", "life_plus = 100"))
    job = Job.objects.get(kind=rules_trials.JOB)
    assert operator.post(reverse("rules-trial-stop", args=[job.public_id])).status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED or job.cancel_requested


def test_nobody_but_operators_finds_it(operator: Client) -> None:
    hand_in(operator, changed("copyright_terms", "life_plus = 70", "life_plus = 100"))
    job = Job.objects.get(kind=rules_trials.JOB)
    member = client_of(factories.person("m@example.org", of=factories.organisation()))
    for client, status in ((Client(), 302), (member, 404)):
        assert client.get(reverse("rules-trials")).status_code == status
        assert client.get(reverse("rules-trial", args=[job.public_id])).status_code == status
        assert client.post(reverse("rules-trial-stop", args=[job.public_id])).status_code == status
