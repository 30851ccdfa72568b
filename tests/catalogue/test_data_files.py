"""The starting catalogue as data: complete, consistent, every row with its sources (domain.md §4)."""

import hashlib
import itertools
import re
import tomllib
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

CATALOGUE = Path(__file__).parents[2] / "licensing" / "catalogue"
PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
RELATIONS = {"trained_on", "derived_from", "contains", "generated_by", "obtained_from"}
STATUSES = {"disclosed", "admitted", "reported", "alleged", "denied", "conjecture", "court_finding"}
CHANNELS = {
    "direct",
    "standing_offer",
    "collective_opt_in",
    "collective_extended",
    "open_licence",
    "platform",
    "statutory_exception",
    "reservation",
}


def read(name: str) -> dict[str, Any]:
    # numbers as decimals: weights are compared and summed as they are written
    return tomllib.loads((CATALOGUE / f"{name}.toml").read_text(encoding="utf-8"), parse_float=Decimal)


SOURCES = {row["key"]: row for row in read("sources")["sources"]}
DATASETS = {row["slug"]: row for row in read("datasets")["datasets"]}
MODELS = {row["slug"]: row for row in read("models")["models"]}
DEVELOPERS = {row["key"]: row for row in read("models")["developers"]}
CLAIMS = {row["key"]: row for row in read("claims")["claims"]}
PROCEEDINGS = {row["key"]: row for row in read("proceedings")["proceedings"]}
TERMS = {row["key"]: row for row in read("provider_terms")["provider_terms"]}
QUESTIONS = {row["key"]: row for row in read("legal_questions")["legal_questions"]}
INITIATIVE = read("initiative")
SOURCED_ROWS = [*DATASETS.values(), *MODELS.values(), *CLAIMS.values(), *PROCEEDINGS.values(), *TERMS.values()]


def test_keys_are_unique() -> None:
    for name, table, key in (
        ("sources", "sources", "key"),
        ("datasets", "datasets", "slug"),
        ("models", "models", "slug"),
        ("models", "developers", "key"),
        ("claims", "claims", "key"),
        ("proceedings", "proceedings", "key"),
        ("provider_terms", "provider_terms", "key"),
        ("legal_questions", "legal_questions", "key"),
    ):
        counted = Counter(row[key] for row in read(name)[table])
        assert [value for value, times in counted.items() if times > 1] == []


def test_every_row_has_sources_that_exist_and_says_whether_it_was_verified() -> None:
    for row in [*SOURCED_ROWS, *QUESTIONS.values(), INITIATIVE["initiative"]]:
        assert row["sources"], row
        assert set(row["sources"]) <= set(SOURCES), row
        assert isinstance(row["verified"], bool), row
    assert all(isinstance(source["verified"], bool) and source["title"] for source in SOURCES.values())


def test_every_source_is_cited() -> None:
    cited = {key for row in [*SOURCED_ROWS, *QUESTIONS.values()] for key in row["sources"]}
    cited |= {row[name] for row in read("articles")["articles"] for name in ("source", "also") if name in row}
    lists = tomllib.loads((CATALOGUE.parent / "selectors" / "class_lists.toml").read_text(encoding="utf-8"))
    for row in lists["class_lists"]:
        cited |= {*row["sources"], row["cutoff"]["source"], *(copy["source"] for copy in row["copies"])}
    assert set(SOURCES) <= cited


def test_dates_are_a_year_a_month_or_a_day() -> None:
    dates = [row.get(name, "") for row in SOURCED_ROWS for name in ("released_on", "claimed_on", "opened_on")]
    dates += [
        row.get(name, "") for row in TERMS.values() for name in ("published_on", "effective_from", "effective_to")
    ]
    dates += [source["published"] for source in SOURCES.values()]
    assert [date for date in dates if date and not PARTIAL_DATE.fullmatch(date)] == []


