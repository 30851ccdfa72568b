"""JSON that is kept as it was hashed."""

import importlib
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from licensing.models import Verdict
from licensing.models.frozen import FrozenJSON
from licensing.services import clearances
from registry.services import log
from tests import factories
from tests.licensing import asked

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(VALUES.filter(lambda value: value is not None))
def test_a_value_is_spelt_as_it_is_hashed_and_read_back(value: Any) -> None:
    field = FrozenJSON()
    text = field.get_prep_value(value)
    assert text is not None
    assert text.encode() == log.canonical(value)
    assert field.from_db_value(text, None, connection) == value


@pytest.fixture
def verdict(db: None) -> Verdict:
    firm, press = factories.actor(), factories.actor()
    return asked.clearance(firm, asked.claimed(press)).verdicts.get()


def texts(row: Verdict) -> tuple[str, str]:
    """The columns as the database has them."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT "case", reasons FROM licensing_verdict WHERE id = %s', [row.pk])
        case, reasons = cursor.fetchone()
    return case, reasons


def test_a_stored_verdict_is_the_text_of_its_leaf(verdict: Verdict) -> None:
    case, reasons = texts(verdict)
    assert case.encode() == log.canonical(verdict.case)
    assert reasons.encode() == log.canonical(verdict.reasons)


def test_saving_a_verdict_again_changes_no_byte(verdict: Verdict) -> None:
    before = texts(verdict)
    verdict.save()
    assert texts(verdict) == before


def test_rows_of_before_are_spelt_as_they_were_hashed(verdict: Verdict) -> None:
    before, leaf = texts(verdict), clearances.leaf(verdict)
    with connection.cursor() as cursor:  # what a column of jsonb becomes when it is made one of text
        cursor.execute('UPDATE licensing_verdict SET "case" = "case"::jsonb::text, reasons = reasons::jsonb::text')
    assert texts(verdict) != before
    assert clearances.leaf(Verdict.objects.get(pk=verdict.pk)) == leaf
    importlib.import_module("licensing.migrations.0015_verdicts_as_hashed").respell(apps, None)
    assert texts(verdict) == before


def test_a_verdict_survives_being_written_out_and_read_in(verdict: Verdict) -> None:
    [again] = serializers.deserialize("json", serializers.serialize("json", [verdict]))
    assert isinstance(again.object, Verdict)
    assert (again.object.case, again.object.reasons) == (verdict.case, verdict.reasons)
