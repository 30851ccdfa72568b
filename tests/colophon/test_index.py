"""`colophon index` and `colophon fingerprint`: works from files, manifests and .fp files."""

import os
import zipfile

import pytest

from colophon.indexing import choose_params
from ingest.engine.fingerprint import load
from ingest.engine.params import choose, preset
from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS, UNRELATED


@pytest.fixture
def books(tmp_path):
    """Two books and two editions of a third, with a manifest."""
    folder = tmp_path / "books"
    folder.mkdir()
    (folder / "gift.txt").write_bytes(GIFT.read_bytes())
    (folder / "gift-short.txt").write_text(GIFT.read_text()[:6000])
    (folder / "proposal.txt").write_bytes(PROPOSAL.read_bytes())
    (folder / "works.csv").write_text(
        "path,work_id,title,author,isbn\n"
        "gift.txt,pg7256,The Gift of the Magi,O. Henry,\n"
        "gift-short.txt,pg7256,The Gift of the Magi,O. Henry,\n"
        "proposal.txt,pg1080,A Modest Proposal,Jonathan Swift,978-0-14-143951-8\n"
    )
    return folder


def test_index_info_says_what_is_guaranteed(run, shelf_index):
    info = run("index", "info", shelf_index, "--json").json
    [params] = info["parameters"]
    assert info["g"] == params["g"] == params["w"] + params["k"] - 1
    assert info["works"] == info["records"] == info["with_text"] == 3
    assert params["digest"].startswith("sha256:")
    assert info["density"] == pytest.approx(params["expected_density"], rel=0.15)
    assert info["bytes"] == sum(file.stat().st_size for file in shelf_index.glob("*.seg"))
    assert info["index_bytes"] + info["text_bytes"] == info["bytes"]
    assert info["bytes_a_posting"] == pytest.approx(info["index_bytes"] / info["postings"], abs=0.001)
    assert info["share_of_text"] == pytest.approx(info["index_bytes"] / info["text_bytes"], abs=0.0001)
    assert info["why"].startswith(f"{params['name']} was chosen for 0.1 MB of text and usual noise: k = {params['k']}")
    told = run("index", "info", shelf_index).out.decode()
    assert f"every unaltered run of {info['g']} letters" in told
    assert f"why         {info['why']}" in told


def test_parameters_follow_the_size_and_the_noise_and_can_be_named(run, tmp_path):
    built = run("index", "build", GIFT, "--noise", "heavy", "--out", tmp_path / "heavy", "--json").json
    usual = run("index", "build", GIFT, "--out", tmp_path / "usual", "--json").json
    named = run("index", "build", GIFT, "--parameters", "large", "--out", tmp_path / "named", "--json").json
    assert built["density"] > usual["density"] > named["density"]
    assert "heavy noise" in built["why"]
    assert named["why"] == "large was asked for (--parameters)"
    assert choose_params([str(tmp_path)], "auto", "usual")[0] == choose(1, "usual")
    unknown = run("index", "build", GIFT, "--parameters", "gigantic", "--out", tmp_path / "x")
    assert unknown.code == 2
    assert "unknown parameter set 'gigantic'" in unknown.error
    assert not (tmp_path / "x").exists()


