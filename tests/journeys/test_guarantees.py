"""The guarantees that concern the whole product; 1 and 6 stand beside the rules, in tests/licensing/rules."""

import datetime
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from ingest.engine.normalise import letter_stream
from ingest.models import Deposit, Match
from ingest.services import deposits, scans
from licensing.models import Verdict
from licensing.services import (
    assertions,
    clearances,
    decisions,
    grants,
    offers,
    open_licences,
    ownership,
    proofs,
    reservations,
    verification,
)
from licensing.services.assertions import Scope
from licensing.services.decisions import Terms
from registry import jobs
from registry.actors import Actor, system
from registry.models import Entry, Job, Party, RightsClaim, Work
from registry.search import engine
from registry.services import datasets, domains, log, works
from registry.services.works import AuthorFacts, EditionFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db

TEXTS = Path(__file__).resolve().parents[2] / "samples" / "shelf" / "texts"
TRAINING: dict[str, Any] = {"use": "pretraining", "purpose": "commercial", "territory": "DE"}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()
    settings.INDEX_DIR = tmp_path / "index"


def run_waiting_jobs() -> None:
    while (job := Job.objects.filter(state=Job.State.QUEUED).order_by("id").first()) is not None:
        assert jobs.run(job.pk) == Job.State.DONE


def letters(text: str) -> list[int]:
    """What the engine compares: folded letters."""
    return letter_stream(text).symbols.tolist()


def test_every_match_points_at_characters_of_the_original_text() -> None:
    press, firm = factories.actor(), factories.actor()
    names = ("emerson-nature", "liu-e-laocan-youji")
    texts = {name: (TEXTS / f"{name}.txt").read_text(encoding="utf-8") for name in names}
    registered = {}
    for name, text in texts.items():
        work = factories.work(name, by=press)
        registered[work.pk] = text
        deposits.keep(work=work, path=TEXTS / f"{name}.txt", mode=Deposit.Mode.KEPT, actor=press)
    documents = {
        "pile.jsonl#0": f"𝔄 prefix, ﬁne. {texts['emerson-nature'][9_000:14_000].upper()} Ende.",
        "pile.jsonl#1": "前言。" + texts["liu-e-laocan-youji"][5_000:8_000].replace("\n", " \r\n\t") + "后记。",
        "pile.jsonl#2": texts["emerson-nature"][2_000:5_000] + " … " + texts["emerson-nature"][40_000:44_000],
    }
    content = b"".join(json.dumps({"id": name[-1], "text": text}).encode() + b"\n" for name, text in documents.items())
    run_waiting_jobs()
    scans.request(files=[scans.Upload("pile.jsonl", io.BytesIO(content))], dataset_name="Pile", actor=firm)
    run_waiting_jobs()

    passages = [
        (documents[match.item.name], registered[match.work_id], passage)
        for match in Match.objects.select_related("item")
        for passage in match.passages
    ]
    assert {match.item.name for match in Match.objects.select_related("item")} == set(documents)
    assert len(passages) >= 4
    for document, registered_text, passage in passages:
        (document_start, document_end), (work_start, work_end) = passage["document_chars"], passage["work_chars"]
        quoted = document[document_start:document_end]
        assert letters(quoted) == letters(registered_text[work_start:work_end])
        shown = passage.get("excerpt_omitted", {"excerpt_chars": [len(passage["excerpt"])]})["excerpt_chars"][0]
        assert document[passage["excerpt_start"] :].startswith(passage["excerpt"][:shown])


def test_no_log_number_is_skipped_reused_or_rewritten_unnoticed() -> None:
    for number in range(7):
        factories.work(f"Work {number}")
        if number % 3 == 0:
            log.sequence_all()
    log.sequence_all()
    last = Entry.objects.count() - 1
    assert list(Entry.objects.order_by("position").values_list("position", flat=True)) == list(range(last + 1))
    assert log.verify()["ok"]

    attempts: dict[str, Callable[[], Any]] = {
        "skipped": lambda: Entry.objects.filter(position=3).delete(),
        "moved": lambda: Entry.objects.filter(position=last).update(position=last + 1),
        "rewritten": lambda: Entry.objects.filter(position=3).update(leaf=b"{}"),
    }
    for attempt, change in attempts.items():
        with transaction.atomic():
            change()
            assert log.verify()["ok"] is False, attempt
            transaction.set_rollback(True)
    assert log.verify()["ok"]


