"""Each benchmark runs on little text and writes what it promises. Nothing here is about how fast anything is."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import curve, peers, quality, speed

Measured = Callable[..., dict[str, Any]]


def test_speed_reports_every_kind_of_document_with_limits_and_targets(measured: Measured) -> None:
    found = measured(
        speed.main,
        "--documents",
        "8",
        "--dataset-megabytes",
        "0.1",
        "--pair-seconds",
        "0.05",
        "--no-compiled",
        "--peer-megabytes",
        "0",
    )
    for kind in (
        "mixed",
        "unrelated",
        "unrelated_long",
        "editions",
        "same_books",
        "short_100",
        "short_1000",
        "short_8000",
    ):
        for way in ("batch", "singly"):
            facts = found["query"][f"{kind}_{way}"]
            assert facts["slowest"] <= facts["mb_per_second"] <= facts["fastest"]
    assert found["limits"].keys() >= {"memcpy", "utf8_decode", "sha256", "zstd_unpack", "look_ups_per_second"}
    assert found["end_to_end"].keys() >= {"in_process", "command", "command_start_seconds"}
    assert found["start"]["warm"]["engine_seconds"] > 0
    assert found["two_processes"]["private_mb"] > 0
    assert found["build"]["percent_beside_text"] > 0


def test_quality_finds_clean_excerpts_and_lists_every_miss(measured: Measured) -> None:
    found = measured(quality.main, "--excerpts", "2", "--seeds", "2", "--parameters", "registry-1", "--pairs", "1")
    exact = found["sets"]["registry-1"]["exact"]
    assert exact["cells"]["100 words, clean"]["recall"] == 1.0
    assert exact["cells"]["100 characters, other script"]["recall"] == 1.0
    assert {"interval", "end_error_median", "end_error_95", "excerpt_covered"} <= exact["cells"][
        "50 words, clean"
    ].keys()
    missing = sum(cell["trials"] - cell["hits"] for cell in exact["cells"].values())
    assert len(exact["misses"]) == missing
    missed = [found["missed_documents"][str(number)] for number in exact["misses"]]
    assert all(row.keys() >= {"work", "work_start", "noise", "begins"} for row in missed)
    assert exact["spurious"] == len(exact["spurious_list"])
    assert found["sets"]["registry-1"]["composed"].keys() == {"anthology", "abridgement", "chapters in another order"}
    assert "cells" in found["sets"]["registry-1"]["fingerprint"]


def test_curve_draws_a_point_for_each_size(measured: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curve, "SMALLEST_MB", 0.4)
    found = measured(
        curve.main, "--max-gb", "0.0012", "--documents", "8", "--train-megabytes", "0.1", "--scratch", str(tmp_path)
    )
    assert [round(point["mb"], 1) for point in found["points"]] == pytest.approx([0.4, 1.2], abs=0.6)
    assert found["points"][0].keys() >= {"build_mb_per_second", "memory_of_build_mb", "chance_hits_per_seed", "query"}
    assert found["generator"].keys() >= {"real_hits_per_seed", "generated_hits_per_seed", "odds"}
    drawn = ElementTree.fromstring((tmp_path / "result.svg").read_text(encoding="utf-8"))
    marks = [e for e in drawn.iter() if e.tag.endswith("circle")]
    assert len(marks) >= len(found["points"])
    assert any("GB" in (e.text or "") for e in drawn.iter()), "the axis names its unit"


def test_peers_gives_every_tool_the_same_documents_as_ours(measured: Measured) -> None:
    found = measured(peers.main, "--megabytes", "0.1", "--documents", "16")
    assert found["tools"]["ours"]["spans"] == "both sides"
    for facts in found["tools"].values():
        assert "missing" in facts or facts.keys() >= {
            "build_mb_per_second",
            "mixed_mb_per_second",
            "recall",
            "unrelated_flagged",
        }
        if "ours_on_the_same" in facts:
            assert facts["ours_on_the_same"]["documents"] == facts["documents"]
