"""Annotators stand out when chance does not explain them, and seldom otherwise."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

from ingest.sampling.comparison import Count, chances_of, compare, compare_within

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


@given(st.data())
def test_chances_are_those_of_scipy(data: st.DataObject) -> None:
    sampled = data.draw(st.integers(1, 3_000))
    whole = Count(sampled, data.draw(st.integers(0, sampled)))
    drawn = data.draw(st.integers(0, sampled))
    found = chances_of(drawn, whole)
    expected = hypergeom.pmf(np.arange(len(found)), whole.sampled, whole.positive, drawn)
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-300)
    assert found.sum() == pytest.approx(1.0)


kinds = st.lists(
    st.integers(0, 6).flatmap(lambda n: st.integers(0, n).map(lambda k: Count(n, k))), min_size=3, max_size=3
)


def ways(own: list[Count], total: list[Count]) -> dict[int, int]:
    """In how many ways so many positives fall on somebody who wrote that many records of each kind."""
    found = {0: 1}
    for count, whole in zip(own, total, strict=True):
        added: dict[int, int] = {}
        for chosen in combinations(range(whole.sampled), count.sampled):  # the first of a kind are positive
            hits = sum(number < whole.positive for number in chosen)
            for sofar, number in found.items():
                added[sofar + hits] = added.get(sofar + hits, 0) + number
        found = added
    return found


@settings(max_examples=60)
@given(kinds, kinds)
def test_within_kinds_the_chance_is_that_of_every_way_to_deal_the_positives_out(
    own: list[Count], others: list[Count]
) -> None:
    total = [Count(a.sampled + b.sampled, a.positive + b.positive) for a, b in zip(own, others, strict=True)]
    counted = ways(own, total)
    positive = sum(count.positive for count in own)
    expected = sum(number for hits, number in counted.items() if hits >= positive) / sum(counted.values())
    found = compare_within({"own": own, "others": others})["own"]
    assert found.p_value == pytest.approx(expected, abs=1e-9)
    assert compare_within({"own": own, "others": others}, {"own": 0.5})["own"].p_value == max(found.p_value, 0.5)


def test_who_writes_most_of_what_is_positive_by_its_kind_does_not_stand_out() -> None:
    rows = {f"a{n}": [Count(5, 3), Count(60, 0)] for n in range(10)}
    rows["sums"] = [Count(60, 36), Count(5, 0)]
    assert not compare_within(rows)["sums"].stands_out
    assert compare(
        {name: Count(sum(c.sampled for c in one), sum(c.positive for c in one)) for name, one in rows.items()}
    )["sums"].stands_out
