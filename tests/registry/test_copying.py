"""Rows that are copied into the database hold what rows that are inserted would."""

import pytest

from registry.models import Party
from registry.services import copying

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
