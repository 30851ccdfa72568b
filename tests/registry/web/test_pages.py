"""What all pages share: errors say what to do, words exist for every code, problems are explained."""

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils.translation import override

from registry.api.problems import CODES
from registry.errors import Conflict, NotAllowed, NotFound
from registry.models import Dataset, Job, ProvenanceClaim, Work
from registry.services import log
from registry.templatetags import registry_words
from registry.web import words
from registry.web.middleware import DatabaseDownMiddleware
from registry.web.problems import PROBLEMS
from tests import factories


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/nothing", "/works/000000000000", "/datasets/none", "/reasons/NONE", "/log/entries/9"]
)
def test_what_is_not_there_is_404_with_a_way_on(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert "/search" in answer.content.decode()


def test_a_database_that_is_away_is_503_without_asking_it_anything() -> None:
    answer = DatabaseDownMiddleware(lambda request: None).process_exception(  # type: ignore[arg-type, return-value]
        RequestFactory().get("/checks"), OperationalError("away")
    )
    assert answer is not None
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert "Back in a moment" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "status"), [(NotFound, 404), (NotAllowed, 403), (Conflict, 409)])
def test_errors_on_purpose_are_pages_with_their_status(rf: RequestFactory, error: Any, status: int) -> None:
    from django.contrib.auth.models import AnonymousUser  # noqa: PLC0415

    from registry.web.pages import page  # noqa: PLC0415

    @page
    def view(request: Any) -> Any:
        raise error("A sentence about <it>.")

    request = rf.get("/")
    request.user = AnonymousUser()
    answer = view(request)
    assert answer.status_code == status
    assert b"<it>" not in getattr(answer, "content", b"")


def test_every_code_of_the_api_is_explained() -> None:
    assert set(CODES) <= set(PROBLEMS)


@pytest.mark.parametrize(
    "codes",
    [
        Work.Kind.values,
        Work.Authorship.values,
        Dataset.Kind.values,
        ProvenanceClaim.Status.values,
        ProvenanceClaim.Relation.values,
        Job.State.values,
    ],
)
def test_every_code_has_a_word_in_both_languages(codes: list[str]) -> None:
    for code in codes:
        assert code in words.TERMS
        with override("zh-hans"):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in words.term(code)), code


@pytest.mark.django_db
def test_a_proof_is_verified_on_the_page_of_its_entry(client: Client) -> None:
    for number in range(5):
        factories.work(f"Work {number}")
    log.sequence_all()
    for position in range(5):
        page = client.get(f"/log/entries/{position}")
        assert page.context["verifies"] is True
        assert "The proof holds" in page.content.decode()
    assert "Work 0" not in page.content.decode()


@pytest.mark.parametrize("wanted", ["", "x", "-1", "9" * 30])
@pytest.mark.django_db
def test_any_wanted_entry_is_answered(client: Client, wanted: str) -> None:
    assert client.get("/log", {"entry": wanted}).status_code == 200


def test_numbers_and_shares_read_well() -> None:
    assert registry_words.grouped(196640) == "196\u202f640"
    assert registry_words.percent(0.9814) == "98.1\u202f%"
    assert registry_words.percent(0.0001) == "<\u202f0.1\u202f%"
    assert registry_words.percent(None) == "–"
    assert registry_words.duration(3700) == "1:01:40"
    assert registry_words.data_size(1536) == "1.5\u202fKiB"


def test_long_lines_flow_and_verse_stays() -> None:
    prose = "a line of a text that was wrapped at some seventy characters by\nits source\n\nnext"
    assert registry_words.flowing(prose).count("\n") == 2
    verse = "short line\nshort line"
    assert registry_words.flowing(verse) == verse


def test_marks_survive_what_is_typed() -> None:
    assert registry_words.marked("<b>Lamp</b>", "lamp") == "&lt;b&gt;<mark>Lamp</mark>&lt;/b&gt;"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "marked"),
    [("/desk", "/desk"), ("/works?mine=1", "/works?mine=1"), ("/works", "/works"), ("/notices", "/notices")],
)
def test_the_navigation_marks_where_one_is_and_groups_what_is_ones_own(
    client: Client, address: str, marked: str
) -> None:
    client.force_login(factories.person("anna@press.example", of=factories.organisation("press", "Press")))
    page = client.get(address).content.decode()
    head = page[: page.index("<main")]
    assert re.findall(r'<a href="([^"]+)" aria-current="[a-z]+"', head) == [marked]
    own = head[head.index('<nav class="own"') :]
    assert re.findall(r'<span id="(own-[a-z]+)">', own) == re.findall(r'aria-labelledby="([^"]+)"', own)
    assert (own.count("<a "), own.count("<ul")) == (15, 4)


def test_a_label_has_the_colon_of_its_catalogue() -> None:
    assert registry_words.colon("Role") == "Role:"
    assert Template('{% load registry_words %}{{ "<b>"|colon }}').render(Context()) == "&lt;b&gt;:"
