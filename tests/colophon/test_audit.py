"""`colophon audit`: who pasted stands out and nobody else, the sample is written down first and is the same for all."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.colophon.calls import PROJECT, Outcome, Run
from tests.ingest.engine.texts import han, prose

SAMPLE = PROJECT / "samples" / "audit"
ANSWERS, OUTPUTS = SAMPLE / "answers.jsonl.gz", SAMPLE / "outputs.jsonl.gz"
TRUTH = json.loads((SAMPLE / "truth.json").read_text())
PROSE = [prose(100 + number, 90) for number in range(12)]


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def small(tmp_path: Path) -> tuple[Path, Path]:
    """Twelve records in two batches, three by `bob` pasted from a reference of three outputs."""
    texts = [*PROSE[:9], *(prose(number, 90) for number in (1, 2, 3))]
    rows = [
        {"batch": f"b{number % 2}", "annotator": "bob" if number > 8 else f"ann{number % 5}", "answer": text}
        for number, text in enumerate(texts)
    ]
    outputs = [{"response": prose(number, 90), "model": "model-a", "prompt": f"q{number}"} for number in (1, 2, 3)]
    return written(tmp_path / "data.jsonl", rows), written(tmp_path / "outputs.jsonl", outputs)


@pytest.fixture
def sample(run: Run) -> Outcome:
    return run("audit", ANSWERS, "--reference", OUTPUTS, "--json")


def test_of_twenty_annotators_the_two_who_pasted_are_flagged_and_nobody_else(sample: Outcome) -> None:
    assert sample.code == 1
    flagged = [row["annotator"] for row in sample.json["annotators"] if row["flagged"]]
    assert flagged == TRUTH["annotators"]
    assert len(sample.json["annotators"]) == 20
    rows = sample.json["annotators"]
    assert [row["annotator"] for row in rows if row["resemblance"]["stands_out"]] == TRUTH["annotators"]
    examples = {example["record"] for row in rows for example in row["examples"] if example["match"]}
    assert examples
    assert {name.rpartition("#")[2] for name in examples} <= set(TRUTH["pasted"])
    assert sum(row["positive"] for row in sample.json["annotators"] if not row["flagged"]) == 0


def test_the_result_says_how_it_came_about(sample: Outcome) -> None:
    result = sample.json
    assert (result["seed"], result["records"], result["sampled"]) == (1, 500, 500)
    assert result["method"]["near_copies"]["outputs"] == 252
    assert {"accuracy", "confidence", "limit", "intervals", "annotators", "markers", "detector"} <= result[
        "method"
    ].keys()
    for row in result["batches"]:
        assert {"batch", "records", "sampled", "positive", "rate", "interval", "corrected_rate"} <= row.keys()
        assert row["interval"][0] == row["rate"] == row["interval"][1]  # a census
    assert result["prompts_in_reference"] > 0


def test_the_reference_may_call_its_texts_otherwise(run: Run, tmp_path: Path) -> None:
    data = written(tmp_path / "data.jsonl", [{"body": PROSE[0], "text": "no"}])
    for field in ("text", "output", "response", "answer", "completion", "body"):
        outputs = written(tmp_path / "outputs.jsonl", [{field: PROSE[0]}])
        result = run("audit", data, "--reference", outputs, "--text-field", "body", "--json").json
        assert result["texts_in_reference"] == 1, field


def test_somebody_else_with_other_files_draws_the_same_sample(run: Run, tmp_path: Path, sample: Outcome) -> None:
    rows = rows_of(ANSWERS)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for part in range(3):
        written(folder / f"part-{2 - part}.jsonl", rows[part::3][::-1])
    options = ("--sample", 40, "--seed", 9, "--json", "--examples", 0)
    here = run("audit", ANSWERS, "--reference", OUTPUTS, *options)
    there = run("audit", folder, "--reference", OUTPUTS, *options)
    assert here.json["sample"] == there.json["sample"] != sample.json["sample"]
    assert here.json == there.json
    assert here.json["sampled"] == 160
    assert f"sample {here.json['sample']}" in here.error
    assert here.json["sample"] in there.error


def test_the_sample_is_written_before_anything_is_looked_at(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    data, _ = small
    empty = written(tmp_path / "empty.jsonl", [{"text": " "}])
    listed = tmp_path / "sample.jsonl"
    outcome = run("audit", data, "--reference", empty, "--sample", 2, "--list-sample", listed)
    assert outcome.code == 2
    assert "no outputs" in outcome.error
    assert "sample sha256:" in outcome.error
    rows = [json.loads(line) for line in listed.read_text().splitlines()]
    assert [row["batch"] for row in rows] == ["b0", "b0", "b1", "b1"]
    assert all(row["record"].startswith(str(data)) and len(row["sha256"]) == 64 for row in rows)


def test_a_sample_that_cannot_be_written_is_not_looked_at(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    data, outputs = small
    outcome = run("audit", data, "--reference", outputs, "--list-sample", tmp_path / "nowhere" / "sample.jsonl")
    assert (outcome.code, outcome.out) == (2, b"")


def test_two_processes_print_what_one_prints(run: Run, small: tuple[Path, Path]) -> None:
    data, outputs = small
    arguments = ("audit", data, "--reference", outputs, "--json")
    one, two = run(*arguments), run(*arguments, "--jobs", 2)
    assert one.code == two.code == 1
    assert one.out == two.out


def test_people_read_who_is_flagged_and_what_that_does_not_prove(run: Run, small: tuple[Path, Path]) -> None:
    data, outputs = small
    outcome = run("audit", data, "--reference", outputs)
    text = outcome.out.decode()
    assert "Annotators: 1 of 6 flagged" in text
    assert next(line for line in text.splitlines() if "FLAGGED" in line).split()[1] == "bob"
    assert "What they do not show" in text
    assert "near-copy" in text
    assert "by model-a" in text
    assert "records without a prompt" in text


def test_who_pasted_short_answers_is_named_and_not_flagged(run: Run, tmp_path: Path) -> None:
    outputs = [{"response": prose(500 + n, 15), "model": "model-a", "prompt": f"q{n}"} for n in range(30)]
    rows = [
        {
            "batch": "b",
            "annotator": f"ann{n % 6}",
            "prompt": f"q{n % 30}",
            "answer": outputs[n % 30]["response"] if n % 6 == 2 else prose(900 + n, 15),
        }
        for n in range(120)
    ]
    data = written(tmp_path / "data.jsonl", rows), written(tmp_path / "outputs.jsonl", outputs)
    outcome = run("audit", data[0], "--reference", data[1])
    assert outcome.code == 0
    text = outcome.out.decode()
    assert "Annotators: 0 of 6 flagged; 1 more is marked `resembles`" in text
    assert next(line for line in text.splitlines() if line.startswith("  resembles")).split()[1] == "ann2"
    assert "resembles, perhaps by chance," in text


def test_a_field_that_no_record_has_is_an_error_where_it_was_named(run: Run, small: tuple[Path, Path]) -> None:
    data, outputs = small
    outcome = run("audit", data, "--reference", outputs, "--batch-field", "lot")
    assert (outcome.code, outcome.out) == (2, b"")
    assert "no record has anything in the field 'lot'" in outcome.error


def test_a_file_that_is_given_twice_is_not_counted_twice(run: Run, small: tuple[Path, Path]) -> None:
    data, outputs = small
    for again in (data, data.parent):
        outcome = run("audit", data, again, "--reference", outputs)
        assert (outcome.code, outcome.out) == (2, b"")
        assert f"{data} is given 2 times" in outcome.error


def test_columns_of_one_name_are_no_field(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    table = tmp_path / "data.csv"
    table.write_text("answer,batch,batch,annotator\nyes,b1,b2,ann\n")
    result = run("audit", table, "--reference", small[1], "--json").json
    assert result["input"]["fields"]["batch"]["missing"] == 1
    assert [row["batch"] for row in result["batches"]] == [""]
    table.write_text("answer,answer\nyes,no\n")
    outcome = run("audit", table, "--reference", small[1])
    assert outcome.code == 2
    assert "several columns are called 'answer'" in outcome.error


def test_a_clean_set_is_exit_0(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    clean = written(tmp_path / "clean.jsonl", [{"batch": "b", "annotator": "ann", "text": text} for text in PROSE])
    outcome = run("audit", clean, "--reference", small[1], "--json")
    assert outcome.code == 0
    assert outcome.json["batches"][0]["corrected_interval"][0] == 0


def test_fields_have_the_names_that_are_given(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    rows = [{"lot": 1, "who": "bob", "asked": "q1", "when": "2023-04-01", "body": text} for text in PROSE[:3]]
    data = written(tmp_path / "named.jsonl", rows)
    names = ("--batch-field", "lot", "--annotator-field", "who", "--prompt-field", "asked", "--date-field", "when")
    outcome = run("audit", data, "--reference", small[1], "--text-field", "body", *names, "--json")
    assert outcome.code == 0
    assert [row["batch"] for row in outcome.json["batches"]] == ["1"]
    assert [row["annotator"] for row in outcome.json["annotators"]] == ["bob"]
    assert [row["period"] for row in outcome.json["trend"]] == ["2023-04"]
    assert outcome.json["prompts_in_reference"] == 3


def test_what_records_lack_is_said_and_nothing_is_left_out_silently(
    run: Run, small: tuple[Path, Path], tmp_path: Path
) -> None:
    rows: list[dict[str, Any]] = [
        {"text": PROSE[0]},
        {"batch": 7, "annotator": "ann", "text": PROSE[1]},
        {"batch": "b", "annotator": ["x"], "text": ""},
        {"batch": "b", "annotator": "ann", "text": f"{PROSE[2]} " * 2_000},
        {"batch": "b", "annotator": "ann", "text": PROSE[3]},
        {"batch": "b", "annotator": "ann", "text": PROSE[3]},
    ]
    data = written(tmp_path / "odd.jsonl", rows)
    told = run("audit", data, "--reference", small[1], "--sample", 50, "--json").json
    assert told["input"]["fields"]["batch"] == {"field": "batch", "missing": 1, "unusable": 0, "words": 4, "numbers": 1}
    assert told["input"]["fields"]["annotator"]["unusable"] == 1
    assert (told["input"]["empty"], told["input"]["large"], told["duplicates"]) == (1, 1, 1)
    assert (told["batches_of_one"], told["batches_smaller_than_the_sample"]) == (2, 3)
    text = run("audit", data, "--reference", small[1], "--sample", 50).out.decode()
    for sentence in (
        "without `batch`: 1",
        "numbers and words mixed",
        "not usable as one",
        "without text: 1",
        "a million characters",
        "the same as another",
        "batches of one record: 2",
        "all of their records were drawn): 3",
        "(none named)",
    ):
        assert sentence in text, sentence


def test_a_set_that_is_its_own_reference_is_said_to_be(run: Run, small: tuple[Path, Path]) -> None:
    result = run("audit", small[1], "--reference", small[1], "--json").json
    assert (result["files_in_reference"], result["texts_in_reference"]) == (1, 3)


def test_a_reference_that_holds_part_of_the_set_under_another_name_is_counted(
    run: Run, small: tuple[Path, Path], tmp_path: Path
) -> None:
    data, _outputs = small
    mine = [json.loads(line)["answer"] for line in data.read_text().splitlines()]
    copied = written(tmp_path / "elsewhere.jsonl", [{"text": mine[0]}, {"text": mine[1]}, {"text": prose(9_000, 90)}])
    result = run("audit", data, "--reference", copied, "--json").json
    assert (result["files_in_reference"], result["texts_in_reference"]) == (0, 2)
    assert sum(row["positive"] for row in result["batches"]) == 2
    assert "letter for letter" in run("audit", data, "--reference", copied).out.decode()


def test_languages_that_the_detector_was_not_measured_on_are_abstained_on_and_copies_are_still_found(
    run: Run, tmp_path: Path
) -> None:
    chinese, french = han(4, 300), "Le chat est sur la table et il ne veut pas de la soupe dans la cuisine. " * 12
    data = written(tmp_path / "d.jsonl", [{"batch": "b", "text": text} for text in (chinese, french, PROSE[0])])
    outputs = written(tmp_path / "o.jsonl", [{"text": chinese}])
    [batch] = run("audit", data, "--reference", outputs, "--json").json["batches"]
    assert batch["positive"] == 1
    result = run("audit", data, "--reference", outputs, "--json").json
    assert result["not_scored"] == 3 - batch["indication"]["scored"] >= 2


def test_a_record_of_megabytes_is_looked_at_whole_and_a_copy_in_it_is_none_of_most_of_it(
    run: Run, tmp_path: Path
) -> None:
    long = "\n".join(prose(20_000 + number, 900) for number in range(220))
    assert len(long) > 1 << 20
    pasted, quoting = long, f"{long[: len(long) // 2]} {PROSE[1]}"
    rows = [{"batch": "b", "text": text} for text in (pasted, quoting, "", "   ")]
    data = written(tmp_path / "d.jsonl", rows)
    outputs = written(tmp_path / "o.jsonl", [{"id": "long", "text": long}, {"id": "short", "text": PROSE[1]}])
    result = run("audit", data, "--reference", outputs, "--json", "--examples", 5).json
    found = {example["record"][-1]: example["match"]["work"][-4:] for example in result["batches"][0]["examples"]}
    assert found == {"1": "long", "2": "long"}  # half of the output is all of the second record
    assert (result["input"]["large"], result["input"]["empty"], result["not_judged"]) == (1, 2, 2)


def test_what_the_batch_field_may_hold_is_kept_apart(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    values: list[Any] = [1, "1", 1.0, " 1 ", True, None, {"a": 1}, ["1"], "", "no-such"]
    data = written(tmp_path / "d.jsonl", [{"batch": value, "text": "Yes."} for value in values])
    result = run("audit", data, "--reference", small[1], "--sample", 400, "--json").json
    assert [(row["batch"], row["records"]) for row in result["batches"]] == [("", 5), ("1", 4), ("no-such", 1)]
    assert result["input"]["fields"]["batch"] == {
        "field": "batch", "missing": 2, "unusable": 3, "words": 3, "numbers": 2,
    }  # fmt: skip
    assert (result["duplicates"], result["batches_of_one"], result["not_judged"]) == (7, 1, 10)


def test_bad_records_fail_the_command_unless_they_are_accepted(run: Run, small: tuple[Path, Path]) -> None:
    data, outputs = small
    data.write_text(data.read_text() + "not json\n")
    failed = run("audit", data, "--reference", outputs, "--json")
    assert failed.code == 2
    assert failed.json["records"] == 12
    assert "not_json" in failed.error
    assert run("audit", data, "--reference", outputs, "--skip-bad").code == 1


def test_nothing_to_audit_is_exit_3(run: Run, small: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert run("audit", tmp_path / "none", "--reference", small[1]).code == 2
    assert run("audit", tmp_path / "none", "--reference", small[1], "--skip-bad").code == 3


@pytest.mark.parametrize(
    "wrong",
    [("--sample", 0), ("--limit", 2), ("--confidence", 1), ("--seed", "x"), ("--preset", "other"), ("--examples", -1)],
)
def test_usage_errors_are_exit_2(run: Run, small: tuple[Path, Path], wrong: tuple[object, ...]) -> None:
    assert run("audit", small[0], "--reference", small[1], *wrong).code == 2


def test_a_reference_that_does_not_exist_is_said_before_anything_is_read(run: Run, small: tuple[Path, Path]) -> None:
    outcome = run("audit", small[0], "--reference", "nowhere.jsonl")
    assert outcome.code == 2
    assert "nowhere.jsonl" in outcome.error
    assert "drew" not in outcome.error


def test_the_preset_samples_the_whole_set_and_says_that_it_is_unverified(run: Run, small: tuple[Path, Path]) -> None:
    outcome = run("audit", *small[:1], "--reference", small[1], "--preset", "gbt45654", "--json")
    assert outcome.code == 1
    preset = outcome.json["preset"]
    assert (preset["sampled"], preset["passing"], preset["verified"], preset["passed"]) == (4_000, 0.96, False, False)
    assert [row["records"] for row in outcome.json["batches"]] == [12]
    assert outcome.json["method"]["limit"] == 0.04
    assert "unverified" in run("audit", small[0], "--reference", small[1], "--preset", "gbt45654").out.decode()


def test_a_preset_is_not_mixed_with_what_it_says(run: Run, small: tuple[Path, Path]) -> None:
    outcome = run("audit", small[0], "--reference", small[1], "--preset", "gbt45654", "--sample", 10)
    assert outcome.code == 2
    assert "--sample" in outcome.error
