"""`colophon check`: may these documents be used, for this, there, on that day, as this licensee?"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, date, datetime
from typing import Any

from colophon.commands.layout import add_command
from colophon.commands.match import add_mapping_arguments
from colophon.exits import CLEAR, FAILED, FINDINGS, NOTHING_TO_CHECK, UNDETERMINED, CommandError, worst
from colophon.notices import print_json, print_lines
from colophon.reading import Reading, add_reading_arguments

USES = (
    "pretraining",
    "fine_tuning",
    "preference_tuning",
    "rag_grounding",
    "evaluation",
    "synthetic_generation",
    "search_index",
    "research_experiment",
)
PURPOSES = ("commercial", "research", "internal_experiment", "education", "government", "personal")
LICENSEE_KINDS = ("company", "research_organisation", "cultural_heritage", "public_body", "person")
ACQUISITIONS = ("lawful", "licensed", "shadow_library", "circumvented", "unknown")

SUMMARY = "say whether documents may be used, work by work"
DETAILS = """\
Finds the works of a snapshot in the documents and decides for each whether this use is cleared, with reasons. Documents
in which nothing is found are reported as unidentified: that is not a clearance.

Exit 0 clear, 1 something blocks under the policy, 4 nothing blocks but something is unknown or unidentified, 3 no
documents, 2 failed. Human-readable on a terminal, JSON otherwise, unless --format says so. This is not legal advice."""
EXAMPLE = """\
  colophon check dataset.jsonl.zst --snapshot sample.snapshot
  colophon check corpus/ --snapshot sample.snapshot --use fine_tuning --territory DE --format sarif > findings.sarif
  colophon check corpus/ --snapshot sample.snapshot --format json --diff accepted.json"""

Json = dict[str, Any]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = add_command(commands, "check", SUMMARY, DETAILS, EXAMPLE)
    add_reading_arguments(parser)
    _add_question(parser)
    parser.add_argument("--snapshot", metavar="FILE", help="what is known about works: an export of a registry")
    parser.add_argument("--registry", metavar="URL", help=argparse.SUPPRESS)
    parser.add_argument(
        "--policy", default="balanced", metavar="NAME|FILE.toml", help="which verdicts block (balanced)"
    )
    parser.add_argument("--allow-unidentified", action="store_true", help="unidentified documents alone give exit 0")
    parser.add_argument("--format", choices=("human", "json", "sarif"), help="of the answer (default: see above)")
    parser.add_argument("--json", dest="format", action="store_const", const="json", help="same as --format json")
    parser.add_argument(
        "--diff", metavar="BASELINE.json", help="report only what is new since this earlier JSON answer"
    )
    add_mapping_arguments(parser)
    parser.set_defaults(run=run)


def _add_question(parser: argparse.ArgumentParser) -> None:
    question = parser.add_argument_group("question")
    question.add_argument("--use", choices=USES, default="pretraining", help="what for (pretraining)")
    question.add_argument("--purpose", choices=PURPOSES, default="commercial", help="to what end (commercial)")
    question.add_argument("--territory", default="US", metavar="T", help="country code, EU, EEA or WORLD (US)")
    question.add_argument("--as-of", type=_day, metavar="DATE", help="the day asked about (today, UTC)")
    question.add_argument(
        "--licensee", metavar="ORG", help="who asks (default: the organisation that the snapshot was exported for)"
    )
    question.add_argument("--licensee-kind", choices=LICENSEE_KINDS, default="company", help="what they are (company)")
    question.add_argument("--product", metavar="NAME", help="what it is for, where a grant names products")
    question.add_argument("--model", metavar="NAME", help="which model, where a grant names models")
    question.add_argument(
        "--acquisition", choices=ACQUISITIONS, default="unknown", help="how the copy was got (unknown)"
    )
    question.add_argument("--copied-on", type=_day, metavar="DATE", help="when the copy was made")
    question.add_argument(
        "--reservation-search",
        choices=("evidenced", "not_done"),
        default="evidenced",
        help="whether somebody looked where publishers state reservations, and can show it (evidenced)",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-11-22") from None


def run(options: argparse.Namespace) -> int:
    """Read, match, decide, print."""
    if options.registry is not None:
        raise CommandError("--registry: checks against a server are not in this version; give --snapshot FILE")
    if options.snapshot is None:
        raise CommandError("--snapshot FILE is required: it holds what is known about works")

    from colophon.baseline import load_baseline  # noqa: PLC0415  the engine takes a second to load
    from colophon.snapshots import open_checked  # noqa: PLC0415
    from licensing.rules.policy import load  # noqa: PLC0415

    policy = load(options.policy)
    with open_checked(options.snapshot) as snapshot:
        question = _question(options, snapshot.manifest.get("organisation"), policy)
        baseline = None if options.diff is None else load_baseline(options.diff, question)
        reading = Reading(options)
        answer = _answer(options, reading, snapshot, question, policy)
    if baseline is not None:
        _narrow(answer, baseline)
    codes = _codes(answer, options.allow_unidentified)
    reading.tell_summary()
    answer["state"] = worst(codes)
    answer["exit"] = worst([*codes, *([FAILED] if reading.has_failed else [])])
    _print(answer, options, snapshot.manifest)
    return int(answer["exit"])


def _question(options: argparse.Namespace, organisation: str | None, policy: Any) -> Json:
    from licensing.rules.policy import PROFILES  # noqa: PLC0415
    from licensing.rules.terms import find_territory  # noqa: PLC0415

    territory = find_territory(options.territory.upper())
    if territory is None:
        raise CommandError(f"--territory {options.territory}: not a country code, EU, EEA or WORLD")
    question: Json = {
        "use": options.use,
        "purpose": options.purpose,
        "territory": territory,
        "on": (options.as_of or datetime.now(UTC).date()).isoformat(),
        "policy": options.policy if options.policy in PROFILES else policy.label,
    }
    licensee = options.licensee or organisation
    if licensee:
        question["licensee"] = licensee if ":" in licensee else f"org:{licensee}"
        question["licensee_kind"] = options.licensee_kind
    question |= {name: said for name in ("product", "model") if (said := getattr(options, name))}
    return question


def _answer(options: argparse.Namespace, reading: Reading, snapshot: Any, question: Json, policy: Any) -> Json:
    from colophon.indexing import open_index  # noqa: PLC0415
    from colophon.local import Asked, count, decide_works, survey  # noqa: PLC0415
    from colophon.mapping import Wanted, map_documents  # noqa: PLC0415
    from ingest.sureness import of_index  # noqa: PLC0415
    from licensing.rules.verdict import rules_version  # noqa: PLC0415

    copy: Json = {"acquisition": options.acquisition, "reservation_search": options.reservation_search}
    if options.copied_on is not None:
        copy["copied_on"] = options.copied_on.isoformat()
    facts = snapshot.works()
    mapped = map_documents(
        options.snapshot, reading.documents_only(), Wanted(options.min_words, counts_words=True), jobs=options.jobs
    )
    taken = survey(mapped, policy)
    for problem in taken.problems:
        reading.report(problem)
    with open_index(options.snapshot) as index:
        no_match = of_index(index, options.min_words)
    works = decide_works(taken.works, facts, Asked(question, copy, policy))
    return {
        "question": question,
        "copy": copy,
        "policy": policy.label,
        "snapshot": snapshot.digest,
        "rules_version": rules_version(),
        "totals": count(taken, works, len(reading.bad)),
        "works": works,
        "unidentified": taken.unidentified.to_json() | {"no_match": no_match},
    }


def _narrow(answer: Json, baseline: Json) -> None:
    """Keep only what is new; the totals stay those of everything."""
    from colophon.baseline import keep_new, keep_new_unidentified, resolved  # noqa: PLC0415

    answer["diff"] = {
        "baseline": {"snapshot": baseline.get("snapshot"), "on": baseline["question"].get("on")},
        "resolved": resolved(answer["works"], baseline),
    }
    answer["works"] = keep_new(answer["works"], baseline)
    answer["unidentified"] = keep_new_unidentified(answer["unidentified"], baseline)


def _codes(answer: Json, allow_unidentified: bool) -> list[int]:
    """The exit codes that the answer itself gives; UNKNOWN never gives 0."""
    codes = [CLEAR]
    if any(row["blocks"] for row in answer["works"]):
        codes.append(FINDINGS)
    if any(row["counts"] and row["verdict"] == "UNKNOWN" for row in answer["works"]):
        codes.append(UNDETERMINED)
    if answer["unidentified"]["documents"] and not allow_unidentified:
        codes.append(UNDETERMINED)
    if not answer["totals"]["documents"]:
        codes.append(NOTHING_TO_CHECK)
    return codes


def _print(answer: Json, options: argparse.Namespace, manifest: Json) -> None:
    state = answer.pop("state")
    chosen = options.format or ("human" if sys.stdout.isatty() else "json")
    if chosen == "sarif":
        from colophon.sarif import to_sarif  # noqa: PLC0415

        print_json(to_sarif(answer))
    elif chosen == "json":
        print_json(answer)
    else:
        from colophon.sentences import to_lines  # noqa: PLC0415

        source = f"{options.snapshot}, {manifest.get('works')} works as of {manifest.get('created_on')}"
        print_lines(to_lines(answer | {"state": state}, source=source))
