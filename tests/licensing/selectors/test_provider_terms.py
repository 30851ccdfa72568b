"""Which terms applied on a day, for somebody who accepted them or did not; what changed between versions."""

import datetime

import pytest

from licensing.models import ProviderTerms
from licensing.rules.facts import Bound
from licensing.selectors.provider_terms import TOU_VERSION_UNKNOWN, applied_on, timeline
from registry.models import AIModel, Party
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date


@pytest.fixture
def versions() -> None:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2024, 1, 30))
    outputs.version(
        "two", DAY(2024, 3, 1), "develop_competing_model", "extract", seen_on=[DAY(2024, 4, 1), DAY(2024, 6, 30)]
    )


@pytest.mark.parametrize(
    ("on", "key"),
    [
        (DAY(2023, 3, 13), None),
        (DAY(2023, 3, 14), "one"),
        (DAY(2024, 1, 30), "one"),
        (DAY(2024, 2, 15), None),
        (DAY(2024, 3, 1), "two"),
        (DAY(2024, 7, 1), None),
    ],
)
def test_a_day_has_its_version_and_a_gap_is_a_gap(versions: None, on: DAY, key: str | None) -> None:
    answer = applied_on(outputs.provider(), on)
    assert [one.terms.key for one in answer.applied] == ([key] if key else [])
    assert answer.code == ("" if key else TOU_VERSION_UNKNOWN)
    assert bool(answer.gaps) == (key is None)


def test_a_gap_says_between_which_versions_it_lies(versions: None) -> None:
    (gap,) = applied_on(outputs.provider(), DAY(2024, 2, 15)).gaps
    assert gap.sentence == "no version is on record between Terms one and Terms two"


@pytest.mark.parametrize(
    ("acceptance", "binding", "questions"),
    [
        (Bound.ACCEPTED, "binds", ("terms-enforceability",)),
        (Bound.NOT_ACCEPTED, "contested", ("terms-privity", "terms-enforceability")),
        (Bound.UNKNOWN, "contested", ("terms-privity", "terms-enforceability")),
    ],
)
def test_a_clause_binds_who_accepted_it_and_is_contested_for_others(
    versions: None, acceptance: Bound, binding: str, questions: tuple[str, ...]
) -> None:
    answer = applied_on(outputs.provider(), DAY(2023, 6, 1), acceptance=acceptance)
    assert [one.binding for one in answer.applied[0].clauses] == [binding]
    assert answer.questions == questions


def test_a_model_with_a_licence_of_its_own_stands_under_that_alone(versions: None) -> None:
    open_model = outputs.model("open")
    outputs.version("licence", DAY(2023, 7, 18), "train_other_model", document="model_licence", models=[open_model])
    answer = applied_on(outputs.provider(), DAY(2026, 1, 1), model=open_model)
    assert [one.terms.key for one in answer.applied] == ["licence"]
    without_day = applied_on(outputs.provider(), None, model=open_model)
    assert [one.terms.key for one in without_day.applied] == ["licence"]
    assert applied_on(outputs.provider(), None, model=outputs.model()).code == TOU_VERSION_UNKNOWN


def test_a_version_for_a_territory_is_chosen_where_that_is_asked(versions: None) -> None:
    outputs.version("europe", DAY(2023, 3, 14), "extract", audience=["EEA", "CH"], effective_to=DAY(2024, 1, 30))
    both = ["one", "europe"]
    asked = (("DE", ["europe"]), ("EU", ["europe"]), ("EEA", ["europe"]), ("US", ["one"]), ("WORLD", both), ("", both))
    for territory, keys in asked:
        answer = applied_on(outputs.provider(), DAY(2023, 6, 1), territory=territory)
        assert sorted(one.terms.key for one in answer.applied) == sorted(keys), territory


@pytest.mark.parametrize(
    ("on", "seen", "verified"), [(DAY(2024, 3, 1), None, True), (DAY(2024, 5, 1), DAY(2024, 6, 30), False)]
)
def test_a_day_between_sightings_is_answered_and_says_until_when_the_version_was_seen(
    versions: None, on: DAY, seen: DAY | None, verified: bool
) -> None:
    ProviderTerms.objects.update(verified=True)
    (found,) = applied_on(outputs.provider(), on).applied
    assert (found.terms.key, found.seen_until, found.verified) == ("two", seen, verified)


