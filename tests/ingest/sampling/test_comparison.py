"""Annotators stand out when chance does not explain them, and seldom otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from ingest.sampling.comparison import Count, compare

counts = st.dictionaries(
    st.sampled_from("abcdefgh"),
    st.integers(1, 60).flatmap(lambda n: st.integers(0, n).map(lambda k: Count(n, k))),
    max_size=8,
)


@given(counts)
def test_the_test_is_fishers_and_the_adjustment_that_of_benjamini_and_hochberg(rows: dict[str, Count]) -> None:
    found = compare(rows)
    p_values = {}
    for name, row in rows.items():
        others = [other for key, other in rows.items() if key != name]
        table = [
            [row.positive, row.sampled - row.positive],
            [sum(o.positive for o in others), sum(o.sampled - o.positive for o in others)],
        ]
        p_values[name] = fisher_exact(np.array(table), alternative="greater")[1] if others else 1.0
        assert found[name].p_value == pytest.approx(p_values[name], abs=1e-9)
    ranked = sorted(p_values.values())
    for name, value in p_values.items():
        least = min(
            (p * len(ranked) / rank for rank, p in enumerate(ranked, start=1) if p >= value - 1e-12), default=1.0
        )
        assert found[name].adjusted == pytest.approx(min(1.0, least), abs=1e-6)


def test_the_two_of_twenty_who_pasted_stand_out_and_nobody_else() -> None:
    chance = np.random.default_rng(3)
    rows = {f"ann{n:02}": Count(60, int(chance.binomial(60, 0.45 if n in (4, 11) else 0.01))) for n in range(20)}
    assert [name for name, row in compare(rows).items() if row.stands_out] == ["ann04", "ann11"]


def test_among_equals_somebody_is_accused_in_no_more_than_one_audit_of_twenty() -> None:
    chance = np.random.default_rng(5)
    accused = sum(
        any(row.stands_out for row in compare({str(n): Count(60, int(k)) for n, k in enumerate(found)}).values())
        for found in chance.binomial(60, 0.05, size=(300, 20))
    )
    assert accused <= 300 * 0.05 + 3 * (300 * 0.05 * 0.95) ** 0.5


def test_one_alone_and_a_clean_set_accuse_nobody() -> None:
    assert not compare({"only": Count(50, 50)})["only"].stands_out
    assert not any(row.stands_out for row in compare({"a": Count(5, 0), "b": Count(9, 0)}).values())
    assert compare({}) == {}
