"""`colophon index add|withdraw|restore|merge`: an index changes without being built anew."""

import json

import pytest

from colophon import indexing
from ingest.engine.params import choose
from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS


@pytest.fixture
def index(run, tmp_path):
    """An index of one book."""
    out = tmp_path / "shelf.index"
    assert run("index", "build", GIFT, "--out", out).code == 0
    return out


def found(run, index, *documents):
    return [line["work"] for line in run("match", index, *(documents or (GIFT, PROPOSAL, SHADOWS))).lines]


def info(run, index):
    return run("index", "info", index, "--json").json


def segments(index):
    """Files in the folder, and those on the list."""
    return sorted(p.name for p in index.glob("*.seg")), json.loads((index / "index.json").read_text())["segments"]


def test_added_works_are_found_and_nothing_is_written_again(run, index, tmp_path):
    before = {p: p.stat().st_mtime_ns for p in index.glob("*.seg")}
    assert run("fingerprint", SHADOWS, "--out", tmp_path / "s.fp").code == 0
    added = run("index", "add", index, PROPOSAL, tmp_path / "s.fp", "--json")
    assert (added.code, added.error) == (0, "")
    assert added.json["works"] == 3
    assert found(run, index) == [GIFT.stem, PROPOSAL.stem, SHADOWS.stem]
    assert {p: p.stat().st_mtime_ns for p in before} == before
    files, listed = segments(index)
    assert files == listed
    assert len(files) == 3
    assert {p.name for p in index.iterdir()} == {*files, "index.json", ".lock"}
    assert {row["name"]: row["segments"] for row in added.json["parameters"]} == {
        "registry-1": 1,
        choose(1).name: 2,
    }


def test_adding_what_is_there_changes_nothing(run, index):
    before = info(run, index)
    again = run("index", "add", index, GIFT)
    assert again.code == 0
    assert "nothing that is not in the index already" in again.error
    assert info(run, index) == before
    more = run("index", "add", index, GIFT, PROPOSAL)
    assert more.code == 0
    assert info(run, index)["records"] == 2


def test_adding_another_text_of_a_work_is_refused_and_nothing_is_added(run, index, tmp_path):
    before = info(run, index)
    changed = tmp_path / GIFT.name
    changed.write_text(GIFT.read_text() + "One sentence more.")
    outcome = run("index", "add", index, PROPOSAL, changed)
    assert outcome.code == 2
    assert f"{GIFT.stem} is in the index with another text: build the index anew to replace it" in outcome.error
    assert info(run, index) == before
    assert segments(index)[0] == segments(index)[1]
    manifest = tmp_path / "works.csv"
    manifest.write_text(f"path,work_id,edition\n{changed.name},{GIFT.stem},second\n")
    assert run("index", "add", index, changed, "--manifest", manifest).code == 0
    assert info(run, index)["records"] == 2


def test_texts_are_added_with_the_parameters_of_the_index_unless_others_are_named(run, tmp_path):
    out = tmp_path / "i"
    assert run("index", "build", GIFT, "--parameters", "compact", "--out", out).code == 0
    assert run("index", "add", out, PROPOSAL).code == 0
    assert [p["name"] for p in info(run, out)["parameters"]] == ["compact"]
    assert run("index", "add", out, SHADOWS, "--parameters", "thorough").code == 0
    assert [p["name"] for p in info(run, out)["parameters"]] == ["compact", "thorough"]
    assert found(run, out) == [GIFT.stem, PROPOSAL.stem, SHADOWS.stem]
    (out / "index.json").write_text(json.dumps({"format": "colophon-index-1", "segments": segments(out)[1]}))
    assert info(run, out)["why"] is None
    assert indexing.params_of(out) is not None


def test_only_an_index_folder_can_be_changed(run, index, tmp_path):
    [segment] = index.glob("*.seg")
    for command in (("add", segment, PROPOSAL), ("withdraw", segment, GIFT.stem), ("merge", segment)):
        outcome = run("index", *command)
        assert outcome.code == 2
        assert "only an index folder can be changed" in outcome.error
    for command in (("add", tmp_path / "x", GIFT), ("withdraw", tmp_path / "x", "w"), ("merge", tmp_path / "x")):
        outcome = run("index", *command)
        assert outcome.code == 2
        assert "no such index" in outcome.error


def test_a_withdrawn_work_stops_matching_at_once_until_it_is_restored(run, index):
    assert run("index", "add", index, PROPOSAL).code == 0
    digest = info(run, index)["index"]
    withdrawn = run("index", "withdraw", index, GIFT.stem, "--json").json
    assert withdrawn["withdrawn"] == [GIFT.stem]
    assert withdrawn["index"] != digest
    assert found(run, index) == [PROPOSAL.stem]
    assert info(run, index)["withdrawn"] == [GIFT.stem]
    assert f"withdrawn   1: {GIFT.stem}" in run("index", "info", index).out.decode()
    assert run("index", "withdraw", index, GIFT.stem).code == 0
    added = run("index", "add", index, GIFT)
    assert f"{GIFT.stem}: is withdrawn from this index and stays so" in added.error
    assert found(run, index) == [PROPOSAL.stem]
    restored = run("index", "restore", index, GIFT.stem, "--json").json
    assert restored == {"index": digest, "withdrawn": []}
    assert found(run, index) == [GIFT.stem, PROPOSAL.stem]


