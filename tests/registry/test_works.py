"""Works: checked, written with everybody in them, logged with all that a verdict may rest on, withdrawn, restored."""

import json
from dataclasses import replace
from typing import Any

import pytest

from licensing.rules import tables
from registry import countries
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Contribution, Edition, Entry, Identifier, Party, Registration, Work
from registry.search import engine
from registry.services import work_facts, works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from tests import factories

pytestmark = pytest.mark.django_db

AUSTEN = AuthorFacts(name="Jane Austen", born="1775-12-16", died="1817-07-18")


@pytest.fixture
def press() -> Actor:
    return factories.actor()


def entries(work: Work) -> list[dict[str, Any]]:
    """The log's entries about a work, oldest first."""
    return [json.loads(bytes(entry.leaf)) for entry in Entry.objects.filter(subject=f"work:{work.public_id}")]


def faults(**facts: Any) -> dict[str, str]:
    """Pointer → cause of what is wrong with these facts."""
    return {fault["pointer"]: fault["cause"] for fault in works.check(WorkFacts(**{"title": "A Work"} | facts))}


def test_a_work_is_registered_with_its_people_identifiers_editions_and_registrations(press: Actor) -> None:
    edition = EditionFacts(
        title="傲慢与偏见", published="1980", publisher="Press", language="zh", translation=True,
        translator=AuthorFacts(name="王科一", born="1925", died="1968"), identifiers=[("isbn", "0-14-143951-3")],
    )  # fmt: skip
    facts = WorkFacts(
        title="  Pride and Prejudice ", authors=[AUSTEN], first_published="1813-01-28", country="GB", language="en",
        identifiers=[("doi", "https://doi.org/10.1000/ABC")], editions=[edition], record_reference="pp-1",
        registrations=[("US", "A1", "1998-05-01"), ("US", "A2", None)],
    )  # fmt: skip
    work = works.register(facts, actor=press)

    work.refresh_from_db()
    assert (work.title, work.record_reference, work.registered_by) == (
        "Pride and Prejudice",
        "pp-1",
        press.organisation,
    )
    assert work.author_names == "Jane Austen"
    assert [str(row) for row in Identifier.objects.filter(work=work)] == ["doi:10.1000/abc", "isbn:9780141439518"]
    printed = Edition.objects.get(work=work)
    assert [str(row) for row in printed.identifiers.all()] == ["isbn:9780141439518"]
    assert printed.translator is not None
    assert printed.translator.died == "1968"
    assert Registration.objects.filter(work=work).count() == 2


def test_the_log_entry_carries_every_fact_that_a_verdict_may_rest_on(press: Actor) -> None:
    translator = AuthorFacts(name="王科一", died="1968")
    work = factories.work(
        "Pride and Prejudice", [AUSTEN], by=press, first_published="1813", country="GB", authorship="anonymous",
        renewed=False, registrations=[("US", "A1", "1998-05-01")], identifiers=[("isbn", "9780141439518")],
        editions=[EditionFacts(published="1980", translation=True, translator=translator)],
    )  # fmt: skip
    [entry] = entries(work)
    facts = entry["facts"]
    assert entry["kind"] == "work.registered"
    assert facts["authors"] == [
        {"name": "Jane Austen", "kind": "person", "born": "1775-12-16", "died": "1817-07-18", "role": "author"}
    ]
    assert (facts["first_published"], facts["country"]) == ("1813", "GB")
    assert (facts["authorship"], facts["renewed"]) == ("anonymous", False)
    assert facts["registrations"] == [{"office": "US", "number": "A1", "date": "1998-05-01"}]
    assert facts["identifiers"] == ["isbn:9780141439518"]
    [edition] = facts["editions"]
    assert (edition["translation"], edition["translator"]["died"]) == (True, "1968")


def test_a_person_of_the_same_name_and_dates_is_the_same_party_and_with_other_dates_another(press: Actor) -> None:
    first = factories.work("Emma", [AUSTEN], by=press)
    second = factories.work("Persuasion", [AUSTEN], by=factories.actor())
    other = factories.work("Hints on Housekeeping", [AuthorFacts(name="Jane Austen", born="1901")], by=press)
    assert first.authors.get() == second.authors.get() != other.authors.get()
    assert Party.objects.filter(name="Jane Austen").count() == 2


