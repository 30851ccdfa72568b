"""Registering a work: what is right is recorded, what is wrong is said beside its field and stays typed."""

import pytest
from django.test import Client

from registry.models import Membership, User, Work
from registry.services import log, works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from registry.web.work_forms import read_author
from tests import factories

pytestmark = pytest.mark.django_db
FACTS = {"title": "The Lamp", "authors": "Ada Example (1901–1990)", "kind": "book", "authorship": "individual"}


@pytest.fixture
def publisher(client: Client) -> Client:
    user = User.objects.create_user(username="press@example.org", password="x")
    Membership.objects.create(user=user, organisation=factories.organisation("press", "Press"), role="editor")
    client.force_login(user)
    return client


def test_a_work_is_registered_with_its_isbn_in_one_spelling(publisher: Client) -> None:
    answer = publisher.post("/works/new", FACTS | {"isbn": "0-14-143951-3", "first_published": "1950"})
    work = Work.objects.get()
    assert answer.headers["Location"] == f"/works/{work.public_id}/receipt"
    assert [row.value for row in work.identifiers.all()] == ["9780141439518"]
    author = work.contributions.get().party
    assert (author.name, author.born, author.died) == ("Ada Example", "1901", "1990")


def test_a_wrong_check_digit_is_said_and_what_was_typed_stays(publisher: Client) -> None:
    answer = publisher.post("/works/new", FACTS | {"isbn": "978-0-14-143951-9"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "check digit" in page
    assert 'value="978-0-14-143951-9"' in page
    assert 'aria-invalid="true"' in page
    assert not Work.objects.exists()


@pytest.mark.parametrize(("field", "value"), [("first_published", "13 May"), ("country", "England"), ("title", "  ")])
def test_each_fault_is_linked_from_the_summary(publisher: Client, field: str, value: str) -> None:
    page = publisher.post("/works/new", FACTS | {field: value}).content.decode()
    assert f'<a href="#id_{field}">' in page


def test_the_same_reference_twice_is_said_beside_it(publisher: Client) -> None:
    publisher.post("/works/new", FACTS | {"record_reference": "A-1"})
    page = publisher.post("/works/new", FACTS | {"record_reference": "A-1", "do": "anyway"})
    assert page.status_code == 422
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "name", "years"),
    [
        ("Jane Austen (1775–1817)", "Jane Austen", ("1775", "1817")),
        ("Jane Austen (1775-)", "Jane Austen", ("1775", "")),
        ("Jane Austen (1775-12-16–1817-07-18)", "Jane Austen", ("1775-12-16", "1817-07-18")),
        ("Jane Austen (1775-1817)", "Jane Austen", ("1775", "1817")),
        ("曹雪芹", "曹雪芹", ("", "")),
        ("Prince (the artist)", "Prince (the artist)", ("", "")),
    ],
)
def test_an_author_is_read_with_the_years(line: str, name: str, years: tuple[str, str]) -> None:
    author = read_author(line)
    assert (author.name, (author.born, author.died)) == (name, years)


def test_the_role_of_a_person_is_read() -> None:
    assert read_author("Ada Example (1901–) [translator]").role == "translator"
    assert read_author("魯迅（1881－1936）【譯者】").role == "translator"
    lu_xun = AuthorFacts(name="鲁迅", born="1881", died="1936", role="editor")
    assert read_author("鲁迅（1881－1936）【编者】") == lu_xun
    assert read_author("ＡＢＣ（笔名）").name == "ＡＢＣ（笔名）"
    assert read_author("Ada Example [muse]").name == "Ada Example [muse]"


