"""The client as people call it: arguments in; exit code, standard output and standard error back."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parent.parent.parent
SHELF = PROJECT / "samples" / "shelf" / "texts"
GIFT = SHELF / "o-henry-the-gift-of-the-magi.txt"
PROPOSAL = SHELF / "swift-a-modest-proposal.txt"
SHADOWS = SHELF / "zhang-chao-youmengying.txt"
UNRELATED = "The committee met on a rainy Thursday and could not agree about the colour of the new bicycle shed. " * 8


@dataclass(frozen=True)
class Outcome:
    """How a command ended."""

    code: int
    out: bytes
    error: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Outcome]


def run_process(*arguments: object, **variables: str) -> Outcome:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "colophon", *map(str, arguments)],
        capture_output=True,
        check=False,
        cwd=PROJECT,
        env={**os.environ, **variables},
    )
    return Outcome(done.returncode, done.stdout, done.stderr.decode())
