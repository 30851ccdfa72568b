"""Every reason has a page: plain words, authority, the state of the law, and what is open."""

import pytest
from django.test import Client

from licensing.rules.catalogue import CATALOGUE
from licensing.rules.law import law_of
from licensing.rules.terms import Verdict
from licensing.web import reason_words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_the_page_of_a_reason_says_it_plainly_with_the_state_of_the_law(code: str) -> None:
    page = Client().get(f"/reasons/{code}").content.decode()
    assert code in page
    assert str(reason_words.PLAIN[code])[:30].replace("'", "&#x27;") in page
    law = law_of(code)
    if law is not None:
        assert law.looked_at.isoformat() in page


def test_words_and_codes_are_the_same_ones() -> None:
    assert set(reason_words.PLAIN) == set(CATALOGUE)
    assert set(reason_words.OPEN) <= set(CATALOGUE)


def test_what_is_contested_or_split_names_its_open_question() -> None:
    contested = {code for code, text in CATALOGUE.items() if text.split or text.verdict is Verdict.CONTESTED}
    assert contested <= set(reason_words.OPEN)


def test_every_authority_has_its_law() -> None:
    assert all(law_of(code) is not None for code, text in CATALOGUE.items() if text.authority)
