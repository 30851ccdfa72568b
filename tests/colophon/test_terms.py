"""Terms on the command line."""

import argparse
import io
import json
from pathlib import Path
from typing import Any, cast

import pytest

from colophon.client import Registry
from colophon.exits import CommandError
from colophon.terms import add_terms, in_one_line, parse_fee, read_terms
from licensing.rules.agreement import parse_terms, terms_json

NOBODY = cast(Registry, None)  # no template is looked up


def said(*arguments: str, base: dict[str, Any] | None = None) -> dict[str, Any] | None:
    parser = argparse.ArgumentParser()
    add_terms(parser)
    return read_terms(parser.parse_args(arguments), NOBODY, base)


def test_single_options_make_terms_that_the_rules_read() -> None:
    given = said(
        "--use", "pretraining", "--use", "fine_tuning", "--territory", "EU", "--from", "2027-01-01",
        "--to", "2027-12-31", "--fee", "flat 1200 EUR per year", "--attribution",
    )  # fmt: skip
    terms = terms_json(parse_terms(given))
    assert in_one_line(terms) == (
        "fine_tuning+pretraining, in EU, from 2027-01-01, to 2027-12-31, flat 1200 EUR per year, attribution"
    )


def test_they_go_before_the_file_and_the_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "terms.json"
    path.write_text(json.dumps({"uses": ["pretraining"], "territory": ["US"]}))
    assert said("--terms", str(path), "--territory", "JP") == {"uses": ["pretraining"], "territory": ["JP"]}
    assert said("--fee", "free", base={"uses": ["rag"]}) == {"uses": ["rag"], "fee": {"model": "free"}}
    monkeypatch.setattr("sys.stdin", io.StringIO('{"uses": ["rag"]}'))
    assert said("--terms", "-") == {"uses": ["rag"]}
    assert said() is None


@pytest.mark.parametrize("text", ["", "flat", "per_work 2.50"])
def test_a_fee_without_amount_or_currency_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="write it as free"):
        parse_fee(text)


@pytest.mark.parametrize("content", ["[1]", "{", "\x00"])
def test_a_file_that_is_no_object_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "terms.json"
    path.write_text(content)
    with pytest.raises(CommandError, match=r"terms\.json"):
        said("--terms", str(path))
