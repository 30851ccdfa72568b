"""Access: what a caller may not see does not exist, in lists as in single objects."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from registry import access, jobs
from registry.actors import ANONYMOUS, Actor, of_user
from registry.errors import NotFound
from registry.models import AIModel, Dataset, Entry, Job, Organisation, Party, Token, User, Work
from registry.services import datasets, organisations, tokens, works
from tests import factories

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """One of everything that belongs to `owner`'s organisation."""

    owner: Actor
    colleague: Actor
    stranger: Actor
    dataset: Dataset
    work: Work
    job: Job
    token: Token


def person(name: str, organisation: Organisation | None = None, role: str = "owner") -> Actor:
    user = User.objects.create_user(username=name)
    if organisation is None:
        organisation = organisations.create(slug=name, name=name, actor=of_user(user))
    else:
        organisation.memberships.create(user=user, role=role)
    return of_user(user)


@pytest.fixture
def world() -> World:
    owner = person("ada")
    assert owner.organisation is not None
    dataset = datasets.create_private(name="Secret corpus", actor=owner)
    datasets.add_release(dataset=dataset, version="1", actor=owner)
    work = factories.work("Withdrawn", by=owner)
    works.withdraw(work=work, reason="", actor=owner)
    job = jobs.enqueue("search_repair", organisation=owner.organisation)
    token, _ = tokens.create(organisation=owner.organisation, name="CI", scopes=["read"], actor=owner)
    return World(owner, person("carl", owner.organisation, "viewer"), person("eve"), dataset, work, job, token)


SINGLE: dict[str, Callable[[Actor, World], Any]] = {
    "work": lambda actor, world: access.work(actor, world.work.public_id),
    "dataset": lambda actor, world: access.dataset(actor, world.dataset.slug),
    "job": lambda actor, world: access.job(actor, world.job.public_id),
    "token": lambda actor, world: access.token(actor, world.token.public_id),
}
LISTS: dict[str, Callable[[Actor], Any]] = {
    "works": access.works,
    "datasets": access.datasets,
    "releases": access.releases,
    "jobs": access.jobs,
    "entries": access.entries,
    "tokens": access.tokens,
}


@pytest.mark.parametrize("noun", SINGLE)
def test_what_belongs_to_others_is_not_found_and_the_answer_is_that_of_what_is_not_there(
    world: World, noun: str
) -> None:
    fetch = SINGLE[noun]
    assert fetch(world.owner, world) == getattr(world, noun)
    for nobody in (world.stranger, ANONYMOUS):
        with pytest.raises(NotFound) as caught:
            fetch(nobody, world)
        refused = caught.value.sentence
        getattr(world, noun).delete()
        with pytest.raises(NotFound) as caught:
            fetch(nobody, world)
        assert caught.value.sentence == refused
        return


@pytest.mark.parametrize("noun", LISTS)
def test_lists_hold_nothing_of_others(world: World, noun: str) -> None:
    rows = LISTS[noun]
    assert rows(world.owner).exists()
    own_of_stranger = Entry.objects.filter(organisation_slug="eve") if noun == "entries" else []
    assert set(rows(world.stranger)) == set(own_of_stranger)
    assert not rows(ANONYMOUS).exists()


@pytest.mark.parametrize("noun", ["works", "datasets", "releases", "jobs", "entries"])
def test_a_colleague_of_any_role_sees_what_the_organisation_has(world: World, noun: str) -> None:
    assert set(LISTS[noun](world.colleague)) == set(LISTS[noun](world.owner))


def test_tokens_are_a_persons_own(world: World) -> None:
    assert not access.tokens(world.colleague).exists()
    with pytest.raises(NotFound):
        access.token(world.colleague, world.token.public_id)


def test_registered_works_and_public_datasets_are_seen_by_everybody(world: World) -> None:
    work = factories.work("Emma")
    public = Dataset.objects.create(slug="books3", name="Books3")
    model = AIModel.objects.create(slug="m", name="M", developer=Party.objects.create(name="D"))
    assert access.work(ANONYMOUS, work.public_id) == work
    assert access.dataset(ANONYMOUS, "books3") == public
    assert access.ai_model(ANONYMOUS, "m") == model
    with pytest.raises(NotFound):
        access.ai_model(ANONYMOUS, "n")


def test_who_belongs_to_no_organisation_is_told_so() -> None:
    with pytest.raises(NotFound, match="do not belong"):
        access.organisation(ANONYMOUS)
    actor = factories.actor()
    assert access.organisation(actor) == actor.organisation


@pytest.mark.parametrize("public_id", ["", "nothing", "a\0b", "\ud800", "x" * 10_000, "' OR 1=1 --"])
def test_an_address_that_names_nothing_is_not_found_whatever_is_in_it(world: World, public_id: str) -> None:
    for fetch in (access.work, access.dataset, access.ai_model, access.job, access.token):
        with pytest.raises(NotFound):
            fetch(world.owner, public_id)