def test_a_withdrawal_outlives_a_build_that_has_the_work_again(run, index):
    assert run("index", "withdraw", index, GIFT.stem).code == 0
    built = run("index", "build", GIFT, PROPOSAL, "--out", index)
    assert built.code == 0
    assert f"{GIFT.stem}: is withdrawn from this index and stays so" in built.error
    assert found(run, index) == [PROPOSAL.stem]
    assert run("index", "build", PROPOSAL, "--out", index).code == 0
    assert info(run, index)["withdrawn"] == []


def test_an_index_whose_list_is_damaged_is_replaced_by_a_build(run, index):
    (index / "index.json").write_text("{")
    assert run("match", index, GIFT).code == 2
    built = run("index", "build", PROPOSAL, "--out", index)
    assert built.code == 0
    assert "index.json: not an index list" in built.error
    assert found(run, index) == [PROPOSAL.stem]
    assert segments(index)[0] == segments(index)[1]


def test_a_work_that_is_not_there_is_not_withdrawn_and_no_other_is(run, index):
    outcome = run("index", "withdraw", index, GIFT.stem, "nobody")
    assert outcome.code == 2
    assert "holds no work nobody: nothing was withdrawn" in outcome.error
    outcome = run("index", "restore", index, GIFT.stem)
    assert outcome.code == 2
    assert f"{GIFT.stem} is not withdrawn: nothing was restored" in outcome.error
    assert found(run, index) == [GIFT.stem]


def test_merged_segments_find_the_same_and_withdrawn_texts_leave_the_disk(run, index):
    assert run("index", "add", index, PROPOSAL).code == 0
    assert run("index", "add", index, SHADOWS).code == 0
    lines = [{**line, "index": ""} for line in run("match", index, PROPOSAL, SHADOWS).lines]
    assert run("index", "withdraw", index, GIFT.stem).code == 0
    merged = run("index", "merge", index, "--json")
    assert (merged.code, merged.error) == (0, "")
    facts = {name: merged.json[name] for name in ("segments_before", "segments", "left", "dropped")}
    assert facts == {"segments_before": 3, "segments": 1, "left": 0, "dropped": [GIFT.stem]}
    files, listed = segments(index)
    assert files == listed
    assert len(files) == 1
    assert b"Della" not in (index / files[0]).read_bytes()
    assert [{**line, "index": ""} for line in run("match", index, GIFT, PROPOSAL, SHADOWS).lines] == lines
    assert info(run, index)["withdrawn"] == []
    assert info(run, index)["why"].startswith(f"{choose(1).name} was chosen")
    assert run("index", "verify", index).code == 0
    again = run("index", "merge", index)
    assert again.code == 0
    assert "nothing to merge" in again.error


def test_a_merged_index_is_the_one_that_building_would_give(run, index, tmp_path):
    """But for the order of the records, which is that of the segments."""
    assert run("index", "add", index, PROPOSAL).code == 0
    assert run("index", "merge", index).code == 0
    outputs = []
    for order in ((GIFT, PROPOSAL), (PROPOSAL, GIFT)):
        assert run("index", "build", *order, "--out", tmp_path / "built").code == 0
        outputs.append(info(run, tmp_path / "built")["index"])
    assert info(run, index)["index"] in outputs


def test_fingerprints_cannot_be_merged_and_the_reason_is_said(run, tmp_path):
    for name, text in (("a", GIFT), ("b", PROPOSAL)):
        assert run("fingerprint", text, "--out", tmp_path / f"{name}.fp").code == 0
    out = tmp_path / "i"
    assert run("index", "build", tmp_path / "a.fp", "--out", out).code == 0
    assert run("index", "add", out, tmp_path / "b.fp").code == 0
    before = segments(out)
    outcome = run("index", "merge", out)
    assert outcome.code == 2
    assert "the 2 segments of registry-1 cannot be merged: they hold 2 records without the text" in outcome.error
    assert segments(out) == before
    assert run("index", "add", out, SHADOWS).code == 0
    assert run("index", "withdraw", out, SHADOWS.stem, GIFT.stem).code == 0
    merged = run("index", "merge", out, "--json")
    assert merged.code == 0
    assert "2 segments with records without their text: left as they are" in merged.error
    assert (merged.json["segments"], merged.json["dropped"]) == (2, [SHADOWS.stem])
    assert info(run, out)["withdrawn"] == [GIFT.stem]
    assert found(run, out) == [PROPOSAL.stem]


def test_a_damaged_text_is_not_merged_into_a_whole_segment(run, index):
    assert run("index", "add", index, PROPOSAL).code == 0
    before = segments(index)
    for segment in index.glob("*.seg"):
        raw = segment.read_bytes()
        segment.write_bytes(raw.replace(b"Della", b"Cella"))
    outcome = run("index", "merge", index)
    assert outcome.code == 2
    assert "section texts does not match its digest" in outcome.error
    assert segments(index) == before
