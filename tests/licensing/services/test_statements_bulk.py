"""What feeds say about rights: recorded once, withdrawn when a later feed says otherwise, never edited."""

import datetime
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from ingest import blobs
from licensing.models import Offer, OpenLicence, Preference, Reservation
from licensing.rules.case import parse_case
from licensing.rules.verdict import decide
from licensing.selectors import cases
from licensing.services import assertions, reservations, statements_bulk
from licensing.services.assertions import Scope
from licensing.services.statements_bulk import FedStatement
from registry.actors import Actor
from registry.errors import InvalidInput, NotAllowed
from registry.importers.rows import RightsStatement
from registry.models import Entry, Work
from tests import factories

pytestmark = pytest.mark.django_db

MAY = datetime.date(2026, 5, 31)
JUNE = datetime.date(2026, 6, 30)
PROHIBITED = RightsStatement(
    kind="reservation", source_format="onix", source_version="3.0", statement="145/11, 146/03", raw=b"<x064>11</x064>"
)  # fmt: skip
UNLIMITED = RightsStatement(kind="preference", source_format="onix", statement="145/11 with 146/01")
LICENCE = RightsStatement(kind="offer", source_format="onix", address="https://press.example/tdm.json")


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def fed(work: Work, said: RightsStatement, on: datetime.date = MAY) -> FedStatement:
    sha256 = hashlib.sha256(said.raw).hexdigest() if said.raw else ""
    return FedStatement(work, said, on, sha256, "feed-2026-05.xml")


def record(press: Actor, *rows: FedStatement, **more: Any) -> statements_bulk.Outcome:
    return statements_bulk.record_many(rows, actor=press, source_format="onix", **more)


def test_prohibited_mining_is_a_machine_readable_reservation_by_the_sender_dated_by_the_message(press: Actor) -> None:
    work = factories.work(by=press)
    record(press, fed(work, PROHIBITED))
    row = Reservation.objects.get()
    assert row.machine_readable
    assert (row.asserted_by, row.observed_at, row.source_format) == (press.organisation, MAY, "onix")
    assert row.source_sha256 == hashlib.sha256(PROHIBITED.raw).hexdigest()
    assert press.organisation is not None
    assert blobs.read(f"statements/{press.organisation.public_id}/{row.source_sha256}") == PROHIBITED.raw


def test_unlimited_mining_is_a_preference_and_never_a_licence(press: Actor) -> None:
    work = factories.work(first_published="2020", by=press)
    lab = factories.organisation()
    question = cases.Question("pretraining", "commercial", "GB", JUNE, lab)

    def verdict() -> tuple[str, str]:
        said = cases.assertions_about([work], lab)[work.pk]
        found = decide(parse_case(cases.case(question, cases.work_facts(work), {"acquisition": "lawful"}, said)))
        return found.verdict.value, found.status.value

    before = verdict()
    record(press, fed(work, UNLIMITED))
    [said] = cases.assertions_about([work], lab)[work.pk]
    assert (said["kind"], said["signal"]) == ("preference", "allow")
    assert verdict() == before == ("NOT_CLEARED", "UNKNOWN")


def test_the_linked_policy_is_an_offer(press: Actor) -> None:
    record(press, fed(factories.work(by=press), LICENCE))
    assert Offer.objects.get().address == "https://press.example/tdm.json"


def test_the_same_feed_again_changes_nothing(press: Actor) -> None:
    rows = [fed(factories.work(by=press), said) for said in (PROHIBITED, UNLIMITED, LICENCE)]
    record(press, *rows, *rows)
    entries = Entry.objects.count()
    again = record(press, *[replace(row, observed_at=JUNE) for row in rows])
    assert (again.recorded, again.withdrawn, again.unchanged) == ([], [], 3)
    assert Entry.objects.count() == entries
    assert Reservation.objects.get().observed_at == MAY


def test_what_a_later_feed_says_otherwise_withdraws_the_earlier_statement_and_edits_nothing(press: Actor) -> None:
    work = factories.work(by=press)
    record(press, fed(work, PROHIBITED))
    later = record(press, fed(work, replace(PROHIBITED, territory=("DE",)), JUNE))
    old, new = Reservation.objects.order_by("id")
    assert old.withdrawn_at is not None
    assert (old.territory, old.observed_at, new.territory, new.withdrawn_at) == ([], MAY, ["DE"], None)
    leaf = bytes(Entry.objects.filter(kind="statements.recorded_many").latest("id").leaf)
    assert statements_bulk.root_of(later.withdrawn).encode() in leaf
    assert statements_bulk.root_of([new]).encode() in leaf
    assert new.entry is not None


