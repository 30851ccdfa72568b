"""Fresh words are those in no phrase of three that the prompt, or the text before, holds; numbers are none."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.sampling.fresh_words import fresh_words, unasked

WORDS = st.lists(st.sampled_from(["a", "b", "c", "7", "我", "们"]), max_size=14)


def by_hand(words: list[str], prompts: list[list[str]]) -> float:
    def holds(inside: list[str], phrase: list[str]) -> bool:
        return any(inside[at : at + 3] == phrase for at in range(len(inside) - 2))

    fresh = 0.0
    for at, word in enumerate(words):
        around = [start for start in range(max(0, at - 2), at + 1) if start + 3 <= len(words)]
        stale = any(
            holds(prompt, words[start : start + 3]) for start in around for prompt in [*prompts, words[: start + 2]]
        )
        if not stale and not word.isdigit():
            fresh += 1.0 if word.isascii() else 0.5
    return fresh


@given(WORDS, st.lists(WORDS, max_size=2))
def test_they_are_counted_as_one_would_by_hand(words: list[str], prompts: list[list[str]]) -> None:
    assert fresh_words(" ".join(words), [" ".join(prompt) for prompt in prompts]) == by_hand(words, prompts)


def test_a_text_without_prompt_that_never_repeats_itself_is_fresh_but_for_its_numbers() -> None:
    assert fresh_words("Six ducks lay 12 eggs a day.", []) == 6
    assert fresh_words("我们养鸭子", []) == 2.5
    assert fresh_words("", [""]) == 0


def test_case_and_punctuation_do_not_make_a_phrase_another() -> None:
    assert fresh_words("The BEST of all, worlds!", ["the best; of all"]) == 1


def test_what_is_said_twice_counts_once() -> None:
    line = "no phrase here comes twice."
    assert fresh_words(f"{line} {line}", []) == fresh_words(line, []) == 5


def test_what_no_prompt_holds_is_told_by_words_and_by_pairs_of_characters() -> None:
    assert unasked("Six red ducks, 12 eggs", ["six DUCKS"]) == 0.5
    assert unasked("鸭子下蛋", ["鸭和子 a 下蛋"]) == 0.5  # 鸭子 and 子下 are new; 下蛋 and the last 蛋 are not
    assert unasked("", ["q"]) == 0
    assert unasked("all of it", []) == 1


@given(st.text(alphabet="aZ9 _'-"), st.lists(st.text(alphabet="aZ9 é'"), max_size=2))
def test_the_fast_way_through_plain_text_tells_the_same_share(text: str, known: list[str]) -> None:
    assert unasked(text, known) == unasked(f"{text} —", [f"{one} —" for one in known])
