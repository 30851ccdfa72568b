import gzip
import json
import zipfile
from pathlib import Path

import pytest

from ingest.engine import fingerprint
from ingest.engine.__main__ import main
from ingest.engine.params import PRESETS, REGISTRY_1, Params
from ingest.engine.records import FingerprintRecord
from ingest.engine.sketch import sketch_text
from tests.ingest.engine.texts import open_index, prose

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
SHELF = SAMPLES / "shelf" / "texts"
WORK = prose(1, 3000)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    path = tmp_path / "work.txt"
    path.write_text(WORK, encoding="utf-8")
    return path


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "document.txt"
    path.write_text(prose(2, 100) + WORK[500:6500], encoding="utf-8")
    return path


def fingerprint_of(path: Path, *works: str, params: Params = REGISTRY_1) -> Path:
    records = [
        FingerprintRecord(f"w{n}", f"e{n}", "", "", "", sketch_text(text, params)) for n, text in enumerate(works)
    ]
    path.write_bytes(fingerprint.dump(records))
    return path


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    assert main([str(argument) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    return line


def test_two_files_are_explained_stage_by_stage(document: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document), str(work)]) == 0
    shown = capsys.readouterr().out
    headings = [line.split()[0] for line in shown.splitlines() if line[:1].isalpha()]
    assert headings == ["Document", "Work", "Parameters", "SEEDS", "CHAINS", "PASSAGES", "SCORE"]
    assert "Reported as partial" in shown


def test_json_is_one_object_with_the_same_facts(document: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document), str(work), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["reported"] is True
    assert facts["document"]["name"] == "document.txt"
    assert "places" not in facts["seeds"]
    assert main([str(document), str(work), "--json", "--all"]) == 0
    assert json.loads(capsys.readouterr().out)["seeds"]["places"]


def test_the_same_files_give_the_same_bytes(tmp_path: Path, document: Path, work: Path) -> None:
    for name in ("one.svg", "two.svg"):
        assert main([str(document), str(work), "--svg", str(tmp_path / name)]) == 0
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


