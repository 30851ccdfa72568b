"""A use of a provider's model is declared, approved before it begins, and ended; approved ones are not edited."""

import datetime
from dataclasses import replace

import pytest

from licensing.models import UseDeclaration
from licensing.services import use_declarations
from licensing.services.assertions import today
from licensing.services.use_declarations import Declared
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry
from tests import factories
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date
NEXT = datetime.timedelta(days=1)


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


def said(**facts: object) -> Declared:
    values = {"title": "Paraphrases", "provider": outputs.provider(), "purpose": "synthetic_data"}
    return Declared(**(values | facts))  # type: ignore[arg-type]


def test_a_declaration_goes_from_draft_to_approved_to_ended_with_its_log_entries(lab: Actor) -> None:
    row = use_declarations.draft(said(model=outputs.model(), destinations=["training"]), actor=lab)
    assert row.state == "draft"
    assert not Entry.objects.filter(kind__startswith="declaration.").exists()
    row = use_declarations.approve(row, actor=lab)
    assert (row.state, row.begins_on) == ("approved", today())
    row = use_declarations.end(row, reason="The experiment is over.", actor=lab)
    assert (row.state, row.ended_on) == ("ended", today())
    assert [event.kind for event in row.events.all()] == ["drafted", "approved", "ended"]
    assert Entry.objects.filter(kind__startswith="declaration.").count() == 2


def test_only_a_draft_is_changed(lab: Actor) -> None:
    row = use_declarations.draft(said(), actor=lab)
    row = use_declarations.amend(row, said(title="Summaries", destinations=["datasets"]), actor=lab)
    assert (row.title, row.destinations) == ("Summaries", ["datasets"])
    approved = use_declarations.approve(row, actor=lab)
    with pytest.raises(Conflict):
        use_declarations.amend(approved, said(), actor=lab)
    with pytest.raises(Conflict):
        use_declarations.approve(approved, actor=lab)


def test_a_draft_is_discarded_and_what_was_approved_or_is_named_by_a_record_is_not(lab: Actor) -> None:
    row = use_declarations.draft(said(), actor=lab)
    use_declarations.discard(row, actor=lab)
    assert not UseDeclaration.objects.exists()
    named = use_declarations.draft(said(), actor=lab)
    outputs.part(outputs.dataset("own", lab.organisation), outputs.model(), actor=lab, declaration=named)
    with pytest.raises(Conflict, match="Records of model output name this draft"):
        use_declarations.discard(named, actor=lab)
    approved = use_declarations.approve(use_declarations.draft(said(), actor=lab), actor=lab)
    with pytest.raises(Conflict):
        use_declarations.discard(approved, actor=lab)
    with pytest.raises(NotAllowed):
        use_declarations.discard(named, actor=factories.actor())


def test_nobody_approves_what_has_happened_already(lab: Actor) -> None:
    row = use_declarations.draft(said(), actor=lab)
    with pytest.raises(InvalidInput, match="before it begins"):
        use_declarations.approve(row, begins_on=today() - NEXT, actor=lab)
    assert use_declarations.approve(row, begins_on=today() + NEXT, actor=lab).begins_on == today() + NEXT


@pytest.mark.parametrize(("role", "may"), [("owner", True), ("lawyer", True), ("editor", False), ("viewer", False)])
def test_owners_and_lawyers_approve(lab: Actor, role: str, may: bool) -> None:
    row = use_declarations.draft(said(), actor=lab)
    if may:
        assert use_declarations.approve(row, actor=replace(lab, role=role)).state == "approved"
    else:
        with pytest.raises(NotAllowed):
            use_declarations.approve(row, actor=replace(lab, role=role))


def test_an_end_lies_between_the_first_day_and_today(lab: Actor) -> None:
    row = use_declarations.approve(use_declarations.draft(said(), actor=lab), actor=lab)
    for day in (today() - NEXT, today() + NEXT):
        with pytest.raises(InvalidInput):
            use_declarations.end(row, ended_on=day, actor=lab)


def test_a_use_that_was_approved_for_a_mistyped_day_can_be_ended_before_it_begins(lab: Actor) -> None:
    row = use_declarations.approve(use_declarations.draft(said(), actor=lab), begins_on=today() + 400 * NEXT, actor=lab)
    with pytest.raises(InvalidInput, match="has not begun"):
        use_declarations.end(row, ended_on=today() - NEXT, actor=lab)
    row = use_declarations.end(row, actor=lab)
    assert (row.state, row.ended_on) == ("ended", today())


def test_every_fault_is_named_at_once(lab: Actor) -> None:
    other = outputs.provider("other")
    wrong = said(
        title=" ", purpose="fun", model=outputs.model("talker"), provider=other, destinations=["moon"],
        accepted_on=DAY(2024, 1, 1),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        use_declarations.draft(wrong, actor=lab)
    pointers = [fault["pointer"] for fault in refused.value.errors]
    assert pointers == ["/title", "/purpose", "/destinations", "/model", "/acceptance"]


def test_terms_are_accepted_on_a_day_on_which_they_were_the_terms(lab: Actor) -> None:
    terms = outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2024, 1, 30))
    for day in (DAY(2023, 3, 13), DAY(2024, 1, 31)):
        with pytest.raises(InvalidInput, match="not the terms of that day"):
            use_declarations.draft(said(acceptance="accepted", terms=terms, accepted_on=day), actor=lab)
    kept = use_declarations.draft(said(acceptance="accepted", terms=terms, accepted_on=DAY(2023, 3, 14)), actor=lab)
    assert kept.terms == terms


def test_another_organisation_changes_nothing(lab: Actor) -> None:
    row = use_declarations.draft(said(), actor=lab)
    stranger = factories.actor()
    for attempt in (use_declarations.approve, use_declarations.end):
        with pytest.raises(NotAllowed):
            attempt(row, actor=stranger)
    assert UseDeclaration.objects.get().state == "draft"
