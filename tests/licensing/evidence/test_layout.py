"""What the report says first, and that it leaves nothing against it out."""

import dataclasses
import datetime
from typing import Any

import pytest

from licensing.evidence import collect, layout, render
from licensing.evidence.collect import Facts
from licensing.evidence.highlights import FINDINGS_SHOWN, Highlights
from licensing.evidence.layout import Custody
from licensing.evidence.wording import wording
from licensing.models import Report
from registry.models import Dataset, ProvenanceClaim, Source
from tests.licensing import evidenced
from tests.licensing.evidenced import Scene

pytestmark = pytest.mark.django_db
ENGLISH = wording("en")


@pytest.fixture
def scene() -> Scene:
    return evidenced.scene()


@pytest.fixture
def facts(scene: Scene) -> Facts:
    report = Report.objects.create(clearance=scene.clearance, organisation=scene.lab.require_writer())
    report.refresh_from_db()
    return collect.facts(report)


def totals(facts: Facts, **works: int) -> Facts:
    counts = {name: {"works": works.get(name, 0), "words": 0} for name in facts.totals["verdicts"]}
    said = facts.totals | {"verdicts": counts, "works": sum(works.values()), "blocking": works.get("NOT_CLEARED", 0)}
    return dataclasses.replace(facts, totals=said)


@pytest.mark.parametrize(
    ("works", "answer"),
    [
        ({"NOT_CLEARED": 1, "CLEARED": 2}, "No, not as it stands: 1 of the 3 works"),
        (
            {"UNKNOWN": 1, "CLEARED": 2},
            "Undetermined: under the policy balanced@1 none of the 3 works found blocks, but 1",
        ),
        ({"EXCEPTION_CLAIMED": 1, "CONDITIONAL": 2}, "None of the 3 works found blocks this use"),
        ({}, "No registered work was found in the 4 documents searched. That is not a clearance"),
    ],
)
def test_the_answer_says_no_more_than_the_verdicts(facts: Facts, works: dict[str, int], answer: str) -> None:
    assert layout.answer(totals(facts, **works), ENGLISH).startswith(answer)


def test_denials_stand_before_other_statements_about_the_dataset(scene: Scene, facts: Facts) -> None:
    dataset = scene.clearance.scan.release.dataset
    other = Dataset.objects.create(slug="other", name="Other")
    source = Source.objects.create(key="paper", title="A paper")
    for key, status in (("a-claim", "reported"), ("b-claim", "denied")):
        claim = ProvenanceClaim.objects.create(
            key=key, subject_dataset=dataset, object_dataset=other, relation="derived_from", status=status
        )
        claim.sources.add(source)
    report = Report.objects.get()
    blocks = layout.document(collect.facts(report), Highlights(), custody(), ENGLISH)["blocks"]
    table = next(block for block in blocks if block["kind"] == "table" and block["header"][0] == "Statement")
    assert [row[1] for row in table["rows"]] == ["denied", "reported"]
    assert table["rows"][0] == ["Corpus was derived from Other", "denied", "A paper"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_many_works_and_files_are_cut_short_with_a_word_about_it(scene: Scene, facts: Facts, language: str) -> None:
    highlights = Highlights()
    finding = next(collect.walk(scene.clearance))
    for number in range(3 * FINDINGS_SHOWN):
        verdict = "NOT_CLEARED" if number == 500 else "CLEARED"
        highlights.add(dataclasses.replace(finding, verdict=verdict, matched_words=number))
    assert highlights.shown()[0].verdict == "NOT_CLEARED"
    assert highlights.works == 600
    files = [{"name": f"file-{number}", "size_bytes": number, "sha256": "ab" * 32} for number in range(60)]
    document = layout.document(dataclasses.replace(facts, inputs=files), highlights, custody(), wording(language))
    said = str(document["blocks"])
    for words in {
        "en": ["first 200 of 600 works", "20 more files"],
        "zh-hans": ["600 部作品中的前 200 部", "另有 20 个"],
    }[language]:
        assert words in said
    made = render.pdf(document, language=language, on=datetime.date(2026, 11, 22))
    assert made.startswith(b"%PDF-")


def test_records_made_up_for_demonstration_are_called_so(facts: Facts) -> None:
    blocks = layout.document(facts, Highlights(), dataclasses.replace(custody(), demo=7), ENGLISH)["blocks"]
    assert "are 7 that are marked as made up for demonstration" in str(blocks)
    assert "made up for demonstration" not in str(layout.document(facts, Highlights(), custody(), ENGLISH)["blocks"])


def custody() -> Custody:
    said: dict[str, Any] = {"shown": [], "entries": 0, "checkpoint": None, "key_sha256": "ab" * 32, "demo": 0}
    return Custody(**said)


def test_how_sure_a_finding_is_stands_with_it_and_the_method_says_what_that_means(scene: Scene, facts: Facts) -> None:
    highlights = Highlights()
    for finding in collect.walk(scene.clearance):
        highlights.add(finding)
    said = str(layout.document(facts, highlights, custody(), ENGLISH)["blocks"])
    for words in ("how sure: 93.1 %", "how sure: > 99.9 %", "how sure: –", "identity 97.5 %, how sure 93.1 %"):
        assert words in said
    assert "the probability that the passages of a match are copied text" in said
    assert "counts neither as words nor as a share" in said


def test_no_match_is_said_in_numbers_where_they_were_measured(facts: Facts) -> None:
    def said(no_match: Any) -> str:
        method = facts.method | {"no_match": no_match}
        return str(layout.document(dataclasses.replace(facts, method=method), Highlights(), custody(), ENGLISH))

    assert facts.method["no_match"] is None
    assert "Had a document held" not in said(None)
    row = {"precision": "sketch", "script": "han", "probability": 1.0, "at_least": 0.9134, "absent": 0.999}
    numbers = said({"words": 100, "error_ratio": 0.05, "min_words": 50, "prior": 0.01, "found": [row]})
    assert "Had a document held 100 words or more" in numbers
    assert "at most 5 % of their letters wrong" in numbers
    assert "['its fingerprint only', 'Chinese', '> 99.9 %', '91.3 %']" in numbers
