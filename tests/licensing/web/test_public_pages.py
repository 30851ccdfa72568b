"""Pages of works, datasets and holders: status per use, published finds only, pictures with their tables."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ingest.models import Scan
from registry.models import Component, Dataset, Party, ProvenanceClaim, Release, Work
from tests import factories
from tests.browser.world import World

pytestmark = pytest.mark.django_db


def shown(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def publish(world: World) -> None:
    """The scan's owner published it, and its dataset is a public one."""
    Scan.objects.filter(pk=world.scan.pk).update(is_public=True, state=Scan.State.DONE)
    release = Release.objects.create(dataset=world.public_dataset, version="as checked")
    Scan.objects.filter(pk=world.scan.pk).update(release=release)


def test_a_work_shows_its_status_for_every_use_and_territory(client: Client, world: World) -> None:
    page = shown(client, f"/works/{world.scene.licensed.public_id}")
    table = page[page.index('id="uses"') : page.index('id="licence"')]
    for words in ("pretraining", "fine-tuning", "retrieval", "evaluation", "search index", "China"):
        assert words in table
    assert table.count('class="chip s-') == 8 * 5
    assert table.count("<svg") == 8 * 5, "an icon beside every word"


def test_another_day_is_asked_of_the_same_page(client: Client, world: World) -> None:
    page = shown(client, f"/works/{world.scene.licensed.public_id}?on=1999-01-01")
    assert "on 1999-01-01" in page[page.index('id="uses"') :]


def test_an_offer_is_how_to_get_a_licence_and_silence_is_said(client: Client, world: World) -> None:
    page = shown(client, f"/works/{world.scene.licensed.public_id}")
    assert "fine-tuning" in page[page.index('id="licence"') :]
    silent = Work.objects.exclude(pk__in=[world.scene.licensed.pk, world.scene.chinese.pk]).first()
    assert silent is not None
    assert "silence is no permission" in shown(client, f"/works/{silent.public_id}").lower()


def test_a_private_scan_is_shown_to_nobody_else_and_counted_nowhere(client: Client, world: World) -> None:
    work = world.scene.licensed
    assert 'id="found"' not in shown(client, f"/works/{work.public_id}")
    assert 'id="shares"' not in shown(client, f"/datasets/{world.public_dataset.slug}")
    Scan.objects.filter(pk=world.scan.pk).update(is_public=True)
    page = shown(client, f"/works/{work.public_id}")
    assert 'id="found"' not in page, "its dataset is private, whatever the scan says"
    assert world.dataset.name not in page


def test_a_published_scan_shows_coverage_and_places_but_no_text(client: Client, world: World) -> None:
    publish(world)
    work = world.scene.licensed
    page = shown(client, f"/works/{work.public_id}")
    found = page[page.index('id="found"') :]
    assert "The Heap" in found
    assert "% of the work" in found
    assert "characters" in found
    match = world.scan.matches.get(work=work)
    excerpts = [passage.get("excerpt") for passage in match.passages if passage.get("excerpt")]
    assert not any(text in page for text in excerpts)
    dataset = shown(client, f"/datasets/{world.public_dataset.slug}")
    assert 'id="shares"' in dataset
    assert work.title in dataset
    assert "The Heap" in shown(client, f"/holders/{work.contributions.get(position=0).party.public_id}")


def test_a_withdrawn_work_is_gone_and_says_when_and_by_whom(client: Client, world: World) -> None:
    work = world.scene.licensed
    Work.objects.filter(pk=work.pk).update(withdrawn_at=timezone.now())
    answer = client.get(f"/works/{work.public_id}")
    assert answer.status_code == 410
    assert work.registered_by.name in answer.content.decode()
    assert work.title not in answer.content.decode()
    Work.objects.filter(pk=work.pk).update(visibility="draft")
    assert client.get(f"/works/{work.public_id}").status_code == 404, "a draft was never known"


def test_a_merged_work_leads_to_the_one_it_is_now(client: Client, world: World) -> None:
    old, kept = world.scene.chinese, world.scene.licensed
    Work.objects.filter(pk=old.pk).update(merged_into=kept)
    answer = client.get(f"/works/{old.public_id}", follow=True)
    assert answer.status_code == 200
    assert kept.title in answer.content.decode()


def test_a_dataset_has_pictures_each_with_its_table(client: Client, world: World) -> None:
    page = shown(client, f"/datasets/{world.public_dataset.slug}")
    for picture, table in (
        ("treemap", "What it is made of"),
        ("timeline", "What happened when"),
        ("lineage", "Lineage"),
    ):
        assert f'class="picture {picture}"' in page
        assert f'aria-label="{table}"' in page
    assert "style=" not in page


