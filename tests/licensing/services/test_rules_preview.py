"""A change of the rules is shown on stored verdicts before it is switched on, and changes nothing."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from licensing.models import Verdict
from licensing.rules import tables
from licensing.rules.verdict import rules_version
from licensing.services import clearances, rules_preview
from registry.errors import InvalidInput
from registry.services.works import AuthorFacts
from tests import factories
from tests.licensing import scanned

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored() -> Verdict:
    """A work whose author died in 1940, free in the EU; the copy is of March 2026."""
    lab = factories.actor()
    work = factories.work("Old", [AuthorFacts(name="A. Dead", died="1940")], first_published="1935", country="FR")
    scan = scanned.scan(lab, [(work, "copy")])
    asked = clearances.request(scan=scan, use="pretraining", purpose="commercial", territory="FR", actor=lab)
    return clearances.decide(asked.pk).verdicts.get()


def changed(name: str, old: str, new: str) -> dict[str, bytes]:
    text = (tables.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert old in text
    return {name: text.replace(old, new, 1).encode()}


def test_the_rules_as_they_are_change_nothing(stored: Verdict) -> None:
    preview = rules_preview.of_tables({})
    assert (preview.decided, preview.differing, preview.rules_version) == (1, 0, rules_version())


def test_a_longer_term_is_seen_in_what_it_would_change(stored: Verdict, tmp_path: Path) -> None:
    longer = changed("copyright_terms", "life_plus = 70", "life_plus = 100")
    preview = rules_preview.of_tables(longer)
    assert (preview.decided, preview.differing) == (1, 1)
    [change] = preview.changes
    assert (change.before, change.after) == (("CLEARED", "PD_TERM"), ("EXCEPTION_CLAIMED", "EU4_OPEN"))
    assert preview.rules_version != rules_version()
    again = clearances.recompute(stored)
    assert (again["verdict"], again["reasons"]) == (stored.verdict, stored.reasons)
    file, out = tmp_path / "copyright_terms.toml", StringIO()
    file.write_bytes(longer["copyright_terms"])
    call_command("rules_preview", str(file), "--json", stdout=out)
    assert json.loads(out.getvalue())["kinds"] == [{"before": "CLEARED", "after": "EXCEPTION_CLAIMED", "verdicts": 1}]
    out = StringIO()
    call_command("rules_preview", str(file), "--clearance", stored.clearance.public_id, stdout=out)
    assert out.getvalue().startswith("1 of 1 stored verdicts would differ")


@pytest.mark.parametrize(
    ("table", "cause"),
    [({"laws": b""}, "There is no table laws"), ({"copyright_terms": b"[[term]"}, "cannot work with these tables")],
)
def test_tables_that_cannot_be_used_are_refused(stored: Verdict, table: dict[str, bytes], cause: str) -> None:
    with pytest.raises(InvalidInput, match=cause):
        rules_preview.of_tables(table)
    with pytest.raises(CommandError, match="nowhere"):
        call_command("rules_preview", "nowhere.toml")
