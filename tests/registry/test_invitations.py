"""Invitations: by mail, for one address, for fourteen days, and of no use to anybody else."""

import datetime
import json
import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from registry.actors import Actor, of_user, system
from registry.errors import Conflict, InvalidInput, NotAllowed, NotFound
from registry.models import Entry, Invitation, Membership, Organisation
from registry.services import invitations, organisations, tokens
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def press() -> Organisation:
    return factories.organisation("press", "Example Press")


@pytest.fixture
def owner(press: Organisation) -> Actor:
    return of_user(factories.person("owner@example.org", of=press))


def logged(kind: str) -> list[dict[str, Any]]:
    return [json.loads(bytes(entry.leaf)) for entry in Entry.objects.filter(kind=kind).order_by("id")]


def invite(owner: Actor, email: str = "new@example.org", role: str = "editor") -> tuple[Invitation, str]:
    assert owner.organisation is not None
    return invitations.create(organisation=owner.organisation, email=email, role=role, actor=owner)


def test_the_secret_is_in_the_mail_and_nowhere_else(owner: Actor) -> None:
    made, secret = invite(owner)
    assert invitations.deliver(made, f"https://registry.example/invitation?secret={secret}")
    assert secret in mail.outbox[0].body
    row = json.dumps(list(Invitation.objects.values()), default=str)
    assert secret not in row
    assert secret[4:] not in row
    assert invitations.find(secret) == made
    assert invitations.find(made.digest) is None
    assert tokens.find(secret) is None


def test_the_stored_digest_depends_on_the_pepper(owner: Actor, settings: Any) -> None:
    _, secret = invite(owner)
    settings.TOKEN_PEPPER = "another"
    assert invitations.find(secret) is None


def test_it_holds_fourteen_days(owner: Actor) -> None:
    made, secret = invite(owner)
    left = made.expires_at - timezone.now()
    assert datetime.timedelta(days=13, hours=23) < left <= datetime.timedelta(days=14)
    user = factories.person("new@example.org")
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(seconds=1))
    assert invitations.find(secret) is None
    with pytest.raises(NotFound, match="no longer open"):
        invitations.accept(invitation=made, actor=of_user(user))


def test_the_one_who_has_the_address_joins_in_the_role_and_that_is_one_entry_without_names(
    owner: Actor, press: Organisation
) -> None:
    made, secret = invite(owner)
    user = factories.person("new@example.org")
    before = Entry.objects.count()
    membership = invitations.accept(invitation=made, actor=of_user(user))
    assert (membership.user, membership.organisation, membership.role) == (user, press, "editor")
    [entry] = logged("organisation.member_set")[-1:]
    assert entry["facts"] == {"member": f"user:{user.pk}", "role": "editor", "invitation": made.public_id}
    assert (entry["actor"], entry["organisation"]) == (f"user:{user.pk}", "press")
    assert Entry.objects.count() == before + 1
    assert invitations.find(secret) is None
    with pytest.raises(NotFound):
        invitations.accept(invitation=made, actor=of_user(user))


@pytest.mark.parametrize("case", ["another address", "not verified", "nobody"])
def test_nobody_else_accepts(owner: Actor, press: Organisation, case: str) -> None:
    made, _ = invite(owner)
    if case == "nobody":
        actor = Actor(name="anonymous")
    else:
        user = factories.person("other@example.org")
        if case == "not verified":
            EmailAddress.objects.create(user=user, email="new@example.org", verified=False)
        actor = of_user(user)
    with pytest.raises(NotAllowed):
        invitations.accept(invitation=made, actor=actor)
    assert press.memberships.count() == 1


def test_a_second_verified_address_will_do(owner: Actor) -> None:
    made, _ = invite(owner, "New@Example.org")
    user = factories.person("other@example.org")
    EmailAddress.objects.create(user=user, email="new@example.org", verified=True)
    assert invitations.accept(invitation=made, actor=of_user(user)).role == "editor"


