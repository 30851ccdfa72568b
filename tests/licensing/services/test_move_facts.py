"""What a delivery, a report or a payment records is read strictly: what says nothing, or is to come, is not kept."""

import datetime
from typing import Any

import pytest

from licensing.rules.lifecycle import Move
from licensing.services import move_facts, negotiations
from licensing.services.move_facts import WITH_FACTS
from registry.actors import Actor
from registry.errors import InvalidInput
from tests.licensing import asked

TODAY = datetime.date(2026, 3, 1)
PAID = {"on": "2026-03-01", "amount": "12.50", "currency": "EUR", "reference": "No. 7"}


def pointers(move: Move, data: dict[str, Any]) -> list[str]:
    return [fault["pointer"] for fault in move_facts.faults(move, data, today=TODAY)]


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        ({"amount": "abc", "currency": "EUROS"}, ["/data/amount", "/data/currency"]),
        ({"currency": "EUR"}, ["/data/amount"]),
        ({"amount": "12.50"}, ["/data/currency"]),
        ({"amount": 12.5, "currency": "EUR"}, ["/data/amount"]),
        ({"amount": "-5", "currency": "EUR"}, ["/data/amount"]),
        ({"amount": "12,50", "currency": "EUR"}, ["/data/amount"]),
        ({"on": "yesterday"}, ["/data/on"]),
        ({"on": "2026-03-02"}, ["/data/on"]),
        ({"works": ["a", "b"]}, ["/data/works"]),
        ({"what": "x" * 2_001}, ["/data/what"]),
        ({"what": "a\0b"}, ["/data/what"]),
        ({"a/b~": float("inf")}, ["/data/a~1b~0"]),
        ({"x" * 61: "y"}, ["/data"]),
        ({f"fact {number}": number for number in range(51)}, ["/data"]),
    ],
)
def test_a_payment_that_says_nothing_or_is_still_to_come_is_refused(data: dict[str, Any], wrong: list[str]) -> None:
    assert pointers(Move.PAY, data) == wrong


@pytest.mark.parametrize("data", [{}, PAID, {"reference": "No. 7", "paid_by": "bank", "parts": 2, "late": False}])
def test_a_payment_that_was_made_is_kept_with_what_else_is_said_of_it(data: dict[str, Any]) -> None:
    assert pointers(Move.PAY, data) == []


def test_a_report_is_about_days_that_are_over_and_in_order() -> None:
    assert pointers(Move.REPORT, {"from": "2026-02-01", "to": "2026-03-01"}) == []
    assert pointers(Move.REPORT, {"from": "2026-02-01", "to": "2026-03-02"}) == ["/data/to"]
    assert pointers(Move.REPORT, {"from": "2026-02-02", "to": "2026-02-01"}) == ["/data/to"]


def test_only_moves_that_record_facts_bring_any() -> None:
    for move in sorted(set(Move) - WITH_FACTS):
        assert pointers(move, {"amount": "1"}) == ["/data"]
        assert pointers(move, {}) == []


@pytest.mark.django_db
def test_what_is_refused_leaves_the_negotiation_as_it_was(firm: Actor, press: Actor) -> None:
    found = asked.part(asked.asked(firm, asked.claimed(press)), press)
    asked.moved(found, "grant", press)
    before = found.steps.count()
    found.refresh_from_db()
    answer = negotiations.Answer(data={"amount": "1.00", "on": asked.day(1).isoformat()})
    with pytest.raises(InvalidInput) as refused:
        negotiations.move(found, "pay", firm, version=found.version, answer=answer)
    assert [fault["pointer"] for fault in refused.value.errors] == ["/data/on", "/data/currency"]
    assert found.steps.count() == before