def test_the_pile_has_its_22_components_and_their_weights_sum_to_100() -> None:
    (release,) = DATASETS["the-pile"]["releases"]
    components = release["components"]
    assert len(components) == len({row["dataset"] for row in components}) == 22
    assert {row["dataset"] for row in components} <= set(DATASETS)
    assert sum(row["weight_percent"] for row in components) == pytest.approx(Decimal(100), abs=Decimal("0.1"))
    assert sum(row["raw_gib"] for row in components) == pytest.approx(Decimal("825.18"), abs=Decimal("0.1"))


@pytest.mark.parametrize(
    ("component", "raw_gib", "weight"),
    [("books3", "100.96", "12.07"), ("pile-cc", "227.12", "18.11"), ("enron-emails", "0.88", "0.14")],
)
def test_a_component_has_the_size_and_weight_of_the_readme(component: str, raw_gib: str, weight: str) -> None:
    (release,) = DATASETS["the-pile"]["releases"]
    (row,) = (row for row in release["components"] if row["dataset"] == component)
    assert (row["raw_gib"], row["weight_percent"]) == (Decimal(raw_gib), Decimal(weight))


def figures(slug: str) -> dict[int, str]:
    return {int(row["value"]): row["source"] for row in DATASETS[slug]["figures"]}


def test_differing_figures_stand_side_by_side_with_their_sources() -> None:
    books3 = figures("books3")
    assert books3[196640] != books3[196639]
    assert {196640, 196639} <= set(books3)
    assert {11038, 7185} <= set(figures("bookcorpus"))
    cited = [row["source"] for dataset in DATASETS.values() for row in dataset.get("figures", [])]
    assert set(cited) <= set(SOURCES)


def test_a_declared_licence_that_is_the_codes_licence_is_kept_as_it_was_declared() -> None:
    assert DATASETS["pubmed-central"]["declared_licence"] == "MIT"
    assert "the-pile-hub-card" in DATASETS["pubmed-central"]["sources"]


def test_where_no_licence_is_stated_none_is_written_down() -> None:
    said = {slug: row["declared_licence"] for slug, row in DATASETS.items() if "declared_licence" in row}
    assert {slug for slug, name in said.items() if name.strip().lower() in {"", "none", "n/a", "-", "–"}} == set()
    assert {"bibliotik", "sharegpt"}.isdisjoint(said)


def test_models_name_a_developer_that_exists() -> None:
    assert {model["developer"] for model in MODELS.values()} <= set(DEVELOPERS)


def test_every_claim_joins_two_rows_that_exist() -> None:
    tables = {"model": MODELS, "dataset": DATASETS}
    for claim in CLAIMS.values():
        assert claim["relation"] in RELATIONS, claim
        assert claim["status"] in STATUSES, claim
        for side in (claim["subject"], claim["object"]):
            ((kind, slug),) = side.items()
            assert slug in tables[kind], claim


def statuses(subject: str, target: str) -> set[str]:
    return {
        claim["status"]
        for claim in CLAIMS.values()
        if subject in claim["subject"].values() and target in claim["object"].values()
    }


@pytest.mark.parametrize(
    ("subject", "target", "expected"),
    [
        ("bard", "sharegpt", {"alleged", "denied"}),
        ("bytedance-seed", "gpt-api", {"reported", "admitted"}),
        ("alpaca-52k", "gpt-4", {"reported", "denied"}),
        ("alpaca-52k", "gpt-3-5-text-davinci-003", {"disclosed"}),
        ("openai-books2", "libgen", {"conjecture"}),
        ("anthropic-central-library", "libgen", {"court_finding"}),
        ("claude", "the-pile", {"admitted"}),
        ("vicuna", "sharegpt", {"disclosed"}),
        ("orca-outputs", "flan-v2", {"disclosed"}),
        ("comma-v0-1", "comma-training-dataset", {"disclosed"}),
    ],
)
def test_a_claim_keeps_every_side_with_its_status(subject: str, target: str, expected: set[str]) -> None:
    assert statuses(subject, target) == expected


def test_shares_of_a_mixture_stay_within_100_per_cent() -> None:
    shares: Counter[str] = Counter()
    for claim in CLAIMS.values():
        shares[next(iter(claim["subject"].values()))] += claim.get("share_percent", 0)
    assert all(share <= 100 for share in shares.values())
    assert shares["llama-1"] == 100


