"""Commands of the client in this process, and a small index to match against."""

import sys
from pathlib import Path

import pytest

from colophon.cli import main
from tests.colophon.calls import GIFT, PROPOSAL, SHADOWS, Outcome, Run


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
