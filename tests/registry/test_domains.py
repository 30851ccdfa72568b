"""Domains: which names are taken, how they are proved, when a proof lapses."""

import datetime
from collections.abc import Iterator

import pytest
from django.db.models import F
from django.db.models.functions import Now
from hypothesis import given
from hypothesis import strategies as st

from registry.actors import Actor, system
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Domain, Entry
from registry.services import domains
from tests import factories
from tests.registry import network_stub
from tests.registry.network_stub import Internet

SYSTEM = system("tests")


@pytest.fixture
def internet() -> Iterator[Internet]:
    with network_stub.running() as internet:
        yield internet


@pytest.fixture
def press(db: None) -> Actor:
    return factories.actor()


@pytest.fixture
def domain(press: Actor) -> Domain:
    return domains.add(name="press.example", actor=press)


def look_and_record(domain: Domain, internet: Internet) -> str:
    finding = domains.look(domain, network=internet.network)
    changed = domains.record(domain, finding, actor=SYSTEM)
    domain.refresh_from_db()
    return changed


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Press.Example", "press.example"), (" www.press.example. ", "www.press.example"),
        ("Bücher.example", "xn--bcher-kva.example"), ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("中国出版.中国", "xn--fiq95g7tftq8a.xn--fiqs8s"), ("press。example", "press.example"),
        ("press.co.uk", "press.co.uk"), ("ｐｒｅｓｓ.example", "press.example"),
    ],
)  # fmt: skip
def test_a_domain_is_stored_in_one_spelling(typed: str, stored: str) -> None:
    assert domains.normalise(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", ".", "press", "localhost", "co.uk", "com", "github.io", "press.local", "db.internal", "x.onion",
        "1.0.0.127.in-addr.arpa", "127.0.0.1", "::1", "[::1]", "0x7f.1", "2130706433", "10.1", "https://press.example",
        "press.example/path", "press.example:443", "a@press.example", "press..example", "-press.example",
        "*.press.example", "_dmarc.press.example", "press example.com", "x" * 64 + ".example",
        ".".join(["abcdefgh"] * 30), "press.example\0", "pre\u202ess.example", "press.example\nx",
        "ex\u00adample", "a\\b.example",
    ],
)  # fmt: skip
def test_what_is_nobodys_own_domain_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        domains.normalise(typed)
    assert caught.value.errors[0]["pointer"] == "/name"


@given(st.text(max_size=40))
def test_any_text_is_a_domain_in_its_one_spelling_or_refused(typed: str) -> None:
    try:
        name = domains.normalise(typed)
    except InvalidInput:
        return
    assert domains.normalise(name) == name
    assert name.isascii()
    assert "." in name


def test_a_record_in_dns_proves_a_domain(domain: Domain, internet: Internet) -> None:
    internet.txt("_colophon-challenge.press.example", "v=spf1 -all", domains.proof(domain))
    assert look_and_record(domain, internet) == "verified"
    assert domains.is_proved(domain)
    assert domain.method == "dns"
    assert internet.got == []
    assert b'"domain":"press.example"' in bytes(Entry.objects.get(kind="domain.verified").leaf)
    assert look_and_record(domain, internet) == ""


def test_a_file_on_the_website_proves_a_domain(domain: Domain, internet: Internet) -> None:
    internet.host("press.example")
    internet.page("press.example", domains.FILE_PATH, f"\ufeff\r\n{domains.proof(domain)}\r\n")
    assert look_and_record(domain, internet) == "verified"
    assert domain.method == "well_known"


def test_what_was_not_found_is_said_for_each_way(domain: Domain, internet: Internet) -> None:
    assert look_and_record(domain, internet) == ""
    assert domain.finding == "dns MISSING\nwell_known NAME_UNKNOWN"
    internet.txt("_colophon-challenge.press.example", "something else")
    internet.host("press.example")
    internet.page("press.example", domains.FILE_PATH, domains.proof(domain)[:-1])
    look_and_record(domain, internet)
    assert domain.finding == "dns OTHER_CONTENT\nwell_known OTHER_CONTENT"
    internet.page("press.example", domains.FILE_PATH, domains.proof(domain), 500)
    look_and_record(domain, internet)
    assert domain.finding == "dns OTHER_CONTENT\nwell_known STATUS_500"
    assert not domains.is_proved(domain)


def test_the_challenge_of_one_organisation_proves_nothing_for_another(domain: Domain, internet: Internet) -> None:
    other = domains.add(name="press.example", actor=factories.actor())
    internet.txt("_colophon-challenge.press.example", domains.proof(domain))
    assert look_and_record(other, internet) == ""
    assert look_and_record(domain, internet) == "verified"
    assert list(domains.others(other)) == [domain]


