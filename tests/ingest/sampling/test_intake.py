"""What records have in their fields is taken as people mean it, and what they lack is counted."""

import pytest

from ingest.readers.document import Document
from ingest.sampling.draws import Record
from ingest.sampling.intake import LARGE, Fields, Intake, output_of


def test_a_record_has_batch_annotator_date_and_what_was_asked() -> None:
    meta = {
        "batch": " b0 ",
        "annotator": 7,
        "created_at": "2023-04-01T10:00:00Z",
        "instruction": "Do it",
        "input": "so",
    }
    record = Intake().record(Document("f#1", "done", meta))
    assert record == Record("f#1", "done", "b0", "7", "2023-04-01", "Do it\nso")


@pytest.mark.parametrize(
    ("value", "batch"),
    [(3, "3"), (3.0, "3"), (3.5, "3.5"), ("3", "3"), (None, ""), ("", ""), ("  ", ""), (True, ""), (["b"], "")],
)
def test_the_same_number_is_the_same_batch_however_a_table_holds_it(value: object, batch: str) -> None:
    assert Intake().record(Document("f#1", "x", {"batch": value})).batch == batch


def test_what_is_missing_unusable_and_mixed_is_counted() -> None:
    intake = Intake(Fields(batch="lot", annotator=""))
    for meta in ({"lot": 1}, {"lot": "1"}, {"lot": ["x"]}, {"lot": None}, {}):
        intake.record(Document("f#1", " ", meta))
    assert intake.to_json() == {
        "fields": {
            "batch": {"field": "lot", "missing": 2, "unusable": 1, "words": 1, "numbers": 1},
            "date": {"field": None, "missing": 5, "unusable": 0, "words": 0, "numbers": 0},
        },
        "without_prompt": 5,
        "empty": 5,
        "large": 0,
    }


@pytest.mark.parametrize(
    ("word", "date"),
    [("2023-04", "2023-04"), ("2023-04-30", "2023-04-30"), ("04/05/2023", ""), ("2023-13-01", ""), ("202304", "")],
)
def test_only_a_day_or_month_that_everybody_reads_alike_is_a_date(word: str, date: str) -> None:
    intake = Intake(Fields(date="when"))
    assert intake.record(Document("f#1", "x", {"when": word})).date == date
    assert intake.dates["unusable"] == (not date)


def test_a_named_prompt_field_is_the_only_one() -> None:
    meta = {"question": "Why?", "prompt": "no", "input": "no"}
    assert Intake(Fields(prompt="question")).record(Document("f#1", "x", meta)).prompt == "Why?"


def test_records_of_a_megabyte_are_counted() -> None:
    intake = Intake()
    intake.record(Document("f#1", "x" * LARGE, {}))
    assert (intake.large, intake.empty) == (1, 0)


def test_an_output_has_its_prompt_and_its_generator() -> None:
    output = output_of(Document("r#1", "x", {"prompt": "Why?", "model": "model-a"}))
    assert (output.name, output.text, output.prompt, output.generator) == ("r#1", "x", "Why?", "model-a")


def test_a_field_that_somebody_named_and_no_record_has_is_told() -> None:
    fields = Fields(batch="lot", annotator="who", date="day", prompt="ask")
    intake = Intake(fields)
    assert intake.in_no_record() == []  # nothing was read
    intake.record(Document("f#1", "text", {"batch": "b", "lot": "", "who": None}))
    assert intake.in_no_record() == ["lot", "who", "day", "ask"]
    intake.record(Document("f#2", "text", {"lot": 3, "who": [], "day": "soon", "ask": "why?"}))
    assert intake.in_no_record() == []
    usual = Intake()
    usual.record(Document("f#1", "text", {}))
    assert usual.in_no_record() == []  # nobody named those
