"""Search follows the rows, and says when it does not."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now

from registry import jobs
from registry.errors import Conflict
from registry.models import Dataset, Job, Party, RightsClaim, Work
from registry.models.base import new_public_id
from registry.search import engine, indices, server, sync
from tests import factories

pytestmark = pytest.mark.django_db
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing answers there


@pytest.fixture(autouse=True)
def _fresh_statistics() -> None:
    cache.clear()
    server._failed_at.clear()


@pytest.fixture
def elastic(settings: Any, elasticsearch_url: str) -> Iterator[str]:
    settings.ELASTICSEARCH_URL = elasticsearch_url
    settings.SEARCH_INDEX_PREFIX = f"test-{new_public_id()}"
    yield elasticsearch_url
    settings.ELASTICSEARCH_URL = elasticsearch_url
    indices.remove(indices.names())


@contextmanager
def another_session() -> Iterator[Any]:
    """A cursor on a connection of its own."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


def command(name: str, *arguments: str) -> Any:
    out = StringIO()
    call_command(name, *arguments, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_refreshed_dataset_is_found_by_its_new_name() -> None:
    dataset = Dataset.objects.create(slug="books3", name="Books3")
    assert engine.search("books3").total == 0
    sync.refresh(dataset)
    assert engine.search("books3").total == 1
    dataset.name = "Bibliotik"
    dataset.save()
    sync.refresh(dataset)
    assert engine.search("bibliotik").total == 1


def test_refreshing_a_work_makes_its_authors_findable() -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"])
    sync.refresh(work)
    assert [hit.title for hit in engine.search("melville", "holder").hits] == ["Herman Melville"]


def test_refreshing_again_changes_nothing() -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"])
    sync.refresh(work)
    assert sync.refresh_many([work, Party.objects.get()]) == 0


def test_a_registered_work_is_found_in_the_same_transaction_and_again_by_its_index_job() -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"])
    assert engine.search("moby dick", "work").total == 1
    Work.objects.update(search_text="", search_tokens=[])
    job = jobs.enqueue("search_index", work_id=work.pk)
    assert jobs.run(job.pk) == Job.State.DONE
    assert engine.search("moby dick", "work").total == 1


def test_drift_counts_columns_that_are_out_of_date_and_repair_writes_them() -> None:
    sync.refresh(factories.work("Moby-Dick", ["Herman Melville"]))
    assert sync.drift().none
    Work.objects.update(title="The Whale")
    assert sync.drift() == sync.Drift(rows=2, columns=1, missing=0, stale=0, surplus=0)
    with pytest.raises(SystemExit, match="1"):
        command("search_rebuild", "--check")
    sync.drift(repair=True)
    assert sync.drift().none


def test_when_elasticsearch_is_away_postgresql_answers_and_says_so(settings: Any) -> None:
    sync.refresh(factories.work("Moby-Dick"))
    settings.ELASTICSEARCH_URL = NOWHERE
    hits = engine.search("moby dick")
    assert (hits.engine, hits.degraded, hits.total) == ("postgres", True, 1)
    again = engine.search("moby dick")
    assert again.degraded
    assert command("search", "moby dick")["degraded"] is True


def test_a_named_engine_that_is_away_is_an_error(settings: Any) -> None:
    with pytest.raises(engine.EngineUnknown):
        engine.search("moby", engine="elasticsearch")
    settings.ELASTICSEARCH_URL = NOWHERE
    with pytest.raises(server.EngineDown):
        engine.search("moby", engine="elasticsearch")
    with pytest.raises(CommandError) as refused:
        command("search", "moby", "--engine", "elasticsearch")
    assert refused.value.returncode == 2


def test_while_elasticsearch_is_away_one_repair_waits(settings: Any) -> None:
    work = factories.work("Moby-Dick")
    settings.ELASTICSEARCH_URL = NOWHERE
    for _ in range(2):
        sync.index("work", [work.pk])
    waiting = Job.objects.filter(kind="search_repair", state=Job.State.QUEUED)
    assert waiting.filter(not_before__gt=Now() + timedelta(seconds=30)).count() == waiting.count() == 1
    Job.objects.filter(kind="search_repair").update(not_before=Now())
    assert jobs.run(waiting.get().pk) == Job.State.DONE
    assert waiting.count() == 1  # the next one


def test_search_writes_the_object_that_scripts_read() -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"])
    sync.refresh(work)
    found = command("search", "moby dick", "--kind", "work", "--limit", "5")
    assert found["engine"] == "postgres"
    assert found["took_ms"] > 0
    assert [(hit["id"], hit["title"], hit["score"]) for hit in found["hits"]] == [(work.public_id, "Moby-Dick", 1.0)]


def test_two_rebuilds_do_not_run_at_once() -> None:
    with another_session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [sync.REBUILD_LOCK])
        with pytest.raises(Conflict, match="being rebuilt already"):
            sync.rebuild()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [sync.REBUILD_LOCK])  # a closed session lingers for a moment
    assert sync.rebuild() == {"work": 0, "dataset": 0, "model": 0, "holder": 0, "claim": 0}


