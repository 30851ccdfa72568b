"""Signing in and out, and tokens whose secret is shown once."""

import pytest
from django.test import Client

from registry.models import Token, User
from registry.services import tokens
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return factories.person("lab@example.org", of=factories.organisation("lab", "Lab"))


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    """Somebody who gave their password a moment ago."""
    client.post("/sign-in", {"login": user.username, "password": factories.PASSWORD})
    return client


def test_signing_in_leads_back_to_the_page_that_asked_for_it(client: Client, user: User) -> None:
    asked = client.get("/checks")
    assert asked.headers["Location"] == "/sign-in?next=/checks"
    answer = client.post(
        "/sign-in?next=/checks", {"login": user.username, "password": factories.PASSWORD, "next": "/checks"}
    )
    assert answer.headers["Location"] == "/checks"


def test_a_wrong_password_keeps_the_name(client: Client, user: User) -> None:
    page = client.post("/sign-in", {"login": user.username, "password": "wrong"}).content.decode()
    assert user.username in page
    assert "_auth_user_id" not in client.session


def test_sign_in_does_not_lead_to_other_sites(client: Client, user: User) -> None:
    form = {"login": user.username, "password": factories.PASSWORD, "next": "https://example.com/"}
    assert client.post("/sign-in", form).headers["Location"] == "/"


def test_a_token_is_shown_once_and_works(signed_in: Client) -> None:
    client = signed_in
    made = client.post("/account/tokens", {"name": "nightly", "scopes": ["read"], "days": "30"})
    secret = made.context["secret"]
    assert made.headers["Cache-Control"] == "no-store"
    assert secret in made.content.decode()
    assert tokens.find(secret) == Token.objects.get()
    assert secret not in client.get("/account").content.decode()


@pytest.mark.parametrize("form", [{"name": "", "scopes": ["read"], "days": "30"}, {"name": "x", "days": "9999"}])
def test_a_token_without_name_scope_or_sane_life_is_refused(signed_in: Client, form: dict[str, object]) -> None:
    assert signed_in.post("/account/tokens", form).status_code == 422
    assert not Token.objects.exists()


def test_a_revoked_token_says_so(signed_in: Client) -> None:
    client = signed_in
    client.post("/account/tokens", {"name": "nightly", "scopes": ["read"], "days": "30"})
    token = Token.objects.get()
    page = client.post(f"/account/tokens/{token.public_id}/revoke", follow=True).content.decode()
    token.refresh_from_db()
    assert token.revoked_at is not None
    assert "revoked on" in page


def test_signing_out_needs_a_form_not_a_link(client: Client, user: User) -> None:
    client.force_login(user)
    assert client.get("/sign-out").status_code == 405
    client.post("/sign-out")
    assert client.get("/checks").status_code == 302
