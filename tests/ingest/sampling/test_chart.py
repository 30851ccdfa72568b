"""The control chart speaks when a period is not chance, and is silent otherwise."""

from collections.abc import Iterator

import numpy as np

from ingest.sampling.chart import Signal, control_chart


def months(rates: list[float], sampled: int = 400) -> Iterator[tuple[str, bool]]:
    for number, rate in enumerate(rates):
        for row in range(sampled):
            yield f"2023-{number + 1:02}-05", row < round(rate * sampled)


def test_a_month_far_above_the_others_is_marked_and_no_other() -> None:
    chart = control_chart(months([0.02, 0.02, 0.02, 0.15, 0.02, 0.02]))
    assert [row.signals for row in chart] == [(), (), (), (Signal.ABOVE,), (), ()]
    assert chart[3].rate == 0.15
    assert chart[3].low <= 0.025 <= chart[3].high < 0.15


def test_eight_months_on_one_side_are_marked() -> None:
    chart = control_chart(months([0.08] * 4 + [0.05] * 8))
    assert [Signal.RUN_BELOW in row.signals for row in chart] == [False] * 11 + [True]


def test_chance_is_seldom_marked() -> None:
    chance = np.random.default_rng(2)
    marked = 0
    for _ in range(200):
        rows = [(f"2023-{n + 1:02}", bool(hit)) for n in range(6) for hit in chance.random(200) < 0.05]
        marked += any(row.signals for row in control_chart(rows))
    assert marked <= 200 * 6 * 2 * 0.00135 + 6


def test_one_month_and_undated_records_say_nothing() -> None:
    assert control_chart([("", True)]) == []
    [row] = control_chart([("2023-01-01", True), ("2023-01-31", False), ("", True)])
    assert (row.sampled, row.positive, row.signals) == (2, 1, ())
