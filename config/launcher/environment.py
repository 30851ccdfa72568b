"""Where a checkout keeps its running state, and the file `var/env` that tells everyone else.

`var/env` is made once, readable by its owner only, and kept: secrets and ports stay the same from start to start.
What stands in the process's own environment always wins over it.
"""

import base64
import fcntl
import hashlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

FIRST_PORT, PORT_COUNT = 20_000, 10_000  # below the range that outgoing connections take their ports from
SERVICE_ADDRESSES = ("DATABASE_URL", "BROKER_URL")


class LauncherError(Exception):
    """Something the person at the keyboard can mend; the message says what and how. Ends the command with exit 1."""


@dataclass(frozen=True)
class Layout:
    """The folders of one checkout. Two checkouts never share one."""

    root: Path

    @property
    def var(self) -> Path:
        return self.root / "var"

    @property
    def env_file(self) -> Path:
        return self.var / "env"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def pids(self) -> Path:
        return self.var / "run"

    @property
    def key(self) -> str:
        """Short digest of the checkout's path: names what has to lie outside it."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def outside(self) -> Path:
        """Where root keeps what an unprivileged user must reach: the checkout may lie below a closed folder."""
        return Path("/var/tmp") / f"colophon-{self.key}"  # noqa: S108

    @property
    def services(self) -> Path:
        """Folder of the services that refuse to run as root."""
        return self.outside if os.geteuid() == 0 else self.var

    def make(self) -> None:
        """Make the folders. Raises LauncherError when they belong to someone else."""
        try:
            for folder in (self.var, self.logs, self.pids):
                folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            if not os.access(self.var, os.W_OK):
                raise PermissionError
        except PermissionError as error:
            raise LauncherError(
                f"{self.var} cannot be written by this user. It was probably made by another one (root?): "
                "run the command as that user, or let that user run `make clean` first."
            ) from error

    @contextmanager
    def locked(self, what: str = "services") -> Iterator[None]:
        """Let one launcher at a time start or stop something of this checkout; others wait."""
        self.make()
        with (self.pids / f"{what}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def read(path: Path) -> dict[str, str]:
    """Return the `NAME=value` lines of a file; {} when there is none. Comments and blank lines are skipped."""
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def write(path: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step, readable by its owner only."""
    lines = ["# Written by `make up`, kept from start to start. Secrets: never commit or send this file."]
    lines += [f"{name}={value}" for name, value in values.items()]
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".env-")  # 0600 from the start
    with os.fdopen(handle, "w") as stream:
        stream.write("\n".join(lines) + "\n")
    os.replace(temporary, path)


def update(layout: Layout, **changes: str) -> dict[str, str]:
    """Set names in `var/env`, touching the file only when something changes. Returns all its values."""
    values = read(layout.env_file)
    if any(values.get(name) != value for name, value in changes.items()):
        values.update(changes)
        write(layout.env_file, values)
    return values


def ensure_secrets(layout: Layout) -> None:
    """Make the secrets that are missing in `var/env`; those that exist are kept."""
    values = read(layout.env_file)
    made = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "TOKEN_PEPPER": secrets.token_urlsafe(32),
        "LOG_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    update(layout, **{name: value for name, value in made.items() if not values.get(name)})
    layout.env_file.chmod(0o600)


def given(layout: Layout, name: str) -> str | None:
    """Return the service address set from outside, or None when the embedded service is meant.

    A shell that has sourced `var/env` carries the embedded address itself; that is not one from outside.
    """
    value = os.environ.get(name, "")
    return value if value and value != read(layout.env_file).get(name) else None


def for_children(layout: Layout, **extra: str) -> dict[str, str]:
    """Return the environment of processes started for this checkout: `var/env`, then our own, then `extra`."""
    own = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")}
    return {**read(layout.env_file), **own, "PYTHONUNBUFFERED": "1", **extra}


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def choose_port(layout: Layout, service: str, wanted: int | None = None) -> int:
    """Return a free port: the wanted one if it is free, else the first free one from a place the checkout's path gives.

    Raises LauncherError when none is free.
    """
    start = int(hashlib.sha256(f"{layout.root}:{service}".encode()).hexdigest(), 16)
    candidates = [wanted] if wanted else []
    candidates += [FIRST_PORT + (start + step) % PORT_COUNT for step in range(200)]
    for port in candidates:
        if port_is_free(port):
            return port
    raise LauncherError(f"No free port found for {service} on 127.0.0.1.")