def test_lineage_reaches_from_a_model_through_its_output_to_another_model() -> None:
    edges = {(*claim["subject"].values(), *claim["object"].values()) for claim in CLAIMS.values()}
    assert {("alpaca-7b", "alpaca-52k"), ("alpaca-52k", "gpt-3-5-text-davinci-003"), ("vicuna", "sharegpt")} <= edges
    assert ("sharegpt", "chatgpt") in edges


def test_proceedings_point_at_datasets_and_models_that_exist() -> None:
    for row in PROCEEDINGS.values():
        assert set(row["datasets"]) <= set(DATASETS), row
        assert set(row["models"]) <= set(MODELS), row
    assert {"kadrey-v-meta", "chabon-v-meta", "bartz-v-anthropic", "sancton-v-openai"} <= set(PROCEEDINGS)


def stream(row: dict[str, Any]) -> tuple[str, ...]:
    """What versions follow each other in: a provider's document for one audience, a licence for its models."""
    if row["document"] == "model_licence":
        return (row["provider"], *sorted(row["models"]))
    return (row["provider"], row["document"], *sorted(row.get("audience", [])))


def test_the_versions_of_a_document_follow_each_other_without_overlap() -> None:
    streams: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in TERMS.values():
        streams.setdefault(stream(row), []).append(row)
    for rows in streams.values():
        dated = sorted((row for row in rows if "effective_from" in row), key=lambda row: row["effective_from"])
        for earlier, later in itertools.pairwise(dated):
            assert earlier.get("effective_to", earlier["effective_from"]) < later["effective_from"], later["key"]


def test_the_terms_of_openai_are_there_by_their_days() -> None:
    days = {
        key: (row.get("effective_from"), row.get("effective_to"))
        for key, row in TERMS.items()
        if stream(row) == ("openai", "consumer_terms")
    }
    assert days["LicenseRef-scancode-openai-tou-20230314"] == ("2023-03-14", "2024-01-30")
    assert days["LicenseRef-colophon-openai-tou-20231114"] == ("2024-01-31", "2024-12-10")
    assert days["LicenseRef-scancode-openai-tou-20241211"] == ("2024-12-11", "2025-12-31")


def test_terms_that_nobody_read_say_nothing_about_competing_models() -> None:
    unread = TERMS["LicenseRef-colophon-openai-tou-before-20230314"]
    assert "forbids_competing_models" not in unread
    assert unread["verified"] is False
    developers = set(DEVELOPERS) | {row["key"] for row in read("generators")["developers"]}
    assert {row["provider"] for row in TERMS.values()} <= developers


def test_the_large_providers_and_the_licences_that_restrict_output_are_named() -> None:
    providers = {row["provider"] for row in TERMS.values()}
    assert {"openai", "anthropic", "google", "mistral-ai", "cohere", "xai", "amazon", "microsoft"} <= providers
    assert {"baidu", "alibaba-cloud", "zhipu", "moonshot-ai", "deepseek", "01-ai", "meta", "tii"} <= providers
    forbidding = {
        slug
        for row in TERMS.values()
        for clause in row.get("clauses", [])
        if (clause["effect"], clause["act"]) == ("forbids", "train_other_model")
        for slug in row.get("models", [])
    }
    assert {"llama-2", "llama-3", "qwen-1"} <= forbidding


def test_an_excerpt_is_short_and_has_its_hash_and_what_is_verified_was_read() -> None:
    for row in TERMS.values():
        clauses = row.get("clauses", [])
        for clause in clauses:
            excerpt = clause["excerpt"]
            assert len(excerpt) <= 420, row["key"]
            assert hashlib.sha256(excerpt.encode()).hexdigest() == clause["excerpt_sha256"], row["key"]
        if row["verified"]:
            assert row["text_address"], row["key"]
        competing = any((one["effect"], one["act"]) == ("forbids", "develop_competing_model") for one in clauses)
        assert competing == bool(row.get("forbids_competing_models")) or "forbids_competing_models" not in row


