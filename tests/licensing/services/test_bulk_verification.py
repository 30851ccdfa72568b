"""Many claims verified by one document: what rests on them follows, and one entry says what was looked at."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import Agreement, Grant, Offer, VerdictChange
from licensing.rules.agreement import parse_terms
from licensing.selectors import licence_requests
from licensing.services import (
    agreements,
    bulk_verification,
    reevaluation,
    resting_grants,
    standing_offers,
    verification,
)
from licensing.services.bulk_verification import Chosen
from registry.actors import Actor, of_user, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Identifier, RightsClaim, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db
FREE = TERMS | {"fee": {"model": "free"}, "valid_from": "2026-01-01"}
OPERATOR = system("operator")
SHA256 = "a" * 64


def verify(press: Actor, expected: int, **chosen: object) -> bulk_verification.Verified:
    return bulk_verification.verify(
        Chosen(asked.of(press), **chosen),  # type: ignore[arg-type]
        verification="document",
        evidence="Extract of the register of publishers, 1 October 2026.",
        evidence_sha256=SHA256,
        expected=expected,
        actor=OPERATOR,
    )


def granted_unproved(firm: Actor, press: Actor, works: list[Work]) -> Agreement:
    """A licence by somebody whose right nobody has looked at."""
    found = asked.part(asked.asked(firm, works, FREE), press)
    if found.state == "authority_check":
        asked.moved(found, "confirm", press)
    asked.moved(found, "grant", press)
    found.refresh_from_db()
    assert found.agreement is not None
    return found.agreement


def test_grants_that_were_given_before_are_counter_signed_then_and_the_answers_follow(
    firm: Actor, press: Actor
) -> None:
    works = asked.claimed(press, 3, verification="none")
    granted_unproved(firm, press, works)
    clearance = asked.clearance(firm, works)
    assert licence_requests.totals_now(clearance) == {"UNKNOWN": 3}  # AUTH_UNVERIFIED
    done = verify(press, 3)
    assert (done.claims, done.grants, done.offers) == (3, 3, 0)
    assert set(Grant.objects.values_list("verification", flat=True)) == {"counter-signed"}
    assert asked.run_jobs(reevaluation.JOB) == 1
    assert licence_requests.totals_now(clearance) == {"CLEARED": 3}
    assert set(VerdictChange.objects.values_list("cause", flat=True)) == {"verified"}


def test_one_entry_holds_the_evidence_and_roots_over_claims_and_grants(firm: Actor, press: Actor) -> None:
    works = asked.claimed(press, 2, verification="domain")
    granted_unproved(firm, press, works)
    before = Entry.objects.count()
    done = verify(press, 2)
    assert Entry.objects.count() == before + 1
    facts = json.loads(bytes(done.entry.leaf))["facts"]
    claims = [(row.public_id, "domain", "document") for row in RightsClaim.objects.order_by("pk")]
    grants = [(row.public_id, "domain", "counter-signed") for row in Grant.objects.order_by("pk")]
    assert facts["root"] == resting_grants.root_of("claim", claims)
    assert facts["grants_root"] == resting_grants.root_of("grant", grants)
    assert (facts["claims"], facts["organisation"], facts["evidence_sha256"]) == (2, "press", SHA256)


def test_a_choice_narrows_to_a_prefix_of_isbns_a_capacity_or_a_document(press: Actor) -> None:
    works = asked.claimed(press, 4, verification="none")
    for work, isbn in zip(works, ("9783161484100", "9783161484117", "9780306406157"), strict=False):
        Identifier.objects.create(work=work, scheme="isbn", value=isbn)
    RightsClaim.objects.filter(work=works[3]).update(capacity="agent", evidence_sha256="b" * 64)
    of = asked.of(press)

    def found(**chosen: object) -> list[int]:
        return [row.work_id for row in bulk_verification.selected(Chosen(of, **chosen))]  # type: ignore[arg-type]

    assert found(isbn_prefixes=["978-3-16"]) == [works[0].pk, works[1].pk]
    assert found(isbn_prefixes=["978-3-16", "978-0306"]) == [work.pk for work in works[:3]]
    assert found(capacity="agent") == found(named_sha256="b" * 64) == [works[3].pk]
    assert verify(press, 2, isbn_prefixes=["978-3-16"]).claims == 2
    assert [row["claims"] for row in bulk_verification.waiting()] == [2]


def test_what_others_claim_what_was_withdrawn_and_what_was_looked_at_is_not_chosen(press: Actor, firm: Actor) -> None:
    asked.claimed(press, 1, verification="identity")
    asked.claimed(firm, 1, verification="none")
    asked.claim(press, asked.works(firm), capacity="observer", verification="none")
    RightsClaim.objects.filter(work=asked.claimed(press, 1, verification="none")[0]).update(
        withdrawn_at="2026-01-01T00:00Z"
    )
    assert not bulk_verification.selected(Chosen(asked.of(press))).exists()
    with pytest.raises(Conflict, match="no claim"):
        verify(press, 0)


def test_operators_alone_verify_and_every_fault_is_named(press: Actor) -> None:
    asked.claimed(press, 1, verification="none")
    member = of_user(factories.person("rights@press.example", of=asked.of(press)))
    with pytest.raises(NotAllowed):
        bulk_verification.verify(
            Chosen(asked.of(press)),
            verification="document",
            evidence="x",
            evidence_sha256=SHA256,
            expected=1,
            actor=member,
        )
    with pytest.raises(InvalidInput) as fault:
        bulk_verification.verify(
            Chosen(asked.of(press)), verification="domain", evidence=" ", evidence_sha256="", expected=1, actor=OPERATOR
        )
    assert {error["pointer"] for error in fault.value.errors} == {"/verification", "/evidence", "/evidence_sha256"}
    with pytest.raises(InvalidInput) as fault:
        bulk_verification.selected(Chosen(asked.of(press), "king", ["123", "978"], "xyz"))
    pointers = [error["pointer"] for error in fault.value.errors]
    assert pointers == ["/isbn_prefixes/0", "/isbn_prefixes/1", "/capacity", "/named_sha256"]


def test_a_choice_that_has_changed_since_it_was_looked_at_is_refused(press: Actor) -> None:
    asked.claimed(press, 2, verification="none")
    with pytest.raises(Conflict, match="2 claims by now, and 1 were looked at"):
        verify(press, 1)


def test_one_claim_verified_alone_lifts_its_grant_what_was_passed_on_and_its_offer(firm: Actor, press: Actor) -> None:
    [work] = asked.claimed(press, 1, verification="none")
    labs = factories.organisation("acme-labs", "Acme Labs")
    passing = FREE | {"sublicensing": "affiliates", "affiliates": ["acme-labs"]}
    found = asked.part(asked.asked(firm, [work], passing), press)
    asked.moved(found, "confirm", press)
    asked.moved(found, "grant", press)
    agreement = Agreement.objects.get()
    agreements.sublicense(agreement, licensee=labs, terms=parse_terms(FREE | {"affiliates": ["acme-labs"]}), actor=firm)
    elsewhere = FREE | {"territory": ["JP"]}
    standing_offers.publish(works=[work], terms=elsewhere, actor=press)
    claim = work.rights_claims.get()
    verification.verify(claim, kind="claim", verification="identity", evidence="passport", actor=OPERATOR)
    levels = dict(Grant.objects.values_list("licensee__slug", "verification"))
    assert levels == {"acme": "counter-signed", "acme-labs": "document"}
    assert Offer.objects.get().verification == "identity"
    verification.verify(claim, kind="claim", verification="none", evidence="forged", actor=OPERATOR)
    assert set(Grant.objects.values_list("verification", flat=True)) == {"none"}


def test_a_claim_verified_with_others_keeps_its_level_when_a_counter_signature_is_taken_back(press: Actor) -> None:
    author = factories.actor(factories.organisation("mira", "Mira Okonjo"))
    works = asked.claimed(press, 1, verification="none")
    asked.claim(author, works, capacity="author", verification="document")
    verify(press, 1)
    claim = RightsClaim.objects.get(asserted_by=asked.of(press))
    signature = verification.counter_sign(claim, capacity="author", statement="", actor=author)
    verification.withdraw_counter_signature(signature, reason="mistake", actor=author)
    claim.refresh_from_db()
    assert claim.verification == "document"


def test_queries_do_not_grow_with_the_claims(firm: Actor, press: Actor) -> None:
    def queries(count: int) -> int:
        works = asked.claimed(press, count, verification="none")
        granted_unproved(firm, press, works)
        asked.clearance(firm, works)
        with CaptureQueriesContext(connection) as captured:
            verify(press, count)
        Agreement.objects.all().update(granted_by=asked.of(firm))  # so that the next is the only one
        return len(captured)

    assert queries(2) == queries(12)