def test_sent_again_it_has_a_new_link_and_the_old_one_is_dead(owner: Actor) -> None:
    made, old = invite(owner)
    Invitation.objects.update(expires_at=timezone.now() - datetime.timedelta(days=1))
    new = invitations.renew(invitation=made, actor=owner)
    assert invitations.find(old) is None
    assert invitations.find(new) == made
    assert len(logged("invitation.renewed")) == 1


def test_revoked_it_is_over_and_revoking_again_is_no_error(owner: Actor) -> None:
    made, secret = invite(owner)
    for _ in range(2):
        invitations.revoke(invitation=made, actor=owner)
    assert invitations.find(secret) is None
    assert len(logged("invitation.revoked")) == 1
    with pytest.raises(NotFound):
        invitations.renew(invitation=made, actor=owner)
    with pytest.raises(NotFound):
        invitations.accept(invitation=made, actor=of_user(factories.person("new@example.org")))


def test_a_member_who_is_one_already_keeps_the_role(owner: Actor, press: Organisation) -> None:
    made, _ = invite(owner, role="viewer")
    user = factories.person("new@example.org", of=press, role="editor")
    assert invitations.accept(invitation=made, actor=of_user(user)).role == "editor"


def test_an_address_is_invited_once_and_members_not_at_all(owner: Actor) -> None:
    invite(owner)
    with pytest.raises(Conflict, match="invited already"):
        invite(owner, "NEW@example.org")
    with pytest.raises(Conflict, match="member"):
        invite(owner, "owner@example.org")


def test_so_many_are_open_and_no_more(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invitations, "MAX_OPEN", 1)
    invite(owner)
    with pytest.raises(Conflict, match="1 invitations are open"):
        invite(owner, "second@example.org")


