"""Real Celery workers for tests: processes of their own on this test's database, broker and files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import current_app

ROOT = Path(__file__).resolve().parent.parent
READY = "ready."
POLL_SECONDS = 0.05


@dataclass
class Worker:
    """A running worker: the main process and its pool children."""

    process: subprocess.Popen[bytes]
    log: Path

    def children(self) -> list[int]:
        """Process ids of the pool."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()]

    def kill_child(self) -> None:
        """kill -9 of one pool process; the worker starts another."""
        for pid in self.children()[-1:]:
            os.kill(pid, signal.SIGKILL)

    def frozen_while(self, condition: Callable[[], bool]) -> bool:
        """Stop every process where it is and look: if the condition holds they stay so, otherwise they go on."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        time.sleep(POLL_SECONDS)  # what was sent to the database before has arrived
        holds = condition()
        if not holds:
            os.killpg(self.process.pid, signal.SIGCONT)
        return holds

    def thaw(self) -> None:
        """Let what was frozen go on."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def kill(self) -> None:
        """kill -9 of the worker and everything it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM: finish what is at hand, then end."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()


def start(environment: dict[str, str], log: Path, *, processes: int = 1) -> Worker:
    """Start a worker; it may take a few seconds before it takes jobs."""
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "tests.worker_application",
        "worker",
        "--queues=interactive,engine",
    ]
    command += [f"--concurrency={processes}", "--loglevel=INFO", "--without-gossip", "--without-mingle", "-O", "fair"]
    environment = {**environment, "DJANGO_SETTINGS_MODULE": "tests.worker_settings"}
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    return Worker(process, log)


@contextmanager
def running(environment: dict[str, str], log: Path, *, processes: int = 1) -> Iterator[Worker]:
    """A worker for the length of a `with`."""
    worker = start(environment, log, processes=processes)
    try:
        yield worker
    finally:
        worker.stop()


def wait_until(condition: Callable[[], object], *, seconds: float = 60, meanwhile: Callable[[], object] = bool) -> None:
    """Return once the condition holds; `meanwhile` is called between looks (a sweep, say). Fails when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        meanwhile()
        time.sleep(POLL_SECONDS)


def empty_broker() -> None:
    """Throw away every message of this test process's part of the broker."""
    with current_app.connection_for_write() as broker:
        channel: Any = broker.channel()
        channel.client.flushdb()
