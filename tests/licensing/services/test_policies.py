"""An organisation's own policies: versions, what they may not ask for, and that no verdict follows them."""

from typing import Any

import pytest

from licensing.models import Policy
from licensing.rules.policy import read_policy
from licensing.services import clearances, policies
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry
from registry.services.works import AuthorFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db
ASKED: dict[str, Any] = {"use": "pretraining", "purpose": "commercial", "territory": "US"}


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


def test_a_policy_starts_from_a_profile_and_each_change_is_a_version_with_its_log_entry(lab: Actor) -> None:
    first = policies.write(name="house", blocks={"UNKNOWN": True}, actor=lab)
    again = policies.write(name="house", blocks={"UNKNOWN": True}, actor=lab)
    second = policies.write(name="house", blocks={"UNKNOWN": True, "CONDITIONAL": True}, actor=lab)
    assert (first.pk, first.version, second.version) == (again.pk, 1, 2)
    assert {word for word, blocks in first.blocks.items() if blocks} == {"NOT_CLEARED", "CONTESTED", "UNKNOWN"}
    assert Entry.objects.filter(kind="policy.written").count() == 2


def test_a_question_is_asked_under_it_and_keeps_the_version_of_that_day(lab: Actor) -> None:
    work = factories.work("New", [AuthorFacts(name="A. Living")], first_published="2001")
    policies.write(name="house", blocks={"EXCEPTION_CLAIMED": True}, actor=lab)
    scan = scanned.scan(lab, [(work, "copy")])
    mine, plain = (
        clearances.decide(clearances.request(scan=scan, actor=lab, profile=name, **ASKED).pk)
        for name in ("house", "balanced")
    )
    policies.write(name="house", blocks={"EXCEPTION_CLAIMED": False}, actor=lab)
    assert (mine.policy["profile"], mine.policy["version"]) == ("house", "1")
    assert (mine.blocks, plain.blocks) == (True, False)
    one, other = mine.verdicts.get(), plain.verdicts.get()
    assert (one.verdict, one.reasons) == (other.verdict, other.reasons)
    again = clearances.recompute(one)
    assert (again["blocks"], again["policy"]) == (True, "house@1")
    earlier = clearances.request(scan=scan, actor=lab, profile="house@1", **ASKED)
    assert earlier.policy["blocks"]["EXCEPTION_CLAIMED"] is True


@pytest.mark.parametrize("name", ["house", "house@7", "house@x", "lenient", "a\0b", "x" * 200])
def test_what_is_not_the_organisations_cannot_be_chosen(lab: Actor, name: str) -> None:
    policies.write(name="house", blocks={}, actor=factories.actor())
    scan = scanned.scan(lab)
    with pytest.raises(InvalidInput) as raised:
        clearances.request(scan=scan, actor=lab, profile=name, **ASKED)
    assert raised.value.errors[0]["pointer"] == "/policy"


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("[verdicts]\nUNKNOWN = 'CLEARED'", "asks for more than a policy may: it says which verdicts block"),
        ("authorises = ['UNKNOWN']", "asks for more than a policy may: only a verdict CLEARED authorises"),
        ("[blocks]\nNOT_CLEARED = false", "asks for more than a policy may: what is not cleared always blocks"),
        ("[blocks]\nCLEAR = true", "is not a verdict"),
        ("profile = 7", "has to be a str"),
        ("no toml", "not readable as TOML"),
        ("# " + "x" * 20_000, "at most 16 KiB"),
    ],
)
def test_a_file_that_asks_for_more_than_it_may_is_refused_with_the_reason(lab: Actor, text: str, cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause):
        policies.write_file(name="house", raw=text.encode(), actor=lab)
    assert not Policy.objects.exists()


@pytest.mark.parametrize("name", ["strict", "House", "", "a b", "x" * 61])
def test_a_name_is_its_own_and_can_stand_in_an_address(lab: Actor, name: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        policies.write(name=name, blocks={"CLEAR": True, "UNKNOWN": "yes"}, actor=lab)
    pointers = [error["pointer"] for error in raised.value.errors]
    assert pointers == ["/name", "/blocks/CLEAR", "/blocks/UNKNOWN"]


def test_the_file_of_a_policy_reads_as_the_policy(lab: Actor) -> None:
    row = policies.write(name="house", blocks={"UNKNOWN": True}, quotations=True, actor=lab)
    read = read_policy(policies.as_toml(row).encode(), "house.toml")
    stored = policies.as_rules(row)
    assert (read.blocked, read.quotations, read.version) == (stored.blocked, stored.quotations, "1")
    same = policies.write_file(name="house", raw=policies.as_toml(row).encode(), actor=lab)
    assert same == row


def test_a_withdrawn_policy_is_chosen_no_longer_and_stays_with_its_answers(lab: Actor) -> None:
    row = policies.write(name="house", blocks={}, actor=lab)
    scan = scanned.scan(lab)
    asked = clearances.request(scan=scan, actor=lab, profile="house", **ASKED)
    with pytest.raises(NotAllowed):
        policies.withdraw(policy=row, actor=factories.actor())
    policies.withdraw(policy=row, actor=lab)
    with pytest.raises(Conflict):
        policies.withdraw(policy=row, actor=lab)
    with pytest.raises(InvalidInput):
        clearances.request(scan=scan, actor=lab, profile="house", **ASKED)
    assert clearances.decide(asked.pk).policy["profile"] == "house"
    assert policies.write(name="house", blocks={}, actor=lab).version == 2
