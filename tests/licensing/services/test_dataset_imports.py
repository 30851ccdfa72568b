"""Descriptions of datasets taken over: whole, once, with their source, and nobody else's touched."""

from collections.abc import Mapping
from typing import Any

import pytest

from licensing.services import catalogue, dataset_imports
from registry.actors import Actor, system
from registry.errors import NotAllowed
from registry.importers.rows import DatasetRow, Message
from registry.models import Dataset, DatasetFigure, Entry, Organisation, ProvenanceClaim, Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Actor:
    return system("test", Organisation.objects.create(slug="example-press", name="Example Press"))


@pytest.fixture
def initiative() -> Source:
    return Source.objects.create(key="example-initiative", title="Example initiative", publisher="Example initiative")


def row(reference: str, number: int = 1, name: str = "", **facts: Any) -> DatasetRow:
    defaults: Mapping[str, Any] = {
        "kind": "instructions",
        "declared_licence": "MIT License",
        "licences": [{"name": "MIT License", "kind": "licence", "address": ""}],
        "languages": ["English"],
        "creators": ["Example Lab"],
        "figures": [{"name": "dialogues", "value": 120, "unit": "dialogues"}],
    }
    return DatasetRow(number, reference, name or reference.title(), {**defaults, **facts})


@pytest.mark.usefixtures("loaded")
def test_a_described_dataset_is_made_with_figures_claims_and_source(initiative: Source) -> None:
    said = row("chat", generated_by=["OpenAI GPT-4", "templates"], derived_from=["ShareGPT", "nowhere"])
    applied = dataset_imports.apply(
        [said], actor=system("catalogue"), source=initiative, claim_status=ProvenanceClaim.Status.DISCLOSED
    )
    dataset = Dataset.objects.get(slug="chat")
    assert [outcome.action for outcome in applied.outcomes] == ["new"]
    assert list(dataset.sources.all()) == [initiative]
    assert dataset.figures.get().source == initiative
    claims = {(claim.relation, str(claim.object), claim.status) for claim in dataset.claims_made_about.all()}
    assert claims == {("generated_by", "GPT-4", "disclosed"), ("derived_from", "ShareGPT", "disclosed")}
    assert dataset.said["generated_by"] == ["OpenAI GPT-4", "templates"], "what is no model is kept as it was said"
    assert all(list(claim.sources.all()) == [initiative] for claim in dataset.claims_made_about.all())


def test_the_same_rows_again_write_nothing(initiative: Source) -> None:
    rows = [row(f"set-{number}", number, collection=collection("Shelf")) for number in range(1, 4)]
    first = dataset_imports.apply(rows, actor=system("catalogue"), source=initiative)
    again = dataset_imports.apply(rows, actor=system("catalogue"), source=initiative)
    assert first.entry is not None
    assert first.count("new") == 3
    assert again.entry is None
    assert again.count("unchanged") == 3
    assert Entry.objects.filter(kind="datasets.imported").count() == 1


@pytest.mark.usefixtures("loaded")
def test_a_changed_row_updates_its_dataset_and_what_its_source_said(initiative: Source) -> None:
    actor = system("catalogue")
    dataset_imports.apply([row("chat", generated_by=["OpenAI GPT-4"])], actor=actor, source=initiative)
    other = Source.objects.create(key="another", title="Another source")
    dataset = Dataset.objects.get(slug="chat")
    DatasetFigure.objects.create(dataset=dataset, name="dialogues", value=99, unit="dialogues", source=other)
    changed = row("chat", declared_licence="", figures=[{"name": "dialogues", "value": 121, "unit": "dialogues"}])
    applied = dataset_imports.apply([changed], actor=actor, source=initiative)
    dataset.refresh_from_db()
    assert applied.count("update") == 1
    assert dataset.declared_licence == ""
    assert sorted(int(figure.value) for figure in dataset.figures.all()) == [99, 121]
    assert not dataset.claims_made_about.exists()


def collection(name: str) -> dict[str, str]:
    return {"reference": f"collection-{name.lower()}", "name": name, "address": ""}


