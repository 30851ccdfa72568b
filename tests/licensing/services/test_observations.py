"""Observations: raw bytes kept and hashed, what follows from them dated, bulk, and the same whatever the order."""

import datetime
import hashlib
import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing.models import Clearance, Observation, Offer, Preference, Reservation, Signal, VerdictChange
from licensing.selectors import licence_requests
from licensing.selectors import signals as reading
from licensing.services import observations, reevaluation, work_addresses
from registry.actors import Actor, of_user
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry, Job, Work
from registry.services import work_merges
from tests import factories
from tests.licensing import asked
from tests.licensing.services.observed import NOT_RESERVED, RESERVED, ROBOTS, TDMREP, hand_in, moment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def press() -> Actor:
    return factories.actor()


@pytest.fixture
def work(press: Actor) -> Work:
    found = factories.work("The Lamp", by=press)
    work_addresses.state(work=found, address="https://press.example/books/lamp", actor=press)
    return found


def standing(model: Any, work: Work) -> list[Any]:
    return list(model.objects.filter(work=work, withdrawn_at=None))


def test_the_bytes_are_kept_with_their_hash_and_every_rule_with_its_words(press: Actor, work: Work) -> None:
    row, _ = hand_in(RESERVED, "2025-03-01", actor=press)
    assert observations.raw(row) == RESERVED
    assert row.content_sha256 == hashlib.sha256(RESERVED).hexdigest()
    [signal] = Signal.objects.filter(observation=row)
    assert (signal.format, signal.format_version, signal.carrier) == ("tdmrep", "2024-05-10", "file")
    assert (signal.says, signal.path, signal.policy_address) == (
        "reserved",
        "/books/*",
        "https://press.example/policy.json",
    )
    assert '"tdm-reservation":1' in signal.words.replace(" ", "")


def test_what_it_says_is_a_dated_statement_about_the_work_that_stands_there(press: Actor, work: Work) -> None:
    row, kept = hand_in(RESERVED, "2025-03-01", actor=press)
    [said] = standing(Reservation, work)
    assert said.machine_readable
    assert said.observed_at == datetime.date(2025, 3, 1)
    assert (said.source_format, said.source_address, said.source_sha256) == ("tdmrep", TDMREP, row.content_sha256)
    assert said.asserted_by == press.organisation
    entry = Entry.objects.get(pk=said.entry_id)
    assert (entry.kind, kept.recorded) == ("signals.recorded", 1)
    assert Observation.objects.get().entry_id == said.entry_id


def test_the_same_bytes_seen_again_change_nothing(press: Actor, work: Work) -> None:
    first, _ = hand_in(RESERVED, "2025-03-01", actor=press)
    entries = Entry.objects.count()
    again, kept = hand_in(RESERVED, "2025-03-01", actor=press)
    assert (again, kept.rows, Entry.objects.count()) == (first, [], entries)
    later, kept = hand_in(RESERVED, "2025-04-01", actor=press)
    assert (kept.recorded, kept.withdrawn) == (0, 0)
    assert bytes(Observation.objects.get(pk=later.pk).content) == b""
    assert observations.raw(later) == RESERVED
    assert Reservation.objects.count() == 1


def test_a_later_reading_ends_what_it_no_longer_says(press: Actor, work: Work) -> None:
    hand_in(RESERVED, "2025-03-01", actor=press)
    hand_in(NOT_RESERVED, "2025-06-01", actor=press)
    [ended] = standing(Reservation, work)
    assert ended.valid_to == datetime.date(2025, 5, 31)
    [allows] = standing(Preference, work)
    assert (allows.signal, allows.observed_at) == ("allow", datetime.date(2025, 6, 1))


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_in_which_readings_come_does_not_matter(press: Actor, work: Work, order: tuple[int, ...]) -> None:
    readings = [(RESERVED, "2024-01-01"), (NOT_RESERVED, "2024-06-01"), (RESERVED, "2025-01-01")]
    for number in order:
        hand_in(*readings[number], actor=press)
    said = [(row.observed_at.isoformat(), row.valid_to) for row in standing(Reservation, work)]
    assert sorted(said, key=str) == [("2024-01-01", datetime.date(2024, 5, 31)), ("2025-01-01", None)]


