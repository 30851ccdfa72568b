import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from registry import jobs
from registry.models import Entry, Job
from registry.services import log
from tests import factories

pytestmark = pytest.mark.django_db


def command(name: str) -> Any:
    out = StringIO()
    call_command(name, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_jobs_sweep_sends_what_was_never_sent() -> None:
    jobs.enqueue("search_index", work_id=factories.work("Moby-Dick").pk)
    assert command("jobs_sweep") == {"published": 1, "quarantined": 0}
    assert Job.objects.get().published_at is not None


def test_log_verify_counts_the_entries_of_a_sound_log() -> None:
    factories.work("Moby-Dick")
    log.sequence_all()
    found = command("log_verify")
    assert found["ok"] is True
    assert found["size"] == Entry.objects.count()


def test_log_verify_names_the_entry_that_was_changed_and_exits_1(capsys: pytest.CaptureFixture[str]) -> None:
    factories.work("Moby-Dick")
    log.sequence_all()
    Entry.objects.filter(position=1).update(leaf=b"{}")
    with pytest.raises(SystemExit, match="1"):
        call_command("log_verify")
    assert "Entry 1" in capsys.readouterr().out