def test_what_a_work_adds_to_a_known_person_is_in_the_log(press: Actor) -> None:
    works.register(WorkFacts(title="Emma", authors=[AUSTEN]), actor=press)
    stranger = factories.actor()
    named = replace(AUSTEN, name_zh="简·奥斯汀", other_names=["A Lady"])
    for title in ("Persuasion", "Lady Susan"):
        works.register(WorkFacts(title=title, authors=[named]), actor=stranger)
    party = Party.objects.get(name="Jane Austen")
    assert (party.name_zh, party.other_names) == ("简·奥斯汀", ["A Lady"])
    [entry] = Entry.objects.filter(kind="parties.completed")
    said = json.loads(bytes(entry.leaf))
    assert stranger.organisation is not None
    assert said["organisation"] == stranger.organisation.slug
    assert said["facts"] == {"parties": [{"party": party.public_id, "name_zh": "简·奥斯汀", "other_names": ["A Lady"]}]}


def test_two_parties_that_are_alike_do_not_stop_a_registration(press: Actor) -> None:
    older = Party.objects.create(name="Anon")
    Party.objects.create(name="Anon")
    assert factories.work("Beowulf", ["Anon"], by=press).authors.get() == older


def test_an_author_named_twice_is_recorded_once(press: Actor) -> None:
    work = factories.work("Emma", [AUSTEN, AUSTEN], by=press)
    assert Contribution.objects.filter(work=work).count() == 1


def test_every_fault_is_named_at_once_and_nothing_is_written(press: Actor) -> None:
    facts = WorkFacts(
        title=" ", kind="song", authorship="me", first_published="1813-13-45", country="England",
        authors=[AuthorFacts(name=" ", died="soon", role="muse")], language="x" * 17,
        identifiers=[("isbn", "9780141439519"), ("isbn", "9780141439518"), ("barcode", "1")],
        editions=[EditionFacts(published="1980-2-1", identifiers=[("isbn", "123")])],
        registrations=[("USA", "A1", "1998-02-30")],
    )  # fmt: skip
    with pytest.raises(InvalidInput) as caught:
        works.register(facts, actor=press)
    assert {fault["pointer"] for fault in caught.value.errors} == {
        "/title", "/kind", "/authorship", "/first_published", "/country", "/language", "/authors/0/name",
        "/authors/0/died", "/authors/0/role", "/identifiers/0", "/identifiers/2", "/editions/0/published",
        "/editions/0/identifiers/0", "/registrations/0/office", "/registrations/0/date",
    }  # fmt: skip
    assert not Work.objects.exists()
    assert not Party.objects.exists()
    assert not Entry.objects.filter(kind="work.registered").exists()


def test_a_wrong_check_digit_is_named_with_the_number_as_it_was_given() -> None:
    cause = faults(identifiers=[("isbn", "978-0-14-143951-9")])["/identifiers/0"]
    assert "978-0-14-143951-9" in cause
    assert "check digit" in cause


@pytest.mark.parametrize("date", ["1813", "1813-01", "1813-01-28", "2000-02-29", ""])
def test_a_date_may_be_known_to_the_year_the_month_or_the_day(date: str) -> None:
    assert faults(first_published=date) == {}


@pytest.mark.parametrize("date", ["181", "1813-1", "1813-00", "1900-02-29", "0000", "１８１３", "1813\n", "c1813"])
def test_a_date_that_no_calendar_has_is_refused(date: str) -> None:
    assert set(faults(first_published=date)) == {"/first_published"}


def test_somebody_cannot_die_before_being_born() -> None:
    assert set(faults(authors=[AuthorFacts(name="A", born="1817", died="1775-12-16")])) == {"/authors/0/died"}
    assert faults(authors=[AuthorFacts(name="A", born="1775-12-16", died="1775")]) == {}


@pytest.mark.parametrize("title", ["a\0b", "a\ud800b", "x" * 501])
def test_what_the_database_cannot_hold_is_refused_before_it_is_asked(title: str) -> None:
    assert set(faults(title=title)) == {"/title"}


def test_an_identifier_that_two_editions_share_has_to_be_said_of_one() -> None:
    twice = [EditionFacts(identifiers=[("isbn", "0141439513")]), EditionFacts(identifiers=[("isbn", "9780141439518")])]
    assert "edition 1" in faults(editions=twice)["/editions/1/identifiers"]


def test_an_identifier_given_for_work_and_edition_is_the_editions(press: Actor) -> None:
    isbn = [("isbn", "9780141439518")]
    work = factories.work("Emma", by=press, identifiers=isbn, editions=[EditionFacts(identifiers=isbn)])
    assert Identifier.objects.get(work=work).edition == Edition.objects.get(work=work)


