"""Processes are found again, never mistaken, and never left behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.launcher import processes
from config.launcher.environment import LauncherError, Layout

ROOT = Path(__file__).resolve().parents[2]


def _gone(pid: int, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while processes.started_at(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    return processes.started_at(pid) is None


def _pid_in(path: Path, seconds: float = 10) -> int:
    deadline = time.monotonic() + seconds
    while not (path.is_file() and path.read_text().strip()):
        assert time.monotonic() < deadline, f"nobody wrote {path.name}"
        time.sleep(0.02)
    return int(path.read_text())


def test_process_is_recalled_while_it_lives(checkout: Layout) -> None:
    checkout.make()
    processes.remember(checkout, "service", os.getpid())
    assert processes.recall(checkout, "service") == os.getpid()


def test_process_id_given_to_someone_else_is_not_taken_for_ours(checkout: Layout) -> None:
    checkout.make()
    note = checkout.pids / "service.json"
    note.write_text(json.dumps({"pid": os.getpid(), "started": "of an earlier process"}))
    assert processes.recall(checkout, "service") is None
    assert not note.exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 0, "started": ""}', '{"pid": "x", "started": "1"}'])
def test_damaged_note_counts_as_none(checkout: Layout, content: str) -> None:
    checkout.make()
    (checkout.pids / "service.json").write_text(content)
    assert processes.recall(checkout, "service") is None


def test_ending_takes_the_whole_group_even_when_it_refuses(checkout: Layout) -> None:
    checkout.make()
    script = "trap '' TERM; sleep 600 & echo $! > child; wait; sleep 600"
    stubborn = processes.start(checkout, "stubborn", ["sh", "-c", script], env=os.environ, bound=True)
    child = _pid_in(checkout.root / "child")
    processes.end([stubborn], seconds=0.2)
    assert stubborn.process.returncode == -signal.SIGKILL
    assert _gone(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends processes with their parent")
def test_bound_process_ends_when_its_parent_is_killed(checkout: Layout) -> None:
    checkout.make()
    script = (
        "import os, sys, time, pathlib\n"
        "from config.launcher import processes\nfrom config.launcher.environment import Layout\n"
        "layout = Layout(pathlib.Path(sys.argv[1]))\n"
        "one = processes.start(layout, 'one', ['sleep', '600'], env=os.environ, bound=True)\n"
        "(layout.root / 'child').write_text(str(one.process.pid))\ntime.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(checkout.root)], cwd=ROOT)
    child = _pid_in(checkout.root / "child")
    parent.kill()
    parent.wait()
    assert _gone(child)


def test_process_that_ends_at_its_start_is_reported_with_its_log(checkout: Layout) -> None:
    checkout.make()
    log = checkout.logs / "one.log"
    command = ["sh", "-c", "echo the disk is full; exit 3"]
    one = processes.start(checkout, "one", command, env=os.environ, log=log, bound=True)
    with pytest.raises(LauncherError, match=r"(?s)one ended at its start \(exit 3\).*the disk is full"):
        processes.wait_until(lambda: False, one, seconds=10)


def test_program_that_does_not_exist_is_a_message(checkout: Layout) -> None:
    checkout.make()
    with pytest.raises(LauncherError, match="one could not be started"):
        processes.start(checkout, "one", ["/nowhere/program"], env=os.environ, bound=True)
