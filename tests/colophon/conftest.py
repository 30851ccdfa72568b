"""Commands of the client in this process, and a small index to match against."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from colophon import client
from colophon.cli import main
from registry import jobs
from registry.models import Job
from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS, Outcome, Run
from tests.registry.api import clients

SignIn = Callable[[clients.Person], None]


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command in this process."""

    def run_here(*arguments: object) -> Outcome:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        sys.stdout.flush()
        captured = capfdbinary.readouterr()
        return Outcome(code, captured.out, captured.err.decode())

    return run_here


@pytest.fixture(scope="session")
def shelf_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of three short works with their texts: two English, one Chinese."""
    index = tmp_path_factory.mktemp("index") / "shelf.index"
    assert main(["index", "build", str(GIFT), str(PROPOSAL), str(SHADOWS), "--out", str(index)]) == 0
    return index


@pytest.fixture
def sign_in(live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """Give commands the token of a person for the site; jobs run as soon as somebody waits for them."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("COLOPHON_REGISTRY", live_server.url)
    asked = client.Registry.wait

    def run_and_wait(self: client.Registry, job: str, told: Any) -> Any:
        if waiting := Job.objects.filter(public_id=job).first():
            jobs.run(waiting.pk)
        return asked(self, job, told)

    monkeypatch.setattr(client.Registry, "wait", run_and_wait)

    def sign_in_as(person: clients.Person) -> None:
        monkeypatch.setenv("COLOPHON_TOKEN", clients.new_token(person)[1])

    return sign_in_as
