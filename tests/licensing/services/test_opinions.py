"""A lawyer answers an open question for their organisation: private, dated, superseded by a later one."""

import datetime
import json
from dataclasses import replace

import pytest

from licensing.models import LegalQuestion, Opinion
from licensing.output_access import opinions as seen
from licensing.selectors.opinions import cited, in_force
from licensing.services import opinions
from licensing.services.assertions import today
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.models import Entry
from tests import factories
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


def answer(lab: Actor, said: str = "no", **facts: object) -> Opinion:
    values: dict[str, object] = {
        "reasoning": "A contract binds who made it.",
        "signed_as": "A. Counsel, general counsel",
    }
    return opinions.record(LegalQuestion.objects.get(), answer=said, actor=lab, **(values | facts))  # type: ignore[arg-type]


def test_an_answer_is_kept_with_its_day_and_a_log_entry_that_does_not_tell_it(lab: Actor) -> None:
    outputs.question()
    row = answer(lab, valid_from=DAY(2026, 1, 1))
    assert (row.organisation, row.answer, row.valid_from) == (lab.organisation, "no", DAY(2026, 1, 1))
    entry = Entry.objects.get(kind="opinion.given")
    said = json.loads(bytes(entry.leaf))
    assert said["facts"]["question"] == "terms-privity"
    assert "contract binds" not in bytes(entry.leaf).decode()


def test_a_later_answer_supersedes_and_the_earlier_stays_for_its_days(lab: Actor) -> None:
    question = outputs.question()
    first = answer(lab, valid_from=DAY(2025, 1, 1))
    second = answer(lab, "depends", valid_from=DAY(2026, 1, 1))
    assert second.supersedes == first
    assert in_force(lab.organisation, DAY(2025, 6, 1)) == {question.pk: first}
    assert in_force(lab.organisation, DAY(2026, 6, 1)) == {question.pk: second}
    assert in_force(lab.organisation, DAY(2024, 6, 1)) == {}
    with pytest.raises(InvalidInput, match="cannot begin earlier"):
        answer(lab, valid_from=DAY(2025, 6, 1))


def test_no_opinion_begins_on_a_day_to_come_and_so_locks_out_those_before_it(lab: Actor) -> None:
    outputs.question()
    with pytest.raises(InvalidInput, match="still to come"):
        answer(lab, valid_from=today() + datetime.timedelta(days=1))
    assert answer(lab, valid_from=today()).supersedes is None


def test_reasons_cite_the_question_and_the_own_opinion_of_that_day(lab: Actor) -> None:
    question = outputs.question()
    row = answer(lab, valid_from=DAY(2026, 1, 1))
    (found,) = cited(lab.organisation, ["TOU_PRIVITY", "LIC_MATCH"], DAY(2026, 2, 1))["TOU_PRIVITY"]
    assert (found.question, found.opinion) == (question, row)
    assert cited(factories.organisation(), ["TOU_PRIVITY"], DAY(2026, 2, 1))["TOU_PRIVITY"][0].opinion is None


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("lawyer", True), ("editor", False), ("viewer", False)])
def test_owners_and_lawyers_answer(lab: Actor, role: str, may: bool) -> None:
    outputs.question()
    person = replace(lab, role=role)
    assert opinions.may_answer(person) is may
    if may:
        assert answer(person).pk
    else:
        with pytest.raises(NotAllowed):
            answer(person)


def test_every_fault_is_named_at_once(lab: Actor) -> None:
    outputs.question()
    with pytest.raises(InvalidInput) as refused:
        answer(lab, "perhaps", reasoning=" ", signed_as="")
    assert [fault["pointer"] for fault in refused.value.errors] == ["/answer", "/reasoning", "/signed_as"]


def test_nobody_else_sees_it(lab: Actor) -> None:
    outputs.question()
    answer(lab)
    assert seen(lab).count() == 1
    assert seen(factories.actor()).count() == 0
