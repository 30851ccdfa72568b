"""Members leave a society on its pages: from a day on, for some works, seen by the two of them, and back again."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from licensing.models import Agreement, MemberExit
from licensing.selectors import exit_effects
from licensing.services import member_exits
from registry.actors import Actor, of_user
from registry.models import Organisation, Work
from tests import factories
from tests.licensing import asked
from tests.licensing.services.test_member_exits import FREE
from tests.licensing.web.conftest import client_of

pytestmark = pytest.mark.django_db


def somebody(slug: str, name: str) -> Actor:
    organisation = factories.organisation(slug, name)
    return of_user(factories.person(f"{slug}@example.org", of=organisation), organisation)


@pytest.fixture
def society() -> Actor:
    return somebody("society", "The Society")


@pytest.fixture
def member() -> Actor:
    return somebody("member", "A Member")


@pytest.fixture
def works(society: Actor, member: Actor) -> list[Work]:
    """Three works of the society's repertoire, two of them the member's."""
    made = asked.claimed(society, 3, capacity="society", evidence_sha256="a" * 64)
    asked.claim(member, made[:2], capacity="author", verification="none", ai_rights="silent")
    return made


@pytest.fixture
def agreement(society: Actor, works: list[Work]) -> Agreement:
    """What the society granted a firm for all three."""
    for work in works:
        work.rights_claims.filter(capacity="author").update(capacity="observer")  # so that the society is asked
    made = asked.granted(society, somebody("acme", "Acme AI"), works, FREE)
    for work in works:
        work.rights_claims.filter(capacity="observer").update(capacity="author")
    return made


def page(actor: Actor) -> Client:
    assert actor.user is not None
    return client_of(actor.user)


def text(answer: Any) -> str:
    return str(answer.content.decode())


def given(**changed: Any) -> dict[str, Any]:
    return {"society": "society", "which": "all", "leaves_on": asked.day(30).isoformat()} | changed


def test_societies_are_those_that_speak_as_one_with_how_much_is_one_s_own(member: Actor, works: list[Work]) -> None:
    society = Organisation.objects.get(slug="society")
    assert exit_effects.societies(asked.of(member)) == [(society, 2)]
    assert exit_effects.societies(society) == []


def test_a_member_announces_that_it_leaves_and_the_society_sees_what_will_end(
    society: Actor, member: Actor, agreement: Agreement
) -> None:
    client = page(member)
    form = text(client.get(reverse("member-exit-new")))
    assert "The Society (speaks for 2 works of yours)" in form
    answer = client.post(reverse("member-exit-new"), given(reason="On our own."))
    made = MemberExit.objects.get()
    assert answer.headers["Location"] == reverse("member-exit", args=[made.public_id])
    seen = text(page(society).get(answer.headers["Location"]))
    assert f"leaves on {asked.day(30).isoformat()}" in seen
    assert reverse("licence-agreement", args=[agreement.public_id]) in seen
    assert exit_effects.losses(made) == [exit_effects.Loss(agreement, 2)]
    own = text(client.get(answer.headers["Location"]))
    assert "On our own." in own
    assert agreement.public_id not in own  # what the society granted is between it and the firm


def test_what_ended_is_told_from_the_log(society: Actor, member: Actor, agreement: Agreement) -> None:
    made = member_exits.leave(society=asked.of(society), actor=member)
    made.refresh_from_db()
    assert exit_effects.losses(made) == [exit_effects.Loss(agreement, 2)]
    seen = text(page(society).get(reverse("member-exit", args=[made.public_id])))
    assert "What ended" in seen
    assert "In effect since" in seen


def test_only_the_named_works_and_the_named_channel_are_left(
    society: Actor, member: Actor, works: list[Work], agreement: Agreement
) -> None:
    listed = {"which": "listed", "listed": works[0].public_id, "channels": ["collective_opt_in"]}
    page(member).post(reverse("member-exit-new"), given(**listed))
    made = MemberExit.objects.get()
    assert (made.works, made.channels) == ([works[0].public_id], ["collective_opt_in"])
    assert list(exit_effects.works_of(made)) == [works[0]]
    assert exit_effects.losses(made) == [exit_effects.Loss(agreement, 1)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"leaves_on": "2020-01-01"}, "Members leave from today on at the earliest."),
        ({"which": "listed"}, "List at least one work."),
        ({"which": "listed", "listed": "nonsense"}, "nonsense is not registered, or not an identifier."),
        ({"society": "nobody"}, "nobody is not one of the available choices."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_recorded(
    member: Actor, works: list[Work], wrong: dict[str, Any], said: str
) -> None:
    answer = page(member).post(reverse("member-exit-new"), given(reason="Typed.", **wrong))
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Typed." in text(answer)
    assert not MemberExit.objects.exists()


def test_a_work_of_somebody_else_cannot_be_taken_out(member: Actor, works: list[Work]) -> None:
    wrong = {"which": "listed", "listed": works[2].public_id}
    answer = page(member).post(reverse("member-exit-new"), given(**wrong))
    assert answer.status_code == 422
    assert "no standing claim" in text(answer)


def test_the_member_alone_comes_back_and_what_ended_stays_ended(
    society: Actor, member: Actor, agreement: Agreement
) -> None:
    made = member_exits.leave(society=asked.of(society), actor=member)
    address = reverse("member-exit-withdraw", args=[made.public_id])
    assert page(society).post(address).status_code == 404
    assert "stays ended" in text(page(member).get(address))
    assert page(member).post(address).status_code == 302
    assert page(member).post(address).status_code == 409
    seen = text(page(society).get(reverse("member-exit", args=[made.public_id])))
    assert "has come back" in seen
    assert agreement.grants.filter(withdrawn_at__isnull=True).count() == 1


def test_nobody_else_sees_an_exit_and_without_one_the_page_says_so(
    society: Actor, member: Actor, works: list[Work]
) -> None:
    made = member_exits.leave(society=asked.of(society), actor=member)
    rival = page(somebody("rival", "A Rival"))
    assert rival.get(reverse("member-exit", args=[made.public_id])).status_code == 404
    assert rival.get(reverse("member-exit-withdraw", args=[made.public_id])).status_code == 404
    assert "nobody has left it" in text(rival.get(reverse("member-exits")))
    assert "A Member" in text(page(society).get(reverse("member-exits")))


def test_where_no_society_speaks_there_is_none_to_leave(member: Actor) -> None:
    assert "so there is none to leave" in text(page(member).get(reverse("member-exit-new")))
