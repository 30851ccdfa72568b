"""Both languages say the same things."""

import string

import pytest

from ingest.sureness import LIKELIHOODS
from licensing.evidence.wording import LANGUAGES, percent, wording
from licensing.rules.catalogue import CATALOGUE
from licensing.rules.terms import Purpose, Status, Use, Verdict

ONE_SIDED = {"territory", "reason"}  # English has these in the rules


def facts_in(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_every_message_exists_in_both_languages_with_the_same_facts() -> None:
    english, chinese = (wording(language).messages for language in LANGUAGES)
    assert set(english) == set(chinese)
    for section in set(english) - ONE_SIDED:
        assert set(english[section]) == set(chinese[section])
        for key, template in english[section].items():
            assert facts_in(template) == facts_in(chinese[section][key]), f"{section}.{key}"


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_reason_can_be_said_in_chinese_with_facts_that_the_rules_give(code: str) -> None:
    template = wording("zh-hans").messages["reason"][code]
    assert facts_in(template) <= facts_in(CATALOGUE[code].sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_of_the_vocabulary_is_there(language: str) -> None:
    messages = wording(language).messages
    for section, words in {"use": Use, "purpose": Purpose, "verdict": Verdict, "status": Status}.items():
        assert set(messages[section]) == {str(word) for word in words}
    assert set(messages["likelihood"]) == {code for code, _ in LIKELIHOODS}


def test_a_reason_whose_facts_are_unknown_is_left_to_the_recorded_sentence() -> None:
    assert wording("zh-hans").reason("US_FU", {}) is None
    assert wording("en").reason("US_FU", {"use": "pretraining"}) is None
    assert (
        wording("zh-hans").reason("US_FU", {"use": "pretraining"})
        == "在美国就预训练主张合理使用，无许可；以合法副本为前提，各法院意见不一。"
    )


def test_numbers_are_grouped_and_what_was_not_measured_is_a_dash() -> None:
    assert "12,345" in wording("en").say("report.answer_none", documents=12345)
    assert (percent(0.98765), percent(None)) == ("98.8 %", "–")


def test_another_language_is_refused() -> None:
    with pytest.raises(KeyError):
        wording("../../etc")
