"""The rows that are made for many works at once are those that are made one by one."""

import dataclasses
import datetime
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.db import DatabaseError, connection

from ingest.models import Match
from licensing.models import Clearance, Grant, Reservation, Verdict
from licensing.rules.batch import decide_many
from licensing.rules.terms import Verdict as Answer
from licensing.selectors import bulk_statements, bulk_statuses, bulk_works, cases, standing
from licensing.services import (
    clearances,
    decisions,
    findings,
    grants,
    offers,
    open_licences,
    ownership,
    reservations,
    verdict_rows,
    verdict_texts,
)
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.merkle import tree
from registry.models import CounterSignature, Entry, RightsClaim, Work
from registry.services import log
from registry.services.works import AuthorFacts, EditionFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db

DAY = datetime.date(2024, 5, 1)
TRANSLATED = EditionFacts(
    title="Emma, neu", published="2010", language="de", translation=True, translator=AuthorFacts(name="T. Lebt")
)


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def claimed(work: Work, by: Actor) -> RightsClaim:
    holder = ownership.holder_of(by.require_writer())
    scope = Scope(capacity="publisher", observed_at=DAY)
    return ownership.claim(work=work, holder=holder, scope=scope, exclusive=True, actor=by)


@pytest.fixture
def shelf(lab: Actor, press: Actor) -> list[Work]:
    """Works about which all kinds of things are said, some of them withdrawn, confirmed, decided."""
    assert lab.organisation is not None
    other = factories.actor()
    austen = AuthorFacts(name="Jane “Aunt” Austen", died="1817")
    living = [AuthorFacts(name="A. Living"), AuthorFacts(name="鲁 \\ 迅", died="1936")]
    works = [
        factories.work("Emma", [austen], by=press, first_published="1815", country="GB", editions=[TRANSLATED]),
        *(factories.work(f"New {n}", living, by=press, first_published=f"{1999 + n}-05") for n in range(5)),
        factories.work("Bare", by=press),
    ]
    for work in works[1:5]:
        reserved = Scope(
            capacity="publisher", territory=["EU"], valid_from=DAY, observed_at=DAY, source_format="tdmrep"
        )
        reservations.record(work=work, scope=reserved, machine_readable=True, actor=press)
        reservations.record(work=work, scope=Scope(territory=["WORLD"]), machine_readable=False, actor=other)
    scope = Scope(uses=["pretraining"], territory=["EU"], verification="document", valid_from=DAY)
    for work in works[2:4]:
        grants.issue(work=work, licensee=lab.organisation, scope=scope, duties=["attribution"], actor=press)
        offers.publish(work=work, scope=Scope(uses=["pretraining"]), terms="a flat fee", actor=other)
    open_licences.declare(work=works[5], licence="CC-BY-4.0", scope=Scope(verification="document"), actor=press)
    for work in works[1:4]:
        claim = claimed(work, press)
        if work == works[1]:
            signer = other.require_writer()
            CounterSignature.objects.create(claim=claim, organisation=signer, capacity="author")
    return works


def one_by_one(clearance: Clearance) -> list[dict[str, Any]]:
    """What each work's case says, read and decided alone."""
    found = dict(findings.of_scan(clearance.scan))
    rows = []
    for work in cases.with_facts(Work.objects.filter(pk__in=found).order_by("public_id")):
        about = cases.assertions_about([work], clearance.licensee)[work.pk]
        judged = []
        for match in found[work.pk].texts:
            edition = work.editions.filter(pk=match.translation).first() if match.translation else None
            facts = cases.work_facts(work, edition=edition, relation=match.relation)
            case = cases.case(clearances.question_of(clearance), facts, clearances.copy_facts(clearance), about)
            judged.append((clearances.answer_of(case, clearance.policy), case, match.relation))
        answer, case, relation = min(judged, key=lambda one: Answer(one[0]["verdict"]).rank)
        rows.append({"work": work.pk, "case": case, "relation": relation, **answer})
    return rows


