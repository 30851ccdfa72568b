"""The daily limit of scanned bytes: counted by organisation, over 24 hours, for people and not for operators."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from ingest.models import Scan
from ingest.services import quota, scans
from registry.actors import Actor, of_user, system
from registry.models import Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def lab(settings: Any) -> Actor:
    settings.SCAN_DAILY_BYTES = 100
    user = User.objects.create_user(username="lab@example.org", password="x")
    Membership.objects.create(user=user, organisation=factories.organisation("lab"), role="editor")
    return of_user(user)


def scan(actor: Actor, size: int) -> Scan:
    upload = scans.Upload("a.txt", io.BytesIO(b"x" * size))
    return scans.request(files=[upload], dataset_name="Corpus", actor=actor)


def test_what_is_left_of_a_day_may_be_scanned_and_no_byte_more(lab: Actor) -> None:
    scan(lab, 60)
    with pytest.raises(quota.QuotaExceeded) as caught:
        scan(lab, 41)
    assert caught.value.facts["used_bytes"] == 60
    assert 86_000 < caught.value.retry_after_seconds <= 86_400
    assert Scan.objects.count() == 1
    scan(lab, 40)


def test_what_was_scanned_a_day_ago_no_longer_counts(lab: Actor) -> None:
    first = scan(lab, 90)
    Scan.objects.filter(pk=first.pk).update(recorded_at=timezone.now() - timedelta(hours=25))
    scan(lab, 90)


def test_others_operators_and_no_limit_are_not_counted(lab: Actor, settings: Any) -> None:
    scan(lab, 100)
    scan(system("scan", lab.organisation), 500)
    settings.SCAN_DAILY_BYTES = 0
    scan(lab, 500)


def test_the_page_and_the_api_say_it(lab: Actor, client: Any) -> None:
    assert lab.user is not None
    client.force_login(lab.user)
    file = io.BytesIO(b"x" * 101)
    file.name = "a.txt"
    answer = client.post("/api/v1/scans", {"dataset": "Corpus", "files": file})
    assert (answer.status_code, answer.json()["code"]) == (429, "QUOTA_EXCEEDED")
    assert int(answer.headers["Retry-After"]) > 0
    assert not Scan.objects.exists()
