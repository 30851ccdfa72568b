"""Sentences for people are recorded, and never taken for what machines read."""

import pytest

from licensing.formats.policy import Effect
from licensing.formats.sentences import about_rights, read


@pytest.mark.parametrize(
    "text",
    [
        "All rights reserved, text and data mining included.",
        "The use of this text for training AI models is prohibited.",
        "Die Nutzung für KI ist untersagt; Nutzungsvorbehalt nach § 44b UrhG.",
        "未经许可，不得将本作品用于训练人工智能大模型。",
    ],
)
def test_a_sentence_about_such_uses_is_kept_word_for_word_without_effect_or_uses(text: str) -> None:
    (policy,) = read(f"Chapter one\n\n{text}\n".encode()).policies
    (rule,) = policy.rules
    assert (rule.effect, rule.words, rule.uses, rule.machine_readable) == (Effect.WORDS, text, (), False)


@pytest.mark.parametrize("text", ["It rained in Paris; I said no.", "He was ai.", "Crawlers go here", "", "KI"])
def test_other_sentences_are_not_kept(text: str) -> None:
    assert not about_rights(text)


def test_even_a_sentence_written_like_a_rule_stays_a_sentence() -> None:
    (policy,) = read(b"tdm-reservation: 1, train-ai=n, no data mining").policies
    assert policy.rules[0].effect == Effect.WORDS


def test_a_sentence_is_kept_once_and_not_without_end() -> None:
    text = "No data mining here. " * 1000
    (policy,) = read(f"{text}\n\n{text}".encode()).policies
    assert len(policy.rules) == 1
    assert len(policy.rules[0].words) == 4000


@pytest.mark.parametrize("encoding", ["gb18030", "big5hkscs", "utf-16", "utf-8-sig", "cp1252"])
def test_a_sentence_is_readable_whatever_its_publishers_editor_writes(encoding: str) -> None:
    text = {
        "big5hkscs": "未經許可，不得用於人工智能模型的訓練，也不得轉載本書的任何部分。",
        "cp1252": "Die Nutzung für Text und Data Mining, auch für künstliche Intelligenz, bleibt vorbehalten.",
    }.get(encoding, "未经许可，不得用于人工智能模型的训练，也不得转载本书的任何部分。")
    reading = read(text.encode(encoding))
    [policy] = reading.policies
    assert [rule.words for rule in policy.rules] == [text]
    assert {fault.code for fault in reading.faults} <= {"encoding_detected"}


def test_bytes_of_no_encoding_are_kept_with_what_is_wrong_with_them() -> None:
    reading = read(b"No AI training, please. \xff\x00\x81\xfe\xff\x99\xf0\n" * 3)
    assert "not_utf8" in {fault.code for fault in reading.faults}
