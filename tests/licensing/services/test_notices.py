"""Notices: about whose works, on which evidence, and each step dated, logged and told."""

import csv
import datetime
import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail as outbox

from licensing.models import Notice
from licensing.selectors.notices import Basis, datasets_for, works_for
from licensing.services import notice_papers, notices
from licensing.services.assertions import today
from licensing.services.notices import Letter
from registry import jobs
from registry.actors import Actor, of_user
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Dataset, Delivery, Entry, Item, Job, Work
from registry.services import webhooks
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db
LETTER = Letter(host_name="Host of heaps", host_email="legal@host.example")


@pytest.fixture
def press() -> Actor:
    organisation = factories.organisation(name="Press")
    return of_user(factories.person("rights@press.example", of=organisation), organisation)


def found(press: Actor, *titles: str) -> tuple[Dataset, list[Work]]:
    """Works of the press in a scan of its own."""
    works = [factories.work(title, ["A. Writer"], by=press) for title in titles]
    scan = scanned.scan(press, [(work, "copy") for work in works])
    return scan.release.dataset, works


def drafted(press: Actor, **changes: Any) -> Notice:
    dataset, _ = found(press, "The Lamp")
    return notices.draft(Basis(dataset), replace(LETTER, **changes), actor=press)


def test_a_draft_names_the_works_the_dataset_and_the_day(press: Actor) -> None:
    dataset, works = found(press, "The Lamp", "The Letter")
    notice = notices.draft(Basis(dataset), LETTER, actor=press)
    assert set(notice.works.all()) == set(works)
    assert notice.subject == f"Request to remove works from {dataset.name}"
    assert "Press speaks for the works that are listed below (2)" in notice.body
    assert notice.answer_by == today() + datetime.timedelta(days=30)
    assert "rights@press.example" in notice.body
    assert [event.kind for event in notice.events.all()] == ["drafted"]
    assert not Entry.objects.filter(kind__startswith="notice.").exists()


@pytest.mark.parametrize("ask", Notice.Ask.values)
@pytest.mark.parametrize("language", notices.LANGUAGES)
def test_each_request_has_its_letter_in_each_language(press: Actor, ask: str, language: str) -> None:
    notice = drafted(press, ask=ask, language=language)
    assert notice.subject
    assert "Press" in notice.body
    assert "{" not in notice.body
    assert "\n\n\n" not in notice.body


def test_only_works_that_the_organisation_speaks_for_and_everybody_may_know_of(press: Actor) -> None:
    lab = factories.actor()
    own, draft = factories.work("Ours", by=press), factories.work("Draft", by=press, visibility="draft")
    scan = scanned.scan(press, [(own, "copy"), (draft, "copy"), (factories.work("Theirs", by=lab), "copy")])
    quoted = factories.work("Quoted", by=press)
    item = Item.objects.filter(release=scan.release)[0]
    scan.matches.create(
        item=item, work=quoted, relation="quotation", precision="exact", coverage_document=0.1,
        coverage_work=0.1, matched_words=60, longest_verbatim_words=60,
    )  # fmt: skip
    assert works_for(press.require_writer(), Basis(scan.release.dataset)) == [own]


def test_nobody_else_s_private_scan_is_evidence_and_a_published_one_is(press: Actor) -> None:
    lab, work = factories.actor(), factories.work("The Lamp", by=press)
    scan = scanned.scan(lab, [(work, "copy")])
    dataset, organisation = scan.release.dataset, press.require_writer()
    assert works_for(organisation, Basis(dataset)) == []
    assert datasets_for(organisation) == []
    with pytest.raises(InvalidInput) as refused:
        notices.draft(Basis(dataset), LETTER, actor=press)
    assert refused.value.errors[0]["pointer"] == "/dataset"
    Dataset.objects.filter(pk=dataset.pk).update(visibility="public")
    scan.is_public = True
    scan.save()
    assert datasets_for(organisation) == [Dataset.objects.get(pk=dataset.pk)]
    assert works_for(organisation, Basis(dataset)) == [work]


def test_every_fault_of_a_letter_is_named(press: Actor) -> None:
    dataset, _ = found(press, "The Lamp")
    wrong = Letter(host_name=" ", ask="x", host_email="nobody", language="de", answer_by=datetime.date(2020, 1, 1))
    with pytest.raises(InvalidInput) as refused:
        notices.draft(Basis(dataset), wrong, actor=press)
    pointers = [fault["pointer"] for fault in refused.value.errors]
    assert pointers == ["/host_name", "/ask", "/language", "/host_email", "/answer_by"]


def test_a_notice_goes_by_mail_with_its_works_and_answers_go_to_whoever_drafted_it(press: Actor) -> None:
    notice = notices.send(drafted(press), by="email", actor=press)
    assert notice.state == "sent"
    assert outbox.outbox == []
    job = Job.objects.get(kind=notices.JOB)
    assert jobs.run(job.pk) == "done"
    [message] = outbox.outbox
    assert (message.to, message.reply_to) == (["legal@host.example"], ["rights@press.example"])
    assert message.subject == notice.subject
    assert notice.body in message.body
    [(name, content, kind)] = message.attachments
    assert (name, kind) == (f"works-{notice.public_id}.csv", "text/csv")
    assert "The Lamp" in content


