"""Which version of a provider's terms applied on a day: first and last day included, gaps stay gaps."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.provider_clauses import Gap, GapCause, Version, on_day

DAY = datetime.date


def version(key: str, begins: DAY | None, **facts: object) -> Version:
    return Version(key, "consumer", begins, **facts)  # type: ignore[arg-type]


FIRST = version("first", DAY(2023, 3, 14), ends=DAY(2024, 1, 30))
SECOND = version("second", DAY(2024, 3, 1), seen_on=(DAY(2024, 4, 1), DAY(2024, 6, 30)))


@pytest.mark.parametrize(
    ("on", "found"),
    [
        (DAY(2023, 3, 13), GapCause.NOT_BEGUN),
        (DAY(2023, 3, 14), "first"),
        (DAY(2024, 1, 30), "first"),
        (DAY(2024, 1, 31), GapCause.BETWEEN),
        (DAY(2024, 3, 1), "second"),
        (DAY(2024, 6, 30), "second"),
        (DAY(2024, 7, 1), GapCause.NOT_SEEN_SINCE),
    ],
)
def test_a_day_has_the_version_of_that_day_or_a_gap(on: DAY, found: object) -> None:
    answer = on_day([SECOND, FIRST], on)["consumer"]
    assert (answer.cause if isinstance(answer, Gap) else answer.key) == found


def test_a_gap_names_the_versions_around_it_and_takes_neither() -> None:
    answer = on_day([FIRST, SECOND], DAY(2024, 2, 10))["consumer"]
    assert isinstance(answer, Gap)
    assert (answer.earlier, answer.later) == (FIRST, SECOND)


def test_a_licence_that_came_with_a_model_lasts() -> None:
    licence = Version("llama", "licence", DAY(2023, 7, 18), lasting=True)
    assert on_day([licence], DAY(2030, 1, 1)) == {"licence": licence}


def test_a_version_that_nobody_read_is_no_answer() -> None:
    unread = version("early", None, ends=DAY(2023, 3, 13), is_read=False)
    answer = on_day([unread, FIRST], DAY(2023, 3, 13))["consumer"]
    assert isinstance(answer, Gap)
    assert (answer.cause, answer.earlier) == (GapCause.NOT_READ, unread)


def test_an_undated_stream_answers_nothing() -> None:
    answer = on_day([version("business", None)], DAY(2024, 1, 1))["consumer"]
    assert isinstance(answer, Gap)
    assert answer.cause is GapCause.UNDATED


def test_after_the_last_day_of_the_last_version_nothing_is_known() -> None:
    answer = on_day([FIRST], DAY(2024, 1, 31))["consumer"]
    assert isinstance(answer, Gap)
    assert answer.cause is GapCause.ENDED


def test_a_version_without_a_first_day_is_known_from_its_first_sighting_to_its_last() -> None:
    seen = version("seen", None, seen_on=(DAY(2024, 6, 30), DAY(2024, 4, 1)))
    assert [seen.covers(DAY(2024, *day)) for day in ((3, 31), (4, 1), (5, 15), (6, 30), (7, 1))] == [
        *(False, True, True, True, False)
    ]
    assert on_day([seen], DAY(2024, 7, 1))["consumer"] == Gap("consumer", GapCause.NOT_SEEN_SINCE, seen, None)
    assert on_day([seen], DAY(2024, 3, 1))["consumer"] == Gap("consumer", GapCause.NOT_BEGUN, None, seen)


@pytest.mark.parametrize(
    ("row", "on", "rests"),
    [
        (SECOND, DAY(2024, 3, 1), False),
        (SECOND, DAY(2024, 3, 2), True),
        (FIRST, DAY(2023, 12, 1), False),
        (Version("llama", "licence", DAY(2023, 7, 18), lasting=True), DAY(2026, 1, 1), False),
        (version("seen", None, seen_on=(DAY(2024, 4, 1),)), DAY(2024, 4, 1), True),
    ],
)
def test_a_day_rests_on_a_sighting_where_neither_a_first_nor_a_last_day_says_it(
    row: Version, on: DAY, rests: bool
) -> None:
    assert row.covers(on)
    assert row.rests_on_sighting(on) is rests


DAYS = st.integers(0, 40)
BASE = DAY(2024, 1, 1)


@given(st.lists(st.tuples(DAYS, st.integers(0, 12)), max_size=5), DAYS)
def test_as_a_calendar_filled_day_by_day(spans: list[tuple[int, int]], asked: int) -> None:
    rows = [
        version(f"v{number}", BASE + datetime.timedelta(start), ends=BASE + datetime.timedelta(start + length))
        for number, (start, length) in enumerate(spans)
    ]
    calendar: dict[DAY, str] = {}
    for row in sorted(rows, key=lambda one: (one.begins, one.key)):
        assert row.begins is not None
        assert row.ends is not None
        for offset in range((row.ends - row.begins).days + 1):
            calendar[row.begins + datetime.timedelta(offset)] = row.key
    on = BASE + datetime.timedelta(asked)
    answer = on_day(rows, on).get("consumer")
    assert (answer.key if isinstance(answer, Version) else None) == calendar.get(on)


SIGHTED = st.tuples(DAYS, st.none() | st.integers(0, 12), st.lists(DAYS, max_size=3))


@given(st.lists(SIGHTED, max_size=5), DAYS)
def test_sightings_fill_the_calendar_from_the_first_day_to_the_last_sighting(
    drawn: list[tuple[int, int | None, list[int]]], asked: int
) -> None:
    day = [BASE + datetime.timedelta(number) for number in range(60)]
    rows, calendar = [], dict[DAY, str]()
    for number, (start, length, seen) in enumerate(drawn):
        later = tuple(day[start + one % (40 - start + 1)] for one in seen)
        ends = None if length is None else day[start + length]
        rows.append(version(f"v{number}", day[start], ends=ends, seen_on=later))
    for row in sorted(rows, key=lambda one: (one.begins, one.key)):
        last = row.ends or max((*row.seen_on, row.begins or BASE))
        calendar |= {one: row.key for one in day if row.begins is not None and row.begins <= one <= last}
    answer = on_day(rows, day[asked]).get("consumer")
    assert (answer.key if isinstance(answer, Version) else None) == calendar.get(day[asked])