@pytest.mark.parametrize(
    ("email", "role", "pointers"),
    [
        ("nonsense", "king", {"/email", "/role"}),
        ("a@b", "viewer", {"/email"}),
        ("a\nb@example.org", "viewer", {"/email"}),
        ("x" * 260 + "@example.org", "viewer", {"/email"}),
    ],
)
def test_every_fault_is_named(owner: Actor, email: str, role: str, pointers: set[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        invite(owner, email, role)
    assert {fault["pointer"] for fault in caught.value.errors} == pointers


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_only_owners_invite(press: Organisation, role: str) -> None:
    actor = of_user(factories.person("ada@example.org", of=press, role=role))
    with pytest.raises(NotAllowed):
        invite(actor)


def test_nobody_invites_into_another_organisation_and_the_system_invites_nobody(owner: Actor) -> None:
    other = factories.organisation("other", "Other")
    for actor in (owner, system("tests", other)):
        with pytest.raises(NotAllowed):
            invitations.create(organisation=other, email="new@example.org", role="viewer", actor=actor)


# on the pages


def link_of(message: Any) -> str:
    found = re.search(r"http://testserver(/invitation\?secret=\S+)", message.body)
    assert found
    return found.group(1)


def invited(press: Organisation, email: str = "new@example.org") -> str:
    client = Client()
    client.post(
        "/sign-in", {"login": factories.person("owner@example.org", of=press).email, "password": factories.PASSWORD}
    )
    assert client.post("/organisation/invitations", {"email": email, "role": "editor"}).status_code == 302
    return link_of(mail.outbox[-1])


def test_the_link_shows_who_invites_and_its_secret_leaves_the_address(client: Client, press: Organisation) -> None:
    link = invited(press)
    answer = client.get(link, follow=True)
    assert answer.redirect_chain == [("/invitation", 302)]
    page = answer.content.decode()
    assert "Example Press invites you" in page
    assert link.split("=")[1] not in page
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("secret", ["inv_nonsense", "x", "%00", "inv_" + "A" * 5000])
def test_a_link_that_was_made_up_says_what_may_have_happened(client: Client, secret: str) -> None:
    page = client.get(f"/invitation?secret={secret}", follow=True)
    assert page.status_code == 200
    assert "no longer open" in page.content.decode()


def test_signing_in_with_the_invited_address_leads_to_the_invitation_and_in(
    client: Client, press: Organisation
) -> None:
    link = invited(press)
    factories.person("new@example.org")
    client.get(link)
    answer = client.post("/sign-in", {"login": "new@example.org", "password": factories.PASSWORD})
    assert answer.headers["Location"] == "/invitation"
    accept = f"/invitations/{Invitation.objects.get().public_id}/accept"
    assert accept in client.get("/invitation").content.decode()
    assert client.post(accept).headers["Location"] == "/organisation"
    assert "Example Press" in client.get("/organisation").content.decode()
    assert "no longer open" in client.get(link, follow=True).content.decode()


def test_somebody_else_is_told_clearly_and_cannot_accept(client: Client, press: Organisation) -> None:
    link = invited(press)
    client.force_login(factories.person("eve@example.org"))
    page = client.get(link, follow=True).content.decode()
    assert "You are signed in as eve@example.org, and the invitation is for another address." in page
    row = Invitation.objects.get()
    assert "/accept" not in page
    assert client.post(f"/invitations/{row.public_id}/accept").status_code == 404
    assert Membership.objects.count() == 1


def test_who_has_the_address_finds_the_invitation_without_the_mail(client: Client, press: Organisation) -> None:
    invited(press)
    client.force_login(factories.person("new@example.org"))
    for address in ("/account", "/organisations/new"):
        assert "You are invited" in client.get(address).content.decode()
    client.force_login(factories.person("other@example.org"))
    assert "You are invited" not in client.get("/account").content.decode()


def test_an_invitation_whose_mail_is_not_taken_stands_and_says_so(press: Organisation, settings: Any) -> None:
    client = Client()
    client.post(
        "/sign-in", {"login": factories.person("owner@example.org", of=press).email, "password": factories.PASSWORD}
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    page = client.post("/organisation/invitations", {"email": "new@example.org", "role": "viewer"}, follow=True)
    assert "could not be sent" in page.content.decode()
    assert Invitation.objects.count() == 1


def test_sending_again_waits_a_minute(press: Organisation) -> None:
    client = Client()
    client.post(
        "/sign-in", {"login": factories.person("owner@example.org", of=press).email, "password": factories.PASSWORD}
    )
    client.post("/organisation/invitations", {"email": "new@example.org", "role": "viewer"})
    address = f"/organisation/invitations/{Invitation.objects.get().public_id}/again"
    assert [client.post(address).status_code for _ in range(2)] == [302, 429]
    assert link_of(mail.outbox[0]) != link_of(mail.outbox[1])


def test_inviting_is_limited(press: Organisation, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"invite": "2/h/user"}
    client = Client()
    client.post(
        "/sign-in", {"login": factories.person("owner@example.org", of=press).email, "password": factories.PASSWORD}
    )
    form = {"role": "viewer"}
    given = [
        client.post("/organisation/invitations", form | {"email": f"p{n}@example.org"}).status_code for n in range(3)
    ]
    assert given == [302, 302, 429]
    assert len(mail.outbox) == 2


def test_a_hostile_name_writes_no_headers_and_no_markup(press: Organisation, client: Client) -> None:
    Organisation.objects.filter(pk=press.pk).update(name="Press <script>alert(1)</script>\r\nBcc: all@example.org")
    link = invited(press)
    assert "\n" not in mail.outbox[-1].subject
    assert mail.outbox[-1].recipients() == ["new@example.org"]
    assert "<script>alert" not in client.get(link, follow=True).content.decode()


def test_a_removed_member_leaves_one_entry_and_nothing_to_act_with(owner: Actor, press: Organisation) -> None:
    bob = factories.person("bob@example.org", of=press, role="editor")
    organisations.remove_member(organisation=press, user=bob, actor=owner)
    [entry] = logged("organisation.member_removed")
    assert entry["facts"] == {"member": f"user:{bob.pk}"}
    with pytest.raises(NotFound):
        organisations.remove_member(organisation=press, user=bob, actor=owner)
    with pytest.raises(NotAllowed):
        organisations.remove_member(organisation=press, user=bob, actor=of_user(bob))
