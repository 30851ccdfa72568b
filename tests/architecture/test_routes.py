"""Every address × (nobody, a member of another organisation, a member): a new route fails until it is listed."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from registry.models import Token, User
from tests.architecture.routes import EXPECTED, OF_THE_REGISTRANT, PRIVATE_LISTS, every_route
from tests.browser.world import World, arguments, build
from tests.kept import Kept, kept

POSTS = ("job-cancel", "check-cancel", "check-resume", "report-request", "token-revoke", "token-create")
GUESSES = ("0000000000zz", "x", "12345")


@pytest.fixture(scope="module")
def kept_world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Kept[World]]:
    with kept(partial(build, with_bundle=True), tmp_path_factory.mktemp("world"), django_db_blocker) as world:
        yield world


@pytest.fixture
def world(db: None, kept_world: Kept[World], settings: Any, tmp_path: Path) -> World:
    return kept_world.copy(settings, tmp_path)


def client_of(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def signed_in_as(client: Client) -> Client:
    """A client of its own with the same person signed in."""
    other = Client(raise_request_exception=False)
    other.cookies.load({name: morsel.value for name, morsel in client.cookies.items()})
    return other


def get(name: str, address: str, user: User | None, client: Client) -> int:
    answer = signed_in_as(client).get(address, follow=name == "work")
    if name == "account" and user is None:
        assert answer.headers["Location"] == reverse("login")
    if isinstance(answer, StreamingHttpResponse):
        assert b"".join(answer)
    return answer.status_code


def test_every_route_is_listed_and_nothing_else() -> None:
    assert {route.name for route in every_route()} == set(EXPECTED)


def test_everybody_gets_what_the_list_says(world: World) -> None:
    wrong = {}
    clients = {user: client_of(user) for user in (None, world.rival, world.press, world.lab)}
    for name, expected in EXPECTED.items():
        address = "/api/v1/nothing" if name == "api/" else reverse(name, kwargs=arguments(world, name))
        member = world.press if name in OF_THE_REGISTRANT else world.lab
        given = tuple(get(name, address, user, clients[user]) for user in (None, world.rival, member))
        if given != expected:
            wrong[name] = given
    assert wrong == {}


@pytest.mark.parametrize("name", PRIVATE_LISTS)
def test_lists_of_the_api_show_nothing_of_others(world: World, name: str) -> None:
    counts = [len(client_of(user).get(reverse(name)).json()["results"]) for user in (None, world.rival, world.lab)]
    assert counts[:2] == [0, 0]
    assert counts[2] >= 1


@pytest.mark.parametrize("name", [name for name in POSTS if name != "token-create"])
def test_a_stranger_cannot_post_to_what_is_not_theirs(world: World, name: str) -> None:
    address = reverse(name, kwargs=arguments(world, name))
    assert client_of(world.rival).post(address).status_code == 404
    assert client_of(None).post(address).status_code == 302
    assert Token.objects.get(pk=world.token.pk).revoked_at is None


@pytest.mark.parametrize("guess", GUESSES)
def test_what_does_not_exist_answers_as_what_is_hidden(world: World, guess: str) -> None:
    for name in ("check", "clearance", "verdict", "match", "report", "job", "text-withdraw"):
        hidden = client_of(world.rival).get(reverse(name, kwargs=arguments(world, name)))
        missing = client_of(world.rival).get(reverse(name, args=[guess]))
        assert (hidden.status_code, missing.status_code) == (404, 404), name


def test_pages_of_lists_name_nothing_of_others(world: World) -> None:
    stranger = client_of(world.rival)
    for name in ("checks", "jobs", "reports", "datasets"):
        page = stranger.get(reverse(name)).content.decode()
        assert world.dataset.slug not in page, name
        assert world.scan.public_id not in page, name
        assert world.report.public_id not in page, name


def test_a_grant_is_shown_to_its_two_sides_only(world: World) -> None:
    address = reverse("work", args=[world.scene.licensed.public_id])
    grant = world.scene.grant.public_id
    shown = [grant in client_of(user).get(address, follow=True).content.decode() for user in _everybody(world)]
    assert shown == [False, False, True, True]


def _everybody(world: World) -> list[User | None]:
    return [None, world.rival, world.lab, world.press]


def test_a_viewer_cannot_write(world: World) -> None:
    world.lab.memberships.update(role="viewer")
    viewer = client_of(world.lab)
    assert viewer.get(reverse("check-new")).status_code == 403
    assert viewer.get(reverse("register")).status_code == 403
    assert viewer.post(reverse("job-cancel", args=[world.job.public_id])).status_code == 403
    bundle = reverse("report-request", args=[world.scene.clearance.public_id])
    assert viewer.post(bundle, {"language": "en"}).status_code == 403


def test_somebody_without_an_organisation_is_told_so(world: World) -> None:
    loner = User.objects.create_user(username="loner@example.org", password="x")
    assert client_of(loner).get(reverse("checks")).status_code == 403
    assert client_of(loner).get(reverse("account")).status_code == 200


def test_the_administration_is_for_staff(world: World) -> None:
    for user in (None, world.lab):
        assert client_of(user).get("/admin/").status_code == 302
