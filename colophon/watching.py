"""Progress of a registry's job, for a person who watches a terminal."""

from __future__ import annotations

import sys
from typing import Any

from colophon.notices import printable

BAR_CELLS = 24


class Watch:
    """A line that is written over while a job goes on; silent where nobody watches."""

    def __init__(self, *, shown: bool | None = None) -> None:
        self._is_shown = sys.stderr.isatty() if shown is None else shown
        self._width = 0

    def __call__(self, job: dict[str, Any]) -> None:
        """Show how far the job is."""
        if not self._is_shown:
            return
        line = line_of(job)
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Take the line away."""
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0


def line_of(job: dict[str, Any]) -> str:
    """A job in one line: stage, bar, counts, rate, remaining time."""
    stage, done, total = printable(job.get("stage") or job.get("state") or ""), job.get("done") or 0, job.get("total")
    parts = [stage or "waiting for a worker"]
    if total:
        filled = min(BAR_CELLS, int(BAR_CELLS * done / total))
        parts.append(f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}] {done:,}/{total:,}")
    elif done:
        parts.append(f"{done:,}")
    if job.get("rate"):
        parts.append(f"{job['rate']:,.0f}/s")
    if job.get("eta_seconds") is not None:
        parts.append(f"{job['eta_seconds']:,} s left")
    return "  ".join(parts)
