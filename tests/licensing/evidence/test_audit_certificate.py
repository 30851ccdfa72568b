"""The certificate of an audit on paper: one page for any audit, the figures on it, nobody's name, the same bytes."""

import io
import json
from typing import Any

import pypdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licensing.evidence import audit_certificate
from licensing.evidence.audit_figures import between, in_percent, whole, worst
from licensing.evidence.wording import LANGUAGES
from registry.merkle import certificate
from tests.licensing.evidence import certified
from tests.licensing.evidence.certified import ABOUT, HASH, USUAL, row

Json = dict[str, Any]
WIDE = "批次⾔" * 100


def usual() -> Json:
    """Two batches and three annotators, one of each flagged."""
    return certified.result(
        [row(12, batch="week 1", flagged=True), row(0, batch="week 2", records=1000)],
        [row(number, annotator=f"annotator {number + 1}", adjusted_p_value=0.004, flagged=number == 2)
         for number in range(3)],
    )  # fmt: skip


def huge() -> Json:
    """Hundreds of batches with long names, hundreds of annotators."""
    return certified.result(
        [row(number % 9, sampled=29, batch=f"{number} {WIDE}", flagged=number % 5 == 0) for number in range(700)],
        [row(number % 4, annotator=f"annotator {number + 1}", adjusted_p_value=1e-30, flagged=number % 7 == 0)
         for number in range(900)],
    )  # fmt: skip


