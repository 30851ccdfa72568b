"""`colophon match`: lines of the contract, offsets that hold, the same bytes whatever --jobs is."""

import gzip
import json

import pytest

from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS, UNRELATED, run_process

LINE_KEYS = {
    *("document", "work", "relation", "coverage_document", "coverage_work", "matched_words"),
    *("longest_verbatim_words", "identity", "confidence", "passages", "precision", "index", "engine", "parameters"),
}


@pytest.fixture
def dataset(tmp_path):
    """JSON Lines with a whole work in other dress, an excerpt between other text, a Chinese excerpt, and nothing."""
    gift, shadows = GIFT.read_text(), SHADOWS.read_text()
    rows = [
        {"id": "whole", "text": gift.upper().replace("\n", "  ")},
        {"text": UNRELATED + gift[3000:5000] + UNRELATED},
        {"id": "zh", "text": "甲乙丙丁" + shadows[2000:2600]},
        {"id": "none", "text": UNRELATED},
    ]
    path = tmp_path / "data.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()))
    return path


def test_match_writes_the_lines_of_the_contract_in_input_order(run, shelf_index, dataset):
    outcome = run("match", shelf_index, dataset)
    assert outcome.code == 0
    assert [(line["document"], line["work"]) for line in outcome.lines] == [
        (f"{dataset}#whole", "o-henry-the-gift-of-the-magi"),
        (f"{dataset}#2", "o-henry-the-gift-of-the-magi"),
        (f"{dataset}#zh", "zhang-chao-youmengying"),
    ]
    assert [line["relation"] for line in outcome.lines] == ["copy", "partial", "excerpt"]
    for line in outcome.lines:
        assert set(line) == LINE_KEYS
        assert line["index"].startswith("sha256:")
        assert line["parameters"].startswith("sha256:")
    assert outcome.lines[0]["coverage_work"] > 0.99


def test_passages_point_at_the_characters_of_both_texts(run, shelf_index, dataset):
    line = run("match", shelf_index, dataset).lines[1]
    documents = [json.loads(row) for row in gzip.decompress(dataset.read_bytes()).splitlines()]
    [passage] = line["passages"]
    start, end = passage["document_chars"]
    work_start, work_end = passage["work_chars"]
    in_work = GIFT.read_text()[work_start:work_end]
    assert documents[1]["text"][start:end].split() == in_work.split()
    assert len(in_work) > 1900


def test_jobs_do_not_change_a_byte(shelf_index, dataset, tmp_path):
    (tmp_path / "more").mkdir()
    for number in range(3):
        (tmp_path / "more" / f"{number}.txt").write_text(PROPOSAL.read_text()[number * 500 :])
    arguments = ("match", shelf_index, dataset, tmp_path / "more")
    one, two = run_process(*arguments, "--jobs", 1), run_process(*arguments, "--jobs", 2)
    assert (one.code, two.code) == (0, 0)
    assert one.out == two.out
    assert len(one.lines) == 6


def test_no_match_is_exit_0_and_no_output(run, shelf_index, tmp_path):
    (tmp_path / "other.txt").write_text(UNRELATED)
    outcome = run("match", shelf_index, tmp_path / "other.txt")
    assert (outcome.code, outcome.out) == (0, b"")


def test_min_words_drops_small_pairs(run, shelf_index, dataset):
    lines = run("match", shelf_index, dataset, "--min-words", 1000).lines
    assert [line["relation"] for line in lines] == ["copy"]
    assert run("match", shelf_index, dataset, "--min-words", 0).code == 2


def test_a_bad_line_is_named_and_the_rest_goes_on(run, shelf_index, tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_text("not json\n" + json.dumps({"text": GIFT.read_text()}) + "\n")
    outcome = run("match", shelf_index, path)
    assert outcome.code == 2
    assert f"{path}#1" in outcome.error
    assert "[not_json]" in outcome.error
    assert [line["document"] for line in outcome.lines] == [f"{path}#2"]
    skipping = run("match", shelf_index, path, "--skip-bad")
    assert skipping.code == 0
    assert f"{path}#1" in skipping.error
    assert skipping.out == outcome.out


def test_a_guessed_encoding_is_named_once_and_can_be_given(run, shelf_index, tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes((GIFT.read_text() + " café, crème, naïve, déjà vu").encode("cp1252", "replace"))
    guessed = run("match", shelf_index, path)
    assert guessed.code == 0
    assert guessed.error.count("cp1252") == 1
    given = run("match", shelf_index, path, "--encoding", "cp1252")
    assert (given.code, given.error) == (0, "")
    assert given.out == guessed.out
    assert run("match", shelf_index, path, "--encoding", "klingon").code == 2


def test_fields_can_be_named(run, shelf_index, tmp_path):
    path = tmp_path / "data.csv"
    path.write_text('number,body\nn7,"' + GIFT.read_text().replace('"', '""') + '"\n')
    [line] = run("match", shelf_index, path, "--text-field", "body", "--id-field", "number").lines
    assert line["document"] == f"{path}#n7"


def test_an_empty_folder_is_bad_input_and_nothing_to_check_when_skipped(run, shelf_index, tmp_path):
    assert run("match", shelf_index, tmp_path).code == 2
    assert run("match", shelf_index, tmp_path, "--skip-bad").code == 3


def test_a_path_or_an_index_that_is_not_there_is_named(run, shelf_index, tmp_path):
    missing = run("match", shelf_index, GIFT, tmp_path / "missing.txt")
    assert missing.code == 2
    assert str(tmp_path / "missing.txt") in missing.error
    assert missing.out == b""
    for place in (tmp_path / "no.index", tmp_path, GIFT):
        outcome = run("match", place, GIFT)
        assert outcome.code == 2
        assert place.name in outcome.error


def test_a_damaged_segment_is_named(run, shelf_index, tmp_path):
    broken = tmp_path / "broken.index"
    broken.mkdir()
    for file in shelf_index.iterdir():
        if not file.name.startswith("."):
            (broken / file.name).write_bytes(file.read_bytes()[:200])
    (broken / "index.json").write_bytes((shelf_index / "index.json").read_bytes())
    outcome = run("match", broken, GIFT)
    assert outcome.code == 2
    assert ".seg" in outcome.error


def test_a_configuration_in_a_folder_is_read_as_text_but_a_named_one_is_bad(run, shelf_index, tmp_path):
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"name": "x", "note": GIFT.read_text()}, indent=1))
    in_folder = run("match", shelf_index, tmp_path)
    assert in_folder.code == 0
    assert [line["document"] for line in in_folder.lines] == [str(settings)]
    named = run("match", shelf_index, settings)
    assert named.code == 2
    assert "[text_missing]" in named.error


def test_names_cannot_write_on_the_terminal(run, shelf_index, tmp_path):
    path = tmp_path / "a\x1b[31mred.txt"
    path.write_bytes(b"")
    outcome = run("match", shelf_index, path)
    assert outcome.code == 2
    assert "\x1b" not in outcome.error
