"""Segments are published in groups, merged by tiers, and never at the cost of somebody who waits."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import Segment
from ingest.services import deposits, publishing, segments
from registry import jobs
from registry.models import Job

KIB = 1 << 10


def merged_all(sizes: list[int], growth: int, largest: int) -> tuple[list[int], int]:
    """Publish segments of these sizes one by one as the rule says; live sizes at the end, and bytes rewritten."""
    live: list[int] = []
    rewritten = 0
    for size in sizes:
        live.append(size)
        while group := next(groups(live, growth, largest), None):
            for each in group:
                live.remove(each)
            live.append(sum(group))
            rewritten += sum(group)
    return live, rewritten


def groups(live: list[int], growth: int, largest: int):
    by_tier = itertools.groupby(sorted(live), key=publishing._tier)
    for _, members in by_tier:
        rows = [Segment(size_bytes=size) for size in members]
        group = [segment.size_bytes for segment in publishing._fitting(rows)]
        if len(group) >= growth:
            yield group


@given(st.lists(st.integers(20 * KIB, 400 * KIB), min_size=1, max_size=300))
def test_merging_leaves_few_segments_and_rewrites_each_byte_a_few_times(sizes):
    live, rewritten = merged_all(sizes, publishing.TIER_GROWTH, 1 << 40)
    tiers = 1 + publishing._tier(sum(sizes))
    assert sum(live) == sum(sizes)
    assert len(live) < publishing.TIER_GROWTH * (tiers + 1)
    most_in_first_tier = publishing.FIRST_TIER_BYTES // (3 * 20 * KIB) + 2
    assert rewritten <= sum(sizes) * (tiers + most_in_first_tier)


def test_a_million_books_are_rewritten_some_ten_times_and_not_by_the_square():
    """20,000 publications of a megabyte each, as 50 small books make."""
    count = 20_000
    live, rewritten = merged_all([KIB * KIB + KIB] * count, publishing.TIER_GROWTH, 16 << 30)
    assert rewritten < 9 * sum(live)
    assert len(live) < 30


def test_no_merge_makes_a_segment_larger_than_the_bound(settings):
    settings.INDEX_SEGMENT_BYTES = 10 << 20
    live, _ = merged_all([KIB * KIB + KIB] * 200, publishing.TIER_GROWTH, settings.INDEX_SEGMENT_BYTES)
    assert max(live) <= 10 << 20
    assert len(live) < 60


@pytest.fixture
def several(publisher, register, alice, tmp_path, run_jobs) -> list[Segment]:
    """Four works published one by one."""
    text = alice.read_text(encoding="utf-8")
    for number in range(4):
        path = tmp_path / f"{number}.txt"
        path.write_text(text[number * 30_000 : (number + 1) * 30_000])
        deposits.keep(work=register(f"Part {number}"), path=path, actor=publisher)
        jobs.run(Job.objects.get(kind="fingerprint", state="queued").pk)
    return list(segments.live().order_by("id"))


def test_segments_of_one_tier_become_one_and_the_rest_is_left_alone(several, run_jobs):
    assert len(several) == 4
    before = segments.current().info()
    assert run_jobs() == {"merge_segments": "done"}
    after = segments.current().info()
    assert (len(after["segments"]), after["records"], after["works"]) == (1, before["records"], before["works"])
    assert not list(publishing._mergeable())
    assert Segment.objects.filter(retired_at__isnull=False).count() == 4


def test_what_is_published_while_a_merge_writes_is_live_at_once_and_kept(
    several, publisher, register, darkness, run_jobs, monkeypatch
):
    write = publishing.segment_writing.write
    during: list[str] = []

    def publish_meanwhile(*arguments):
        info = write(*arguments)
        if not during:
            during.append("merging")
            deposits.keep(work=register("Darkness"), path=darkness, actor=publisher)
            during.append(jobs.run(Job.objects.get(kind="fingerprint", state="queued").pk))
            assert segments.live().count() == 5
        return info

    monkeypatch.setattr(publishing.segment_writing, "write", publish_meanwhile)
    assert run_jobs()["merge_segments"] == "done"
    assert during == ["merging", "done"]
    info = segments.current().info()
    assert (info["records"], len(info["segments"])) == (5, 2)


def test_publishing_many_fingerprints_at_once_makes_one_segment(publisher, register, alice, tmp_path):
    text = alice.read_text(encoding="utf-8")
    made = []
    for number in range(3):
        path = tmp_path / f"{number}.txt"
        path.write_text(text[number * 30_000 : (number + 1) * 30_000])
        made.append(deposits.keep(work=register(f"Part {number}"), path=path, mode="fingerprint_only", actor=publisher))
    assert made[0].job is not None
    assert jobs.run(made[0].job.pk) == "done"
    assert segments.live().get().fingerprints.count() == 3


def test_a_merge_that_was_overtaken_by_a_withdrawal_changes_nothing(several, publisher, monkeypatch):
    deposit = several[0].fingerprints.get().deposit
    write = publishing.segment_writing.write

    def withdrawn_meanwhile(*arguments):
        info = write(*arguments)
        if not type(deposit).objects.get(pk=deposit.pk).withdrawn_at:
            deposits.withdraw(deposit=deposit, actor=publisher)
        return info

    monkeypatch.setattr(publishing.segment_writing, "write", withdrawn_meanwhile)
    job = jobs.enqueue("merge_segments")
    claim = jobs.claim(job.pk)
    assert claim is not None
    publishing.merge(claim)
    assert not segments.live().filter(fingerprints__deposit=deposit).exists()
    assert segments.current().info()["records"] == 3