def test_a_proof_lapses_when_it_was_missing_three_times_over_three_days(domain: Domain, internet: Internet) -> None:
    internet.txt("_colophon-challenge.press.example", domains.proof(domain))
    look_and_record(domain, internet)
    internet.txt("_colophon-challenge.press.example")
    assert [look_and_record(domain, internet) for _ in range(5)] == [""] * 5
    assert domains.is_proved(domain)
    assert (domain.failures, domain.failing_since is not None) == (5, True)
    Domain.objects.update(failing_since=F("failing_since") - datetime.timedelta(days=3, seconds=1))
    assert look_and_record(domain, internet) == "lapsed"
    assert not domains.is_proved(domain)
    assert Entry.objects.filter(kind="domain.lapsed").count() == 1
    assert look_and_record(domain, internet) == ""
    internet.txt("_colophon-challenge.press.example", domains.proof(domain))
    assert look_and_record(domain, internet) == "verified"
    assert domain.lapsed_at is None


def test_a_proof_that_is_back_in_time_starts_counting_anew(domain: Domain, internet: Internet) -> None:
    internet.txt("_colophon-challenge.press.example", domains.proof(domain))
    look_and_record(domain, internet)
    internet.silent = True
    finding = domains.Finding(causes=(("dns", "DNS_FAILED"),))
    domains.record(domain, finding, actor=SYSTEM)
    internet.silent = False
    look_and_record(domain, internet)
    assert (domain.failures, domain.failing_since) == (0, None)


def test_proved_domains_are_looked_at_daily_and_more_often_while_the_proof_is_missing(domain: Domain) -> None:
    domains.record(domain, domains.Finding(method="dns"), actor=SYSTEM)
    assert not domains.due().exists()
    Domain.objects.update(checked_at=Now() - datetime.timedelta(hours=7))
    assert not domains.due().exists()
    Domain.objects.update(failures=1)
    assert domains.due().exists()
    Domain.objects.update(failures=0, checked_at=Now() - datetime.timedelta(hours=25))
    assert domains.due().exists()


def test_a_lapsed_domain_is_looked_at_daily_for_ninety_days_and_counts_again_with_its_proof(domain: Domain) -> None:
    domains.record(domain, domains.Finding(method="dns"), actor=SYSTEM)
    Domain.objects.update(failures=3, lapsed_at=Now(), checked_at=Now() - datetime.timedelta(hours=23))
    assert not domains.due().exists()
    Domain.objects.update(checked_at=Now() - datetime.timedelta(hours=25))
    assert domains.record(domains.due().get(), domains.Finding(method="dns"), actor=SYSTEM) == "verified"
    old = {"checked_at": Now() - datetime.timedelta(days=2), "failures": 3}
    Domain.objects.update(lapsed_at=Now() - datetime.timedelta(days=91), **old)
    assert not domains.due().exists()
    Domain.objects.update(lapsed_at=Now() - datetime.timedelta(days=89), withdrawn_at=Now(), **old)
    assert not domains.due().exists()


def test_a_domain_is_added_once_and_comes_back_with_a_new_challenge(press: Actor, domain: Domain) -> None:
    with pytest.raises(Conflict, match="already"):
        domains.add(name="PRESS.example", actor=press)
    domains.record(domain, domains.Finding(method="dns"), actor=SYSTEM)
    domains.withdraw(domain, actor=press)
    with pytest.raises(Conflict, match="before"):
        domains.withdraw(domain, actor=press)
    again = domains.add(name="press.example", actor=press)
    assert again.pk == domain.pk
    assert again.challenge != domain.challenge
    assert not domains.is_proved(again)


def test_only_writers_add_and_only_the_owner_removes(press: Actor, domain: Domain) -> None:
    with pytest.raises(NotAllowed):
        domains.add(name="x.example", actor=Actor("user:1", organisation=press.organisation, role="viewer"))
    with pytest.raises(Conflict):
        domains.withdraw(domain, actor=factories.actor())


def test_looking_again_at_once_is_refused(domain: Domain) -> None:
    domains.begin_look(domain)
    with pytest.raises(Conflict, match="moment ago"):
        domains.begin_look(domain)


@pytest.mark.django_db
def test_a_list_of_domains_has_an_end() -> None:
    press = factories.actor()
    Domain.objects.bulk_create(
        Domain(organisation=press.organisation, name=f"d{number}.example", challenge="x")
        for number in range(domains.MAX_LISTED)
    )
    with pytest.raises(Conflict, match="100"):
        domains.add(name="one-more.example", actor=press)
    with pytest.raises(Conflict, match="already"):
        domains.add(name="d1.example", actor=press)