def test_least_words_decide_what_is_reported(document: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(document), str(work), "--min-words", "5000"]) == 0
    assert "fewer than the 5000 asked for" in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_any_parameter_set_may_be_asked_for(
    document: Path, work: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert main([str(document), str(work), "--parameters", name]) == 0
    assert f"Parameters  {name}: " in capsys.readouterr().out


def test_without_the_text_the_work_is_as_good_as_its_fingerprint(
    tmp_path: Path, document: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fingerprint_of(tmp_path / "work.fp", WORK)
    assert main([str(document), str(work), "--no-text", "--json"]) == 0
    without = json.loads(capsys.readouterr().out)
    assert main([str(document), str(path), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["work"].pop("name") == "work.fp#w0/e0"
    assert without["work"].pop("name") == "work.txt"
    assert printed == without
    assert printed["match"]["precision"] == "sketch"


def test_a_fingerprint_among_several_is_named_after_a_number_sign(
    tmp_path: Path, document: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fingerprint_of(tmp_path / "several.fp", WORK, prose(3, 500))
    assert "2 fingerprints, such as w0/e0 and w1/e1; name one after a #" in complaint(capsys, document, path)
    assert "no fingerprint of w9" in complaint(capsys, document, f"{path}#w9")
    assert main([str(document), f"{path}#w1"]) == 0
    assert "Not reported" in capsys.readouterr().out
    assert main([str(document), f"{path}#w0/e0"]) == 0
    assert "Reported as partial" in capsys.readouterr().out


def test_fingerprints_that_do_not_fit_are_refused_in_one_sentence(
    tmp_path: Path, document: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = fingerprint_of(tmp_path / "work.fp", WORK, params=PRESETS["compact"])
    line = complaint(capsys, document, path, "--parameters", "registry-1")
    assert "a fingerprint of the parameter set compact, not registry-1" in line
    assert "the document must be a text" in complaint(capsys, path, work)
    path.write_bytes(path.read_bytes()[:-5])
    assert "work.fp" in complaint(capsys, document, path)
    path.write_bytes(b"not one")
    assert "not a fingerprint file" in complaint(capsys, document, path)


def test_books_and_compressed_texts_are_read_as_the_readers_read_them(
    tmp_path: Path, document: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = tmp_path / "work.txt.gz"
    packed.write_bytes(gzip.compress(WORK.encode()))
    assert main([str(document), str(packed)]) == 0
    assert "Reported as partial" in capsys.readouterr().out


def test_one_text_of_many_is_named_after_a_number_sign(
    tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = tmp_path / "texts #1.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.txt", prose(5, 200))
        file.writestr("b #2.txt", WORK[500:6500])
    line = complaint(capsys, archive, work)
    assert "several documents, such as texts #1.zip#a.txt and texts #1.zip#b #2.txt; name one after a #" in line
    assert "no such document" in complaint(capsys, f"{archive}#c.txt", work)
    assert main([f"{archive}#b #2.txt", str(work)]) == 0
    assert "texts #1.zip#b #2.txt: 6,000 characters" in capsys.readouterr().out


def test_a_record_of_a_dataset_is_explained_by_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    truth = json.loads((SAMPLES / "pile-shape.truth.json").read_text(encoding="utf-8"))
    assert truth
    assert main([f"{SAMPLES / 'pile-shape.jsonl.zst'}#2", str(SHELF / "swift-a-modest-proposal.txt"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["document"]["name"] == "pile-shape.jsonl.zst#2"


def test_two_editions_of_a_sample_are_one_copy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edition = f"{SAMPLES / 'books3-shape.tar.gz'}#books3/A/A Modest Proposal - Jonathan Swift.epub.txt"
    picture = tmp_path / "plot.svg"
    assert main([edition, str(SHELF / "swift-a-modest-proposal.txt"), "--svg", str(picture)]) == 0
    assert "Reported as copy" in capsys.readouterr().out
    assert b"Swift.epub.txt against swift-a-modest-proposal.txt</title>" in picture.read_bytes()


@pytest.mark.parametrize(
    ("raw", "cause"),
    [
        (b"\xff\xfe\x00\xd8 broken", "utf-16"),
        ("naïve ".encode() * 50 + b"\xff\xfe broken \xc3", "not UTF-8"),
        (bytes(range(256)) * 20, ""),
    ],
)
def test_a_file_that_is_not_text_is_named_in_one_sentence(
    tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str], raw: bytes, cause: str
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(raw)
    for arguments in ((bad, work), (work, bad)):
        line = complaint(capsys, *arguments)
        assert "bad.txt" in line
        assert cause in line


def test_an_encoding_that_was_guessed_is_said(tmp_path: Path, work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes((WORK[:3000] + " café, naïve, “so”").encode("cp1252"))
    assert main([str(path), str(work)]) == 0
    captured = capsys.readouterr()
    assert "old.txt is read as cp1252, a guess" in captured.err
    assert "Reported as partial" in captured.out


def test_what_cannot_be_opened_or_written_is_named(
    tmp_path: Path, document: Path, work: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "missing.txt" in complaint(capsys, tmp_path / "missing.txt", work)
    assert "missing.fp" in complaint(capsys, document, tmp_path / "missing.fp")
    assert "a folder, not a file" in complaint(capsys, tmp_path, work)
    assert "plot.svg" in complaint(capsys, document, work, "--svg", tmp_path / "nowhere" / "plot.svg")
    assert "not an index" in complaint(capsys, document, work, "--index", tmp_path)
    assert "two files are needed" in complaint(capsys, document)


def test_a_catalogue_gives_its_parameter_set_and_tells_boilerplate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice, params = prose(7, 200), PRESETS["thorough"]
    works = {f"other{n}": prose(900 + n, 500) + notice for n in range(8)}
    open_index(tmp_path / "catalogue", works, params=params).close()
    (tmp_path / "d.txt").write_text(prose(81, 400) + notice, encoding="utf-8")
    (tmp_path / "w.txt").write_text(prose(80, 2000) + notice, encoding="utf-8")
    arguments = [str(tmp_path / "d.txt"), str(tmp_path / "w.txt"), "--index", str(tmp_path / "catalogue")]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    assert "Parameters  thorough: " in shown
    assert "(boilerplate)" in shown


def test_wrong_numbers_are_refused(document: Path, work: Path) -> None:
    for given in ("-1", "many"):
        with pytest.raises(SystemExit) as stopped:
            main([str(document), str(work), "--min-words", given])
        assert stopped.value.code == 2


def test_warming_needs_no_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--warm"]) == 0
    assert capsys.readouterr().out == ""
