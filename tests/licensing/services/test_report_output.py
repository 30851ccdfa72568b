"""A bundle says what is known of model output, for and against, and carries the certificates of the firm's audits."""

import datetime
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest

from colophon import cli
from ingest.models import Audit
from licensing.models import Clearance, LegalQuestion
from licensing.rules.__main__ import main as rules_main
from licensing.services import clearances, opinions, reports
from registry.actors import Actor
from registry.merkle import bundle, bundle_writer, certificate, tree
from registry.models import Dataset, Entry
from registry.services import log
from tests import factories
from tests.ingest.audited import NAMES, audited
from tests.licensing import evidenced, outputs
from tests.licensing.evidenced import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def scene() -> Scene:
    return evidenced.scene()


def dataset_of(scene: Scene) -> Dataset:
    return scene.clearance.scan.release.dataset


def audit_of(actor: Actor, dataset: Dataset) -> Audit:
    """An audit with a result that is about this dataset."""
    made = audited(actor).audit
    Audit.objects.filter(pk=made.pk).update(dataset=dataset)
    made.refresh_from_db()
    return made


def asked_again(scene: Scene) -> Clearance:
    """The same question, decided from what is on record now."""
    made = clearances.request(
        scan=scene.clearance.scan, use="fine_tuning", purpose="commercial", territory="DE", actor=scene.lab
    )
    return clearances.decide(made.pk)


@pytest.fixture
def told(scene: Scene) -> tuple[Clearance, outputs.Made, Audit]:
    """Output of a declared use, an open question with the lab's and a rival's opinion, a claim and its denial."""
    dataset = dataset_of(scene)
    made = outputs.scene(dataset, scene.lab)
    chats = outputs.dataset("chats")
    outputs.part(chats, outputs.model("writer"), "third_party", generated_to=datetime.date(2023, 6, 1))
    outputs.claim(dataset, "derived_from", chats, "disclosed")
    outputs.claim(dataset, "derived_from", chats, "denied")
    opinions.record(
        made.question, answer="yes", reasoning="The rival's secret.", signed_as="R. Rival", actor=scene.rival
    )
    opinions.record(
        made.question, answer="depends", reasoning="Our own secret.", signed_as="C. Counsel", actor=scene.lab
    )
    LegalQuestion.objects.filter(pk=made.question.pk).update(reason_codes=["TOU_USE_UNKNOWN"])
    outputs.question("unanswered", "TOU_PRIVITY", "TOU_VERSION_UNKNOWN", "TOU_USE_UNKNOWN")
    audit = audit_of(scene.lab, dataset)
    audit_of(scene.rival, dataset)
    return asked_again(scene), made, audit


def issue(clearance: Clearance, actor: Actor, folder: Path, language: str = "en") -> Path:
    report = reports.issue(clearance=clearance, actor=actor, language=language)
    path = folder / f"{language}.zip"
    with reports.open_bundle(report) as stored:
        path.write_bytes(stored.read())
    return path