def test_the_known_countries_are_those_that_the_rules_know() -> None:
    assert set(tables.table("territories")["names"]) == countries.CODES


def test_a_record_reference_is_used_once_an_organisation(press: Actor) -> None:
    factories.work("Emma", by=press, record_reference="1")
    with pytest.raises(Conflict, match="already registered a work under 1") as caught:
        factories.work("Emma again", by=press, record_reference=" 1 ")
    assert caught.value.facts == {"record_reference": "1"}
    factories.work("Somebody else's", record_reference="1")
    assert Work.objects.filter(record_reference="1").count() == 2


def test_without_a_record_reference_the_public_id_is_it(press: Actor) -> None:
    work = factories.work("Emma", by=press)
    assert work.record_reference == work.public_id


def test_a_viewer_registers_nothing() -> None:
    viewer = Actor(name="user:1", organisation=factories.organisation(), role="viewer")
    with pytest.raises(NotAllowed):
        works.register(WorkFacts(title="Emma"), actor=viewer)


def test_a_work_is_found_by_title_author_and_part_of_a_chinese_title_at_once(press: Actor) -> None:
    factories.work("L'Étranger", ["Albert Camus"], by=press)
    factories.work("紅樓夢", by=press)
    assert engine.search("etranger").total == 1
    assert engine.search("camus", "work").total == 1
    assert engine.search("楼").total == 1


def test_a_withdrawn_work_leaves_the_answers_and_comes_back_when_it_is_restored(press: Actor) -> None:
    work = factories.work("Emma", by=press)
    works.withdraw(work=work, reason="registered by mistake", actor=press)
    assert work.withdrawn_at is not None
    assert engine.search("emma").total == 0
    with pytest.raises(Conflict, match="withdrawn before"):
        works.withdraw(work=work, reason="again", actor=press)

    works.restore(work=work, actor=press)
    assert work.withdrawn_at is None
    assert engine.search("emma").total == 1
    with pytest.raises(Conflict, match="not withdrawn"):
        works.restore(work=work, actor=press)

    said = [(entry["kind"], entry["facts"].get("reason")) for entry in entries(work)[1:]]
    assert said == [("work.withdrawn", "registered by mistake"), ("work.restored", None)]


def test_only_the_registrant_withdraws_restores_and_adds_editions(press: Actor) -> None:
    work = factories.work("Emma", by=press)
    stranger = factories.actor()
    with pytest.raises(NotAllowed):
        works.withdraw(work=work, reason="", actor=stranger)
    with pytest.raises(NotAllowed):
        works.restore(work=work, actor=stranger)
    with pytest.raises(NotAllowed):
        works.add_edition(work=work, facts=EditionFacts(published="1980"), actor=stranger)
    assert len(entries(work)) == 1


def test_an_edition_added_later_is_logged_and_takes_over_its_identifier(press: Actor) -> None:
    isbn = [("isbn", "9780141439518")]
    work = factories.work("Emma", by=press, identifiers=isbn)
    edition = works.add_edition(
        work=work, facts=EditionFacts(title="爱玛", published="1982", identifiers=isbn), actor=press
    )
    assert Identifier.objects.get(work=work).edition == edition
    logged = entries(work)[-1]
    assert (logged["kind"], logged["facts"]["id"], logged["facts"]["published"]) == (
        "edition.added", edition.public_id, "1982",
    )  # fmt: skip
    assert logged["facts"]["identifiers"] == ["isbn:9780141439518"]
    assert engine.search("爱玛").total == 1
    with pytest.raises(Conflict, match="another edition"):
        works.add_edition(work=work, facts=EditionFacts(identifiers=isbn), actor=press)
    with pytest.raises(InvalidInput):
        works.add_edition(work=work, facts=EditionFacts(published="soon"), actor=press)
    works.withdraw(work=work, reason="", actor=press)
    with pytest.raises(Conflict, match="withdrawn"):
        works.add_edition(work=work, facts=EditionFacts(published="1983"), actor=press)


def test_identifiers_are_kept_once_in_their_canonical_spelling() -> None:
    pairs = [("isbn", "0141439513"), ("isbn", "978-0-14-143951-8"), ("isbn", "nonsense")]
    good, wrong = work_facts.checked_identifiers(pairs, "/identifiers")
    assert good == [("isbn", "9780141439518")]
    assert [fault["pointer"] for fault in wrong] == ["/identifiers/2"]
