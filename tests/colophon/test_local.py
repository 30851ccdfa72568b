"""Which of a work's texts speaks for it."""

import datetime
from typing import Any

import pytest

from colophon import local
from licensing.formats.snapshot import WorkFacts
from licensing.rules import policy

OLD = {
    "id": "w",
    "title": "Emma",
    "authors": [{"name": "A", "died": "1817"}],
    "first_published": "1815",
    "country": "GB",
}
EDITIONS = {"e1": {"id": "e1", "translation": True, "published": "2010", "authors": [{"name": "T", "died": None}]}}
QUESTION = {
    "use": "pretraining",
    "purpose": "commercial",
    "territory": "DE",
    "on": datetime.date(2026, 11, 22).isoformat(),
}


def line(relation: str, edition: str | None = None) -> dict[str, Any]:
    found = {"document": f"{relation}.txt", "relation": relation, "coverage_work": 0.5, "matched_words": 300}
    return found | ({"edition": edition} if edition else {})


def decide(*lines: dict[str, Any]) -> dict[str, Any]:
    asked = local.Asked(QUESTION, {"acquisition": "lawful"}, policy.load_profile("balanced"))
    found = {"w": local.FoundWork(list(lines))}
    [row] = local.decide_works(found, {"w": WorkFacts(OLD, [], EDITIONS)}, asked)
    return row


def test_the_closest_relation_of_a_text_speaks_for_it() -> None:
    row = decide(line("excerpt"), line("copy"), line("quotation"))
    assert (row["verdict"], row["relation"], row["documents"]) == ("CLEARED", "copy", 3)


def test_a_protected_translation_speaks_for_a_work_whose_free_original_is_there_too() -> None:
    row = decide(line("copy"), line("excerpt", "e1"))
    assert row["verdict"] != "CLEARED"
    assert row["relation"] == "excerpt"


@pytest.mark.parametrize("edition", ["e1", "an edition without rights of its own"])
def test_a_quotation_and_an_edition_of_the_works_own_text_change_nothing(edition: str) -> None:
    relation = "quotation" if edition == "e1" else "excerpt"
    row = decide(line("copy"), line(relation, edition))
    assert (row["verdict"], row["relation"]) == ("CLEARED", "copy")
