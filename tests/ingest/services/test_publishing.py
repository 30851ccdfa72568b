"""Segments are published in groups, merged by tiers, and never at the cost of somebody who waits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.models import Segment
from ingest.services import deposits, publishing, segments
from registry import jobs
from registry.models import Job


def merged_all(sizes: list[int], largest: int) -> tuple[list[int], int]:
    """Publish segments of these sizes one by one as the rule says; live sizes at the end, and bytes rewritten."""
    live: list[int] = []
    rewritten = 0
    for size in sizes:
        live = sorted([*live, size])
        while count := publishing.smallest_to_merge(live, largest):
            rewritten += sum(live[:count])
            live = sorted([*live[count:], sum(live[:count])])
    return live, rewritten


@given(st.lists(st.integers(1, 1_000) | st.integers(1, 1_000_000), min_size=1, max_size=300))
def test_merging_leaves_few_segments_and_rewrites_each_byte_a_few_times(sizes):
    live, rewritten = merged_all(sizes, 1 << 60)
    total = sum(sizes)
    assert sum(live) == total
    assert len(live) <= max(publishing.SMALL_SEGMENTS, 2 + math.log(total / min(sizes), publishing.SIZE_RATIO + 1))
    assert rewritten <= total * (1 + math.log(total / min(sizes), 1 + 1 / publishing.SIZE_RATIO))


def test_twenty_thousand_publications_are_rewritten_some_ten_times_and_not_by_the_square():
    """20,000 megabytes, as a million small books make."""
    live, rewritten = merged_all([1 << 20] * 20_000, 1 << 40)
    assert rewritten < 13 * sum(live)
    assert len(live) <= 9


def test_no_merge_makes_a_segment_larger_than_the_bound():
    live, _ = merged_all([1 << 20] * 200, 10 << 20)
    assert max(live) <= 10 << 20
    assert len(live) < 30


def test_a_few_segments_are_left_alone():
    assert publishing.smallest_to_merge([5, 5, 5, 5], 100) == 0
    assert publishing.smallest_to_merge([5, 5, 5, 5, 5], 100) == 5
    assert publishing.smallest_to_merge([5, 5, 5, 5, 100], 1_000) == 4
    assert publishing.smallest_to_merge([1, 3, 9, 27, 81], 1_000) == 0
    assert publishing.smallest_to_merge([], 100) == 0


@pytest.fixture
def several(publisher, register, alice, tmp_path, run_jobs) -> list[Segment]:
    """Five works published one by one."""
    text = alice.read_text(encoding="utf-8")
    for number in range(5):
        path = tmp_path / f"{number}.txt"
        path.write_text(text[number * 25_000 : (number + 1) * 25_000])
        deposits.keep(work=register(f"Part {number}"), path=path, actor=publisher)
        jobs.run(Job.objects.get(kind="fingerprint", state="queued").pk)
    return list(segments.live().order_by("id"))


def test_segments_of_one_size_become_one(several, run_jobs):
    assert len(several) == 5
    before = segments.current().info()
    assert run_jobs() == {"merge_segments": "done"}
    after = segments.current().info()
    assert (len(after["segments"]), after["records"], after["works"]) == (1, before["records"], before["works"])
    assert not list(publishing._mergeable())
    assert Segment.objects.filter(retired_at__isnull=False).count() == 5


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
            assert segments.live().count() == 6
        return info

    monkeypatch.setattr(publishing.segment_writing, "write", publish_meanwhile)
    assert run_jobs()["merge_segments"] == "done"
    assert during == ["merging", "done"]
    info = segments.current().info()
    assert (info["records"], len(info["segments"])) == (6, 2)


def test_publishing_many_fingerprints_at_once_makes_one_segment(publisher, register, alice, tmp_path):
    text = alice.read_text(encoding="utf-8")
    made = []
    for number in range(3):
        path = tmp_path / f"{number}.txt"
        path.write_text(text[number * 25_000 : (number + 1) * 25_000])
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
    assert segments.current().info()["records"] == 4
