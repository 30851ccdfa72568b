"""Works, datasets, models and claims as the API shows them."""

import pytest

from registry.models import (
    AIModel,
    Component,
    Dataset,
    DatasetFigure,
    Party,
    ProvenanceClaim,
    Release,
    Source,
)
from registry.services import datasets, works
from tests import factories
from tests.registry.api import clients

pytestmark = pytest.mark.django_db

EMMA = {
    "title": "Emma",
    "authors": [{"name": "Jane Austen", "born": "1775-12-16", "died": "1817"}],
    "language": "en",
    "first_published": "1815",
    "country": "GB",
    "record_reference": "E-1",
    "identifiers": [{"scheme": "isbn", "value": "978-0-14-143958-7"}],
    "editions": [
        {
            "published": "2003",
            "publisher": "Penguin",
            "translation": True,
            "translator": {"name": "Somebody", "role": "translator"},
            "identifiers": [{"scheme": "isbn", "value": "0141439580"}],
        }
    ],
}


def test_a_registered_work_is_found_at_its_location():
    person = clients.member()
    client = clients.caller(person)
    answer = client.post("/api/v1/works", EMMA)
    assert answer.status_code == 201
    body = answer.json()
    assert answer["Location"] == f"/api/v1/works/{body['id']}"
    assert client.get(answer["Location"]).json() == body
    assert body["authors"] == [{"name": "Jane Austen", "born": "1775-12-16", "died": "1817", "role": "author"}]
    assert body["identifiers"] == [{"scheme": "isbn", "value": "9780141439587"}]
    assert body["editions"][0]["publisher"] == "Penguin"
    assert body["withdrawn"] is False


@pytest.mark.parametrize("spelling", ["9780141439587", "978-0-14-143958-7", "0-14-143958-0"])
def test_a_work_is_found_by_any_spelling_of_its_identifier(spelling):
    client = clients.caller()
    made = client.post("/api/v1/works", EMMA).json()
    factories.work("Another")
    found = client.get("/api/v1/works", {"identifier": spelling}).json()["results"]
    assert [row["id"] for row in found] == [made["id"]]


def test_works_are_filtered_by_who_registered_them():
    press = clients.member()
    factories.work("Ours", by=press)
    factories.work("Theirs")
    found = clients.nobody().get("/api/v1/works", {"registered_by": press.organisation.slug, "demo": "false"})
    assert [row["title"] for row in found.json()["results"]] == ["Ours"]


def test_a_withdrawn_work_is_seen_only_by_who_registered_it():
    press = factories.actor()
    work = factories.work("Taken back", by=press)
    works.withdraw(work=work, reason="a mistake", actor=press)
    address = f"/api/v1/works/{work.public_id}"
    for client in (clients.nobody(), clients.stranger()):
        assert client.get(address).status_code == 404
        assert client.get("/api/v1/works").json()["results"] == []
    owner = clients.caller(clients.member(press.organisation))
    assert owner.get(address).json()["withdrawn"] is True


@pytest.fixture
def corpus():
    """A public dataset with a figure, a public and a private component, and claims about both."""
    source = Source.objects.create(key="paper", title="A paper", address="https://example.org/paper")
    dataset = Dataset.objects.create(slug="corpus", name="Corpus")
    DatasetFigure.objects.create(dataset=dataset, name="books", value="196640", unit="books", source=source)
    release = Release.objects.create(dataset=dataset, version="1", released_on="2020-12")
    lab = factories.actor()
    private = datasets.create_private(name="Secret part", actor=lab)
    for part in (Dataset.objects.create(slug="books", name="Books"), private):
        Component.objects.create(release=release, dataset=part, raw_gib="100.5")
    model = AIModel.objects.create(slug="model-1", name="Model", developer=Party.objects.create(name="Maker"))
    for number, part in enumerate((dataset, private)):
        claim = ProvenanceClaim.objects.create(
            key=f"claim-{number}", subject_model=model, relation="trained_on", object_dataset=part, status="reported"
        )
        claim.sources.add(source)
    return lab


def test_a_dataset_shows_figures_with_their_sources_and_the_components_one_may_see(corpus):
    body = clients.nobody().get("/api/v1/datasets/corpus").json()
    assert body["figures"] == [
        {"name": "books", "value": "196640.00", "unit": "books", "source": "https://example.org/paper", "note": ""}
    ]
    assert body["releases"][0]["released_on"] == "2020-12"
    assert [row["dataset"] for row in body["components"]] == ["books"]
    owner = clients.caller(clients.member(corpus.organisation))
    assert len(owner.get("/api/v1/datasets/corpus").json()["components"]) == 2


def test_a_private_dataset_and_its_items_do_not_exist_for_others(corpus):
    private = Dataset.objects.get(name="Secret part")
    release = datasets.add_release(dataset=private, version="1", actor=corpus)
    addresses = [f"/api/v1/datasets/{private.slug}", f"/api/v1/releases/{release.public_id}/items"]
    for client in (clients.nobody(), clients.stranger()):
        assert [client.get(address).status_code for address in addresses] == [404, 404]
        listed = client.get("/api/v1/datasets").json()["results"]
        assert {row["slug"] for row in listed} == {"corpus", "books"}
    owner = clients.caller(clients.member(corpus.organisation))
    assert [owner.get(address).status_code for address in addresses] == [200, 200]
    assert len(owner.get("/api/v1/datasets?visibility=private").json()["results"]) == 1


def test_claims_about_a_private_dataset_are_not_told_to_others(corpus):
    shown = clients.nobody().get("/api/v1/claims").json()["results"]
    assert [(row["subject"], row["relation"], row["object"]) for row in shown] == [("model-1", "trained_on", "corpus")]
    assert shown[0]["sources"][0]["address"] == "https://example.org/paper"
    owner = clients.caller(clients.member(corpus.organisation))
    assert len(owner.get("/api/v1/claims?status=reported&model=model-1").json()["results"]) == 2


def test_a_model_is_found_by_its_slug(corpus):
    client = clients.nobody()
    assert client.get("/api/v1/models").json()["results"] == [client.get("/api/v1/models/model-1").json()]
    assert client.get("/api/v1/models/no-such").status_code == 404


@pytest.mark.parametrize("size", [1, 6])
def test_datasets_and_claims_take_a_fixed_number_of_queries(corpus, size, django_assert_max_num_queries):
    source = Source.objects.get()
    for number in range(size):
        dataset = Dataset.objects.create(slug=f"d{number}", name=f"D{number}")
        DatasetFigure.objects.create(dataset=dataset, name="books", value="1", unit="books", source=source)
        release = Release.objects.create(dataset=dataset, version="1")
        Component.objects.create(release=release, dataset=Dataset.objects.get(slug="books"))
    client = clients.nobody()
    with django_assert_max_num_queries(7):  # one of them counts the request
        assert client.get("/api/v1/datasets").status_code == 200
    with django_assert_max_num_queries(3):
        assert client.get("/api/v1/claims").status_code == 200