def text(made: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    assert len(pages) == 1
    return " ".join(pages[0].extract_text().split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_audit_fits_one_page(language: str) -> None:
    long = {"title": "題" * 200, "organisation": "W" * 200, "references": [("R" * 200, "G" * 120)] * 100}
    fields = dict.fromkeys(USUAL, "欄'" * 50)
    given_facts = {"references": ["cd" * 32] * 100, "fields": fields, "seed": 2**53 - 1}
    made = certified.certified(huge(), **given_facts)
    said = text(audit_certificate.page(made, certified.about(**long), language))
    assert "20,300" in said  # drawn
    for figure in ("700", "140", "900", "129"):  # batches, flagged, annotators, flagged
        assert figure in said
    assert HASH in said.replace(" ", "")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(max_size=200), batches=st.integers(1, 60), annotators=st.integers(0, 60), names=st.text(max_size=200),
    fields=st.text(max_size=100), language=st.sampled_from(LANGUAGES),
)  # fmt: skip
def test_whatever_a_file_was_called_it_fits(
    title: str, batches: int, annotators: int, names: str, fields: str, language: str
) -> None:
    found = certified.result(
        [row(number % 3, batch=f"{names}{number}") for number in range(batches)],
        [row(0, annotator=f"annotator {number + 1}", adjusted_p_value=1.0) for number in range(annotators)],
    )
    made = certified.certified(_plain(found), fields={name: _plain(fields) for name in USUAL})
    text(audit_certificate.page(made, certified.about(title=_plain(title)), language))


def _plain(value: Any) -> Any:
    """Without lone surrogates, which no stored result has."""
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def test_the_page_says_rates_intervals_method_seed_and_how_to_check_it() -> None:
    said = text(audit_certificate.page(certified.certified(usual()), ABOUT, "en"))
    for words in (
        "Of 598 records drawn at random from 5,000, 12 were found",
        "3.2 % of the set",  # 12/299 of 4,000 and 0 of 1,000
        "week 1 4,000 12 / 299 4 % 2.8 – 6.4 %",
        "annotator 3 4,000 2 / 299 0.67 %",
        "yes, p = 0.004",
        "version 1; near-copies of 252 registered outputs",
        "found 99.83 % of 3,084 edited copies",
        "Indication only, part of no share and of no flag",
        "299 records of each batch",
        "log entry 1, 2026-11-21 10:11:12 UTC",
        "What it cannot prove",
        "colophon verify colophon-audit-0123456789ab.json --key KEY.txt",
        "colophon audit FILES --reference OUTPUTS --seed 7 --sample 299 --list-sample sample.jsonl",
    ):
        assert words in said, words
    for digest in ("ab" * 32, "cd" * 32, "ef" * 32, HASH):
        assert digest in said


def test_the_chinese_page_names_annotators_by_number_in_chinese() -> None:
    said = text(audit_certificate.page(certified.certified(usual()), ABOUT, "zh-hans"))
    assert "标注员 3" in said
    assert "annotator" not in said


def test_what_resembles_outputs_stands_beside_what_would_by_chance_and_names_who_stands_out_by_number() -> None:
    found = usual()
    said = text(audit_certificate.page(certified.certified(found), ABOUT, "en"))
    assert "20 of the 598 records drawn agree with a whole registered output" in said
    assert "at most 12.0 would, were all of them people’s answers to the very same questions" in said
    assert "Above the others" not in said
    found["annotators"][1]["resemblance"]["stands_out"] = True
    said = text(audit_certificate.page(certified.certified(found), ABOUT, "en"))
    assert "Above the others and above chance: annotator 2." in said
    assert "标注员 2" in text(audit_certificate.page(certified.certified(found), ABOUT, "zh-hans"))


def test_an_audit_by_a_method_that_did_not_look_for_resemblance_says_nothing_of_it() -> None:
    found = usual()
    for one in (*found["batches"], *found["annotators"]):
        del one["resemblance"]
    said = text(audit_certificate.page(certified.certified(found), ABOUT, "en"))
    assert "agree with a whole registered output" not in said
    assert "Indication only" in said


def test_the_command_names_the_fields_that_were_not_the_usual_ones() -> None:
    fields = USUAL | {"annotator": "worker id", "date": "day"}
    said = text(
        audit_certificate.page(certified.certified(usual(), fields=fields, sampled_per_batch=None), ABOUT, "en")
    )
    assert "--seed 7 --annotator-field 'worker id' --date-field day --list-sample" in said
    assert "every record" in said


def test_field_names_too_long_for_the_page_are_left_to_the_json() -> None:
    made = certified.certified(usual(), fields=dict.fromkeys(USUAL, "\U0001f600" * 100))
    said = text(audit_certificate.page(made, ABOUT, "en"))
    assert "they are in the JSON certificate, under fields in sampled.record" in said
    assert "--batch-field" not in said


def test_what_an_older_log_entry_does_not_say_is_not_made_up() -> None:
    made = certified.certified(usual(), file_sha256=None, references=None)
    said = text(audit_certificate.page(made, certified.about(references=[]), "en"))
    assert said.count("not recorded") == 2


def test_the_same_certificate_gives_the_same_bytes() -> None:
    made = certified.certified(usual())
    assert certificate.verify(json.dumps(made).encode()).seed == 7
    first, again = (audit_certificate.page(made, ABOUT, "en") for _ in range(2))
    assert first == again


def test_batches_are_weighed_by_their_size() -> None:
    figures = whole(
        certified.result(
            [row(10, sampled=100, records=900, batch="a"), row(0, sampled=100, records=100, batch="b")], []
        )
    )
    assert figures.rate == pytest.approx(0.09)
    assert figures.interval[0] < 0.09 < figures.interval[1]
    assert (figures.positive, figures.drawn, figures.batches_flagged) == (10, 200, 0)


def test_the_flagged_come_first_then_what_is_shown_at_the_least() -> None:
    rows = [row(9, batch="b10"), row(1, batch="b2", flagged=True), row(0, batch="b9"), row(0, batch="b11")]
    assert [one["batch"] for one in worst(rows, 4)] == ["b2", "b10", "b9", "b11"]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "–"),
        (0, "0 %"),
        (0.00001, "< 0.01 %"),
        (0.0033, "0.33 %"),
        (0.0929, "9.3 %"),
        (0.99999, "> 99.99 %"),
        (1, "100 %"),
    ],
)
def test_small_shares_keep_their_digits(share: float | None, said: str) -> None:
    assert in_percent(share) == said


def test_an_interval_of_width_zero_is_one_figure() -> None:
    assert between(0.1, 0.1) == "10 %"
    assert between(0.05, 0.193) == "5 – 19.3 %"
