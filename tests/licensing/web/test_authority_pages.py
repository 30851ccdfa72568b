"""Pages about authority, used as people use them: state it, prove it, contradict, give way, decide, verify."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from licensing.services import ownership, proofs
from licensing.services.assertions import Scope
from registry import jobs
from registry.models import ClaimDecision, Domain, Entry, Job, Membership, Organisation, Party, RightsClaim, User, Work
from registry.services import domains
from tests import factories
from tests.registry import network_stub
from tests.registry.network_stub import Internet

pytestmark = pytest.mark.django_db


def member(organisation: Organisation, role: str = Membership.Role.OWNER, *, staff: bool = False) -> Client:
    number = User.objects.count()
    user = User.objects.create_user(f"person-{number}@example.org", is_staff=staff)
    Membership.objects.create(user=user, organisation=organisation, role=role)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def press() -> Organisation:
    return factories.organisation(name="Example Press")


@pytest.fixture
def rival() -> Organisation:
    return factories.organisation(name="Rival House")


@pytest.fixture
def work(press: Organisation) -> Work:
    return factories.work("The Lamp", ["Jane Example"], by=factories.actor(press))


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("operator@example.org", is_staff=True))
    return client


def claim(work: Work, organisation: Organisation, **scope: Any) -> RightsClaim:
    actor = factories.actor(organisation)
    scope = {"capacity": "publisher"} | scope
    return ownership.claim(
        work=work, holder=ownership.holder_of(organisation), scope=Scope(**scope), exclusive=True,
        ai_rights="granted", actor=actor,
    )  # fmt: skip


def page(client: Client, route: str, /, *arguments: str, **query: str) -> str:
    answer = client.get(reverse(route, args=arguments), query, follow=True)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(client: Client, route: str, /, *arguments: str, **data: Any) -> Any:
    return client.post(reverse(route, args=arguments), data)


SAID = {"capacity": "publisher", "holder": "self", "ai_rights": "granted"}


def test_any_organisation_states_its_authority_for_a_public_work(work: Work, rival: Organisation) -> None:
    client = member(rival)
    document = SimpleUploadedFile("contract.pdf", b"%PDF-1.7 between us")
    evidence = {"evidence": "contract of 1 March", "evidence_address": "https://rival.example/c", "document": document}
    answer = post(client, "authority-state", work.public_id, **SAID, exclusive="on", territory=["EU"], **evidence)
    assert answer.status_code == 302
    row = RightsClaim.objects.get()
    assert (row.asserted_by, row.exclusive, row.territory, row.verification) == (rival, True, ["EU"], "none")
    assert row.evidence_sha256 == hashlib.sha256(b"%PDF-1.7 between us").hexdigest()
    shown = page(Client(), "work", work.public_id)
    assert row.evidence_sha256 in shown
    assert "Rival House" in shown
    assert "not verified" in shown


def test_what_was_typed_stays_and_every_fault_is_beside_its_field(work: Work, press: Organisation) -> None:
    client = member(press)
    wrong = {
        "capacity": "king", "holder": "other", "holder_name": " ", "ai_rights": "granted", "valid_from": "2026-02-02",
        "valid_to": "2026-01-01", "other_territories": "QQ", "evidence": "<script>alert(1)</script>",
        "evidence_sha256": "abc", "evidence_address": "javascript:alert(1)",
    }  # fmt: skip
    answer = post(client, "authority-state", work.public_id, **wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {
        "capacity", "holder_name", "valid_to", "other_territories", "evidence_sha256", "evidence_address",
    }  # fmt: skip
    shown = answer.content.decode()
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert(1)" not in shown
    assert not RightsClaim.objects.exists()


def test_a_typed_hash_that_is_not_the_documents_is_refused(work: Work, press: Organisation) -> None:
    document = SimpleUploadedFile("contract.pdf", b"one")
    answer = post(
        member(press), "authority-state", work.public_id, **SAID, document=document, evidence_sha256="ab" * 32
    )
    assert answer.status_code == 422
    assert "evidence_sha256" in answer.context["form"].errors


def test_the_holder_is_the_organisation_a_maker_of_the_work_or_somebody_named(work: Work, press: Organisation) -> None:
    client = member(press)
    author = work.contributions.get().party
    for holder in ("self", author.public_id, "other"):
        post(client, "authority-state", work.public_id, **(SAID | {"holder": holder, "holder_name": "An Estate"}))
    assert [str(row.holder) for row in RightsClaim.objects.order_by("id")] == [
        "Example Press",
        author.name,
        "An Estate",
    ]
    assert Party.objects.get(name="Example Press").organisation == press


def test_a_draft_of_others_cannot_be_claimed_nor_is_its_dispute_known(press: Organisation, rival: Organisation) -> None:
    draft = factories.work("Secret", by=factories.actor(press), visibility="draft")
    mine = claim(draft, press)
    client = member(rival)
    assert client.get(reverse("authority-state", args=[draft.public_id])).status_code == 404
    for name in ("claim-confirm", "claim-withdraw", "claim-concede"):
        assert client.get(reverse(name, args=[mine.public_id])).status_code == 404
    RightsClaim.objects.create(
        work=draft, holder=mine.holder, asserted_by=rival, exclusive=True, observed_at=mine.observed_at
    )
    assert client.get(reverse("dispute", args=[draft.public_id])).status_code == 404
    assert "Secret" not in page(client, "disputes")
    assert "Secret" not in page(client, "authority")
    assert "Secret" in page(member(press), "disputes")


def test_a_viewer_and_a_stranger_change_nothing(work: Work, press: Organisation, rival: Organisation) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    viewer, stranger = member(press, Membership.Role.VIEWER), member(factories.organisation())
    reason = {"reason": "x", "statement": "x", "capacity": "author"}
    for name in ("claim-withdraw", "claim-concede"):
        assert post(viewer, name, mine.public_id, **reason).status_code == 403
        assert post(stranger, name, mine.public_id, **reason).status_code == 404
        assert post(member(press), name, theirs.public_id, **reason).status_code == 404
    assert post(viewer, "authority-state", work.public_id, **SAID).status_code == 403
    assert post(stranger, "claim-confirm", mine.public_id, **reason).status_code == 422
    assert post(viewer, "domain-new", name="press.example").status_code == 403
    assert RightsClaim.objects.filter(withdrawn_at=None, verification="none").count() == 2


def test_many_works_are_claimed_by_one_form(press: Organisation) -> None:
    actor = factories.actor(press)
    shelf = [factories.work(f"Title {number}", by=actor) for number in range(3)]
    claim(shelf[0], press)
    many = {"which": "registered", "capacity": "publisher", "ai_rights": "retained", "evidence": "house contracts"}
    assert post(member(press), "authority-many", **many).status_code == 302
    assert RightsClaim.objects.filter(ai_rights="retained").count() == 2
    assert Entry.objects.filter(kind="ownership.claimed_many").count() == 1


def test_a_list_of_identifiers_names_the_lines_that_are_wrong(press: Organisation, work: Work) -> None:
    factories.work("With ISBN", identifiers=[("isbn", "9780141439518")])
    for _ in range(2):
        factories.work("Twice", identifiers=[("isbn", "9780262033848")])
    client = member(press)
    many = {"which": "listed", "capacity": "agent", "ai_rights": "silent"}
    bad = "\n".join(["978-0-14-143951-8", work.public_id, "9780262033848", "nonsense", "", "nonsense", "000000000000"])
    answer = post(client, "authority-many", **many, listed=bad)
    faults = answer.context["form"].errors["listed"]
    assert [fault.split()[0] for fault in faults] == ["9780262033848", "nonsense", "000000000000"]
    good = f"0-14-143951-3\r\n{work.public_id.upper()}"
    assert post(client, "authority-many", **many, listed=good).status_code == 302
    assert {row.work.title for row in RightsClaim.objects.all()} == {"With ISBN", "The Lamp"}
    assert post(client, "authority-many", **many, listed="").status_code == 422


def test_rivals_are_warned_shown_and_one_gives_way(work: Work, press: Organisation, rival: Organisation) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    assert "disputed" in page(Client(), "work", work.public_id)
    assert "The Lamp" in page(Client(), "disputes")
    assert "The Lamp" in page(member(rival), "disputes", mine="1")
    assert "The Lamp" not in page(member(factories.organisation()), "disputes", mine="1")
    warned = page(member(factories.organisation()), "authority-state", work.public_id)
    assert "2 other parties already say" in warned
    client = member(rival)
    assert "The Lamp" in page(client, "authority")
    answer = post(client, "claim-concede", theirs.public_id, statement="Our contract ended.")
    assert answer.status_code == 302
    shown = page(Client(), "dispute", work.public_id)
    assert "settled" in shown
    assert "Our contract ended." in shown
    assert "set aside from" in page(Client(), "work", work.public_id)
    answer = client.post(reverse("claim-concede", args=[theirs.public_id]), {"statement": "Again."})
    assert answer.status_code == 409
    assert mine.withdrawn_at is None


def test_two_sides_agree_on_pages(work: Work, press: Organisation, rival: Organisation) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    ours, other = member(press), member(rival)
    said = {
        "upheld": [mine.public_id],
        "set_aside": [theirs.public_id],
        "statement": "Settled.",
        "decided_on": "2020-01-01",
    }
    answer = post(ours, "agreement", work.public_id, **said)
    assert "decided_on" in answer.context["form"].errors
    said["decided_on"] = "2999-01-01"
    assert post(ours, "agreement", work.public_id, **said).status_code == 302
    ClaimDecision.objects.update(decided_on=mine.observed_at)
    proposal = ClaimDecision.objects.get()
    assert "Settled." not in page(Client(), "dispute", work.public_id)
    assert "Settled." in page(other, "dispute", work.public_id)
    assert "waits to be confirmed" in page(other, "authority")
    stranger = member(factories.organisation())
    assert post(stranger, "decision-confirm", proposal.public_id).status_code == 404
    assert post(stranger, "decision-refuse", proposal.public_id, reason="x").status_code == 404
    assert post(ours, "decision-confirm", proposal.public_id).status_code == 403
    assert post(other, "decision-confirm", proposal.public_id).status_code == 302
    assert "Settled." in page(Client(), "dispute", work.public_id)
    assert "settled" in page(Client(), "disputes")


def test_an_operator_records_a_judgment_and_withdraws_it(
    work: Work, press: Organisation, rival: Organisation, operator: Client
) -> None:
    mine, theirs = claim(work, press), claim(work, rival)
    said = {
        "ground": "court", "upheld": [mine.public_id], "set_aside": [theirs.public_id], "decided_on": "2026-01-15",
        "statement": "Judgment 7 O 1/26.", "source_address": "https://court.example/7-O-1-26",
    }  # fmt: skip
    assert post(member(press), "decision", work.public_id, **said).status_code == 404
    assert post(operator, "decision", work.public_id, **(said | {"decided_on": "2999-01-01"})).status_code == 422
    assert post(operator, "decision", work.public_id, **said).status_code == 302
    decision = ClaimDecision.objects.get()
    assert "Judgment 7 O 1/26." in page(Client(), "work", work.public_id)
    assert post(member(rival), "decision-withdraw", decision.public_id, reason="appeal").status_code == 404
    assert post(operator, "decision-withdraw", decision.public_id, reason="overturned on appeal").status_code == 302
    shown = page(Client(), "dispute", work.public_id)
    assert "overturned on appeal" in shown
    assert "where these claims overlap" in shown


def test_operators_verify_with_evidence_and_nobody_else_finds_the_page(
    work: Work, press: Organisation, operator: Client
) -> None:
    mine = claim(work, press)
    listed = reverse("verifications")
    assert [client.get(listed).status_code for client in (Client(), member(press), operator)] == [302, 404, 200]
    assert "The Lamp" in page(operator, "verifications")
    assert "The Lamp" in page(operator, "verifications", number=mine.public_id)
    assert operator.get(listed, {"kind": "wish"}).status_code == 404
    address = ("verification", "claim", mine.public_id)
    assert post(operator, *address, level="document", evidence=" ").status_code == 422
    assert post(operator, *address, level="counter-signed", evidence="x").status_code == 422
    document = SimpleUploadedFile("contract.pdf", b"seen")
    assert post(operator, *address, level="document", evidence="contract seen", document=document).status_code == 302
    mine.refresh_from_db()
    assert mine.verification == "document"
    leaf = bytes(Entry.objects.get(kind="claim.verified").leaf)
    assert hashlib.sha256(b"seen").hexdigest().encode() in leaf
    assert "document seen" in page(Client(), "work", work.public_id)
    assert post(member(press), *address, level="identity", evidence="me").status_code == 404


def test_operators_verify_many_claims_of_an_organisation_by_one_document(
    work: Work, press: Organisation, operator: Client
) -> None:
    mine = claim(work, press)
    address = reverse("claims-verify", args=[press.slug])
    assert [client.get(address).status_code for client in (Client(), member(press), operator)] == [302, 404, 200]
    assert press.name in page(operator, "claims-waiting")
    assert "Verify 1 claim" in page(operator, "claims-verify", press.slug)
    assert "fits this choice" in page(operator, "claims-verify", press.slug, capacity="agent")
    wrong = operator.get(address, {"isbn_prefixes": "12"})
    assert (wrong.status_code, b"is no prefix of an ISBN" in wrong.content) == (422, True)
    said = {"level": "document", "evidence": "extract of the register", "expected": "1"}
    assert "Hand in the document" in operator.post(address, said).content.decode()
    document = SimpleUploadedFile("register.pdf", b"seen")
    refused = operator.post(address, said | {"expected": "2", "document": document})
    assert (refused.status_code, b"1 claims by now, and 2 were looked at" in refused.content) == (422, True)
    assert b'name="expected" value="1"' in refused.content
    document = SimpleUploadedFile("register.pdf", b"seen")
    assert operator.post(address, said | {"document": document}).status_code == 302
    mine.refresh_from_db()
    assert mine.verification == "document"
    assert hashlib.sha256(b"seen").hexdigest().encode() in bytes(Entry.objects.get(kind="claims.verified_many").leaf)


def test_the_author_confirms_the_publisher(work: Work, press: Organisation) -> None:
    author = factories.organisation(name="Jane Example", kind="person")
    published = claim(work, press)
    client = member(author)
    assert "Confirming takes standing" in page(client, "claim-confirm", published.public_id)
    refused = post(client, "claim-confirm", published.public_id, capacity="author")
    assert refused.status_code == 422
    RightsClaim.objects.filter(pk=claim(work, author, capacity="author").pk).update(verification="domain")
    assert post(client, "claim-confirm", published.public_id, capacity="author", statement="Yes.").status_code == 302
    assert "counter-signed" in page(Client(), "work", work.public_id)
    assert post(client, "claim-unconfirm", published.public_id, reason="ended").status_code == 302
    published.refresh_from_db()
    assert published.verification == "none"
    assert client.get(reverse("claim-unconfirm", args=[published.public_id])).status_code == 409


@pytest.fixture
def internet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    with network_stub.running() as internet:
        monkeypatch.setattr(proofs, "check_asked", partial(proofs.check_asked, network=internet.network))
        yield internet


def look(client: Client, domain: Domain) -> str:
    """Ask for a look, let the worker do it, and read the page."""
    Domain.objects.update(checked_at=None)
    assert post(client, "domain-check", domain.public_id).status_code == 302
    assert "We are looking" in page(client, "domain", domain.public_id)
    assert jobs.run(Job.objects.latest("pk").pk) == "done"
    return page(client, "domain", domain.public_id)


def test_a_domain_is_added_proved_and_removed(press: Organisation, work: Work, internet: Internet) -> None:
    mine = claim(work, press)
    client = member(press)
    assert "press.example" in page(client, "domain-new")  # as an example of how to write it
    assert post(client, "domain-new", name="co.uk").status_code == 422
    added = post(client, "domain-new", name="Press.Example")
    domain = Domain.objects.get()
    assert added.headers["Location"] == reverse("domain", args=[domain.public_id])
    shown = page(client, "domain", domain.public_id)
    assert "_colophon-challenge.press.example" in shown
    assert domains.proof(domain) in shown
    shown = look(client, domain)
    assert "nothing was there" in shown
    assert "the name has no address" in shown
    internet.txt("_colophon-challenge.press.example", domains.proof(domain))
    assert "moment ago" in client.post(reverse("domain-check", args=[domain.public_id]), follow=True).content.decode()
    assert "The proof was there" in look(client, domain)
    mine.refresh_from_db()
    assert mine.verification == "domain"
    assert "domain verified" in page(Client(), "work", work.public_id)
    assert post(client, "domain-new", name="press.example").status_code == 422
    stranger = member(factories.organisation())
    for name in ("domain", "domain-check", "domain-remove"):
        call = stranger.get if name == "domain" else stranger.post
        assert call(reverse(name, args=[domain.public_id])).status_code == 404
    assert post(client, "domain-remove", domain.public_id).status_code == 302
    mine.refresh_from_db()
    assert mine.verification == "none"


def test_what_a_hostile_server_says_is_never_shown(press: Organisation, internet: Internet) -> None:
    client = member(press)
    post(client, "domain-new", name="press.example")
    domain = Domain.objects.get()
    internet.host("press.example")
    internet.txt("_colophon-challenge.press.example", "<script>alert(1)</script>")
    internet.page("press.example", domains.FILE_PATH, "<script>alert(2)</script> secret of the inner network")
    shown = look(client, domain)
    assert "something else was there" in shown
    assert "alert(" not in shown
    assert "secret" not in shown


def test_who_asks_for_looks_again_and_again_has_to_wait() -> None:
    person = Client()
    person.force_login(factories.person("hasty@example.org", of=factories.organisation()))
    answers = [person.post(reverse("domain-check", args=["abcdefghijkl"])).status_code for _ in range(21)]
    assert answers == [404] * 20 + [429]
