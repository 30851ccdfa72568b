"""Pictures of audits: nothing leaves its frame, and what is larger lies further right or higher."""

from hypothesis import given
from hypothesis import strategies as st

from licensing.web.audit_pictures import BAR_WIDTH, CHART_HEIGHT, CHART_WIDTH, STEPS, bar, chart, scale

SHARES = st.floats(0, 1)
ROWS = st.lists(st.fixed_dictionaries({"corrected_interval": st.tuples(SHARES, SHARES), "judged": st.integers(0, 9)}))
PERIODS = st.lists(
    st.fixed_dictionaries(
        {
            "period": st.just("2026-01"),
            "sampled": st.just(9),
            "positive": st.just(1),
            "rate": SHARES,
            "low": SHARES,
            "high": SHARES,
            "signals": st.just(["above"]),
        }
    ),
    max_size=30,
)


@given(ROWS, st.floats(0.001, 0.99))
def test_the_scale_is_round_and_holds_every_judged_interval(rows: list, limit: float) -> None:
    right = scale(rows, limit)
    assert right in STEPS
    assert all(row["corrected_interval"][1] <= right for row in rows if row["judged"])


@given(SHARES, SHARES, SHARES, st.sampled_from(STEPS))
def test_bars_stay_on_their_line(one: float, other: float, limit: float, right: float) -> None:
    low, high = sorted((one, other))
    drawn = bar((low, high), low, limit, right)
    assert 0 <= drawn.low <= BAR_WIDTH
    assert drawn.width >= 2
    assert drawn.low + drawn.width <= BAR_WIDTH + 2.1
    assert drawn.rate == drawn.low
    assert bar((low, high), None, limit, right).rate is None


@given(PERIODS)
def test_charts_stay_in_their_frame(trend: list) -> None:
    drawn = chart(trend)
    if len(trend) < 2:
        assert drawn is None
        return
    assert drawn is not None
    assert all(0 < point.x < CHART_WIDTH and 0 < point.y < CHART_HEIGHT for point in drawn.points)
    assert sum(point.is_named for point in drawn.points) <= 12
    by_rate = sorted(drawn.points, key=lambda point: point.rate)
    assert [point.y for point in by_rate] == sorted((point.y for point in by_rate), reverse=True)
