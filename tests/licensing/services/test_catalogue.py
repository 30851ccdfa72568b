"""The starting catalogue: complete, sourced, repeatable."""

from decimal import Decimal
from pathlib import Path

import pytest

from licensing.models import LegalQuestion, ProviderTerms
from licensing.services import catalogue
from registry.errors import InvalidInput
from registry.models import AIModel, Component, Dataset, DatasetFigure, Entry, Proceeding, ProvenanceClaim, Source

pytestmark = pytest.mark.django_db

MODELS = (Source, Dataset, DatasetFigure, Component, AIModel, ProvenanceClaim, Proceeding, ProviderTerms, LegalQuestion)


def test_loading_twice_changes_nothing_and_logs_once() -> None:
    first = catalogue.load()
    counts = [model._default_manager.count() for model in MODELS]
    assert catalogue.load() == first
    assert [model._default_manager.count() for model in MODELS] == counts
    assert Entry.objects.filter(kind="catalogue.loaded").count() == 1


@pytest.mark.usefixtures("loaded")
def test_the_pile_has_its_22_components_and_books3_both_its_figures() -> None:
    components = Component.objects.filter(release__dataset__slug="the-pile")
    assert components.count() == 22
    assert components.get(dataset__slug="books3").raw_gib == Decimal("100.96")
    values = DatasetFigure.objects.filter(dataset__slug="books3").values_list("value", flat=True)
    assert {Decimal(196640), Decimal(196639)} <= set(values)


@pytest.mark.usefixtures("loaded")
def test_a_claim_and_its_denial_stand_side_by_side() -> None:
    about_bard = ProvenanceClaim.objects.filter(subject_model__slug="bard", object_dataset__slug="sharegpt")
    assert {"alleged", "denied"} <= set(about_bard.values_list("status", flat=True))


@pytest.mark.usefixtures("loaded")
def test_every_claim_proceeding_and_version_of_terms_cites_a_source() -> None:
    for model in (ProvenanceClaim, Proceeding, ProviderTerms, LegalQuestion):
        assert not model._default_manager.filter(sources=None).exists(), model.__name__


def test_a_row_corrected_in_the_files_is_corrected_in_the_registry(tmp_path: Path) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    catalogue.load(tmp_path)
    text = (tmp_path / "datasets.toml").read_text(encoding="utf-8")
    (tmp_path / "datasets.toml").write_text(text.replace('name = "The Pile"', 'name = "The Pile!"'), encoding="utf-8")
    catalogue.load(tmp_path)
    assert Dataset.objects.get(slug="the-pile").name == "The Pile!"
    assert Entry.objects.filter(kind="catalogue.loaded").count() == 2


def test_a_sighting_outside_the_days_of_its_version_is_refused(tmp_path: Path) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    file = tmp_path / "provider_terms.toml"
    text = file.read_text(encoding="utf-8")
    assert 'seen_on = "2026-09-29"' in text
    file.write_text(text.replace('seen_on = "2026-09-29"', 'seen_on = "2025-12-31"'), encoding="utf-8")
    with pytest.raises(InvalidInput, match="outside the days of the version"):
        catalogue.load(tmp_path)


def test_a_broken_file_is_named_and_nothing_is_loaded(tmp_path: Path) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    (tmp_path / "claims.toml").write_text("[[claims]\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"claims\.toml"):
        catalogue.load(tmp_path)


def test_an_unknown_source_is_named_with_its_row(tmp_path: Path) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    text = (tmp_path / "models.toml").read_text(encoding="utf-8")
    (tmp_path / "models.toml").write_text(text.replace('sources = ["', 'sources = ["nowhere", "', 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match="unknown source 'nowhere'"):
        catalogue.load(tmp_path)


def copy_of(folder: Path, target: Path) -> None:
    for file in folder.glob("*.toml"):
        (target / file.name).write_bytes(file.read_bytes())


def test_a_corrected_figure_replaces_what_its_source_was_said_to_state(tmp_path: Path) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    catalogue.load(tmp_path)
    before = DatasetFigure.objects.count()
    text = (tmp_path / "datasets.toml").read_text(encoding="utf-8")
    (tmp_path / "datasets.toml").write_text(text.replace("value = 825.18", "value = 825.19"), encoding="utf-8")
    catalogue.load(tmp_path)
    values = DatasetFigure.objects.filter(dataset__slug="the-pile", name="size").values_list("value", flat=True)
    assert list(values) == [Decimal("825.19")]
    assert DatasetFigure.objects.count() == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("claims.toml", 'subject = { model = "', 'subject = { model = "no-such-'),
        ("models.toml", 'developer = "', 'developer = "no-such-'),
        ("datasets.toml", 'released_on = "2020-12-31"', 'released_on = "soon"'),
    ],
)
def test_a_row_that_cannot_be_loaded_is_named_with_its_file(tmp_path: Path, file: str, old: str, new: str) -> None:
    copy_of(catalogue.FOLDER, tmp_path)
    text = (tmp_path / file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match=rf"{file}: [\w-]+: "):
        catalogue.load(tmp_path)
    assert not Dataset.objects.exists()


@pytest.mark.usefixtures("loaded")
def test_the_parties_of_proceedings_are_found_by_their_names() -> None:
    party = Proceeding.objects.exclude(parties=None).earliest("pk").parties.earliest("pk")
    assert party.search_tokens
