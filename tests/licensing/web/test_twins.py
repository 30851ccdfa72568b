"""Twins: every page's address answers in JSON-LD too, says only what is public, and says what is lost."""

import json
from pathlib import Path
from typing import Any

import mlcroissant  # type: ignore[import-untyped]
import pytest
import rdflib
from django.test import Client

from licensing.models import Offer, OpenLicence, Reservation
from licensing.services import grants
from licensing.services.assertions import Scope
from licensing.web import twins
from registry.models import AIModel, Dataset, Edition, Identifier, Party, ProvenanceClaim, RightsClaim, Work
from tests.browser.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),  # rdflib by itself
]
ODRL = rdflib.Namespace("http://www.w3.org/ns/odrl/2/")


def read(client: Client, address: str, **headers: str) -> dict[str, Any]:
    answer = client.get(address, headers=headers, follow=True)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/ld+json"
    said: dict[str, Any] = json.loads(answer.content)
    return said


def graph_of(said: dict[str, Any]) -> rdflib.Graph:
    return rdflib.Graph().parse(data=json.dumps(said), format="json-ld")


def test_one_address_answers_as_page_and_as_json_ld(client: Client, world: World) -> None:
    work = world.scene.licensed
    page = client.get(f"/works/{work.public_id}", follow=True)
    assert page["Content-Type"].startswith("text/html")
    assert "Accept" in page["Vary"]
    twin = page["Link"].partition(">")[0].strip("<")
    assert 'rel="alternate"; type="application/ld+json"' in page["Link"]
    by_suffix = read(client, twin)
    by_header = read(client, f"/works/{work.public_id}", Accept="application/ld+json, text/html;q=0.5")
    by_parameter = read(client, f"/works/{work.public_id}?format=jsonld")
    assert by_suffix == by_header == by_parameter
    assert by_suffix["@id"].endswith(twin.removesuffix(".jsonld"))


