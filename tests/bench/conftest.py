"""A few small texts to run the benchmarks on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SHELF = Path(__file__).resolve().parents[2] / "samples" / "shelf" / "texts"
ENGLISH = ("carroll-alice", "joyce-the-dead", "wells-the-time-machine", "melville-bartleby", "emerson-nature")
CHINESE = ("liu-e-laocan-youji", "wu-jianren-henhai", "liu-xie-wenxin-diaolong")
FACTS = {"bench", "engine", "parameters", "machine", "seed", "runs", "rows"}
ROW = {"name", "unit", "ours", "peer", "peer_name", "limit", "limit_name", "reach", "aim", "more"}
RATIOS = {"times_peer", "share_of_limit", "times_reach", "times_aim"}


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of eight texts of some 30 kB, three of them Chinese."""
    folder = tmp_path_factory.mktemp("shelf")
    for name in (*ENGLISH, *CHINESE):
        text = (SHELF / f"{name}.txt").read_text(encoding="utf-8")
        (folder / f"{name}.txt").write_text(text[5_000 : 15_000 if name in CHINESE else 35_000], encoding="utf-8")
    return folder


@pytest.fixture
def measured(tmp_path: Path, shelf: Path) -> Callable[..., dict[str, Any]]:
    """Run a benchmark on the small shelf and give its result file back."""

    def run(main: Callable[[list[str]], int], *options: str) -> dict[str, Any]:
        out = tmp_path / "result.json"
        assert main([str(shelf), "--out", str(out), "--runs", "1", *options]) == 0
        text = out.read_text(encoding="utf-8")
        assert str(shelf) not in text, "a result names no folder of the machine"
        result: dict[str, Any] = json.loads(text)
        assert result.keys() >= FACTS
        assert all(row.keys() == ROW | RATIOS for row in result["rows"])
        return result

    return run