def test_a_page_outweighs_the_file_of_its_site(press: Actor, work: Work) -> None:
    hand_in(RESERVED, "2025-03-01", actor=press)
    page = b'<html><head><meta name="tdm-reservation" content="0"></head></html>'
    hand_in(page, "2025-03-02", actor=press, address="https://press.example/books/lamp")
    [ended] = standing(Reservation, work)
    assert ended.valid_to == datetime.date(2025, 3, 1)


def test_a_sentence_is_recorded_and_nothing_is_derived_from_it(press: Actor, work: Work) -> None:
    said = b"# All rights reserved. No text and data mining, no training of artificial intelligence.\n"
    row, kept = hand_in(said, "2025-03-01", actor=press, address=ROBOTS)
    [signal] = Signal.objects.filter(observation=row)
    assert not signal.machine_readable
    assert (kept.recorded, Reservation.objects.count(), Preference.objects.count()) == (0, 0, 0)


def test_a_rule_for_one_crawler_binds_it_alone(press: Actor, work: Work) -> None:
    hand_in(b"User-agent: GPTBot\nDisallow: /\n", "2025-03-01", actor=press, address=ROBOTS)
    assert Signal.objects.get().agents == ["GPTBot"]
    assert Preference.objects.count() == 0
    then = reading.said(work, datetime.date(2025, 3, 2), use="pretraining", agent="GPTBot")
    assert [one.says for one in then.answers["https://press.example/books/lamp"].refused] == ["disallow"]
    assert not reading.said(work, datetime.date(2025, 3, 2), use="pretraining", agent="OtherBot").rows[0].counts


def test_terms_are_an_offer_and_never_a_licence(press: Actor, work: Work) -> None:
    rsl = b"""<rsl xmlns="https://rslstandard.org/rsl"><content url="/books/*"><license>
      <permits type="usage">ai-train</permits><payment type="training"><amount currency="EUR">5.00</amount></payment>
      </license></content></rsl>"""
    hand_in(rsl, "2025-03-01", actor=press, address="https://press.example/license.xml")
    [offer] = standing(Offer, work)
    assert offer.address == "https://press.example/license.xml"
    assert "5.00 EUR" in offer.terms
    assert "pretraining" in offer.uses


def test_what_somebody_else_hands_in_is_their_evidence_and_derives_nothing(press: Actor, work: Work) -> None:
    firm = factories.actor()
    _, kept = hand_in(RESERVED, "2025-03-01", actor=firm)
    assert (kept.recorded, Reservation.objects.count()) == (0, 0)
    day = datetime.date(2025, 3, 2)
    assert reading.said(work, day, use="pretraining").rows == ()
    [row] = reading.said(work, day, use="pretraining", asking=firm.organisation).rows
    assert row.counts


def test_what_was_said_on_a_day_takes_one_query_and_the_reading_of_that_day(press: Actor, work: Work) -> None:
    for content, day in ((RESERVED, "2024-01-01"), (NOT_RESERVED, "2024-06-01"), (b"[]", "2025-01-01")):
        hand_in(content, day, actor=press)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = {
            day: reading.said(work, datetime.date.fromisoformat(day), use="pretraining")
            for day in ("2023-12-31", "2024-02-01", "2024-07-01", "2025-02-01")
        }
    assert len(queries) == 4
    assert [[row.says for row in then.rows] for then in found.values()] == [[], ["reserved"], ["allow"], []]
    assert [then.readings for then in found.values()] == [0, 1, 1, 1]


