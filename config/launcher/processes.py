"""Starting, finding and ending processes, so that none is ever left behind.

Every process leads its own group and is remembered with its start time: a process id that the system has given to
someone else since is never taken for ours.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment import LauncherError, Layout

PR_SET_PDEATHSIG = 1  # linux/prctl.h
POLL_SECONDS = 0.02

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with_parent(signal_number: int) -> None:
    """Ask the kernel to send this process a signal when its parent ends (Linux; elsewhere nothing happens)."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)


@dataclass(frozen=True)
class Account:
    """The user and group a process is dropped to."""

    uid: int
    gid: int


@dataclass
class Started:
    """A process we started and may wait for."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path | None = None
    ends_on: int = signal.SIGTERM


def start(
    layout: Layout,
    name: str,
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path | None = None,
    bound: bool,
    ends_on: int = signal.SIGTERM,
    account: Account | None = None,
    cwd: Path | None = None,
) -> Started:
    """Start a process in a session of its own, its output appended to `log` (None: ours).

    bound: the kernel ends it with us, whatever ends us (call from the main thread: the kernel watches the thread).
    Raises LauncherError when the program cannot be started.
    """
    us = os.getpid()

    def prepare() -> None:
        die_with_parent(ends_on)
        if os.getppid() != us:  # we were gone before the kernel knew
            os._exit(1)

    output = log.open("ab") if log else None
    try:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            cwd=cwd or layout.root,
            env=dict(env),
            start_new_session=True,
            preexec_fn=prepare if bound else None,  # noqa: PLW1509 - we run a single thread
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as error:
        raise LauncherError(f"{name} could not be started: {error}") from error
    finally:
        if output:
            output.close()
    return Started(name, process, log, ends_on)


def started_at(pid: int) -> str | None:
    """Return what tells this process from a later one with the same id, or None when it has ended."""
    if Path("/proc/self/stat").exists():
        try:
            fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            return None
        return None if fields[0] in (b"Z", b"X") else fields[19].decode()
    listed = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, since = listed.stdout.strip().partition(" ")
    return since.strip() if since and not state.startswith("Z") else None


def command_line(pid: int) -> str:
    """Return the command a process runs, '' when it has ended."""
    listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
    proc = Path(f"/proc/{pid}/cmdline")
    try:
        return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return listed.stdout.strip()


def remember(layout: Layout, name: str, pid: int) -> None:
    """Note a background process for later calls of the launcher."""
    (layout.pids / f"{name}.json").write_text(json.dumps({"pid": pid, "started": started_at(pid)}))


def recall(layout: Layout, name: str) -> int | None:
    """Return the id of a remembered process that still runs; a stale note is removed."""
    note = layout.pids / f"{name}.json"
    try:
        known = json.loads(note.read_text())
        pid, since = int(known["pid"]), known["started"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        pid, since = 0, ""
    if pid > 0 and since and started_at(pid) == since:
        return pid
    note.unlink(missing_ok=True)
    return None


def wait_until(ready: Callable[[], bool], process: Started, *, seconds: float) -> None:
    """Wait until `ready()`. Raises LauncherError with the log's end when the process ends or time runs out."""
    deadline = time.monotonic() + seconds
    try:
        while not ready():
            code = process.process.poll()
            if code is not None:
                raise LauncherError(f"{process.name} ended at its start (exit {code}).{log_tail(process.log)}")
            if time.monotonic() > deadline:
                raise LauncherError(f"{process.name} was not ready after {seconds:.0f} s.{log_tail(process.log)}")
            time.sleep(POLL_SECONDS)
    except BaseException:  # also when someone stops us meanwhile
        end([process], seconds=2)
        raise


def log_tail(log: Path | None, lines: int = 12) -> str:
    """Return the last lines of a log, ready to follow a sentence."""
    if log is None or not log.is_file():
        return ""
    last = log.read_text(errors="replace").splitlines()[-lines:]
    return f" The last lines of {log}:\n  " + "\n  ".join(last)


def end(started: Sequence[Started], *, seconds: float = 10) -> None:
    """End processes and everything in their groups: politely together, after `seconds` by force."""
    for one in started:
        if one.process.poll() is None:
            _signal(one.process.pid, one.ends_on)
    deadline = time.monotonic() + seconds
    for one in started:
        try:
            one.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _signal_group(one.process.pid, signal.SIGKILL)
            one.process.wait()
        _signal_group(one.process.pid, signal.SIGKILL)


def end_by_id(pid: int, signals: Sequence[tuple[int, float]]) -> None:
    """End a process that is not our child: each signal in turn, waiting its seconds for the end."""
    since = started_at(pid)
    for signal_number, seconds in signals:
        if since is None or started_at(pid) != since:
            return
        _signal(pid, signal_number)
        deadline = time.monotonic() + seconds
        while started_at(pid) == since and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(POLL_SECONDS)
    if since is not None and started_at(pid) == since:
        _signal_group(pid, signal.SIGKILL)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _signal(pid: int, signal_number: int) -> None:
    try:
        os.kill(pid, signal_number)
    except ProcessLookupError:
        return


def _signal_group(pid: int, signal_number: int) -> None:
    try:
        os.killpg(pid, signal_number)
    except (ProcessLookupError, PermissionError):  # PermissionError: macOS, for a group of zombies
        return
