"""Which terms reach a dataset, through which path, and the rows of axis 4 in their order."""

import datetime
from dataclasses import replace

import pytest

from licensing.models import ProviderTerms, UseDeclaration
from licensing.rules.facts import Bound
from licensing.selectors.output_terms import OutputQuestion, judge
from registry.actors import ANONYMOUS, Actor
from registry.models import Dataset
from tests import factories
from tests.licensing import outputs

pytestmark = pytest.mark.django_db
DAY = datetime.date
ASKED = OutputQuestion("fine_tuning", "commercial", "US", DAY(2026, 11, 1), competing=True)
UNTIL = DAY(2025, 12, 31)


@pytest.fixture
def lab() -> Actor:
    return factories.actor()


@pytest.fixture
def chats() -> Dataset:
    """Conversations with the talker that users shared."""
    outputs.version("one", DAY(2023, 3, 14), "develop_competing_model", effective_to=DAY(2025, 12, 31))
    shared = outputs.dataset("chats")
    outputs.part(shared, outputs.model(), "third_party")
    return shared


def declared(lab: Actor, **facts: object) -> UseDeclaration:
    values = {
        "organisation": lab.organisation, "title": "A use", "provider": outputs.provider(), "acceptance": "accepted",
        "purpose": "synthetic_data", "destinations": ["training"], "state": "approved", "begins_on": DAY(2024, 1, 1),
    }  # fmt: skip
    return UseDeclaration.objects.create(**(values | facts))


def codes(dataset: Dataset, question: OutputQuestion, actor: Actor) -> list[str]:
    return [one.reason.code for one in judge(dataset, question, actor).answers]


@pytest.mark.parametrize(
    ("acceptance", "competing", "purpose", "expected"),
    [
        (Bound.ACCEPTED, True, "internal_experiment", "TOU_COMPETE"),  # before TOU_EXPERIMENT
        (Bound.NOT_ACCEPTED, True, "internal_experiment", "TOU_PRIVITY"),
        (Bound.UNKNOWN, True, "commercial", "TOU_PRIVITY"),
        (Bound.ACCEPTED, None, "commercial", "TOU_USE_UNKNOWN"),
        (Bound.ACCEPTED, False, "internal_experiment", "TOU_EXPERIMENT"),
        (Bound.ACCEPTED, False, "commercial", "TOU_NOT_COMPETING"),
    ],
)
def test_each_row_in_its_order(
    chats: Dataset, lab: Actor, acceptance: Bound, competing: bool | None, purpose: str, expected: str
) -> None:
    asked = replace(ASKED, acceptance=acceptance, competing=competing, purpose=purpose)
    assert codes(chats, asked, lab) == [expected]


def test_an_experiment_whose_result_is_released_is_no_experiment(chats: Dataset, lab: Actor) -> None:
    asked = replace(ASKED, competing=False, purpose="internal_experiment", released=True)
    assert codes(chats, asked, lab) == ["TOU_NOT_COMPETING"]


def test_a_licence_that_forbids_training_other_models_limits_what_does_not_compete(lab: Actor) -> None:
    weights = outputs.model("weights")
    outputs.version("licence", DAY(2023, 7, 18), "train_other_model", document="model_licence", models=[weights])
    made = outputs.dataset("made")
    outputs.part(made, weights, "own_api", generated_to=None)
    asked = replace(ASKED, competing=False, acceptance=Bound.ACCEPTED)
    assert codes(made, asked, lab) == ["TOU_NO_TRAINING"]
    assert codes(made, replace(asked, use="evaluation"), lab) == ["TOU_SILENT"]
    assert codes(made, replace(asked, acceptance=None), lab) == ["TOU_LIMIT_PRIVITY"]


def test_a_clause_for_commercial_purposes_leaves_research_alone(lab: Actor) -> None:
    weights = outputs.model("weights")
    outputs.version(
        "licence", DAY(2023, 11, 1), "train_other_model", document="model_licence", models=[weights],
        purpose="commercial",
    )  # fmt: skip
    made = outputs.dataset("made")
    outputs.part(made, weights)
    asked = replace(ASKED, competing=False, acceptance=Bound.ACCEPTED)
    assert codes(made, asked, lab) == ["TOU_NO_TRAINING"]
    assert codes(made, replace(asked, purpose="research"), lab) == ["TOU_SILENT"]


