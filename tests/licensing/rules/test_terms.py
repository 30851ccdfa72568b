"""Containment of scopes, and territories."""

from datetime import date

import pytest

from licensing.rules.terms import (
    Asked,
    Purpose,
    Scope,
    Use,
    Verification,
    containing,
    covers,
    find_gaps,
    find_territory,
    members,
    territory_in_words,
    touches,
)

ASKED = Asked(Use.PRETRAINING, Purpose.COMMERCIAL, "US", date(2027, 1, 1))


def test_the_eu_has_27_members_and_the_eea_30():
    assert (len(members("EU")), len(members("EEA"))) == (27, 30)
    assert members("EU") < members("EEA") < members("WORLD")
    assert "GB" not in members("EEA")


@pytest.mark.parametrize(("written", "found"), [("UK", "GB"), ("EL", "GR"), ("EU", "EU"), ("de", None), ("XX", None)])
def test_territory_codes_are_canonical_or_unknown(written, found):
    assert find_territory(written) == found


def test_an_empty_scope_covers_everything():
    assert covers(Scope(), ASKED)


def test_every_gap_is_named_with_its_facts():
    scope = Scope(
        uses=frozenset({Use.FINE_TUNING}),
        purposes=frozenset({Purpose.RESEARCH}),
        territory=("EU",),
        valid_to=date(2026, 12, 31),
    )
    assert find_gaps(scope, ASKED) == (
        "its uses (fine-tuning) do not include pretraining",
        "its purposes (research) do not include commercial",
        "the territory US is outside EU",
        "it ended on 2026-12-31, before 2027-01-01",
    )


def test_a_partly_covered_group_names_what_is_left_out():
    asked = Asked(Use.PRETRAINING, Purpose.COMMERCIAL, "EEA", date(2027, 1, 1))
    assert find_gaps(Scope(territory=("EU",)), asked) == ("EU leaves out IS, LI, NO of EEA",)


def test_all_members_together_are_the_group():
    asked = Asked(Use.PRETRAINING, Purpose.COMMERCIAL, "EU", date(2027, 1, 1))
    assert covers(Scope(territory=tuple(sorted(members("EU")))), asked)


@pytest.mark.parametrize(("day", "inside"), [(1, False), (2, True), (30, True), (31, False)])
def test_first_and_last_day_are_included(day, inside):
    scope = Scope(valid_from=date(2026, 1, 2), valid_to=date(2026, 1, 30))
    assert scope.runs_on(date(2026, 1, day)) is inside


def test_a_prohibition_bites_where_it_reaches_a_part():
    asked = Asked(Use.PRETRAINING, Purpose.COMMERCIAL, "EU", date(2027, 1, 1))
    assert touches(Scope(territory=("DE",)), asked)
    assert not touches(Scope(territory=("US",)), asked)
    assert not touches(Scope(uses=frozenset({Use.EVALUATION})), asked)


def test_verification_grows_from_none_to_counter_signed():
    assert Verification.COUNTER_SIGNED.reaches(Verification.DOCUMENT)
    assert Verification.DOCUMENT.reaches(Verification.DOCUMENT)
    assert not Verification.DOMAIN.reaches(Verification.DOCUMENT)


def test_a_territory_lies_within_those_that_hold_all_of_it():
    assert {"EEA", "EU", "WORLD"} <= set(containing("DE"))
    assert "EU" not in containing("US")
    assert "DE" not in containing("EU")
    assert containing("WORLD") == ()


def test_territories_read_as_words():
    assert [territory_in_words(code) for code in ("DE", "US", "EU")] == ["Germany", "the United States", "the EU"]
