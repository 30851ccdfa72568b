"""Changing a work on its pages: amended, merged, split, withdrawn; who comes second overwrites nothing."""

import pytest
from django.test import Client

from registry.models import Edition, Membership, User, Work
from registry.services import works
from registry.services.works import AuthorFacts, EditionFacts, WorkFacts
from tests import factories

pytestmark = pytest.mark.django_db

LAMP = WorkFacts(
    "The Lamp", [AuthorFacts("Ada Example", "1901-02-03", isni="000000012281955X"), AuthorFacts("B", role="editor")],
    identifiers=[("doi", "10.1000/lamp"), ("lccn", "n79021614")],
    editions=[EditionFacts(title="La Lampe", language="fr", identifiers=[("isbn", "9780141439518")])],
)  # fmt: skip


@pytest.fixture
def press() -> User:
    user = User.objects.create_user(username="press@example.org", password="x")
    Membership.objects.create(user=user, organisation=factories.organisation("press", "Press"), role="editor")
    return user


@pytest.fixture
def publisher(client: Client, press: User) -> Client:
    client.force_login(press)
    return client


@pytest.fixture
def lamp(press: User) -> Work:
    return works.register(LAMP, actor=factories.actor(press.organisations.get()))


def form_of(publisher: Client, work: Work, page: str) -> dict[str, str]:
    """What the form on a page would send back untouched."""
    form = publisher.get(f"/works/{work.public_id}/{page}").context["form"]
    return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}


def test_a_form_that_is_sent_back_untouched_changes_nothing(publisher: Client, lamp: Work) -> None:
    before = works.facts_of(lamp)
    assert publisher.post(f"/works/{lamp.public_id}/amend", form_of(publisher, lamp, "amend")).status_code == 302
    lamp.refresh_from_db()
    assert (works.facts_of(lamp), lamp.revision) == (before, 1)


def test_a_change_is_saved_shown_in_the_history_and_undone(publisher: Client, lamp: Work) -> None:
    data = form_of(publisher, lamp, "amend") | {"title": "The Lantern", "reason": "a better title"}
    page = publisher.post(f"/works/{lamp.public_id}/amend", data, follow=True).content.decode()
    assert "<h1><bdi>The Lantern</bdi></h1>" in page
    assert "<del><bdi>The Lamp</bdi></del> became <ins><bdi>The Lantern</bdi></ins>" in page
    assert "a better title" in page
    page = publisher.post(f"/works/{lamp.public_id}/undo", {"number": "1"}, follow=True).content.decode()
    assert "<h1><bdi>The Lamp</bdi></h1>" in page


def test_who_comes_second_sees_what_the_first_changed(publisher: Client, lamp: Work) -> None:
    first = form_of(publisher, lamp, "amend")
    publisher.post(f"/works/{lamp.public_id}/amend", first | {"title": "First"})
    page = publisher.post(f"/works/{lamp.public_id}/amend", first | {"language": "en"})
    said = page.content.decode()
    assert page.status_code == 409
    assert "<del><bdi>The Lamp</bdi></del> became <ins><bdi>First</bdi></ins>" in said
    assert 'value="en"' in said
    lamp.refresh_from_db()
    assert (lamp.title, lamp.language) == ("First", "")
    data = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    assert publisher.post(f"/works/{lamp.public_id}/amend", data).status_code == 302
    lamp.refresh_from_db()
    assert lamp.language == "en"


def test_an_edition_is_added_and_changed(publisher: Client, lamp: Work) -> None:
    data = {"title": "Die Lampe", "published": "1999", "revision": 1, "isbn": "9780141439587", "translation": "on"}
    page = publisher.post(f"/works/{lamp.public_id}/editions/new", data | {"translator": "Carl Example (1950–)"})
    assert page.status_code == 302
    made = Edition.objects.get(work=lamp, title="Die Lampe")
    assert made.translator is not None
    assert made.translator.born == "1950"
    address = f"editions/{made.public_id}"
    changed = form_of(publisher, lamp, address) | {"published": "2000", "translation": "on"}
    assert publisher.post(f"/works/{lamp.public_id}/{address}", changed).status_code == 302
    made.refresh_from_db()
    assert (made.published, made.identifiers.get().value) == ("2000", "9780141439587")
    wrong = publisher.post(f"/works/{lamp.public_id}/editions/new", data | {"isbn": "9780141439589"})
    assert wrong.status_code == 422
    assert publisher.get(f"/works/{lamp.public_id}/editions/0000000000zz").status_code == 404


