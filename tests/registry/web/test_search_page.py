"""Search as a page: identifiers go straight to their work, hits are marked, nothing found says what that means."""

import pytest
from django.test import Client

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf() -> None:
    factories.work("The Long Lamp", ["Ada Example"], identifiers=[("isbn", "9780141439518")], language="en")
    factories.work("紅葉記", ["吳某"], language="zh-Hant")


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("query", ["978-0-14-143951-8", "0141439513", "ISBN 9780141439518"])
def test_an_isbn_goes_straight_to_its_work(client: Client, query: str) -> None:
    answer = client.get("/search", {"q": query})
    assert answer.status_code == 302
    assert "the-long-lamp" in answer.headers["Location"]


@pytest.mark.usefixtures("shelf")
def test_hits_have_the_words_of_the_query_marked(client: Client) -> None:
    page = client.get("/search", {"q": "lamp"}).content.decode()
    assert "The Long <mark>Lamp</mark>" in page


@pytest.mark.usefixtures("shelf")
def test_simplified_characters_find_traditional_ones(client: Client) -> None:
    assert "紅葉記" in client.get("/search", {"q": "红叶记"}).content.decode().replace("<mark>", "").replace(
        "</mark>", ""
    )


@pytest.mark.usefixtures("shelf")
def test_nothing_found_is_no_permission(client: Client) -> None:
    page = client.get("/search", {"q": "qqqq zzzz"}).content.decode()
    assert "says nothing about whether it may be used" in page


@pytest.mark.usefixtures("shelf")
def test_a_query_is_shown_as_text(client: Client) -> None:
    page = client.get("/search", {"q": "<script>alert(1)</script> lamp"}).content.decode()
    assert "<script>alert" not in page


@pytest.mark.parametrize("offset", ["-1", "x", "99999999999", "5"])
def test_any_offset_is_answered(client: Client, offset: str) -> None:
    assert client.get("/search", {"q": "lamp", "offset": offset, "kind": "nonsense"}).status_code == 200


def test_a_search_engine_that_is_away_is_said_to_be(client: Client, settings) -> None:
    settings.ELASTICSEARCH_URL = "http://127.0.0.1:9"
    assert "does not answer at the moment" in client.get("/search", {"q": "lamp"}).content.decode()
