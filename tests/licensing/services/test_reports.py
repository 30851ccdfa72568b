"""From a decided clearance to a bundle that verifies without us, and tells on whoever touches it."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.core.management import CommandError, call_command

from ingest.services import deposits, scans
from licensing.models import Report
from licensing.rules.__main__ import main as rules_main
from licensing.services import clearances, reports
from registry import jobs
from registry.actors import system
from registry.errors import ColophonError, Conflict, InvalidInput
from registry.merkle import bundle, tree
from registry.models import Checkpoint, Entry, Job
from registry.services import log
from tests import factories
from tests.licensing import evidenced, scanned
from tests.licensing.evidenced import Scene

pytestmark = pytest.mark.django_db

FILES = {
    "report.pdf", "findings.jsonl", "findings.csv", "cases.jsonl", "matches.jsonl", "inputs.json", "method.json",
    "policy.json", "question.json", "manifest.json", "verify.py", "VERIFY.md", "passages/index.html",
    "log/checkpoint.txt", "log/key.txt", "log/entry.json", "log/inclusion.json",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def scene() -> Scene:
    return evidenced.scene()


def issue(scene: Scene, folder: Path, language: str = "en") -> tuple[Report, Path]:
    report = reports.issue(clearance=scene.clearance, actor=scene.lab, language=language)
    path = folder / reports.file_name(report)
    with reports.open_bundle(report) as stored:
        path.write_bytes(stored.read())
    return report, path


def read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def lines(path: Path, name: str) -> list[bytes]:
    return read(path, name).splitlines()


def pdf_text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(read(path, "report.pdf"))).pages)


def test_a_bundle_verifies_under_the_registrys_key_and_holds_what_it_should(scene: Scene, tmp_path: Path) -> None:
    report, path = issue(scene, tmp_path)
    verified = bundle.verify_bundle(path, log.verifier_key())
    assert (report.state, report.size_bytes) == ("ready", path.stat().st_size)
    assert report.manifest_sha256 == verified.manifest_sha256
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert names >= FILES
    assert len([name for name in names if name.startswith("passages/0")]) == 3
    entry = Entry.objects.get(kind="report.issued")
    assert (entry.position, bytes(entry.leaf)) == (verified.entry_index, read(path, "log/entry.json"))
    assert log.verify()["ok"]


def test_the_verifier_inside_runs_alone_and_names_each_file_that_was_changed(scene: Scene, tmp_path: Path) -> None:
    _, path = issue(scene, tmp_path)
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(read(path, "verify.py"))

    def verify(target: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", str(verifier), str(target)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert verify(path).returncode == 0
    with zipfile.ZipFile(path) as archive:
        places = {info.filename: info.header_offset + 30 + len(info.filename.encode()) for info in archive.infolist()}
    for name in ("report.pdf", "findings.csv", "cases.jsonl", "log/entry.json", "manifest.json", "passages/index.html"):
        damaged = bytearray(path.read_bytes())
        damaged[places[name] + 3] ^= 1
        target = tmp_path / "damaged.zip"
        target.write_bytes(damaged)
        said = verify(target)
        assert said.returncode == 1
        assert name in said.stderr


def test_stored_cases_recompute_and_their_root_is_the_one_that_the_log_holds(
    scene: Scene, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, path = issue(scene, tmp_path)
    stored = lines(path, "cases.jsonl")
    for line in map(json.loads, stored):
        case = tmp_path / "case.json"
        case.write_text(json.dumps(line["case"]), encoding="utf-8")
        assert rules_main([str(case)]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert {name: answer[name] for name in ("verdict", "reasons", "blocks")} == {
            name: line[name] for name in ("verdict", "reasons", "blocks")
        }
    said = json.loads(bytes(Entry.objects.get(kind="clearance.decided").leaf))
    assert tree.root(tree.leaf_hash(line) for line in stored).hex() == said["facts"]["verdicts_root"]


def test_the_log_entries_inside_are_those_of_the_question_the_works_and_their_statements(
    scene: Scene, tmp_path: Path
) -> None:
    _, path = issue(scene, tmp_path)
    with zipfile.ZipFile(path) as archive:
        entries = [json.loads(archive.read(name)) for name in archive.namelist() if name.startswith("log/entries/")]
    kinds = sorted(json.loads(entry["leaf"])["kind"] for entry in entries)
    assert kinds == [
        "clearance.decided", "clearance.requested", "grant.recorded", "reservation.recorded",
        "work.registered", "work.registered", "work.registered",
    ]  # fmt: skip


def test_a_grant_to_somebody_else_appears_nowhere_in_a_report(scene: Scene, tmp_path: Path) -> None:
    _, path = issue(scene, tmp_path)
    with zipfile.ZipFile(path) as archive:
        content = b"".join(archive.read(name) for name in archive.namelist()) + pdf_text(path).encode()
    assert scene.grant.public_id.encode() in content
    assert scene.rival_grant.public_id.encode() not in content
    assert scene.rival.require_writer().slug.encode() not in content


def test_the_report_gives_question_answer_reasons_and_limits_in_english(scene: Scene, tmp_path: Path) -> None:
    _, path = issue(scene, tmp_path)
    text = " ".join(pdf_text(path).split())
    assert "May Lab use the works found in Corpus for pretraining (commercial) in Germany on 2026-11-01?" in text
    assert "No, not as it stands: 1 of the 3 works found block this use under the policy balanced@1." in text
    assert "EU4_RESERVED" in text
    assert "Being in a dataset is not proof of training." in text
    assert "紅葉一片" in text
    assert "[U+20BB7]" in text
    assert "1 of " in text
    covering = Checkpoint.objects.order_by("size").first()
    assert covering is not None
    assert bytes(covering.root).hex() in "".join(text.split())


def test_the_report_speaks_chinese_and_keeps_the_recorded_sentences(scene: Scene, tmp_path: Path) -> None:
    _, path = issue(scene, tmp_path, "zh-hans")
    text = "".join(pdf_text(path).split())
    assert "目前不能：在发现的3部作品中，有1部按策略balanced@1阻止此项使用。" in text
    assert "以机器可读方式保留了文本与数据挖掘的权利" in text
    assert "记录原文" in text
    assert "红叶一片" in text
    reader = pypdf.PdfReader(io.BytesIO(read(path, "report.pdf")))
    root: Any = reader.root_object
    assert (root["/MarkInfo"]["/Marked"], root["/Lang"]) == (True, "zh-CN")


def test_no_cell_of_the_table_begins_a_formula(scene: Scene, tmp_path: Path) -> None:
    _, path = issue(scene, tmp_path)
    table = read(path, "findings.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table, newline="")))
    assert len(rows) == 3
    assert any(row["title"] == f"'{evidenced.HOSTILE}" for row in rows)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    raw = [json.loads(line) for line in lines(path, "findings.jsonl")[:-1]]  # the last is about model output
    assert evidenced.HOSTILE in {row["work"]["title"] for row in raw}


def test_a_report_gives_the_same_files_whenever_it_is_made(scene: Scene, tmp_path: Path) -> None:
    report, path = issue(scene, tmp_path)
    first = path.read_bytes()
    Report.objects.filter(pk=report.pk).update(state="waiting")
    again = reports.make(report.pk)
    assert again.manifest_sha256 == report.manifest_sha256
    with reports.open_bundle(again) as stored:
        assert stored.read() == first
    assert Entry.objects.filter(kind="report.issued").count() == 1


def test_a_job_makes_the_bundle_that_was_asked_for(scene: Scene) -> None:
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    assert report.job is not None
    assert jobs.run(report.job.pk) == Job.State.DONE
    report.refresh_from_db()
    assert report.state == Report.State.READY
    reports.make(report.pk)
    assert Entry.objects.filter(kind="report.issued").count() == 1


def test_a_bundle_that_cannot_be_made_says_why(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licensing.evidence.bundle.ENTRIES_AT_MOST", 2)
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    assert report.job is not None
    assert jobs.run(report.job.pk) == Job.State.FAILED
    report.refresh_from_db()
    assert (report.state, "at most 2" in report.reason) == ("failed", True)
    with pytest.raises(Conflict, match="not ready"):
        reports.open_bundle(report)


def test_a_report_that_was_stopped_says_so_and_leaves_nothing_in_the_log(scene: Scene) -> None:
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    assert report.job is not None
    Job.objects.filter(pk=report.job.pk).update(cancel_requested=True)
    claim = jobs.claim(report.job.pk)
    with pytest.raises(jobs.Cancelled):
        reports.make(report.pk, claim)
    report.refresh_from_db()
    assert (report.state, report.reason) == ("failed", "Stopped on request.")
    assert not Entry.objects.filter(kind="report.issued").exists()


def test_a_worker_that_lost_its_lease_writes_nothing(scene: Scene) -> None:
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    assert report.job is not None
    claim = jobs.claim(report.job.pk)
    Job.objects.filter(pk=report.job.pk).update(fence=99)
    with pytest.raises(jobs.LeaseLost):
        reports.make(report.pk, claim)
    report.refresh_from_db()
    assert report.state == Report.State.WAITING
    assert not Entry.objects.filter(kind="report.issued").exists()


def test_only_who_asked_gets_a_report_and_only_of_a_decided_question(scene: Scene) -> None:
    with pytest.raises(ColophonError):
        reports.request(clearance=scene.clearance, actor=scene.rival)
    with pytest.raises(InvalidInput, match="'de' is not one of"):
        reports.request(clearance=scene.clearance, actor=scene.lab, language="de")
    waiting = clearances.request(
        scan=scene.clearance.scan, use="pretraining", purpose="commercial", territory="US", actor=scene.lab
    )
    with pytest.raises(Conflict, match="not decided"):
        reports.request(clearance=waiting, actor=scene.lab)
    assert not Report.objects.exists()


def test_a_dataset_in_which_nothing_was_found_gets_a_report_that_clears_nothing(tmp_path: Path) -> None:
    lab = factories.actor()
    asked = clearances.request(
        scan=scanned.scan(lab, documents=2), use="pretraining", purpose="commercial", territory="US", actor=lab
    )
    report = reports.issue(clearance=clearances.decide(asked.pk), actor=lab)
    path = tmp_path / "empty.zip"
    with reports.open_bundle(report) as stored:
        path.write_bytes(stored.read())
    assert bundle.verify_bundle(path).further_entries == 2
    assert "No registered work was found in the 2 documents searched." in " ".join(pdf_text(path).split())


def test_the_command_writes_a_bundle_without_any_worker(scene: Scene, tmp_path: Path) -> None:
    out, said = tmp_path / "out.zip", io.StringIO()
    call_command("report", scene.clearance.public_id, out=out, language="zh-hans", json=True, stdout=said)
    made = json.loads(said.getvalue())
    assert bundle.verify_bundle(out, log.verifier_key()).manifest_sha256 == made["manifest_sha256"]
    with pytest.raises(CommandError, match="no clearance"):
        call_command("report", "000000000000", out=out)
    with pytest.raises(CommandError, match="no such folder"):
        call_command("report", scene.clearance.public_id, out=tmp_path / "missing" / "out.zip")


def test_a_real_scans_matches_are_those_that_the_log_holds(settings, tmp_path: Path) -> None:
    settings.INDEX_DIR = tmp_path / "index"
    press, lab = factories.actor(), factories.actor()
    texts = Path(__file__).parents[3] / "samples" / "shelf" / "texts"
    story, chinese = texts / "o-henry-the-gift-of-the-magi.txt", texts / "zhang-chao-youmengying.txt"
    for title, path, mode in (("The Gift", story, "kept"), ("幽夢影", chinese, "transient")):
        deposits.keep(work=factories.work(title, by=press), path=path, mode=mode, actor=press)
    found = [path.read_text(encoding="utf-8")[1000:4000] for path in (story, chinese)]
    corpus = "\n".join(json.dumps({"id": str(number), "text": text}) for number, text in enumerate([*found, "nothing"]))
    files = [scans.Upload("corpus.jsonl", io.BytesIO(corpus.encode()))]
    scan = scans.request(files=files, dataset_name="Corpus", actor=lab, acquisition="lawful")
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="US", actor=lab)
    run_jobs()
    clearances.decide_ready()
    run_jobs()
    asked.refresh_from_db()
    path = tmp_path / "bundle.zip"
    with reports.open_bundle(reports.issue(clearance=asked, actor=lab)) as stored:
        path.write_bytes(stored.read())
    assert bundle.verify_bundle(path).further_entries == 6
    closed = json.loads(bytes(Entry.objects.get(kind="scan.closed").leaf))["facts"]
    matches = lines(path, "matches.jsonl")
    assert (len(matches), closed["matches"]) == (2, 2)
    assert tree.root(tree.leaf_hash(line) for line in matches).hex() == closed["matches_root"]
    inputs = json.loads(read(path, "inputs.json"))
    assert inputs["files"] == [
        {
            "name": "corpus.jsonl",
            "sha256": hashlib.sha256(corpus.encode()).hexdigest(),
            "size_bytes": len(corpus.encode()),
        }
    ]


def run_jobs() -> None:
    waiting = Job.objects.filter(state=Job.State.QUEUED).exclude(kind="search_index").order_by("id")
    while job := waiting.first():
        assert jobs.run(job.pk) == Job.State.DONE


def test_the_log_and_bundles_spell_json_alike() -> None:
    value = {"b": '红\u2028"\\', "a": [1, None, True, 0.1], "ü": {"z": "", "y": "\u0001"}}
    assert log.canonical(value) == bundle.canonical_json(value)
    with pytest.raises(ValueError, match="Out of range"):
        log.canonical(float("nan"))


def test_a_reports_log_entry_carries_its_manifest_and_others_carry_none() -> None:
    actor = system("tests", factories.organisation())
    plain = log.stage("test.fact", subject="test:1", facts={}, actor=actor)
    report = log.stage("report.issued", subject="report:1", facts={}, actor=actor, manifest_sha256="ab" * 32)
    assert "manifest_sha256" not in json.loads(bytes(plain.leaf))
    assert json.loads(bytes(report.leaf))["manifest_sha256"] == "ab" * 32
    assert log.sequence_all() == Checkpoint.objects.latest()


def test_a_report_whose_job_was_stopped_while_it_waited_fails_with_the_reason(scene: Scene) -> None:
    report = reports.request(clearance=scene.clearance, actor=scene.lab)
    assert report.job is not None
    jobs.cancel(report.job)
    assert reports.close_broken() == 1
    report.refresh_from_db()
    assert (report.state, report.reason) == (Report.State.FAILED, "Stopped on request.")
    assert reports.close_broken() == 0
