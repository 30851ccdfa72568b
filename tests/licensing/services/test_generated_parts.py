"""What a firm records of its own datasets: the generator, its share, the prompts, the way, the cleaning."""

import datetime
from decimal import Decimal

import pytest

from licensing.models import GeneratedPart
from licensing.output_access import generated_parts as seen
from licensing.services import generated_parts
from licensing.services.generated_parts import Part
from registry.actors import Actor
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Dataset, Entry
from tests import factories
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def made(lab: Actor) -> Dataset:
    return outputs.dataset("made", lab.organisation)


def said(**facts: object) -> Part:
    values = {"model": outputs.model(), "acquired": "own_api", "share_percent": Decimal(60)}
    return Part(**(values | facts))  # type: ignore[arg-type]


def test_a_part_is_recorded_seen_by_its_firm_alone_and_taken_back(lab: Actor, made: Dataset) -> None:
    row = generated_parts.record(made, said(prompts="Our own questions."), actor=lab)
    assert list(seen(lab, made)) == [row]
    assert not seen(factories.actor()).exists()
    generated_parts.withdraw(row, actor=lab)
    assert not seen(lab, made).exists()
    with pytest.raises(Conflict):
        generated_parts.withdraw(row, actor=lab)
    assert set(Entry.objects.filter(kind__startswith="generated.").values_list("kind", flat=True)) == {
        "generated.recorded", "generated.withdrawn",
    }  # fmt: skip


def test_shares_of_a_dataset_stay_within_100_per_cent(lab: Actor, made: Dataset) -> None:
    generated_parts.record(made, said(), actor=lab)
    with pytest.raises(InvalidInput, match=r"add up to 120\.00 per cent"):
        generated_parts.record(made, said(), actor=lab)
    generated_parts.record(made, said(share_percent=Decimal(40)), actor=lab)
    assert GeneratedPart.objects.count() == 2


def test_every_fault_is_named_at_once(lab: Actor, made: Dataset) -> None:
    wrong = said(
        acquired="stolen", share_percent=Decimal(0), records=0,
        generated_from=DAY(2024, 2, 1), generated_to=DAY(2024, 1, 1),
    )  # fmt: skip
    with pytest.raises(InvalidInput) as refused:
        generated_parts.record(made, wrong, actor=lab)
    pointers = [fault["pointer"] for fault in refused.value.errors]
    assert pointers == ["/acquired", "/share_percent", "/records", "/generated_to"]


def test_only_ones_own_dataset_is_described(lab: Actor) -> None:
    with pytest.raises(NotAllowed):
        generated_parts.record(outputs.dataset("public"), said(), actor=lab)