def test_a_merge_sends_the_old_address_on(publisher: Client, lamp: Work, press: User) -> None:
    double = factories.work("The Lamp", ["Ada Example"], by=factories.actor(press.organisations.get()))
    page = publisher.get(f"/works/{double.public_id}/merge").content.decode()
    assert lamp.public_id in page, "what is alike is offered"
    data = {"into": lamp.public_id, "revision": 1, "reason": "twice"}
    assert publisher.post(f"/works/{double.public_id}/merge", data).status_code == 302
    moved = Client().get(f"/works/{double.public_id}-the-lamp")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"/works/{lamp.public_id}-the-lamp")
    answer = Client().get(f"/api/v1/works/{double.public_id}")
    assert (answer.status_code, answer.json()["merged_into"]) == (301, lamp.public_id)
    assert answer.headers["Location"] == f"/api/v1/works/{lamp.public_id}"
    assert publisher.post(f"/works/{double.public_id}/withdraw", {"reason": "x", "revision": 2}).status_code == 409
    publisher.post(f"/works/{lamp.public_id}/undo", {"number": "1"})
    assert Client().get(f"/works/{double.public_id}-the-lamp").status_code == 200


def test_a_merge_needs_another_work_of_the_organisation(publisher: Client, lamp: Work) -> None:
    stranger = factories.work("The Lamp", ["Ada Example"])
    for number in ("", "nonsense", stranger.public_id, lamp.public_id):
        page = publisher.post(f"/works/{lamp.public_id}/merge", {"number": number, "revision": 1})
        assert page.status_code == 422, number


def test_where_nothing_is_alike_the_other_work_has_to_be_named(publisher: Client, lamp: Work) -> None:
    page = publisher.get(f"/works/{lamp.public_id}/merge").content.decode()
    assert '<label for="id_number">It is this work</label>' in page


def test_a_work_without_parts_offers_no_split(publisher: Client, press: User) -> None:
    whole = factories.work("One Piece", by=factories.actor(press.organisations.get()))
    page = publisher.get(f"/works/{whole.public_id}/split").content.decode()
    assert "no editions or identifiers" in page
    assert "Split it" not in page


def test_a_split_takes_what_was_chosen(publisher: Client, lamp: Work) -> None:
    edition = Edition.objects.get(work=lamp)
    data = {"title": "La Lampe", "editions": edition.public_id, "identifiers": "doi:10.1000/lamp", "revision": 1}
    page = publisher.post(f"/works/{lamp.public_id}/split", data)
    made = Work.objects.exclude(pk=lamp.pk).get()
    assert page.headers["Location"] == f"/works/{made.public_id}-la-lampe"
    assert {str(row) for row in made.identifiers.all()} == {"isbn:9780141439518", "doi:10.1000/lamp"}
    nothing = publisher.post(f"/works/{lamp.public_id}/split", {"title": "x", "revision": 2})
    assert nothing.status_code == 422


def test_a_work_is_withdrawn_and_restored(publisher: Client, lamp: Work) -> None:
    assert publisher.post(f"/works/{lamp.public_id}/withdraw", {"revision": 1}).status_code == 422
    publisher.post(f"/works/{lamp.public_id}/withdraw", {"reason": "wrong", "revision": 1})
    assert Client().get(f"/works/{lamp.public_id}-the-lamp").status_code == 410
    publisher.post(f"/works/{lamp.public_id}/restore")
    assert Client().get(f"/works/{lamp.public_id}-the-lamp").status_code == 200


def test_a_draft_is_published_by_a_button(publisher: Client, press: User) -> None:
    draft = factories.work("Hidden", by=factories.actor(press.organisations.get()), visibility="draft")
    assert "This is a draft." in publisher.get(f"/works/{draft.public_id}-hidden").content.decode()
    assert Client().get(f"/works/{draft.public_id}-hidden").status_code == 404
    publisher.post(f"/works/{draft.public_id}/publish")
    assert Client().get(f"/works/{draft.public_id}-hidden").status_code == 200


def test_what_cannot_be_undone_says_why(publisher: Client, lamp: Work) -> None:
    for number in ("99", "-1", "x", "", "9" * 30):
        page = publisher.post(f"/works/{lamp.public_id}/undo", {"number": number}, follow=True)
        assert "has no revision" in page.content.decode()


def test_a_viewer_sees_the_history_and_changes_nothing(publisher: Client, press: User, lamp: Work) -> None:
    press.memberships.update(role="viewer")
    assert publisher.get(f"/works/{lamp.public_id}-the-lamp").status_code == 200
    for page in ("amend", "merge", "split", "withdraw", "editions/new"):
        assert publisher.get(f"/works/{lamp.public_id}/{page}").status_code == 403, page
    assert publisher.post(f"/works/{lamp.public_id}/undo", {"number": "1"}).status_code == 403
