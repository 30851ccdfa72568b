"""The operators' pages: every list and row opens, jobs can be retried and cancelled, nothing can be edited."""

import pytest
from django.contrib import admin
from django.urls import reverse

from registry import jobs
from registry.actors import system
from registry.admin import ReadOnlyAdmin
from registry.models import Job, User, Work
from registry.services import log, organisations, works
from tests import factories

pytestmark = pytest.mark.django_db
OURS = ("registry", "ingest", "licensing")


@pytest.fixture
def operator(client):
    client.force_login(User.objects.create_superuser("operator", password="irrelevant here"))
    return client


@pytest.fixture
def work() -> Work:
    actor = system("test", organisations.create(slug="press", name="Press", actor=system("test")))
    made = works.register(works.WorkFacts(title="Alice"), actor=actor)
    log.sequence_all()
    return made


@pytest.mark.parametrize(
    "model", [model for model in admin.site._registry if model._meta.app_label in ("registry", "ingest")], ids=str
)
def test_every_list_opens(operator, work, model):
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert operator.get(page).status_code == 200
    row = model._default_manager.first()
    if row is not None:
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
        assert operator.get(page).status_code == 200


def test_a_quarantined_job_is_found_and_retried(operator):
    job = Job.objects.create(kind="search_index", state="quarantined", reason="no space", attempts=3)
    page = reverse("admin:registry_job_changelist")
    assert b"no space" in operator.get(page, {"state__exact": "quarantined"}).content
    operator.post(page, {"action": "retry", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("queued", 0)


def test_a_waiting_job_is_cancelled(operator):
    job = jobs.enqueue("search_index", work_id=0)
    operator.post(reverse("admin:registry_job_changelist"), {"action": "cancel", "_selected_action": [job.pk]})
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_what_the_log_records_is_only_shown():
    """Every change of a legal fact has its log entry and has the answers that rest on it looked at: by services."""
    ours = {model: page for model, page in admin.site._registry.items() if model.__module__.split(".")[0] in OURS}
    assert [model.__name__ for model, page in ours.items() if not isinstance(page, ReadOnlyAdmin)] == ["User"]
    assert [model.__name__ for model, page in ours.items() if page.inlines] == []
    assert {action for page in ours.values() for action in page.actions or ()} == {"retry", "cancel", "resume"}


def test_an_account_is_closed_and_not_deleted(operator):
    person = factories.person("anna@press.example", of=factories.organisation("press", "Press"))
    page = reverse("admin:registry_user_delete", args=[person.pk])
    assert operator.post(page, {"post": "yes"}).status_code == 403
    listed = reverse("admin:registry_user_changelist")
    operator.post(listed, {"action": "delete_selected", "_selected_action": [person.pk], "post": "yes"})
    assert person.memberships.count() == 1


@pytest.mark.parametrize("name", ["entry", "work", "job"])
def test_nothing_is_added_changed_or_deleted(operator, work, name):
    model = {"entry": log.Entry, "work": Work, "job": Job}[name]
    jobs.enqueue("search_index", work_id=work.pk)
    row = model._default_manager.first()
    assert row is not None
    assert operator.post(reverse(f"admin:registry_{name}_change", args=[row.pk]), {}).status_code == 403
    assert operator.post(reverse(f"admin:registry_{name}_delete", args=[row.pk]), {}).status_code == 403
    assert operator.get(reverse(f"admin:registry_{name}_add")).status_code == 403
