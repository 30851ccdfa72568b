"""The main job, as `make run` runs it: the samples registered, scanned, decided and proven by a real worker."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.models import Deposit, Fingerprint
from licensing.formats.snapshot import Snapshot
from licensing.models import Clearance, Grant, Offer, Reservation, Verdict
from licensing.services import clearances
from registry.merkle import bundle
from registry.models import Dataset, Edition, Identifier, Job, Organisation, Party, Work
from registry.services import log
from tests import workers

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

ONCE_ONLY = (Work, Party, Edition, Identifier, Organisation, Dataset, Deposit, Fingerprint, Grant, Offer, Reservation)


def main_job(environment: dict[str, str], out: Path) -> dict[str, Any]:
    command = [sys.executable, "manage.py", "main_job", "--json", "--out", str(out), "--timeout", "150"]
    done = subprocess.run(
        command, cwd=workers.ROOT, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def _descriptions_are_loaded() -> bool:
    """The catalogue's second part: the main job leaves it to a worker and does not wait."""
    return Job.objects.filter(kind="dataset_descriptions", state=Job.State.DONE).exists()


def test_the_main_job_answers_with_reasons_proves_it_and_can_be_repeated(service_environment, tmp_path):
    with workers.running(service_environment, tmp_path / "worker.log", processes=2):
        facts = main_job(service_environment, tmp_path)
        workers.wait_until(_descriptions_are_loaded)
        first = {model: model._default_manager.count() for model in ONCE_ONLY}
        bundle_made = hashlib.sha256(Path(facts["bundle"]).read_bytes()).hexdigest()
        again = main_job(service_environment, tmp_path)

    # the summary
    assert (facts["works"], facts["skipped"], facts["missing"]) == (27, 0, [])
    assert facts["documents"] == 72 + 19
    assert {(row["dataset"], row["territory"]) for row in facts["clearances"]} == {
        (f"Sample in the shape of {shape}", territory) for shape in ("The Pile", "Books3") for territory in ("US", "DE")
    }
    expected = {"PD_TERM", "LIC_MATCH", "LIC_SCOPE_GAP", "EU4_RESERVED", "US_FU"}
    assert expected <= set(facts["reason_codes"])
    assert any(row["verdicts"]["UNKNOWN"] for row in facts["clearances"])
    assert all(row["unidentified"] > 0 for row in facts["clearances"])

    # what was stored is what was said, and gives the same answers again
    for row in facts["clearances"]:
        clearance = Clearance.objects.get(public_id=row["clearance"])
        stored = Verdict.objects.filter(clearance=clearance)
        assert sum(row["verdicts"].values()) == stored.count() > 0
        for verdict in stored.select_related("clearance"):
            answer = clearances.recompute(verdict)
            assert (answer["verdict"], answer["reasons"]) == (verdict.verdict, verdict.reasons)

    # the snapshot and the bundle verify
    with Snapshot(tmp_path / "snapshots" / "sample.snapshot") as snapshot:
        snapshot.verify()
        assert set(snapshot.works()) == set(Work.objects.values_list("public_id", flat=True))
    verified = bundle.verify_bundle(facts["bundle"], log.verifier_key())
    assert verified.entry_index < verified.tree_size
    log.sequence_all()
    assert log.verify()["ok"] is True

    # a second run finds everything in place and asks again
    assert {model: model._default_manager.count() for model in ONCE_ONLY} == first
    assert Work.objects.count() == 27
    for name in ("works", "documents", "skipped", "matches", "reason_codes", "missing", "catalogue"):
        assert again[name] == facts[name], name
    answers = [[row["verdicts"] for row in run["clearances"]] for run in (facts, again)]
    assert answers[0] == answers[1]
    assert hashlib.sha256(Path(again["bundle"]).read_bytes()).hexdigest() != bundle_made

    # invented statements say so, and are about works in copyright only
    free = set(Verdict.objects.filter(status="PUBLIC_DOMAIN").values_list("work__record_reference", flat=True))
    assert len(free) >= 10
    for model in (Grant, Reservation, Offer):
        rows = list(model._default_manager.select_related("work"))
        assert rows
        assert all(row.demo for row in rows)
        assert not {row.work.record_reference for row in rows} & free
