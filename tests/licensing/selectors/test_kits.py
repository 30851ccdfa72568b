"""What a publisher's files say of a work: an open licence is written with what it asks for, however it was typed."""

import pytest

from licensing.formats.policy import Effect, Rule
from licensing.selectors import kits
from licensing.services import open_licences
from licensing.services.assertions import Scope
from tests import factories
from tests.licensing import asked

pytestmark = pytest.mark.django_db


def permitted(licence: str) -> Rule:
    """The rule that stands in the files of a work under this licence."""
    press = factories.actor()
    [work] = asked.claimed(press)
    open_licences.declare(work=work, licence=licence, scope=Scope(), actor=press)
    alone = kits.of_work(work, asked.today()).alone
    assert alone is not None
    [rule] = [rule for rule in alone.rules if rule.effect == Effect.PERMIT]
    return rule


@pytest.mark.parametrize(
    ("licence", "duties", "page"),
    [
        ("cc-by-4.0 ", ("attribution",), "https://spdx.org/licenses/CC-BY-4.0.html"),
        (
            "CC-BY-NC-SA-4.0",
            ("attribution", "share_alike", "non_commercial"),
            "https://spdx.org/licenses/CC-BY-NC-SA-4.0.html",
        ),
        ("apache-2.0", ("attribution",), "https://spdx.org/licenses/Apache-2.0.html"),
        ("CC0-1.0", (), "https://spdx.org/licenses/CC0-1.0.html"),
        ("MIT OR Apache-2.0", ("attribution",), ""),
    ],
)
def test_an_open_licence_is_written_with_what_it_asks_for(licence: str, duties: tuple[str, ...], page: str) -> None:
    rule = permitted(licence)
    assert (rule.duties, rule.policy_address) == (duties, page)
