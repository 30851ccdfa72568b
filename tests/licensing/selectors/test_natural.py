"""Lists of works are ordered as people count, which Python says the slow and obvious way."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from licensing.selectors import licence_requests
from licensing.selectors.natural import natural
from registry.actors import Actor
from registry.models import Organisation, Work
from tests import factories
from tests.licensing import asked


def key(title: str) -> list[tuple[int, str]]:
    """A title's words and numbers, numbers by their value."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.findall(r"[0-9]+|[^0-9]+", title)]


class AnyTitles(TestCase):
    """Titles with numbers of any length."""

    press: Actor

    def setUp(self) -> None:
        self.press = factories.actor(factories.organisation("press", "The Press"))

    def test_the_tenth_volume_comes_after_the_second(self) -> None:
        titles = ["Volume 10", "Volume 2", "Volume 1", "Appendix"]
        works = [factories.work(title, by=self.press) for title in titles]
        asked.claim(self.press, works)
        firm = factories.actor(factories.organisation("acme", "Acme AI"))
        found = licence_requests.works_of(asked.part(asked.asked(firm, works), self.press))
        assert [row.work.title for row in found] == ["Appendix", "Volume 1", "Volume 2", "Volume 10"]

    @given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 10**11)), min_size=1, max_size=6, unique=True))
    @settings(max_examples=30)
    def test_numbers_are_compared_by_their_value(self, parts: list[tuple[str, int]]) -> None:
        titles = [f"{letter} {number}" for letter, number in parts]
        organisation = Organisation.objects.get(slug="press")
        Work.objects.bulk_create(
            [Work(title=title, registered_by=organisation, record_reference=title) for title in titles]
        )
        rows = Work.objects.filter(title__in=titles).order_by(natural("title"), "pk")
        assert list(rows.values_list("title", flat=True)) == sorted(titles, key=key)
