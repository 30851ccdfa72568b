"""A request that is sent again creates nothing again."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F

from registry.models import Entry, Reply, Work
from registry.services import replies
from tests.registry.api import clients


def post(client, body, key):
    return client.post("/api/v1/works", body, HTTP_IDEMPOTENCY_KEY=key)


@pytest.mark.django_db
def test_the_same_request_gets_the_same_reply_and_one_work():
    client = clients.caller()
    first = post(client, {"title": "Emma"}, "k-1")
    again = post(client, {"title": "Emma"}, "k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Location"] == first["Location"]
    assert again["Idempotent-Replayed"] == "true"
    assert not first.has_header("Idempotent-Replayed")
    assert Work.objects.count() == 1
    assert Entry.objects.filter(kind="work.registered").count() == 1


@pytest.mark.django_db
def test_a_key_is_of_one_person_in_one_organisation():
    assert post(clients.caller(), {"title": "Emma"}, "k-1").status_code == 201
    assert post(clients.caller(), {"title": "Emma"}, "k-1").status_code == 201
    assert Work.objects.count() == 2


@pytest.mark.django_db
def test_another_request_with_the_key_is_422():
    client = clients.caller()
    post(client, {"title": "Emma"}, "k-1")
    other = post(client, {"title": "Persuasion"}, "k-1")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert Work.objects.count() == 1


@pytest.mark.django_db
def test_what_was_refused_is_not_remembered():
    client = clients.caller()
    assert post(client, {"title": ""}, "k-1").status_code == 400
    assert not Reply.objects.exists()
    assert post(client, {"title": "Emma"}, "k-1").status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", " ", "k" * 256, "ключ"])
def test_a_key_that_is_none_is_refused_by_name(key):
    answer = clients.caller().post("/api/v1/works", {"title": "Emma"}, HTTP_IDEMPOTENCY_KEY=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]
    assert not Work.objects.exists()


@pytest.mark.django_db
def test_a_reply_is_forgotten_after_a_day():
    client = clients.caller()
    post(client, {"title": "Emma"}, "k-1")
    Reply.objects.update(recorded_at=F("recorded_at") - replies.KEPT)
    assert post(client, {"title": "Persuasion"}, "k-1").status_code == 201
    Reply.objects.update(recorded_at=F("recorded_at") - replies.KEPT)
    assert replies.forget() == 1


@pytest.mark.django_db
def test_files_are_told_apart_by_their_content():
    client = clients.caller()

    def scan(text):
        files = [SimpleUploadedFile("a.txt", text)]
        body = {"dataset": "mine", "files": files}
        return client.post("/api/v1/scans", body, format="multipart", HTTP_IDEMPOTENCY_KEY="k-2")

    first, again, other = scan(b"one text"), scan(b"one text"), scan(b"another text")
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422), first.content
    assert first.content == again.content


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_creates_and_the_others_wait_or_get_its_reply():
    person = clients.member()
    secret = clients.new_token(person)[1]
    statuses = []

    def send():
        statuses.append(post(clients.bearer(secret), {"title": "Emma"}, "k-1").status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert Work.objects.count() == 1
