"""The services of one checkout together: up, down, status, and every trace removed."""

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

from . import broker, elasticsearch, environment, postgres, processes
from .environment import SERVICE_ADDRESSES, Layout
from .processes import Started

CACHES = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".import_linter_cache", "build")


def up(layout: Layout, *, bound: bool = False) -> list[Started]:
    """Have every service answer and `var/env` complete. Returns those started now; bound: they end with us."""
    started: list[Started] = []
    with layout.locked():
        environment.ensure_secrets(layout)
        try:
            for service in (postgres, broker):
                one = service.up(layout, bound=bound)
                if one is not None:
                    started.append(one)
        except BaseException:
            processes.end(started)
            raise
    return started


def down(layout: Layout) -> list[str]:
    """End this checkout's services. Returns the names of those that ran."""
    if not layout.var.is_dir() and not layout.outside.is_dir():
        return []
    with layout.locked():
        parts = {"Elasticsearch": elasticsearch, "Valkey": broker, "PostgreSQL": postgres}
        return [name for name, service in parts.items() if service.down(layout)]


def status(layout: Layout) -> dict[str, tuple[str, bool]]:
    """Return name → (address without its password, whether a server answers there)."""
    values = environment.for_children(layout)
    found: dict[str, tuple[str, bool]] = {}
    for name in (*SERVICE_ADDRESSES, "ELASTICSEARCH_URL", "ELASTICSEARCH_TEST_URL"):
        if address := values.get(name):
            parts = urlsplit(address)
            shown = f"{parts.scheme}://{parts.hostname}:{parts.port}{parts.path}"
            found[name] = (shown, listens(parts.hostname or "", parts.port or 0))
    return found


def listens(host: str, port: int) -> bool:
    """Tell whether something accepts connections there."""
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def clean(layout: Layout) -> None:
    """End the services and remove everything a checkout has made for itself."""
    down(layout)
    for folder in (layout.outside, layout.var, *(layout.root / name for name in CACHES)):
        _remove(folder)
    for name in ("__pycache__", "*.egg-info"):
        for folder in layout.root.rglob(name):
            if ".venv" not in folder.parts:
                _remove(folder)
    _remove(layout.root / ".venv")


def _remove(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
