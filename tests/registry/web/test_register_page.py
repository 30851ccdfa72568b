"""Registering a work: what is right is recorded, what is wrong is said beside its field and stays typed."""

import pytest
from django.test import Client

from registry.models import Membership, User, Work
from registry.web.forms import read_author
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
    assert answer.headers["Location"] == f"/works/{work.public_id}-the-lamp"
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
    page = publisher.post("/works/new", FACTS | {"record_reference": "A-1"})
    assert page.status_code == 422
    assert Work.objects.count() == 1


@pytest.mark.parametrize(
    ("line", "name", "years"),
    [
        ("Jane Austen (1775–1817)", "Jane Austen", ("1775", "1817")),
        ("Jane Austen (1775-)", "Jane Austen", ("1775", "")),
        ("曹雪芹", "曹雪芹", ("", "")),
        ("Prince (the artist)", "Prince (the artist)", ("", "")),
    ],
)
def test_an_author_is_read_with_the_years(line: str, name: str, years: tuple[str, str]) -> None:
    author = read_author(line)
    assert (author.name, (author.born, author.died)) == (name, years)