def test_a_large_catalogue_gets_longer_seeds_also_when_it_is_compressed(tmp_path):
    for name in ("a.txt", "b.jsonl.gz", "c.fp"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(8_000_000_000)  # sparse
    params, chosen = choose_params([str(tmp_path)], "auto", "usual")
    assert chosen["catalogue_bytes"] == 32_000_000_000
    assert params == choose(32_000_000_000) != choose(1)


def test_an_index_that_outgrew_its_parameters_says_so(run, tmp_path, monkeypatch):
    assert run("index", "build", GIFT, "--out", tmp_path / "i").code == 0
    assert run("index", "info", tmp_path / "i", "--json").json["advice"] is None
    assert run("index", "add", tmp_path / "i", PROPOSAL).code == 0
    fitting = preset("large")
    monkeypatch.setattr("colophon.describing.choose", lambda size, noise: fitting)
    info = run("index", "info", tmp_path / "i")
    assert "advice      the texts have grown to" in info.out.decode()
    assert "would choose large now" in info.out.decode()


def test_a_whole_index_verifies_and_a_changed_one_is_named(run, tmp_path):
    out = tmp_path / "i"
    assert run("index", "build", GIFT, "--out", out).code == 0
    assert run("index", "verify", out).code == 0
    verified = run("index", "verify", out, "--json").json
    assert verified == {"verified": True, "index": run("index", "info", out, "--json").json["index"], "segments": 1}
    [segment] = out.glob("*.seg")
    raw = bytearray(segment.read_bytes())
    raw[raw.index(b"Della")] ^= 1
    segment.write_bytes(raw)
    outcome = run("index", "verify", out)
    assert outcome.code == 1
    assert f"NOT VERIFIED: {segment}: section texts does not match its digest" in outcome.out.decode()
    assert run("index", "verify", out, "--json").json["verified"] is False
    segment.write_bytes(raw[:5000])
    assert run("index", "verify", segment).code == 1
    assert run("index", "verify", tmp_path / "nothing").code == 2


def test_an_index_of_an_older_format_is_named_with_advice(run, tmp_path):
    assert run("index", "build", GIFT, "--out", tmp_path / "i").code == 0
    [segment] = (tmp_path / "i").glob("*.seg")
    segment.write_bytes(segment.read_bytes().replace(b"CSEG2", b"CSEG1"))
    for command in (("match", tmp_path / "i", GIFT), ("index", "info", tmp_path / "i")):
        outcome = run(*command)
        assert outcome.code == 2
        assert f"{segment}: written by an older version of the engine: build the index again" in outcome.error


def test_manifest_names_works_and_editions(run, books, tmp_path):
    built = run("index", "build", books, "--manifest", books / "works.csv", "--out", tmp_path / "i", "--json")
    assert built.code == 0
    assert (built.json["works"], built.json["records"]) == (2, 3)
    lines = run("match", tmp_path / "i", GIFT, PROPOSAL).lines
    assert [(line["work"], line.get("edition"), line["relation"]) for line in lines] == [
        ("pg7256", "gift.txt", "copy"),
        ("pg1080", None, "copy"),
    ]


def test_files_that_the_manifest_leaves_out_keep_their_own_name(run, books, tmp_path):
    (books / "shadows.txt").write_bytes(SHADOWS.read_bytes())
    built = run("index", "build", books, "--manifest", books / "works.csv", "--out", tmp_path / "i")
    assert built.code == 0
    assert "shadows.txt: not in" in built.error
    assert [line["work"] for line in run("match", tmp_path / "i", SHADOWS).lines] == ["shadows"]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("nowhere.txt,w9,,,", "row 5: nowhere.txt: there is no such file"),
        ("proposal.txt,w9,,,9780141439519", "row 5: '9780141439519' is not a valid ISBN: the check digit is wrong"),
        ("proposal.txt,,,,", "row 5: work_id is empty"),
        ("proposal.txt,w9", "row 5: 2 columns, the header has 5"),
        ("proposal.txt,w9,,,", "row 5: proposal.txt is already in row 4"),
    ],
)
def test_manifest_errors_name_the_row(run, books, tmp_path, row, cause):
    manifest = books / "works.csv"
    manifest.write_text(manifest.read_text() + row + "\n")
    outcome = run("index", "build", books, "--manifest", manifest, "--out", tmp_path / "i")
    assert outcome.code == 2
    assert cause in outcome.error
    assert not (tmp_path / "i").exists()


def test_a_manifest_without_its_columns_is_refused(run, books, tmp_path):
    (books / "works.csv").write_text("file,id\na.txt,b\n")
    outcome = run("fingerprint", books, "--manifest", books / "works.csv", "--out", tmp_path / "x.fp")
    assert outcome.code == 2
    assert "the column path is missing" in outcome.error


