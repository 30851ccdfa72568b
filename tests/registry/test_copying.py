"""Rows that are copied into the database hold what rows that are inserted would."""

import json

import pytest
from django.db import IntegrityError, transaction
from django.db.models.fields import NOT_PROVIDED
from hypothesis import given
from hypothesis import strategies as st

from registry.models import Contribution, Party
from registry.models.base import new_public_id, new_public_ids
from registry.services import copying
from tests import factories

pytestmark = pytest.mark.django_db

NAMES = ['Ann "Nan" Author', "back\\slash", "NULL", "", "{a,b}", "tab\there", "line\nbreak", "’ 作者"]


def test_lists_of_text_come_back_as_they_were() -> None:
    copying.create([Party(name="A", other_names=NAMES), Party(name="B", other_names=[])])
    assert list(Party.objects.order_by("name").values_list("other_names", flat=True)) == [NAMES, []]


def test_keys_are_nobody_elses() -> None:
    keys = [*copying.next_keys(Party, 3), copying.next_key(Party)]
    assert sorted(set(keys)) == keys
    assert Party.objects.create(name="A").pk > keys[-1]
    assert copying.next_keys(Party, 0) == []


def test_lines_that_are_spelt_already_come_back_as_the_json_they_were() -> None:
    texts = [json.dumps(name, ensure_ascii=False) for name in NAMES]
    fields = [
        field for field in Party._meta.concrete_fields if field.db_default is NOT_PROVIDED and not field.primary_key
    ]
    lines = ["\t".join(map(spelt, [field.value_from_object(Party(name=text)) for field in fields])) for text in texts]
    columns = [str(field.column) for field in fields]
    copying.insert_batches(Party, columns, [(f"{line}\n" for line in lines)])
    assert list(Party.objects.order_by("pk").values_list("name", flat=True)) == texts


def spelt(value: object) -> str:
    """A value of a party as COPY takes it."""
    return {"None": r"\N", "[]": "{}"}.get(str(value), copying.json_column(str(value)))


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")), st.lists))
def test_a_json_text_is_one_column_of_one_line(value: object) -> None:
    column = copying.json_column(json.dumps(value, ensure_ascii=False))
    assert not set("\t\r\n") & set(column)
    assert json.loads(column.replace("\\\\", "\\")) == value


def test_public_ids_made_together_look_like_those_made_alone() -> None:
    made = new_public_ids(1000)
    assert len(set(made)) == len(made) == 1000
    assert {len(name) for name in made} == {len(new_public_id())}
    assert new_public_ids(0) == []


@pytest.mark.django_db(transaction=True)
def test_batches_of_lines_are_checked_against_what_they_name_and_refused_together() -> None:
    party = Party.objects.create(name="Somebody")
    work = factories.work("One")
    columns = ("work_id", "party_id", "role", "position")

    def lines(*parties: int) -> list[str]:
        return [f"{work.pk}\t{key}\tauthor\t{place}\n" for place, key in enumerate(parties)]

    with pytest.raises(IntegrityError), transaction.atomic():
        copying.insert_batches(Contribution, columns, [lines(party.pk), lines(-1), lines(party.pk)])
    assert not Contribution.objects.exists()
    with transaction.atomic():
        copying.insert_batches(Contribution, columns, [lines(party.pk), [], []])
    assert Contribution.objects.get().party == party
