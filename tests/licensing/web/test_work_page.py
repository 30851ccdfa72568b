"""A work's page: the verdict for the question in the form, and only what the reader may know."""

import re

from django.test import Client

from licensing.models import Preference
from licensing.services import ownership
from licensing.services.assertions import Scope, today
from registry.models import Entry, Work
from tests import factories
from tests.browser.world import World


def ask(client: Client, world: World, **question: str) -> str:
    return client.get(f"/works/{world.scene.licensed.public_id}", question, follow=True).content.decode()


def test_the_address_without_its_title_leads_to_the_one_with_it(client: Client, world: World) -> None:
    work = world.scene.licensed
    answer = client.get(f"/works/{work.public_id}-another-title?use=evaluation")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/works/{work.public_id}-the-lamp?use=evaluation")


def test_the_verdict_is_that_of_the_rules_for_the_reader(lab: Client, client: Client, world: World) -> None:
    question = {"use": "pretraining", "purpose": "commercial", "territory": "DE", "on": "2026-11-01"}
    assert "cleared with conditions" in ask(lab, world, **question)
    assert "Lab is licensed by Press" in ask(lab, world, **question)
    assert "is licensed by" not in ask(client, world, **question)


def test_a_grant_that_does_not_reach_the_use_is_not_cleared(lab: Client, world: World) -> None:
    page = ask(lab, world, use="evaluation", purpose="commercial", territory="DE", on="2026-11-01")
    assert 'class="answer v-not_cleared"' in page
    assert "A licence that does not reach this" in page


def test_a_question_that_makes_no_sense_is_said_beside_its_field(client: Client, world: World) -> None:
    page = ask(client, world, territory="Atlantis", on="soon", use="juggling")
    assert "Write a country code, EU, EEA or WORLD." in page
    assert page.count('class="error"') == 3


def test_a_hostile_title_is_text(client: Client, world: World) -> None:
    page = client.get(f"/works/{world.scene.hostile.public_id}", follow=True).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_speaks_chinese(lab: Client, world: World) -> None:
    lab.cookies["django_language"] = "zh-hans"
    page = ask(lab, world, use="pretraining", purpose="commercial", territory="DE", on="2026-11-01")
    assert '<html lang="zh-Hans">' in page
    assert "附条件许可" in page
    assert "德国" in page


def test_an_address_that_is_no_web_address_is_no_link(client: Client, world: World) -> None:
    world.reservation.source_address = "javascript:alert(1)"
    world.reservation.save()
    assert 'href="javascript' not in ask(client, world)


def prefer(world: World, signal: str) -> Preference:
    press = world.scene.press.organisation
    assert press is not None
    return Preference.objects.create(
        work=world.scene.licensed, asserted_by=press, signal=signal, capacity="publisher", observed_at=today()
    )


def test_who_speaks_for_a_work_is_said_once_and_every_link_to_evidence_lands(client: Client, world: World) -> None:
    owners = [factories.actor(factories.organisation(f"claimant-{number}")) for number in range(22)]
    rows = [
        ownership.claim(
            work=world.scene.licensed,
            holder=ownership.holder_of(owner.organisation),
            scope=Scope(),
            actor=owner,
            exclusive=True,
        )
        for owner in owners
        if owner.organisation
    ]
    ownership.withdraw(rows[0], reason="sold", actor=owners[0])
    prefer(world, "allow")
    page = ask(client, world, use="pretraining", purpose="commercial", territory="DE", on="2026-11-01")
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert {row.public_id for row in rows} < set(ids)
    links = re.findall(r'href="#([^"]+)"', page)
    assert {row.public_id for row in rows[1:]} & set(links), "the dispute names the claims that it is between"
    assert set(links) <= set(ids)


def test_an_allow_is_shown_as_what_it_is_and_its_speaker_may_take_it_back(
    client: Client, press: Client, world: World
) -> None:
    row, other = prefer(world, "allow"), prefer(world, "disallow")
    page = ask(client, world)
    assert "That is no licence: it gives nobody a right." in page
    assert "That is no reservation of rights." in page
    place = f"/works/{world.scene.licensed.public_id}/statements/preference/{row.public_id}/withdraw"
    assert place not in page
    assert place in ask(press, world)
    assert f'/works/{world.scene.licensed.public_id}/statements/preference"' not in ask(press, world)
    assert press.post(place, {"reason": "changed our mind"}).status_code == 302
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.withdrawn_at is not None, other.withdrawn_at) == (True, None)
    assert Entry.objects.filter(subject=f"preference:{row.public_id}", kind="preference.withdrawn").exists()


def test_a_draft_says_so_beside_its_title(press: Client, world: World) -> None:
    assert '<span class="chip">draft</span>' not in ask(press, world)
    Work.objects.filter(pk=world.scene.licensed.pk).update(visibility="draft")
    assert '<span class="chip">draft</span>' in ask(press, world)


def test_a_publisher_is_named_as_the_one_to_ask_only_where_one_is_recorded(client: Client, db: None) -> None:
    work = factories.work("A Book Without Editions")
    page = client.get(f"/works/{work.public_id}", follow=True).content.decode()
    assert "no publisher is recorded" in page
    assert "Its publisher is where to begin" not in page
