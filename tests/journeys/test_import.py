"""A publisher comes to an empty site with a feed: registered, corrected, sent again, taken back, through a worker."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from bench.kit.onix_feed import write_feed
from registry import jobs
from registry.models import Entry, Import, Work
from registry.services import log
from tests import factories, workers

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]

RECORDS = 400
BROKEN = b"<Product><RecordReference>no-title</RecordReference><NotificationType>03</NotificationType></Product>"


def test_a_feed_is_registered_corrected_and_sent_again(service_environment: dict[str, str], tmp_path: Path) -> None:
    press = factories.organisation("example-press")
    person = factories.person("editor@example.org", of=press, role="editor")
    client = Client()
    client.force_login(person)
    assert b"No file was imported yet" in client.get("/imports").content
    feed, revised = tmp_path / "feed.xml", tmp_path / "revised.xml"
    write_feed(feed, records=RECORDS)
    write_feed(revised, records=RECORDS, revision=1)
    whole = feed.read_bytes()
    feed.write_bytes(whole.replace(b"</ONIXMessage>", BROKEN + b"</ONIXMessage>"))
    workers.empty_broker()
    with workers.running(service_environment, tmp_path / "worker.log"):
        first = handed_in(client, feed)
        titles = first.counts["new"]  # the other records are further editions of these works
        assert 0 < titles < RECORDS
        assert (titles + first.counts["updated"], first.counts["refused"]) == (RECORDS, 1)
        assert Work.objects.count() == 0
        page = client.get(f"/imports/{first.public_id}").content.decode()
        assert "Import the valid rows only" in page
        assert "no-title" in page
        refused = b"".join(client.get(f"/imports/{first.public_id}/refused").streaming_content)  # type: ignore[attr-defined]
        assert b"<RecordReference>no-title</RecordReference>" in refused

        feed.write_bytes(whole)
        corrected = confirmed(client, handed_in(client, feed))
        assert (corrected.state, corrected.counts["new"], Work.objects.count()) == ("done", titles, titles)

        again = handed_in(client, feed)
        assert again.counts["unchanged"] == RECORDS
        changed = confirmed(client, handed_in(client, revised))
        assert changed.counts["updated"] > 0
        assert changed.counts["updated"] + changed.counts["unchanged"] == RECORDS
        assert Work.objects.count() == titles

        client.post(f"/imports/{changed.public_id}/undo")
        workers.wait_until(lambda: fresh(changed).undo_entry_id is not None, meanwhile=jobs.sweep)
        assert 0 < fresh(changed).counts["undone"]["restored"] <= changed.counts["updated"]
    log.sequence_all()
    assert log.verify()["ok"]
    kinds = Entry.objects.filter(kind__startswith="import.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["import.applied", "import.applied", "import.undone"]


def handed_in(client: Client, path: Path) -> Import:
    """Upload on the page and wait for the dry run."""
    with path.open("rb") as file:
        form: dict[str, Any] = {"file": file, "capacity": "publisher", "ai_rights": "retained", "visibility": "public"}
        answer = client.post("/imports/new", form)
    assert answer.status_code == 302, answer.content.decode()
    batch = Import.objects.latest("id")
    workers.wait_until(lambda: fresh(batch).state not in ("uploaded", "checking"), meanwhile=jobs.sweep, seconds=120)
    return fresh(batch)


def confirmed(client: Client, batch: Import) -> Import:
    """Press the button and wait until the works are there."""
    assert batch.state == "checked", batch.reason
    client.post(f"/imports/{batch.public_id}/apply")
    workers.wait_until(lambda: fresh(batch).state != "applying", meanwhile=jobs.sweep, seconds=120)
    return fresh(batch)


def fresh(batch: Import) -> Import:
    return Import.objects.get(pk=batch.pk)
