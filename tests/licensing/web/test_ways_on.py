"""From where somebody reads to what they can do about it: searches, lists, results and datasets lead on."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html

from licensing.models import LicenceRequest
from registry.models import Membership, RightsClaim, Work
from tests.browser.world import World
from tests.licensing.web.conftest import client_of

TERMS = {"uses": ["fine_tuning"], "territory": ["EU"], "affiliates": "all", "sublicensing": "none"}


def tree(answer: Any) -> Any:
    return html.fromstring(answer.content)


def links(answer: Any) -> dict[str, str]:
    """The words of each link of a page → where it leads."""
    return {" ".join(link.text_content().split()): link.get("href") for link in tree(answer).xpath("//main//a")}


@pytest.mark.parametrize("query", ["q=lamp", "q=lamp&language=en", "language=en&kind=work&year_from=2010&year_to=2012"])
def test_a_search_leads_to_a_request_for_what_it_found(lab: Client, world: World, query: str) -> None:
    address = links(lab.get(f"{reverse('search')}?{query}"))["Request licences for these works"]
    assert address.startswith(reverse("request-new"))
    form = tree(lab.get(address)).forms[-1]
    answer = lab.post(address, TERMS | {"title": form.fields["title"]})
    made = LicenceRequest.objects.latest("pk")
    assert answer.headers["Location"] == reverse("request", args=[made.public_id])
    titles = set(made.requested_works.values_list("work__title", flat=True))
    assert {"The Asked Lamp", "The Offered Lamp"} <= titles


def test_facets_come_along_and_are_named(lab: Client, world: World) -> None:
    address = f"{reverse('request-new')}?q=lamp&language=en&year_from=2010&year_to=2012"
    page = lab.get(address)
    chips = [" ".join(chip.text_content().split()) for chip in tree(page).xpath("//li[@class='chip']")]
    assert chips == ["Language: English", "First published: 2010–2012"]
    lab.post(address, TERMS | {"title": "Lamps"})
    years = set(LicenceRequest.objects.latest("pk").requested_works.values_list("work__first_published", flat=True))
    assert years == {"2011"}


def test_a_facet_that_nothing_has_asks_for_nothing(lab: Client, world: World) -> None:
    answer = lab.post(f"{reverse('request-new')}?q=lamp&language=xx", TERMS | {"title": "Lamps"})
    assert answer.status_code == 422
    assert not LicenceRequest.objects.filter(title="Lamps").exists()


def test_who_cannot_ask_is_not_invited_to(lab: Client, world: World) -> None:
    words = "Request licences for these works"
    assert words not in links(lab.get(reverse("search"), {"q": "lamp", "kind": "dataset"}))
    assert words not in links(lab.get(reverse("search"), {"q": "nothing at all"}))
    assert words in links(Client().get(reverse("search"), {"q": "lamp"}))
    Membership.objects.filter(user=world.lab).update(role=Membership.Role.VIEWER)
    assert words not in links(client_of(world.lab).get(reverse("search"), {"q": "lamp"}))
    work = reverse("work", args=[world.channelled.offer.work.public_id])
    assert "Ask for other terms" in links(Client().get(work, follow=True))
    assert "Ask for other terms" not in links(client_of(world.lab).get(work, follow=True))


def test_a_linked_list_leads_to_a_request_for_its_works(lab: Client, world: World) -> None:
    page = lab.get(reverse("linkage", args=[world.linked.public_id]))
    address = links(page)["Request licences for these works"]
    lab.post(address, TERMS | {"title": "From a list"})
    made = LicenceRequest.objects.latest("pk")
    assert [row.work for row in made.requested_works.all()] == [world.scene.licensed]


def test_a_list_without_works_asks_for_none(lab: Client, world: World) -> None:
    world.linked.rows.filter(decision="match").update(decision="none")
    page = lab.get(reverse("linkage", args=[world.linked.public_id]))
    assert "Request licences for these works" not in links(page)


def test_a_result_and_a_dataset_with_one_s_own_works_lead_to_a_notice(lab: Client, world: World) -> None:
    clearance = reverse("clearance", args=[world.scene.clearance.public_id])
    dataset = reverse("dataset", args=[world.dataset.slug])
    words = "Write a notice to its host"
    address = links(lab.get(clearance))[words]
    assert address.endswith(f"?clearance={world.scene.clearance.public_id}")
    assert links(lab.get(dataset))[words].endswith(f"?dataset={world.dataset.slug}")
    assert lab.get(address).status_code == 200
    others = reverse("dataset", args=[world.public_dataset.slug])
    assert words not in links(lab.get(others))
    Work.objects.filter(registered_by=world.scan.organisation).update(registered_by=world.scene.press.organisation)
    RightsClaim.objects.filter(asserted_by=world.scan.organisation).delete()
    assert words not in links(lab.get(clearance))