def test_what_a_later_feed_no_longer_says_is_withdrawn_for_the_works_it_has(press: Actor) -> None:
    silent, absent = factories.work(by=press), factories.work(by=press)
    record(press, fed(silent, PROHIBITED), fed(absent, PROHIBITED))
    record(press, works=[silent])
    assert Reservation.objects.get(work=silent).withdrawn_at is not None
    assert Reservation.objects.get(work=absent).withdrawn_at is None


def test_statements_made_by_hand_or_by_others_stay(press: Actor) -> None:
    work, rival = factories.work(by=press), factories.actor()
    reservations.record(work=work, scope=Scope(), machine_readable=True, actor=press)
    record(rival, fed(work, PROHIBITED))
    record(press, works=[work])
    assert Reservation.objects.filter(withdrawn_at__isnull=True).count() == 2


def test_an_older_message_that_is_read_late_changes_nothing(press: Actor) -> None:
    work = factories.work(by=press)
    record(press, fed(work, PROHIBITED, JUNE))
    late = record(press, fed(work, UNLIMITED, MAY))
    assert late.older == {work.pk}
    assert Reservation.objects.get().withdrawn_at is None
    assert not Preference.objects.exists()


def test_every_fault_is_named_and_nothing_is_written(press: Actor) -> None:
    work = factories.work(by=press)
    bad = [
        fed(work, PROHIBITED),
        fed(work, replace(PROHIBITED, territory=("Atlantis",), uses=("reading",))),
        fed(work, RightsStatement(kind="open_licence")),
        fed(work, RightsStatement(kind="wish")),
        fed(work, replace(PROHIBITED, valid_to="2026-02-30")),
        fed(work, replace(PROHIBITED, valid_from="2027", valid_to="2026-02")),
    ]
    with pytest.raises(InvalidInput) as caught:
        record(press, *bad)
    pointers = [fault["pointer"] for fault in caught.value.errors]
    assert pointers == ["/1/uses", "/1/territory", "/2/licence", "/3/kind", "/4/valid_to", "/5/valid_to"]
    assert not Reservation.objects.exists()
    with pytest.raises(NotAllowed):
        record(Actor("user:1", organisation=press.organisation, role="viewer"), bad[0])


def test_partial_days_are_read_as_their_first_and_last_day(press: Actor) -> None:
    record(press, fed(factories.work(by=press), replace(PROHIBITED, valid_from="2024-02", valid_to="2024-02")))
    row = Reservation.objects.get()
    assert (row.valid_from, row.valid_to) == (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))


def test_queries_do_not_grow_with_the_feed(press: Actor) -> None:
    def queries(count: int) -> int:
        rows = [fed(factories.work(by=press), PROHIBITED) for _ in range(count)]
        with CaptureQueriesContext(connection) as seen:
            record(press, *rows)
        return len(seen)

    assert queries(2) == queries(25)


def test_an_open_licence_of_a_feed_is_declared_with_its_name(press: Actor) -> None:
    record(press, fed(factories.work(by=press), RightsStatement(kind="open_licence", licence="CC-BY-4.0")))
    assert OpenLicence.objects.get().licence == "CC-BY-4.0"


class FeedsInTurn(TestCase):
    """Any feeds in turn: what stands is what the latest one said of each of its works."""

    said = st.sampled_from([(), ("EU",), ("DE",), ("US",)])
    feeds = st.lists(st.dictionaries(st.integers(0, 2), st.frozensets(said, max_size=3), max_size=3), max_size=4)

    @given(feeds)
    @settings(max_examples=25)
    def test_what_stands_is_what_was_said_last(self, feeds: list[dict[int, frozenset[tuple[str, ...]]]]) -> None:
        press = factories.actor()
        shelf = [factories.work(by=press) for _ in range(3)]
        latest: dict[int, frozenset[tuple[str, ...]]] = {}
        made = 0
        for number, feed in enumerate(feeds):
            rows = [
                fed(shelf[work], replace(PROHIBITED, raw=b"", territory=territory), MAY + datetime.timedelta(number))
                for work, territories in feed.items()
                for territory in territories
            ]
            outcome = record(press, *rows, works=[shelf[work] for work in feed])
            made += len(outcome.recorded)
            latest |= feed
        for number, work in enumerate(shelf):
            standing = Reservation.objects.filter(work=work, withdrawn_at__isnull=True)
            assert {tuple(row.territory) for row in standing} == latest.get(number, frozenset())
        assert Reservation.objects.filter(work__in=shelf).count() == made
        assert assertions.today() >= MAY
