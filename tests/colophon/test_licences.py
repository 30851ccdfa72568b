"""Asking and answering from the shell: requests from every source, moves, offers, agreements, what waits."""

import json
from pathlib import Path
from typing import Any

import pytest

from licensing.models import Agreement, LicenceRequest, MemberExit, Negotiation
from licensing.services import agreement_documents
from registry.models import Identifier, Work
from tests import factories
from tests.colophon.calls import Run
from tests.colophon.conftest import SignIn
from tests.licensing import asked
from tests.registry.api import clients

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.BLOB_URL = (tmp_path / "blobs").as_uri()


@pytest.fixture
def firm(transactional_db: None) -> clients.Person:
    return clients.member(factories.organisation("acme", "Acme AI"))


@pytest.fixture
def press(transactional_db: None) -> clients.Person:
    return clients.member(factories.organisation("press", "The Press"))


@pytest.fixture
def works(press: clients.Person) -> list[Work]:
    return asked.claimed(press, 3)


def test_a_request_comes_from_ids_isbns_or_a_query_and_shows_whom_it_reaches(
    run: Run, sign_in: SignIn, firm: clients.Person, works: list[Work], tmp_path: Path
) -> None:
    sign_in(firm)
    path = tmp_path / "wanted.txt"
    path.write_text("\n".join(work.public_id for work in works))
    draft = run("request", "new", "--list", path, "--use", "pretraining", "--fee", "free")
    assert (draft.code, "a draft about 3 works" in draft.out.decode()) == (0, True), draft.error
    assert "press" in draft.out.decode()
    made = LicenceRequest.objects.get()
    assert (made.title, made.state) == ("wanted.txt", "draft")
    Identifier.objects.create(work=works[0], scheme="isbn", value="9780141439518")
    path.write_text("978-0-14-143951-8\n978-0-14-143956-3\n")
    linked = run("request", "new", "--list", path, "--use", "pretraining", "--json")
    assert (linked.code, linked.json["works"]) == (0, 1), linked.error
    assert "1 of 2 rows are registered works" in linked.error
    found = run("request", "new", "--query", works[0].title, "--use", "pretraining", "--json")
    assert (found.code, found.json["works"] >= 1) == (0, True), found.error
    assert run("request", "new", "--work", works[0].public_id).code == 2  # what for is not said
    assert run("request", "preview", made.public_id).code == 0
    sent = run("request", "send", made.public_id, "--json")
    assert (sent.json["state"], sent.json["parts"][0]["holder"]) == ("open", "press")
    assert made.public_id in run("request", "ls", "--state", "open").out.decode()
    assert "cancelled" in run("request", "cancel", made.public_id, "--reason", "No budget.").out.decode()


def test_terms_go_back_and_forth_until_one_side_accepts(
    run: Run, sign_in: SignIn, firm: clients.Person, press: clients.Person, works: list[Work], tmp_path: Path
) -> None:
    request = asked.asked(firm, works)
    part = asked.part(request, press).public_id
    sign_in(press)
    assert part in run("desk").out.decode()
    nothing = run("negotiation", "offer", part, "--fee", "much")
    assert (nothing.code, "write it as free" in nothing.error) == (2, True)
    left = f"{works[0].public_id}=sold"
    assert run("negotiation", "offer", part, "--fee", "flat 900 EUR", "--leave-out", left).code == 0
    paper = tmp_path / "contract.pdf"
    paper.write_bytes(b"%PDF")
    assert run("negotiation", "attach", part, paper, "--message", "Ours.").code == 0
    assert run("negotiation", "accept", part).code == 2  # nobody accepts their own offer
    sign_in(firm)
    thread = run("negotiation", "show", part, "--works").out.decode()
    assert "flat 900 EUR" in thread
    assert "sold" in thread
    folder = tmp_path / "papers"
    folder.mkdir()
    for name in ("contract.pdf", "contract-2.pdf"):
        assert run("negotiation", "files", part, "--out", folder).code == 0
        assert (folder / name).read_bytes() == b"%PDF"
    version = run("negotiation", "show", part, "--json").json["version"]
    assert run("negotiation", "counter", part, "--fee", "flat 700 EUR").code == 0
    outdated = run("negotiation", "message", part, "--message", "Well?")
    assert outdated.code == 0  # a message needs no version
    late = run("negotiation", "withdraw", part, "--version", version)
    assert (late.code, "colophon: " in late.error) == (2, True)
    sign_in(press)
    [waiting] = run("negotiation", "ls", "--waiting", "--json").json
    assert waiting["terms"]["uses"] == asked.TERMS["uses"]  # the rest stayed on the table
    assert "Agreement" in run("negotiation", "accept", part).out.decode()
    agreed = Negotiation.objects.get(public_id=part).agreement
    assert agreed is not None
    assert (agreed.works, agreed.terms["fee"]["amount"]) == (2, "700")
    sign_in(firm)
    assert run("negotiation", "pay", part, "--data", "amount=700", "--data", "currency=EUR").code == 0
    assert run("negotiation", "pay", part, "--data", "amount").code == 2
    assert run("negotiation", "ls", "--waiting").out.decode() == "There is no such negotiation.\n"


