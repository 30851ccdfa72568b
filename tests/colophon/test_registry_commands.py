"""The client speaks with a registry: signs in, imports a file, looks after jobs; every trouble is one sentence."""

import stat
from pathlib import Path

import pytest

from colophon.watching import Watch, line_of
from registry import jobs
from registry.models import Work
from tests.colophon.calls import Run
from tests.colophon.conftest import SignIn
from tests.licensing.services.imported import ROWS, table
from tests.registry.api import clients

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def signed_in(sign_in: SignIn) -> clients.Person:
    """Somebody with a token for the site, and jobs that run as soon as somebody waits for them."""
    person = clients.member()
    sign_in(person)
    return person


def test_a_token_is_tried_and_kept_for_its_owner_alone(
    run: Run, signed_in: clients.Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io  # noqa: PLC0415

    secret = clients.new_token(signed_in)[1]
    monkeypatch.delenv("COLOPHON_TOKEN")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{secret}\n"))
    assert run("auth", "login").code == 0
    kept = tmp_path / "config" / "colophon" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    told = run("auth", "whoami")
    assert (told.code, signed_in.organisation.name in told.out.decode()) == (0, True)
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong\n"))
    refused = run("auth", "login")
    assert (refused.code, "token" in refused.error.lower()) == (2, True)
    assert secret in kept.read_text()


def test_a_file_is_imported_and_again_and_in_part(run: Run, signed_in: clients.Person, tmp_path: Path) -> None:
    path = tmp_path / "books.csv"
    path.write_bytes(table(*ROWS))
    looked = run("work", "import", path, "--dry-run")
    assert (looked.code, Work.objects.count()) == (0, 0), looked.error
    done = run("work", "import", path)
    assert (done.code, Work.objects.count()) == (0, 3), done.error
    assert "3 new" in done.out.decode()
    assert "3 unchanged" in run("work", "import", path).out.decode()
    path.write_bytes(table(*ROWS, "r4,,Nobody,2001,,,en", "r5,The Fifth,Ann Author,2002,,,en"))
    refused = run("work", "import", path)
    assert (refused.code, "row 4 (r4)" in refused.error, Work.objects.count()) == (2, True, 3)
    rest = tmp_path / "rest.csv"
    part = run("work", "import", path, "--valid-rows", "--refused", rest)
    assert (part.code, Work.objects.count()) == (1, 4), part.error
    assert "r4,,Nobody" in rest.read_text("utf-8-sig")


def test_troubles_are_sentences(run: Run, signed_in: clients.Person, tmp_path: Path) -> None:
    missing = run("work", "import", tmp_path / "none.csv")
    assert (missing.code, "no such file" in missing.error) == (2, True)
    path = tmp_path / "paper.csv"
    path.write_bytes(b"%PDF-1.7")
    refused = run("work", "import", path)
    assert (refused.code, "PDF" in refused.error) == (2, True)
    away = run("auth", "whoami", "--registry", "http://127.0.0.1:9")
    assert (away.code, "cannot be reached" in away.error) == (2, True)
    assert run("auth", "whoami", "--registry", "not an address").code == 2
    assert run("jobs", "watch", "../works").code == 2
    assert "There is no job" in run("jobs", "watch", "000000000000").error


def test_jobs_and_datasets_are_listed(run: Run, signed_in: clients.Person) -> None:
    job = jobs.enqueue("search_repair", organisation=signed_in.organisation)
    assert job.public_id in run("jobs", "ls").out.decode()
    assert run("jobs", "cancel", job.public_id).code == 0
    assert run("dataset", "search", "nothing").code == 0
    assert run("dataset", "show", "nothing").code == 2


def test_progress_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    job = {"stage": "registering", "done": 500, "total": 1000, "rate": 250.0, "eta_seconds": 2}
    assert line_of(job) == "registering  [############............] 500/1,000  250/s  2 s left"
    watch = Watch(shown=True)
    watch(job)
    watch.clear()
    assert "500/1,000" in capsys.readouterr().err
