"""A chatbot that names itself is found in ten languages; people who quote, report or write about one are not."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sampling.markers import Marker, Precision, find_markers, fold, markers, read

ALL = markers()
IDS = [marker.id for marker in ALL]

HUMAN = (
    "As an AI language model, ChatGPT has no opinions, which is why I find its reviews of restaurants funny.",
    'My student handed in an essay that begins "As an AI language model, I cannot write essays".',
    "The bot kept saying as an AI language model I cannot do that, so I gave up.",
    "ChatGPT: As an AI language model, I do not have feelings.\nMe: Neither do I.",
    "> I'm sorry, but I can't assist with that request.\nThat is what it told me.",
    "Papers were published with “Regenerate response” still in them.",
    "He told us: I am an AI assistant created by Anthropic. We did not believe him.",
    "Die Maschine sagte: „Als KI-Sprachmodell habe ich keine Meinung“, und schwieg.",
    "他问我是谁，它回答“我是文心一言”。",
    "作为一个人工智能语言模型的研究者，我每天都在读论文。",
    "Le robot a répondu « en tant que modèle de langage, je ne peux pas » et rien d'autre.",
    "We use GPT-4 as a language model in our pipeline; it was trained by OpenAI.",
    "I work as an AI engineer and I am an AI researcher at heart.",
    "I am Claude, born in Lyon in 1950, and I bake bread.",
    "I was told that my knowledge of history cuts off at the war.",
    "Bertolt wrote: I am a language model.",
    "",
)

MODEL = (
    ("As an artificial intelligence, I don’t have access to your files.", "en-as-an-ai-model-i"),
    ("I'm sorry, but as an AI language model developed by OpenAI, I cannot help.", "en-as-an-ai-model-i"),
    ("Ｉ’m ＣｈａｔＧＰＴ, a large language model.", "en-i-am-chatgpt"),
    ("作為一個人工智能語言模型，我無法提供建議。", "zh-as-an-ai-model-i"),
    ("我是百度公司开发的人工智能语言模型，我的中文名是文心一言。", "zh-made-by-baidu"),
    ("Als künstliche Intelligenz habe ich keine Gefühle.", "de-as-a-language-model"),
    ('"As an AI language model, I cannot say who will win the election."', "en-as-an-ai-model-i"),
)


@pytest.mark.parametrize("marker", ALL, ids=IDS)
def test_a_marker_finds_its_example_and_leaves_its_trap_alone(marker: Marker) -> None:
    assert marker.id in {hit.marker for hit in find_markers(marker.example)}
    assert find_markers(marker.trap) == ()


@pytest.mark.parametrize("text", HUMAN)
def test_people_who_quote_report_or_discuss_a_chatbot_are_not_taken_for_one(text: str) -> None:
    assert find_markers(text) == ()


@pytest.mark.parametrize(("text", "marker"), MODEL)
def test_other_spellings_scripts_and_quotes_of_the_whole_record_do_not_hide_a_marker(text: str, marker: str) -> None:
    assert marker in {hit.marker for hit in find_markers(text)}


def test_what_is_only_reported_can_be_asked_for_and_says_that_it_is() -> None:
    (hit,) = find_markers(HUMAN[1], reported=True)
    assert hit.reported
    assert hit.kind == "self_identification"


def test_a_span_points_into_the_text_as_it_was_given() -> None:
    text = "İçerik.\u00a0Ａs an AI language model, I　cannot…"
    (hit,) = find_markers(text)
    assert text[hit.start : hit.end] == hit.text == "Ａs an AI language model, I"
    assert json.loads(json.dumps(hit.to_json()))["start"] == hit.start


@given(st.text())
def test_folding_keeps_every_character_in_its_place(text: str) -> None:
    folded = fold(text)
    assert len(folded) == len(text)
    for hit in find_markers(text, reported=True):
        assert 0 <= hit.start < hit.end <= len(text)


def test_the_languages_asked_for_are_there_and_every_verified_row_has_an_address() -> None:
    assert {marker.language for marker in ALL} >= {"en", "zh", "es", "fr", "de", "ja", "ko", "ru", "pt"}
    assert all(re.match(r"https?://", marker.source) for marker in ALL if marker.verified)
    assert {marker.kind for marker in ALL} == {"self_identification", "refusal", "leftover"}


@pytest.mark.parametrize("unit", ["As an AI, as an AI ", "I am a ", "我是一个", 'say "I am an AI model" ', "como ia, "])
def test_a_megabyte_takes_time_in_proportion(unit: str) -> None:
    def seconds(characters: int) -> float:
        text = unit * (characters // len(unit))
        best = 1e9
        for _ in range(3):
            started = time.perf_counter()
            find_markers(text)
            best = min(best, time.perf_counter() - started)
        return best

    assert seconds(1_000_000) < 40 * seconds(100_000) + 0.2


ROW = """
[[marker]]
id = "one"
language = "en"
kind = "%s"
pattern = '''%s'''
needs = ["a"]
example = "a"
trap = "b"
source = "%s"
verified = %s
"""


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (("rumour", "a", "", "false"), "no kind of marker"),
        (("refusal", "a+", "", "false"), "without bound"),
        (("refusal", "(a|b){2,}", "", "false"), "without bound"),
        (("refusal", "a", "", "true"), "without a source"),
    ],
)
def test_a_list_that_could_not_be_kept_is_refused(values: tuple[str, ...], complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "list.toml"
    path.write_text(ROW % values)
    with pytest.raises(ValueError, match=complaint):
        read(path)


def test_a_marker_that_hit_nothing_is_unmeasured_and_rates_are_compared_per_record() -> None:
    assert Precision().value is None
    assert Precision(model_hits=9, model_records=100, human_hits=1, human_records=1000).value == pytest.approx(
        0.989, abs=1e-3
    )