@pytest.mark.parametrize("territory", ["US", "DE", "EU", "CN", "WORLD"])
@pytest.mark.parametrize("profile", ["strict", "research"])
def test_rows_made_together_are_the_rows_made_one_by_one(
    lab: Actor, shelf: list[Work], territory: str, profile: str
) -> None:
    pairs = [(work, "copy") for work in shelf] + [(shelf[0], "excerpt"), (shelf[2], "quotation")]
    scan = scanned.scan(lab, pairs)
    Match.objects.filter(scan=scan, relation="excerpt").update(edition=shelf[0].editions.get())
    asked = clearances.request(
        scan=scan, use="pretraining", purpose="commercial", territory=territory, profile=profile, actor=lab
    )
    clearance = clearances.decide(asked.pk)
    expected = one_by_one(clearance)
    assert len(expected) == len(shelf)
    stored = Verdict.objects.filter(clearance=clearance).order_by("id")
    for row, alone in zip(stored, expected, strict=True):
        found = {name: getattr(row, name) for name in ("case", "verdict", "status", "reasons", "blocks", "relation")}
        assert (row.work_id, found) == (alone["work"], {name: alone[name] for name in found})
        again = clearances.recompute(row)
        assert (again["verdict"], again["reasons"], again["blocks"]) == (row.verdict, row.reasons, row.blocks)
    entry = Entry.objects.get(subject=f"clearance:{clearance.public_id}", kind="clearance.decided")
    root = tree.root(clearances.leaf(row) for row in stored).hex()
    assert root.encode() in bytes(entry.leaf)


def test_texts_are_in_the_spelling_that_is_hashed() -> None:
    value = {"é": ['a\\b"c\n\t\x1f\x7f', None, True, 3], "z": {"b": "鲁迅 😀", "a": []}}
    assert verdict_texts.text(value).encode() == log.canonical(value)


def test_what_is_said_of_many_works_is_read_by_what_is_said(
    lab: Actor, shelf: list[Work], django_assert_max_num_queries: Any
) -> None:
    Reservation.objects.filter(work=shelf[1]).update(withdrawn_at=datetime.datetime(2025, 1, 2, tzinfo=datetime.UTC))
    pks = [work.pk for work in shelf]
    with django_assert_max_num_queries(24):
        said = bulk_statements.of_works(pks, lab.organisation)
    works = list(cases.with_facts(Work.objects.filter(pk__in=pks)))
    alone = cases.assertions_about(works, lab.organisation)
    for work in works:
        together = [said.forms[form] | {"id": name} for name, form in said.about().get(work.pk, [])]
        assert together == sorted(cases.in_force(alone[work.pk]), key=lambda row: row["id"])
    assert len(said.forms) < sum(len(rows) for rows in alone.values())


def test_a_decision_about_a_claim_ends_what_its_speaker_said_in_bulk_as_well(lab: Actor) -> None:
    one, other = factories.actor(), factories.actor()
    work = factories.work(by=one, first_published="2001")
    claims = [claimed(work, by) for by in (one, other)]
    reservations.record(work=work, scope=Scope(capacity="publisher"), machine_readable=True, actor=other)
    decisions.concede(claim=claims[1], statement="It was ours until now.", actor=other)
    said = bulk_statements.of_works([work.pk], lab.organisation)
    prepared = cases.with_facts(Work.objects.filter(pk=work.pk)).get()
    alone = cases.assertions_about([prepared], lab.organisation)[work.pk]
    assert [said.forms[form] | {"id": name} for name, form in said.about()[work.pk]] == sorted(
        cases.in_force(alone), key=lambda row: row["id"]
    )


def test_facts_read_together_are_those_read_alone(shelf: list[Work]) -> None:
    together = {row.pk: row.facts() for row in bulk_works.read([work.pk for work in shelf])}
    alone = {work.pk: cases.work_facts(work) for work in cases.with_facts(Work.objects.all())}
    assert together == alone


