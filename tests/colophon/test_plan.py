"""`colophon plan`: the least sample that shows what is asked, and what a sample shows."""

import pytest

from tests.colophon.calls import Run


def test_299_records_show_less_than_one_percent(run: Run) -> None:
    outcome = run("plan", "--limit", 0.01)
    assert outcome.code == 0
    assert "draw 299 records of it and find none" in outcome.out.decode()
    facts = run("plan", "--json").json
    assert (facts["sample"], facts["limit"], facts["confidence"]) == (299, 0.01, 0.95)
    assert [row["found"] for row in facts["if_found"]] == [1, 2, 3, 4, 5]


def test_a_small_batch_needs_fewer_and_who_allows_for_two_draws_more(run: Run) -> None:
    sizes = [run("plan", "--records", 1_200, "--found", found, "--json").json["sample"] for found in (0, 2)]
    assert sizes[0] < 299 < sizes[1] < 1_200


def test_a_method_that_errs_is_planned_for(run: Run) -> None:
    facts = run("plan", "--sensitivity", 0.7, "--specificity", 0.98, "--json").json
    assert facts["sample"] > 299
    assert "No sample" in run("plan", "--sensitivity", 0).out.decode()
    assert run("plan", "--measured", "--json").json["sensitivity"] > 0.99


@pytest.mark.parametrize(
    ("sampled", "found", "shows"),
    [(299, 0, "shows less than 1 %"), (298, 0, "neither less nor more than 1 %"), (400, 12, "shows more than 1 %")],
)
def test_what_a_sample_shows_agrees_with_what_was_planned(run: Run, sampled: int, found: int, shows: str) -> None:
    assert shows in run("plan", "--sampled", sampled, "--found", found).out.decode()


def test_a_sample_has_its_interval(run: Run) -> None:
    facts = run("plan", "--sampled", 400, "--found", 9, "--records", 4_000, "--json").json
    low, high = facts["interval"]
    assert low < facts["rate"] == 0.0225 < high


@pytest.mark.parametrize(
    "wrong",
    [
        ("--limit", 0),
        ("--limit", "x"),
        ("--sampled", 5, "--found", 6),
        ("--sampled", 5, "--records", 4),
        ("--measured", "--specificity", 0.9),
        ("--sensitivity", 2),
    ],
)
def test_what_cannot_be_is_exit_2(run: Run, wrong: tuple[object, ...]) -> None:
    assert run("plan", *wrong).code == 2
