"""Disputes and how they end: what a decision changes, from which day on, and what it leaves as it was."""

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from licensing.rules import disputes as rules
from licensing.rules.case import parse_case
from licensing.rules.terms import members_of_all
from licensing.rules.verdict import decide as verdict_of
from licensing.selectors import cases, disputes
from licensing.services import assertions, clearances, decisions, grants, ownership, reservations, verification
from licensing.services.assertions import Scope
from licensing.services.decisions import Terms
from registry.actors import ANONYMOUS, Actor, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import ClaimDecision, Entry, Organisation, RightsClaim, Work
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
OPERATOR = system("operator")


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def rival() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    return factories.work("A Book", first_published="2001", by=press)


def claim(work: Work, actor: Actor, *, exclusive: bool = True, ai_rights: str = "granted", **scope: Any) -> RightsClaim:
    assert actor.organisation is not None
    return ownership.claim(
        work=work, holder=ownership.holder_of(actor.organisation), scope=Scope(**({"capacity": "publisher"} | scope)),
        exclusive=exclusive, ai_rights=ai_rights, actor=actor,
    )  # fmt: skip


def ask(work: Work, on: datetime.date, territory: str = "DE", licensee: Organisation | None = None) -> tuple[str, str]:
    """(verdict, status) of a question asked now about a day."""
    fresh = Work.objects.get(pk=work.pk)
    about = cases.assertions_about([fresh], licensee)[fresh.pk]
    question = cases.Question("pretraining", "commercial", territory, on, licensee)
    answer = verdict_of(parse_case(cases.case(question, cases.work_facts(fresh), {"acquisition": "lawful"}, about)))
    return answer.verdict.value, answer.status.value


def is_open(work: Work) -> bool:
    found = disputes.of_work(work, assertions.today())
    return found is not None and found.is_open


def decide(work: Work, upheld: list[RightsClaim], set_aside: list[RightsClaim], **terms: Any) -> ClaimDecision:
    said = {"statement": "Judgment of the regional court.", "source_address": "https://court.example/7-O-1-26"} | terms
    return decisions.decide(
        work=work, ground="court", terms=Terms(**said), upheld=upheld, set_aside=set_aside, actor=OPERATOR
    )


def test_a_decision_leaves_the_days_before_it_contested_and_ends_the_dispute_from_its_day(
    press: Actor, rival: Actor, work: Work
) -> None:
    winner, loser = claim(work, press), claim(work, rival)
    today = assertions.today()
    assert ask(work, today) == ("CONTESTED", "DISPUTED")
    assert is_open(work)
    decided_on = today - 10 * DAY
    decide(work, [winner], [loser], decided_on=decided_on)
    assert ask(work, decided_on - DAY) == ("CONTESTED", "DISPUTED")
    assert ask(work, decided_on)[1] != "DISPUTED"
    assert ask(work, today)[1] != "DISPUTED"
    assert not is_open(work)
    loser.refresh_from_db()
    assert loser.withdrawn_at is None  # nothing of it was edited
    assert loser.valid_to is None


def test_a_withdrawn_decision_restores_the_dispute_for_every_day(press: Actor, rival: Actor, work: Work) -> None:
    winner, loser = claim(work, press), claim(work, rival)
    decision = decide(work, [winner], [loser], decided_on=assertions.today() - 5 * DAY)
    decisions.withdraw(decision=decision, reason="set aside on appeal", actor=OPERATOR)
    assert ask(work, assertions.today()) == ("CONTESTED", "DISPUTED")
    assert is_open(work)
    leaf = bytes(Entry.objects.get(kind="decision.withdrawn").leaf)
    assert b"set aside on appeal" in leaf
    with pytest.raises(Conflict, match="before"):
        decisions.withdraw(decision=decision, reason="again", actor=OPERATOR)


def test_a_stored_verdict_recomputes_identically_whatever_is_decided_later(
    press: Actor, rival: Actor, work: Work
) -> None:
    lab = factories.actor()
    winner, loser = claim(work, press), claim(work, rival)
    scan = scanned.scan(lab, [(work, "copy")])

    def verdict() -> Any:
        asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="DE", actor=lab)
        return clearances.decide(asked.pk).verdicts.get()

    before = verdict()
    decide(work, [winner], [loser])
    after = verdict()
    assert (before.verdict, after.verdict) == ("CONTESTED", "EXCEPTION_CLAIMED")
    for stored in (before, after):
        again = verdict_of(parse_case(stored.case))
        assert again.verdict.value == stored.verdict
        assert [reason.to_dict() for reason in again.reasons] == [
            {name: reason[name] for name in again.reasons[0].to_dict()} for reason in stored.reasons
        ]