def test_a_grant_reaches_the_affiliates_that_it_names(lab: Actor, press: Actor) -> None:
    assert lab.organisation is not None
    work = factories.work("New", [AuthorFacts(name="A. Living")], by=press, first_published="2001")
    parent = factories.organisation()
    scope = Scope(uses=["pretraining"], territory=["US"], verification="document")
    grant = grants.issue(work=work, licensee=parent, scope=scope, actor=press)
    Grant.objects.filter(pk=grant.pk).update(affiliates=[lab.organisation.slug])
    scan = scanned.scan(lab, [(work, "copy")])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="US", actor=lab)
    assert clearances.decide(asked.pk).verdicts.get().verdict == "CLEARED"


def test_the_batch_of_the_rules_says_the_same_of_stored_cases(lab: Actor, shelf: list[Work]) -> None:
    scan = scanned.scan(lab, [(work, "copy") for work in shelf])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="DE", actor=lab)
    stored = list(clearances.decide(asked.pk).verdicts.all())
    answers = decide_many([row.case for row in stored])
    assert [answer.verdict.value for answer in answers] == [row.verdict for row in stored]


@pytest.mark.parametrize("territory", ["US", "DE", "CN"])
def test_statuses_of_many_works_are_those_of_each(lab: Actor, shelf: list[Work], territory: str) -> None:
    question = cases.Question("pretraining", "commercial", territory, datetime.date(2025, 6, 1), lab.organisation)
    for day in (question.on, datetime.date(2024, 4, 30), datetime.date(1850, 1, 1)):
        asked = dataclasses.replace(question, on=day)
        alone = {pk: row.status for pk, row in standing.of_works(shelf, asked).items()}
        together = bulk_statuses.of_works(Work.objects.filter(pk__in=[work.pk for work in shelf]), asked)
        assert together.of_each() == alone
        assert together.counts() == Counter(alone.values())


def test_no_works_have_no_statuses(lab: Actor) -> None:
    question = cases.Question("pretraining", "commercial", "US", DAY)
    assert bulk_statuses.of_works(Work.objects.none(), question).counts() == {}


@pytest.mark.django_db(transaction=True)
def test_what_is_read_ahead_gives_the_rows_that_are_made_one_by_one(
    lab: Actor, shelf: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_rows, "WORKS_PER_BATCH", 2)
    scan = scanned.scan(lab, [(work, "copy") for work in shelf])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="DE", actor=lab)
    clearance = clearances.decide(asked.pk)
    expected = {row["work"]: row for row in one_by_one(clearance)}
    stored = list(Verdict.objects.filter(clearance=clearance).order_by("id"))
    assert sorted(row.work_id for row in stored) == sorted(expected)
    for row in stored:
        alone = expected[row.work_id]
        assert (row.case, row.verdict, row.reasons) == (alone["case"], alone["verdict"], alone["reasons"])
    entry = Entry.objects.get(subject=f"clearance:{clearance.public_id}", kind="clearance.decided")
    assert tree.root(clearances.leaf(row) for row in stored).hex().encode() in bytes(entry.leaf)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_lost_while_reading_ahead_stores_nothing_and_the_next_attempt_decides(
    lab: Actor, shelf: list[Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdict_rows, "WORKS_PER_BATCH", 2)
    scan = scanned.scan(lab, [(work, "copy") for work in shelf])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="DE", actor=lab)
    read, calls = bulk_works.read, iter(range(100))

    def read_once(keys: Sequence[int]) -> Iterator[bulk_works.Known]:
        if next(calls) == 2:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return read(keys)

    monkeypatch.setattr(bulk_works, "read", read_once)
    with pytest.raises(DatabaseError):
        clearances.decide(asked.pk)
    assert not Verdict.objects.exists()
    assert Clearance.objects.get().state == Clearance.State.WAITING
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("ahead", "check"))]
    assert clearances.decide(asked.pk).verdicts.count() == len(shelf)
