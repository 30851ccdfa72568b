"""What narrows search down, suggests and quotes, whichever engine answers: one suite, run over each of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from licensing.services import reservations
from licensing.services.assertions import Scope
from registry.actors import ANONYMOUS, Actor
from registry.models import AIModel, Dataset, Party, ProvenanceClaim, Work
from registry.search import engine, suggestions, sync
from registry.search.selection import EVERYTHING, Selection
from registry.services import datasets
from tests import factories
from tests.contracts.conftest import KeepIndexed, KeptIndexed

pytestmark = pytest.mark.django_db


def _press() -> Actor:
    press = factories.actor(factories.organisation("north-press"))
    for number, (title, author, language, year) in enumerate(
        (
            ("A History of Glass", "Ada Example", "en", "1912"),
            ("A History of Salt", "Ada Example", "en", "1918"),
            ("A Short History of Paper", "Ben Example", "en", "1985"),
            ("Une histoire du verre", "Ada Example", "fr", "1921"),
            ("Histoire du sel", "Claude Exemple", "fr", ""),
            ("Glass", "Claude Exemple", "en", "1989-04"),
        )
    ):
        factories.work(title, [author], by=press, language=language, first_published=year, record_reference=str(number))
    factories.work("A Secret History", ["Hidden Person"], by=press, language="en", visibility=Work.Visibility.DRAFT)
    reserved = Work.objects.get(title="A Short History of Paper")
    reservations.record(work=reserved, scope=Scope(), machine_readable=True, actor=press)
    glassbox = AIModel.objects.create(
        slug="glassbox", name="Glassbox", developer=Party.objects.create(name="Glass Labs", kind="organisation")
    )
    public = Dataset.objects.create(slug="sand", name="Sand Corpus")
    private = datasets.create_private(name="Quartz corpus", actor=press)
    for key, dataset in (("g-s", public), ("g-q", private)):
        ProvenanceClaim.objects.create(
            key=key, subject_model=glassbox, relation="trained_on", object_dataset=dataset, status="alleged"
        )
    return press


@pytest.fixture(scope="module")
def kept_press(keep_indexed: KeepIndexed) -> Iterator[KeptIndexed]:
    with keep_indexed(_press) as press:
        yield press


@pytest.fixture
def press(db: None, kept_press: KeptIndexed, engine_name: str, settings: Any, tmp_path: Path) -> Actor:
    rows, settings.SEARCH_INDEX_PREFIX = kept_press
    return rows.copy(settings, tmp_path)


@pytest.fixture
def changing_press(db: None, kept_press: KeptIndexed, engine_name: str, settings: Any, tmp_path: Path) -> Actor:
    """The same for a test that changes what is found: with indices of its own."""
    rows = kept_press[0].copy(settings, tmp_path)
    if engine_name == "elasticsearch":
        sync.rebuild()
    return rows


def found(text: str, actor: Actor = ANONYMOUS, kind: str | None = "work", **chosen: Any) -> list[str]:
    years = chosen.pop("years", (None, None))
    selection = Selection({name: tuple(values) for name, values in chosen.items()}, years)
    return sorted(hit.title for hit in engine.search(text, kind, actor=actor, selection=selection).hits)


def test_facets_count_what_was_found(press: Actor) -> None:
    facets = engine.search("history", "work").facets
    assert facets["language"] == {"en": 3}
    assert facets["decade"] == {"1910": 2, "1980": 1}
    assert facets["work_kind"] == {"book": 3}
    assert sorted(facets["holder"].values()) == [1, 2]
    assert sum(facets["status"].values()) == 3


def test_values_of_a_facet_widen_and_facets_narrow(press: Actor) -> None:
    assert found("glass", language=["en"]) == ["A History of Glass", "Glass"]
    assert found("glass", language=["en", "fr"]) == ["A History of Glass", "Glass"]
    assert found("glass", language=["en"], decade=["1980"]) == ["Glass"]
    assert found("glass", language=["fr"]) == []


def test_a_facet_is_counted_without_what_was_chosen_of_it(press: Actor) -> None:
    chosen = Selection({"decade": ("1910",)})
    facets = engine.search("history", "work", selection=chosen).facets
    assert facets["decade"] == {"1910": 2, "1980": 1}
    assert facets["language"] == {"en": 2}


def test_the_catalogue_is_looked_through_without_a_query(press: Actor) -> None:
    hits = engine.search("", "work")
    assert [hit.title for hit in hits.hits][:2] == ["Glass", "Histoire du sel"]  # the newest first
    assert (hits.total, hits.is_exact) == (6, True)
    assert hits.facets["language"] == {"en": 4, "fr": 2}
    assert found("", language=["fr"], years=(1900, 1930)) == ["Une histoire du verre"]
    assert found("", years=(1985, None)) == ["A Short History of Paper", "Glass"]


def test_the_status_is_that_of_the_default_question(press: Actor) -> None:
    assert engine.search("history", "work").facets["status"] == {"PUBLIC_DOMAIN": 2, "RESERVED": 1}
    assert found("", status=["RESERVED"]) == ["A Short History of Paper"]


def test_a_new_statement_changes_the_status_once_it_is_followed(changing_press: Actor) -> None:
    work = Work.objects.get(title="Glass")
    assert "status:RESERVED" not in work.search_facets
    reservations.record(work=work, scope=Scope(), machine_readable=True, actor=changing_press)
    assert sync.follow() > 0
    work.refresh_from_db()
    assert "status:RESERVED" in work.search_facets


def test_counts_of_very_many_are_those_of_the_engine(press: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    few = engine.search("history", "work", selection=Selection({"language": ("en",)}))
    monkeypatch.setattr(engine, "RANKED_ROWS", 2)
    monkeypatch.setattr(engine, "ENOUGH_COMPLETE", 1)
    many = engine.search("history", "work", selection=Selection({"language": ("en",)}))
    assert (many.totals, many.facets) == (few.totals, few.facets)
    assert (many.listed, many.total) == (2, 3)


def test_a_draft_is_in_no_hit_no_count_and_no_suggestion_of_others(press: Actor) -> None:
    rival = factories.actor(factories.organisation("south-press"))
    for actor in (ANONYMOUS, rival):
        assert "A Secret History" not in found("secret history", actor)
        assert found("hidden person", actor, kind=None) == []
        assert engine.search("", "work", actor=actor).total == 6
        assert suggestions.suggest("a secret", actor=actor).hits == ()
        assert "A Secret History" not in engine.search("secrt histori", actor=actor).meant
    assert "A Secret History" in found("secret history", press)
    assert [hit.title for hit in suggestions.suggest("a secret", actor=press).hits] == ["A Secret History"]


def test_claims_are_found_by_what_they_say_and_never_tell_of_private_datasets(press: Actor) -> None:
    assert found("glassbox sand", kind="claim") == ["Glassbox trained on Sand Corpus"]
    assert found("glassbox alleged", kind="claim") == ["Glassbox trained on Sand Corpus"]
    assert found("quartz", kind=None) == []
    assert found("quartz", press, kind="claim") == ["Glassbox trained on Quartz corpus"]
    assert engine.search("", "claim").total == 1


def test_words_in_quotation_marks_stand_together(press: Actor) -> None:
    assert found('"history of glass"') == ["A History of Glass"]
    assert found('"glass history"') == []
    assert found("“A SHORT history” example") == ["A Short History of Paper"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [("gla", "Glass"), ("a history of s", "A History of Salt"), ("hist", "Histoire du sel"), ("ada ex", "Ada Example")],
)
def test_what_is_being_typed_is_suggested(press: Actor, typed: str, first: str) -> None:
    assert suggestions.suggest(typed).hits[0].title == first


@pytest.mark.parametrize("typed", ["", " ", "g", "\x00", "%", "'; --", '"', "\ud800", "x" * 3000])
def test_nothing_that_is_typed_breaks_suggestions(press: Actor, typed: str) -> None:
    assert suggestions.suggest(typed).hits == ()


def test_a_misspelt_beginning_is_still_understood(press: Actor) -> None:
    assert "A History of Glass" in [hit.title for hit in suggestions.suggest("a histroy of glss").hits]


def test_what_may_have_been_meant_is_said_when_nothing_is_found(press: Actor) -> None:
    hits = engine.search("histoire naturelle des abeilles sauvages sel", "work")
    assert hits.total == 0
    assert hits.meant in ("Histoire du sel", "Une histoire du verre")
    assert engine.search("qqqq", selection=EVERYTHING).meant == ""
