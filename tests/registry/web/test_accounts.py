"""Signing up and in, the lockout, second factors, and the pages of organisations: who may do what."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as site_settings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils.translation import get_language

from registry.actors import of_user
from registry.models import Entry, Invitation, Membership, Organisation, Token, User
from registry.services import organisations, tokens
from tests import factories

pytestmark = pytest.mark.django_db


def signed_in(email: str, password: str = factories.PASSWORD) -> Client:
    client = Client()
    answer = client.post("/sign-in", {"login": email, "password": password})
    assert answer.status_code == 302
    return client


def link_in(message: Any) -> str:
    """The first address in a mail, without the host."""
    found = re.search(r"https?://[^/\s]+(/\S+)", message.body)
    assert found
    return found.group(1)


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_app(client: Client) -> str:
    """Give whoever is signed in an authenticator app; returns its secret."""
    secret: str = client.get("/account/second-factor/app").context["form"].secret
    assert client.post("/account/second-factor/app", {"code": code_of(secret)}).status_code == 302
    return secret


@pytest.fixture
def press() -> Organisation:
    return factories.organisation("press", "Example Press")


# signing up


def test_who_signs_up_confirms_the_address_and_is_asked_for_an_organisation(client: Client) -> None:
    form = {"email": "Ada@Example.org", "password1": "correct horse battery"}
    assert client.post("/sign-up", form).headers["Location"] == "/sign-up/confirm"
    assert client.get("/account").status_code == 302
    [message] = mail.outbox
    assert message.to == ["ada@example.org"]
    link = link_in(message)
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified, "mail scanners follow links: reading confirms nothing"
    assert client.post(link).headers["Location"] == "/organisations/new"
    assert EmailAddress.objects.get().verified
    assert client.get("/organisations/new").status_code == 200
    assert client.get(link).content.decode().count("older than three days") == 1


def test_nobody_signs_in_before_the_address_is_confirmed(client: Client) -> None:
    form = {"email": "ada@example.org", "password1": "correct horse battery"}
    client.post("/sign-up", form)
    other = Client()
    answer = other.post("/sign-in", {"login": "ada@example.org", "password": "correct horse battery"})
    assert answer.headers["Location"] == "/sign-up/confirm"
    assert other.get("/account").status_code == 302


def test_signing_up_tells_nobody_whether_an_address_has_an_account(client: Client) -> None:
    factories.person("ada@example.org")
    answers = []
    for email in ("ada@example.org", "new@example.org"):
        answer = Client().post("/sign-up", {"email": email, "password1": "correct horse battery"}, follow=True)
        answers.append((answer.redirect_chain, re.sub(r"\S+@example.org|value=\"\S+\"", "", answer.content.decode())))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [["ada@example.org"], ["new@example.org"]]
    assert "It has one" in mail.outbox[0].body
    assert User.objects.filter(email="ada@example.org").count() == 1


def test_asking_for_a_new_password_tells_nobody_either(client: Client) -> None:
    factories.person("ada@example.org")
    answers = []
    for email in ("ada@example.org", "nobody@example.org"):
        answer = Client().post("/sign-in/password", {"email": email}, follow=True)
        answers.append((answer.status_code, answer.redirect_chain))
    assert answers[0] == answers[1] == (200, [("/sign-in/password/sent", 302)])
    assert ["Choose one here" in message.body for message in mail.outbox] == [True, False]


@pytest.mark.parametrize("password", ["short", "123456789012345", "password1234"])
def test_weak_passwords_are_refused_with_what_is_wrong(client: Client, password: str) -> None:
    page = client.post("/sign-up", {"email": "ada@example.org", "password1": password})
    assert page.context["form"].errors["password1"]
    assert 'value="ada@example.org"' in page.content.decode()
    assert not User.objects.exists()


def test_a_mail_that_cannot_be_sent_is_said_so(client: Client, settings: Any, caplog: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = client.post("/sign-up", {"email": "ada@example.org", "password1": "correct horse battery"})
    assert answer.status_code == 503
    assert "could not be sent" in answer.content.decode()
    assert "ada@example.org" not in caplog.text


def test_every_mail_speaks_both_languages_and_the_readers_first(client: Client, monkeypatch: Any) -> None:
    monkeypatch.setattr(
        "registry.services.mail.render_to_string", lambda name, context: f"{get_language()} {name.rsplit('_', 1)[1]}"
    )
    client.cookies["django_language"] = "zh-hans"
    client.post("/sign-up", {"email": "ada@example.org", "password1": "correct horse battery"})
    [message] = mail.outbox
    assert message.subject == "zh-hans subject.txt · en subject.txt"
    assert re.fullmatch(r"zh-hans message.txt\s+·+\s+en message.txt\n", str(message.body))


# signing in


def test_one_signs_in_by_address_or_by_user_name(client: Client) -> None:
    user = factories.person("ada@example.org")
    User.objects.filter(pk=user.pk).update(username="ada")
    for login in ("ada@example.org", "ADA@example.org", "ada"):
        assert signed_in(login).get("/account").status_code == 200


def test_five_wrong_passwords_lock_the_account_everywhere_for_a_while_and_the_right_one_too() -> None:
    factories.person("ada@example.org")
    factories.person("bob@example.org")
    for attempt in range(5):
        form = {"login": "ada@example.org", "password": f"wrong {attempt}"}
        page = Client(REMOTE_ADDR=f"192.0.2.{attempt}").post("/sign-in", form)
        assert "Too many" not in page.content.decode()
    page = Client(REMOTE_ADDR="192.0.2.99").post(
        "/sign-in", {"login": "ada@example.org", "password": factories.PASSWORD}
    )
    assert "Too many attempts" in page.content.decode()
    assert "_auth_user_id" not in page.client.session
    assert signed_in("bob@example.org").get("/account").status_code == 200


def test_the_lockout_stands_where_every_process_sees_it() -> None:
    backend = site_settings.CACHES["default"]["BACKEND"]
    assert backend == "django.core.cache.backends.db.DatabaseCache"


def test_one_address_of_the_network_cannot_try_many_accounts(client: Client) -> None:
    for number in range(20):
        client.post("/sign-in", {"login": f"p{number}@example.org", "password": "wrong"})
    page = client.post("/sign-in", {"login": "p20@example.org", "password": "wrong"})
    assert "Too many attempts" in page.content.decode()


def test_a_forwarded_address_is_believed_from_as_many_proxies_as_there_are(client: Client, settings: Any) -> None:
    form = {"login": "x@example.org", "password": "wrong"}
    for number in range(21):  # no proxy in front: what the caller says of itself is nothing
        page = client.post(
            "/sign-in", form | {"login": f"p{number}@x.org"}, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}"
        )
    assert "Too many" in page.content.decode()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    page = client.post("/sign-in", form, HTTP_X_FORWARDED_FOR="198.51.100.200")
    assert "Too many" not in page.content.decode()


def test_signing_up_is_limited(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "2/h/ip"}
    given = [
        client.post("/sign-up", {"email": f"p{number}@example.org", "password1": "short"}).status_code
        for number in range(3)
    ]
    assert given == [200, 200, 429]
    assert "Too often" in client.post("/sign-up", {}).content.decode()


def test_the_administration_has_no_door_of_its_own(client: Client) -> None:
    factories.person("ada@example.org")
    User.objects.create_superuser("root@example.org", "root@example.org", factories.PASSWORD)
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in?next=%2Fadmin%2F"
    assert client.post("/admin/login/", {"username": "root@example.org", "password": "x"}).status_code == 302
    assert signed_in("ada@example.org").get("/admin/", follow=True).status_code == 403


def test_a_closed_account_does_not_come_in(client: Client) -> None:
    user = factories.person("ada@example.org")
    User.objects.filter(pk=user.pk).update(is_active=False)
    client.post("/sign-in", {"login": "ada@example.org", "password": factories.PASSWORD})
    assert "_auth_user_id" not in client.session


def test_a_new_password_comes_by_a_link_that_works_once(client: Client) -> None:
    factories.person("ada@example.org")
    client.post("/sign-in/password", {"email": "ada@example.org"})
    link = link_in(mail.outbox[0])
    page = client.get(link, follow=True)
    assert "set-password" in page.redirect_chain[-1][0]
    client.post(page.redirect_chain[-1][0], {"password1": "another long phrase", "password2": "another long phrase"})
    assert signed_in("ada@example.org", "another long phrase").get("/account").status_code == 200
    assert "used already" in Client().get(link, follow=True).content.decode()
    assert "password has been" in mail.outbox[-1].body


def test_other_sessions_end_at_ones_word(client: Client) -> None:
    factories.person("ada@example.org")
    here, elsewhere = signed_in("ada@example.org"), signed_in("ada@example.org")
    assert "this one" in here.get("/account/sessions").content.decode()
    here.post("/account/sessions")
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 302


# the second factor


def test_with_an_app_the_password_alone_does_not_sign_in() -> None:
    factories.person("ada@example.org", of=factories.organisation("press", "Press"))
    secret = set_up_app(signed_in("ada@example.org"))
    client = signed_in("ada@example.org")
    assert client.get("/account").status_code == 302
    assert client.get("/sign-in/second-factor").status_code == 200
    assert "Incorrect" in client.post("/sign-in/second-factor", {"code": "000000"}).content.decode()
    cache.clear()  # the code of this half minute was used to set the app up, and no code is taken twice
    assert client.post("/sign-in/second-factor", {"code": code_of(secret)}).status_code == 302
    assert client.get("/account").status_code == 200


def test_a_code_is_taken_once() -> None:
    factories.person("ada@example.org")
    secret = set_up_app(signed_in("ada@example.org"))
    used = code_of(secret)
    first, second = signed_in("ada@example.org"), signed_in("ada@example.org")
    first.post("/sign-in/second-factor", {"code": used})
    assert second.post("/sign-in/second-factor", {"code": used}).status_code == 200
    assert second.get("/account").status_code == 302


def test_a_recovery_code_signs_in_once() -> None:
    factories.person("ada@example.org")
    client = signed_in("ada@example.org")
    set_up_app(client)
    codes = client.get("/account/second-factor/codes/file").content.decode().split()
    assert len([code for code in codes if code.isdigit()]) == 10
    code = next(code for code in codes if code.isdigit())
    for expected in (302, 200):
        other = signed_in("ada@example.org")
        assert other.post("/sign-in/second-factor", {"code": code}).status_code == expected


def test_what_is_stored_of_a_second_factor_opens_nothing_without_the_environment() -> None:
    factories.person("ada@example.org")
    secret = set_up_app(signed_in("ada@example.org"))
    stored = [str(row.data) for row in Authenticator.objects.all()]
    assert len(stored) == 2
    assert not any(secret in data for data in stored)


def test_guessing_codes_is_limited() -> None:
    factories.person("ada@example.org")
    set_up_app(signed_in("ada@example.org"))
    client = signed_in("ada@example.org")
    pages = [client.post("/sign-in/second-factor", {"code": f"{n:06}"}).content.decode() for n in range(7)]
    assert "Too many" in pages[-1]


def test_an_organisation_may_want_a_second_factor_of_everybody(press: Organisation) -> None:
    factories.person("ada@example.org", of=press)
    factories.person("bob@example.org", of=press, role="editor")
    owner, editor = signed_in("ada@example.org"), signed_in("bob@example.org")
    page = owner.post("/organisation/second-factor", {"required": "1"}, follow=True)
    assert "Set up your own second factor first" in page.content.decode()
    set_up_app(owner)
    owner.post("/organisation/second-factor", {"required": "1"})
    assert owner.get("/jobs").status_code == 200
    page = editor.get("/jobs")
    assert (page.status_code, "second factor is needed" in page.content.decode()) == (403, True)
    assert editor.get("/api/v1/account").json()["organisation"] is None
    set_up_app(editor)
    assert editor.get("/jobs").status_code == 200
    assert Entry.objects.filter(kind="organisation.second_factor_set").count() == 1


# sensitive steps


def test_sensitive_steps_ask_again_and_then_go_on(press: Organisation, settings: Any) -> None:
    factories.person("ada@example.org", of=press)
    client = signed_in("ada@example.org")
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1
    answer = client.post("/account/tokens", {"name": "nightly", "scopes": ["read"], "days": "30"})
    assert answer.headers["Location"].startswith("/sign-in/again?")
    assert not Token.objects.exists()
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
    page = client.post(answer.headers["Location"], {"password": factories.PASSWORD})
    assert page.context["secret"].startswith("col_")
    assert Token.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/organisation/invitations", {"email": "new@example.org", "role": "viewer"}),
        ("/organisation/second-factor", {"required": "1"}),
        ("/account/emails", {"action_add": "", "email": "second@example.org"}),
        ("/account/second-factor/app", {"code": "123456"}),
    ],
)
def test_each_sensitive_step_asks(press: Organisation, address: str, form: dict[str, str]) -> None:
    client = Client()
    client.force_login(factories.person("ada@example.org", of=press))  # a session that nobody gave a password for
    assert client.post(address, form).headers["Location"].startswith("/sign-in/again?")
    assert not mail.outbox


# organisations


def test_who_founds_an_organisation_owns_it_and_acts_for_it(press: Organisation) -> None:
    factories.person("ada@example.org", of=press, role="viewer")
    client = signed_in("ada@example.org")
    form = {"name": "Ada’s Books", "slug": "adas-books", "kind": "company", "country": "gb"}
    assert client.post("/organisations/new", form).headers["Location"] == "/organisation"
    assert "Ada’s Books" in client.get("/organisation").content.decode()
    made = Organisation.objects.get(slug="adas-books")
    assert (made.country, made.memberships.get().role) == ("GB", "owner")


@pytest.mark.parametrize(
    "wrong", [{"slug": "press"}, {"slug": "Bad Slug"}, {"country": "ZZ"}, {"name": ""}, {"kind": "club"}]
)
def test_an_organisation_that_cannot_be_is_refused_beside_the_field(
    press: Organisation, client: Client, wrong: dict[str, str]
) -> None:
    client.force_login(factories.person("ada@example.org"))
    good = {"name": "Ada’s Books", "slug": "adas-books", "kind": "company", "country": "GB"}
    page = client.post("/organisations/new", good | wrong)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == list(wrong)
    assert Organisation.objects.count() == 1


def test_founding_is_limited(client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"found_organisation": "1/d/user"}
    client.force_login(factories.person("ada@example.org"))
    given = [
        client.post("/organisations/new", {"name": "Books", "slug": f"books-{n}", "kind": "person"}).status_code
        for n in range(2)
    ]
    assert given == [302, 429]


def test_one_chooses_whom_one_acts_for_and_a_stale_choice_falls_back(press: Organisation, client: Client) -> None:
    user = factories.person("ada@example.org", of=press)
    second = factories.organisation("second", "Second House")
    organisations.add_member(organisation=second, user=user, role="viewer", actor=factories.actor(second))
    client.force_login(user)
    assert client.get("/organisation").context["actor"].organisation == press
    answer = client.post("/account/acting-for", {"organisation": "second", "next": "/works"})
    assert answer.headers["Location"] == "/works"
    assert client.get("/organisation").context["actor"].role == "viewer"
    Membership.objects.filter(organisation=second).delete()
    assert client.get("/organisation").context["actor"].organisation == press
    assert client.post("/account/acting-for", {"organisation": "second"}).status_code == 404
    assert client.post("/account/acting-for", {"organisation": "press", "next": "//evil.example"}).headers[
        "Location"
    ] == ("/account")


def test_an_owner_changes_roles_and_removes_members_and_their_tokens(press: Organisation) -> None:
    factories.person("ada@example.org", of=press)
    bob = factories.person("bob@example.org", of=press, role="editor")
    membership = bob.memberships.get()
    _, secret = tokens.create(organisation=press, name="CI", scopes=["read"], actor=of_user(bob))
    client = signed_in("ada@example.org")
    client.post(f"/organisation/members/{membership.pk}/role", {"role": "viewer"})
    membership.refresh_from_db()
    assert membership.role == "viewer"
    client.post(f"/organisation/members/{membership.pk}/remove")
    assert not bob.memberships.exists()
    organisations.add_member(organisation=press, user=bob, role="viewer", actor=factories.actor(press))
    assert tokens.find(secret) is None, "who comes back starts without the tokens of before"


def test_an_organisation_keeps_an_owner(press: Organisation) -> None:
    ada = factories.person("ada@example.org", of=press)
    client = signed_in("ada@example.org")
    assert "keeps an owner" in client.post("/organisation/leave", follow=True).content.decode()
    assert "keeps an owner" in client.post("/account/close", follow=True).content.decode()
    own = ada.memberships.get().pk
    for address, form in (("role", {"role": "viewer"}), ("remove", {})):
        page = client.post(f"/organisation/members/{own}/{address}", form, follow=True)
        assert "keeps an owner" in page.content.decode()
    assert ada.memberships.get().role == "owner"
    factories.person("bob@example.org", of=press)
    assert client.post("/organisation/leave").status_code == 302
    assert not ada.memberships.exists()


ROLES = {"owner": 302, "editor": 403, "viewer": 403, None: 404}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("what", ["role", "remove", "invite", "again", "revoke", "second factor"])
def test_only_owners_decide_who_belongs(press: Organisation, role: str | None, what: str) -> None:
    owner = factories.person("first@example.org", of=press)
    target = factories.person("target@example.org", of=press, role="viewer").memberships.get()
    row = Invitation.objects.create(
        organisation=press, email="new@example.org", digest="x", invited_by=owner, expires_at="2099-01-01T00:00Z"
    )
    of = press if role else factories.organisation("elsewhere", "Elsewhere")
    factories.person("ada@example.org", of=of, role=role or "owner")
    client = signed_in("ada@example.org")
    address, form, expected = {
        "role": (f"/organisation/members/{target.pk}/role", {"role": "editor"}, ROLES[role]),
        "remove": (f"/organisation/members/{target.pk}/remove", {}, ROLES[role]),
        "invite": (
            "/organisation/invitations",
            {"email": "x@example.org", "role": "owner"},
            ROLES[role] if role else 302,
        ),
        "again": (f"/organisation/invitations/{row.public_id}/again", {}, 302 if role == "owner" else 404),
        "revoke": (f"/organisation/invitations/{row.public_id}/revoke", {}, 302 if role == "owner" else 404),
        "second factor": ("/organisation/second-factor", {"required": "0"}, ROLES[role] if role else 302),
    }[what]
    before = (target.role, press.memberships.count(), press.invitations.count())
    assert client.post(address, form).status_code == expected
    if role != "owner":
        target.refresh_from_db()
        assert (target.role, press.memberships.count(), press.invitations.count()) == before


@pytest.mark.parametrize("role", ["owner", "editor", "viewer"])
def test_every_member_sees_the_members_and_only_owners_the_invitations(press: Organisation, role: str) -> None:
    owner = factories.person("first@example.org", of=press)
    Invitation.objects.create(
        organisation=press, email="new@example.org", digest="x", invited_by=owner, expires_at="2099-01-01T00:00Z"
    )
    factories.person("ada@example.org", of=press, role=role)
    page = signed_in("ada@example.org").get("/organisation").content.decode()
    assert "first@example.org" in page
    assert ("new@example.org" in page) is (role == "owner")
    assert ("Send the invitation" in page) is (role == "owner")


def test_nothing_personal_is_logged(press: Organisation) -> None:
    factories.person("ada@example.org", of=press)
    client = signed_in("ada@example.org")
    client.post("/organisation/invitations", {"email": "bob@example.org", "role": "viewer"})
    leaves = b"".join(bytes(entry.leaf) for entry in Entry.objects.all()).decode()
    assert "invitation.created" in leaves
    assert "example.org" not in leaves


# hostile input


HOSTILE = ["a\0b", "\u202eevil", "x" * 10_000, "'; DROP TABLE", "<script>", "ａｄａ@example.org"]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_input_is_refused_or_taken_as_text(press: Organisation, text: str) -> None:
    factories.person("ada@example.org", of=press)
    client = signed_in("ada@example.org")
    posts = [
        (Client(), "/sign-in", {"login": text, "password": text, "next": text}),
        (Client(), "/sign-up", {"email": text, "password1": text}),
        (Client(), "/sign-in/password", {"email": text}),
        (client, "/organisations/new", {"name": text, "slug": text, "kind": text, "country": text}),
        (client, "/organisation/invitations", {"email": text, "role": text}),
        (client, "/account/acting-for", {"organisation": text, "next": text}),
        (client, "/account/emails", {"action_add": "", "email": text}),
        (client, "/account/emails", {"action_remove": "", "email": text}),
        (client, f"/organisation/members/{press.memberships.get().pk}/role", {"role": text}),
    ]
    for who, address, form in posts:
        answer = who.post(address, form)
        assert answer.status_code in (200, 302, 400, 404, 422), (address, answer.status_code)
        assert "<script>" not in answer.content.decode().replace('"<script>"', ""), address
    assert Organisation.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    [
        "/sign-in/password/zzzzzzzzzzzzz-x",
        "/sign-in/password/1-set-password",
        "/sign-up/confirm/MQ:1:x",
        "/organisation/members/99999999999999999999999/role",
        "/account/second-factor/keys/99999999999999999999999/remove",
        "/sign-in?next=//evil.example/",
        "/sign-in?next=javascript:alert(1)",
    ],
)
def test_addresses_that_were_made_up_are_answered(press: Organisation, address: str) -> None:
    factories.person("ada@example.org", of=press)
    for client in (Client(), signed_in("ada@example.org")):
        for method in (client.get, client.post):
            answer = method(address)
            assert answer.status_code in (200, 302, 404, 405), address
            assert "evil" not in answer.headers.get("Location", "").split("next=")[0]
