"""What a command says besides its results: sentences on standard error, and progress where a person is watching."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from typing import Any

QUIET_SECONDS = 2.0  # shorter work shows no progress
REFRESH_SECONDS = 0.2
PATIENCE_SECONDS = 5.0
PATIENCE = "working … the first run after an installation compiles the engine, which can take half a minute"


def printable(text: str) -> str:
    """Text from a file or its name, safe on a terminal: control and other unprintable characters are escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def tell(sentence: str) -> None:
    """One line on standard error."""
    print(f"colophon: {printable(sentence)}", file=sys.stderr, flush=True)


def write_out(data: bytes) -> None:
    """Bytes on standard output, which is UTF-8 whatever the locale says."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)


def print_lines(lines: list[str]) -> None:
    """Lines for people on standard output."""
    write_out("".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace"))


def print_json(value: Any) -> None:
    """One JSON value on standard output, indented for reading."""
    write_out(json.dumps(value, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace") + b"\n")


def discard_output() -> None:
    """Whoever read our output has seen enough: keep the interpreter from complaining when it flushes once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Progress:
    """A line that is written over: only on a terminal, and only when work takes longer than a moment."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._began = time.monotonic()
        self._due = self._began + QUIET_SECONDS
        self._width = 0
        self._patience = threading.Timer(PATIENCE_SECONDS, self._write, (PATIENCE,))
        self._patience.daemon = True
        if self._is_shown:
            self._patience.start()

    def show(self, documents: int, characters: int) -> None:
        """How far the work has come."""
        if documents == 2:
            self._patience.cancel()
        now = time.monotonic()
        if not self._is_shown or now < self._due:
            return
        self._due = now + REFRESH_SECONDS
        rate = characters / 1e6 / (now - self._began)
        self._write(f"{documents:,} documents, {characters / 1e6:,.0f} M characters, {rate:.1f} M/s")

    def say(self, line: str) -> None:
        """What is going on, in the words of whoever does it."""
        now = time.monotonic()
        if self._is_shown and now >= self._due:
            self._patience.cancel()
            self._due = now + REFRESH_SECONDS
            self._write(line)

    def _write(self, line: str) -> None:
        sys.stderr.write("\r" + line.ljust(self._width))
        sys.stderr.flush()
        self._width = len(line)

    def clear(self) -> None:
        """Take the line away, so that what follows stands on its own."""
        self._patience.cancel()
        if self._width:
            sys.stderr.write("\r" + " " * self._width + "\r")
            sys.stderr.flush()
            self._width = 0