def test_a_mail_that_nobody_takes_makes_it_a_draft_again(press: Actor, settings) -> None:
    notice = notices.send(drafted(press), by="email", actor=press)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.JOB_MAX_ATTEMPTS = 1
    assert jobs.run(Job.objects.get(kind=notices.JOB).pk) == "done"
    notice.refresh_from_db()
    assert (notice.state, notice.sent_at) == ("draft", None)
    assert [event.kind for event in notice.events.all()] == ["drafted", "sent", "bounced"]
    again = notices.send(notice, by="post", actor=press)
    assert again.state == "sent"


def test_the_way_from_the_post_to_the_end_is_dated_logged_and_told(press: Actor) -> None:
    webhooks.create(address="https://hooks.example/in", events=[], actor=press)
    notice = drafted(press)
    days = [today() - datetime.timedelta(days=back) for back in (9, 4, 1)]
    notices.send(notice, by="post", on=days[0], actor=press)
    notices.answer(notice, on=days[1], text="We look into it.", actor=press)
    notices.resolve(notice, on=days[2], text="Release 2 is without them.", actor=press)
    notice.refresh_from_db()
    assert notice.state == "resolved"
    assert [(event.kind, event.on) for event in notice.events.all()][1:] == list(
        zip(("sent", "answered", "resolved"), days, strict=True)
    )
    entries = Entry.objects.filter(kind__startswith="notice.").order_by("id")
    assert [entry.kind for entry in entries] == ["notice.sent", "notice.answered", "notice.resolved"]
    facts = json.loads(bytes(entries[0].leaf))["facts"]
    assert (facts["by"], facts["on"], facts["works"]) == ("post", days[0].isoformat(), 1)
    assert notice.body not in bytes(entries[0].leaf).decode()
    told = Delivery.objects.order_by("id").values_list("event", flat=True)
    assert list(told) == ["notice.sent", "notice.answered", "notice.resolved"]


def test_days_are_neither_to_come_nor_in_the_wrong_order(press: Actor) -> None:
    notice = drafted(press)
    with pytest.raises(InvalidInput):
        notices.send(notice, by="post", on=today() + datetime.timedelta(days=1), actor=press)
    notices.send(notice, by="post", on=today() - datetime.timedelta(days=2), actor=press)
    with pytest.raises(InvalidInput) as refused:
        notices.answer(notice, on=today() - datetime.timedelta(days=3), text="Early.", actor=press)
    assert refused.value.errors[0]["pointer"] == "/on"


def test_what_was_sent_is_not_changed_and_ends_once(press: Actor) -> None:
    notice = drafted(press)
    with pytest.raises(Conflict):
        notices.answer(notice, on=today(), text="Nothing was sent.", actor=press)
    changed = notices.amend(notice, subject="Please", body="Take it out.", said=LETTER, actor=press)
    assert (changed.subject, changed.body) == ("Please", "Take it out.")
    with pytest.raises(InvalidInput):
        notices.amend(notice, subject="a\nBcc: x@y.example", body="", said=LETTER, actor=press)
    notices.send(notice, by="post", actor=press)
    with pytest.raises(Conflict):
        notices.amend(notice, subject="Other", body="Other", said=LETTER, actor=press)
    with pytest.raises(Conflict):
        notices.send(notice, by="post", actor=press)
    notices.withdraw(notice, reason="Sent to the wrong host.", actor=press)
    with pytest.raises(Conflict):
        notices.resolve(notice, on=today(), text="Done.", actor=press)


def test_others_and_viewers_do_nothing_with_it(press: Actor) -> None:
    notice = drafted(press)
    with pytest.raises(Conflict):
        notices.send(notice, by="post", actor=factories.actor())
    with pytest.raises(NotAllowed):
        notices.send(notice, by="post", actor=replace(press, role="viewer"))
    with pytest.raises(InvalidInput):
        notices.send(drafted(press, host_email=""), by="email", actor=press)


def test_letter_and_table_are_whole_and_no_cell_calculates(press: Actor) -> None:
    dataset, works = found(press, '=HYPERLINK("http://x.invalid")', "Plain")
    notice = notices.draft(Basis(dataset), LETTER, actor=press)
    letter = notice_papers.letter(notice)
    assert all(work.title in letter and work.public_id in letter for work in works)
    rows = list(csv.DictReader(io.StringIO(notice_papers.works_csv(notice))))
    assert [row["title"] for row in rows] == ['\'=HYPERLINK("http://x.invalid")', "Plain"]
    assert [(row["share_of_work_percent"], row["documents"]) for row in rows] == [("95.0", "1")] * 2
    assert rows[1]["authors"] == "A. Writer"
