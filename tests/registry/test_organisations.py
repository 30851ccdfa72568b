"""Organisations, their members, and the datasets that are theirs alone."""

import json
from typing import Any

import pytest

from registry.actors import Actor, of_user, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Dataset, Entry, Membership, Organisation, Release, User
from registry.services import datasets, organisations
from tests import factories

pytestmark = pytest.mark.django_db


def person(name: str) -> User:
    return User.objects.create_user(username=name)


@pytest.fixture
def owner() -> Actor:
    """A person who made an organisation."""
    user = person("ada")
    organisations.create(slug="press", name="Press", actor=of_user(user))
    return of_user(user)


def logged(kind: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(entry.leaf)) for entry in Entry.objects.filter(kind=kind).order_by("id")]


def test_who_makes_an_organisation_owns_it_and_both_are_logged(owner: Actor) -> None:
    assert owner.organisation is not None
    assert (owner.organisation.slug, owner.role) == ("press", "owner")
    [made] = logged("organisation.created")
    assert (made["facts"]["slug"], made["organisation"]) == ("press", "press")
    [member] = logged("organisation.member_set")
    assert owner.user is not None
    assert member["facts"] == {"member": f"user:{owner.user.pk}", "role": "owner"}


def test_the_system_gets_the_organisation_that_is_there_and_a_person_is_told_that_it_is_taken(owner: Actor) -> None:
    assert organisations.create(slug="press", name="Other", actor=system("tests")) == owner.organisation
    with pytest.raises(Conflict, match="already"):
        organisations.create(slug="press", name="Other", actor=of_user(person("eve")))
    assert Organisation.objects.get(slug="press").name == "Press"
    assert not Membership.objects.filter(user__username="eve").exists()


def test_every_fault_of_an_organisation_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        organisations.create(slug="a b", name=" ", kind="club", country="England", actor=system("tests"))
    assert {fault["pointer"] for fault in caught.value.errors} == {"/slug", "/name", "/kind", "/country"}
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("name", ["Press\u202egnihsilbuP", "Press\r\nBcc: all@example.org", "\u2066Press"])
def test_a_name_that_would_deceive_the_eye_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        organisations.create(slug="press", name=name, actor=system("tests"))
    assert [fault["pointer"] for fault in caught.value.errors] == ["/name"]


def test_an_owner_gives_roles_and_changes_them(owner: Actor) -> None:
    assert owner.organisation is not None
    editor = person("bob")
    organisations.add_member(organisation=owner.organisation, user=editor, role="viewer", actor=owner)
    organisations.add_member(organisation=owner.organisation, user=editor, role="editor", actor=owner)
    assert of_user(editor).role == "editor"
    assert [entry["facts"]["role"] for entry in logged("organisation.member_set")] == ["owner", "viewer", "editor"]


@pytest.mark.parametrize("role", ["editor", "viewer", None])
def test_only_an_owner_gives_roles(owner: Actor, role: str | None) -> None:
    assert owner.organisation is not None
    user = person("bob")
    if role:
        organisations.add_member(organisation=owner.organisation, user=user, role=role, actor=owner)
    with pytest.raises(NotAllowed):
        organisations.add_member(organisation=owner.organisation, user=user, role="owner", actor=of_user(user))


def test_an_owner_of_one_organisation_gives_no_roles_in_another(owner: Actor) -> None:
    with pytest.raises(NotAllowed):
        organisations.add_member(organisation=factories.organisation(), user=person("bob"), role="owner", actor=owner)


def test_an_organisation_keeps_an_owner(owner: Actor) -> None:
    assert owner.organisation is not None
    assert owner.user is not None
    with pytest.raises(Conflict, match="keeps an owner"):
        organisations.add_member(organisation=owner.organisation, user=owner.user, role="viewer", actor=owner)
    organisations.add_member(organisation=owner.organisation, user=person("bob"), role="owner", actor=owner)
    organisations.add_member(organisation=owner.organisation, user=owner.user, role="viewer", actor=owner)
    assert of_user(owner.user).role == "viewer"


def test_a_role_that_does_not_exist_is_refused(owner: Actor) -> None:
    assert owner.organisation is not None
    with pytest.raises(InvalidInput, match="'king' is not one of owner, editor, viewer"):
        organisations.add_member(organisation=owner.organisation, user=person("bob"), role="king", actor=owner)


def test_a_private_dataset_is_made_once_a_name_and_belongs_to_one_organisation() -> None:
    first, second = factories.actor(), factories.actor()
    mine = datasets.create_private(name=" Corpus ", actor=first)
    assert datasets.create_private(name="Corpus", actor=first) == mine
    theirs = datasets.create_private(name="Corpus", actor=second)
    assert (mine.visibility, mine.organisation) == ("private", first.organisation)
    assert mine.slug != theirs.slug
    assert len(logged("dataset.created")) == 2


def test_a_private_datasets_slug_neither_takes_a_public_one_nor_tells_that_it_is_taken() -> None:
    actor = factories.actor()
    first = datasets.create_private(name="The Pile", actor=actor)
    assert first.slug.startswith("the-pile-")
    assert Dataset.objects.create(slug="the-pile", name="The Pile").visibility == "public"
    assert datasets.create_private(name="红楼梦语料", actor=actor).slug.startswith("dataset-")


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "nul\0"])
def test_a_dataset_needs_a_name_that_can_be_stored(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        datasets.create_private(name=name, actor=factories.actor())
    assert [fault["pointer"] for fault in caught.value.errors] == ["/name"]


def test_a_release_is_added_once_and_logged() -> None:
    actor = factories.actor()
    dataset = datasets.create_private(name="Corpus", actor=actor)
    release = datasets.add_release(dataset=dataset, version="1", released_on="2026-01", actor=actor)
    with pytest.raises(Conflict, match="has a release 1 already"):
        datasets.add_release(dataset=dataset, version="1", actor=actor)
    [entry] = logged("release.added")
    assert entry["facts"] == {"dataset": dataset.public_id, "version": "1", "released_on": "2026-01"}
    assert Release.objects.get() == release


def test_a_release_of_somebody_elses_or_of_a_public_dataset_is_not_added() -> None:
    dataset = datasets.create_private(name="Corpus", actor=factories.actor())
    public = Dataset.objects.create(slug="books3", name="Books3")
    for target in (dataset, public):
        with pytest.raises(NotAllowed):
            datasets.add_release(dataset=target, version="1", actor=factories.actor())
    with pytest.raises(NotAllowed):
        datasets.add_release(dataset=public, version="1", actor=system("tests"))


def test_a_releases_version_and_date_are_checked() -> None:
    actor = factories.actor()
    dataset = datasets.create_private(name="Corpus", actor=actor)
    with pytest.raises(InvalidInput) as caught:
        datasets.add_release(dataset=dataset, version=" ", released_on="2026-02-30", actor=actor)
    assert {fault["pointer"] for fault in caught.value.errors} == {"/version", "/released_on"}