@pytest.mark.elasticsearch
class TestElasticsearch:
    """On a real server."""

    def test_before_the_first_rebuild_postgresql_answers(self, elastic: str) -> None:
        sync.refresh(factories.work("Moby-Dick"))
        hits = engine.search("moby dick")
        assert (hits.engine, hits.degraded, hits.total) == ("postgres", True, 1)
        sync.rebuild()
        assert engine.search("moby dick").engine == "elasticsearch"

    def test_a_rebuild_replaces_the_index_in_one_step(self, elastic: str, monkeypatch: pytest.MonkeyPatch) -> None:
        factories.work("Moby-Dick")
        sync.rebuild()
        old = indices.live()
        publish = indices.publish
        seen: list[tuple[str, int]] = []

        def search_then_publish(index: str) -> None:
            hits = engine.search("moby dick", "work")
            seen.append((hits.engine, hits.total))
            publish(index)

        monkeypatch.setattr(indices, "publish", search_then_publish)
        sync.rebuild()
        assert seen == [("elasticsearch", 1)]
        assert indices.live() != old
        assert indices.names() == [indices.live()]
        assert engine.search("moby dick", "work").total == 1

    def test_a_change_during_a_rebuild_is_in_the_new_index(self, elastic: str, monkeypatch: pytest.MonkeyPatch) -> None:
        work = factories.work("Moby-Dick")
        sync.rebuild()
        actions = sync._actions

        def change_after_reading(kind: Any, keys: Any, names: Any) -> Any:
            made = actions(kind, keys, names)
            if kind.name == "work":
                monkeypatch.setattr(sync, "_actions", actions)
                Work.objects.filter(pk=work.pk).update(title="The Whale")
                sync.index("work", [work.pk])
            return made

        monkeypatch.setattr(sync, "_actions", change_after_reading)
        sync.rebuild()
        assert sync.drift().none
        assert [hit.title for hit in engine.search("whale", "work").hits] == ["The Whale"]

    def test_drift_names_what_is_missing_stale_and_surplus_and_repair_ends_it(self, elastic: str) -> None:
        press = factories.actor()
        works = [factories.work(title, by=press) for title in ("One", "Two", "Three")]
        sync.rebuild()
        Work.objects.filter(pk=works[0].pk).update(title="Uno")
        factories.work("Four", by=press)
        Dataset.objects.create(slug="d", name="Data")
        Work.objects.filter(pk=works[1].pk).delete()
        found = sync.drift(repair=True)
        assert (found.stale, found.missing, found.surplus) == (1, 2, 1)
        assert sync.drift().none

    def test_remains_of_a_rebuild_that_died_are_removed_by_the_next(self, elastic: str) -> None:
        sync.rebuild()
        indices.create()
        assert len(indices.names()) == 2
        sync.rebuild()
        assert len(indices.names()) == 1

    def test_the_patrol_finds_and_repairs_rows_that_the_index_lost_or_kept(self, elastic: str) -> None:
        for number in range(4):
            factories.work(f"Moby-Dick {number}", ["Herman Melville"])
        sync.rebuild()
        lost = Work.objects.latest("pk")
        [index] = indices.names()
        version = sync._database_microseconds()
        kind = sync.KINDS["work"]
        indices.write([indices.action(kind, lost.pk, None, version=version, index=index)])
        Work.objects.filter(title="Moby-Dick 0").delete()
        found = sync.patrol(143)
        assert (found.missing, found.surplus) == (1, 1)
        assert sync.patrol(143).none

    def test_what_was_read_earlier_never_replaces_what_was_read_later(self, elastic: str) -> None:
        work = factories.work("Moby-Dick")
        sync.rebuild()
        kind = sync.KINDS["work"]
        old = sync._actions(kind, [work.pk], indices.names())
        Work.objects.filter(pk=work.pk).update(title="The Whale")
        sync.index("work", [work.pk])
        assert indices.write(old) == 0
        assert sync.drift().none


def test_the_patrol_puts_right_what_differs_in_its_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sync, "SLICES", 2)
    work = factories.work("Moby-Dick", ["Herman Melville"])
    Work.objects.update(search_tokens=["something", "else"])
    found = [sync.patrol(number) for number in range(2)]
    assert sum(one.columns for one in found) == 1
    work.refresh_from_db()
    assert "moby" in work.search_tokens
    assert all(sync.patrol(number).none for number in range(2))


def test_a_change_that_other_tables_tell_of_is_followed_once() -> None:
    work = factories.work("Moby-Dick", ["Herman Melville"])
    sync.follow()
    RightsClaim.objects.create(
        work=work,
        holder=Party.objects.create(name="Pequod Press"),
        asserted_by=work.registered_by,
        observed_at="2024-01-01",
    )
    assert sync.follow() == 1
    assert sync.follow() == 0
    work.refresh_from_db()
    assert sum(facet.startswith("holder:") for facet in work.search_facets) == 2
