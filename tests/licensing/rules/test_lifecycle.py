"""The lifecycle of a negotiation: which moves lead where, which are refused and with which words."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.lifecycle import (
    BEFORE_GRANT,
    CONCLUDES,
    FINAL,
    MOVES,
    RUNNING,
    STATE_WORDS,
    STEPS,
    IllegalMove,
    Move,
    Side,
    State,
    allowed,
    diagram,
    documentation,
    main,
    next_state,
    waits_for,
    write_into,
)

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"
FIRM, HOLDER, SYSTEM = Side.FIRM, Side.HOLDER, Side.SYSTEM


def walk(*moves):
    state = State.ENQUIRY
    for move, side in moves:
        state = next_state(state, move, side)
    return state


ASKED = [(Move.CHECK, SYSTEM), (Move.CONFIRM, HOLDER)]


def test_from_the_enquiry_to_the_renewal():
    agreed = [*ASKED, (Move.OFFER, HOLDER), (Move.COUNTER, FIRM), (Move.OFFER, HOLDER), (Move.ACCEPT, FIRM)]
    assert walk(*agreed) is State.GRANTED
    used = [*agreed, (Move.DELIVER, HOLDER), (Move.REPORT, FIRM), (Move.PAY, FIRM)]
    assert walk(*used) is State.DELIVERED
    assert walk(*used, (Move.RENEW, HOLDER), (Move.EXPIRE, SYSTEM), (Move.RENEW, HOLDER)) is State.RENEWED
    assert walk(*used, (Move.REVOKE, HOLDER)) is State.REVOKED


def test_a_request_can_be_granted_as_it_stands():
    assert walk(*ASKED, (Move.GRANT, HOLDER)) is State.GRANTED


def test_a_counter_offer_can_be_accepted_or_refused_by_the_rightsholder():
    countered = [*ASKED, (Move.OFFER, HOLDER), (Move.COUNTER, FIRM)]
    assert walk(*countered, (Move.ACCEPT, HOLDER)) is State.GRANTED
    assert walk(*countered, (Move.REFUSE, HOLDER)) is State.REFUSED


def test_whoever_has_no_rights_disclaims():
    assert walk((Move.CHECK, SYSTEM), (Move.DISCLAIM, HOLDER)) is State.REFUSED


@pytest.mark.parametrize("state", BEFORE_GRANT)
def test_the_firm_can_withdraw_until_something_is_granted(state):
    assert next_state(state, Move.WITHDRAW, FIRM) is State.WITHDRAWN


@pytest.mark.parametrize("state", RUNNING)
def test_after_a_grant_nobody_withdraws_and_it_can_end_in_two_ways(state):
    with pytest.raises(IllegalMove):
        next_state(state, Move.WITHDRAW, FIRM)
    assert next_state(state, Move.EXPIRE, SYSTEM) is State.EXPIRED
    assert next_state(state, Move.REVOKE, HOLDER) is State.REVOKED


@pytest.mark.parametrize(
    ("state", "move", "side", "code", "sentence"),
    [
        (
            State.OFFERED,
            Move.ACCEPT,
            HOLDER,
            "not_your_move",
            "This negotiation is an offer that waits for an answer: to accept is for the firm that asks. "
            "The rightsholder can retract.",
        ),
        (
            State.REQUESTED,
            Move.REVOKE,
            HOLDER,
            "move_not_possible",
            "This negotiation is a request that waits for an answer: it cannot be followed by “revoke”. "
            "The rightsholder can offer, grant or refuse.",
        ),
        (
            State.REFUSED,
            Move.OFFER,
            HOLDER,
            "negotiation_ended",
            "This negotiation is refused and has ended: it cannot be followed by “offer”.",
        ),
        (
            State.COUNTERED,
            Move.ACCEPT,
            FIRM,
            "not_your_move",
            "This negotiation is a counter-offer that waits for an answer: to accept is for the rightsholder. "
            "The firm that asks can withdraw.",
        ),
    ],
)
def test_an_illegal_move_says_why_and_what_is_possible(state, move, side, code, sentence):
    with pytest.raises(IllegalMove) as caught:
        next_state(state, move, side)
    assert (caught.value.code, caught.value.sentence) == (code, sentence)
    assert caught.value.possible == allowed(state, side)


def test_words_as_they_come_from_a_table_are_understood_and_unknown_ones_refused():
    assert next_state("requested", "offer", "holder") is State.OFFERED  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'sold' is not a valid State"):
        next_state("sold", "offer", "holder")  # type: ignore[arg-type]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("side", Side)
def test_exactly_the_allowed_moves_are_possible(state, side):
    for move in Move:
        if move in allowed(state, side):
            assert next_state(state, move, side) is MOVES[state, move].to
        else:
            with pytest.raises(IllegalMove):
                next_state(state, move, side)


def test_every_row_of_the_table_is_for_one_state_and_move():
    assert len(MOVES) == len(STEPS)


@pytest.mark.parametrize("state", State)
def test_whoever_is_waited_for_can_bring_it_on(state):
    side = waits_for(state)
    moves = [move for move in allowed(state, side) if MOVES[state, move].to is not state] if side else []
    assert bool(moves) == (side is not None)
    assert side is None or state not in FINAL


def test_every_state_can_be_reached_and_has_words():
    reached = {State.ENQUIRY}
    while more := {step.to for step in STEPS if step.state in reached} - reached:
        reached |= more
    assert reached == set(State) == set(STATE_WORDS)


@given(st.lists(st.tuples(st.sampled_from(Move), st.sampled_from(Side)), max_size=30))
def test_no_walk_reaches_a_grant_without_both_sides_having_agreed(walked):
    state, by = State.ENQUIRY, {FIRM}  # whoever sent the request asked for it
    for move, side in walked:
        if move not in allowed(state, side):
            continue
        state = next_state(state, move, side)
        if move in (Move.OFFER, Move.COUNTER):
            by = {side}
        elif move in CONCLUDES:
            by |= {side}
        elif move is Move.RETRACT:
            by = {FIRM}
        assert state not in RUNNING or by == {FIRM, HOLDER}


def test_the_page_shows_the_machine_as_it_is():
    page = PAGE.read_text(encoding="utf-8")
    assert documentation() in page, "run python -m licensing.rules.lifecycle docs/lifecycle.md"
    assert all(f"\n| {state} |" in page or f", {state} |" in page or f"| {state}, " in page for state in State)


def test_the_diagram_has_every_move_that_leads_elsewhere():
    lines = diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert "    offered --> granted: accept (firm)" in lines
    elsewhere = [step for step in STEPS if step.to is not step.state]
    assert len([line for line in lines if ": " in line]) == len(elsewhere)


def test_a_page_is_made_anew_between_its_marks_and_one_without_marks_is_refused(tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(
        PAGE.read_text(encoding="utf-8").replace("offered --> granted", "offered --> sold"), encoding="utf-8"
    )
    main([str(page)])
    assert page.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")
    main([])
    assert capsys.readouterr().out == documentation() + "\n"
    with pytest.raises(ValueError, match="no marks"):
        write_into("# A page")
