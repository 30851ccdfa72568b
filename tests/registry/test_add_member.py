"""`manage.py add_member`: an account with a role, and a password that is printed once."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from registry.models import Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> str:
    out = io.StringIO()
    call_command("add_member", *arguments, stdout=out)
    return out.getvalue()


def test_a_new_member_can_sign_in_with_the_printed_password() -> None:
    factories.organisation("press", "Press")
    said = json.loads(add("Ada@Example.org", "--organisation", "press", "--role", "editor", "--json"))
    user = User.objects.get(username="ada@example.org")
    assert user.check_password(said["password"])
    assert Membership.objects.get(user=user).role == "editor"


def test_an_operator_vouches_for_the_address(client: Client) -> None:
    factories.organisation("press", "Press")
    said = json.loads(add("ada@example.org", "--organisation", "press", "--json"))
    client.post("/sign-in", {"login": "ada@example.org", "password": said["password"]})
    assert client.get("/account").status_code == 200


def test_somebody_who_signed_up_is_found_by_their_address() -> None:
    factories.organisation("press", "Press")
    user = factories.person("ada@example.org")
    User.objects.filter(pk=user.pk).update(username="ada")
    assert json.loads(add("ada@example.org", "--organisation", "press", "--json"))["password"] is None
    assert Membership.objects.get().user == user


def test_a_password_from_the_environment_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.organisation("press", "Press")
    monkeypatch.setenv("MEMBER_PASSWORD", "correct horse battery")
    assert "correct horse" not in add("ada@example.org", "--organisation", "press")
    assert User.objects.get().check_password("correct horse battery")


def test_a_second_call_changes_the_role_and_leaves_the_password() -> None:
    factories.organisation("press", "Press")
    add("ada@example.org", "--organisation", "press", "--role", "viewer")
    before = User.objects.get().password
    add("ada@example.org", "--organisation", "press", "--role", "owner")
    assert User.objects.get().password == before
    assert Membership.objects.get().role == "owner"


def test_an_organisation_keeps_an_owner() -> None:
    factories.organisation("press", "Press")
    add("ada@example.org", "--organisation", "press")
    with pytest.raises(CommandError, match="owner"):
        add("ada@example.org", "--organisation", "press", "--role", "viewer")


@pytest.mark.parametrize("arguments", [("nonsense", "press"), ("ada@example.org", "none")])
def test_wrong_arguments_are_named(arguments: tuple[str, str]) -> None:
    factories.organisation("press", "Press")
    with pytest.raises(CommandError, match=arguments[0] if arguments[0] == "nonsense" else "none"):
        add(arguments[0], "--organisation", arguments[1])
    assert not User.objects.exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.organisation("press", "Press")
    monkeypatch.setenv("MEMBER_PASSWORD", "short")
    with pytest.raises(CommandError, match="MEMBER_PASSWORD"):
        add("ada@example.org", "--organisation", "press")
