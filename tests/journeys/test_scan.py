"""A dataset is scanned through real workers, from the command line to the closed result."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.models import Match, Scan
from registry.models import Entry, Job
from registry.services import log
from tests import workers

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

SAMPLES = workers.ROOT / "samples"


def manage(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *map(str, arguments)]
    return subprocess.run(
        command, cwd=workers.ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def test_texts_registered_and_a_dataset_scanned_from_the_command_line(service_environment, tmp_path):
    texts = SAMPLES / "shelf" / "texts"
    with workers.running(service_environment, tmp_path / "worker.log", processes=2):
        registered = {}
        for name, options in {
            "carroll-alice.txt": ["--new", "Alice", "--keep-text"],
            "conrad-heart-of-darkness.txt": ["--new", "Heart of Darkness"],
            "emerson-nature.txt": ["--new", "Nature", "--fingerprint-only"],
        }.items():
            made = manage(service_environment, "register_text", texts / name, *options, "--json")
            assert made.returncode == 0, made.stderr
            registered[json.loads(made.stdout)["work"]] = json.loads(made.stdout)

        dataset = [SAMPLES / "pile-shape.jsonl.zst", SAMPLES / "books3-shape.tar.gz"]
        scanned = manage(
            service_environment, "scan", *dataset, "--dataset", "Shapes", "--acquisition", "lawful",
            "--copied-on", "2020-10-01", "--wait", "--skip-bad", "--json",
        )  # fmt: skip

    assert scanned.returncode == 0, scanned.stderr
    facts = json.loads(scanned.stdout)
    scan = Scan.objects.get(public_id=facts["scan"])
    assert (facts["state"], scan.acquisition, str(scan.copied_on)) == ("done", "lawful", "2020-10-01")
    assert facts["documents"] == scan.documents > 50
    assert facts["matches"] == Match.objects.filter(scan=scan).count() > 0
    assert {match.work.public_id for match in Match.objects.filter(scan=scan)} == set(registered)
    assert scan.job is not None
    assert (scan.job.state, scan.job.done, scan.job.total) == ("done", scan.documents, scan.documents)
    assert not Job.objects.exclude(state="done").exclude(kind="search_index").exists()

    log.sequence_all()
    assert log.verify()["ok"]
    assert Entry.objects.filter(kind="scan.closed", position__isnull=False).count() == 1


def test_a_bad_file_is_named_and_ends_the_command_with_2(service_environment, tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(b'{"text": "fine"}\n{"text": \n')
    missing = manage(service_environment, "scan", tmp_path / "nowhere", "--dataset", "None")
    assert missing.returncode == 2
    assert "no such file or folder" in missing.stderr
    with workers.running(service_environment, tmp_path / "worker.log"):
        scanned = manage(service_environment, "scan", tmp_path / "bad.jsonl", "--dataset", "Bad", "--wait", "--json")
    assert scanned.returncode == 2
    assert f"{tmp_path}/bad.jsonl#2" in scanned.stderr
    assert json.loads(scanned.stdout)["documents"] == 1


def test_an_unreadable_text_is_refused_with_file_and_cause(service_environment, tmp_path):
    (tmp_path / "empty.txt").touch()
    refused = manage(service_environment, "register_text", tmp_path / "empty.txt", "--new", "Nothing")
    assert refused.returncode == 2
    assert "empty.txt" in refused.stderr
    assert "empty" in refused.stderr
    unknown = manage(service_environment, "register_text", tmp_path / "empty.txt", "--work", "0")
    assert (unknown.returncode, "There is no work 0" in unknown.stderr) == (2, True)