def test_the_form_completes_itself_from_a_known_isbn_and_overwrites_nothing(publisher: Client) -> None:
    edition = EditionFacts(title="La Lampe", language="fr", identifiers=[("isbn", "9780141439518")])
    factories.work(
        "The Lamp", [AuthorFacts("Ada Example", "1901")], language="en", first_published="1950", editions=[edition]
    )
    typed = FACTS | {"title": "", "authors": "A. Example", "isbn": "0-14-143951-3", "do": "complete", "country": "FR"}
    page = publisher.post("/works/new", typed).content.decode()
    assert 'value="La Lampe"' in page
    assert 'value="1950"' in page
    assert 'value="fr"' in page
    assert ">\nA. Example</textarea>" in page
    assert 'value="FR"' in page
    assert Work.objects.count() == 1


def test_an_isbn_of_a_strangers_draft_completes_nothing(publisher: Client) -> None:
    hidden = WorkFacts("Hidden Lamp", identifiers=[("isbn", "9780141439518")], visibility="draft")
    works.register(hidden, actor=factories.actor())
    page = publisher.post("/works/new", {"isbn": "9780141439518", "do": "complete"}).content.decode()
    assert "Hidden" not in page
    assert "Nothing was filled in" in page


def test_a_wrong_isbn_is_called_wrong_and_not_unknown(publisher: Client) -> None:
    page = publisher.post("/works/new", {"isbn": "9780141439519", "do": "complete"}).content.decode()
    assert "check digit" in page
    assert "Nothing was filled in" not in page


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"title": "Another Title", "authors": "", "isbn": "9780141439518"}, "the same identifier"),
        ({"title": "the lamp!", "authors": "Example, Ada"}, "the same title and author"),
        ({"title": "The Lanp", "authors": "A. Example"}, "nearly the same"),
    ],
)
def test_probable_duplicates_are_shown_before_saving(publisher: Client, typed: dict[str, str], why: str) -> None:
    held = factories.work("The Lamp", ["Ada Example"], identifiers=[("isbn", "9780141439518")])
    page = publisher.post("/works/new", FACTS | typed)
    assert page.status_code == 200
    assert why in page.content.decode()
    assert f"/works/{held.public_id}" in page.content.decode()
    assert Work.objects.count() == 1
    assert publisher.post("/works/new", FACTS | typed | {"do": "anyway"}).status_code == 302
    assert Work.objects.count() == 2


@pytest.mark.parametrize("typed", [{"title": "The Lamp", "authors": "Somebody Else"}, {"title": "A Lighthouse"}])
def test_another_authors_work_of_the_same_title_is_no_duplicate(publisher: Client, typed: dict[str, str]) -> None:
    factories.work("The Lamp", ["Ada Example"])
    assert publisher.post("/works/new", FACTS | typed).status_code == 302


def test_a_title_that_deceives_the_eye_is_kept_shown_apart_and_warned_of(publisher: Client) -> None:
    title = "War \u202eand Pe\u0430ce"
    page = publisher.post("/works/new", FACTS | {"title": title})
    assert page.status_code == 200
    said = page.content.decode()
    assert "turn the direction of writing" in said
    assert "alphabets that look alike" in said
    assert f"<bdi>{title}</bdi>" in said
    assert "U+202E" in said
    publisher.post("/works/new", FACTS | {"title": title, "do": "anyway"})
    assert Work.objects.get().title == title


def test_the_receipt_waits_for_its_number_and_is_then_downloaded(publisher: Client) -> None:
    address = publisher.post("/works/new", FACTS | {"visibility": "draft"}).headers["Location"]
    page = publisher.get(address).content.decode()
    assert "waiting for its number" in page
    assert 'http-equiv="refresh"' in page
    log.sequence_all()
    page = publisher.get(address).content.decode()
    assert "waiting for its number" not in page
    assert f"{address}.json" in page
    body = publisher.get(f"{address}.json").json()
    assert body["record_hash"] in page
    assert body["log"]["size"] >= 1


def test_a_text_or_a_fingerprint_is_handed_in_next_where_that_was_chosen(publisher: Client) -> None:
    address = publisher.post("/works/new", FACTS | {"text": "fingerprint"}).headers["Location"]
    assert address.endswith("/text?what=fingerprint")
    assert publisher.get(address).status_code == 200