def test_after_the_last_sighting_nothing_is_known_and_the_sentence_says_when_it_was_seen(versions: None) -> None:
    (gap,) = applied_on(outputs.provider(), DAY(2024, 7, 1)).gaps
    assert gap.sentence == (
        "Terms two were last seen in force on 2024-06-30, and nobody recorded whether they still applied"
    )
    outputs.version("three", DAY(2024, 9, 1), "extract")
    (gap,) = applied_on(outputs.provider(), DAY(2024, 7, 1)).gaps
    assert gap.sentence == (
        "Terms two were last seen in force on 2024-06-30, and no version is on record between them and Terms three"
    )


@pytest.mark.parametrize(
    ("on", "territory", "applied", "gaps"),
    [
        (DAY(2023, 6, 1), "DE", ["one"], 0),  # nothing else was for Germany yet
        (DAY(2023, 6, 1), "", ["one"], 0),
        (DAY(2024, 4, 1), "DE", ["europe"], 0),
        (DAY(2024, 4, 1), "US", ["two"], 0),
        (DAY(2024, 4, 1), "", ["europe", "two"], 0),
        (DAY(2023, 1, 1), "DE", [], 1),  # nor for anybody else
    ],
)
def test_before_terms_for_some_countries_began_those_for_everybody_were_for_them_too(
    versions: None, on: DAY, territory: str, applied: list[str], gaps: int
) -> None:
    outputs.version("europe", DAY(2024, 3, 1), "extract", audience=["EEA"], effective_to=DAY(2025, 1, 30))
    answer = applied_on(outputs.provider(), on, territory=territory)
    assert (sorted(one.terms.key for one in answer.applied), len(answer.gaps)) == (applied, gaps)


def test_a_provider_without_terms_on_record_has_none_for_any_day() -> None:
    assert applied_on(outputs.provider("silent"), DAY(2024, 1, 1)).code == TOU_VERSION_UNKNOWN


def test_a_timeline_says_what_came_what_went_and_where_days_are_missing(versions: None) -> None:
    outputs.version("three", DAY(2024, 9, 1), "extract", forbids_competing_models=False)
    (stream,) = timeline(outputs.provider())
    first, second, third = stream.changes
    assert first.is_first
    assert ([one.act for one in second.came], second.gap_before) == (["extract"], True)
    assert [old.act for old, _ in second.reworded] == ["develop_competing_model"]
    assert [one.act for one in third.went] == ["develop_competing_model"]


def test_versions_of_which_one_was_not_read_are_not_compared(versions: None) -> None:
    outputs.version("three", DAY(2024, 9, 1), "extract", text_address="")
    (stream,) = timeline(outputs.provider())
    assert [change.is_comparable for change in stream.changes] == [True, True, False]


@pytest.mark.usefixtures("loaded")
def test_the_catalogue_answers_for_openai_and_for_llama_2() -> None:
    openai, meta = Party.objects.get(key="openai"), Party.objects.get(key="meta")
    alpaca = applied_on(openai, DAY(2023, 3, 13))
    assert (alpaca.applied, alpaca.code) == ([], TOU_VERSION_UNKNOWN)
    assert "LicenseRef-scancode-openai-tou-20230314" in {
        one.terms.key for one in applied_on(openai, DAY(2023, 6, 1)).applied
    }
    weights = applied_on(meta, DAY(2024, 1, 1), model=AIModel.objects.get(slug="llama-2"), acceptance=Bound.ACCEPTED)
    assert [(one.clause.act, one.binding) for one in weights.applied[0].clauses] == [("train_other_model", "binds")]
    xai = applied_on(Party.objects.get(key="xai"), DAY(2025, 1, 1))
    assert xai.gaps[0].sentence.startswith("nobody has recorded what xAI Enterprise Terms")


def test_terms_for_consumers_never_stand_in_for_those_of_businesses() -> None:
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2024, 1, 30))
    maker = outputs.provider()
    assert [found.terms.key for found in applied_on(maker, DAY(2023, 6, 1), account="consumer_terms").applied] == [
        "one"
    ]
    answer = applied_on(maker, DAY(2023, 6, 1), account="business_terms")
    (gap,) = answer.gaps
    assert (answer.code, gap.document, gap.cause) == ("TOU_VERSION_UNKNOWN", "business_terms", "undated")
    assert gap.sentence == "no dated version of them is on record"
