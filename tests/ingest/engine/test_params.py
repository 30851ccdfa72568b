"""Parameter sets: named, frozen, each with a digest and a written guarantee."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.engine.errors import UnknownParameters
from ingest.engine.params import CHOICES, PRESETS, REGISTRY_1, Params, choose, preset, require

NAMES = sorted(PRESETS)


@pytest.mark.parametrize("name", NAMES)
def test_a_set_promises_the_shortest_run_that_is_always_seen(name: str) -> None:
    params = PRESETS[name]
    assert params.guaranteed_symbols == params.window_seeds + params.seed_symbols - 1


def test_the_registrys_own_set_sees_fifty_words_and_fifty_han_characters() -> None:
    assert (REGISTRY_1.name, REGISTRY_1.seed_symbols, REGISTRY_1.window_seeds) == ("registry-1", 20, 64)
    assert REGISTRY_1.guaranteed_symbols == 83 <= 2 * 50


@pytest.mark.parametrize("name", NAMES)
def test_a_set_is_found_by_its_name_and_its_digest(name: str) -> None:
    params = PRESETS[name]
    assert preset(name) is params
    assert require(name, params.digest) is params
    assert params.digest.startswith("sha256:")


def test_a_set_that_is_not_known_is_named() -> None:
    with pytest.raises(UnknownParameters, match="'registry-99'") as caught:
        preset("registry-99")
    assert caught.value.code == "unknown_parameters"
    assert caught.value.facts == {"name": "registry-99"}


def test_a_set_of_that_name_with_other_numbers_is_refused() -> None:
    other = dataclasses.replace(REGISTRY_1, window_seeds=65)
    with pytest.raises(UnknownParameters, match=other.digest):
        require("registry-1", other.digest)


def test_digests_differ_between_all_sets() -> None:
    assert len({params.digest for params in PRESETS.values()}) == len(PRESETS)


@pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Params)])
def test_every_number_of_a_set_is_in_its_digest(field: str) -> None:
    facts: dict[str, Any] = dataclasses.asdict(REGISTRY_1)
    facts[field] += "x" if isinstance(facts[field], str) else 1
    assert Params(**facts).digest != REGISTRY_1.digest


def test_the_digest_covers_the_letter_table_and_the_hash() -> None:
    facts = json.loads(REGISTRY_1.canonical_json())
    assert facts["hash"] == "cyclic-64-1"
    assert facts["letter_table"]


def test_a_set_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        REGISTRY_1.window_seeds = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_the_threshold_is_so_many_seeds_of_a_window(name: str) -> None:
    params = PRESETS[name]
    share = params.query_threshold / 2**64
    assert share == pytest.approx(params.query_rate / params.window_seeds)
    assert params.expected_density < share < 1


def test_a_threshold_never_leaves_64_bits() -> None:
    assert Params("all", 20, 1, query_rate=7).query_threshold == 2**64 - 1


@given(st.integers(0, 10**13), st.integers(0, 10**13), st.sampled_from(["usual", "heavy"]))
def test_a_larger_catalogue_never_gets_shorter_seeds(one: int, other: int, noise: str) -> None:
    small, large = (choose(size, noise) for size in sorted((one, other)))  # type: ignore[arg-type]
    assert small.seed_symbols <= large.seed_symbols


@given(st.integers(0, 10**13))
def test_heavy_noise_gets_a_window_no_wider(size: int) -> None:
    assert choose(size, "heavy").window_seeds < choose(size).window_seeds
    assert choose(size, "heavy").seed_symbols == choose(size).seed_symbols


def test_every_choice_is_a_set_that_exists_and_longer_seeds_go_with_larger_catalogues() -> None:
    chosen = {name for _, names in CHOICES for name in names.values()}
    assert chosen <= set(PRESETS)
    assert choose(100_000_000) is PRESETS["small"]
    for noise in ("usual", "heavy"):
        seeds = [choose(size, noise).seed_symbols for size in (1, 2 * 10**9, 10**11)]
        assert seeds == sorted(set(seeds))
