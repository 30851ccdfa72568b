"""`colophon plan`: how many records of a batch have to be drawn, and what a sample that was drawn shows."""

from __future__ import annotations

import argparse
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from colophon.commands.layout import add_command
from colophon.exits import CLEAR, CommandError
from colophon.notices import print_json, print_lines
from colophon.reading import positive, share

if TYPE_CHECKING:
    from ingest.sampling.intervals import Accuracy

SUMMARY = "how large a sample has to be, and what one shows"
DETAILS = """\
Without --sampled, the least sample of a batch that shows, with the confidence asked for, that less than --limit of it
is model output, if none is found in it (or --found). With --sampled, what a sample with --found outputs in it shows."""
EXAMPLE = """\
  colophon plan --limit 0.01                            draw 299 of each batch
  colophon plan --limit 0.01 --records 1200 --found 2   of a small batch, allowing for two
  colophon plan --sampled 400 --found 9 --records 4000  what a sample shows"""
LIMIT, CONFIDENCE, ROWS = 0.01, 0.95, 6


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "plan", SUMMARY, DETAILS, EXAMPLE)
    parser.add_argument("--limit", type=share, default=LIMIT, metavar="P", help=f"share to stay below ({LIMIT})")
    parser.add_argument("--confidence", type=share, default=CONFIDENCE, metavar="P", help=f"({CONFIDENCE})")
    parser.add_argument("--records", type=positive, metavar="N", help="of the batch (much larger than any sample)")
    parser.add_argument("--found", type=_none_or_more, default=0, metavar="K", help="outputs in the sample (0)")
    parser.add_argument("--sampled", type=positive, metavar="N", help="a sample that was drawn")
    errors = parser.add_argument_group("errors of the method", "by default it is taken to make none")
    errors.add_argument("--sensitivity", type=_rate, metavar="P", help="share of the outputs that it finds (1)")
    errors.add_argument("--specificity", type=_rate, metavar="P", help="share of other texts that it lets pass (1)")
    errors.add_argument("--measured", action="store_true", help="those that were measured of `colophon audit`")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.set_defaults(run=run)


def run(options: Namespace) -> int:
    """Plan, or say what a sample shows."""
    accuracy = _accuracy(options)
    facts = _plan(options, accuracy) if options.sampled is None else _shown(options, accuracy)
    if options.json:
        print_json(facts)
    else:
        print_lines(_lines(facts))
    return CLEAR


def _accuracy(options: Namespace) -> Accuracy:
    from ingest.sampling.audit import measured_accuracy  # noqa: PLC0415
    from ingest.sampling.intervals import Accuracy  # noqa: PLC0415

    assumed = options.sensitivity, options.specificity
    if not options.measured:
        sensitivity, specificity = (1.0 if rate is None else rate for rate in assumed)
        return Accuracy(sensitivity, specificity)
    if assumed != (None, None):
        raise CommandError("--measured says what the errors are: give it or --sensitivity and --specificity")
    return measured_accuracy()


def _plan(options: Namespace, accuracy: Accuracy) -> dict[str, Any]:
    from ingest.sampling.planner import sample_size  # noqa: PLC0415

    def size(found: int) -> int | None:
        return sample_size(options.limit, options.confidence, records=options.records, found=found, accuracy=accuracy)

    return {
        "limit": options.limit,
        "confidence": options.confidence,
        "records": options.records,
        "sensitivity": accuracy.sensitivity,
        "specificity": accuracy.specificity,
        "found": options.found,
        "sample": size(options.found),
        "if_found": [
            {"found": found, "sample": size(found)} for found in range(options.found + 1, options.found + ROWS)
        ],
    }


def _shown(options: Namespace, accuracy: Accuracy) -> dict[str, Any]:
    from ingest.sampling.intervals import Sample, corrected_interval, corrected_rate, raw_interval  # noqa: PLC0415
    from ingest.sampling.planner import MOST  # noqa: PLC0415

    if options.found > options.sampled:
        raise CommandError(f"no more than the {options.sampled:,} records of the sample can be found")
    if options.records is not None and options.records < options.sampled:
        raise CommandError(f"a sample of {options.sampled:,} cannot be drawn from {options.records:,} records")
    sample = Sample(options.records or max(MOST, options.sampled), options.sampled, options.found)
    low, high = corrected_interval(sample, accuracy, options.confidence)
    return {
        "limit": options.limit,
        "confidence": options.confidence,
        "records": options.records,
        "sensitivity": accuracy.sensitivity,
        "specificity": accuracy.specificity,
        "sampled": options.sampled,
        "found": options.found,
        "rate": sample.rate,
        "interval": list(raw_interval(sample, options.confidence)),
        "corrected_rate": corrected_rate(sample, accuracy),
        "corrected_interval": [low, high],
        "below_limit": _excludes(options, accuracy),
        "above_limit": low > options.limit,
    }


def _excludes(options: Namespace, accuracy: Accuracy) -> bool:
    """Whether the sample shows a share below the limit: one-sided, as it was planned."""
    from ingest.sampling.intervals import Sample, corrected_interval  # noqa: PLC0415
    from ingest.sampling.planner import MOST  # noqa: PLC0415

    sample = Sample(options.records or max(MOST, options.sampled), options.sampled, options.found)
    return corrected_interval(sample, accuracy, 2 * options.confidence - 1).high < options.limit


def _lines(facts: dict[str, Any]) -> list[str]:
    from colophon.audit_lines import percent, span  # noqa: PLC0415

    of = "a batch" if facts["records"] is None else f"a batch of {facts['records']:,} records"
    sure, limit = percent(facts["confidence"]), percent(facts["limit"])
    errors = []
    if (facts["sensitivity"], facts["specificity"]) != (1, 1):
        errors = [
            f"The method is taken to find {percent(facts['sensitivity'])} of the outputs and to let "
            f"{percent(facts['specificity'])} of other texts pass."
        ]
    if "sampled" in facts:
        shown = "That shows neither less nor more than"
        if facts["below_limit"]:
            shown = "That shows less than"
        elif facts["above_limit"]:
            shown = "That shows more than"
        return [
            f"{facts['found']:,} of {facts['sampled']:,} drawn from {of}: {percent(facts['rate'])}, "
            f"with {sure} confidence {span(facts['interval'])}.",
            *([f"Corrected for its errors: {span(facts['corrected_interval'])}."] if errors else []),
            *errors,
            f"{shown} {limit} (one-sided, with {sure} confidence).",
        ]
    if facts["sample"] is None:
        return [f"No sample of {of} shows less than {limit} with {sure} confidence.", *errors]
    allowed = "none" if not facts["found"] else f"no more than {facts['found']:,}"
    others = ", ".join(f"{row['found']:,}: {row['sample']:,}" for row in facts["if_found"] if row["sample"])
    return [
        f"To show with {sure} confidence that less than {limit} of {of} is model output, draw {facts['sample']:,} "
        f"records of it and find {allowed}.",
        *errors,
        *([f"With so many found, draw so many: {others}."] if others else []),
    ]


def _none_or_more(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _rate(text: str) -> float:
    return float(text) if text in ("0", "1", "0.0", "1.0") else share(text)
