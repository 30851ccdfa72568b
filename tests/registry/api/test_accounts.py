"""`/api/v1/account` says who asks; `/api/v1/organisations` which organisations they belong to."""

import pytest
from rest_framework.test import APIClient

from registry.models import Membership
from tests import factories
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


def test_a_token_learns_its_person_organisation_role_and_scopes() -> None:
    person = clients.member(factories.organisation("press", "Press"), role="editor")
    said = clients.caller(person, "works", "read").get("/api/v1/account").json()
    assert said == {
        "user": {"id": f"user:{person.user.pk}", "username": person.user.username, "email": ""},
        "organisation": {"slug": "press", "name": "Press"},
        "role": "editor",
        "scopes": ["read", "works"],
    }


def test_nobody_is_nobody() -> None:
    said = clients.nobody().get("/api/v1/account")
    assert (said.status_code, said.json()) == (200, {"user": None, "organisation": None, "role": None, "scopes": []})


def test_a_wrong_token_is_refused_and_not_nobody() -> None:
    assert clients.bearer("col_nonsense").get("/api/v1/account").status_code == 401


def test_a_session_has_no_scopes_of_its_own_and_acts_for_the_organisation_chosen_in_it() -> None:
    person = clients.member(factories.organisation("first", "First"))
    second = factories.organisation("second", "Second")
    Membership.objects.create(user=person.user, organisation=second, role="viewer")
    client = APIClient()
    client.force_login(person.user)
    assert client.get("/api/v1/account").json()["organisation"]["slug"] == "first"
    session = client.session
    session["organisation"] = second.public_id
    session.save()
    said = client.get("/api/v1/account").json()
    assert (said["organisation"]["slug"], said["role"], said["scopes"]) == ("second", "viewer", None)


def test_own_organisations_are_listed_and_no_others() -> None:
    person = clients.member(factories.organisation("first", "First"))
    second = factories.organisation("second", "Second")
    Membership.objects.create(user=person.user, organisation=second, role="viewer")
    clients.member(factories.organisation("elsewhere", "Elsewhere"))
    client = APIClient()
    client.force_login(person.user)
    rows = client.get("/api/v1/organisations").json()["results"]
    assert [(row["slug"], row["role"]) for row in rows] == [("second", "viewer"), ("first", "owner")]
    assert clients.nobody().get("/api/v1/organisations").json()["results"] == []


def test_a_token_knows_no_other_organisation_of_its_person() -> None:
    person = clients.member(factories.organisation("first", "First"))
    Membership.objects.create(user=person.user, organisation=factories.organisation("second", "Second"), role="owner")
    rows = clients.caller(person, "organisation").get("/api/v1/organisations").json()["results"]
    assert [row["slug"] for row in rows] == ["first"]
    assert clients.caller(person, "works").get("/api/v1/organisations").status_code == 403
