"""Somebody else with the records and the page of paper draws the same sample, on another machine's client."""

import io
import json
import random
import re
import shlex
from pathlib import Path

import pypdf
import pytest

from colophon import cli
from ingest.models import Audit
from ingest.sampling.intake import Fields
from ingest.services import audits, output_corpora
from licensing.services import audit_papers
from registry import jobs
from registry.models import Job
from registry.services import log
from tests import factories
from tests.ingest.engine.texts import prose

pytestmark = pytest.mark.django_db
OUTPUTS = [{"id": f"o{number}", "text": prose(1_000 + number, 90), "prompt": "q"} for number in range(20)]


def records() -> list[dict[str, str]]:
    """Sixty in three batches under fields of the firm's own; some are outputs."""
    chance = random.Random(3)
    return [
        {
            "id": f"r{number}",
            "answer": chance.choice(OUTPUTS)["text"] if chance.random() < 0.2 else prose(5_000 + number, 90),
            "delivery no": f"d{number % 3}",
            "worker": f"w{number % 5}",
            "day": f"2026-0{1 + number % 4}-01",
        }
        for number in range(60)
    ]


def lines(rows: list[dict[str, str]]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def run_jobs() -> None:
    waiting = Job.objects.filter(state=Job.State.QUEUED, kind__in=(output_corpora.JOB, audits.JOB)).order_by("id")
    while job := waiting.first():
        assert jobs.run(job.pk) == Job.State.DONE


@pytest.fixture
def audit(settings, tmp_path: Path) -> Audit:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    actor = factories.actor()
    about = output_corpora.About(name="Answers of a chatbot", generator="chatbot-1")
    corpus = output_corpora.take(file=io.BytesIO(lines(OUTPUTS)), file_name="o.jsonl", about=about, actor=actor)
    run_jobs()
    corpus.refresh_from_db()
    made = audits.request(
        file=io.BytesIO(lines(records())), file_name="answers.jsonl", references=[corpus], actor=actor, sampled=12,
        fields=Fields(batch="delivery no", annotator="worker", date="day"), text_field="answer",
    )  # fmt: skip
    run_jobs()
    log.sequence_all()
    return Audit.objects.get(pk=made.pk)


def test_the_command_on_the_page_draws_the_sample_whose_digest_stands_there(
    audit: Audit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = pypdf.PdfReader(io.BytesIO(audit_papers.pdf(audit, "en"))).pages[0].extract_text()
    said = " ".join(page.split())
    found = re.search(r"colophon audit FILES .*? --list-sample sample\.jsonl", said)
    assert found, said
    shuffled = random.Random(9).sample(records(), 60)  # in another order, in two files
    for name, rows in (("one.jsonl", shuffled[:25]), ("two.jsonl", shuffled[25:])):
        (tmp_path / name).write_bytes(lines(rows))
    (tmp_path / "outputs.jsonl").write_bytes(lines(OUTPUTS))
    listed = tmp_path / "sample.jsonl"
    given = {
        "FILES": [str(tmp_path / "one.jsonl"), str(tmp_path / "two.jsonl")],
        "OUTPUTS": [str(tmp_path / "outputs.jsonl")],
    }
    given |= {"sample.jsonl": [str(listed)]}
    words = [word for part in shlex.split(found[0])[1:] for word in given.get(part, [part])]
    cli.main(words)
    digest = f"sample {audit.sample}"
    assert digest in capsys.readouterr().err
    assert audit.sample in "".join(page.split())
    assert len(listed.read_bytes().splitlines()) == 36
