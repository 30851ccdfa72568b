"""Cursors: opaque, bounded, stable while rows are added."""

import pytest

from registry.models import Item
from registry.services import datasets
from tests import factories
from tests.registry.api import clients

pytestmark = pytest.mark.django_db


@pytest.fixture
def press():
    return factories.actor()


def titles(answer):
    return [row["title"] for row in answer.json()["results"]]


def test_pages_show_every_row_once_though_rows_are_added_between_them(press):
    for number in range(7):
        factories.work(f"Volume {number}", by=press)
    client = clients.nobody()
    page = client.get("/api/v1/works?limit=3")
    seen = titles(page)
    factories.work("Volume 7, added while somebody reads", by=press)
    while page.json()["next"]:
        page = client.get(page.json()["next"])
        seen += titles(page)
    assert seen == [f"Volume {number}" for number in range(6, -1, -1)]


def test_previous_leads_back(press):
    for number in range(4):
        factories.work(f"Volume {number}", by=press)
    client = clients.nobody()
    first = client.get("/api/v1/works?limit=2").json()
    second = client.get(first["next"]).json()
    assert first["previous"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_a_page_has_at_most_two_hundred_rows_and_fifty_by_default(press):
    dataset = datasets.create_private(name="Many", actor=press)
    release = datasets.add_release(dataset=dataset, version="1", actor=press)
    facts = {"release": release, "sha256": "0" * 64, "chars": 1, "words": 1, "letters": 1}
    Item.objects.bulk_create(Item(name=f"{n}.txt", position=n, **facts) for n in reversed(range(205)))
    client = clients.caller(clients.member(press.organisation))
    address = f"/api/v1/releases/{release.public_id}/items"
    assert len(client.get(address).json()["results"]) == 50
    page = client.get(f"{address}?limit=200").json()
    assert [row["position"] for row in page["results"]] == list(range(200))
    assert [row["position"] for row in client.get(page["next"]).json()["results"]] == list(range(200, 205))


def test_a_filter_stays_in_force_on_the_next_page(press):
    for number in range(3):
        factories.work(f"Poem {number}", by=press, kind="poem")
        factories.work(f"Play {number}", by=press, kind="play")
    client = clients.nobody()
    page = client.get("/api/v1/works?kind=poem&limit=2").json()
    assert titles(client.get(page["next"])) == ["Poem 0"]


@pytest.mark.parametrize("size", [2, 12])
def test_a_list_of_works_takes_as_many_queries_for_two_as_for_twelve(press, size, django_assert_max_num_queries):
    for number in range(size):
        factories.work(
            f"Volume {number}",
            [f"Author {number}", f"Editor {number}"],
            by=press,
            identifiers=[("doi", f"10.1000/{number}")],
        )
    with django_assert_max_num_queries(6):  # one of them counts the request
        assert len(clients.nobody().get("/api/v1/works").json()["results"]) == size