def test_who_is_set_aside_as_holder_neither_licenses_nor_reserves_from_then_on(
    press: Actor, rival: Actor, work: Work
) -> None:
    lab = factories.organisation()
    winner, loser = claim(work, press), claim(work, rival)
    scope = Scope(capacity="publisher", uses=["pretraining"], verification="document")
    grants.issue(work=work, licensee=lab, scope=scope, actor=press)
    reservations.record(work=work, scope=Scope(capacity="publisher"), machine_readable=True, actor=rival)
    assert ask(work, assertions.today(), "US", lab) == ("CONTESTED", "DISPUTED")
    decision = decide(work, [winner], [loser])
    assert ask(work, assertions.today(), "US", lab) == ("CLEARED", "LICENSED")
    assert ask(work, assertions.today() - DAY, "US", lab) == ("CONTESTED", "DISPUTED")
    decisions.withdraw(decision=decision, reason="appeal", actor=OPERATOR)
    decide(work, [loser], [winner])
    assert ask(work, assertions.today(), "US", lab)[0] == "NOT_CLEARED"  # the licence came from the one who lost


def test_what_was_lost_in_one_territory_is_kept_in_others(press: Actor, rival: Actor, work: Work) -> None:
    lab = factories.organisation()
    winner, loser = claim(work, rival, territory=["DE"]), claim(work, press, territory=["DE"])
    scope = Scope(capacity="publisher", uses=["pretraining"], verification="document", territory=["US"])
    grants.issue(work=work, licensee=lab, scope=scope, actor=press)
    decide(work, [winner], [loser])
    assert ask(work, assertions.today(), "US", lab) == ("CLEARED", "LICENSED")


def test_a_claimant_gives_way_for_themselves_alone(press: Actor, rival: Actor, work: Work) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    with pytest.raises(NotAllowed, match="made a claim"):
        decisions.concede(claim=theirs, statement="They have no right.", actor=press)
    with pytest.raises(InvalidInput, match="sentence"):
        decisions.concede(claim=mine, statement=" ", actor=press)
    decision = decisions.concede(claim=mine, statement="Our contract ended.", actor=press)
    assert (list(decision.set_aside.all()), list(decision.upheld.all())) == ([mine], [theirs])
    assert not is_open(work)
    with pytest.raises(Conflict, match="nothing to concede"):
        decisions.concede(claim=theirs, statement="We too.", actor=rival)


def test_a_concession_is_taken_back_by_operators_alone(
    press: Actor, rival: Actor, work: Work, django_user_model: Any
) -> None:
    mine, _ = claim(work, press), claim(work, rival)
    decision = decisions.concede(claim=mine, statement="We were wrong.", actor=press)
    user = django_user_model.objects.create_user("ada@press.example")
    member = Actor("user:1", user=user, organisation=press.organisation, role="owner")
    with pytest.raises(NotAllowed, match="operator"):
        decisions.withdraw(decision=decision, reason="Changed our mind.", actor=member)


def test_an_agreement_counts_when_every_side_has_confirmed_it(press: Actor, rival: Actor, work: Work) -> None:
    third = factories.actor()
    mine, theirs, thirds = (claim(work, actor) for actor in (press, rival, third))
    terms = Terms("Settled out of court.")
    proposal = decisions.propose(work=work, terms=terms, upheld=[mine], set_aside=[theirs, thirds], actor=press)
    assert is_open(work)
    with pytest.raises(NotAllowed, match="does not wait"):
        decisions.confirm(decision=proposal, actor=press)
    with pytest.raises(NotAllowed, match="does not wait"):
        decisions.confirm(decision=proposal, actor=factories.actor())
    decisions.confirm(decision=proposal, actor=rival)
    assert is_open(work)
    decisions.confirm(decision=proposal, actor=third)
    assert not is_open(work)
    kinds = Entry.objects.filter(subject=f"decision:{proposal.public_id}").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["decision.proposed", "decision.confirmed", "decision.confirmed", "decision.recorded"]
    with pytest.raises(Conflict, match="already"):
        decisions.confirm(decision=proposal, actor=rival)


