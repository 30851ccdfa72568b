"""Changes of a work: numbered, kept, seen by whoever comes second, and undone by a new change."""

import json
from typing import Any

import pytest
from django.db import connection

from licensing.models import Reservation
from licensing.services import clearances, reservations
from licensing.services.assertions import Scope
from registry import access
from registry.actors import ANONYMOUS, Actor
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models import Edition, Entry, Identifier, Party, Work
from registry.search import engine
from registry.services import work_merges, work_undo, works
from registry.services.work_changes import RevisionConflict
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db

EMMA = WorkFacts(
    title="Emma", authors=[AuthorFacts("Jane Austen", "1775", "1817")], language="en", first_published="1815",
    identifiers=[("doi", "10.1000/emma")], registrations=[("US", "A1", None)], description="A comedy.",
    editions=[
        EditionFacts(title="Emma", published="1816", identifiers=[("isbn", "9780141439587")]),
        EditionFacts(
            title="爱玛", published="1982", language="zh", translation=True, translator=AuthorFacts("王科一")
        ),
    ],
)  # fmt: skip


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def emma(press: Actor) -> Work:
    return works.register(EMMA, actor=press)


def said(work: Work) -> list[tuple[str, dict[str, Any]]]:
    leaves = [json.loads(bytes(row.leaf)) for row in Entry.objects.filter(subject=f"work:{work.public_id}")]
    return [(leaf["kind"], leaf["facts"]) for leaf in leaves]


def marks(work: Work) -> set[str]:
    return {str(row) for row in Identifier.objects.filter(work=work)}


def test_amending_keeps_the_facts_from_before_and_writes_one_entry(emma: Work, press: Actor) -> None:
    before = works.facts_of(emma)
    changed = works.amend(emma, factories.changed(before, title="Emma!", first_published="1815-12-23"), actor=press)
    assert (changed.title, changed.first_published, changed.revision) == ("Emma!", "1815-12-23", 2)
    [row] = changed.revisions.all()
    assert (row.number, row.change, row.facts["title"], row.actor) == (1, "amended", "Emma", press.name)
    kind, facts = said(emma)[-1]
    assert (kind, facts["revision"], facts["facts"]["title"]) == ("work.amended", 2, "Emma!")
    assert len(said(emma)) == 2
    assert engine.search("Emma!").hits[0].title == "Emma!"


def test_the_same_facts_again_change_nothing(emma: Work, press: Actor) -> None:
    assert works.amend(emma, works.facts_of(emma), actor=press).revision == 1
    assert works.amend(emma, EMMA, actor=press).revision == 1
    assert len(said(emma)) == 1
    assert Edition.objects.filter(work=emma).count() == 2


def test_people_editions_identifiers_and_registrations_are_changed_in_place(emma: Work, press: Actor) -> None:
    facts = works.facts_of(emma)
    first = facts.editions[0].id
    amended = works.amend(
        emma,
        factories.changed(
            facts,
            authors=[AuthorFacts("Somebody Else"), *facts.authors],
            identifiers=[("lccn", "n79021614")],
            registrations=[("GB", "B2", "2001-02-03")],
            editions=[
                EditionFacts(published="1817", identifiers=[("isbn", "9780141439587"), ("oclc", "12345")]),
                EditionFacts(title="New", published="2020", identifiers=[("isbn", "9780141439518")]),
            ],
        ),
        actor=press,
    )
    assert [row.party.name for row in amended.contributions.all()] == ["Somebody Else", "Jane Austen"]
    assert Edition.objects.get(public_id=first).published == "1817", "known by its ISBN"
    assert not Edition.objects.filter(work=emma, title="爱玛").exists()
    assert marks(emma) == {"isbn:9780141439587", "isbn:9780141439518", "oclc:12345", "lccn:n79021614"}
    assert [str(row) for row in amended.registrations.all()] == ["GB B2"]
    assert work_undo.undo(work=emma, number=1, actor=press).revision == 3
    assert {row.title for row in Edition.objects.filter(work=emma)} == {"Emma", "爱玛"}
    assert marks(emma) == {"isbn:9780141439587", "doi:10.1000/emma"}
    translated = Edition.objects.get(work=emma, title="爱玛")
    assert translated.translator is not None
    assert translated.translator.name == "王科一"


def test_every_fault_of_an_amendment_is_named_and_nothing_is_written(emma: Work, press: Actor) -> None:
    wrong = factories.changed(works.facts_of(emma), title=" ", first_published="soon", country="XX")
    with pytest.raises(InvalidInput) as caught:
        works.amend(emma, wrong, actor=press)
    assert {fault["pointer"] for fault in caught.value.errors} == {"/title", "/first_published", "/country"}
    emma.refresh_from_db()
    assert (emma.title, emma.revision) == ("Emma", 1)


def test_a_reference_that_another_work_has_is_refused(emma: Work, press: Actor) -> None:
    factories.work("Other", by=press, record_reference="r-2")
    with pytest.raises(Conflict, match="r-2"):
        works.amend(emma, factories.changed(works.facts_of(emma), record_reference="r-2"), actor=press)


