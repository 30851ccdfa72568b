"""Accounts end when their person says so, and when nobody ever confirmed them; what is old is forgotten."""

import datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from registry.actors import ANONYMOUS, of_user
from registry.errors import Conflict, NotAllowed
from registry.models import Entry, Invitation, Organisation, User
from registry.services import accounts, tokens
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Organisation:
    return factories.organisation("press", "Example Press")


def test_a_closed_account_leaves_a_number_in_the_log_and_nothing_else(press: Organisation) -> None:
    factories.person("owner@example.org", of=press)
    user = factories.person("ada@example.org", of=press, role="editor")
    _, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=of_user(user))
    elsewhere, client = Client(), Client()
    for one in (elsewhere, client):
        one.post("/sign-in", {"login": "ada@example.org", "password": factories.PASSWORD})
    assert client.post("/account/close").headers["Location"] == "/"
    assert not User.objects.filter(pk=user.pk).exists()
    assert not EmailAddress.objects.filter(email="ada@example.org").exists()
    assert not Session.objects.filter(session_key=elsewhere.session.session_key).exists()
    assert tokens.find(secret) is None
    assert elsewhere.get("/account").status_code == 302
    assert press.memberships.count() == 1
    removed = bytes(Entry.objects.get(kind="organisation.member_removed").leaf).decode()
    assert f"user:{user.pk}" in removed
    assert "ada@" not in removed


def test_the_only_owner_cannot_close_and_loses_nothing_by_trying(press: Organisation) -> None:
    user = factories.person("ada@example.org", of=press)
    with pytest.raises(Conflict, match="keeps an owner"):
        accounts.close(actor=of_user(user))
    assert user.memberships.count() == 1
    with pytest.raises(NotAllowed):
        accounts.close(actor=ANONYMOUS)


def test_accounts_that_nobody_confirmed_are_forgotten_after_a_month_and_no_others() -> None:
    long_ago = timezone.now() - datetime.timedelta(days=31)
    gone = User.objects.create_user("squatter", "victim@example.org")
    EmailAddress.objects.create(user=gone, email="victim@example.org", primary=True)
    factories.person("confirmed@example.org")
    User.objects.create_user("of-a-script")
    User.objects.create_superuser("root", "root@example.org")
    User.objects.update(date_joined=long_ago)
    fresh = User.objects.create_user("fresh", "fresh@example.org")
    EmailAddress.objects.create(user=fresh, email="fresh@example.org", primary=True)
    accounts.forget()
    assert set(User.objects.values_list("username", flat=True)) == {
        "confirmed@example.org",
        "of-a-script",
        "root",
        "fresh",
    }


@pytest.mark.parametrize("field", ["accepted_at", "revoked_at", "expires_at"])
def test_old_invitations_are_forgotten_with_the_address_they_hold(press: Organisation, field: str) -> None:
    owner = factories.person("owner@example.org", of=press)
    facts: dict[str, Any] = {"organisation": press, "invited_by": owner, "expires_at": "2099-01-01T00:00Z"}
    old = timezone.now() - datetime.timedelta(days=91)
    Invitation.objects.create(email="old@example.org", digest="1", **facts | {field: old})
    Invitation.objects.create(email="new@example.org", digest="2", **facts | {field: timezone.now()})
    accounts.forget()
    assert Invitation.objects.get().email == "new@example.org"


def test_dead_sessions_take_network_address_and_browser_along() -> None:
    factories.person("ada@example.org")
    alive, ended = Client(), Client()
    for client in (alive, ended):
        client.post("/sign-in", {"login": "ada@example.org", "password": factories.PASSWORD})
    Session.objects.filter(session_key=ended.session.session_key).update(expire_date="2020-01-01T00:00Z")
    accounts.forget()
    assert UserSession.objects.get().session_key == alive.session.session_key


def test_counts_that_are_over_are_forgotten() -> None:
    cache.set("over", 1, timeout=-1)
    cache.set("soon", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shared_cache SET expires = now() - interval '1 day' WHERE cache_key LIKE '%soon'")
        accounts.forget()
        cursor.execute("SELECT count(*) FROM shared_cache")
        assert cursor.fetchone() == (0,)
