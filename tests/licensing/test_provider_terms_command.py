"""`manage.py provider_terms`: the answer in words and as JSON, and an exit of its own where none is known."""

import datetime
import json

import pytest
from django.core.management import CommandError, call_command

from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture(autouse=True)
def _versions() -> None:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2024, 1, 30))


def test_the_versions_that_applied_are_named_with_their_clauses(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("provider_terms", "maker", "--on", "2023-06-01", "--acceptance", "accepted")
    assert capsys.readouterr().out.splitlines() == ["Terms one (one)", "  forbids develop_competing_model: binds"]
    call_command("provider_terms", "maker", "--on", "2023-06-01", "--json")
    said = json.loads(capsys.readouterr().out)
    assert said["applied"][0]["clauses"][0]["binding"] == "contested"


def test_a_day_without_a_version_ends_with_4(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("provider_terms", "maker", "--on", "2025-01-01")
    assert ended.value.code == 4
    assert capsys.readouterr().out.startswith("TOU_VERSION_UNKNOWN")


def test_an_unknown_provider_is_named() -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("provider_terms", "nobody", "--on", "2025-01-01")


def test_a_model_of_somebody_else_a_place_that_is_none_and_a_day_that_is_none_are_refused() -> None:
    other = outputs.model("llama", of=outputs.provider("elsewhere"))
    for asked, cause in (
        (["--on", "2023-06-01", "--model", other.slug], f"{other} is not a model of"),
        (["--on", "2023-06-01", "--territory", "XX"], "XX is not a country code"),
        (["--on", "2023-13-01"], "2023-13-01 is no day"),
    ):
        with pytest.raises(CommandError, match=cause):
            call_command("provider_terms", "maker", *asked)


def test_an_account_is_asked_for_and_the_last_sighting_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    seen = [DAY(2026, 9, 21)]
    outputs.version("api", DAY(2026, 1, 1), "allows:train_other_model", document="business_terms", seen_on=seen)
    call_command("provider_terms", "maker", "--on", "2026-05-05", "--account", "business_terms")
    assert capsys.readouterr().out.splitlines() == [
        "Terms api (api), last seen in force on 2026-09-21",
        "  allows train_other_model: allowed",
    ]
    with pytest.raises(SystemExit):
        call_command("provider_terms", "maker", "--on", "2026-09-22", "--account", "business_terms")
    assert "Terms api were last seen in force on 2026-09-21, and nobody recorded" in capsys.readouterr().out
