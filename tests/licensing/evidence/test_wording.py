"""Both languages say the same things."""

import string

import pytest

from ingest.sureness import LIKELIHOODS
from licensing.evidence.wording import LANGUAGES, percent, wording
from licensing.rules.catalogue import CATALOGUE
from licensing.rules.contracts import how_bound, version_unknown
from licensing.rules.facts import Bound
from licensing.rules.gap_texts import RECORDED, TEXTS, read, why
from licensing.rules.terms import Purpose, Status, Use, Verdict

ONE_SIDED = {"territory", "reason", "bound", "gap"}  # English has these in the rules


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


@pytest.mark.parametrize("cause", sorted(TEXTS.keys() - {RECORDED}))
def test_every_cause_of_a_gap_can_be_said_in_chinese_with_the_same_facts(cause: str) -> None:
    assert facts_in(wording("zh-hans").messages["gap"][cause]) == facts_in(TEXTS[cause])


def test_why_no_version_is_known_is_said_in_the_language_of_the_sentence_around_it() -> None:
    reason = version_unknown("Maker", why("not_read", earlier="Terms of 2024"))
    assert reason.sentence == "Which terms of Maker applied is not known: nobody has recorded what Terms of 2024 say."
    said = wording("zh-hans").reason(reason.code, reason.params)
    assert said == "适用 Maker 的哪一版条款不明：尚无人记录 Terms of 2024 的内容。"


def test_where_only_the_sentence_of_a_gap_is_on_record_no_half_of_it_is_translated() -> None:
    reason = version_unknown("Maker", read("nobody asked", None))
    assert reason.sentence == "Which terms of Maker applied is not known: nobody asked."
    assert wording("zh-hans").reason(reason.code, reason.params) is None


@pytest.mark.parametrize("bound", [Bound.NOT_ACCEPTED, Bound.UNKNOWN])
def test_whether_somebody_accepted_terms_reads_in_chinese_as_it_does_in_english(bound: Bound) -> None:
    said = wording("zh-hans").word("bound", how_bound(bound))
    assert said.isprintable()
    assert not said.isascii()


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