def test_a_books_own_file_speaks_for_the_work_it_is_of(press: Actor) -> None:
    book = factories.work("The Book", by=press)
    opf = (
        b'<package xmlns="http://www.idpf.org/2007/opf" version="3.0" prefix="tdm: http://www.w3.org/ns/tdmrep#">'
        b'<metadata><meta property="tdm:reservation">1</meta></metadata></package>'
    )
    hand_in(opf, "2025-03-01", actor=press, address="", work=book, file_name="book.opf")
    [said] = standing(Reservation, book)
    assert said.source_format == "tdmrep"
    [row] = reading.said(book, datetime.date(2025, 3, 1), use="pretraining").rows
    assert (row.carrier, row.counts) == ("epub", True)


def test_many_works_take_no_more_queries_than_one(press: Actor) -> None:
    works = [factories.work(f"Work {number}", by=press) for number in range(30)]
    places = [(work, f"https://press.example/books/{number}") for number, work in enumerate(works)]
    work_addresses.state_many(places=places[:1], actor=press)
    with CaptureQueriesContext(connection) as few:
        hand_in(RESERVED, "2025-03-01", actor=press)
    work_addresses.state_many(places=places[1:], actor=press)
    assert Reservation.objects.count() == 30
    with CaptureQueriesContext(connection) as many:
        _, kept = hand_in(NOT_RESERVED, "2025-03-02", actor=press)
    assert (kept.recorded, kept.withdrawn) == (60, 30)
    assert len(many) <= len(few) + 12
    assert len({row.entry_id for row in Preference.objects.all()}) == 1


def europe(firm: Actor, work: Work) -> Clearance:
    """A clearance that a machine-readable reservation blocks."""
    return asked.clearance(firm, [work], territory="EU", reservation_search="evidenced")


def test_answers_about_a_work_are_looked_at_again_when_its_site_says_otherwise(press: Actor, work: Work) -> None:
    firm = of_user(factories.person("legal@acme.example", of=factories.organisation("acme", "Acme AI")))
    clearance, other = europe(firm, work), europe(firm, factories.work("Elsewhere", by=press))
    assert licence_requests.totals_now(clearance) == {"EXCEPTION_CLAIMED": 1}
    hand_in(RESERVED, "2025-03-01", actor=press)
    assert asked.run_jobs(reevaluation.JOB) == 1
    assert licence_requests.totals_now(clearance) == {"NOT_CLEARED": 1}
    change = VerdictChange.objects.get()
    assert (change.cause, change.agreement, other.changes.count()) == ("stated", None, 0)
    assert change.reasons[0]["code"] == "EU4_RESERVED"
    [message] = mail.outbox
    assert (message.to, "those who speak for them" in message.body) == (["legal@acme.example"], True)


def test_readings_that_say_nothing_new_have_nothing_looked_at_again(press: Actor, work: Work) -> None:
    europe(factories.actor(factories.organisation("acme", "Acme AI")), work)
    hand_in(RESERVED, "2025-03-01", actor=press)
    asked.run_jobs(reevaluation.JOB)
    hand_in(RESERVED, "2025-03-01", actor=press)
    hand_in(RESERVED, "2025-04-01", actor=press)
    assert not Job.objects.filter(kind=reevaluation.JOB, state=Job.State.QUEUED).exists()


def test_many_readings_are_looked_at_together(press: Actor, work: Work) -> None:
    second = factories.work("The Lantern", by=press)
    work_addresses.state(work=second, address="https://lantern.example/book", actor=press)
    firm = factories.actor(factories.organisation("acme", "Acme AI"))
    for each in (work, second):
        europe(firm, each)
    hand_in(RESERVED, "2025-03-01", actor=press)
    hand_in(RESERVED.replace(b"/books/", b"/"), "2025-03-01", actor=press, address=TDMREP.replace("press", "lantern"))
    [job] = Job.objects.filter(kind=reevaluation.JOB)
    assert job.arguments["works"] == sorted([work.pk, second.pk])
    assert asked.run_jobs(reevaluation.JOB) == 1
    assert VerdictChange.objects.count() == 2


