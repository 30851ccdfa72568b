"""Authority for works: one claim, many at once, and what is withdrawn when more is said later."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.services import ownership
from licensing.services.assertions import Scope
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Domain, Entry, Party, RightsClaim, Work
from registry.services import log, works
from tests import factories

pytestmark = pytest.mark.django_db

SEEN = datetime.date(2026, 5, 31)
SAID: dict[str, Any] = {
    "capacity": "publisher",
    "ai_rights": "retained",
    "observed_at": SEEN,
    "evidence": "feed of 31 May",
}


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def titles(press: Actor, count: int) -> list[Work]:
    return [factories.work(f"Title {number}", by=press) for number in range(count)]


def test_a_claim_keeps_the_address_and_the_hash_of_its_evidence(press: Actor) -> None:
    scope = Scope(
        capacity="agent", statement="contract", source_address="https://example.org/c.pdf", source_sha256="a" * 64
    )
    row = ownership.claim(
        work=factories.work(), holder=Party.objects.create(name="Somebody"), scope=scope, actor=press, exclusive=True
    )
    assert (row.evidence, row.evidence_address, row.evidence_sha256) == (
        "contract",
        "https://example.org/c.pdf",
        "a" * 64,
    )
    leaf = bytes(Entry.objects.get(subject=f"claim:{row.public_id}").leaf)
    assert b"https://example.org/c.pdf" in leaf
    assert b'"verification":"none"' in leaf


def test_many_claims_are_one_entry_whose_root_anybody_with_the_rows_recomputes(press: Actor) -> None:
    before = Entry.objects.count()
    claims = ownership.claim_many(works=titles(press, 5), **SAID, actor=press)
    [entry] = Entry.objects.filter(kind="ownership.claimed_many")
    assert Entry.objects.count() == before + 5 + 1  # a work each, and one for all claims
    rows = list(RightsClaim.objects.filter(entry=entry).order_by("pk"))
    assert [row.pk for row in rows] == [claim.pk for claim in claims]
    assert ownership.root_of(rows).encode() in bytes(entry.leaf)
    rows[2].ai_rights = "granted"
    assert ownership.root_of(rows).encode() not in bytes(entry.leaf)
    assert {str(row.holder) for row in rows} == {str(press.organisation)}


def test_the_same_claims_again_change_nothing_and_are_returned(press: Actor) -> None:
    shelf = titles(press, 3)
    first = ownership.claim_many(works=shelf, **SAID, actor=press)
    entries = Entry.objects.count()
    again = ownership.claim_many(works=[*reversed(shelf), shelf[0]], **SAID, actor=press)
    assert [row.pk for row in again] == [first[2].pk, first[1].pk, first[0].pk, first[0].pk]
    assert (RightsClaim.objects.count(), Entry.objects.count()) == (3, entries)


def test_what_is_said_otherwise_later_takes_the_place_of_the_bulk_claim_and_of_no_other(press: Actor) -> None:
    shelf = titles(press, 2)
    by_hand = ownership.claim(
        work=shelf[0], holder=ownership.holder_of(press.organisation), actor=press, ai_rights="retained",  # type: ignore[arg-type]
        scope=Scope(capacity="publisher", territory=["DE"]),
    )  # fmt: skip
    old = ownership.claim_many(works=shelf, **SAID, actor=press)
    new = ownership.claim_many(works=shelf, **(SAID | {"ai_rights": "granted"}), actor=press)
    for row in (*old, by_hand):
        row.refresh_from_db()
    assert all(row.withdrawn_at for row in old)
    assert by_hand.withdrawn_at is None
    assert {row.ai_rights for row in new} == {"granted"}
    leaf = bytes(Entry.objects.filter(kind="ownership.claimed_many").latest("id").leaf)
    assert b'"withdrawn":2' in leaf
    assert ownership.root_of(old).encode() in leaf


def test_a_claim_that_was_verified_is_not_replaced_in_bulk(press: Actor) -> None:
    [work] = titles(press, 1)
    [verified] = ownership.claim_many(works=[work], **SAID, actor=press)
    RightsClaim.objects.filter(pk=verified.pk).update(verification="document")
    ownership.claim_many(works=[work], **(SAID | {"ai_rights": "silent"}), actor=press)
    verified.refresh_from_db()
    assert verified.withdrawn_at is None


def test_rivals_claim_the_same_works_side_by_side(press: Actor) -> None:
    shelf = titles(press, 2)
    rival = factories.actor()
    for actor in (press, rival):
        ownership.claim_many(works=shelf, **SAID, exclusive=True, actor=actor)
    assert RightsClaim.objects.filter(withdrawn_at__isnull=True).count() == 4


def test_queries_do_not_grow_with_the_number_of_works(press: Actor) -> None:
    def queries(shelf: list[Work]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            ownership.claim_many(works=shelf, **SAID, actor=press)
        return len(seen)

    queries(titles(press, 1))
    assert queries(titles(press, 2)) == queries(titles(press, 20))


def test_without_a_log_entry_of_its_own_the_leaves_are_the_callers(press: Actor) -> None:
    [work] = titles(press, 1)
    [row] = ownership.claim_many(works=[work], **SAID, actor=press, stage_log=False)
    assert row.entry is None
    assert not Entry.objects.filter(kind="ownership.claimed_many").exists()
    assert ownership.claim_leaf(row, work).startswith(b'{"ai_rights":"retained"')


def test_a_domain_that_is_proved_counts_from_the_first_day_of_a_claim(press: Actor) -> None:
    assert press.organisation is not None
    Domain.objects.create(organisation=press.organisation, name="press.example", challenge="x", verified_at=log.Now())
    shelf = titles(press, 1)
    [own] = ownership.claim_many(works=shelf, **SAID, actor=press)
    [contract] = ownership.claim_many(works=shelf, **(SAID | {"capacity": "licensee"}), actor=press)
    assert (own.verification, contract.verification) == ("domain", "none")


def test_nobody_claims_without_the_role_nor_what_was_withdrawn_nor_in_words_of_their_own(press: Actor) -> None:
    [work] = titles(press, 1)
    with pytest.raises(NotAllowed):
        ownership.claim_many(works=[work], **SAID, actor=Actor("user:1", organisation=press.organisation))
    with pytest.raises(InvalidInput) as caught:
        ownership.claim_many(works=[work], **(SAID | {"ai_rights": "maybe"}), evidence_sha256="xyz", actor=press)
    assert [fault["pointer"] for fault in caught.value.errors] == ["/ai_rights", "/evidence_sha256"]
    works.withdraw(work=work, reason="", actor=press)
    work.refresh_from_db()
    with pytest.raises(Conflict, match="withdrawn"):
        ownership.claim_many(works=[work], **SAID, actor=press)
    assert not RightsClaim.objects.exists()