def test_whoever_read_an_earlier_revision_is_told_and_overwrites_nothing(emma: Work, press: Actor) -> None:
    facts = works.facts_of(emma)
    works.amend(emma, factories.changed(facts, title="First"), actor=press, revision=1)
    with pytest.raises(RevisionConflict) as caught:
        works.amend(emma, factories.changed(facts, title="Second"), actor=press, revision=1)
    assert caught.value.facts["revision"] == 2
    assert Work.objects.get(pk=emma.pk).title == "First"


def test_only_the_registrant_changes_a_work(emma: Work) -> None:
    stranger = factories.actor()
    for change in (
        lambda: works.amend(emma, EMMA, actor=stranger),
        lambda: works.withdraw(work=emma, reason="", actor=stranger),
        lambda: work_merges.split(work=emma, title="x", identifiers=[("doi", "10.1000/emma")], actor=stranger),
        lambda: work_merges.merge(work=emma, into=factories.work(by=stranger), actor=stranger),
        lambda: work_merges.merge(work=factories.work(by=stranger), into=emma, actor=stranger),
    ):
        with pytest.raises(NotAllowed):
            change()


def test_an_edition_that_a_match_rests_on_stays(emma: Work, press: Actor) -> None:
    edition = Edition.objects.get(work=emma, title="爱玛")
    scan = scanned.scan(factories.actor(), [(emma, "copy")])
    scan.matches.update(edition=edition)
    with pytest.raises(Conflict, match="爱玛"):
        works.amend(emma, factories.changed(works.facts_of(emma), editions=[]), actor=press)
    assert Edition.objects.filter(work=emma).count() == 2


def test_withdrawing_is_undone_by_restoring_and_the_reverse(emma: Work, press: Actor) -> None:
    works.withdraw(work=emma, reason="a mistake", actor=press)
    assert not work_undo.undo(work=emma, number=1, actor=press).withdrawn_at
    assert work_undo.undo(work=emma, number=2, actor=press).withdrawn_at
    with pytest.raises(Conflict, match="withdrawn"):
        works.amend(emma, factories.changed(EMMA, title="x"), actor=press)
    changes = list(emma.revisions.values_list("number", "change"))
    assert changes == [(3, "undone"), (2, "undone"), (1, "withdrawn")]


def test_publishing_a_draft_shows_its_people_and_is_not_undone(press: Actor) -> None:
    facts = WorkFacts("Hidden", [AuthorFacts("A. Nonymous", other_names=["The Mask"])], visibility="draft")
    draft = works.register(facts, actor=press)
    assert engine.search("Nonymous").total == 0
    works.publish(work=draft, actor=press)
    assert {hit.kind for hit in engine.search("Nonymous").hits} == {"work", "holder"}
    assert Party.objects.get(name="A. Nonymous").known_to is None
    with pytest.raises(Conflict, match="others may have seen"):
        work_undo.undo(work=draft, number=1, actor=press)
    with pytest.raises(Conflict, match="public already"):
        works.publish(work=draft, actor=press)


def test_a_merge_moves_what_belongs_to_the_work_and_is_undone(emma: Work, press: Actor) -> None:
    double = factories.work(
        "Emma, a Novel", ["J. Austen"], by=press, identifiers=[("doi", "10.1000/emma"), ("lccn", "n79021614")],
        editions=[EditionFacts(published="1909", identifiers=[("isbn", "9780141439518")])],
    )  # fmt: skip
    said_about = reservations.record(
        work=double, scope=Scope(territory=["EU"]), machine_readable=True, actor=factories.actor()
    )
    survivor = work_merges.merge(work=double, into=emma, actor=press, reason="registered twice")
    assert marks(survivor) == {"isbn:9780141439587", "doi:10.1000/emma", "isbn:9780141439518", "lccn:n79021614"}
    assert Reservation.objects.get(pk=said_about.pk).work == emma
    assert Edition.objects.filter(work=emma).count() == 3
    assert [hit.id for hit in engine.search("9780141439518").hits] == [emma.public_id]
    assert double not in access.works(ANONYMOUS)
    assert [row.change for row in emma.revisions.all()] == ["merged"]
    assert [kind for kind, _ in said(double)] == ["work.registered", "work.merged"]
    assert [kind for kind, _ in said(emma)] == ["work.registered", "work.took_over"]

    work_undo.undo(work=emma, number=1, actor=press)
    double.refresh_from_db()
    assert double.merged_into is None
    assert marks(double) == {"doi:10.1000/emma", "lccn:n79021614", "isbn:9780141439518"}
    assert marks(emma) == {"isbn:9780141439587", "doi:10.1000/emma"}
    assert Reservation.objects.get(pk=said_about.pk).work == double
    assert [hit.id for hit in engine.search("9780141439518").hits] == [double.public_id]


def test_a_merge_is_not_undone_over_later_changes(emma: Work, press: Actor) -> None:
    double = factories.work("Emma again", by=press)
    work_merges.merge(work=double, into=emma, actor=press)
    works.amend(emma, factories.changed(works.facts_of(emma), title="Emma, the Novel"), actor=press)
    with pytest.raises(Conflict, match="undo the later changes first"):
        work_undo.undo(work=emma, number=1, actor=press)
    with pytest.raises(Conflict, match="in the history of the other"):
        work_undo.undo(work=double, number=1, actor=press)


