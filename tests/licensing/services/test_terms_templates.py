"""Templates of terms: kept by name and version, and bound to nobody."""

import pytest

from licensing.selectors import licence_requests
from licensing.services import terms_templates
from registry.errors import Conflict, InvalidInput, NotAllowed
from registry.models import Entry
from tests import factories
from tests.licensing.asked import TERMS

pytestmark = pytest.mark.django_db


def test_a_change_is_the_next_version_and_the_same_again_is_none() -> None:
    press = factories.actor()
    entries = Entry.objects.count()
    first = terms_templates.save(name=" Usual ", terms=TERMS, actor=press)
    assert terms_templates.save(name="Usual", terms=TERMS, actor=press) == first
    second = terms_templates.save(name="Usual", terms=TERMS | {"audit": True}, actor=press)
    assert (first.version, second.version, Entry.objects.count()) == (1, 2, entries)
    assert press.organisation is not None
    assert list(licence_requests.templates(press.organisation)) == [second]


def test_terms_that_cannot_be_read_are_no_template() -> None:
    with pytest.raises(InvalidInput) as fault:
        terms_templates.save(name="Usual", terms={"uses": []}, actor=factories.actor())
    assert fault.value.errors[0]["pointer"] == "/terms/uses"


def test_a_template_is_removed_by_its_own_organisation_once() -> None:
    press = factories.actor()
    made = terms_templates.save(name="Usual", terms=TERMS, actor=press)
    with pytest.raises(NotAllowed):
        terms_templates.withdraw(made, actor=factories.actor())
    terms_templates.withdraw(made, actor=press)
    with pytest.raises(Conflict):
        terms_templates.withdraw(made, actor=press)
    assert terms_templates.save(name="Usual", terms=TERMS, actor=press).version == 2
