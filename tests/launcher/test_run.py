"""`make run` on a miniature project: it works, it repeats, and whatever ends it leaves no process behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from config.launcher import environment
from config.launcher.environment import Layout
from tests.launcher import miniature

ROOT = Path(__file__).resolve().parents[2]
Processes = Callable[[Layout], dict[int, str]]

pytestmark = pytest.mark.worker


@pytest.fixture
def project(checkout: Layout) -> Layout:
    miniature.build(checkout.root)
    return checkout


def _launch(layout: Layout, *arguments: str, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "config.launcher", "--root", str(layout.root), "run", *arguments],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **env},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _read_until(running: "subprocess.Popen[str]", pattern: str) -> str:
    assert running.stdout
    said = ""
    for line in running.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"“{pattern}” was never said, but:\n{said}")


def _wait_for_none(layout: Layout, processes_of: Processes, seconds: float = 20) -> dict[int, str]:
    deadline = time.monotonic() + seconds
    while (left := processes_of(layout)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def _finish(running: "subprocess.Popen[str]") -> tuple[int, str]:
    said, _ = running.communicate(timeout=120)
    return running.returncode, said


def test_port_in_use_is_said_before_anything_is_made(project: Layout) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code, said = _finish(_launch(project, PORT=str(port)))
    assert code == 1
    assert said == (
        f"colophon: port {port} on 127.0.0.1 is in use, perhaps by another `make run`. End that program, "
        f"or choose another port: make run PORT={port + 1}\n"
    )
    assert not project.var.exists()


def test_port_that_is_no_number_is_a_message(project: Layout) -> None:
    assert _finish(_launch(project, PORT="http")) == (1, "colophon: PORT=http is not a port number.\n")


@pytest.mark.long
def test_once_ends_with_the_exit_code_of_the_main_job_and_can_be_repeated(
    project: Layout, processes_of: Processes
) -> None:
    assert _finish(_launch(project, "--once")) == (0, "the main job is done\n")
    assert _finish(_launch(project, "--once", MAIN_JOB_EXIT="3")) == (3, "the main job is done\n")
    assert processes_of(project) == {}


@pytest.mark.parametrize(("signal_number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_served_site_answers_and_however_it_ends_no_process_is_left(
    project: Layout, processes_of: Processes, signal_number: int, code: int
) -> None:
    port = environment.choose_port(project, "site")
    running = _launch(project, PORT=str(port))
    said = _read_until(running, "The site is at")
    assert said.startswith("the main job is done\n")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as reply:
        assert reply.read().decode() == f"it answers at http://localhost:{port}"
    commands = " ".join(processes_of(project).values())
    assert all(part in commands for part in ("postgres", "valkey", "worker", "beat", "gunicorn"))
    running.send_signal(signal_number)
    assert _finish(running)[0] == code
    assert _wait_for_none(project, processes_of) == {}


def test_interrupt_during_the_main_job_ends_it_too(project: Layout, processes_of: Processes) -> None:
    running = _launch(project, "--once", LINGER="600")
    _read_until(running, "the main job is done")
    running.send_signal(signal.SIGINT)  # what Ctrl-C sends
    assert _finish(running)[0] == 128 + signal.SIGINT
    assert _wait_for_none(project, processes_of) == {}


def test_everything_ends_when_the_parent_of_the_launcher_is_killed(project: Layout, processes_of: Processes) -> None:
    command = f'"{sys.executable}" -m config.launcher --root "{project.root}" run --once; true'
    shell = subprocess.Popen(
        ["sh", "-c", command],
        env={**os.environ, "LINGER": "600", "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    _read_until(shell, "the main job is done")
    shell.kill()
    shell.communicate()
    assert _wait_for_none(project, processes_of) == {}


def test_worker_that_cannot_start_is_reported_with_its_log(project: Layout, processes_of: Processes) -> None:
    (project.root / "config" / "celery.py").write_text("raise RuntimeError('a broken deployment')\n")
    (project.root / "config" / "__init__.py").write_text("")
    job = project.root / "small" / "management" / "commands" / "main_job.py"
    job.write_text(job.read_text().replace("from config.celery import app", "app = None"))
    job.write_text(job.read_text().replace("app.send_task", "(lambda *a, **k: None)"))
    code, said = _finish(_launch(project, "--once"))
    assert code == 1
    assert re.search(r"colophon: (worker|webhooks|beat) ended unexpectedly \(exit \d\)", said)
    assert "a broken deployment" in said
    assert _wait_for_none(project, processes_of) == {}
