"""Which law a reason is about, and up to which day that law was looked at. Nothing of it decides a verdict."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "law.toml"


@dataclass(frozen=True)
class LawState:
    """`territories` whose law it is; `looked_at`: the last day that was taken into account."""

    territories: tuple[str, ...]
    looked_at: date
    verified: bool


@cache
def _table() -> dict[str, LawState]:
    read = tomllib.loads(FILE.read_text(encoding="utf-8"))
    state = read["state"]
    return {
        code: LawState(tuple(places), state["looked_at"], state["verified"]) for code, places in read["law"].items()
    }  # fmt: skip


def law_of(code: str) -> LawState | None:
    """The state of the law behind a reason; None where the reason follows from no law but from what is on file."""
    return _table().get(code)
