"""A sample is the same for everybody, and every record has the same chance to be in it."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ingest.sampling.draws import Record, digest_of, draw, order

records = st.lists(
    st.builds(
        Record,
        name=st.just("f.jsonl#1"),
        text=st.text(max_size=8),
        batch=st.sampled_from(["b0", "b1", ""]),
        annotator=st.sampled_from(["ann", "bob", ""]),
    ),
    max_size=40,
)


@given(records, st.integers(0, 5), st.integers(1, 8), st.randoms())
def test_the_sample_does_not_depend_on_the_order_or_the_names_of_records(
    rows: list[Record], seed: int, sampled: int, chance: random.Random
) -> None:
    shuffled = [row._replace(name=f"other#{number}") for number, row in enumerate(rows)]
    chance.shuffle(shuffled)
    one, other = draw(rows, seed, sampled), draw(shuffled, seed, sampled)
    assert digest_of(one.sample()) == digest_of(other.sample())
    assert one.records == other.records
    assert one.duplicates == other.duplicates == len(rows) - len({row.digest for row in rows})


@given(records, st.integers(1, 8))
def test_each_batch_gives_the_records_that_come_first_in_its_order(rows: list[Record], sampled: int) -> None:
    found = draw(rows, 7, sampled).sample()
    for batch in {row.batch for row in rows}:
        places, copies = [], Counter[bytes]()
        for row in rows:
            if row.batch == batch:
                places.append(order(7, batch, row.digest, copies[row.digest]))
                copies[row.digest] += 1
        assert [one.place for one in found[batch]] == sorted(places)[:sampled]


@given(records)
def test_without_a_size_everything_is_drawn(rows: list[Record]) -> None:
    found = draw(rows, 1).sample()
    assert sorted(one.record for drawn in found.values() for one in drawn) == sorted(rows)


def test_another_seed_draws_another_sample() -> None:
    rows = [Record(f"f#{number}", f"text {number}", "b") for number in range(1_000)]
    digests = {digest_of(draw(rows, seed, 50).sample()) for seed in range(20)}
    assert len(digests) == 20


def test_every_record_is_drawn_as_often_as_any_other() -> None:
    rows = [Record(f"f#{number}", f"text {number}", "b") for number in range(60)]
    seeds, sampled = 2_000, 15
    drawn = Counter(one.record.name for seed in range(seeds) for one in draw(rows, seed, sampled).sample()["b"])
    share = sampled / len(rows)
    low, high = binom.ppf(1e-6, seeds, share), binom.ppf(1 - 1e-6, seeds, share)
    assert all(low <= drawn[row.name] <= high for row in rows)


def test_a_field_cannot_be_shifted_into_the_next_one() -> None:
    assert Record("n", "ab", "b", "c").digest != Record("n", "b", "b", "ca").digest


def test_an_empty_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        draw([], 1, 0)
