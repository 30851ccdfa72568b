"""The list of AI crawlers is data with sources and days."""

from datetime import date

from licensing.formats.crawlers import collecting_for, crawlers, find, version
from licensing.formats.labels import TRAINING, USES

KINDS = {"training", "search", "fetch", "control", "archive"}


def test_every_crawler_has_its_operator_its_source_and_a_day() -> None:
    for row in crawlers():
        assert row.operator, row.name
        assert row.source.startswith("https://"), row.name
        assert date.fromisoformat(row.seen) <= date.fromisoformat(version()), row.name
        assert row.kind in KINDS, row.name
        assert set(row.uses) <= set(USES), row.name


def test_names_stand_once_whatever_their_capitals() -> None:
    names = [row.name.casefold() for row in crawlers()]
    assert len(names) == len(set(names))


def test_what_was_not_checked_with_its_operator_is_marked() -> None:
    assert {row.name for row in crawlers() if "ai-robots-txt" in row.source and row.verified} == set()
    assert find("bytespider") == find("Bytespider")
    assert not getattr(find("Bytespider"), "verified", True)


def test_crawlers_are_found_by_what_they_collect_for() -> None:
    training = {row.name for row in collecting_for(TRAINING)}
    assert {"GPTBot", "ClaudeBot", "CCBot", "Google-Extended", "meta-externalagent"} <= training
    assert not training & {"OAI-SearchBot", "ChatGPT-User", "PerplexityBot"}
    assert len(collecting_for(())) == len(crawlers())


def test_a_name_that_is_not_in_the_list_is_nobody() -> None:
    assert find("Googlebot") is None
