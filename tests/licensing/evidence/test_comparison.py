"""Marks show words that differ, and nothing that the engine takes for equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.evidence.comparison import Piece, compare
from licensing.evidence.excerpts import passages

WORDS = st.lists(st.sampled_from(["lamp", "letter", "plates", "叶", "下", "…", "Élan"]), max_size=30).map(" ".join)


def marked(pieces: list[Piece]) -> list[str]:
    return [piece.text for piece in pieces if piece.differs]


def test_a_changed_word_is_marked_on_both_sides() -> None:
    document, work = compare("the lamp was lit before dinner", "the lamp was lit before supper")
    assert (marked(document), marked(work)) == (["dinner"], ["supper"])


def test_a_word_that_was_left_out_is_marked_where_it_still_is() -> None:
    document, work = compare("nobody spoke of it", "nobody ever spoke of it")
    assert (marked(document), marked(work)) == ([], ["ever"])


@pytest.mark.parametrize(
    ("document", "work"),
    [
        ("“I can’t”, she said", "'I can't' she said"),
        ("LINE\nbreaks  and CASE", "line breaks and case"),
        ("风起叶下", "風起葉下"),
        ("naïve café", "naive cafe"),
    ],
)
def test_what_the_engine_folds_away_is_no_difference(document: str, work: str) -> None:
    left, right = compare(document, work)
    assert (marked(left), marked(right)) == ([], [])


def test_one_han_character_is_marked_alone() -> None:
    document, work = compare("主人大笑不答", "主人笑而不答")
    assert (marked(document), marked(work)) == (["大"], ["而"])


@given(WORDS, WORDS)
def test_the_pieces_of_a_side_are_its_text(document: str, work: str) -> None:
    left, right = compare(document, work)
    assert "".join(piece.text for piece in left) == document
    assert "".join(piece.text for piece in right) == work
    assert all(piece.text for piece in (*left, *right))


def test_the_cut_end_of_a_shortened_text_is_no_difference() -> None:
    assert marked(compare("one two three", "one two", cut_at="end")[0]) == []
    assert marked(compare("zero one two", "one two", cut_at="start")[0]) == []
    assert marked(compare("one twelve three four", "one two three", cut_at="end")[0]) == ["twelve"]


def test_a_long_passage_is_compared_at_its_head_and_its_tail_and_says_what_it_leaves_out() -> None:
    row = {
        "document_chars": [5, 105], "work_chars": [0, 100], "words": 20, "identity": 0.9, "precision": "exact",
        "excerpt": "pre: red lamp [… 80 …] blue door :post", "excerpt_start": 0,
        "excerpt_omitted": {"text_chars": [13, 96], "excerpt_chars": [13, 23]},
        "work_excerpt": "red lamp [… 81 …] blue gate", "work_excerpt_start": 0,
        "work_excerpt_omitted": {"text_chars": [8, 91], "excerpt_chars": [8, 18]},
    }  # fmt: skip
    shown = passages([row])[0]
    assert shown.document is not None
    assert shown.work is not None
    assert (shown.document.before, shown.document.after) == ("pre: ", " :post")
    assert shown.document.omitted == (13, 96)
    assert marked(shown.document.head) == []
    assert (marked(shown.document.tail), marked(shown.work.tail)) == (["door"], ["gate"])


def test_a_passage_stored_without_text_has_its_places_only() -> None:
    row = {"document_chars": [5, 9], "work_chars": [1, 5], "words": 1, "identity": None, "precision": "sketch"}
    shown = passages([row])[0]
    assert (shown.document, shown.work, shown.document_chars) == (None, None, (5, 9))
