"""A dataset that contradicts what its firm declared is flagged, with the reason."""

import datetime

import pytest

from licensing.models import UseDeclaration
from licensing.selectors.declaration_check import Contradiction, check, flagged
from registry.actors import Actor
from registry.models import Dataset
from tests import factories
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date
C = Contradiction


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def made(lab: Actor) -> Dataset:
    return outputs.dataset("made", lab.organisation)


def declared(lab: Actor, **facts: object) -> UseDeclaration:
    values = {
        "organisation": lab.organisation, "title": "A use", "provider": outputs.provider(), "purpose": "synthetic_data",
        "destinations": ["datasets", "training"], "state": "approved", "begins_on": DAY(2024, 1, 1),
    }  # fmt: skip
    return UseDeclaration.objects.create(**(values | facts))


def causes(dataset: Dataset, lab: Actor) -> list[Contradiction]:
    return [one.cause for one in check(dataset, lab)]


def test_output_that_nobody_declared_is_flagged(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), actor=lab)
    assert causes(made, lab) == [C.NO_DECLARATION]


def test_a_declaration_that_covers_it_leaves_nothing_to_say(lab: Actor, made: Dataset) -> None:
    declared(lab)
    outputs.part(made, outputs.model(), actor=lab)
    outputs.claim(outputs.model("own"), "trained_on", made)
    assert causes(made, lab) == []
    assert flagged(lab) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"state": "draft", "begins_on": None}, C.NOT_APPROVED),
        ({"begins_on": DAY(2024, 6, 1)}, C.BEFORE_APPROVAL),
        ({"state": "ended", "ended_on": DAY(2024, 4, 30)}, C.AFTER_END),
        ({"destinations": []}, C.GOES_NOWHERE),
    ],
)
def test_each_contradiction_by_time_and_destination(
    lab: Actor, made: Dataset, facts: dict[str, object], expected: Contradiction
) -> None:
    outputs.part(made, outputs.model(), actor=lab, declaration=declared(lab, **facts))
    assert causes(made, lab) == [expected]


def test_the_last_day_of_a_declaration_still_covers(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), actor=lab, declaration=declared(lab, state="ended", ended_on=DAY(2024, 5, 1)))
    assert causes(made, lab) == []


def test_an_experiments_output_in_a_training_set_is_flagged(lab: Actor, made: Dataset) -> None:
    outputs.part(
        made, outputs.model(), actor=lab, declaration=declared(lab, purpose="experiment", destinations=["datasets"])
    )
    assert causes(made, lab) == []
    outputs.claim(outputs.model("own"), "trained_on", made)
    (found,) = check(made, lab)
    assert (found.cause, found.sentence) == (
        C.NOT_FOR_TRAINING, "The declaration is for an experiment, and the dataset trains models.",
    )  # fmt: skip


def test_a_denied_training_makes_no_training_set(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), actor=lab, declaration=declared(lab, destinations=["datasets"]))
    outputs.claim(outputs.model("own"), "trained_on", made, "denied")
    assert causes(made, lab) == []


def test_it_is_found_through_what_the_dataset_was_made_of(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), actor=lab, declaration=declared(lab, destinations=["datasets"]))
    mix = outputs.dataset("mix", lab.organisation)
    outputs.claim(mix, "contains", made)
    outputs.claim(outputs.model("own"), "trained_on", mix)
    (found,) = check(mix, lab)
    assert (found.cause, found.way) == (C.NOT_FOR_TRAINING, (mix, made))


def test_a_declaration_for_another_model_or_dataset_does_not_cover(lab: Actor, made: Dataset) -> None:
    row = declared(lab, model=outputs.model("other"))
    row.datasets.add(outputs.dataset("elsewhere", lab.organisation))
    outputs.part(made, outputs.model(), actor=lab, declaration=row)
    assert causes(made, lab) == [C.OTHER_MODEL, C.OTHER_DATASET]


def test_what_others_shared_needs_no_declaration(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), "third_party", actor=lab)
    assert causes(made, lab) == []


def test_nobody_sees_it_of_somebody_elses_dataset(lab: Actor, made: Dataset) -> None:
    outputs.part(made, outputs.model(), actor=lab)
    assert [row for row, _ in flagged(lab)] == [made]
    assert flagged(factories.actor()) == []
