"""The rule of a class list, step by step: a number, a registration in time, and what is not known stays open."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.eligibility import judge
from licensing.rules.fields import PartialDate, read_partial_date

LIST_OF = date(2025, 8, 1)
DOWNLOAD = date(2021, 6, 1)


def judged(published="2015-03-01", registered=("2015-09-01",), isbn=("9780141439518",), asin=(), downloaded=DOWNLOAD):
    return judge(
        isbn=isbn,
        asin=asin,
        published=read_partial_date(published, "") if published else None,
        registrations=tuple(read_partial_date(day, "") if day else None for day in registered),
        downloaded=downloaded,
        list_of=LIST_OF,
    )


@pytest.mark.parametrize(
    ("facts", "eligible", "said"),
    [
        ({}, True, "every condition holds"),
        ({"isbn": (), "asin": ("B000000001",)}, True, "every condition holds"),
        ({"isbn": ()}, False, "neither an ISBN nor an ASIN"),
        ({"registered": ()}, False, "no registration with the United States"),
        ({"registered": ("2026-01-01",)}, False, "registered after 2025-08-01, the day of the list"),
        ({"registered": (None,)}, None, "the day is not recorded"),
        ({"registered": ("2020-03-01",)}, True, "every condition holds"),  # the last day of five years
        ({"registered": ("2020-03-02",)}, False, "later than five years"),
        (
            {"published": "2020-01-15", "registered": ("2022-01-01",)},
            False,
            "not within three months",
        ),
        ({"published": "2021-05-15", "registered": ("2021-08-15",)}, True, "every condition holds"),  # three months
        (
            {"published": "2021-05-15", "registered": ("2021-08-16",)},
            False,
            "not within three months",
        ),
        ({"published": None}, None, "first published is not recorded"),
        ({"downloaded": None}, None, "downloaded is not recorded"),
        ({"published": "2016", "registered": ("2021-03-01",)}, None, "not known to the day"),
        ({"published": "2015", "registered": ("2015",)}, True, "every condition holds"),
        (
            {"registered": ("2021-06-01",), "published": "2019-01-01"},
            False,
            "not within three months",
        ),
        ({"registered": ("2024-01-01", "2015-09-01")}, True, "every condition holds"),
    ],
)
def test_each_condition_and_its_sentence(facts, eligible, said):
    found = judged(**facts)
    assert found.eligible is eligible
    assert said in found.sentence
    assert LIST_OF.isoformat() in found.sentence
    assert found.to_json()["list_of"] == LIST_OF.isoformat()
    assert all(step.sentence.endswith(".") for step in found.steps)


days = st.dates(date(2000, 1, 1), date(2025, 7, 31))


@given(days, days, days)
def test_a_date_known_to_the_year_never_says_more_than_the_day_does(published, registered, downloaded):
    def with_dates(first, second):
        return judge(
            isbn=("9780141439518",), asin=(), published=first, registrations=(second,), downloaded=downloaded,
            list_of=LIST_OF,
        ).eligible  # fmt: skip

    exact = with_dates(
        PartialDate(published.year, published.month, published.day),
        PartialDate(registered.year, registered.month, registered.day),
    )
    vague = with_dates(PartialDate(published.year), PartialDate(registered.year))
    assert vague in (None, exact)


@given(days, days)
def test_an_earlier_registration_is_never_worse(published, registered):
    def by(day):
        return judged(published=published.isoformat(), registered=(day.isoformat(),)).eligible

    earlier = max(published, date.fromordinal(registered.toordinal() - 30))
    if earlier <= registered and by(registered):
        assert by(earlier)
