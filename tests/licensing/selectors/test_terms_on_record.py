"""Questions a lawyer asks of the catalogue's own records: which terms applied, and what follows for a use."""

import datetime

import pytest

from licensing.models import ProviderTerms
from licensing.rules.facts import Bound
from licensing.selectors.output_terms import OutputQuestion, judge
from licensing.selectors.provider_terms import TOU_VERSION_UNKNOWN, TermsAnswer, applied_on
from registry.models import AIModel, Dataset, Party
from tests import factories
from tests.licensing import outputs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]
DAY = datetime.date.fromisoformat
CONSUMER, BUSINESS = "consumer_terms", "business_terms"
USAGE = "anthropic-usage-policy-20250915"


def applied(provider: str, on: str, territory: str = "US", account: str = "") -> TermsAnswer:
    party = Party.objects.get(key=provider)
    return applied_on(party, DAY(on), acceptance=Bound.ACCEPTED, territory=territory, account=account)


def keys(answer: TermsAnswer) -> list[str]:
    return sorted(one.terms.key.removeprefix("LicenseRef-").partition("-")[2] for one in answer.applied)


VERSIONS = [
    # (provider, day, country, account, versions that applied, documents that have a gap)
    ("openai", "2022-12-28", "US", CONSUMER, ["openai-tou-quoted-20221228"], 0),
    ("openai", "2023-03-13", "US", CONSUMER, [], 1),  # the day of Alpaca
    ("openai", "2023-03-14", "US", CONSUMER, ["openai-tou-20230314"], 0),
    ("openai", "2023-06-01", "DE", CONSUMER, ["openai-tou-20230314"], 0),  # for everybody then
    ("openai", "2023-06-01", "US", BUSINESS, ["openai-tou-20230314-api"], 0),
    ("openai", "2024-01-30", "US", CONSUMER, ["openai-tou-20230314"], 0),
    ("openai", "2024-01-31", "US", CONSUMER, ["openai-tou-20231114"], 0),
    ("openai", "2024-01-31", "DE", CONSUMER, [], 1),  # Europe had terms of its own, which nobody read
    ("openai", "2024-06-01", "US", BUSINESS, ["openai-business-terms"], 0),
    ("openai", "2024-12-10", "US", CONSUMER, ["openai-tou-20231114"], 0),
    ("openai", "2024-12-11", "US", CONSUMER, ["openai-tou-20241211"], 0),
    ("openai", "2024-12-11", "DE", CONSUMER, ["openai-tou-europe-20241211"], 0),
    ("openai", "2025-05-01", "FR", CONSUMER, ["openai-tou-europe-20250429"], 0),
    ("openai", "2026-05-05", "US", CONSUMER, ["openai-tou-20260101"], 0),
    ("openai", "2026-05-05", "DE", CONSUMER, ["openai-tou-europe-20260116"], 0),
    ("openai", "2026-05-05", "US", BUSINESS, ["openai-services-agreement-20260101"], 0),
    ("openai", "2026-11-05", "US", CONSUMER, [], 1),  # after the last sighting
    ("anthropic", "2026-02-01", "US", BUSINESS, ["anthropic-commercial-20250617", USAGE], 0),
    ("anthropic", "2025-10-08", "DE", CONSUMER, ["anthropic-consumer-eea-20251008", USAGE], 0),
    ("google", "2023-09-01", "DE", CONSUMER, ["google-genai-additional-20230809"], 0),
    ("google", "2024-05-22", "DE", CONSUMER, ["google-tos-eea-20240522"], 0),
    ("google", "2026-06-01", "US", BUSINESS, ["gemini-api-20260323"], 0),
    ("baidu", "2024-01-01", "CN", "", [], 1),  # its agreement states no day
]  # fmt: skip


def test_the_version_of_a_day_is_that_of_the_account_and_the_country() -> None:
    for provider, on, territory, account, expected, gaps in VERSIONS:
        answer = applied(provider, on, territory, account)
        assert (keys(answer), len(answer.gaps)) == (expected, gaps), (provider, on, territory, account)
        assert answer.code == ("" if expected else TOU_VERSION_UNKNOWN)


def test_a_day_of_2026_says_until_when_the_version_was_seen_and_by_whom() -> None:
    (found,) = applied("openai", "2026-05-05", account=CONSUMER).applied
    assert (found.seen_until, found.verified) == (DAY("2026-10-07"), False)
    assert [row.seen_on for row in found.terms.sightings.all()] == [DAY("2026-09-21"), DAY("2026-10-07")]
    (gap,) = applied("openai", "2026-11-05", account=CONSUMER).gaps
    assert "last seen in force on 2026-10-07" in gap.sentence


