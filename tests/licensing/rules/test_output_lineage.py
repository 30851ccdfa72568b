"""How output reached a dataset: every generator upstream by its best path, cycles marked and not followed."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.output_lineage import DATASET, MODEL, Key, Step, trace


def dataset(name: str) -> Key:
    return (DATASET, name)


def model(name: str) -> Key:
    return (MODEL, name)


def step(target: Key, relation: str, source: Key, *statuses: str) -> Step:
    return Step(source, target, relation, statuses or ("disclosed",))


KOALA = [
    step(dataset("mix"), "contains", dataset("koala-answers")),
    step(dataset("koala-answers"), "generated_by", model("koala")),
    step(model("koala"), "trained_on", dataset("sharegpt")),
    step(dataset("sharegpt"), "generated_by", model("chatgpt")),
]


def test_a_restriction_arrives_through_a_model_that_was_trained_on_output() -> None:
    found = trace(dataset("mix"), KOALA)
    assert [(path.generator[1], len(path.steps)) for path in found.paths] == [("koala", 2), ("chatgpt", 4)]
    assert [one.source for one in found.paths[1].steps] == [
        dataset("koala-answers"), model("koala"), dataset("sharegpt"), model("chatgpt"),
    ]  # fmt: skip
    assert (found.cycles, found.is_cut) == ([], False)


def test_a_cycle_is_marked_and_not_looped() -> None:
    back = step(model("chatgpt"), "trained_on", dataset("mix"))
    found = trace(dataset("mix"), [*KOALA, back])
    assert found.cycles == [back]
    assert {path.generator[1] for path in found.paths} == {"koala", "chatgpt"}


def test_a_model_that_eats_its_own_output_is_a_cycle_of_its_own() -> None:
    own = step(model("one"), "trained_on", model("one"))
    found = trace(dataset("d"), [step(dataset("d"), "generated_by", model("one")), own])
    assert found.cycles == [own]
    assert [path.generator[1] for path in found.paths] == ["one"]


def test_the_better_established_path_is_told_even_where_it_is_longer() -> None:
    steps = [
        step(dataset("d"), "generated_by", model("m"), "alleged", "denied"),
        step(dataset("d"), "contains", dataset("part")),
        step(dataset("part"), "generated_by", model("m")),
    ]
    (path,) = trace(dataset("d"), steps).paths
    assert (len(path.steps), path.is_established, path.is_direct) == (2, True, False)


def test_what_is_only_alleged_is_possible_and_not_established() -> None:
    steps = [step(dataset("d"), "generated_by", model("m"), "alleged", "denied")]
    assert not trace(dataset("d"), steps).paths[0].is_established


def test_the_recipe_of_a_models_data_is_no_output_of_it() -> None:
    assert trace(dataset("redpajama"), [step(dataset("redpajama"), "derived_from", model("llama"))]).paths == []


def test_the_licence_of_weights_goes_with_the_output_of_what_was_made_of_them() -> None:
    steps = [
        step(dataset("d"), "generated_by", model("alpaca")),
        step(model("alpaca"), "derived_from", model("llama")),
    ]
    assert [path.generator[1] for path in trace(dataset("d"), steps).paths] == ["alpaca", "llama"]


def test_a_search_that_is_cut_says_so() -> None:
    chain = [step(dataset(str(number)), "contains", dataset(str(number + 1))) for number in range(20)]
    assert trace(dataset("0"), chain, max_nodes=5).is_cut


NODES = [dataset("a"), dataset("b"), dataset("c"), model("x"), model("y")]
RELATIONS = ["contains", "derived_from", "generated_by", "trained_on"]
EDGES = st.builds(
    Step,
    st.sampled_from(NODES),
    st.sampled_from(NODES),
    st.sampled_from(RELATIONS),
    st.sampled_from([("disclosed",), ("alleged",)]),
)


def slow(start: Key, steps: list[Step]) -> dict[Key, tuple[int, int]]:
    """Every simple way by brute force: the cheapest cost to each generator."""
    costs: dict[Key, tuple[int, int]] = {}

    def walk(node: Key, seen: frozenset[Key], doubtful: int, length: int) -> None:
        for one in steps:
            if one.target != node or not one.is_followed:
                continue
            cost = (doubtful + (not one.is_established), length + 1)
            if one.brings_output and one.source != start:
                costs[one.source] = min(costs.get(one.source, cost), cost)
            if one.source not in seen:
                walk(one.source, seen | {one.source}, *cost)

    walk(start, frozenset({start}), 0, 0)
    return costs


@given(st.lists(EDGES, max_size=9, unique_by=lambda one: (one.source, one.target, one.relation)))
def test_as_every_simple_way_tried_by_hand(steps: list[Step]) -> None:
    found = trace(NODES[0], steps)
    given_costs = {
        path.generator: (sum(not one.is_established for one in path.steps), len(path.steps)) for path in found.paths
    }
    assert given_costs == slow(NODES[0], steps)
    for path in found.paths:
        assert path.steps[0].target == NODES[0]
        assert all(later.target == earlier.source for earlier, later in itertools.pairwise(path.steps))