def test_two_files_of_one_name_are_refused_by_both_names(run, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.txt").write_text(UNRELATED)
    outcome = run("index", "build", tmp_path / "a", tmp_path / "b", "--out", tmp_path / "i")
    assert outcome.code == 2
    assert str(tmp_path / "a" / "same.txt") in outcome.error
    assert str(tmp_path / "b" / "same.txt") in outcome.error
    assert not (tmp_path / "i").exists()


def test_a_manifest_reaches_into_archives(run, tmp_path):
    with zipfile.ZipFile(tmp_path / "shelf.zip", "w") as archive:
        archive.writestr("one/gift.txt", GIFT.read_bytes())
        archive.writestr("two/gift.txt", PROPOSAL.read_bytes())
    manifest = tmp_path / "works.csv"
    manifest.write_text("path,work_id\nshelf.zip#one/gift.txt,g\nshelf.zip#two/gift.txt,p\n")
    built = run("index", "build", tmp_path / "shelf.zip", "--manifest", manifest, "--out", tmp_path / "i")
    assert (built.code, built.error) == (0, "")
    assert [line["work"] for line in run("match", tmp_path / "i", PROPOSAL).lines] == ["p"]
    manifest.write_text("path,work_id\nshelf.zip,both\n")
    outcome = run("index", "build", tmp_path / "shelf.zip", "--manifest", manifest, "--out", tmp_path / "i")
    assert outcome.code == 2
    assert "holds several texts" in outcome.error


def test_a_fingerprint_replaces_the_text_in_an_index(run, books, tmp_path):
    out = tmp_path / "shelf.fp"
    outcome = run("fingerprint", books, "--manifest", books / "works.csv", "--out", out, "--json")
    assert outcome.code == 0
    assert [row["work"] for row in outcome.json["records"]] == ["pg7256", "pg7256", "pg1080"]
    assert b"Della" not in out.read_bytes()
    assert load(out.read_bytes())[2].isbn == "9780141439518"
    (tmp_path / "mixed").mkdir()
    os.rename(out, tmp_path / "mixed" / "shelf.fp")
    (tmp_path / "mixed" / "shadows.txt").write_bytes(SHADOWS.read_bytes())
    built = run("index", "build", tmp_path / "mixed", "--out", tmp_path / "i", "--preset", "compact", "--json")
    assert built.code == 0
    assert [params["name"] for params in built.json["parameters"]] == ["compact", "registry-1"]
    lines = run("match", tmp_path / "i", GIFT, SHADOWS).lines
    assert [(line["work"], line["precision"], line["relation"]) for line in lines] == [
        ("pg7256", "sketch", "copy"),
        ("shadows", "exact", "copy"),
    ]
    assert lines[0]["identity"] is None
    assert lines[0]["passages"][0]["precision"] == "sketch"


def test_a_damaged_fingerprint_is_named_and_the_rest_is_built(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    assert run("fingerprint", GIFT, "--out", folder / "gift.fp").code == 0
    raw = bytearray((folder / "gift.fp").read_bytes())
    raw[-100] ^= 1
    (folder / "gift.fp").write_bytes(raw)
    (folder / "proposal.txt").write_bytes(PROPOSAL.read_bytes())
    outcome = run("index", "build", folder, "--out", tmp_path / "i")
    assert outcome.code == 2
    assert f"{folder / 'gift.fp'}: the fingerprint file is damaged" in outcome.error
    assert run("index", "info", tmp_path / "i", "--json").json["works"] == 1
    assert run("index", "build", folder, "--out", tmp_path / "i", "--skip-bad").code == 0


def test_the_same_texts_give_the_same_bytes(run, tmp_path):
    for name in ("a", "b"):
        assert run("fingerprint", GIFT, PROPOSAL, "--out", tmp_path / f"{name}.fp").code == 0
        assert run("index", "build", GIFT, PROPOSAL, "--out", tmp_path / name).code == 0
    assert (tmp_path / "a.fp").read_bytes() == (tmp_path / "b.fp").read_bytes()
    first, second = ({f.name: f.read_bytes() for f in (tmp_path / n).glob("*.seg")} for n in ("a", "b"))
    assert first == second


def test_building_again_replaces_the_index_and_nothing_else(run, tmp_path):
    out = tmp_path / "i"
    assert run("index", "build", GIFT, PROPOSAL, "--out", out).code == 0
    assert run("index", "build", SHADOWS, "--out", out).code == 0
    assert run("index", "info", out, "--json").json["works"] == 1
    assert len(list(out.glob("*.seg"))) == 1
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("mine")
    outcome = run("index", "build", GIFT, "--out", tmp_path / "notes")
    assert outcome.code == 2
    assert "holds something else" in outcome.error
    assert [file.name for file in (tmp_path / "notes").iterdir()] == ["diary.txt"]


def test_nothing_is_written_where_there_is_no_text(run, tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"")
    for arguments in (("fingerprint", "--out", tmp_path / "x.fp"), ("index", "build", "--out", tmp_path / "x")):
        failed = run(*arguments, tmp_path / "empty.txt")
        assert failed.code == 2
        assert "empty.txt: the file is empty" in failed.error
        assert run(*arguments, tmp_path / "empty.txt", "--skip-bad").code == 3
    assert [file.name for file in tmp_path.iterdir()] == ["empty.txt"]


def test_a_text_too_short_to_be_found_is_named(run, tmp_path):
    (tmp_path / "haiku.txt").write_text("old pond")
    outcome = run("fingerprint", tmp_path / "haiku.txt", "--out", tmp_path / "h.fp")
    assert outcome.code == 0
    assert "haiku.txt: too short to be found" in outcome.error