def test_accepted_terms_bind_and_others_are_contested_whatever_the_version() -> None:
    openai = Party.objects.get(key="openai")
    for on in ("2023-03-14", "2024-01-31", "2024-12-11"):
        for acceptance, binding in ((Bound.ACCEPTED, "binds"), (Bound.NOT_ACCEPTED, "contested")):
            answer = applied_on(openai, DAY(on), acceptance=acceptance, territory="US", account=CONSUMER)
            competing = [one for one in answer.applied[0].clauses if one.clause.act == "develop_competing_model"]
            assert [one.binding for one in competing] == [binding], (on, acceptance)
            assert ("terms-privity" in answer.questions) is (binding == "contested")


# (generator, use's purpose, it competes, accepted, reason) for output of 1 December 2025 that trains a model
USES = [
    ("llama-2", "commercial", False, True, "TOU_NO_TRAINING"),
    ("llama-2", "commercial", False, False, "TOU_LIMIT_PRIVITY"),
    ("llama-3", "research", True, True, "TOU_NO_TRAINING"),
    ("llama-3-1", "commercial", True, True, "TOU_SILENT"),  # allowed, with "Llama" in the name
    ("gemma", "commercial", True, True, "TOU_SILENT"),
    ("qwen-1", "commercial", False, True, "TOU_NO_TRAINING"),
    ("qwen-2-5-72b", "commercial", True, True, "TOU_SILENT"),  # allowed, with a credit
    ("deepseek-r1", "commercial", True, True, "TOU_SILENT"),
    ("deepseek-v3", "commercial", True, True, "TOU_SILENT"),
    ("mixtral-8x7b", "commercial", True, True, "TOU_SILENT"),
    ("bloom", "commercial", True, True, "TOU_SILENT"),
    ("grok-2", "research", False, True, "TOU_NO_TRAINING"),
    ("command-r-plus", "commercial", False, True, "TOU_NON_COMMERCIAL"),
    ("command-r-plus", "research", False, True, "TOU_SILENT"),
    ("exaone-deep", "research", False, True, "TOU_NO_TRAINING"),
    ("stable-diffusion-3", "research", False, True, "TOU_NO_TRAINING"),
    ("flux-1-dev", "commercial", True, True, "TOU_COMPETE"),
    ("flux-1-dev", "commercial", False, True, "TOU_NOT_COMPETING"),
    ("hunyuan-3d-2", "commercial", False, True, "TOU_NO_TRAINING"),
]


def test_what_a_licence_of_weights_means_for_training_on_output() -> None:
    lab = factories.actor()
    for generator, purpose, competing, is_accepted, code in USES:
        made, is_new = Dataset.objects.get_or_create(slug=f"by-{generator}", defaults={"name": generator})
        if is_new:
            outputs.part(made, AIModel.objects.get(slug=generator), generated_to=DAY("2025-12-01"))
        bound = Bound.ACCEPTED if is_accepted else Bound.NOT_ACCEPTED
        question = OutputQuestion("fine_tuning", purpose, "US", DAY("2026-11-01"), competing, True, bound)
        codes = [one.reason.code for one in judge(made, question, lab).answers]
        assert codes == [code], (generator, purpose, competing)


def test_what_has_to_be_kept_and_what_a_clause_leaves_out_are_told() -> None:
    asked = {
        slug: [
            clause.act for clause in applied_on(model.developer, DAY("2025-12-01"), model=model).applied[0].conditions
        ]
        for slug in ("llama-3-1", "gemma", "qwen-2-5-72b", "bloom", "deepseek-r1")
        for model in [AIModel.objects.get(slug=slug)]
    }
    assert asked == {
        "llama-3-1": ["name_after_model"], "gemma": ["keep_terms"], "qwen-2-5-72b": ["credit_model"],
        "bloom": ["keep_terms"], "deepseek-r1": [],
    }  # fmt: skip
    llama = ProviderTerms.objects.get(key="LicenseRef-scancode-llama-2-license-2023")
    assert llama.clauses.get().exception == "Llama 2 and works derived from it"
    agreement = ProviderTerms.objects.get(key="LicenseRef-colophon-openai-services-agreement-20260101")
    assert "classifiers" in agreement.clauses.get(act="develop_competing_model").exception


@pytest.mark.parametrize("acceptance", [Bound.ACCEPTED, Bound.NOT_ACCEPTED])
def test_alpaca_koala_and_sharegpt_are_unknown_as_long_as_their_day_or_its_version_is(acceptance: Bound) -> None:
    question = OutputQuestion("fine_tuning", "commercial", "US", DAY("2026-11-01"), True, True, acceptance)
    for slug in ("alpaca-52k", "sharegpt", "orca-outputs"):
        found = judge(Dataset.objects.get(slug=slug), question, factories.actor())
        assert found.verdict == "UNKNOWN", slug
        assert {one.reason.code for one in found.answers if one.decides} == {TOU_VERSION_UNKNOWN}, slug