def test_a_side_refuses_an_agreement_and_a_stranger_cannot(
    press: Actor, rival: Actor, work: Work, django_user_model: Any
) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    proposal = decisions.propose(work=work, terms=Terms("Ours."), upheld=[mine], set_aside=[theirs], actor=press)

    def member(organisation: Organisation | None) -> Actor:
        user = django_user_model.objects.create_user(f"{organisation}@example.org")
        return Actor(f"user:{user.pk}", user=user, organisation=organisation, role="owner")

    with pytest.raises(NotAllowed, match="side"):
        decisions.withdraw(decision=proposal, reason="no", actor=member(factories.organisation()))
    decisions.withdraw(decision=proposal, reason="Not what we agreed.", actor=member(rival.organisation))
    with pytest.raises(Conflict, match="withdrawn"):
        decisions.confirm(decision=proposal, actor=rival)


def test_an_agreement_about_a_claim_that_is_gone_is_not_confirmed(press: Actor, rival: Actor, work: Work) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    proposal = decisions.propose(work=work, terms=Terms("Ours."), upheld=[mine], set_aside=[theirs], actor=press)
    ownership.withdraw(mine, reason="sold", actor=press)
    with pytest.raises(Conflict, match="withdrawn since"):
        decisions.confirm(decision=proposal, actor=rival)


def test_every_fault_of_a_decision_is_named(press: Actor, rival: Actor, work: Work) -> None:
    mine, theirs = claim(work, press), claim(factories.work("Another"), rival)
    tomorrow = assertions.today() + DAY
    with pytest.raises(InvalidInput) as caught:
        decide(work, [mine], [mine, theirs], statement="", decided_on=tomorrow, source_sha256="xyz")
    assert [fault["pointer"] for fault in caught.value.errors] == [
        "/source_sha256", "/statement", "/decided_on", "/set_aside", "/set_aside",
    ]  # fmt: skip
    assert not ClaimDecision.objects.exists()


def test_who_is_no_operator_records_no_judgment(press: Actor, rival: Actor, work: Work, django_user_model: Any) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    user = django_user_model.objects.create_user("ada")
    member = Actor("user:1", user=user, organisation=press.organisation, role="owner")
    with pytest.raises(NotAllowed, match="operator"):
        decisions.decide(work=work, ground="court", terms=Terms("x"), upheld=[mine], set_aside=[theirs], actor=member)


def test_who_did_not_sign_in_is_no_operator(press: Actor, rival: Actor, work: Work) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    for nobody in (ANONYMOUS, Actor("user:1", organisation=press.organisation, role="owner")):
        with pytest.raises(NotAllowed, match="operator"):
            decisions.decide(
                work=work, ground="court", terms=Terms("x"), upheld=[mine], set_aside=[theirs], actor=nobody
            )
        with pytest.raises(NotAllowed, match="operator"):
            verification.verify(mine, kind="claim", verification="identity", evidence="x", actor=nobody)


def test_the_other_side_confirms_a_claim_and_is_no_rival_any_more(press: Actor, work: Work) -> None:
    author = factories.actor()
    published, written = claim(work, press), claim(work, author, capacity="author")
    assert is_open(work)
    with pytest.raises(NotAllowed, match="standing"):
        verification.counter_sign(published, capacity="author", statement="", actor=author)
    verification.verify(written, kind="claim", verification="document", evidence="contract", actor=OPERATOR)
    signature = verification.counter_sign(published, capacity="author", statement="I licensed them.", actor=author)
    published.refresh_from_db()
    assert published.verification == "counter-signed"
    assert not is_open(work)
    assert ask(work, assertions.today())[1] != "DISPUTED"
    with pytest.raises(Conflict, match="already"):
        verification.counter_sign(published, capacity="author", statement="", actor=author)
    with pytest.raises(Conflict, match="other side"):
        verification.counter_sign(published, capacity="author", statement="", actor=press)
    verification.withdraw_counter_signature(signature, reason="contract ended", actor=author)
    published.refresh_from_db()
    assert published.verification == "none"
    assert is_open(work)