@pytest.mark.parametrize(
    ("accept", "is_twin"),
    [
        ("", False),
        ("*/*", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/ld+json", True),
        ("application/json", True),
        ("application/ld+json;q=0.4, text/html;q=0.9", False),
        ("text/html;q=0, application/ld+json", True),
        ("nonsense;;;q=x,,/", False),
        ("application/ld+json;q=0", False),
    ],
)
def test_the_liked_form_is_served(rf: Any, accept: str, is_twin: bool) -> None:
    assert twins.is_asked(rf.get("/works/x", headers={"Accept": accept})) is is_twin


def test_a_reader_who_has_it_is_told_so(client: Client, world: World) -> None:
    address = f"/datasets/{world.public_dataset.slug}.jsonld"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    Dataset.objects.filter(pk=world.public_dataset.pk).update(description="Other words.")
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_a_work_is_a_book_with_editions_people_and_identifiers(client: Client, world: World) -> None:
    work = world.scene.licensed
    person = work.contributions.first()
    assert person is not None
    Party.objects.filter(pk=person.party_id).update(isni="0000000121032683")
    edition = Edition.objects.create(work=work, published="1999", publisher="Example House", language="en")
    Identifier.objects.create(work=work, edition=edition, scheme="isbn", value="9780306406157")
    said = read(client, f"/works/{work.public_id}.jsonld")
    assert said["@type"] == "Book"
    assert said["author"][0]["sameAs"] == ["https://isni.org/isni/0000000121032683"]
    example = next(one for one in said["workExample"] if one.get("isbn") == "9780306406157")
    assert example["publisher"]["name"] == "Example House"
    assert example["exampleOfWork"]["@id"] == said["@id"]
    graph = graph_of(said)
    assert (rdflib.URIRef(said["@id"]), rdflib.RDF.type, rdflib.URIRef("https://schema.org/Book")) in graph


def test_reservations_and_offers_are_policies_and_grants_are_not(client: Client, world: World) -> None:
    work = world.scene.licensed
    lab = world.scan.organisation
    grants.issue(work=work, licensee=lab, scope=Scope(uses=["pretraining"]), actor=world.scene.press)
    said = read(client, f"/works/{work.public_id}.jsonld")
    graph = graph_of(said)
    offers = list(graph.subjects(rdflib.RDF.type, ODRL.Offer))
    assert len(offers) == Offer.objects.filter(work=work, withdrawn_at=None).count() >= 1
    assert list(graph.objects(offers[0], ODRL.profile)) == [rdflib.URIRef("http://www.w3.org/ns/tdmrep")]
    prohibiting = set(graph.subjects(ODRL.prohibition))
    assert len(prohibiting) == Reservation.objects.filter(work=work, withdrawn_at=None).count() >= 1
    assert lab.name not in json.dumps(said)
    assert any("in words" in sentence for sentence in said["loss"])


def test_the_terms_of_an_offer_stand_in_the_twin_and_what_odrl_cannot_say_of_them_in_its_loss(
    client: Client, world: World
) -> None:
    work = world.scene.licensed
    terms = {"uses": ["pretraining"], "fee": {"model": "per_work", "amount": "9", "currency": "EUR"}, "audit": True}
    Offer.objects.filter(work=work).update(agreed_terms=terms, at_most=2)
    said = read(client, f"/works/{work.public_id}.jsonld")
    offers = [policy for policy in said["hasPolicy"] if policy["@type"] == "odrl:Offer"]
    assert offers
    assert all(policy["colophon:terms"]["@value"] == terms for policy in offers)
    assert "compensate" in json.dumps(offers[0]["odrl:permission"])
    assert any("audit stand" in sentence for sentence in said["loss"])
    assert any("2 may accept it" in sentence for sentence in said["loss"])


def test_an_open_licence_says_its_conditions(client: Client, world: World) -> None:
    work = world.scene.chinese
    OpenLicence.objects.filter(work=work).update(licence="CC-BY-NC-4.0")
    [policy] = read(client, f"/works/{work.public_id}.jsonld")["hasPolicy"]
    assert policy["dct:license"] == "CC-BY-NC-4.0"
    assert policy["odrl:prohibition"][0]["odrl:action"] == {"@id": "cc:CommericalUse"}
    assert policy["odrl:permission"][0]["odrl:duty"] == [{"odrl:action": {"@id": "odrl:attribute"}}]


def test_a_dataset_is_croissant_that_mlcroissant_takes(client: Client, world: World, tmp_path: Path) -> None:
    dataset = world.public_dataset
    dataset.creators, dataset.languages = ["Example Lab"], ["English"]
    dataset.licences = [
        {"name": "CC BY 4.0", "kind": "licence", "address": "https://example.org/by"},
        {"name": "OpenAI", "kind": "terms", "provider": "OpenAI", "address": ""},
        {"name": "Unspecified", "kind": "unstated", "address": ""},
    ]
    dataset.said = {"keywords": ["letters"], "rai": {"dataCollection": ["by hand"], "dataBiases": ["old books"]}}
    dataset.save()
    said = read(client, f"/datasets/{dataset.slug}.jsonld")
    path = tmp_path / "metadata.json"
    path.write_text(json.dumps(said), encoding="utf-8")
    metadata = mlcroissant.Dataset(path).metadata
    assert metadata.name == "The Heap"
    assert not metadata.ctx.issues.errors
    assert said["license"] == ["https://example.org/by"]
    assert said["usageInfo"][0]["odrl:assigner"]["https://schema.org/name"] == "OpenAI"
    assert any("OpenAI bind who accepted" in sentence or "Terms of providers" in sentence for sentence in said["loss"])


def test_what_croissant_asks_for_and_nobody_recorded_is_listed_and_not_invented(client: Client, world: World) -> None:
    said = read(client, "/datasets/part-of-heap.jsonld")
    assert "creator" not in said
    assert {"creator is required by Croissant and not recorded here.",
            "datePublished is required by Croissant and not recorded here."} <= set(said["loss"])  # fmt: skip


def test_an_allegation_is_never_stated_as_provenance(client: Client, world: World) -> None:
    lab = Party.objects.create(name="Maker", kind="organisation")
    other = AIModel.objects.create(slug="other", name="Other model", developer=lab)
    for status in ("alleged", "disclosed"):
        ProvenanceClaim.objects.create(
            key=f"heap-{status}",
            subject_dataset=world.public_dataset,
            relation="generated_by",
            object_model=other if status == "alleged" else world.model,
            status=status,
        )
    said = read(client, f"/datasets/{world.public_dataset.slug}.jsonld")
    assert [one["name"] for one in said["prov:wasGeneratedBy"]] == ["Model One"]
    assert [(one["name"], one["colophon:status"]) for one in said["colophon:claim"]] == [("Other model", "alleged")]
    model = read(client, f"/models/{world.model.slug}.jsonld")
    assert {claim["creativeWorkStatus"] for claim in model["subjectOf"]} == {"alleged", "denied"}


def test_what_is_claimed_of_a_private_dataset_is_in_nobodys_twin_or_page(client: Client, world: World) -> None:
    ProvenanceClaim.objects.create(
        key="private",
        subject_dataset=world.dataset,
        relation="generated_by",
        object_model=world.model,
        status="alleged",
    )
    ProvenanceClaim.objects.create(
        key="private-too", subject_dataset=world.dataset, relation="derived_from", object_dataset=world.public_dataset,
        status="alleged",
    )  # fmt: skip
    for address in (f"/models/{world.model.slug}", f"/datasets/{world.public_dataset.slug}"):
        for form in ("", ".jsonld"):
            assert world.dataset.name not in client.get(address + form).content.decode()
    client.force_login(world.lab)
    assert world.dataset.name in client.get(f"/models/{world.model.slug}").content.decode()
    assert world.dataset.name not in client.get(f"/models/{world.model.slug}.jsonld").content.decode()


def test_a_holder_lists_public_works_only(client: Client, world: World) -> None:
    holder = Party.objects.create(name="Example Estate")
    RightsClaim.objects.create(
        work=world.scene.licensed,
        holder=holder,
        asserted_by=world.scene.press.require_writer(),
        observed_at="2026-01-01",
    )
    said = read(client, f"/holders/{holder.public_id}.jsonld")
    assert [one["name"] for one in said["subjectOf"]] == [world.scene.licensed.title]
    Work.objects.filter(pk=world.scene.licensed.pk).update(visibility="draft")
    client.force_login(world.press)
    assert "subjectOf" not in read(client, f"/holders/{holder.public_id}.jsonld")
    assert world.scene.licensed.title in client.get(f"/holders/{holder.public_id}").content.decode()
