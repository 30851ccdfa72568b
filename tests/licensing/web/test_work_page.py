"""A work's page: the verdict for the question in the form, and only what the reader may know."""

from django.test import Client

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