def test_a_claim_falls_back_to_what_the_registry_had_found(press: Actor, work: Work) -> None:
    author = factories.actor()
    published, written = claim(work, press), claim(work, author, capacity="author")
    for row in (published, written):
        verification.verify(row, kind="claim", verification="identity", evidence="passport", actor=OPERATOR)
    signature = verification.counter_sign(published, capacity="author", statement="", actor=author)
    published = RightsClaim.objects.get(pk=published.pk)
    assert published.verification == "counter-signed"
    verification.withdraw_counter_signature(signature, reason="", actor=author)
    published.refresh_from_db()
    assert published.verification == "identity"


TERRITORIES = [[], ["DE"], ["FR"], ["EU"], ["US"], ["EEA"]]
FIRST = datetime.date(2026, 1, 1)
days = st.one_of(st.none(), st.integers(0, 12).map(lambda number: FIRST + number * DAY))


@st.composite
def stated(draw: st.DrawFn) -> dict[str, Any]:
    first, last = draw(days), draw(days)
    if first and last and last < first:
        first, last = last, first
    return {
        "who": draw(st.integers(0, 2)),
        "exclusive": draw(st.sampled_from([True, True, True, False])),
        "ai_rights": draw(st.sampled_from(["granted", "retained", "silent"])),
        "capacity": draw(st.sampled_from(["owner", "author", "publisher", "agent"])),
        "territory": draw(st.sampled_from(TERRITORIES)),
        "valid_from": first,
        "valid_to": last,
    }


@pytest.mark.long
class AnyDispute(TestCase):
    """Any claims, any decisions: the dispute that is shown and the verdicts say the same, day by day."""

    decided = st.lists(
        st.tuples(st.sets(st.integers(0, 4), min_size=1, max_size=3), st.integers(0, 12), st.booleans()), max_size=3
    )

    @given(st.lists(stated(), min_size=1, max_size=5), decided)
    @settings(max_examples=30)
    def test_a_question_is_contested_exactly_while_rival_claims_count(
        self, said: list[dict[str, Any]], decided: list[tuple[set[int], int, bool]]
    ) -> None:
        actors = [factories.actor() for _ in range(3)]
        work = factories.work(by=actors[0])
        rows = [claim(work, actors[facts.pop("who")], **facts) for facts in [dict(each) for each in said]]
        in_force = []
        for chosen, offset, is_withdrawn in decided:
            set_aside = [rows[number] for number in sorted(chosen) if number < len(rows)]
            if not set_aside:
                continue
            decision = decide(work, [], set_aside, decided_on=FIRST + offset * DAY)
            if is_withdrawn:
                decisions.withdraw(decision=decision, reason="appeal", actor=OPERATOR)
            else:
                in_force.append((set_aside, decision.decided_on))
        for day in (FIRST + number * DAY for number in range(-1, 14)):
            for territory in ("DE", "US"):
                contested = ask(work, day, territory)[1] == "DISPUTED"
                assert contested == self.reference(rows, in_force, day, territory), (day, territory)
        shown = disputes.of_work(work, FIRST + 20 * DAY)
        everywhere = [
            pair for index, one in enumerate(rows) for pair in [(one, other) for other in rows[index + 1 :]]
            if rules.are_rivals(disputes.as_stated(pair[0]), disputes.as_stated(pair[1]))
        ]  # fmt: skip
        assert len(shown.rivals if shown else []) == len(everywhere)

    @staticmethod
    def reference(rows: list[RightsClaim], in_force: list[Any], day: datetime.date, territory: str) -> bool:
        """The slow, obvious way: who claims the exclusive right there on that day, two of them at once?"""
        speakers = set()
        for row in rows:
            if not row.exclusive or (row.ai_rights == "retained" and row.capacity in ("publisher", "agent")):
                continue
            if (row.valid_from and day < row.valid_from) or (row.valid_to and day > row.valid_to):
                continue
            if territory not in members_of_all(row.territory or None):
                continue
            if any(row in set_aside and day >= decided_on for set_aside, decided_on in in_force):
                continue
            speakers.add(row.asserted_by_id)
        return len(speakers) > 1