@pytest.mark.parametrize(("territory", "codes"), [("DE", {"EU4_RESERVED"}), ("US", set())])
def test_a_rule_for_the_eu_reaches_a_question_about_a_member_and_none_about_the_us(
    press: Actor, work: Work, territory: str, codes: set[str]
) -> None:
    odrl = {
        "@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}],
        "@type": "Set",
        "prohibition": [
            {
                "target": "https://press.example/books/lamp",
                "action": "tdm:mine",
                "constraint": [{"leftOperand": "spatial", "operator": "eq", "rightOperand": "EU"}],
            }
        ],
    }
    hand_in(json.dumps(odrl).encode(), "2025-03-01", actor=press, address="https://press.example/policy.json")
    [said] = standing(Reservation, work)
    assert said.territory == ["EU"]
    firm = factories.actor(factories.organisation("acme", "Acme AI"))
    clearance = asked.clearance(firm, [work], territory=territory, reservation_search="evidenced")
    found = {reason["code"] for reason in clearance.verdicts.get().reasons}
    assert found & {"EU4_RESERVED"} == codes


def test_only_who_speaks_for_a_work_says_where_it_stands(press: Actor, work: Work) -> None:
    with pytest.raises(NotAllowed):
        work_addresses.state(work=work, address="https://other.example/x", actor=factories.actor())
    with pytest.raises(Conflict):
        work_addresses.state(work=work, address="https://PRESS.example:443/books/lamp#top", actor=press)


def test_an_address_that_is_taken_back_ends_what_was_derived_there(press: Actor, work: Work) -> None:
    hand_in(RESERVED, "2025-03-01", actor=press)
    work_addresses.withdraw(reading.addresses(work).get(), actor=press)
    assert standing(Reservation, work) == []
    assert Reservation.objects.get().withdrawn_at is not None


def test_works_that_stand_at_one_place_can_be_merged_and_parted_again(press: Actor, work: Work) -> None:
    other = factories.work("The Lamp, again", by=press)
    work_addresses.state(work=other, address="https://press.example/books/lamp", actor=press)
    hand_in(RESERVED, "2025-03-01", actor=press)
    work_merges.merge(work=other, into=work, actor=press)
    assert reading.addresses(work).count() == 2
    hand_in(NOT_RESERVED, "2025-04-01", actor=press)
    assert len(standing(Preference, work)) == 1
    assert reading.said(work, datetime.date(2025, 3, 5), use="pretraining").rows[0].counts
    work_merges.unmerge(survivor=work, number=1, actor=press)
    assert reading.addresses(other).count() == 1


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"content": b""}, "/file"),
        ({"address": "https://user:secret@press.example/robots.txt"}, "/address"),
        ({"address": "https://press.example/\x00robots.txt"}, "/address"),
        ({"address": "ftp://press.example/robots.txt"}, "/address"),
        ({"address": "https://127.0.0.1/robots.txt"}, "/address"),
        ({"observed_at": moment("2999-01-01")}, "/observed_at"),
        ({"kind": "guess"}, "/kind"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(press: Actor, facts: dict, pointer: str) -> None:
    given = {"content": b"x", "file_name": "x.txt", "address": ROBOTS, "actor": press} | facts
    with pytest.raises(InvalidInput) as refused:
        observations.hand_in(**given)
    assert [fault["pointer"] for fault in refused.value.errors] == [pointer]
    assert Observation.objects.count() == 0


HOSTILE = [
    b"\0\xff" * 600_000,
    b"User-agent: *\n" + b"Disallow: /\n" * 3000,
    b"User-agent: *\n" + b"".join(b"Disallow: /*%d\nDisallow: /%s\n" % (n, b"*" * n) for n in range(600)),
    "Disallow: /\ud800".encode("utf-16", "surrogatepass"),
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_bytes_are_kept_as_they_are(press: Actor, work: Work, number: int) -> None:
    row, _ = hand_in(HOSTILE[number], "2025-03-01", actor=press, address=ROBOTS)
    assert observations.raw(row) == HOSTILE[number]
    assert reading.said(work, datetime.date(2025, 3, 1)).readings == 1