def test_what_cannot_be_merged(emma: Work, press: Actor) -> None:
    draft = works.register(WorkFacts("Emma", visibility="draft"), actor=press)
    with pytest.raises(Conflict, match="publish the draft first"):
        work_merges.merge(work=draft, into=emma, actor=press)
    with pytest.raises(InvalidInput):
        work_merges.merge(work=emma, into=emma, actor=press)
    gone = factories.work("Gone", by=press)
    works.withdraw(work=gone, reason="", actor=press)
    with pytest.raises(Conflict, match="withdrawn"):
        work_merges.merge(work=emma, into=gone, actor=press)


def test_a_chain_of_merges_leads_to_the_last_one(emma: Work, press: Actor) -> None:
    first, second = factories.work("One", by=press), factories.work("Two", by=press)
    work_merges.merge(work=first, into=second, actor=press)
    work_merges.merge(work=second, into=emma, actor=press)
    first.refresh_from_db()
    assert first.merged_into == emma
    work_undo.undo(work=emma, number=1, actor=press)
    first.refresh_from_db()
    assert first.merged_into == second


def test_verdicts_stored_before_a_merge_stay_recomputable(emma: Work, press: Actor) -> None:
    lab = factories.actor()
    double = factories.work("Emma again", by=press, first_published="2001")
    scan = scanned.scan(lab, [(double, "copy")])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="US", actor=lab)
    [verdict] = clearances.decide(asked.pk).verdicts.all()
    work_merges.merge(work=double, into=emma, actor=press)
    verdict.refresh_from_db()
    again = clearances.recompute(verdict)
    assert (again["verdict"], again["reasons"]) == (verdict.verdict, verdict.reasons)


def test_splitting_moves_the_chosen_editions_and_is_undone(emma: Work, press: Actor) -> None:
    chinese = Edition.objects.get(work=emma, title="爱玛")
    made = work_merges.split(
        work=emma, title="爱玛", editions=[chinese.public_id], identifiers=[("doi", "10.1000/emma")], actor=press
    )
    chinese.refresh_from_db()
    assert chinese.work == made
    assert (marks(made), marks(emma)) == ({"doi:10.1000/emma"}, {"isbn:9780141439587"})
    assert made.author_names == "Jane Austen"
    assert [hit.id for hit in engine.search("10.1000/emma").hits] == [made.public_id]
    assert [kind for kind, _ in said(made)] == ["work.registered"]
    assert [kind for kind, _ in said(emma)] == ["work.registered", "work.split"]

    work_undo.undo(work=emma, number=1, actor=press)
    chinese.refresh_from_db()
    assert chinese.work == emma
    assert marks(emma) == {"isbn:9780141439587", "doi:10.1000/emma"}
    with pytest.raises(NotFound):
        access.work(ANONYMOUS, "0000000000zz")


def test_a_split_needs_something_that_is_there(emma: Work, press: Actor) -> None:
    for wrong in ({}, {"editions": ["0000000000zz"]}, {"identifiers": [("doi", "10.1000/other")]}):
        with pytest.raises(InvalidInput):
            work_merges.split(work=emma, title="x", actor=press, **wrong)
    with pytest.raises(InvalidInput) as caught:
        work_merges.split(work=emma, title=" ", identifiers=[("doi", "10.1000/emma")], actor=press)
    assert caught.value.errors[0]["pointer"] == "/title"


def test_a_split_is_not_undone_once_the_new_work_was_changed(emma: Work, press: Actor) -> None:
    made = work_merges.split(work=emma, title="x", identifiers=[("doi", "10.1000/emma")], actor=press)
    works.amend(made, factories.changed(works.facts_of(made), title="y"), actor=press)
    with pytest.raises(Conflict, match="merge it into"):
        work_undo.undo(work=emma, number=1, actor=press)


def test_a_change_takes_the_rows_lock(emma: Work, press: Actor) -> None:
    locks = _Locks()
    with connection.execute_wrapper(locks):
        works.amend(emma, factories.changed(works.facts_of(emma), title="Locked"), actor=press)
    assert locks.seen


class _Locks:
    """Notes whether the work's row was read for update."""

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen |= 'FROM "registry_work"' in sql and "FOR UPDATE" in sql
        return execute(sql, params, many, context)


def test_a_party_of_a_draft_is_not_found_by_a_stranger_who_names_them(press: Actor) -> None:
    secret = AuthorFacts("Pen Name", name_zh="笔名", other_names=["Real Name"])
    works.register(WorkFacts("Hidden", [secret], visibility="draft"), actor=press)
    other = factories.work("Open", ["Pen Name"])
    [party] = Party.objects.filter(contributions__work=other)
    assert (party.name_zh, party.other_names, party.known_to) == ("", [], None)
    again = factories.work("Hidden too", ["Pen Name"], by=press, visibility="draft")
    assert Party.objects.filter(contributions__work=again).get().other_names == ["Real Name"]