def test_a_cycle_in_the_lineage_is_marked_and_ends(client: Client, world: World) -> None:
    ProvenanceClaim.objects.create(
        key="back", subject_dataset=world.public_dataset, relation="generated_by", object_model=world.model,
        status="alleged",
    )  # fmt: skip
    page = shown(client, f"/datasets/{world.public_dataset.slug}")
    assert "goes back" in page
    assert 'class="edge back' in page


def test_a_collection_of_hundreds_stays_a_page(
    client: Client, world: World, django_assert_max_num_queries: Any
) -> None:
    release = Release.objects.create(dataset=world.public_dataset, version="2")
    rows = [
        Dataset(slug=f"set-{number}", name=f"Set {number}", licences=[{"name": "OpenAI", "kind": "terms"}])
        for number in range(300)
    ]
    Dataset.objects.bulk_create(rows)
    Component.objects.bulk_create([Component(release=release, dataset=row) for row in rows])
    with django_assert_max_num_queries(60):
        page = shown(client, f"/datasets/{world.public_dataset.slug}")
    assert "others" in page
    assert "terms restrict it" in page


def test_a_party_of_drafts_alone_has_no_public_page(client: Client, world: World) -> None:
    hidden = Party.objects.create(name="Hidden Author", known_to=world.scene.press.organisation)
    assert client.get(f"/holders/{hidden.public_id}").status_code == 404
    client.force_login(world.press)
    assert client.get(f"/holders/{hidden.public_id}").status_code == 200


def check_of(world: World, client: Client, **choices: str) -> Scan:
    """What a member asks for from the dataset's page."""
    client.force_login(world.lab)
    form = {
        "dataset": "The Heap", "acquisition": "unknown", "use": "pretraining", "purpose": "commercial",
        "territory": ["US"], "as_of": "2026-01-01", "policy": "balanced", "reservation_search": "not_done",
        "uploads": SimpleUploadedFile("shard.txt", b"Some text of the heap."), **choices,
    }  # fmt: skip
    answer = client.post(f"/checks/new?dataset={world.public_dataset.slug}", form)
    assert answer.status_code == 302, answer.content.decode()
    return Scan.objects.latest("id")


def test_what_a_check_finds_is_published_only_by_choice(client: Client, world: World) -> None:
    assert "Publish what this check finds" not in shown_to(client, world, "/checks/new")
    assert "Publish what this check finds" in shown_to(client, world, "/checks/new?dataset=the-heap")
    assert "Publish what this check finds" not in shown_to(client, world, f"/checks/new?dataset={world.dataset.slug}")
    private = check_of(world, client)
    assert not private.is_public
    assert private.release.dataset.visibility == "private"
    published = check_of(world, client, publish="on")
    assert published.is_public
    assert published.release.dataset == world.public_dataset
    assert check_of(world, client, publish="on").release == published.release, "the same files are the same release"


def shown_to(client: Client, world: World, address: str) -> str:
    client.force_login(world.lab)
    return shown(client, address)


def test_publishing_can_be_stopped_and_the_release_goes_home(client: Client, world: World) -> None:
    scan = check_of(world, client, publish="on")
    assert "is published" in shown(client, f"/checks/{scan.public_id}")
    client.force_login(world.rival)
    assert client.post(f"/checks/{scan.public_id}/withhold").status_code == 404
    client.force_login(world.lab)
    assert client.post(f"/checks/{scan.public_id}/withhold").status_code == 302
    scan.refresh_from_db()
    assert not scan.is_public
    assert scan.release.dataset.visibility == "private"
    client.logout()
    assert client.get(f"/api/v1/releases/{scan.release.public_id}/items").status_code == 404
    assert "as checked" not in shown(client, "/datasets/the-heap")


def test_a_registry_with_works_alone_is_not_called_empty(client: Client) -> None:
    assert "The registry is empty." in shown(client, "/")
    factories.work("The First of Many")
    assert "The registry is empty." not in shown(client, "/")


def test_where_nothing_is_the_search_box_suggests(client: Client, world: World) -> None:
    gone = world.scene.licensed
    Work.objects.filter(pk=gone.pk).update(withdrawn_at=timezone.now())
    for address, status in (("/works/000000000000", 404), (f"/works/{gone.public_id}", 410)):
        answer = client.get(address)
        assert answer.status_code == status
        assert 'data-suggestions="/search/suggestions"' in answer.content.decode()
        assert "search.js" in answer.content.decode()
