"""Nobody gets more of the API than a minute's quota, and everybody is told what is left."""

import pytest

from registry.api import limits
from registry.models import RequestCount, Work
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quotas(settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    settings.API_ANONYMOUS_REQUESTS_PER_MINUTE = 2


@pytest.fixture(autouse=True)
def one_minute(monkeypatch):
    """All counts of a test fall into one minute, also when it begins at 59 seconds."""
    monkeypatch.setattr(limits, "SQL", limits.SQL.replace("date_trunc('minute', clock_timestamp())", "'2026-01-01'"))


def left(answer):
    return answer["RateLimit"].split(";r=")[1].split(";")[0]


def test_every_answer_says_what_is_left_and_the_next_is_429():
    client = clients.caller()
    answers = [client.get("/api/v1/works") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [left(answer) for answer in answers] == ["2", "1", "0", "0"]
    assert answers[0]["RateLimit-Policy"] == '"token";q=3;w=60'
    assert 1 <= int(answers[3]["Retry-After"]) <= 60
    assert answers[3].json()["code"] == "TOO_MANY_REQUESTS"


def test_one_caller_does_not_use_up_another_ones_quota():
    first, second = clients.caller(), clients.caller()
    for _ in range(4):
        first.get("/api/v1/works")
    assert second.get("/api/v1/works").status_code == 200


def test_who_is_not_signed_in_and_who_guesses_tokens_share_the_quota_of_their_address():
    guesser = clients.bearer("col_" + "x" * 43)
    assert guesser.get("/api/v1/works").status_code == 401
    assert guesser.get("/api/v1/works").status_code == 401
    assert guesser.get("/api/v1/works").status_code == 429
    assert clients.nobody().get("/api/v1/works").status_code == 429


def test_addresses_that_the_caller_makes_up_are_not_believed():
    for number in range(3):
        answer = clients.nobody().get("/api/v1/works", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert answer.status_code == 429


def test_a_refused_request_writes_nothing_and_is_counted_though_its_transaction_is_taken_back():
    client = clients.caller()
    for number in range(3):
        client.post("/api/v1/works", {"title": ""}, HTTP_IDEMPOTENCY_KEY=f"k-{number}")
    assert client.post("/api/v1/works", {"title": "Emma"}, HTTP_IDEMPOTENCY_KEY="k-4").status_code == 429
    assert not Work.objects.exists()
    assert RequestCount.objects.get().requests == 4
