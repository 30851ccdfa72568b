"""Drafts of filings: every statement with its record, nothing made up, three forms of the same."""

import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from licensing.formats import ab2013, eu_summary, gbt45654
from licensing.formats.filing import FORMS, Cited, Field, Filing, to_html, to_json, to_markdown
from licensing.formats.gbt45654 import SamplingFacts
from licensing.formats.training_facts import Measured, Output, TrainingFacts, Upstream

LAB = Cited("organisation", "lab", "The Lab")
OWN = Output(
    id="part00000001", dataset="Answers", model="Talker", provider="Maker", acquired="own_api", is_own=True,
    released_on="2023-03", share_percent="12.50", records=5200, first="2023-05-01", last="2023-06-30",
    prompts="Our own questions.", cleaning="Duplicates removed.", purpose="synthetic_data",
    declaration=Cited("declaration", "decl00000001", "Paraphrases for the classifier"),
)  # fmt: skip
FOUND = Output(
    id="part00000002", dataset="Chats", model="Talker", provider="Maker", acquired="third_party", is_own=False
)
AUDIT = Measured(
    "audi00000001", "Answers", "2026-11-20", 0.17, (0.133, 0.208), 0.171, (0.134, 0.209), 0.95, 17, 100, 120
)
FACTS = TrainingFacts(
    organisation=LAB,
    on="2026-11-22",
    model="Helper 2",
    datasets=(Cited("dataset", "answers", "Answers"),),
    outputs=(OWN, FOUND),
    upstream=(Upstream("Answers ← Chats ← Talker", "Talker", ("alleged",), False, ("answers-from-chats",)),),
    audits=(AUDIT,),
)
EMPTY = TrainingFacts(organisation=LAB, on="2026-11-22", model="Helper 2", datasets=FACTS.datasets)
SAMPLED = SamplingFacts(
    organisation="The Lab", audit=Cited("audit", "audi00000001"), title="Answers of spring", file_name="a.jsonl",
    file_sha256="ab" * 32, on="2026-11-20", records=90_000, drawn=4_000, positive=100, rate=0.025,
    interval=(0.02, 0.03), confidence=0.95, batches=1, drawn_each=4_000, seed=7, sample="sha256:" + "cd" * 32,
    method="1", references=("Outputs（chatbot-1）",), sample_entry=Cited("log_entry", "41"),
    result_entry=Cited("log_entry", "42"), asked=4_000, passing=0.96, source="GB/T 45654-2025", verified=False,
)  # fmt: skip


def fields(filing: Filing, number: str) -> list[Field]:
    return [field for section in filing.sections for field in section.fields if field.number == number]


def said(field: Field) -> str:
    return " ".join(statement.text for statement in field.statements)


def test_section_2_5_has_the_fields_of_the_template_in_their_order() -> None:
    section = eu_summary.draft(FACTS).sections[-1]
    assert (section.number, section.title) == ("2.5", "Synthetic data")
    assert [field.number for field in section.fields] == ["2.5", "2.5 (i)", "2.5 (ii)", "2.5 (iii)", "2.5 (iv)"]
    created, modality, market, other, comments = section.fields
    assert said(created) == "Yes."
    assert said(modality) == "Text."
    assert "Talker of Maker wrote 12.50 % of Answers (5,200 records; generated 2023-05-01 to 2023-06-30" in said(market)
    assert "whether it is available on the market of the Union is not recorded" in said(market)
    assert not other.is_recorded
    assert comments.optional
    for words in (
        "It is on record for a dataset that others made: to be listed under 2.1 or 2.2.2.",
        "Our own questions.",
        "Duplicates removed.",
        "Answers ← Chats ← Talker (alleged). This is not established.",
        "17.00% (13.30% to 20.80%) (95% interval)",
    ):
        assert words in said(comments), words


def test_the_firms_own_model_is_another_model_and_not_one_of_the_market() -> None:
    section = eu_summary.draft(replace(FACTS, outputs=(replace(OWN, by_own_model=True),))).sections[-1]
    assert not section.fields[2].is_recorded
    assert "Talker of Maker wrote" in said(section.fields[3])


def test_what_others_generated_is_no_yes() -> None:
    created = eu_summary.draft(replace(FACTS, outputs=(FOUND,))).sections[-1].fields[0]
    assert "No record says that the provider had a model write training data" in said(created)
    assert "Yes" not in said(created)