def test_offers_are_published_found_for_a_clearance_accepted_and_withdrawn(
    run: Run, sign_in: SignIn, firm: clients.Person, press: clients.Person, works: list[Work], tmp_path: Path
) -> None:
    clearance = asked.clearance(firm, works[:2], territory="CN")
    sign_in(press)
    path = tmp_path / "ids.csv"
    path.write_text("\n".join(["work", *(work.public_id for work in works)]))
    terms = ("--use", "pretraining", "--territory", "CN", "--fee", "per_work 2.50 EUR")
    assert run("terms", "save", "Usual", *terms).code == 0
    assert "version 1" in run("terms", "ls").out.decode()
    published = run("offer", "publish", "--list", path, "--template", "Usual")
    assert (published.code, "Published: 3 offers" in published.out.decode()) == (0, True), published.error
    assert run("offer", "publish", "--list", path, "--template", "Unusual").code == 2
    sign_in(firm)
    found = run("offer", "ls", "--clearance", clearance.public_id, "--json").json
    assert {row["work"] for row in found} == {work.public_id for work in works[:2]}
    taken = run("offer", "accept", found[0]["id"], "--clearance", clearance.public_id)
    assert (taken.code, "about 2 works" in taken.out.decode()) == (0, True), taken.error
    assert run("offer", "accept", found[0]["id"]).code == 2
    assert "CN" in run("offer", "show", found[0]["id"]).out.decode()
    sign_in(press)
    assert run("offer", "withdraw", found[0]["id"], "--reason", "Sold.", "--together").code == 0
    assert run("offer", "ls").out.decode() == "There is no such offer.\n"
    assert len(run("offer", "ls", "--all", "--json").json) == 3


def test_an_agreement_is_shown_downloaded_checked_renewed_and_revoked(
    run: Run, sign_in: SignIn, firm: clients.Person, press: clients.Person, works: list[Work], tmp_path: Path
) -> None:
    until = asked.day(30).isoformat()
    agreement = asked.granted(press, firm, works, asked.TERMS | {"fee": {"model": "free"}, "valid_to": until})
    agreement_documents.sign(agreement)
    number = agreement.public_id
    sign_in(firm)
    assert number in run("agreement", "ls", "--state", "running").out.decode()
    assert number in run("desk").out.decode()  # it ends soon
    assert works[0].public_id in run("agreement", "show", number, "--works").out.decode()
    papers = run("agreement", "document", number, "--out", tmp_path, "--json").json
    assert Path(papers["pdf"]).read_bytes().startswith(b"%PDF")
    assert run("agreement", "check", papers["jsonld"]).code == 0
    changed = json.loads(Path(papers["jsonld"]).read_text())
    changed["colophon:terms"]["uses"] = ["rag"]
    Path(papers["jsonld"]).write_text(json.dumps(changed))
    assert run("agreement", "check", papers["jsonld"]).code == 1
    assert run("agreement", "revoke", number, "--reason", "x").code == 2  # only who granted it can
    sign_in(press)
    assert run("agreement", "renew", number, "--to", asked.day(60).isoformat()).code == 0
    assert "revoked from" in run("agreement", "revoke", number, "--reason", "Not paid.").out.decode()
    assert Agreement.objects.get(public_id=number).state == "revoked"
    assert run("agreement", "check", papers["pdf"]).code == 1


def test_a_member_leaves_a_society_and_returns(run: Run, sign_in: SignIn, press: clients.Person) -> None:
    factories.organisation("society", "The Society")
    sign_in(press)
    left = run("society", "leave", "society", "--reason", "We license alone.", "--json")
    assert (left.code, left.json["member"]) == (0, "press"), left.error
    assert "press left society" in run("society", "ls").out.decode()
    assert run("society", "return", left.json["id"]).code == 0
    assert MemberExit.objects.get().withdrawn_at is not None


def test_what_is_no_id_or_no_day_never_reaches_the_registry(run: Run) -> None:
    assert run("negotiation", "accept", "../works").code == 2
    assert run("request", "new", "--work", "7h2m9c4x0k1z", "--respond-by", "tomorrow").code == 2
    assert run("offer", "ls", "--limit", "0").code == 2
