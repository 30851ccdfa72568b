"""docs/terms.md says what the rules do: its example is read, its keys, refusals and channels are all there are."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from licensing.rules.agreement import Terms, TermsError, explain, parse_terms
from licensing.rules.channels import RULES, Channel
from licensing.rules.facts import Question
from licensing.rules.terms import Capacity, Purpose, Use, in_words

PAGE = (Path(__file__).parents[3] / "docs" / "terms.md").read_text(encoding="utf-8")


def rows(heading):
    section = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in section.splitlines() if line[:3] == "| `"
    ]


def example():
    found = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_the_example_is_read_and_has_every_key():
    assert set(example()) == set(Terms.__dataclass_fields__)
    assert parse_terms(example()).uses == {Use.PRETRAINING, Use.FINE_TUNING}


def test_every_key_is_explained():
    explained = {name for row in rows("The keys") for name in re.findall(r"`(\w+)`", row[0])}
    assert explained == set(Terms.__dataclass_fields__)


def test_the_sentences_of_the_page_are_those_of_the_rules():
    asked = Question(Use.PRETRAINING, Purpose.COMMERCIAL, "US", date(2027, 6, 1), licensee="org:acme")
    minimal = {"uses": ["pretraining"]}
    sentences = [
        explain(parse_terms(minimal | {"territory": ["EU"], "valid_to": "2027-01-01"}), asked),
        explain(parse_terms(minimal | {"products": ["Acme Chat"]}), asked),
        explain(parse_terms(minimal | {"affiliates": ["none"]}), replace(asked, licensee="org:asia"), "acme"),
        explain(
            parse_terms(minimal | {"attribution": True, "fee": {"model": "contribution"}, "valid_to": "2029-12-31"}),
            asked,
        ),
    ]
    assert [sentence for sentence in sentences if f"\n    {sentence}\n" not in PAGE] == []


def test_the_refusals_of_the_page_are_those_of_the_rules():
    with pytest.raises(TermsError) as caught:
        parse_terms(
            {
                "uses": ["training"],
                "territory": ["Atlantis"],
                "valid_from": "2027-01-02",
                "valid_to": "2027-01-01",
                "fee": {"model": "flat", "currency": "EUR"},
                "price": 5,
            }
        )
    for fault in caught.value.faults:
        assert f"`{fault.pointer}`: {fault.cause[:20]}" in PAGE


def test_every_channel_is_a_row_and_names_who_may_speak():
    table = {row[0].strip("`"): row for row in rows("Who may speak through which channel")}
    assert set(table) == {channel.value for channel in Channel}
    for channel, rule in RULES.items():
        named = {capacity for capacity in Capacity if in_words(capacity) in table[channel.value][2].split(" with ")[0]}
        named |= {Capacity.LICENSEE} & rule.speakers if "the licensee" in table[channel.value][2] else set()
        assert named == rule.speakers, channel
