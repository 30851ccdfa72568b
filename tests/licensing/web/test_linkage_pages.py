"""Pages of linkages: what an address may say."""

import io

import pytest
from django.test import Client

from licensing.services import linkages
from tests import factories

pytestmark = pytest.mark.django_db

NUMBERS = ("9" * 5000, "\u0663", "99999999999", "-1", "x")


def test_a_row_that_no_list_has_is_looked_for_without_an_error() -> None:
    press = factories.actor()
    editor = Client()
    editor.force_login(factories.person("editor@example.org", of=press.organisation, role="editor"))
    made = linkages.take(file=io.BytesIO(b"title\nNothing Like It\n"), file_name="list.csv", actor=press)
    linkages.run(made.pk)
    address = f"/linkages/{made.public_id}/review"
    assert [editor.get(address, {"after": number}).status_code for number in NUMBERS] == [200] * len(NUMBERS)
    assert [editor.get(address, {"row": number}).status_code for number in NUMBERS] == [404] * len(NUMBERS)
