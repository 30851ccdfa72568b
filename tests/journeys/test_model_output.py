"""A dataset that a model wrote in part: audited, cleared, blocked by terms, and followed when that changes."""

import json
import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.models import Audit, OutputCorpus
from ingest.services import audit_subjects, audits, output_corpora
from licensing.models import Clearance, OutputChange
from licensing.services import clearance_outputs, generated_parts, use_declarations
from licensing.services.generated_parts import Part
from licensing.services.use_declarations import Declared
from registry.models import Dataset
from registry.services import log
from tests import factories, workers
from tests.ingest.engine.texts import prose
from tests.licensing import outputs

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

PASTED, OWN = 20, 60


def manage(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=workers.ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def written(folder: Path, name: str, rows: list[dict[str, str]]) -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def test_terms_on_output_block_with_the_measured_share_beside_them_and_the_answer_changes_back(
    service_environment: dict[str, str], tmp_path: Path
) -> None:
    lab = factories.actor(factories.organisation("lab", "Lab"))
    outputs.version("one", date(2023, 3, 14), "develop_competing_model", effective_to=date(2025, 12, 31))
    talker = outputs.model("talker")
    answered = [prose(1_000 + number, 90) for number in range(PASTED)]
    registered = written(tmp_path, "outputs.jsonl", [{"text": text} for text in answered])
    texts = [*answered, *(prose(5_000 + number, 90) for number in range(OWN))]
    rows = [
        {"text": text, "batch": f"b{number % 2}", "annotator": f"a{number % 4}"} for number, text in enumerate(texts)
    ]
    dataset = written(tmp_path, "answers.jsonl", rows)

    with workers.running(service_environment, tmp_path / "worker.log", processes=2):
        about = output_corpora.About(name="Answers of the talker", generator="Talker", provider="Maker")
        with registered.open("rb") as file:
            corpus = output_corpora.take(file=file, file_name=registered.name, about=about, actor=lab)
        scanned = manage(
            service_environment, "scan", dataset, "--dataset", "Answers", "--acquisition", "lawful",
            "--organisation", "lab", "--wait", "--json",
        )  # fmt: skip
        assert scanned.returncode == 0, scanned.stderr
        held = Dataset.objects.get(name="Answers")
        declared = use_declarations.draft(
            Declared(
                title="Answers", provider=talker.developer, model=talker, purpose="synthetic_data",
                destinations=["training"], acceptance="accepted", accepted_on=date(2024, 1, 1),
            ),
            actor=lab,
        )  # fmt: skip
        use_declarations.approve(declared, actor=lab)
        said = Part(talker, "own_api", share_percent=Decimal(20), generated_to=date(2024, 5, 1), declaration=declared)
        part = generated_parts.record(held, said, actor=lab)
        workers.wait_until(lambda: OutputCorpus.objects.get(pk=corpus.pk).state == OutputCorpus.State.READY)
        with dataset.open("rb") as file:
            audit = audits.request(
                file=file, file_name=dataset.name, references=[OutputCorpus.objects.get(pk=corpus.pk)], actor=lab,
                seed=7, sampled=30, about=audit_subjects.find(lab, "Answers"),
            )  # fmt: skip
        workers.wait_until(lambda: Audit.objects.get(pk=audit.pk).state == Audit.State.DONE)

        cleared = manage(
            service_environment, "clear", "Answers", "--use", "fine_tuning", "--purpose", "commercial",
            "--territory", "US", "--competing", "yes", "--organisation", "lab", "--wait", "--json",
        )  # fmt: skip
        assert cleared.returncode == 1, cleared.stderr
        told = json.loads(cleared.stdout)
        assert [row["code"] for row in told["output"]["reasons"]] == ["TOU_COMPETE"]
        measured = told["totals"]["output"]["measured"]
        assert told["totals"]["output"]["audit"] == audit.public_id
        assert measured["interval"][0] <= 0.25 <= measured["interval"][1]
        assert "20.00 per cent is declared" in told["output"]["share"]

        clearance = Clearance.objects.get(public_id=told["clearance"])
        generated_parts.withdraw(part, actor=lab)
        workers.wait_until(lambda: OutputChange.objects.filter(clearance=clearance, cause="part").exists())
        changed = OutputChange.objects.get(clearance=clearance, cause="part")
        # what the audit found is there all the same, and now nothing says how it was got
        assert (changed.verdict, changed.blocks) == ("UNKNOWN", False)
        assert changed.reasons[0]["evidence"] == [f"audit:{audit.public_id}"]

        audit_subjects.say(audit=audit, subject=None, actor=lab)
        workers.wait_until(lambda: OutputChange.objects.filter(clearance=clearance, cause="audit").exists())
        latest = clearance_outputs.latest(clearance)
        assert latest is not None
        assert (latest.verdict, latest.reasons) == ("", [])

    clearance.refresh_from_db()
    assert (clearance.output.verdict, clearance.blocks) == ("NOT_CLEARED", True)  # as it was given
    log.sequence_all()
    assert log.verify()["ok"]