def test_a_restriction_arrives_through_a_model_and_the_answer_says_how(chats: Dataset, lab: Actor) -> None:
    student = outputs.model("student", outputs.provider("campus"))
    outputs.claim(student, "trained_on", chats)
    answers = outputs.dataset("answers")
    outputs.claim(answers, "generated_by", student)
    found = judge(answers, ASKED, lab)
    by_generator = {one.generator.slug: one for one in found.answers}
    assert by_generator["talker"].reason.code == "TOU_PRIVITY"
    assert by_generator["talker"].way == "Answers ← Student ← Chats ← Talker"
    assert by_generator["student"].reason.code == "TOU_VERSION_UNKNOWN"
    assert found.verdict == "CONTESTED"


def test_a_cycle_is_marked_and_the_answer_still_comes(chats: Dataset, lab: Actor) -> None:
    outputs.claim(outputs.model(), "trained_on", chats)
    found = judge(chats, ASKED, lab)
    assert [(str(first), str(then)) for first, then in found.cycles] == [("Chats", "Talker")]
    assert codes(chats, ASKED, lab) == ["TOU_PRIVITY"]


def test_what_is_only_alleged_is_listed_and_decides_nothing(chats: Dataset, lab: Actor) -> None:
    rumour = outputs.dataset("rumour")
    for status in ("alleged", "denied"):
        outputs.claim(rumour, "derived_from", chats, status)
    found = judge(rumour, ASKED, lab)
    assert [(one.reason.code, one.decides) for one in found.answers] == [("TOU_PRIVITY", False)]
    assert found.verdict is None


def test_no_version_for_the_day_is_unknown_and_never_the_nearest(chats: Dataset, lab: Actor) -> None:
    early = outputs.dataset("early")
    outputs.part(early, outputs.model(), generated_to=DAY(2023, 3, 13))
    found = judge(early, ASKED, lab)
    assert [one.reason.code for one in found.answers] == ["TOU_VERSION_UNKNOWN"]
    assert "began on 2023-03-14" in found.answers[0].reason.sentence
    undated = outputs.dataset("undated")
    outputs.part(undated, outputs.model(), generated_to=None)
    assert "not recorded" in judge(undated, ASKED, lab).answers[0].reason.sentence


def test_output_from_before_and_after_a_change_is_judged_by_both_versions(chats: Dataset, lab: Actor) -> None:
    outputs.version("two", DAY(2026, 1, 1), "extract", forbids_competing_models=False, effective_to=DAY(2026, 12, 31))
    long = outputs.dataset("long")
    outputs.part(long, outputs.model(), generated_from=DAY(2025, 12, 1), generated_to=DAY(2026, 2, 1))
    assert codes(long, ASKED, lab) == ["TOU_PRIVITY", "TOU_SILENT"]


def test_who_declared_to_have_accepted_the_terms_is_bound_whatever_the_way(chats: Dataset, lab: Actor) -> None:
    declared(lab)
    assert codes(chats, ASKED, lab) == ["TOU_COMPETE"]
    assert judge(chats, ASKED, lab).verdict == "NOT_CLEARED"
    assert codes(chats, replace(ASKED, on=DAY(2023, 12, 31)), lab) == ["TOU_PRIVITY"]
    assert codes(chats, ASKED, factories.actor()) == ["TOU_PRIVITY"]


def test_output_of_a_declared_experiment_is_an_experiments(chats: Dataset, lab: Actor) -> None:
    own = outputs.dataset("own", lab.organisation)
    declaration = declared(lab, purpose="experiment")
    outputs.part(own, outputs.model(), actor=lab, declaration=declaration)
    assert codes(own, replace(ASKED, competing=False), lab) == ["TOU_EXPERIMENT"]


