"""What is stored of a match: its passages, and what it shares with many other works, with a look at both sides."""

import pytest

from ingest.engine.records import Match, Passage
from ingest.services import excerpts
from ingest.services.excerpts import BOILERPLATE_WITH_EXCERPTS, stretches

DOCUMENT = "Preface. All rights reserved. It was a quiet street."
WORK = "It was a quiet street, said nobody. All rights reserved."


class Held:
    """The work's text, as `WorkTexts` gives it."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def get(self, work: str, edition: str | None) -> str | None:
        return self.text


def passage(start: int, end: int, work_start: int, work_end: int) -> Passage:
    return Passage(start, end, work_start, work_end, 3, 1.0)


def match(**facts) -> Match:
    found = Match("w1", None, "quotation", 0.1, 0.1, 5, 5, 1.0, (passage(30, 51, 0, 21),))
    return found._replace(boilerplate=(passage(9, 29, 36, 56),), **facts)


def test_boilerplate_is_stored_with_both_sides_and_apart_from_the_passages():
    kept = stretches(DOCUMENT, match(), Held(WORK))
    assert [row["document_chars"] for row in kept.passages] == [[30, 51]]
    usual = kept.boilerplate[0]
    assert (usual["document_chars"], usual["work_chars"]) == ([9, 29], [36, 56])
    assert DOCUMENT[9:29] == WORK[36:56] == "All rights reserved."
    assert (usual["excerpt"], usual["excerpt_start"]) == (DOCUMENT, 0)
    assert (usual["work_excerpt"], usual["work_excerpt_start"]) == (WORK, 0)


@pytest.mark.parametrize(("precision", "text"), [("sketch", WORK), ("exact", None)])
def test_a_side_that_is_not_held_has_no_excerpt(precision, text):
    kept = stretches(DOCUMENT, match(precision=precision), Held(text))
    for row in (*kept.passages, *kept.boilerplate):
        assert "excerpt" in row
        assert "work_excerpt" not in row


def test_of_much_boilerplate_only_the_first_stretches_have_excerpts():
    usual = tuple(passage(9, 29, 36, 56) for _ in range(BOILERPLATE_WITH_EXCERPTS + 5))
    kept = stretches(DOCUMENT, match()._replace(boilerplate=usual), Held(WORK))
    assert len(kept.boilerplate) == len(usual)
    assert sum("excerpt" in row for row in kept.boilerplate) == BOILERPLATE_WITH_EXCERPTS


def test_what_a_database_cannot_store_is_replaced_in_place():
    assert excerpts.excerpt("a\0b\ud800c", 0, 5)["excerpt"] == "a\ufffdb\ufffdc"
