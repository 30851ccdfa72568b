"""Where time goes between this process and PostgreSQL's: by the clock, and by each one's processor time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection

T = TypeVar("T")


class Stages:
    """Adds up seconds by stage: `clock`, `own` (processor time here), `server` (that of the connection's process)."""

    def __init__(self) -> None:
        self.seconds: dict[str, dict[str, float]] = {}
        self._server = _stat_of_server()

    def __call__(self, stage: str, run: Callable[[], T]) -> T:
        """What `run` gives, its time under this stage."""
        before = self._now()
        result = run()
        spent = self.seconds.setdefault(stage, dict.fromkeys(before, 0.0))
        for name, now in self._now().items():
            spent[name] += now - before[name]
        return result

    def each(self, works: int) -> dict[str, dict[str, float]]:
        """Microseconds a work, by stage."""
        return {
            stage: {name: round(seconds / works * 1e6, 1) for name, seconds in spent.items()}
            for stage, spent in self.seconds.items()
        }

    def total(self, name: str) -> float:
        """Seconds of all stages."""
        return sum(spent[name] for spent in self.seconds.values())

    def _now(self) -> dict[str, float]:
        now = {"clock": time.perf_counter(), "own": time.process_time()}
        return now | ({"server": _processor_seconds(self._server)} if self._server else {})


def _stat_of_server() -> Path | None:
    """The server's process of this connection, where it runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        path = Path(f"/proc/{cursor.fetchone()[0]}/stat")
    return path if path.exists() and "postgres" in path.read_text() else None


def _processor_seconds(stat: Path) -> float:
    fields = stat.read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def spread(values: list[float], digits: int = 0) -> dict[str, Any]:
    """Median, lowest and highest of some runs."""
    ordered = sorted(values)
    middle = ordered[len(ordered) // 2]
    return {
        "median": round(middle, digits or None),
        "lowest": round(ordered[0], digits or None),
        "highest": round(ordered[-1], digits or None),
        "runs": len(ordered),
    }
