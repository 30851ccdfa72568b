"""The compiled pass counts what a slow reading counts, and tells languages apart well enough to keep silent."""

from __future__ import annotations

import re
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sampling.features import MAX_CHARS, NAMES, measure
from ingest.sampling.languages import SCRIPTS, decide, identify, script_of

WORD = re.compile(r"[A-Za-z0-9]+(?:['’][A-Za-z][A-Za-z0-9]*)*")
MARKS = {
    "comma": ",",
    "semicolon": ";",
    "question": "?",
    "exclamation": "!",
    "bracket": "(",
    "quote": '"',
    "percent": "%",
}
LANGUAGES = {
    "en": "The committee met in the morning and it was agreed that the road would be closed for the year.",
    "de": "Der Ausschuss kam am Morgen zusammen, und es wurde beschlossen, dass die Straße für das Jahr zu ist.",
    "fr": "Le comité est venu dans la matinée et il a décidé que la route ne serait pas ouverte pour l'année.",
    "es": "El comité se reunió por la mañana y decidió que la carretera no se abriría para los coches en lo que queda.",
    "pt": "O comité não se reuniu com os vizinhos, mas decidiu que a estrada não abriria para os carros em um ano.",
    "it": "Il comitato si è riunito nella mattina e la strada non è più aperta per gli altri, come si dice nel paese.",
    "nl": "De commissie kwam in de ochtend bijeen en het besluit was dat de weg niet meer open is voor het verkeer.",
    "zh": "委员会上午开会，决定今年不再开放这条道路。",
    "ja": "委員会は午前中に集まり、道路を閉鎖することを決めた。",
    "ko": "위원회는 오전에 모여 도로를 폐쇄하기로 결정했다.",
    "ru": "Комитет собрался утром и решил закрыть дорогу до конца года.",
}
PLAIN = st.text(alphabet="abcdeIT0 19'’,;?!(\"%.\n-", max_size=300)


def column(text: str, name: str) -> float:
    return float(measure([text]).values[0, NAMES.index(name)])


@given(PLAIN)
def test_words_and_marks_are_counted_as_a_slow_reading_counts_them(text: str) -> None:
    words = WORD.findall(text)
    found = measure([text])
    assert found.words[0] == len(words)
    for name, mark in sorted(MARKS.items()):
        expected = 100 * text.count(mark) / max(len(words), 1)
        assert column(text, name) == pytest.approx(expected, rel=1e-5), name
    assert column(text, "mean_word") == pytest.approx(statistics.mean(map(len, words)) if words else 0, rel=1e-5)
    assert column(text, "word_i" if "word_i" in NAMES else "first_person") >= 0


@given(PLAIN)
def test_different_words_among_the_first_fifty_and_long_and_short_ones(text: str) -> None:
    words = [word.lower().replace("’", "'") for word in WORD.findall(text)]
    first = words[:50]
    assert column(text, "different_first_50") == pytest.approx(len(set(first)) / max(len(first), 1), rel=1e-5)
    short = 100 * sum(len(word) <= 3 for word in words) / max(len(words), 1)
    assert column(text, "short_words") == pytest.approx(short, rel=1e-5)


def test_a_batch_is_the_same_as_one_text_after_the_other() -> None:
    texts = [*LANGUAGES.values(), "", "\n", "x", "a" * 50, "ﬁ\ud800\U0001f600"]
    together = measure(texts)
    for row, text in enumerate(texts):
        alone = measure([text])
        np.testing.assert_array_equal(together.values[row], alone.values[0])
        np.testing.assert_array_equal(together.common[row], alone.common[0])


def test_lines_of_lists_headings_and_sentences_are_seen() -> None:
    text = "# Plan\n\n1. We go.\n2) We stay!\n- One thing\n* Another: \n**Bold** end"
    per = measure([text]).words[0] / 100
    found = {name: round(column(text, name) * per) for name in ("heading", "numbered_line", "bullet_line", "bold")}
    assert found == {"heading": 1, "numbered_line": 2, "bullet_line": 2, "bold": 2}
    assert column("One two three. Four five. Six!", "mean_sentence") == 2
    assert column("One two three. Four five. Six!", "longest_sentence") == 3


def test_stock_words_count_in_their_group_whatever_their_case_and_apostrophe() -> None:
    assert column("Furthermore, MOREOVER: additionally", "adding") == 100
    assert column("don’t don't", "contracted") == 100


def test_of_an_enormous_text_the_beginning_is_looked_at() -> None:
    assert measure(["word " * 200_000]).words[0] == MAX_CHARS // 5


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_sentence_is_known_by_its_language_alone_and_in_a_batch(language: str) -> None:
    text = LANGUAGES[language]
    found = measure([text])
    assert identify(text) == language
    assert decide(found.scripts, found.common, found.words) == [language]


@pytest.mark.parametrize("text", ["", "12 34", "xyzzy plugh qwrt", "Zażółć gęślą jaźń", "नमस्ते दुनिया", "😀😀"])
def test_what_is_in_no_known_language_is_not_guessed(text: str) -> None:
    assert identify(text) is None


def test_scripts_have_names() -> None:
    assert [SCRIPTS[script_of(ord(char))] for char in "aé漢かアж한א"] == [
        "latin",
        "latin",
        "han",
        "kana",
        "kana",
        "cyrillic",
        "hangul",
        "other",
    ]
