"""Datasets, models and reasons: every figure with its source, both sides of a claim, every code explained."""

from collections.abc import Iterable, Mapping

import pytest
from django.test import Client
from django.utils.translation import override

from licensing.rules import terms
from licensing.rules.catalogue import CATALOGUE
from licensing.web import words
from registry import jobs
from registry.models import Dataset
from registry.web.words import TERMS


@pytest.mark.usefixtures("world")
def test_figures_that_differ_are_both_shown(client: Client) -> None:
    page = client.get("/datasets/the-heap").content.decode()
    assert "196\u202f640" in page
    assert "196\u202f639" in page
    assert "Part of the Heap" in page
    assert "12.07" in page


@pytest.mark.django_db
def test_a_dataset_whose_publisher_states_no_licence_says_so(client: Client) -> None:
    Dataset.objects.create(slug="shelf", name="The Shelf", kind="library")
    page = client.get("/datasets/shelf").content.decode()
    assert '<dd><span class="soft">none stated</span></dd>' in page
    assert client.get("/api/v1/datasets/shelf").json()["declared_licence"] == ""


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("address", ["/datasets/the-heap", "/models/model-one"])
def test_a_denial_stands_beside_what_it_denies(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert "alleged" in page
    assert "denied" in page
    assert "Authors v. Maker" in page


@pytest.mark.usefixtures("world")
def test_the_first_page_answers_in_both_languages(client: Client) -> None:
    assert "May we use this" in client.get("/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert "如何证明" in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_reason_has_its_page(client: Client, language: str) -> None:
    client.cookies["django_language"] = language
    for code in CATALOGUE:
        assert client.get(f"/reasons/{code}").status_code == 200, code


def test_every_kind_of_job_has_a_word_in_both_languages() -> None:
    jobs.handler_of("reevaluate")  # imports the tasks of every package
    kinds = {kind for kind in jobs.HANDLERS if not kind.startswith("test")}
    assert kinds <= set(TERMS)
    with override("zh-hans"):
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in str(TERMS[kind])) for kind in kinds)


def test_every_code_has_a_word_in_both_languages() -> None:
    vocabularies: dict[str, tuple[Mapping[str, object], Iterable[str]]] = {
        "verdict": (words.VERDICTS, terms.Verdict),
        "status": (words.STATUSES, terms.Status),
        "use": (words.USES, terms.Use),
        "purpose": (words.PURPOSES, terms.Purpose),
        "reason": (words.REASONS, CATALOGUE),
    }
    for known, codes in vocabularies.values():
        assert set(map(str, codes)) == set(known)
        with override("zh-hans"):
            assert all(any("\u4e00" <= letter <= "\u9fff" for letter in str(word)) for word in known.values())
