"""From readings to statements: however much is said of one place, no refusal of it is lost."""

import datetime
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.formats.derivation import RESERVATION, Heard, bounded, counting, timeline
from licensing.formats.labels import REFUSING, USES
from licensing.formats.policy import Effect, Rule
from licensing.formats.precedence import Asked, decide
from licensing.formats.stated import Stated

ADDRESS = "https://press.example/books/lamp"
PLACES = ("DE", "EU", "FR", "JP", "US")


def stated(number: int, rule: Rule, *, format: str = "odrl", source: str = "site") -> Stated:
    return Stated(str(number), format, rule, carrier="file", source=source, host="press.example")


def refusing(statements: list[Stated]) -> list[Stated]:
    return [one for one in statements if one.rule.effect in REFUSING]


def test_a_refusal_behind_hundreds_of_permissions_counts() -> None:
    said = [
        stated(n, Rule(Effect.OFFER, uses=("evaluation",), policy_address=f"https://p.example/{n}")) for n in range(900)
    ]
    said.append(stated(900, Rule(Effect.RESERVE, uses=("pretraining",))))
    assert "pretraining" in {use for one in counting(ADDRESS, said) if one.kind == RESERVATION for use in one.uses}


def test_a_refusal_behind_hundreds_of_rules_about_other_places_counts() -> None:
    said = [stated(n, Rule(Effect.RESERVE, path=f"/else/{n}")) for n in range(900)]
    said.append(stated(900, Rule(Effect.RESERVE, path="/books/")))
    assert [one.rule.path for one in counting(ADDRESS, said)] == ["/books/"]


def test_more_refusals_than_are_kept_are_one_refusal_of_everything() -> None:
    days = [datetime.date(2020, 1, 1) + datetime.timedelta(days=n) for n in range(700)]
    said = [
        stated(n, Rule(Effect.RESERVE, uses=("evaluation",), valid_from=day.isoformat())) for n, day in enumerate(days)
    ]
    [one] = counting(ADDRESS, said)
    assert (one.kind, one.uses, one.rule.valid_from) == (RESERVATION, (), "")


def test_what_is_within_the_bound_is_left_as_it_is_but_for_repetitions() -> None:
    said = [stated(n, Rule(Effect.RESERVE, uses=(use,))) for n, use in enumerate(USES)]
    again = [replace(one, key=f"again {one.key}") for one in said]
    assert bounded([*said, *again]) == said


def test_the_day_on_which_a_long_list_gets_shorter_is_kept() -> None:
    first = [
        stated(n, Rule(Effect.RESERVE, territory=("EU",), policy_address=f"https://p.example/{n}")) for n in range(700)
    ]
    readings = [
        Heard(datetime.date(2025, 3, 1), "site", "a", tuple(first)),
        Heard(datetime.date(2025, 4, 1), "site", "b"),
    ]
    found = timeline(ADDRESS, readings)
    assert found
    assert {one.until for one in found} == {datetime.date(2025, 3, 31)}


rules = st.builds(
    Rule,
    st.sampled_from([Effect.RESERVE, Effect.PROHIBIT, Effect.PREFER_DISALLOW, Effect.PREFER_ALLOW, Effect.PERMIT]),
    uses=st.sets(st.sampled_from(USES), max_size=2).map(lambda found: tuple(sorted(found))),
    territory=st.sets(st.sampled_from(PLACES), max_size=1).map(tuple),
    path=st.sampled_from(["", "/books/", "/books/lamp", "/books/l*"]),
)


@pytest.mark.parametrize("name", ["ai.txt", "aipref", "odrl", "robots", "rsl", "tdmrep"])
@given(found=st.lists(rules, min_size=1, max_size=40), limit=st.integers(6, 12), place=st.sampled_from(PLACES))
def test_what_is_refused_without_the_bound_is_refused_within_it(
    name: str, found: list[Rule], limit: int, place: str
) -> None:
    said = [stated(n, rule, format=name) for n, rule in enumerate(found)]
    kept = bounded(said, limit)
    assert len(kept) <= limit
    for use in USES:
        asked = Asked(ADDRESS, use=use, territory=place)
        if decide(asked, refusing(said)).refused:
            assert decide(asked, refusing(kept)).refused
        if decide(asked, said).refused and name != "rsl":  # which refuses what its permissions leave out
            assert decide(asked, kept).refused