def test_no_legal_fact_changes_without_a_log_entry() -> None:
    press, lab = factories.actor(), factories.actor()
    assert press.organisation is not None
    assert lab.organisation is not None
    licensee = lab.organisation
    work = factories.work("A Work", by=press)
    other = factories.work("Another", by=press)
    scope = Scope(uses=["pretraining"], territory=["EU"], valid_from=datetime.date(2020, 1, 1))
    reservation = reservations.record(work=work, scope=scope, machine_readable=True, actor=press)
    holder = Party.objects.create(name="Holder")
    dataset = datasets.create_private(name="Corpus", actor=lab)
    scan = scanned.scan(lab, [(work, "copy")])
    asked = clearances.request(scan=scan, actor=lab, **TRAINING)
    text = TEXTS / "o-henry-the-gift-of-the-magi.txt"
    deposit = deposits.keep(work=work, path=text, actor=press)

    changes: list[tuple[str, Callable[[], Any]]] = [
        ("organisation.created", factories.organisation),
        ("work.registered", lambda: factories.work("New", ["Somebody"], by=press)),
        ("edition.added", lambda: works.add_edition(work=work, facts=EditionFacts(published="1980"), actor=press)),
        ("work.withdrawn", lambda: works.withdraw(work=other, reason="", actor=press)),
        ("work.restored", lambda: works.restore(work=other, actor=press)),
        ("grant.recorded", lambda: grants.issue(work=work, licensee=licensee, scope=scope, actor=press)),
        (
            "reservation.recorded",
            lambda: reservations.record(work=work, scope=scope, machine_readable=False, actor=press),
        ),
        ("offer.recorded", lambda: offers.publish(work=work, scope=scope, actor=press)),
        (
            "open_licence.recorded",
            lambda: open_licences.declare(work=work, licence="CC-BY-4.0", scope=scope, actor=press),
        ),
        ("ownership.claimed", lambda: ownership.claim(work=work, holder=holder, scope=scope, actor=press)),
        (
            "reservation.withdrawn",
            lambda: assertions.withdraw(reservation, kind="reservation", reason="", actor=press),
        ),
        ("deposit.received", lambda: deposits.keep(work=other, path=text, actor=press)),
        ("deposit.withdrawn", lambda: deposits.withdraw(deposit=deposit, actor=press)),
        ("dataset.created", lambda: datasets.create_private(name="Other corpus", actor=lab)),
        ("release.added", lambda: datasets.add_release(dataset=dataset, version="2", actor=lab)),
        ("clearance.requested", lambda: clearances.request(scan=scan, actor=lab, **TRAINING)),
        ("clearance.decided", lambda: clearances.decide(asked.pk)),
        (
            "scan.requested",
            lambda: scans.request(files=[scans.Upload("a.txt", io.BytesIO(b"text"))], dataset_name="Corpus", actor=lab),
        ),
    ]
    for kind, change in changes:
        before = Entry.objects.filter(kind=kind).count()
        change()
        assert Entry.objects.filter(kind=kind).count() == before + 1, kind


def test_no_authority_changes_without_a_log_entry() -> None:
    press, rival, operator = factories.actor(), factories.actor(), system("operator")
    work = factories.work("A Work", by=press)
    domain = domains.add(name="press.example", actor=press)
    said: dict[str, Any] = {"capacity": "author", "ai_rights": "granted", "evidence": "", "exclusive": True}
    today = assertions.today()
    mine, third, theirs = (
        ownership.claim_many(works=[work], observed_at=today, actor=actor, **said)[0]
        for actor in (press, factories.actor(), rival)
    )
    judgment = decisions.decide(
        work=work, ground="court", terms=Terms("x"), upheld=[mine], set_aside=[theirs], actor=operator
    )
    proposal = decisions.propose(work=work, terms=Terms("x"), upheld=[mine], set_aside=[theirs], actor=press)
    more = said | {"ai_rights": "silent"}
    found = domains.Finding(method="dns")
    changes: list[tuple[str, Callable[[], Any]]] = [
        ("decision.withdrawn", lambda: decisions.withdraw(decision=judgment, reason="appeal", actor=operator)),
        ("decision.proposed", lambda: decisions.propose(
            work=work, terms=Terms("y"), upheld=[mine], set_aside=[theirs], actor=press)),
        ("decision.confirmed", lambda: decisions.confirm(decision=proposal, actor=rival)),
        ("decision.recorded", lambda: decisions.concede(claim=third, statement="x", actor=third_actor(third))),
        ("ownership.claimed_many", lambda: ownership.claim_many(works=[work], observed_at=today, actor=rival, **more)),
        ("domain.added", lambda: domains.add(name="other.example", actor=press)),
        ("domain.verified", lambda: domains.record(domain, found, actor=press)),
        ("statements.verified_by_domain", lambda: proofs.follow(press.require_writer(), actor=press)),
        ("domain.withdrawn", lambda: proofs.remove(domain, actor=press)),
        ("claim.verified", lambda: verification.verify(
            mine, kind="claim", verification="document", evidence="contract", actor=operator)),
        ("claim.withdrawn", lambda: ownership.withdraw(mine, reason="", actor=press)),
    ]  # fmt: skip
    for kind, change in changes:
        before = Entry.objects.filter(kind=kind).count()
        change()
        assert Entry.objects.filter(kind=kind).count() == before + 1, kind


def third_actor(claim: RightsClaim) -> Actor:
    """Somebody who may write for whoever made the claim."""
    return factories.actor(claim.asserted_by)


def test_search_may_be_empty_or_stale_and_verdicts_stay_right() -> None:
    press, lab = factories.actor(), factories.actor()
    author = AuthorFacts("Jane Austen", "1775", "1817")
    old = factories.work("Emma", [author], by=press, first_published="1815", country="GB")
    reserved = factories.work("A Living Author's Book", ["A. Living"], by=press, first_published="2001", country="GB")
    scope = Scope(territory=["EU"], valid_from=datetime.date(2020, 1, 1), observed_at=datetime.date(2020, 1, 1))
    reservations.record(work=reserved, scope=scope, machine_readable=True, actor=press)

    def answers() -> list[tuple[str, str]]:
        scan = scanned.scan(lab, [(old, "copy"), (reserved, "copy")])
        asked = clearances.decide(clearances.request(scan=scan, actor=lab, **TRAINING).pk)
        return sorted(Verdict.objects.filter(clearance=asked).values_list("work__title", "verdict"))

    right = [("A Living Author's Book", "NOT_CLEARED"), ("Emma", "CLEARED")]
    assert answers() == right
    Work.objects.update(search_text="", search_tokens=[])
    assert engine.search("emma").total == 0
    assert answers() == right
    Work.objects.update(search_text="something else", search_tokens=["something", "else"])
    assert answers() == right
