"""Tokens: scoped, expiring, refused at once when revoked, never stored in plain text."""

import datetime

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from registry.errors import InvalidInput, NotAllowed
from registry.models import Membership, Token
from registry.services import tokens
from tests import factories
from tests.registry.api import clients

pytestmark = pytest.mark.django_db
WORK = {"title": "A Room with a View"}


def assert_unauthorised(answer):
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="Colophon", error="invalid_token"'
    assert answer.json()["code"] == "AUTHENTICATION_FAILED"


def test_a_live_token_registers_a_work_for_its_organisation():
    person = clients.member()
    answer = clients.caller(person, "works").post("/api/v1/works", WORK)
    assert answer.status_code == 201
    assert answer.json()["registered_by"] == person.organisation.slug


@pytest.mark.parametrize(
    "header", ["Bearer col_wrong", "Bearer", "Bearer ", "Bearer wrong", "Basic dTpw", "Token col_x", "Bearer \xff\xfe"]
)
def test_a_wrong_token_is_refused_even_where_anybody_may_read(header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    assert_unauthorised(client.get("/api/v1/works"))


def test_without_a_token_writing_is_refused_with_the_way_to_sign_in():
    answer = clients.nobody().post("/api/v1/works", WORK)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Colophon"'
    assert answer.json()["code"] == "NOT_AUTHENTICATED"


def test_an_expired_token_is_refused():
    token, secret = clients.new_token(clients.member())
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert_unauthorised(clients.bearer(secret).get("/api/v1/works"))


def test_a_revoked_token_is_refused_by_the_next_request():
    person = clients.member()
    token, secret = clients.new_token(person)
    client = clients.bearer(secret)
    assert client.get("/api/v1/jobs").status_code == 200
    tokens.revoke(token=token, actor=person)
    assert_unauthorised(client.get("/api/v1/jobs"))


def test_a_token_of_somebody_who_left_the_organisation_is_refused():
    person = clients.member()
    client = clients.caller(person)
    Membership.objects.filter(user=person.user).delete()
    assert_unauthorised(client.get("/api/v1/jobs"))


def test_a_token_of_an_inactive_person_is_refused():
    person = clients.member()
    client = clients.caller(person)
    person.user.is_active = False
    person.user.save()
    assert_unauthorised(client.get("/api/v1/jobs"))


@pytest.mark.parametrize("scope", ["read", "scans", "clearances", "reports", "jobs"])
def test_a_token_without_the_scope_of_works_registers_none(scope):
    answer = clients.caller(None, scope).post("/api/v1/works", WORK)
    assert answer.status_code == 403
    assert answer.json()["code"] == "PERMISSION_DENIED"
    assert "works" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("scope", "address", "status"),
    [
        ("works", "/api/v1/scans", 403),
        ("works", "/api/v1/clearances", 403),
        ("scans", "/api/v1/clearances", 403),
        ("scans", "/api/v1/reports", 403),
        ("works", "/api/v1/datasets", 403),
        ("read", "/api/v1/scans", 200),
        ("scans", "/api/v1/scans", 200),
        ("scans", "/api/v1/jobs", 200),
        ("reports", "/api/v1/works", 200),
        ("reports", "/api/v1/log", 200),
    ],
)
def test_scopes_say_what_a_token_reads(scope, address, status):
    assert clients.caller(None, scope).get(address).status_code == status


def test_a_viewers_token_does_not_write_whatever_its_scopes():
    answer = clients.caller(clients.member(role=Membership.Role.VIEWER)).post("/api/v1/works", WORK)
    assert answer.status_code == 403
    assert answer.json()["code"] == "NOT_ALLOWED"


def test_the_secret_is_stored_nowhere():
    token, secret = clients.new_token(clients.member())
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS row WHERE row::text LIKE %s', [f"%{secret[14:]}%"])
            assert cursor.fetchone() == (0,), table
    assert token.digest == tokens.digest_of(secret)
    assert token.prefix == secret[:12]


def test_the_digest_needs_the_pepper(settings):
    secret = clients.new_token(clients.member())[1]
    settings.TOKEN_PEPPER = make_password("another")
    assert tokens.find(secret) is None


def test_use_is_noted_once_in_ten_minutes(django_assert_num_queries):
    token, secret = clients.new_token(clients.member())
    assert tokens.find(secret) is not None
    first = Token.objects.get(pk=token.pk).last_used_at
    assert first is not None
    with django_assert_num_queries(1):
        tokens.find(secret)
    Token.objects.filter(pk=token.pk).update(last_used_at=first - tokens.USE_NOTED_EVERY)
    tokens.find(secret)
    second = Token.objects.get(pk=token.pk).last_used_at
    assert second is not None
    assert second >= first


def test_a_token_is_made_only_for_an_organisation_its_maker_belongs_to():
    with pytest.raises(NotAllowed):
        tokens.create(
            organisation=factories.organisation(), name="script", scopes=["read"], actor=clients.member(), days=1
        )


def test_every_fault_of_a_new_token_is_named():
    person = clients.member()
    with pytest.raises(InvalidInput) as caught:
        tokens.create(organisation=person.organisation, name=" ", scopes=["root"], actor=person, days=0)
    assert [error["pointer"] for error in caught.value.errors] == ["/name", "/scopes", "/days"]


def test_a_page_session_needs_its_csrf_token_to_write():
    person = clients.member()
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(person.user)
    refused = client.post("/api/v1/works", WORK)
    assert refused.status_code == 403
    assert refused["Content-Type"] == "application/problem+json"
    assert "CSRF" in refused.json()["detail"]
    client.cookies["csrftoken"] = "a" * 32
    assert client.post("/api/v1/works", WORK, HTTP_X_CSRFTOKEN="a" * 32).status_code == 201


def test_a_token_needs_no_csrf_token():
    secret = clients.new_token(clients.member())[1]
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.post("/api/v1/works", WORK).status_code == 201