@pytest.mark.parametrize("draft", [eu_summary.draft, ab2013.draft])
def test_no_record_is_not_recorded_and_never_a_no(draft) -> None:
    filing = draft(EMPTY)
    assert not any(field.is_recorded for field in filing.sections[-1].fields)
    assert "Not recorded." in to_markdown(filing).decode()
    found = draft(replace(EMPTY, audits=(AUDIT,))).sections[-1].fields[0]
    assert "Nothing is recorded, yet an audit found model output" in said(found)


@pytest.mark.parametrize("draft", [eu_summary.draft, ab2013.draft])
def test_every_statement_of_a_fact_names_its_record(draft) -> None:
    filing = draft(FACTS)
    for section in filing.sections:
        for field in section.fields:
            for statement in field.statements:
                is_gap = "not recorded" in statement.text
                assert statement.sources or is_gap or statement.text == FACTS.model, statement


def test_the_line_of_california_says_use_last_day_and_declared_purpose() -> None:
    filing = ab2013.draft(FACTS)
    used, goes_on, purpose = fields(filing, "(12)")
    assert said(used).startswith("Used: the developer had models write parts of the training data.")
    assert "generated on 2023-06-30; whether more is being generated is not recorded" in said(goes_on)
    assert said(purpose).startswith("Declared for synthetic training data: “Paraphrases for the classifier”")
    assert any("3110(e)" in notice for notice in filing.notices)
    assert filing.unverified


@pytest.mark.parametrize(
    ("drawn", "positive", "records", "told"),
    [
        (4_000, 160, 90_000, "就模型输出而言，合格率达到该比例。"),
        (4_000, 161, 90_000, "就模型输出而言，合格率未达到该比例。"),
        (3_999, 0, 90_000, "抽样不足 4,000 条，不能据此作出结论。"),
        (500, 0, 500, "语料不足 4,000 条，已全部检查。就模型输出而言，合格率达到该比例。"),
    ],
)
def test_the_sampling_record_concludes_by_the_plain_share(drawn: int, positive: int, records: int, told: str) -> None:
    filing = gbt45654.draft(replace(SAMPLED, drawn=drawn, positive=positive, records=records))
    assert said(fields(filing, "17")[0]) == told


def test_the_sampling_record_says_what_it_looked_for_and_what_nobody_checked() -> None:
    filing = gbt45654.draft(SAMPLED)
    written = to_markdown(filing).decode()
    assert filing.language == "zh-Hans"
    for words in (
        "标准所要求的安全风险检查不在其内",
        "尚未与标准原文核对",
        "97.50%（要求不低于 96%）",
        "日志条目 41",
        "草稿",
    ):
        assert words in written, words
    assert [field.label for field in filing.sections[-1].fields if not field.is_recorded] == [
        "抽样人",
        "复核人",
        "签署日期",
    ]
    assert not gbt45654.draft(replace(SAMPLED, verified=True)).unverified


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def test_nothing_from_records_is_markup() -> None:
    hostile = "<script>alert(1)</script> [a](http://x) *b* `c`\n# d"
    filing = eu_summary.draft(replace(FACTS, model=hostile, outputs=(replace(OWN, prompts=hostile),)))
    page = _Text()
    page.feed(to_html(filing).decode())
    assert "script" not in page.tags
    assert "<script>alert(1)</script>" in "".join(page.said)
    assert "http://x" in "".join(page.said)
    written = to_markdown(filing).decode()
    assert "\\<script\\>" in written
    assert "\\[a\\]" in written
    assert "\n# d" not in written


def test_json_says_what_is_recorded_and_that_it_is_a_draft() -> None:
    told = json.loads(to_json(eu_summary.draft(FACTS)))
    assert (told["format"], told["draft"], told["kind"]) == ("colophon-filing/1", True, "eu-summary")
    field = told["sections"][1]["fields"][3]
    assert (field["number"], field["recorded"], field["statements"]) == ("2.5 (iii)", False, [])
    assert told["sections"][1]["fields"][0]["statements"][0]["sources"][0]["id"] == OWN.id


@pytest.mark.parametrize("form", sorted(FORMS))
@pytest.mark.parametrize(
    "draft", [lambda: eu_summary.draft(FACTS), lambda: ab2013.draft(FACTS), lambda: gbt45654.draft(SAMPLED)]
)
def test_the_same_facts_give_the_same_bytes_and_say_that_a_person_checks(form: str, draft) -> None:
    write = FORMS[form][1]
    assert write(draft()) == write(draft())
    told = write(draft()).decode()
    assert ("Draft for a person to check" in told or "草稿，须由专人核对" in told) or form == "json"
