"""What search promises, whichever engine answers: one suite, run over each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from registry.actors import ANONYMOUS, Actor
from registry.errors import InvalidInput
from registry.models import AIModel, Dataset, Party, Work
from registry.search import engine, indices, sync
from registry.services import datasets, works
from registry.services.works import AuthorFacts, EditionFacts
from tests import factories
from tests.contracts.conftest import KeepIndexed, KeptIndexed

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Shelf:
    """What the tests look for, and who looks."""

    press: Actor
    rival: Actor


def _shelf() -> Shelf:
    press = factories.actor(factories.organisation("north-press"))
    rival = factories.actor(factories.organisation("south-press"))
    for title, author, facts in (
        ("Pride and Prejudice", "Jane Austen", {"identifiers": [("isbn", "9780141439518")]}),
        ("Sense and Sensibility", "Jane Austen", {}),
        ("Austen: A Life", "Claire Tomalin", {}),
        ("L'Étranger", "Albert Camus", {}),
        ("Either/Or", "Søren Kierkegaard", {}),
        ("The Adventures of Tom Sawyer", "Mark Twain", {}),
        ("Hamlet", "William Shakespeare", {}),
        ("Hamlet and His Problems", "T. S. Eliot", {"kind": Work.Kind.ARTICLE}),
    ):
        factories.work(title, [author], by=press, **facts)
    factories.work(
        "紅樓夢",
        [AuthorFacts(name="曹雪芹")],
        by=press,
        editions=[EditionFacts(title="Dream of the Red Chamber", translation=True)],
    )
    factories.work("西游记", ["吴承恩"], by=press)
    Dataset.objects.create(slug="books3", name="Books3", name_zh="")
    Dataset.objects.create(slug="the-pile", name="The Pile")
    datasets.create_private(name="Northern secret corpus", actor=press)
    openai = Party.objects.create(name="OpenAI", kind=Party.Kind.ORGANISATION)
    AIModel.objects.create(slug="gpt-4", name="GPT-4", developer=openai)
    return Shelf(press, rival)


@pytest.fixture(scope="module")
def kept_shelf(keep_indexed: KeepIndexed) -> Iterator[KeptIndexed]:
    with keep_indexed(_shelf) as shelf:
        yield shelf


@pytest.fixture
def shelf(db: None, kept_shelf: KeptIndexed, engine_name: str, settings: Any, tmp_path: Path) -> Shelf:
    rows, settings.SEARCH_INDEX_PREFIX = kept_shelf
    return rows.copy(settings, tmp_path)


@pytest.fixture
def changing_shelf(db: None, kept_shelf: KeptIndexed, engine_name: str, settings: Any, tmp_path: Path) -> Shelf:
    """The same for a test that changes what is found: with indices of its own."""
    rows = kept_shelf[0].copy(settings, tmp_path)
    if engine_name == "elasticsearch":
        sync.rebuild()
    return rows


def titles(text: str, kind: str | None = None, actor: Actor = ANONYMOUS, **options: Any) -> list[str]:
    return [hit.title for hit in engine.search(text, kind, actor=actor, **options).hits]


def test_the_engine_that_was_asked_answers(shelf: Shelf, engine_name: str) -> None:
    hits = engine.search("hamlet")
    assert hits.engine == engine_name
    assert not hits.degraded
    assert hits.took_ms > 0


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("pride and prejudice", "Pride and Prejudice"),
        ("PRIDE AND PREJUDICE", "Pride and Prejudice"),
        ("prejudice pride", "Pride and Prejudice"),
        ("jane austen pride prejudice", "Pride and Prejudice"),
        ("austen, pride & prejudice", "Pride and Prejudice"),
        ("prejudise austin", "Pride and Prejudice"),
        ("preujdice", "Pride and Prejudice"),
        ("pride and prejudice penguin classics 2003 hardcover", "Pride and Prejudice"),
        ("sens and sensiblity", "Sense and Sensibility"),
        ("etranger camus", "L'Étranger"),
        ("l’étranger", "L'Étranger"),
        ("LETRANGER", "L'Étranger"),
        ("soren kierkegaard", "Either/Or"),
        ("tom sawer", "The Adventures of Tom Sawyer"),
        ("twain advent", "The Adventures of Tom Sawyer"),
        ("ｈａｍｌｅｔ", "Hamlet"),
        ("紅樓夢", "紅樓夢"),
        ("红楼梦", "紅樓夢"),
        ("红楼梦 曹雪芹", "紅樓夢"),
        ("曹雪芹红楼梦", "紅樓夢"),
        ("红搂梦", "紅樓夢"),
        ("红楼", "紅樓夢"),
        ("red chamber dream", "紅樓夢"),
        ("西遊記", "西游记"),
        ("吳承恩", "西游记"),
        ("hongloumeng", "紅樓夢"),
        ("Hónglóu mèng", "紅樓夢"),
        ("hong lou meng cao xueqin", "紅樓夢"),
        ("Xueqin Cao", "紅樓夢"),
        ("xi you ji", "西游记"),
    ],
)
def test_a_work_is_found_by(text: str, title: str, shelf: Shelf) -> None:
    assert titles(text, "work")[0] == title


@pytest.mark.parametrize("text", ["9780141439518", "978-0-14-143951-8", "ISBN 0-14-143951-3", "isbn:0141439513"])
def test_an_isbn_in_any_spelling_goes_straight_to_the_work(text: str, shelf: Shelf) -> None:
    hits = engine.search(text)
    assert [(hit.title, hit.by, hit.score) for hit in hits.hits] == [("Pride and Prejudice", "identifier", 1.0)]
    assert hits.total == 1


def test_a_public_id_goes_straight_to_the_work(shelf: Shelf) -> None:
    work = Work.objects.get(title="Hamlet")
    assert [hit.id for hit in engine.search(f" {work.public_id} ").hits] == [work.public_id]


def test_the_title_that_is_just_the_query_comes_first(shelf: Shelf) -> None:
    assert titles("hamlet", "work") == ["Hamlet", "Hamlet and His Problems"]


def test_works_by_an_author_come_with_works_about_them(shelf: Shelf) -> None:
    assert set(titles("austen", "work")) == {"Pride and Prejudice", "Sense and Sensibility", "Austen: A Life"}


@pytest.mark.parametrize("text", ["", "   ", "!?", "\x00", "\ud800", "zzzzqqq", "龘龘龘", "a" * 5000, "'' -- ; %_\\"])
def test_a_query_without_an_answer_has_no_hits(text: str, shelf: Shelf) -> None:
    hits = engine.search(text)
    assert (hits.hits, hits.total, hits.next_offset) == ((), 0, None)


def test_every_kind_is_found_from_one_box(shelf: Shelf) -> None:
    found = {
        (hit.kind, hit.title)
        for text in ("books3", "gpt4", "openai", "jane austen")
        for hit in engine.search(text).hits
    }
    assert {("dataset", "Books3"), ("model", "GPT-4"), ("holder", "OpenAI"), ("holder", "Jane Austen")} <= found


def test_people_are_found_by_their_chinese_names_in_pinyin(shelf: Shelf) -> None:
    assert titles("wu cheng'en", "holder") == titles("Cheng En Wu", "holder") == ["吴承恩"]


def test_a_name_in_latin_letters_comes_before_one_that_only_sounds_like_it(changing_shelf: Shelf) -> None:
    factories.work("Women", ["Annie Leibovitz"], by=changing_shelf.press)
    factories.work("我们", ["Евгений Замятин"], by=changing_shelf.press)
    sync.rebuild()
    assert titles("women", "work") == ["Women", "我们"]


def test_one_kind_alone_can_be_asked_for(shelf: Shelf) -> None:
    hits = engine.search("jane austen", "holder")
    assert [hit.title for hit in hits.hits] == ["Jane Austen"]
    assert hits.totals == {"holder": 1}


def test_an_unknown_kind_is_refused_by_name(shelf: Shelf) -> None:
    with pytest.raises(InvalidInput, match="'planet' is not one of work, dataset"):
        engine.search("hamlet", "planet")


def test_a_private_dataset_is_found_by_its_own_organisation_only(shelf: Shelf) -> None:
    text = "northern secret corpus"
    assert titles(text, "dataset", actor=shelf.press) == ["Northern secret corpus"]
    for stranger in (shelf.rival, ANONYMOUS):
        hits = engine.search(text, actor=stranger)
        assert hits.total == 0
        assert hits.totals["dataset"] == 0


def test_private_datasets_of_others_do_not_crowd_out_what_is_public(changing_shelf: Shelf) -> None:
    Dataset.objects.bulk_create(
        Dataset(slug=f"s{number}", name="Pile", visibility="private", organisation=changing_shelf.press.organisation)
        for number in range(400)
    )
    sync.rebuild()
    assert titles("pile", actor=changing_shelf.rival) == ["The Pile"]
    assert engine.search("pile", actor=changing_shelf.rival).total == 1


def test_a_withdrawn_work_is_found_by_its_own_organisation_only(changing_shelf: Shelf) -> None:
    works.withdraw(work=Work.objects.get(title="Hamlet"), reason="registered twice", actor=changing_shelf.press)
    assert titles("hamlet", "work", actor=changing_shelf.rival) == ["Hamlet and His Problems"]
    assert titles("hamlet", "work", actor=changing_shelf.press) == ["Hamlet", "Hamlet and His Problems"]


def test_what_was_registered_is_found_once_its_job_ran(changing_shelf: Shelf, engine_name: str) -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"], by=changing_shelf.press)
    sync.index("work", [work.pk])
    if engine_name == "elasticsearch":
        indices.refresh()
    assert titles("melvile moby dick", "work") == ["Moby-Dick"]
    assert titles("melville", "holder") == ["Herman Melville"]


def test_what_was_deleted_is_found_no_more(changing_shelf: Shelf) -> None:
    Dataset.objects.filter(slug="books3").delete()
    assert titles("books3", "dataset") == []


def test_pages_of_hits_join_without_gap_or_double(changing_shelf: Shelf) -> None:
    for number in range(12):
        factories.work(f"Collected Poems {number}", ["Emily Dickinson"], by=changing_shelf.press)
    sync.rebuild()
    whole = [hit.id for hit in engine.search("collected poems", "work", limit=200).hits]
    paged: list[str] = []
    offset: int | None = 0
    while offset is not None:
        page = engine.search("collected poems", "work", limit=5, offset=offset)
        assert page.total == 12
        paged += [hit.id for hit in page.hits]
        offset = page.next_offset
    assert paged == whole
    assert len(set(whole)) == 12
