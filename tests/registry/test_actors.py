"""Actors: in whose name something is written, and what that permits."""

import pytest

from registry.actors import ANONYMOUS, Actor, of_user, system
from registry.errors import NotAllowed
from registry.models import Membership, User
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "writes"), [("owner", True), ("editor", True), ("viewer", False), (None, False)])
def test_owners_and_editors_write(role: str | None, writes: bool) -> None:
    organisation = factories.organisation()
    actor = Actor(name="user:1", organisation=organisation, role=role)
    assert actor.may_write is writes
    if writes:
        assert actor.require_writer() == organisation
    else:
        with pytest.raises(NotAllowed):
            actor.require_writer()


def test_who_belongs_nowhere_writes_nowhere() -> None:
    user = User.objects.create_user(username="ada")
    for actor in (ANONYMOUS, of_user(user), system("tests")):
        assert actor.organisation is None
        with pytest.raises(NotAllowed):
            actor.require_writer()


def test_a_person_acts_for_the_organisation_they_joined_first_unless_another_is_named() -> None:
    user = User.objects.create_user(username="ada")
    first, second, third = (factories.organisation() for _ in range(3))
    for organisation, role in ((first, "viewer"), (second, "owner")):
        Membership.objects.create(user=user, organisation=organisation, role=role)
    assert (of_user(user).organisation, of_user(user).role) == (first, "viewer")
    assert (of_user(user, second).organisation, of_user(user, second).role) == (second, "owner")
    assert of_user(user, third).organisation is None


def test_an_actors_name_holds_no_personal_data() -> None:
    user = User.objects.create_user(username="ada@example.org", email="ada@example.org", first_name="Ada")
    assert of_user(user).name == f"user:{user.pk}"
    assert system("catalogue").name == "system:catalogue"
