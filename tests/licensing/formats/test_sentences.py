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
