"""A stretch of foreground work on the services: whatever it starts ends with it, however it ends."""

import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Self

from . import environment, processes, services
from .environment import LauncherError, Layout
from .processes import Started

STOP_SECONDS = 10
POLL_SECONDS = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """Someone asked us to end. Not an Exception, so that nothing on the way mistakes it for a failure."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal_number)
        self.exit_code = 128 + signal_number


@dataclass
class Session:
    """`with Session(layout) as session:` has the services up; leaving it ends all that the session started."""

    layout: Layout
    settings: str
    services: list[Started] = field(default_factory=list)
    started: list[Started] = field(default_factory=list)

    def __enter__(self) -> Self:
        """Bring the services up. Raises LauncherError when one does not start."""
        _obey_signals()
        self.services = services.up(self.layout, bound=True)
        return self

    def __exit__(self, *_: object) -> None:
        """End what was started, those that use the services first. Further signals no longer interrupt."""
        for signal_number in SIGNALS:
            signal.signal(signal_number, signal.SIG_IGN)
        processes.end(self.started, seconds=STOP_SECONDS)
        processes.end(self.services, seconds=STOP_SECONDS)

    def environment(self, **extra: str) -> dict[str, str]:
        """Return the environment for a process of this session."""
        return environment.for_children(self.layout, **{"DJANGO_SETTINGS_MODULE": self.settings, **extra})

    def start(self, name: str, command: Sequence[str | Path]) -> Started:
        """Start a process that is to run as long as the session, its output in var/log/NAME.log."""
        log = self.layout.logs / f"{name}.log"
        one = processes.start(self.layout, name, command, env=self.environment(), log=log, bound=True)
        self.started.append(one)
        return one

    def finish(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path | None = None,
        ends_on: int = signal.SIGTERM,
        env: Mapping[str, str] | None = None,
    ) -> int:
        """Run a process to its end, its output ours unless a log is named. Returns its exit code.

        env: variables beside those of the session. Raises LauncherError when something ends that should run on.
        """
        one = processes.start(
            self.layout, name, command, env=self.environment(**(env or {})), log=log, bound=True, ends_on=ends_on
        )
        self.started.append(one)
        while one.process.poll() is None:
            self.require_alive(but=one)
            time.sleep(POLL_SECONDS)
        self.started.remove(one)
        processes.end([one])
        code = one.process.returncode
        return code if code >= 0 else 128 - code

    def require_alive(self, but: Started | None = None) -> None:
        """Raise LauncherError, with the end of its log, when a process of the session has ended."""
        for one in (*self.services, *self.started):
            code = one.process.poll()
            if one is not but and code is not None:
                raise LauncherError(f"{one.name} ended unexpectedly (exit {code}).{processes.log_tail(one.log)}")


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _obey_signals() -> None:
    """Turn the signals that ask for an end, and the end of our own parent, into Stopped."""

    def stop(signal_number: int, _: FrameType | None) -> None:
        raise Stopped(signal_number)

    parent = os.getppid()
    for signal_number in SIGNALS:
        if signal_number != signal.SIGHUP or signal.getsignal(signal_number) != signal.SIG_IGN:  # nohup is obeyed
            signal.signal(signal_number, stop)
    processes.die_with_parent(signal.SIGTERM)
    if os.getppid() != parent:
        raise Stopped(signal.SIGTERM)