def test_generated_parts_name_datasets_models_and_sources_that_exist() -> None:
    models = set(MODELS) | {row["slug"] for row in read("generators")["models"]}
    rows = read("generated_parts")["generated_parts"]
    assert {row["dataset"] for row in rows} >= {"alpaca-52k", "sharegpt", "orca-outputs"}
    for row in rows:
        assert row["dataset"] in DATASETS, row
        assert row["model"] in models, row
        assert set(row["sources"]) <= set(SOURCES), row
    orca = [row for row in rows if row["dataset"] == "orca-outputs"]
    assert sum(row["share_percent"] for row in orca) == Decimal(100)
    assert {row["acquired"] for row in rows} >= {"own_api", "experiment", "third_party", "relay"}


def test_the_rules_and_the_catalogue_know_the_same_dated_terms() -> None:
    rules = CATALOGUE.parent / "rules" / "data" / "provider_terms.toml"
    for row in tomllib.loads(rules.read_text(encoding="utf-8"))["terms"]:
        assert TERMS[row["id"]]["effective_from"] == row["effective_from"].isoformat()
        assert TERMS[row["id"]]["forbids_competing_models"] == row["restricts_competing"]
        ends = TERMS[row["id"]].get("effective_to")
        assert ends == (row["effective_to"].isoformat() if "effective_to" in row else None)


def test_open_questions_have_positions_with_sources_and_name_the_reasons_that_cite_them() -> None:
    for row in QUESTIONS.values():
        assert row["question_zh"], row
        assert all(said["position"] and said["position_zh"] for said in row["positions"]), row
        assert row["positions"], row
        assert {position["source"] for position in row["positions"]} <= set(row["sources"]), row
        assert row["reason_codes"], row


def test_the_initiative_has_six_points_and_a_channel_answers_each() -> None:
    points = INITIATIVE["points"]
    assert [point["number"] for point in points] == [1, 2, 3, 4, 5, 6]
    assert INITIATIVE["initiative"]["organisations"] == 26
    for point in points:
        assert point["channels"], point
        assert set(point["channels"]) <= CHANNELS, point


def test_every_fact_of_the_two_articles_has_its_place() -> None:
    tables: dict[str, set[str]] = {
        "claims": set(CLAIMS),
        "datasets": set(DATASETS),
        "models": set(MODELS),
        "proceedings": set(PROCEEDINGS),
        "provider_terms": set(TERMS),
        "legal_questions": set(QUESTIONS),
        "initiative": {str(point["number"]) for point in INITIATIVE["points"]},
    }
    articles = read("articles")["articles"]
    assert len(articles) == 2
    for article in articles:
        assert article["source"] in SOURCES
        for fact in article["facts"]:
            assert fact["place"], fact
            for record in fact["records"]:
                table, key = record.split(":", 1)
                assert key in tables[table], record


def test_the_page_about_providers_terms_counts_what_is_on_record() -> None:
    rows = list(TERMS.values())
    clauses, sightings = (sum(len(row.get(name, [])) for row in rows) for name in ("clauses", "sightings"))
    page = (CATALOGUE.parents[1] / "docs" / "provider-terms.md").read_text(encoding="utf-8")
    said = (
        f"{len(rows)} versions of {len({row['provider'] for row in rows})} providers with {clauses} clauses and"
        f" {sightings} sightings; {sum(row['verified'] for row in rows)} versions are verified."
    )
    assert said in " ".join(page.split())


def test_a_sighting_has_its_words_with_their_hash_and_lies_in_the_days_of_its_version() -> None:
    seen = [(row, sighting) for row in TERMS.values() for sighting in row.get("sightings", [])]
    assert seen
    for row, sighting in seen:
        assert hashlib.sha256(sighting["said"].encode()).hexdigest() == sighting["said_sha256"], row["key"]
        assert sighting["address"].startswith("https://"), row["key"]
        begins, ends = row.get("effective_from", ""), row.get("effective_to", "9999")
        assert begins <= sighting["seen_on"] <= ends, row["key"]
