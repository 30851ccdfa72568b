"""Checkouts of the tests' own: none of these tests touches the developer's var/ folder or services."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.launcher import processes, services
from config.launcher.environment import SERVICE_ADDRESSES, Layout
from config.launcher.processes import Started


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Layout]:
    """An empty checkout; what is started or made for it is gone after the test."""
    for name in (*SERVICE_ADDRESSES, "ELASTICSEARCH_TEST_URL", "POSTGRES_BIN"):
        monkeypatch.delenv(name, raising=False)
    started: list[Started] = []
    start = processes.start

    def remember_start(*arguments: Any, **options: Any) -> Started:
        started.append(start(*arguments, **options))
        return started[-1]

    # Services in the background outlive the object that started them, which Python would complain of.
    monkeypatch.setattr(processes, "start", remember_start)
    layout = Layout(tmp_path / "checkout")
    layout.root.mkdir()
    yield layout
    monkeypatch.undo()
    services.clean(layout)
    for one in started:
        one.process.wait()


@pytest.fixture
def processes_of() -> Callable[[Layout], dict[int, str]]:
    """A function that lists the living processes of a checkout: those that work in it or name it (Linux)."""
    return _processes_of


def _processes_of(layout: Layout) -> dict[int, str]:
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = os.readlink(folder / "cwd")
        except OSError:
            continue
        if (
            command
            and int(folder.name) != os.getpid()
            and any(str(own) in text for own in (layout.root, layout.outside) for text in (command, place))
        ):
            found[int(folder.name)] = command
    return found
