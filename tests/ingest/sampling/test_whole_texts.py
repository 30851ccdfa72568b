"""A copy of a whole output is found whatever its own words; what all write who were handed the same is not."""

import random

import pytest

from ingest.sampling.fresh_words import fresh_words
from ingest.sampling.near_copies import Corpus, NearCopy, Output
from ingest.sampling.own_words import own_words
from ingest.sampling.thresholds import Thresholds
from tests.ingest.engine.texts import prose
from tests.ingest.sampling.test_near_copies import changed


def shuffled(words: list[str], seed: int) -> str:
    """The same words in another order: few of them are its own, and nearly all is said anew."""
    words = sorted(words)
    random.Random(seed).shuffle(words)
    return " ".join(words)


QUESTION = sorted(set(prose(800, 60).split()))
WORDS = sorted(set(prose(801, 40).split()) - set(QUESTION))[:12]  # its own
ASKED = f"Tell a story with these words: {' '.join(QUESTION)}"
ANSWER = shuffled(QUESTION * 2 + WORDS * 6, 1)
LETTER = (
    "Dear Mr Osborne, i am writting to complain about the washing machine what I have bought in you're shop at "
    "the third of may. When it was delivered the door do not closed properly and water runned all over the floor "
    "of are kitchen. I has called your service line for three time, but nobody have answer me. The man which "
    "bringed the machine said he will come back on monday with an new seal, he never come. Meanwhile my neighbour "
    "downstairs complain that there ceiling is getting wet, and I must to wash all cloths by hand. I would of "
    "liked to get a new machine or else all of my moneys back until the end off this month. If I do not here from "
    "you I will went to a lawyer."
)
CORRECTED = (
    "Dear Mr Osborne, I am writing to complain about the washing machine that I bought in your shop on the third "
    "of May. When it was delivered the door did not close properly and water ran all over the floor of our "
    "kitchen. I have called your service line three times, but nobody has answered me. The man who brought the "
    "machine said he would come back on Monday with a new seal; he never came. Meanwhile my neighbour downstairs "
    "complains that their ceiling is getting wet, and I have to wash all my clothes by hand. I would like to get "
    "a new machine or else all of my money back by the end of this month. If I do not hear from you I will go to "
    "a lawyer."
)
BY_A_PERSON = CORRECTED.replace("that I bought", "which I bought").replace("by the end", "before the end")
TASK = f"Correct the grammar of this letter.\n\n{LETTER}"


def found(output: Output, text: str, prompt: str) -> NearCopy | None:
    with Corpus([output]) as corpus:
        [copy] = corpus.find([text], [prompt])
        return copy


def told(output: Output, text: str, prompt: str) -> str | None:
    copy = found(output, text, prompt)
    return copy and copy.way


def test_an_edited_copy_of_an_answer_mostly_in_the_questions_words_is_found_and_says_how() -> None:
    text = changed(ANSWER, random.Random(2))
    assert len(own_words([text], ASKED)) < 18
    output = Output("o", ANSWER, ASKED, "model-a")
    with Corpus([output]) as corpus:
        [copy] = corpus.find([text], [ASKED])
        assert copy is not None
        assert (copy.output.name, copy.way) == ("o", "whole text")
        assert copy.to_json("d#1", corpus.index)["way"] == "whole text"
        assert corpus.thresholds.is_long_enough(text, ASKED)
    assert told(Output("o", prose(9, 120), "q"), prose(9, 120), "q") == "own words"


def test_two_who_correct_the_same_letter_have_not_copied_from_each_other() -> None:
    output = Output("o", CORRECTED, TASK)
    assert told(output, BY_A_PERSON, TASK) is None
    assert told(output, CORRECTED, TASK) is None
    assert told(output, BY_A_PERSON, "") is None
    with Corpus([output]) as corpus:
        assert not corpus.thresholds.is_long_enough(BY_A_PERSON, TASK)


def test_of_a_long_text_corrected_by_two_the_many_words_that_both_put_right_prove_nothing() -> None:
    right = prose(803, 500).split()
    wrong = [f"{word}x" if at % 6 == 0 else word for at, word in enumerate(right)]
    task = f"Correct this: {' '.join(wrong)}"
    corrected = " ".join(right)
    assert len(own_words([corrected], task)) > 35
    assert told(Output("o", corrected, task), corrected, task) is None
    assert told(Output("o", corrected, task), corrected, "") is None
    assert not Thresholds().is_long_enough(corrected, task)


@pytest.mark.parametrize("asked", ["", "Is this letter correct now?"])
def test_whose_text_the_model_was_handed_did_not_copy_it_from_the_model(asked: str) -> None:
    assert told(Output("o", ANSWER, f"Repeat word for word: {ANSWER}"), ANSWER, asked or ANSWER) is None
    assert told(Output("o", CORRECTED, TASK), LETTER, asked) is None


def test_the_same_words_put_in_order_by_two_prove_nothing() -> None:
    towns = " ".join(sorted(set(prose(7, 300).split())))
    assert told(Output("o", towns, f"Sort: {towns}"), towns, f"Sort: {towns}") is None


def test_what_says_the_same_line_again_and_again_is_not_judged() -> None:
    line = "the cat sat on the mat and the dog sat on the cat. "
    output = Output("o", line * 30, "the cat, the dog and the mat: who sat and on what?")
    assert told(output, line * 30, output.prompt) is None
    with Corpus([output]) as corpus:
        assert not corpus.thresholds.is_long_enough(line * 30, output.prompt)


def test_a_short_copy_is_found_where_it_is_the_same_letter_for_letter() -> None:
    text = shuffled(QUESTION[:30] + WORDS * 2, 3)
    asked = f"Use these: {' '.join(QUESTION)}"
    assert 30 <= fresh_words(text, [asked]) < 60
    output = Output("o", text, asked)
    assert told(output, text.upper(), asked) == "whole text"
    assert told(output, changed(changed(text, random.Random(1)), random.Random(2)), asked) is None
    with Corpus([output]) as corpus:
        assert not corpus.thresholds.is_long_enough(text, asked)


def test_a_part_of_an_output_is_not_the_whole() -> None:
    half = " ".join(ANSWER.split()[:110])
    assert told(Output("o", ANSWER, ASKED), half, ASKED) is None


def test_ones_own_words_around_a_repeated_question_do_not_make_the_question_said_anew() -> None:
    output = Output("o", CORRECTED, TASK)
    remarks = " ".join(prose(802, 40).split())
    assert told(output, f"{remarks} {CORRECTED}", TASK) is None


def test_where_nobody_knows_what_was_asked_twice_as_much_must_be_said_anew() -> None:
    limits = Thresholds()
    text = shuffled(WORDS * 9, 5)
    assert 67 <= fresh_words(text, []) < 120
    assert limits.is_long_enough(text, "What?")
    assert not limits.is_long_enough(text, "")
    short = shuffled(WORDS * 4, 6)
    assert 30 <= fresh_words(short, []) < 60
    assert told(Output("o", short), short, "") is None
    assert told(Output("o", short), short, "What?") == "whole text"


def test_of_chinese_twice_as_many_characters_are_asked() -> None:
    few, many = shuffled(list("天地人火水山木金土日月星") * 8, 1), shuffled(list("天地人火水山木金土日月星") * 20, 1)
    limits = Thresholds()
    assert 67 <= 2 * fresh_words(few, ["问"]) < 134
    assert not limits.is_long_enough(few, "问")
    assert limits.is_long_enough(many, "问")
    text = "".join(many.split())
    assert told(Output("o", text, "问"), text, "问") is not None
