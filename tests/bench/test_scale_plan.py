"""The tables of docs/scale.md are those that the benchmarks' results give, and how they are reckoned makes sense."""

import json
import math
from pathlib import Path

import pytest

from bench import scale_plan
from bench.scale_plan import Plan, Value


@pytest.fixture
def constants() -> dict[str, Value]:
    """The expected values, whatever was measured."""
    return {constant.name: Value(constant.instead, False) for constant in scale_plan.CONSTANTS}


def plan(constants: dict[str, Value], size: str = "1 TB", works: str = "200,000") -> Plan:
    return Plan(scale_plan.DATASETS[size], scale_plan.CATALOGUES[works], constants)


def test_the_document_has_the_tables_that_the_results_give() -> None:
    text = scale_plan.DOCUMENT.read_text(encoding="utf-8")
    tables = scale_plan.render(scale_plan.read_constants())
    assert scale_plan.in_document(text, tables) == text, "run: python bench/scale_plan.py --write"


def test_what_was_measured_takes_the_place_of_what_was_expected(tmp_path: Path) -> None:
    assert not any(value.measured for value in scale_plan.read_constants(tmp_path).values())
    speed = {"query": {"mixed_batch": {"mb_per_second": 321.0}}, "build": {}}
    (tmp_path / "speed.json").write_text(json.dumps(speed))
    found = scale_plan.read_constants(tmp_path)
    assert found["match"] == Value(321.0, True)
    assert not found["build"].measured
    assert "321" not in scale_plan.render(scale_plan.read_constants(tmp_path / "none"))
    assert "| 321 | MB/s | `python bench/speed.py` |" in scale_plan.render(found)


def test_every_measured_constant_names_a_benchmark_that_exists() -> None:
    files = {constant.file for constant in scale_plan.CONSTANTS if constant.file}
    assert files == {"speed", "curve", "scan", "storage"}
    assert all((scale_plan.ROOT / "bench" / f"{name}.py").is_file() for name in files)


def test_ten_times_the_data_takes_ten_times_as_long_and_twice_the_machines_half(constants) -> None:
    usual = {name: Value(1e12, False) for name in ("rows", "network", "store")}
    ten = plan(constants | usual, "10 TB").hours(4)
    one = plan(constants | usual, "1 TB").hours(4)
    assert one[1] == ten[1] == "processors"
    assert ten[0] == pytest.approx(10 * one[0])
    assert plan(constants | usual, "1 TB").hours(8)[0] == pytest.approx(one[0] / 2)


def test_more_works_make_matching_slower_and_the_index_larger(constants) -> None:
    few, many = plan(constants), plan(constants, works="5,000,000")
    assert few.match_rate > many.match_rate
    assert many.index_bytes == pytest.approx(25 * few.index_bytes)
    assert few.index_bytes == pytest.approx(20e9)
    assert few.segments < many.segments


def test_the_database_decides_when_it_is_slowest(constants) -> None:
    slow = plan(constants | {"rows": Value(1_000.0, True)})
    hours, what = slow.hours(64)
    assert (hours, what) == (slow.documents / 1_000 / 3600, "database")


def test_an_index_that_does_not_fit_into_memory_is_read_from_disk(constants) -> None:
    many = plan(constants, works="5,000,000")
    hours, what = many.hours(16, resident=False)
    assert what == "index on disk"
    assert hours > 10 * many.hours(16)[0]
    assert "5,000,000" in scale_plan.render(constants).rpartition("does not hold the index")[2]
    assert "200,000" not in scale_plan.render(constants).rpartition("does not hold the index")[2]


@pytest.mark.parametrize(
    ("value", "text"), [(0.123, "0.12"), (1234.0, "1,200"), (12.0, "12"), (0.0, "0"), (math.inf, "–"), (99.6, "100")]
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert scale_plan.short(value) == text