def read(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def pdf_text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


def test_the_certificates_of_the_firms_own_audits_are_members_and_verify(
    scene: Scene, told: Any, tmp_path: Path
) -> None:
    clearance, _, audit = told
    path = issue(clearance, scene.lab, tmp_path)
    name = f"audits/colophon-audit-{audit.public_id}"
    verified = bundle.verify_bundle(path, log.verifier_key())
    manifest = json.loads(read(path, "manifest.json"))
    own = sorted(member for member in manifest["files"] if member.startswith("audits/"))
    assert own == [f"{name}.json", f"{name}.pdf"]  # and none of the rival's
    found = certificate.verify(read(path, f"{name}.json"), log.verifier_key())
    assert found.audit == audit.public_id
    entries = [bundle.entry_name(index) for index in (found.sampled_index, found.concluded_index)]
    assert set(entries) <= set(manifest["log_entries"])
    assert verified.further_entries == len(manifest["log_entries"])
    page = pdf_text(read(path, f"{name}.pdf"))
    assert manifest["files"][f"{name}.json"]["sha256"] in page
    assert not any(person in page for person in NAMES)


@pytest.mark.parametrize("ending", ["json", "pdf"])
def test_a_tampered_certificate_in_a_bundle_is_named(
    scene: Scene, told: Any, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clearance, _, audit = told
    path = issue(clearance, scene.lab, tmp_path)
    name = f"audits/colophon-audit-{audit.public_id}.{ending}"
    verifier = tmp_path / "verify.py"
    verifier.write_bytes(read(path, "verify.py"))
    with zipfile.ZipFile(path) as archive:
        members: dict[str, bytes] = {member: archive.read(member) for member in archive.namelist()}
    content = members[name]
    at = content.index(b'"seed":7') + 7 if ending == "json" else len(content) // 2
    members[name] = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    forged = tmp_path / "forged.zip"
    with forged.open("wb") as stream:
        bundle_writer._write_archive(stream, members)
    command = [sys.executable, "-I", "-S", str(verifier), str(forged)]
    said = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (said.returncode, f"NOT VERIFIED: {name}:" in said.stderr) == (1, True)
    assert cli.main(["verify", str(forged)]) == 1
    assert f"NOT VERIFIED: {name}:" in capsys.readouterr().err


def test_the_answer_is_the_one_the_log_holds_and_is_decided_again_from_its_facts(
    scene: Scene, told: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clearance, _, _ = told
    path = issue(clearance, scene.lab, tmp_path)
    leaf = read(path, "output.json").rstrip(b"\n")
    entry = Entry.objects.get(kind="clearance.decided", subject=f"clearance:{clearance.public_id}")
    assert tree.leaf_hash(leaf).hex() == json.loads(bytes(entry.leaf))["facts"]["output"]
    stored = json.loads(leaf)
    (tmp_path / "facts.json").write_text(json.dumps(stored["facts"]), encoding="utf-8")
    rules_main([str(tmp_path / "facts.json"), "--policy", "balanced"])
    again = json.loads(capsys.readouterr().out)
    assert [again["verdict"], again["reasons"]] == [stored["verdict"], stored["reasons"]]


def test_findings_tell_terms_claims_of_both_sides_shares_and_own_opinions(
    scene: Scene, told: Any, tmp_path: Path
) -> None:
    clearance, made, audit = told
    path = issue(clearance, scene.lab, tmp_path)
    *works, last = read(path, "findings.jsonl").splitlines()
    assert all("work" in json.loads(line) for line in works)
    said = json.loads(last)["model_output"]
    assert said == json.loads(read(path, "model-output.json"))
    terms = said["terms"][made.terms.public_id]
    assert (terms["effective_from"], terms["effective_to"]) == ("2023-03-14", "2024-01-30")
    assert (terms["text_sha256"], terms["document"]) == ("ab" * 32, "consumer_terms")
    assert "develop models that compete" in terms["clauses"][0]["excerpt"]
    assert [(one["status"], one["cited"]) for one in said["claims"]] == [("denied", True), ("disclosed", True)]
    assert said["declared"] == {"percent": "12.50", "complete": True}
    (measured,) = said["audits"]
    low, high = measured["measured"]["interval"]
    assert (measured["id"], low < measured["measured"]["rate"] < high) == (audit.public_id, True)
    answered = {one["key"]: one["opinion"] for one in said["questions"]}
    assert answered["unanswered"] is None
    own = answered[made.question.key]
    assert (own["answer"], own["signed_as"], len(own["sha256"])) == ("depends", "C. Counsel", 64)
    everything = b"".join(read(path, name) for name in ("output.json", "findings.jsonl", "model-output.json"))
    for private in (b"R. Rival", b"secret"):
        assert private not in everything


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Model output in the dataset", "12.50 % of the dataset", "Its certificate is in the folder audits",
                "in force from 2023-03-14 to 2024-01-30", "denied", "Open questions", "Own opinion: none on record",
                "Own opinion: it depends, from", "signed C. Counsel"]),
        ("zh-hans", ["数据集中的模型输出", "占数据集的 12.50 %",
                     "有效期自 2023-03-14 至 2024-01-30", "否认", "未决问题", "本组织意见：视情况而定"]),
    ],
)  # fmt: skip
def test_the_report_has_a_section_on_model_output(
    scene: Scene, told: Any, tmp_path: Path, language: str, words: list[str]
) -> None:
    clearance, _, audit = told
    said = pdf_text(read(issue(clearance, scene.lab, tmp_path, language), "report.pdf"))
    for word in (*words, audit.public_id, "ab" * 32):
        assert word in said, word
    assert "R. Rival" not in said


def test_nothing_on_record_is_no_finding_that_there_is_none(scene: Scene, tmp_path: Path) -> None:
    path = issue(scene.clearance, scene.lab, tmp_path)
    assert "Nothing is on record about model output in this dataset" in pdf_text(read(path, "report.pdf"))
    with zipfile.ZipFile(path) as archive:
        assert not any(name.startswith("audits/") for name in archive.namelist())


def test_an_audit_made_since_is_told_and_said_to_have_decided_nothing(scene: Scene, tmp_path: Path) -> None:
    audit = audit_of(scene.lab, dataset_of(scene))
    path = issue(scene.clearance, scene.lab, tmp_path)
    assert json.loads(read(path, "model-output.json"))["audits"][0]["since"] is True
    assert "it decided nothing here" in pdf_text(read(path, "report.pdf"))
    assert certificate.verify(read(path, f"audits/colophon-audit-{audit.public_id}.json")).seed == 7


def test_another_organisations_clearance_has_no_certificate(scene: Scene, tmp_path: Path) -> None:
    public = outputs.dataset("public-set")
    audit_of(factories.actor(), public)
    Dataset.objects.filter(pk=dataset_of(scene).pk).update(visibility="public")
    audit_of(scene.rival, dataset_of(scene))
    path = issue(asked_again(scene), scene.lab, tmp_path)
    with zipfile.ZipFile(path) as archive:
        assert not any(name.startswith("audits/") for name in archive.namelist())


def test_a_second_attempt_makes_the_same_manifest(scene: Scene, told: Any, tmp_path: Path) -> None:
    clearance, _, _ = told
    first, again = (
        json.loads(read(issue(clearance, scene.lab, folder), "manifest.json"))["files"]
        for folder in (tmp_path, tmp_path)
    )
    same = [name for name in first if name.startswith("audits/") or name in ("output.json", "model-output.json")]
    assert len(same) == 4
    assert all(first[name] == again[name] for name in same)