@pytest.mark.parametrize("fault", ["a draft", "of another provider", "of another model"])
def test_a_declaration_that_does_not_speak_for_the_model_makes_no_experiment_of_its_output(
    chats: Dataset, lab: Actor, fault: str
) -> None:
    own = outputs.dataset("own", lab.organisation)
    faults: dict[str, dict[str, object]] = {
        "a draft": {"state": "draft", "begins_on": None},
        "of another provider": {"provider": outputs.provider("somebody")},
        "of another model": {"model": outputs.model("listener")},
    }
    declaration = declared(lab, purpose="experiment", **faults[fault])
    outputs.part(own, outputs.model(), actor=lab, declaration=declaration)
    assert codes(own, replace(ASKED, competing=False), lab) == ["TOU_NOT_COMPETING"]


@pytest.mark.parametrize(
    ("territory", "expected"),
    [("DE", ["TOU_SILENT"]), ("EU", ["TOU_SILENT"]), ("US", ["TOU_COMPETE"]), ("WORLD", ["TOU_COMPETE", "TOU_SILENT"])],
)
def test_where_terms_for_some_countries_hold_for_all_of_a_territory_they_alone_are_asked(
    chats: Dataset, lab: Actor, territory: str, expected: list[str]
) -> None:
    outputs.version("europe", DAY(2023, 3, 14), "extract", audience=["EEA"], effective_to=UNTIL,
                    forbids_competing_models=False)  # fmt: skip
    asked = replace(ASKED, territory=territory, acceptance=Bound.ACCEPTED)
    assert codes(chats, asked, lab) == expected


def test_a_dataset_without_model_output_has_no_answer(lab: Actor) -> None:
    found = judge(outputs.dataset("plain"), ASKED, lab)
    assert (found.verdict, found.answers) == (None, [])


def test_what_a_firm_recorded_of_its_own_datasets_is_unknown_to_others(chats: Dataset, lab: Actor) -> None:
    outputs.part(chats, outputs.model("secret"), actor=lab)
    assert {one.generator.slug for one in judge(chats, ASKED, lab).answers} == {"talker", "secret"}
    assert {one.generator.slug for one in judge(chats, ASKED, ANONYMOUS).answers} == {"talker"}


@pytest.fixture
def two_kinds() -> None:
    """A provider whose terms for consumers forbid what its terms for businesses do not."""
    outputs.version(
        "private", DAY(2023, 3, 14), "develop_competing_model", document="consumer_terms", effective_to=UNTIL
    )
    outputs.version("api", DAY(2023, 3, 14), document="business_terms", effective_to=UNTIL)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("private", [("TOU_COMPETE", False)]),
        ("api", [("TOU_SILENT", False)]),
        ("", [("TOU_COMPETE", True), ("TOU_SILENT", True)]),
    ],
)
@pytest.mark.usefixtures("two_kinds")
def test_own_output_stands_under_the_terms_of_the_account_that_was_declared(
    lab: Actor, named: str, expected: list[tuple[str, bool]]
) -> None:
    own = outputs.dataset("own", lab.organisation)
    terms = ProviderTerms.objects.filter(key=named).first()
    outputs.part(own, outputs.model(), actor=lab, declaration=declared(lab, terms=terms))
    assert [(one.reason.code, one.account_unknown) for one in judge(own, ASKED, lab).answers] == expected


@pytest.mark.usefixtures("two_kinds")
def test_own_output_without_a_declaration_is_asked_of_both_and_what_others_shared_needs_no_account(lab: Actor) -> None:
    own, shared = outputs.dataset("own", lab.organisation), outputs.dataset("shared")
    outputs.part(own, outputs.model(), actor=lab)
    outputs.part(shared, outputs.model(), "third_party")
    assert [one.account_unknown for one in judge(own, ASKED, lab).answers] == [True, True]
    assert [one.account_unknown for one in judge(shared, ASKED, lab).answers] == [False, False]


def test_a_declared_account_without_terms_of_its_kind_is_unknown_and_not_judged_by_the_other(lab: Actor) -> None:
    outputs.version(
        "private", DAY(2023, 3, 14), "develop_competing_model", document="consumer_terms", effective_to=UNTIL
    )
    late = outputs.version("api", DAY(2026, 3, 14), document="business_terms", effective_to=DAY(2026, 12, 31))
    own = outputs.dataset("own", lab.organisation)
    outputs.part(own, outputs.model(), actor=lab, declaration=declared(lab, terms=late))
    assert codes(own, ASKED, lab) == ["TOU_VERSION_UNKNOWN"]
