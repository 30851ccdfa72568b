"""Bearer tokens: shown once, stored as an HMAC, ended at once."""

import datetime
import json

import pytest
from django.utils import timezone

from registry.actors import Actor, of_user, system
from registry.errors import InvalidInput, NotAllowed
from registry.models import Entry, Membership, Organisation, Token, User
from registry.services import organisations, tokens
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Actor:
    user = User.objects.create_user(username="ada")
    organisations.create(slug="press", name="Press", actor=of_user(user))
    return of_user(user)


@pytest.fixture
def press(ada: Actor) -> Organisation:
    assert ada.organisation is not None
    return ada.organisation


def test_a_token_is_found_by_its_secret_and_the_secret_is_stored_nowhere(ada: Actor, press: Organisation) -> None:
    token, secret = tokens.create(organisation=press, name="CI", scopes=["works", "read", "works"], actor=ada)
    assert tokens.find(secret) == token
    assert token.scopes == ["read", "works"]
    assert secret.startswith(token.prefix)
    row = json.dumps(list(Token.objects.filter(pk=token.pk).values()), default=str)
    leaves = b"".join(bytes(entry.leaf) for entry in Entry.objects.all()).decode()
    assert secret not in row + leaves
    assert token.prefix not in leaves


def test_the_stored_digest_depends_on_the_pepper(ada: Actor, press: Organisation, settings) -> None:
    _, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=ada)
    settings.TOKEN_PEPPER = "another"
    assert tokens.find(secret) is None


def test_a_token_lives_90_days_unless_said_otherwise(ada: Actor, press: Organisation) -> None:
    token, _ = tokens.create(organisation=press, name="CI", scopes=["read"], actor=ada)
    left = token.expires_at - timezone.now()
    assert datetime.timedelta(days=89, hours=23) < left <= datetime.timedelta(days=90)


@pytest.mark.parametrize(
    "faulty", [{"scopes": []}, {"scopes": ["admin"]}, {"days": 0}, {"days": 367}, {"name": " "}, {"name": "x" * 101}]
)
def test_a_token_that_asks_for_too_much_or_too_little_is_refused(ada: Actor, press: Organisation, faulty) -> None:
    with pytest.raises(InvalidInput):
        tokens.create(**{"organisation": press, "name": "CI", "scopes": ["read"], "actor": ada} | faulty)
    assert not Token.objects.exists()


def test_nobody_makes_a_token_for_an_organisation_that_they_do_not_act_for(ada: Actor, press: Organisation) -> None:
    with pytest.raises(NotAllowed):
        tokens.create(organisation=factories.organisation(), name="CI", scopes=["read"], actor=ada)
    with pytest.raises(NotAllowed):
        tokens.create(organisation=press, name="CI", scopes=["read"], actor=system("tests", press))


def test_a_revoked_token_is_refused_at_once_and_revoking_it_again_is_no_error(ada: Actor, press: Organisation) -> None:
    token, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=ada)
    tokens.revoke(token=token, actor=ada)
    tokens.revoke(token=token, actor=ada)
    assert tokens.find(secret) is None
    assert Entry.objects.filter(kind="token.revoked").count() == 1


def test_an_expired_token_is_refused(ada: Actor, press: Organisation) -> None:
    token, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=ada)
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert tokens.find(secret) is None


def test_the_token_of_somebody_who_left_or_was_shut_out_is_refused(ada: Actor, press: Organisation) -> None:
    _, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=ada)
    User.objects.filter(username="ada").update(is_active=False)
    assert tokens.find(secret) is None
    User.objects.filter(username="ada").update(is_active=True)
    assert tokens.find(secret) is not None
    Membership.objects.filter(organisation=press).delete()
    assert tokens.find(secret) is None


@pytest.mark.parametrize("secret", ["", "col_", "col_nonsense", "Bearer x", "\0", "é"])
def test_what_is_no_token_is_none(secret: str) -> None:
    assert tokens.find(secret) is None
