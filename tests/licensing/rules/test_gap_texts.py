"""What is stored beside the sentence of a gap says the same, or counts for nothing."""

import pytest

from licensing.rules.gap_texts import RECORDED, read, why


def test_what_was_stored_beside_a_sentence_is_read_again() -> None:
    gap = why("between", earlier="Terms of the EEA and Switzerland", later="Terms two")
    assert read(gap.sentence, gap.to_dict()) == gap


@pytest.mark.parametrize(
    "stored",
    [
        None,
        {},
        {"cause": "between", "earlier": "Terms one", "later": "Terms three"},
        {"cause": "between", "earlier": "Terms one"},
        {"cause": "never heard of"},
        {"earlier": "Terms one"},
    ],
)
def test_a_sentence_outranks_what_is_missing_or_says_something_else(stored: dict[str, str] | None) -> None:
    sentence = "no version is on record between Terms one and Terms two"
    gap = read(sentence, stored)
    assert (gap.cause, gap.sentence) == (RECORDED, sentence)


def test_a_cause_without_its_facts_is_refused() -> None:
    with pytest.raises(KeyError):
        why("ended", earlier="Terms one")
