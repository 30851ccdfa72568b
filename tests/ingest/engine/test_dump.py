from pathlib import Path

import pytest

from ingest.engine.__main__ import main
from tests.ingest.engine.texts import prose


def test_two_files_are_aligned_stage_by_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    work = prose(1, 800)
    (tmp_path / "work.txt").write_text(work, encoding="utf-8")
    (tmp_path / "document.txt").write_text(prose(2, 100) + work[500:2500], encoding="utf-8")
    assert main([str(tmp_path / "document.txt"), str(tmp_path / "work.txt")]) == 0
    kinds = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert set(kinds) == {"seed", "chain", "match", "passage"}


def test_a_file_that_is_not_text_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "missing.txt"), str(tmp_path / "missing.txt")]) == 2
    assert "missing.txt" in capsys.readouterr().err