def test_a_collection_of_several_is_a_dataset_made_of_them(initiative: Source) -> None:
    rows = [row("one", 1, collection=collection("Shelf")), row("two", 2, collection=collection("Shelf"))]
    alone = row("three", 3, collection=collection("Three"))
    dataset_imports.apply([*rows, alone], actor=system("catalogue"), source=initiative)
    parent = Dataset.objects.get(slug="collection-shelf")
    [release] = parent.releases.all()
    assert {part.dataset.slug for part in release.components.all()} == {"one", "two"}
    assert not Dataset.objects.filter(slug="collection-three").exists()


def test_rows_with_errors_are_refused_and_the_log_has_the_root_of_the_others(initiative: Source) -> None:
    bad = DatasetRow(2, "bad", "Bad", {}, (Message("name", "", "E", "NAME_MISSING", "No name."),))
    applied = dataset_imports.apply([row("good"), bad], actor=system("catalogue"), source=initiative)
    assert [outcome.action for outcome in applied.outcomes] == ["new", "refused"]
    assert applied.entry is not None
    assert b'"root"' in bytes(applied.entry.leaf)
    assert not Dataset.objects.filter(slug="bad").exists()


def test_a_dry_run_tells_what_would_happen_and_writes_nothing(press: Actor) -> None:
    applied = dataset_imports.apply([row("chat")], actor=press, dry_run=True)
    assert applied.count("new") == 1
    assert applied.entry is None
    assert not Dataset.objects.exists()
    assert not Entry.objects.exists()


def test_an_organisation_describes_datasets_of_its_own_beside_the_catalogues(initiative: Source, press: Actor) -> None:
    dataset_imports.apply([row("chat")], actor=system("catalogue"), source=initiative)
    dataset_imports.apply([row("chat", name="Ours")], actor=press)
    dataset_imports.apply([row("secret")], actor=press, visibility=Dataset.Visibility.PRIVATE)
    assert Dataset.objects.get(slug="chat").name == "Chat"
    ours = Dataset.objects.get(name="Ours")
    assert ours.organisation == press.organisation
    assert ours.slug.startswith("chat-")
    secret = Dataset.objects.get(name="Secret")
    assert secret.visibility == "private"
    assert secret.slug != "secret", "a plain address would tell that it exists"


@pytest.mark.usefixtures("loaded")
def test_what_the_catalogue_itself_says_of_a_dataset_stays(initiative: Source) -> None:
    dataset_imports.apply(
        [row("alpaca", name="alpaca")], actor=system("catalogue"), source=initiative, curated=catalogue.slugs()
    )
    dataset = Dataset.objects.get(slug="alpaca-52k")
    assert (dataset.name, dataset.declared_licence) == ("Alpaca 52K", "CC-BY-NC-4.0")
    assert dataset.languages == ["English"]
    assert not Dataset.objects.filter(slug="alpaca").exists()


def test_nobody_without_the_right_to_write_takes_anything_over(press: Actor) -> None:
    viewer = Actor(name="user:1", organisation=press.organisation, role="viewer")
    with pytest.raises(NotAllowed):
        dataset_imports.apply([row("chat")], actor=viewer)
    with pytest.raises(NotAllowed):
        dataset_imports.apply([row("chat")], actor=Actor(name="user:2"))


@pytest.mark.usefixtures("loaded")
def test_the_catalogues_second_part_is_the_2311_summaries_and_no_provider_is_a_licence() -> None:
    applied = dataset_imports.load_descriptions()
    assert len(applied.outcomes) == 2311
    assert applied.count("refused") == 0
    assert applied.count("unchanged") == 1, "one entry stands twice, in the same words"
    marked = [row for row in Dataset.objects.all() if any(said["kind"] == "terms" for said in row.licences)]
    openai = [row for row in marked if any(said.get("provider") == "OpenAI" for said in row.licences)]
    assert len(openai) == 163
    assert not any("OpenAI" in row.declared_licence for row in openai)
    assert dataset_imports.load_descriptions().entry is None
